"""Forms filled in by hand, made for measuring: boxes, combs, grids, tables, ruled and squared sheets, with every cell.

    form = composed_form(np.random.default_rng(0), kept_out_hands(), "grid")

A sheet is printed and written on flat, then bent, turned and drawn, scanned or photographed. How much all of it varies
is set by eye, so that it looks like what people fill in and photograph.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data import datasets
from digits.data.composed_numbers import PENS, Source, from_strokes
from digits.data.datasets import VALIDATION_WRITERS, PenDigit
from digits.data.flat_sheets import FormCell
from digits.data.form_pictures import MEDIA, QUALITIES, Medium, as_jpeg, pictured, typical_height
from digits.data.form_sheets import SHEETS, FormKind
from digits.data.unipen import kept_out_writers, unipen

DIGITS: Final = 10
"""That a hand must have written."""

ONE_PEN: Final = 1.15
"""Width of one pen's broadest stroke by its narrowest one's."""


@dataclass(frozen=True)
class ComposedForm:
    """A form that somebody filled in.

    Attributes:
        picture: (height, width) or (height, width, 3) uint8.
        kind: of the form.
        medium: how the picture came about.
        cells: row by row; none on paper without cells.
        lines: texts of the lines from top to bottom, groups apart by a space; of a table's rows without spaces.
        digit_height: pixels of its typical digit.

    """

    picture: NDArray[np.uint8]
    kind: FormKind
    medium: Medium
    cells: tuple[FormCell, ...]
    lines: tuple[str, ...]
    digit_height: float


@cache
def kept_out_hands() -> Source:
    """Digits by the writers that are kept out of all training: pendigits' and UNIPEN's."""
    return from_strokes([digit for _, digit in _kept_out_digits()])


def kept_out_hand(rng: Generator, *, one_pen: bool = False) -> Source:
    """Digits by one of those who wrote each digit, with one pen or with any."""
    found: dict[str, list[PenDigit]] = {}
    for writer, digit in _kept_out_digits():
        found.setdefault(writer, []).append(digit)
    able = [digits for digits in found.values() if len({digit.label for digit in digits}) == DIGITS]
    own = able[int(rng.integers(len(able)))]
    if not one_pen:
        return from_strokes(own)
    pen = rng.uniform(PENS[0], PENS[1] / ONE_PEN)
    return from_strokes(own, (pen, pen * ONE_PEN))


@cache
def _kept_out_digits() -> list[tuple[str, PenDigit]]:
    """Each with its writer."""
    own = [(str(digit.writer), digit) for digit in datasets.pendigits() if digit.writer in VALIDATION_WRITERS]
    others = (sample for sample in unipen("digits") if sample.writer in kept_out_writers())
    return own + [(each.writer, PenDigit(each.strokes, int(each.label), 0)) for each in others]


def composed_form(rng: Generator, source: Source, kind: FormKind, medium: Medium | None = None) -> ComposedForm:
    """A form of one kind.

    Args:
        rng: where the randomness comes from.
        source: of its digits.
        kind: of form.
        medium: how its picture comes about; any where it is None.

    """
    medium = medium or MEDIA[int(rng.choice(3, p=[0.25, 0.3, 0.45]))]
    sheet, cells, lines = SHEETS[kind](rng, source)
    picture, moved = pictured(rng, sheet.printed, sheet.written, medium)
    placed = tuple(cell._replace(box=_around(moved(_corners(cell.box)))) for cell in cells)
    if kind == "turned table":
        picture, placed = _turned(picture, placed, int(rng.integers(1, 4)))
    return ComposedForm(picture, kind, medium, placed, tuple(lines), typical_height(sheet.written))


def reduced(form: ComposedForm, height: float, rng: Generator) -> ComposedForm:
    """The form in so few pixels that its typical digit is so high, or as it is where it has no more of them."""
    share = height / max(form.digit_height, height)
    if share == 1:
        return form
    small = np.asarray(cv2.resize(form.picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)
    return replace(
        form,
        picture=as_jpeg(small, int(rng.integers(*QUALITIES))) if form.medium == "photographed" else small,
        cells=tuple(cell._replace(box=_scaled(cell.box, share)) for cell in form.cells),
        digit_height=height,
    )


def _scaled(box: tuple[float, float, float, float], share: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return share * left, share * top, share * right, share * bottom


def _turned(
    picture: NDArray[np.uint8], cells: tuple[FormCell, ...], quarters: int
) -> tuple[NDArray[np.uint8], tuple[FormCell, ...]]:
    """Picture and cells turned anticlockwise by so many right angles."""
    for _ in range(quarters):
        width = picture.shape[1]
        picture = np.ascontiguousarray(np.rot90(picture))
        cells = tuple(
            cell._replace(box=(cell.box[1], width - cell.box[2], cell.box[3], width - cell.box[0])) for cell in cells
        )
    return picture, cells


def _corners(box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    left, top, right, bottom = box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _around(points: NDArray[np.float32]) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom
