"""Sheets of a hundred digits: the blank one to print, photographed ones, a look at their boxes, taking them over."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from hashlib import sha256
from typing import Final

import streamlit as st

from client import ApiError
from client.learning import blank_sheet, read_sheet, take_sheet
from digits.learning_answers import SheetDigit, SheetReading, SheetTaken
from digits.texts import Texts
from page.another_try import offer_another_try
from page.asking import in_background_one_by_one, outcome_or_error, outcomes_of, wait_for
from page.learning.notices import show_done, show_failure
from page.learning.pictures import DigitPicture, show_pictures
from page.learning.teaching import Teaching, has_changed
from page.upload import ENDINGS, File

TAKINGS: Final = "sheets_taken"
READ: Final = "sheets_read"
COUNTED: Final = "sheets_counted"
BOXES_OF_A_ROW: Final = 10

Taking = Future[SheetTaken | ApiError]


def offer_blank(teaching: Teaching) -> None:
    """A button that keeps the PDF to print."""
    texts = teaching.texts
    pdf = outcome_or_error(lambda: _blank(teaching.api(), texts.language))
    if isinstance(pdf, ApiError):
        show_failure(pdf)
        return
    name = texts("sheet.blank")
    st.download_button(name, pdf, "sheet.pdf", "application/pdf", key="blank_sheet", on_click="ignore", type="primary")


@st.cache_data(max_entries=4, show_spinner=False)
def _blank(api: str, language: str) -> bytes:
    """One PDF is as good as another; one that were made when the button is pressed gets lost where the page changes."""
    return blank_sheet(api, language)


def taken_in(teaching: Teaching, class_code: str | None = None) -> None:
    """Takes photographs of sheets, shows what was found on them, and takes that into the profile or the class."""
    texts = teaching.texts
    uploaded = st.file_uploader(
        texts("sheet.upload" if class_code is None else "sheet.upload_several"),
        type=ENDINGS,
        accept_multiple_files=True,
        key="sheets" if class_code is None else "class_sheets",
    )
    files = [File(each.name, each.getvalue()) for each in uploaded]
    place = st.empty()

    def show_waiting(done: int, _seconds: float) -> None:
        place.progress(done / len(files), text=texts("many.progress", done=done, count=len(files)))

    def ask(photographs: Sequence[bytes]) -> Iterator[SheetReading | ApiError]:
        for photograph in photographs:
            yield outcome_or_error(partial(read_sheet, teaching.api(), photograph, texts.language))

    readings = outcomes_of([file.data for file in files], ("sheet", texts.language), ask, show_waiting, READ)
    takings = [_taking_of(file, class_code or teaching.profile) for file in files]
    wait_for([taking for taking in takings if taking is not None], show_waiting)
    place.empty()
    if _count(takings):
        has_changed()
        st.rerun()
    if told := [each.result() for each in takings if each is not None]:
        _tell([each for each in told if isinstance(each, SheetTaken)], texts)
    if any(
        isinstance(reading, SheetReading) and taking is None for reading, taking in zip(readings, takings, strict=True)
    ):
        st.markdown(texts("sheet.strike"))
    wishes = [
        (file, struck)
        for file, reading, taking in zip(files, readings, takings, strict=True)
        if (struck := _show_sheet(file, reading, taking, len(files), texts)) is not None
    ]
    offer_another_try([each for each in readings if isinstance(each, ApiError)], READ, texts)
    if wishes:
        st.button(
            texts("sheet.take" if len(wishes) == 1 else "sheet.take_all", count=len(wishes)),
            key="take_sheets",
            type="primary",
            on_click=lambda: _take(teaching, class_code, wishes),
        )


def _count(takings: Sequence[Taking | None]) -> bool:
    """Whether any of these has come to its end since they were counted last."""
    counted: set[Taking] = st.session_state.setdefault(COUNTED, set())
    new = {taking for taking in takings if taking is not None} - counted
    counted |= new
    return bool(new)


def _key(photograph: bytes, code: str | None) -> str:
    return sha256(photograph + str(code).encode()).hexdigest()


def _taking_of(file: File, code: str | None) -> Taking | None:
    """The taking over of this photograph, where it was begun; one that has failed may be begun again."""
    taking: Taking | None = st.session_state.get(TAKINGS, {}).get(_key(file.data, code))
    return taking


def _take(teaching: Teaching, class_code: str | None, wishes: Sequence[tuple[File, set[int]]]) -> None:
    """Begins to take over the sheets without the boxes that are struck out, one after the other."""
    profile = None if class_code else teaching.profile
    language = teaching.texts.language

    def take(photograph: bytes, struck: set[int]) -> SheetTaken:
        api = teaching.api()
        return take_sheet(api, photograph, language, profile=profile, class_code=class_code, leave_out=struck)

    takings = in_background_one_by_one([partial(take, file.data, struck) for file, struck in wishes])
    code = class_code or teaching.profile
    keys = [_key(file.data, code) for file, _ in wishes]
    st.session_state.setdefault(TAKINGS, {}).update(zip(keys, takings, strict=True))


def _tell(taken: Sequence[SheetTaken], texts: Texts) -> None:
    """How many digits came from each sheet that was taken over."""
    lines = (
        texts(
            "sheet.taken" if each.number is None else "sheet.taken_of",
            taken=each.taken,
            left_out=each.left_out,
            number=each.number,
        )
        for each in taken
    )
    if taken:
        show_done(*lines)


def _show_sheet(
    file: File, reading: SheetReading | ApiError, taking: Taking | None, count: int, texts: Texts
) -> set[int] | None:
    """One sheet: what went wrong, or its boxes; the boxes that are struck out where it is to be taken over."""
    if isinstance(reading, ApiError):
        show_failure(reading, file.name)
        return None
    taken = None if taking is None else taking.result()
    if isinstance(taken, SheetTaken):
        return None
    if isinstance(taken, ApiError):
        show_failure(taken, file.name)
    filled = sum(digit.picture is not None for digit in reading.digits)
    looks = sum(digit.suspicious for digit in reading.digits)
    found = texts("sheet.found", filled=filled) + (" " + texts("sheet.look", count=looks) if looks else "")
    if reading.number is not None:
        found = texts("sheet.pupil", number=reading.number) + " " + found
    key = f"sheet_{_key(file.data, None)[:12]}"
    if count == 1:
        st.markdown(found)
        return show_pictures(key, _rows(reading, texts), strikeable=True)
    with st.expander(found):
        return show_pictures(key, _rows(reading, texts), strikeable=True)


def _rows(reading: SheetReading, texts: Texts) -> list[tuple[str, list[DigitPicture]]]:
    boxes = [_box(place, digit, texts) for place, digit in enumerate(reading.digits)]
    return [
        (reading.digits[start].label, boxes[start : start + BOXES_OF_A_ROW])
        for start in range(0, len(boxes), BOXES_OF_A_ROW)
    ]


def _box(place: int, digit: SheetDigit, texts: Texts) -> DigitPicture:
    name = texts("sheet.box", digit=digit.label, box=place % BOXES_OF_A_ROW + 1)
    if digit.picture is None:
        return DigitPicture(place, f"{name}, {texts('table.empty')}", None)
    read = texts("strip.none") if digit.prediction == "none" else str(digit.prediction)
    if digit.suspicious:
        name = f"{name}, {texts('sheet.suspicious', read=read)}"
    return DigitPicture(place, name, digit.picture, read=read if digit.suspicious else "")
