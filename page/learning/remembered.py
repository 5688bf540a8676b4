"""What the visitor's profile remembers, asked for once after each change, and the last of it as a strip."""

from html import escape
from typing import Final

import streamlit as st

from client import ApiError
from client.learning import profile
from digits.answers import Label
from digits.learning_answers import Profile, RememberedDigit
from digits.texts import Texts
from page.how import PNG_DATA_URL
from page.learning.asked import asked
from page.learning.teaching import Teaching, changes, forget_unknown_profile

SHOWN: Final = 10
"""Digits in the strip."""


def remembered(teaching: Teaching) -> Profile | ApiError | None:
    """What the profile remembers; None without a profile, and as long as it is waited for."""
    code = teaching.profile
    if code is None:
        return None
    what = "remembered", code, str(changes())
    outcome = asked(what, lambda api: profile(api, code, teaching.texts.language), teaching)
    forget_unknown_profile([outcome])
    return outcome


def show_last_digits(teaching: Teaching) -> None:
    """The digits that were put right or confirmed last, the newest first: what was said and what they are."""
    known = remembered(teaching)
    if not isinstance(known, Profile):
        return
    last = [each for each in known.digits if each.source != "sheet"][:SHOWN]
    if last:
        items = "".join(_item(each, teaching.texts) for each in last)
        head = escape(teaching.texts("strip.label"))
        st.html(f'<section class="strip"><h2>{head}</h2><ol>{items}</ol></section>')


def _item(digit: RememberedDigit, texts: Texts) -> str:
    is_put_right = digit.suggested not in (None, digit.label)
    said = f"<s>{letter_of(digit.suggested, texts)}</s> " if digit.suggested and is_put_right else ""
    source = escape(digit.picture) if digit.picture.startswith(PNG_DATA_URL) else ""
    return (
        f'<li><img src="{source}" alt=""><span aria-hidden="true">{said}<b>{letter_of(digit.label, texts)}</b></span>'
        f'<span class="spoken">{escape(spoken(digit, texts))}</span></li>'
    )


def spoken(digit: RememberedDigit, texts: Texts) -> str:
    """What was said of it and what it is, for those who do not see it."""
    said, label = (texts("strip.spoken_none") if each == "none" else each for each in (digit.suggested, digit.label))
    if digit.suggested in (None, digit.label):
        return texts("strip.confirmed", digit=label)
    return texts("strip.put_right", said=said, digit=label)


def letter_of(label: Label, texts: Texts) -> str:
    """A label as short as a digit."""
    return texts("strip.none") if label == "none" else label
