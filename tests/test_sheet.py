"""Sheets: what is printed, and a hundred digits back from a photograph of it."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image

from digits.decode import decode
from digits.languages import LANGUAGES, Language
from digits.model import activations
from digits.normalise import normalise
from digits.pen import Strokes, draw_strokes
from digits.sheet import __main__ as command
from digits.sheet.layout import BOXES, CODE, COLUMNS, MARK, MARKS, box
from digits.sheet.pdf import sheet_pdf
from digits.sheet.read import MAX_SHEET_SIDE, Reason, SheetError, SheetReading, read_sheet
from tests.commands import ended_here, printed_here
from tests.reading import recogniser
from tests.sheets import (
    BLACK,
    BLUE,
    DOTS_A_MILLIMETRE,
    FELT_TIP,
    KEPT_OUT_WRITERS,
    PENCIL,
    PHONE,
    Pen,
    Sheet,
    Shot,
    blank,
    filled,
    hand,
    photograph,
)
from tools.drawing import STROKES, draw, encoded

CLASS: Final = "K7QM2XWB9DTR"


def read(file: bytes) -> SheetReading:
    return read_sheet(recogniser(), decode(file, MAX_SHEET_SIDE))


def reason(file: bytes) -> Reason:
    with pytest.raises(SheetError) as refused:
        read(file)
    return refused.value.reason


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def drawn(labels: dict[int, int]) -> dict[int, Strokes]:
    """Plain digits for some boxes."""
    return {index: [np.array(stroke, np.float32) for stroke in STROKES[label]] for index, label in labels.items()}


def turned(file: bytes, quarters: int) -> bytes:
    """A photograph turned by so many quarters."""
    pixels = np.rot90(decode(file, MAX_SHEET_SIDE).pixels, quarters)
    return encoded(Image.fromarray(np.ascontiguousarray(pixels)), "JPEG")


def covered(sheet: Sheet, left: float, top: float, width: float, height: float) -> Sheet:
    """The sheet with a thumb on it; where, in millimetres."""
    x, y, right, bottom = (round(side * DOTS_A_MILLIMETRE) for side in (left, top, left + width, top + height))
    thumbed = sheet.copy()
    thumbed[y:bottom, x:right] = (0.8, 0.6, 0.5)
    return thumbed


@pytest.mark.quick
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_class_gets_a_numbered_page_for_each_pupil(language: Language) -> None:
    made = sheet_pdf(CLASS, 3, language)
    assert b"/Subtype /Image" not in made, "all of it is vectors"
    document = pypdfium2.PdfDocument(made)
    pages = [document[place].get_textpage().get_text_bounded() for place in range(len(document))]
    assert len(pages) == 3
    for number, text in enumerate(pages, 1):
        assert "K7QM-2XWB-9DTR" in text
        assert str(number) in text
        assert ("клетк" in text) == (language == "ru")


@pytest.mark.quick
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [None, CLASS])
def test_what_is_printed_keeps_apart(language: Language, code: str | None) -> None:
    document = pypdfium2.PdfDocument(sheet_pdf(code, 1 if code is None else 88, language))
    dark = document[len(document) - 1].render(scale=4 * 25.4 / 72).to_numpy().min(axis=2) < 200

    def ink(place: tuple[float, float, float, float], reach: float) -> int:
        """Dark pixels so many millimetres around a place, or inside of it."""
        left, top, right, bottom = place
        sides = (left - reach, top - reach, right + reach, bottom + reach)
        x, y, end, low = (round(4 * side) for side in sides)
        return int(dark[y:low, x:end].sum())

    for place in map(box, range(BOXES)):
        assert ink(place, 1) == ink(place, 0.5) > 0
        assert not ink(place, -0.7)
    for left, top, side in [(*mark, MARK) for mark in MARKS] + [CODE]:
        place = left, top, left + side, top + side
        assert ink(place, 3) == ink(place, 0.5) > 0, "a mark or code has white around it"


@pytest.mark.quick
def test_no_sheet_is_made_of_a_wrong_code_or_number() -> None:
    for code, pupils in ((None, 2), (CLASS, 0), (CLASS, 100), ("K7QM", 1), ("K7QM2XWB9DT0", 1)):
        with pytest.raises(ValueError, match=r"\S"):
            sheet_pdf(code, pupils, "en")


@pytest.mark.quick
def test_the_command_takes_a_code_as_it_is_shown(tmp_path: Path) -> None:
    out = tmp_path / "class.pdf"
    shown = printed_here(command.main, "--class", "k7qm-2xwb 9dtr", "--pupils", "2", "-o", str(out), "--language", "ru")
    assert str(out) in shown
    assert out.read_bytes() == sheet_pdf(CLASS, 2, "ru")
    for wrong in (["--pupils", "2"], ["--class", CLASS, "--pupils", "100"], ["--class", "nonsense"]):
        assert ended_here(command.main, *wrong)[0] == 2
    assert str(tmp_path / "no") in str(ended_here(command.main, "-o", str(tmp_path / "no" / "sheet.pdf"))[0])


def test_a_scanned_sheet_of_one_s_own_says_what_is_in_each_box() -> None:
    written = {index: index // COLUMNS for index in range(0, BOXES, 7)}
    sheet = filled(blank(), drawn(written), BLACK, rng())
    scanned = Image.fromarray((255 * sheet).astype(np.uint8)).convert("L").rotate(1.5, fillcolor=255)
    reading = read(encoded(scanned))
    assert (reading.class_code, reading.number) == (None, None)
    assert [digit.label for digit in reading.digits] == [index // COLUMNS for index in range(BOXES)]
    assert {index for index, digit in enumerate(reading.digits) if digit.normalised is not None} == set(written)
    assert all(reading.digits[index].prediction == label for index, label in written.items())


def test_a_bent_sheet_without_visible_frames_is_read_by_its_marks() -> None:
    sheet = filled(blank(CLASS, 12), drawn({index: index // COLUMNS for index in range(BOXES)}), BLACK, rng())
    copied = np.broadcast_to(sheet.min(axis=2, keepdims=True) > 0.5, sheet.shape).astype(np.float32)
    reading = read(photograph(copied, PHONE, rng()))
    assert sum(digit.prediction == digit.label for digit in reading.digits) >= 95


def test_a_covered_mark_is_done_without() -> None:
    sheet = filled(blank(CLASS, 12), drawn({0: 0, 47: 4, 99: 9}), BLUE, rng())
    left, top = MARKS[2]
    reading = read(photograph(covered(sheet, left - 5, top - 5, 30, 40), PHONE, rng()))
    assert (reading.class_code, reading.number) == (CLASS, 12)
    assert [reading.digits[index].prediction for index in (0, 47, 99)] == [0, 4, 9]


def moved(shot: Shot, across: float, down: float, scale: float = 1.0) -> Shot:
    """The same with the sheet elsewhere in the picture, or smaller; both as shares of the picture."""
    corners = [(0.5 + scale * (x - 0.5) + across, 0.5 + scale * (y - 0.5) + down) for x, y in shot.corners]
    return replace(shot, corners=tuple(corners))


SHOTS: Final[dict[str, tuple[Shot, Reason]]] = {
    "right side outside": (moved(PHONE, 0.2, 0), "cut_off"),
    "lower half outside": (moved(PHONE, 0, 0.4), "cut_off"),
    "one corner inside": (moved(PHONE, 0.3, 0.3), "cut_off"),
    "far away": (moved(PHONE, 0, 0, 0.35), "too_small"),
    "few pixels": (replace(PHONE, width=240, height=320, blur=0.5), "too_small"),
    "out of focus": (replace(PHONE, blur=9), "too_blurred"),
}


@pytest.mark.parametrize("name", SHOTS)
def test_a_sheet_that_cannot_be_read_says_why(name: str) -> None:
    shot, why = SHOTS[name]
    sheet = filled(blank(CLASS, 12), drawn({0: 0, 99: 9}), BLUE, rng())
    assert reason(photograph(sheet, shot, rng())) == why


def test_a_sheet_without_marks_code_or_writing_says_so() -> None:
    sheet = filled(blank(CLASS, 12), drawn({5: 0}), BLUE, rng())
    assert reason(photograph(blank(CLASS, 12), PHONE, rng())) == "empty"
    assert reason(photograph(covered(sheet, *CODE[:2], CODE[2], CODE[2]), PHONE, rng())) == "no_code"
    without = covered(covered(sheet, 0, 0, 30, 30), 0, 265, 210, 32)
    assert reason(photograph(without, PHONE, rng())) == "no_corners"
    assert reason(encoded(draw(7, (640, 480)))) == "no_corners"


if os.environ.get("DIGITS_DATA_DIR"):

    def hidden(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        found = activations(recogniser().model.classifier, pictures)[0]
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    PHOTOGRAPHS: Final[list[tuple[int, Pen, int, Shot]]] = [
        (KEPT_OUT_WRITERS[0], BLUE, 0, PHONE),
        (KEPT_OUT_WRITERS[1], PENCIL, 1, replace(PHONE, bend=-0.02, shadow=0.2)),
        (KEPT_OUT_WRITERS[2], FELT_TIP, 2, replace(PHONE, edge=0.005, blur=1.5)),
        (KEPT_OUT_WRITERS[3], BLACK, 3, replace(PHONE, width=960, height=1280, noise=6, quality=50)),
    ]
    """Writers, pens, quarters by which it is turned, and how it is photographed."""

    @pytest.mark.parametrize(("writer", "pen", "quarters", "shot"), PHOTOGRAPHS)
    def test_a_photographed_sheet_enrols_a_hand(writer: int, pen: Pen, quarters: int, shot: Shot) -> None:
        written = hand(writer)
        sheet = filled(blank(CLASS, 7), dict(enumerate(written)), pen, rng(), spread=0.9)
        reading = read(turned(photograph(sheet, shot, rng()), quarters))
        assert (reading.class_code, reading.number) == (CLASS, 7)
        seen = np.stack([each.normalised for each in reading.digits if each.normalised is not None])
        assert len(seen) == BOXES
        clean = np.stack([normalise(draw_strokes(strokes, pen.breadth / 10)) for strokes in written])
        alike = (hidden(seen) * hidden(clean)).sum(axis=1)
        assert np.count_nonzero(alike > 0.8) >= 95, "the right ink in the right box"
        labels = [index // COLUMNS for index in range(BOXES)]
        misread = sum(each.prediction != label for each, label in zip(reading.digits, labels, strict=True))
        misread_clean = np.count_nonzero(recogniser().predict_proba(clean).argmax(axis=1) != labels)
        assert misread <= misread_clean + 3, "as well as without a photograph"
        assert sum(each.suspicious for each in reading.digits) <= 3

    def test_wrongly_filled_boxes_are_suspicious_and_empty_ones_empty() -> None:
        written = dict(enumerate(hand(KEPT_OUT_WRITERS[4])))
        wrong, empty = (3, 24, 41, 58, 77, 96), (0, 35, 60, 99)
        for index in wrong:
            written[index] = hand(KEPT_OUT_WRITERS[4])[(index + 30) % BOXES]
        for index in empty:
            del written[index]
        reading = read(photograph(filled(blank(), written, BLUE, rng()), PHONE, rng()))
        assert [index for index, digit in enumerate(reading.digits) if digit.normalised is None] == list(empty)
        suspicious = {index for index, digit in enumerate(reading.digits) if digit.suspicious}
        assert suspicious >= set(wrong)
        assert len(suspicious - set(wrong)) <= 3
