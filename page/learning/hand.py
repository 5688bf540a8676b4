"""My hand: the profile's code, what it remembers, a sheet that teaches a hand at once, and how all of it is deleted."""

from functools import partial
from html import escape
from typing import Final

import streamlit as st

from client import ApiError
from client.learning import export_profile, forget_profile, new_profile, profile, withdraw
from digits.answers import LABELS
from digits.learning_answers import Profile, RememberedDigit
from digits.texts import Texts
from page.asking import outcome_or_error
from page.learning import classroom, sheets
from page.learning.consent import consent_as_html
from page.learning.keeping import (
    begin,
    delete,
    offer_export,
    offer_to_end,
    show_code,
    show_told_failure,
    tell_failure,
)
from page.learning.kept_codes import as_code, refused, set_code
from page.learning.notices import show_failure
from page.learning.pictures import DigitPicture, Rows, show_pictures, struck_out
from page.learning.remembered import letter_of, remembered, spoken
from page.learning.teaching import Teaching, has_changed

SWITCH: Final = "hand"
TYPED: Final = "typed_code"


def show_hand(teaching: Teaching) -> None:
    """The switch and, when it is on, all about the visitor's profile."""
    if not st.toggle(teaching.texts("hand.title"), key=SWITCH):
        return
    with st.container(key="my_hand"):
        show_told_failure()
        if teaching.profile is None:
            _show_beginning(teaching)
        else:
            _show_profile(teaching, teaching.profile)
        st.button(teaching.texts("class.open"), key="open_class", type="tertiary", on_click=classroom.choose)


def _show_beginning(teaching: Teaching) -> None:
    texts = teaching.texts
    if unknown := refused("profile"):
        show_failure(texts("hand.unknown", code=unknown))
    st.html(f'<div class="hand"><p>{escape(texts("hand.what"))}</p>{consent_as_html(teaching)}</div>')
    st.button(texts("hand.begin"), key="begin", type="primary", on_click=_begin, args=(teaching,))
    st.text_input(texts("hand.code"), key=TYPED, placeholder="K7QM-2XWB-9DTR", on_change=_use_typed, args=(teaching,))


def _begin(teaching: Teaching) -> None:
    begin("profile", lambda: new_profile(teaching.api(), teaching.texts.language))


def _use_typed(teaching: Teaching) -> None:
    """The typed code is the visitor's from now on, if the API knows it."""
    typed = st.session_state[TYPED]
    if not typed:  # the browser may tell of an empty field when it goes
        return
    code = as_code(typed)
    if code is None:
        tell_failure(teaching.texts("hand.no_code"))
        return
    outcome = outcome_or_error(lambda: profile(teaching.api(), code, teaching.texts.language))
    if isinstance(outcome, ApiError):
        tell_failure(outcome)
    else:
        set_code("profile", code)


def _show_profile(teaching: Teaching, code: str) -> None:
    texts = teaching.texts
    show_code(code, texts("hand.is"), texts("hand.elsewhere"), texts)
    known = remembered(teaching)
    if isinstance(known, ApiError):
        show_failure(known)
    elif known is not None:
        _show_digits(teaching, known)
    with st.container(key="one_sheet"):
        st.subheader(texts("hand.sheet"), anchor=False)
        st.markdown(texts("hand.sheet_more"))
        sheets.offer_blank(teaching)
        sheets.taken_in(teaching)
    if isinstance(known, Profile) and any(known.counts[:10]):
        st.subheader(texts("hand.export"), anchor=False)
        offer_export(code, lambda api, kind: export_profile(api, code, kind, texts.language), "my-digits", teaching)
    offer_to_end("hand", texts, partial(set_code, "profile", None), partial(_delete, teaching, code))


def _show_digits(teaching: Teaching, known: Profile) -> None:
    """What is remembered of each kind; what is struck out can be forgotten."""
    texts = teaching.texts
    st.subheader(texts("hand.digits", count=sum(known.counts)), anchor=False)
    rows = [
        (letter_of(label, texts), [_picture(each, texts) for each in digits])
        for label in LABELS
        if (digits := [each for each in known.digits if each.label == label])
    ]
    if not rows:
        st.markdown(texts("hand.nothing"))
        return
    st.markdown(texts("hand.strike"))
    if struck := show_pictures("my_digits", rows, strikeable=True):
        label = texts("hand.forget_some", count=len(struck))
        st.button(label, key="forget_some", on_click=_forget_some, args=(teaching, known.profile, rows))


def _picture(digit: RememberedDigit, texts: Texts) -> DigitPicture:
    """A remembered digit; one that does not weigh in is faded."""
    name = spoken(digit, texts)
    if not digit.active:
        name = f"{name}, {texts('hand.inactive')}"
    elif digit.state == "waiting":
        name = f"{name}, {texts('hand.waiting')}"
    return DigitPicture(digit.id, name, digit.picture, faded=not digit.active)


def _forget_some(teaching: Teaching, code: str, rows: Rows) -> None:
    """Take those back that are struck out, one by one; the rest stays as it is when that fails."""
    for each in sorted(struck_out("my_digits", rows)):
        outcome = outcome_or_error(partial(withdraw, teaching.api(), each, code, teaching.texts.language))
        if isinstance(outcome, ApiError):
            tell_failure(outcome)
            break
    has_changed()


def _delete(teaching: Teaching, code: str) -> None:
    delete("profile", lambda: forget_profile(teaching.api(), code, teaching.texts.language))
