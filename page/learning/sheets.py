"""Sheets of a hundred digits: the blank one to print, photographed ones, a look at their boxes, taking them over."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from hashlib import sha256
from typing import Final, NamedTuple

import streamlit as st

from client import ApiError
from client.learning import blank_sheet, read_sheet, take_sheet
from digits.learning_answers import SheetDigit, SheetReading, SheetTaken
from digits.texts import Texts
from page.another_try import offer_another_try
from page.asking import in_background_one_by_one, outcome_or_error, outcomes_of, wait_for
from page.leafing import page_count
from page.learning.keeping import offer_to_keep
from page.learning.notices import show_done, show_failure
from page.learning.pictures import DigitPicture, Rows, show_pictures, struck_out
from page.learning.teaching import Teaching, has_changed
from page.upload import ENDINGS, File

TAKINGS: Final = "sheets_taken"
READ: Final = "sheets_read"
COUNTED: Final = "sheets_counted"
BOXES_OF_A_ROW: Final = 10

Taking = Future[SheetTaken | ApiError]


class Scanned(NamedTuple):
    """A page of a file, which may be a sheet."""

    file: File
    page: int

    def name(self, texts: Texts) -> str:
        """Of the file, and which page of it where it has several."""
        is_alone = page_count(self.file.data) == 1
        return self.file.name if is_alone else texts("sheet.page", file=self.file.name, page=self.page)

    def key(self, code: str | None = None) -> str:
        """What tells it from others that are taken into the profile or class of this code."""
        return sha256(self.file.data + repr((self.page, code)).encode()).hexdigest()


def offer_blank(teaching: Teaching) -> None:
    """A button that keeps the PDF to print."""
    texts = teaching.texts
    make = partial(blank_sheet, language=texts.language)
    offer_to_keep(("blank",), make, texts("sheet.blank"), "sheet.pdf", teaching, "primary")


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
    scanned = [Scanned(file, page) for file in files for page in range(1, page_count(file.data) + 1)]
    place = st.empty()

    def show_waiting(done: int, _seconds: float) -> None:
        place.progress(done / len(scanned), text=texts("many.progress", done=done, count=len(scanned)))

    readings = _read(scanned, teaching, show_waiting)
    takings = [_taking_of(each, class_code or teaching.profile) for each in scanned]
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
        (each, rows)
        for each, reading, taking in zip(scanned, readings, takings, strict=True)
        if (rows := _show_sheet(each, reading, taking, len(scanned), texts)) is not None
    ]
    offer_another_try([each for each in readings if isinstance(each, ApiError)], READ, texts)
    if wishes:
        st.button(
            texts("sheet.take" if len(wishes) == 1 else "sheet.take_all", count=len(wishes)),
            key="take_sheets",
            type="primary",
            on_click=lambda: _take(teaching, class_code, wishes),
        )


def _read(
    scanned: Sequence[Scanned], teaching: Teaching, show_waiting: Callable[[int, float], object]
) -> list[SheetReading | ApiError]:
    """What the API reads on each; those that are first pages of their files before the second ones, and so on."""
    language = teaching.texts.language
    readings: dict[Scanned, SheetReading | ApiError] = {}
    for page in sorted({each.page for each in scanned}):
        alike = [each for each in scanned if each.page == page]

        def ask(photographs: Sequence[bytes], page: int = page) -> Iterator[SheetReading | ApiError]:
            for photograph in photographs:
                yield outcome_or_error(partial(read_sheet, teaching.api(), photograph, language, page))

        def show(done: int, seconds: float, before: int = len(readings)) -> None:
            show_waiting(before + done, seconds)

        found = outcomes_of([each.file.data for each in alike], ("sheet", language, str(page)), ask, show, READ)
        readings |= zip(alike, found, strict=True)
    return [readings[each] for each in scanned]


def _count(takings: Sequence[Taking | None]) -> bool:
    """Whether any of these has come to its end since they were counted last."""
    counted: set[Taking] = st.session_state.setdefault(COUNTED, set())
    new = {taking for taking in takings if taking is not None} - counted
    counted |= new
    return bool(new)


def _taking_of(scanned: Scanned, code: str | None) -> Taking | None:
    """The taking over of this photograph, where it was begun; one that has failed may be begun again."""
    taking: Taking | None = st.session_state.get(TAKINGS, {}).get(scanned.key(code))
    return taking


def _take(teaching: Teaching, class_code: str | None, wishes: Sequence[tuple[Scanned, Rows]]) -> None:
    """Begins to take over the sheets without the boxes that are struck out, one after the other."""
    profile = None if class_code else teaching.profile
    language = teaching.texts.language

    def take(scanned: Scanned, struck: set[int]) -> SheetTaken:
        return take_sheet(
            teaching.api(),
            scanned.file.data,
            language,
            profile=profile,
            class_code=class_code,
            leave_out=struck,
            page=scanned.page,
        )

    struck = [struck_out(_shown_as(scanned), rows) for scanned, rows in wishes]
    takings = in_background_one_by_one(
        [partial(take, scanned, places) for (scanned, _), places in zip(wishes, struck, strict=True)]
    )
    code = class_code or teaching.profile
    keys = [scanned.key(code) for scanned, _ in wishes]
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
    scanned: Scanned, reading: SheetReading | ApiError, taking: Taking | None, count: int, texts: Texts
) -> Rows | None:
    """One sheet: what went wrong, or its boxes, which are returned where it is to be taken over."""
    if isinstance(reading, ApiError):
        show_failure(reading, scanned.name(texts))
        return None
    taken = None if taking is None else taking.result()
    if isinstance(taken, SheetTaken):
        return None
    if isinstance(taken, ApiError):
        show_failure(taken, scanned.name(texts))
    filled = sum(digit.picture is not None for digit in reading.digits)
    looks = sum(digit.suspicious for digit in reading.digits)
    found = texts("sheet.found", filled=filled) + (" " + texts("sheet.look", count=looks) if looks else "")
    if reading.number is not None:
        found = texts("sheet.pupil", number=reading.number) + " " + found
    rows = _rows(reading, texts)
    if count == 1:
        st.markdown(found)
        show_pictures(_shown_as(scanned), rows, strikeable=True)
    else:
        with st.expander(found):
            show_pictures(_shown_as(scanned), rows, strikeable=True)
    return rows


def _shown_as(scanned: Scanned) -> str:
    return f"sheet_{scanned.key()[:12]}"


def _rows(reading: SheetReading, texts: Texts) -> Rows:
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
