"""Forms filled in by hand, made for measuring: boxes, combs, grids, tables, ruled and squared sheets, with every cell.

    form = composed_form(np.random.default_rng(0), kept_out_hands(), "grid")

A sheet is printed and written on flat, then bent, turned and drawn, scanned or photographed. How much all of it varies
is set by eye, so that it looks like what people fill in and photograph.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, NamedTuple, get_args

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digits.data import datasets
from digits.data.composed_numbers import Source, from_strokes
from digits.data.datasets import VALIDATION_WRITERS, PenDigit
from digits.data.form_pictures import MEDIA, Medium, pictured
from digits.data.unipen import kept_out_writers, unipen
from digits.pen import Ink

FormKind = Literal[
    "boxes", "comb", "grid", "table", "ruled", "squared", "plain", "sudoku", "squares", "open table", "turned table"
]
FORM_KINDS: Final[tuple[FormKind, ...]] = get_args(FormKind)
"""Single boxes in a row; a row of boxes wall to wall, or ticks on a line; a digit in each cell; numbers in cells; lines
of numbers on ruled, squared and plain paper; a small puzzle, printed and filled in; squared paper with something in
each square; a table without some outer lines, up to the picture's rim; a table on its side or upside down."""

MARGIN: Final = (0.3, 1.5)
"""Paper around what is printed, by a cell's height."""

EMPTY: Final = 0.2
"""Share of the cells that stay empty."""

ASIDE: Final = 0.06
"""Spread of how far what is written stands from the middle of its cell, by the cell's height."""

FILLS: Final = (0.45, 0.95)
"""Height of the digits of a form by its cells', from and to."""

DOTTED: Final = 0.12
"""Share of the forms whose lines are dotted or dashed."""


class FormCell(NamedTuple):
    """A cell: its table's row and column, what is written in it, and its left, top, right and bottom in pixels."""

    row: int
    column: int
    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class ComposedForm:
    """A form that somebody filled in.

    Attributes:
        picture: (height, width) or (height, width, 3) uint8.
        kind: of the form.
        medium: how the picture came about.
        cells: row by row; none on paper without cells.
        lines: texts of the lines from top to bottom, groups apart by a space; of a table's rows without spaces.

    """

    picture: NDArray[np.uint8]
    kind: FormKind
    medium: Medium
    cells: tuple[FormCell, ...]
    lines: tuple[str, ...]


@dataclass
class _Sheet:
    """A flat sheet: what is printed and what is written, each (height, width) float32 in [0, 1]."""

    size: tuple[int, int]
    line_width: float
    dash: tuple[int, int] | None
    printed: Ink = field(init=False)
    written: Ink = field(init=False)

    def __post_init__(self) -> None:
        self.printed, self.written = np.zeros(self.size, np.float32), np.zeros(self.size, np.float32)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Print a line."""
        length = float(np.hypot(x1 - x0, y1 - y0))
        on, off = self.dash or (length, 0.0)
        start, pen = 0.0, max(1, round(self.line_width * 4))
        canvas = np.zeros(self.size, np.uint8)
        while start < length:
            ends = [np.array([x0, y0]) + np.array([x1 - x0, y1 - y0]) * at / length for at in (start, start + on)]
            first, last = ([round(float(side) * 16) for side in end] for end in ends)
            cv2.line(canvas, first, last, 255, max(1, pen // 4), cv2.LINE_AA, 4)
            start += on + off
        np.maximum(self.printed, canvas.astype(np.float32) / np.float32(255), out=self.printed)

    def write(self, ink: Ink, x: float, y: float) -> None:
        """Write a digit around that middle; what lies beyond the sheet is lost."""
        _lay(self.written, ink, x, y)

    def print(self, digit: int, x: float, y: float, height: float) -> None:
        """Print a digit around that middle."""
        font = ImageFont.load_default(1.4 * height)
        left, top, right, bottom = (round(side) for side in font.getbbox(str(digit)))
        image = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(image).text((-left, -top), str(digit), fill=255, font=font)
        _lay(self.printed, np.asarray(image, np.float32) / np.float32(255), x, y)


def _lay(layer: Ink, ink: Ink, x: float, y: float) -> None:
    height, width = ink.shape
    left, top = round(x - width / 2), round(y - height / 2)
    rows, columns = layer.shape
    first, last = max(-top, 0), min(height, rows - top)
    begin, end = max(-left, 0), min(width, columns - left)
    if first < last and begin < end:
        place = layer[top + first : top + last, left + begin : left + end]
        np.maximum(place, ink[first:last, begin:end], out=place)


@cache
def kept_out_hands() -> Source:
    """Digits by the writers that are kept out of all training: pendigits' and UNIPEN's."""
    own = [digit for digit in datasets.pendigits() if digit.writer in VALIDATION_WRITERS]
    others = (sample for sample in unipen("digits") if sample.writer in kept_out_writers())
    return from_strokes(own + [PenDigit(each.strokes, int(each.label), 0) for each in others])


def composed_form(rng: Generator, source: Source, kind: FormKind, medium: Medium | None = None) -> ComposedForm:
    """A form of one kind.

    Args:
        rng: where the randomness comes from.
        source: of its digits.
        kind: of form.
        medium: how its picture comes about; any where it is None.

    """
    medium = medium or MEDIA[int(rng.choice(3, p=[0.25, 0.3, 0.45]))]
    forms: dict[FormKind, Callable[[Generator, Source], tuple[_Sheet, list[FormCell], list[str]]]] = {
        "boxes": _boxes,
        "comb": _comb,
        "grid": _grid,
        "table": _table,
        "ruled": _ruled,
        "squared": _squared,
        "plain": _plain,
        "sudoku": _sudoku,
        "squares": _squares,
        "open table": _open_table,
        "turned table": _table,
    }
    sheet, cells, lines = forms[kind](rng, source)
    picture, moved = pictured(rng, sheet.printed, sheet.written, medium)
    placed = tuple(cell._replace(box=_around(moved(_corners(cell.box)))) for cell in cells)
    if kind == "turned table":
        picture, placed = _turned(picture, placed, int(rng.integers(1, 4)))
    return ComposedForm(picture, kind, medium, placed, tuple(lines))


# What stands on the sheet


def _sheet(rng: Generator, height: float, width: float, unit: float) -> tuple[_Sheet, float, float]:
    """A sheet with room for that many pixels, and where the room begins: left and top."""
    sides = rng.uniform(*MARGIN, 4) * unit
    size = round(height + sides[1] + sides[3]), round(width + sides[0] + sides[2])
    breadth = max(1.0, unit * float(np.exp(rng.uniform(np.log(0.015), np.log(0.06)))))
    dash = None
    if rng.random() < DOTTED:
        dash = round(breadth * rng.uniform(1, 4)) + 1, round(breadth * rng.uniform(1, 3)) + 1
    return _Sheet(size, breadth, dash), float(sides[0]), float(sides[1])


def _written(rng: Generator, source: Source, sheet: _Sheet, text_length: int, place: tuple[float, ...]) -> str:
    """Write so many digits into a cell, given as left, top, right, bottom, and the digits' height: their text."""
    left, top, right, bottom, height = place
    digits = [source(rng, max(6, round(height * float(np.exp(rng.normal(0, 0.08)))))) for _ in range(text_length)]
    gap = height * rng.uniform(0.08, 0.35)
    width = sum(ink.shape[1] for ink, _ in digits) + gap * (len(digits) - 1)
    room = 1.05 * (right - left)
    if width > room:
        return _written(rng, source, sheet, text_length, (left, top, right, bottom, 0.98 * height * room / width))
    x = (left + right - width) / 2 + rng.normal(0, ASIDE) * min(bottom - top, right - left)
    y = (top + bottom) / 2 + rng.normal(0, ASIDE) * (bottom - top)
    for ink, _ in digits:
        sheet.write(ink, x + ink.shape[1] / 2, y + rng.normal(0, 0.04) * height)
        x += ink.shape[1] + gap
    return "".join(str(label) for _, label in digits)


def _filled(
    rng: Generator, source: Source, sheet: _Sheet, xs: Sequence[float], ys: Sequence[float], lengths: list[int] | int
) -> tuple[list[FormCell], list[str]]:
    """Write into the cells between those lines, as many digits as `lengths` says for each column."""
    fill, cells, lines = rng.uniform(*FILLS), [], []
    for row, (top, bottom) in enumerate(itertools.pairwise(ys)):
        texts = []
        for column, (left, right) in enumerate(itertools.pairwise(xs)):
            length = 0 if rng.random() < EMPTY else lengths if isinstance(lengths, int) else lengths[column]
            place = left, top, right, bottom, fill * (bottom - top)
            texts.append(_written(rng, source, sheet, length, place) if length else "")
            cells.append(FormCell(row, column, texts[-1], (left, top, right, bottom)))
        lines.append("".join(texts))
    return cells, [line for line in lines if line]


def _lattice(sheet: _Sheet, xs: Sequence[float], ys: Sequence[float]) -> None:
    for y in ys:
        sheet.line(xs[0], y, xs[-1], y)
    for x in xs:
        sheet.line(x, ys[0], x, ys[-1])


def _boxes(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    unit, count = rng.uniform(40, 110), int(rng.integers(1, 9))
    width, gap = unit * rng.uniform(0.7, 1.2), unit * rng.uniform(0.08, 0.6)
    sheet, x, y = _sheet(rng, unit, count * (width + gap), unit)
    cells, fill, line = [], rng.uniform(*FILLS), ""
    empty = EMPTY if count > 1 else 0.0
    for column in range(count):
        box = x + column * (width + gap), y, x + column * (width + gap) + width, y + unit
        _lattice(sheet, box[::2], box[1::2])
        text = _written(rng, source, sheet, 1, (*box, fill * unit)) if rng.random() >= empty else ""
        cells.append(FormCell(0, column, text, box))
        line += text
    return sheet, cells, [line] if line else []


def _comb(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    unit, count = rng.uniform(36, 100), int(rng.integers(4, 13))
    width = unit * rng.uniform(0.65, 1.1)
    sheet, x, y = _sheet(rng, unit, count * width, unit)
    xs, ys = [x + place * width for place in range(count + 1)], [y, y + unit]
    if rng.random() < 0.35:  # ticks on a line
        sheet.line(xs[0], ys[1], xs[-1], ys[1])
        for place in xs:
            sheet.line(place, ys[1] - 0.35 * unit, place, ys[1])
    else:
        _lattice(sheet, xs, ys)
    return sheet, *_filled(rng, source, sheet, xs, ys, 1)


def _grid(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    columns, rows = (int(side) for side in rng.integers(2, 10, 2))
    if rng.random() < 0.3:
        columns = rows = 9
    unit = rng.uniform(28, min(100, 900 / max(columns, rows)))
    width = unit * rng.uniform(0.8, 1.3)
    sheet, x, y = _sheet(rng, rows * unit, columns * width, unit)
    xs, ys = [x + place * width for place in range(columns + 1)], [y + place * unit for place in range(rows + 1)]
    _lattice(sheet, xs, ys)
    return sheet, *_filled(rng, source, sheet, xs, ys, 1)


def _table(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    columns, rows = int(rng.integers(2, 7)), int(rng.integers(2, 11))
    unit = rng.uniform(28, min(90, 900 / rows))
    lengths = rng.integers(1, 5, columns).tolist()
    widths = [min(unit * rng.uniform(0.7, 1.1) * (length + 0.5), 180.0) for length in lengths]
    sheet, x, y = _sheet(rng, rows * unit, sum(widths), unit)
    xs = [x + sum(widths[:place]) for place in range(columns + 1)]
    ys = [y + place * unit for place in range(rows + 1)]
    _lattice(sheet, xs, ys)
    return sheet, *_filled(rng, source, sheet, xs, ys, lengths)


def _lines(rng: Generator, source: Source, apart: float) -> tuple[_Sheet, list[str], float, float]:
    """Lines of numbers on an empty sheet: their texts, the last line's base and the digits' height."""
    unit, count = rng.uniform(30, 90), int(rng.choice([1, 2, 3, 5]))
    sheet, x, y = _sheet(rng, count * unit * apart, rng.uniform(4, 10) * unit, unit)
    lines = []
    for row in range(count):
        length, base = int(rng.integers(1, 7)), y + (row + 1) * unit * apart
        left = x + rng.uniform(0, 0.2) * unit
        place = left, base - unit, left + length * unit * 0.95, base, unit
        lines.append(_written(rng, source, sheet, length, place))
    return sheet, lines, y + count * unit * apart, unit


def _ruled(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    apart = rng.uniform(1.15, 2.0)
    sheet, lines, base, unit = _lines(rng, source, apart)
    for y in np.arange(base - 20 * unit * apart, sheet.size[0], unit * apart):
        if y > 0:
            sheet.line(-9, y, sheet.size[1] + 9, y)
    if rng.random() < 0.3:
        margin = rng.uniform(0.02, 0.3) * unit
        sheet.line(margin, -9, margin, sheet.size[0] + 9)
    return sheet, [], lines


def _squared(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    sheet, lines, base, unit = _lines(rng, source, rng.uniform(1.15, 2.0))
    side = unit * rng.uniform(0.35, 0.95)
    for y in np.arange(base - 40 * side, sheet.size[0], side):
        sheet.line(-9, y, sheet.size[1] + 9, y)
    for x in np.arange(rng.uniform(0, side), sheet.size[1], side):
        sheet.line(x, -9, x, sheet.size[0] + 9)
    return sheet, [], lines


def _plain(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    sheet, lines, _, _ = _lines(rng, source, rng.uniform(1.2, 2.0))
    return sheet, [], lines


def _sudoku(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    unit, given, fill = rng.uniform(24, 44), rng.uniform(0.2, 0.5), rng.uniform(0.5, 0.8)
    sheet, x, y = _sheet(rng, 9 * unit, 9 * unit, unit)
    xs, ys = [x + place * unit for place in range(10)], [y + place * unit for place in range(10)]
    _lattice(sheet, xs, ys)
    thin, sheet.line_width = sheet.line_width, sheet.line_width * rng.uniform(1.5, 3)
    _lattice(sheet, xs[::3], ys[::3])
    sheet.line_width = thin
    cells, lines = [], []
    for row, column in itertools.product(range(9), range(9)):
        box = xs[column], ys[row], xs[column + 1], ys[row + 1]
        if rng.random() < given:
            digit = int(rng.integers(1, 10))
            sheet.print(digit, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 0.55 * unit)
            text = str(digit)
        else:
            text = _written(rng, source, sheet, 1, (*box, fill * unit))
        cells.append(FormCell(row, column, text, box))
    lines = ["".join(cell.text for cell in cells[9 * row : 9 * row + 9]) for row in range(9)]
    return sheet, cells, lines


def _squares(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    columns, rows = (int(side) for side in rng.integers(2, 9, 2))
    unit, length = rng.uniform(36, 90), int(rng.integers(1, 3))
    before, after = rng.uniform(0, 0.6, (2, 2)) * unit
    sheet = _Sheet((round(rows * unit + before[1] + after[1]), round(columns * unit + before[0] + after[0])), 1.0, None)
    sheet.line_width = max(1.0, unit * rng.uniform(0.012, 0.04))
    xs, ys = (
        [before[0] + place * unit for place in range(columns + 1)],
        [before[1] + place * unit for place in range(rows + 1)],
    )
    for y in ys:
        sheet.line(-9, y, sheet.size[1] + 9, y)
    for x in xs:
        sheet.line(x, -9, x, sheet.size[0] + 9)
    return sheet, *_filled(rng, source, sheet, xs, ys, length)


def _open_table(rng: Generator, source: Source) -> tuple[_Sheet, list[FormCell], list[str]]:
    columns, rows = int(rng.integers(2, 9)), int(rng.integers(1, 9))
    unit = rng.uniform(22, min(70, 900 / rows))
    lengths = rng.integers(1, 4, columns).tolist()
    widths = [unit * rng.uniform(0.7, 1.1) * (length + 0.5) for length in lengths]
    rim = 0.15 * unit
    size = round(rows * unit + 2 * rim), round(sum(widths) + 2 * rim)
    sheet = _Sheet(size, max(1.0, unit * rng.uniform(0.02, 0.05)), None)
    xs, ys = (
        [rim + sum(widths[:place]) for place in range(columns + 1)],
        [rim + place * unit for place in range(rows + 1)],
    )
    for y in ys if rng.random() < 0.5 else ys[1:-1]:
        sheet.line(-9, y, size[1] + 9, y)
    for x in xs if rng.random() < 0.5 else xs[1:-1]:
        sheet.line(x, -9, x, size[0] + 9)
    return sheet, *_filled(rng, source, sheet, xs, ys, lengths)


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
