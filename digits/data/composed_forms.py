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

from digits.data import datasets
from digits.data.composed_numbers import Source, from_strokes
from digits.data.datasets import VALIDATION_WRITERS, PenDigit
from digits.data.pen import Ink
from digits.data.unipen import kept_out_writers, unipen

FormKind = Literal["boxes", "comb", "grid", "table", "ruled", "squared", "plain"]
FORM_KINDS: Final[tuple[FormKind, ...]] = get_args(FormKind)
"""Single boxes in a row; a row of boxes wall to wall, or ticks on a line; a digit in each cell; numbers in cells; lines
of numbers on ruled, squared and plain paper."""

Medium = Literal["drawn", "scanned", "photographed"]
MEDIA: Final[tuple[Medium, ...]] = get_args(Medium)

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

TURNS: Final[dict[Medium, float]] = {"drawn": 0.0, "scanned": 1.0, "photographed": 4.0}
"""Spread of the sheet's turn in degrees."""

PENS: Final = (0.06, 0.13)
"""Pen's width by the digits' height."""


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
        height, width = ink.shape
        left, top = round(x - width / 2), round(y - height / 2)
        rows, columns = self.size
        first, last = max(-top, 0), min(height, rows - top)
        begin, end = max(-left, 0), min(width, columns - left)
        if first < last and begin < end:
            place = self.written[top + first : top + last, left + begin : left + end]
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
    }
    sheet, cells, lines = forms[kind](rng, source)
    picture, moved = _pictured(rng, sheet, medium)
    placed = tuple(cell._replace(box=_around(moved(_corners(cell.box)))) for cell in cells)
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


# How its picture comes about


def _pictured(
    rng: Generator, sheet: _Sheet, medium: Medium
) -> tuple[NDArray[np.uint8], Callable[[NDArray[np.float32]], NDArray[np.float32]]]:
    """The picture, and from (n, 2) points of the flat sheet to those of the picture."""
    height, width = sheet.size
    turn = np.deg2rad(rng.normal(0, TURNS[medium]))
    bend = 0.0 if medium == "drawn" else rng.choice([0.0, 0.006]) * max(height, width)
    wave, phase = rng.uniform(0.3, 0.8) / max(height, width), rng.uniform(0, 2 * np.pi)
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    slant = np.zeros(2) if medium == "drawn" else rng.normal(0, 0.06, 2) / max(height, width)
    middle = np.array([width, height]) / 2

    def moved(points: NDArray[np.float32]) -> NDArray[np.float32]:
        around = points - middle
        around = around + bend * np.sin(2 * np.pi * wave * around[:, ::-1] + phase)
        placed = around @ linear.T / (1 + around @ slant)[:, None] + middle
        return np.asarray(placed, np.float32)

    y, x = np.mgrid[:height, :width].astype(np.float32)
    # Where a pixel comes from: two steps of a fixed-point iteration undo the bend, which is small.
    target = np.stack([x, y], axis=2).reshape(-1, 2)
    origin = target.copy()
    for _ in range(6):
        origin += target - moved(origin)
    maps = origin.reshape(height, width, 2).astype(np.float32)
    printed, written = (
        np.asarray(cv2.remap(layer, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR), np.float32)
        for layer in (sheet.printed, sheet.written)
    )
    take = _photographed if medium == "photographed" else _flat
    return take(rng, printed, written, noisy=medium == "scanned"), moved


def _flat(rng: Generator, printed: Ink, written: Ink, *, noisy: bool) -> NDArray[np.uint8]:
    """Drawn or scanned: paper of one colour."""
    dark = rng.uniform(0.3, 1.0) if rng.random() < 0.6 else 1.0
    grey = 255 * (1 - np.maximum(dark * printed, written))
    if noisy:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.4, 1.0)) + rng.normal(0, rng.choice([0.5, 2.0]), grey.shape)
    elif rng.random() < 0.3:
        grey = 255 - grey
    return np.asarray(grey.clip(0, 255), np.uint8)


def _photographed(rng: Generator, printed: Ink, written: Ink, *, noisy: bool) -> NDArray[np.uint8]:
    """On paper in uneven light, blurred, with noise, sometimes with the dark table at the rim; `noisy` is ignored."""
    height, width = printed.shape
    scene = np.full((height, width, 3), rng.uniform(0.8, 1.0), np.float32) - rng.random(3).astype(np.float32) * 0.08
    hue = np.array([(0.1, 0.1, 0.1), (0.45, 0.6, 0.85), (0.6, 0.6, 0.6)][int(rng.integers(3))])
    pen = np.array([(0.1, 0.1, 0.12), (0.1, 0.15, 0.5), (0.3, 0.3, 0.32)][int(rng.integers(3))])
    scene *= 1 - (rng.uniform(0.5, 1.0) * printed)[..., None] * (1 - hue)
    scene *= 1 - written[..., None] * (1 - pen)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    lit = 1 + rng.uniform(-0.3, 0.3) * x + rng.uniform(-0.3, 0.3) * y
    if rng.random() < 0.25:
        edge = rng.uniform(-0.5, 0.5) + rng.uniform(-1, 1) * x + y
        lit = lit * (1 - rng.uniform(0.2, 0.5) / (1 + np.exp(-edge * rng.choice([6, 30]))))
    scene *= lit[..., None]
    if rng.random() < 0.2:  # the table beyond the sheet's edge
        beyond = (x if rng.random() < 0.5 else y) * rng.choice([-1, 1]) + rng.uniform(-0.02, 0.02) * (x + y)
        scene[beyond > rng.uniform(0.93, 0.98)] = rng.uniform(0.1, 0.4)
    levels = 255 * rng.uniform(0.7, 1.0) * cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.5, 1.4))
    levels = levels + rng.normal(0, rng.choice([1.0, 3.0, 6.0]), levels.shape)
    _, file = cv2.imencode(
        ".jpg", levels.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))]
    )
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)


def _corners(box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    left, top, right, bottom = box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _around(points: NDArray[np.float32]) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom
