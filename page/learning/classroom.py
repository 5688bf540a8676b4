"""The view of a class: its sheets, who wrote what, what today's model misreads of it, and its data set to keep."""

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any, Final

import streamlit as st

from client import ApiError
from client.learning import blank_sheet, class_digits, class_view, export_class, forget_class, new_class
from digits.answers import LABELS
from digits.learning_answers import MAX_PUPILS, ClassDigit, ClassView, PupilCounts
from digits.texts import Texts
from page.learning import sheets
from page.learning.asked import asked, tell_of_failure
from page.learning.consent import consent_as_html
from page.learning.keeping import (
    begin,
    delete,
    offer_export,
    offer_to_end,
    offer_to_keep,
    show_code,
    show_told_failure,
    tell_failure,
)
from page.learning.kept_codes import as_code, code_of, refuse, refused, set_code
from page.learning.notices import show_failure
from page.learning.pictures import DigitPicture, show_pictures
from page.learning.pressable_table import Cell, show_table
from page.learning.remembered import letter_of
from page.learning.teaching import Teaching, changes

VIEW: Final = "view"
CLASS: Final = "class"
TYPED: Final = "typed_class_code"
BLANK: Final = "class_blank_sheets"
CHOSEN: Final = "class_chosen"
USUAL_PUPILS: Final = 30


def is_chosen() -> bool:
    """Whether the address asks for this view."""
    return st.query_params.get(VIEW) == CLASS


def choose() -> None:
    """From now on this view is shown."""
    st.query_params[VIEW] = CLASS


def leave() -> None:
    """From now on the page is shown again."""
    st.query_params.pop(VIEW, None)


def show_class(teaching: Teaching) -> None:
    """All of the view but its head."""
    texts = teaching.texts
    st.button(texts("class.back"), key="back", type="tertiary", icon=":material/arrow_back:", on_click=leave)
    with st.container(key="classroom"):
        show_told_failure()
        code = code_of("class")
        if code is None:
            _show_beginning(teaching)
        else:
            _show_known(teaching, code)


def _show_beginning(teaching: Teaching) -> None:
    texts = teaching.texts
    if unknown := refused("class"):
        show_failure(texts("hand.unknown", code=unknown))
    st.html(f'<div class="hand"><p>{escape(texts("class.what"))}</p>{consent_as_html(teaching, "class")}</div>')
    st.button(texts("class.begin"), key="begin_class", type="primary", on_click=_begin, args=(teaching,))
    st.text_input(texts("class.code"), key=TYPED, placeholder="K7QM-2XWB-9DTR", on_change=_use_typed, args=(texts,))


def _begin(teaching: Teaching) -> None:
    begin("class", lambda: new_class(teaching.api(), teaching.texts.language))


def _use_typed(texts: Texts) -> None:
    """The typed code is the class's from now on; whether the API knows it, its view tells."""
    typed = st.session_state[TYPED]
    if not typed:  # the browser may tell of an empty field when it goes
        return
    code = as_code(typed)
    if code is None:
        tell_failure(texts("hand.no_code"))
    else:
        set_code("class", code)


def _show_known(teaching: Teaching, code: str) -> None:
    texts = teaching.texts
    show_code(code, texts("class.is"), texts("class.elsewhere"), texts)
    with st.container(key="class_sheets_part"):
        st.subheader(texts("class.sheets"), anchor=False)
        st.markdown(texts("class.sheets_more"))
        _offer_blank_sheets(teaching, code)
        sheets.taken_in(teaching, code)
    what = "view", code, str(changes())
    view = asked(what, lambda api: class_view(api, code, texts.language), teaching)
    if isinstance(view, ApiError):
        tell_of_failure(what, view, teaching)
        if view.kind == "unknown_class":
            refuse("class")
            st.rerun()
    elif view is None:
        st.markdown(texts("class.asking"))
    elif view.count:
        _show_view(teaching, code, view)
    offer_to_end("class", texts, partial(set_code, "class", None), partial(_delete, teaching, code))


def _offer_blank_sheets(teaching: Teaching, code: str) -> None:
    """The PDF of so many sheets, once their number is sent: a button that downloads would not wait for it."""
    texts = teaching.texts
    with st.form("blank_form", border=False, enter_to_submit=True):
        pupils = int(st.number_input(texts("class.pupils"), 1, MAX_PUPILS, USUAL_PUPILS, key="pupils", width=200))
        is_sent = st.form_submit_button(texts("class.make"), key="make_sheets", type="primary")
    if is_sent:
        st.session_state[BLANK] = code, pupils
    of_code, count = st.session_state.get(BLANK, (None, 0))
    if of_code == code:
        make = partial(blank_sheet, language=texts.language, class_code=code, pupils=count)
        offer_to_keep(("sheets", code, str(count)), make, texts("class.keep", count=count), "sheets.pdf", teaching)


def _show_view(teaching: Teaching, code: str, view: ClassView) -> None:
    texts = teaching.texts
    chosen: str = st.session_state.get(CHOSEN, "")
    st.subheader(texts("class.counts", count=view.count, pupils=len(view.pupils)), anchor=False)
    show_table(
        "class_pupils",
        texts("class.counts", count=view.count, pupils=len(view.pupils)),
        [texts("class.pupil"), *map(str, range(10)), texts("class.sum"), texts("class.misread")],
        [_pupil_row(pupil, texts) for pupil in view.pupils],
        chosen,
        _choose_cell,
    )
    st.subheader(texts("class.confusion"), anchor=False)
    st.markdown(texts("class.confusion_more"))
    show_table(
        "class_confusion",
        texts("class.confusion"),
        ["", *map(str, range(10)), texts("strip.none")],
        _confusion_rows(view, texts),
        chosen,
        _choose_cell,
    )
    _show_chosen(teaching, code, chosen)
    st.subheader(texts("class.export"), anchor=False)
    st.markdown(texts("class.export_more"))
    offer_export(code, lambda api, kind: export_class(api, code, kind, texts.language), "class-digits", teaching)


def _choose_cell(value: str) -> None:
    st.session_state[CHOSEN] = value


def _pupil_row(pupil: PupilCounts, texts: Texts) -> tuple[str, list[Cell]]:
    number = "–" if pupil.number is None else str(pupil.number)
    counts = [Cell(str(count or "")) for count in pupil.counts]
    misread = Cell("0")
    if pupil.misread and pupil.number is not None:
        name = texts("class.misread_of", number=number, count=pupil.misread)
        share = pupil.misread / max(1, sum(pupil.counts))
        misread = Cell(str(pupil.misread), f"pupil {number}", name, share=min(1.0, 5 * share))
    return number, [*counts, Cell(str(sum(pupil.counts))), misread]


def _confusion_rows(view: ClassView, texts: Texts) -> list[tuple[str, list[Cell]]]:
    """Rows are the digits, columns what they are read as; mistakes are the darker the more often they happen."""
    worst = max(1, *(row[read] for digit, row in enumerate(view.confusion) for read in range(11) if read != digit))

    def cell(digit: int, read: int, count: int) -> Cell:
        if not count:
            return Cell("", kind="right" if read == digit else "")
        name = texts("class.read_as", digit=digit, read=letter_of(LABELS[read], texts), count=count)
        is_right = read == digit
        return Cell(str(count), f"{digit} {read}", name, "right" if is_right else "", 0 if is_right else count / worst)

    return [
        (str(digit), [cell(digit, read, count) for read, count in enumerate(row)])
        for digit, row in enumerate(view.confusion)
    ]


def _show_chosen(teaching: Teaching, code: str, chosen: str) -> None:
    """The pictures behind the cell that was pressed, by pupil or by digit."""
    texts = teaching.texts
    if not chosen:
        return
    first, second = chosen.split()
    query: dict[str, Any] = (
        {"number": int(second)} if first == "pupil" else {"label": first, "predicted": LABELS[int(second)]}
    )
    ask = partial(class_digits, code=code, language=texts.language, **query)
    what = "digits", code, chosen, str(changes())
    found = asked(what, ask, teaching)
    if isinstance(found, ApiError):
        tell_of_failure(what, found, teaching)
    elif found is None:
        st.markdown(texts("class.asking"))
    elif first == "pupil":
        st.markdown(texts("class.behind_pupil", number=second))
        _show_digits([each for each in found if each.predicted != each.label], "label", texts)
    else:
        st.markdown(texts("class.behind", digit=first, read=letter_of(LABELS[int(second)], texts)))
        _show_digits(found, "number", texts)


def _show_digits(found: Sequence[ClassDigit], by: str, texts: Texts) -> None:
    names = {each: "–" if each is None else str(each) for each in (getattr(digit, by) for digit in found)}
    rows = [
        (name, [_picture(digit, texts) for digit in found if getattr(digit, by) == each])
        for each, name in names.items()
    ]
    show_pictures("class_digits", rows)


def _picture(digit: ClassDigit, texts: Texts) -> DigitPicture:
    read = letter_of(digit.predicted, texts)
    number = "–" if digit.number is None else digit.number
    name = texts("class.picture", number=number, digit=digit.label, read=read)
    return DigitPicture(digit.id, name, digit.picture, read=read if digit.predicted != digit.label else "")


def _delete(teaching: Teaching, code: str) -> None:
    delete("class", lambda: forget_class(teaching.api(), code, teaching.texts.language))
