"""A flat sheet of a form: what is printed on it and what is written into it.

How much all of it varies is set by eye, so that it looks like what people fill in.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digits.data.composed_numbers import Source
from digits.pen import Ink

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


CURVED: Final = 0.008
"""Spread of how far a line drawn by hand is from a straight one, by its length, and..."""

SLANTED: Final = 0.012
"""...of how far its ends are, and..."""

ENDING: Final = 0.03
"""...of how much too early or too late it ends."""

BLOT: Final = (1.2, 2.0)
"""Breadth of the blot that a pen leaves where it stays, by the line's, from and to."""


class FormCell(NamedTuple):
    """A cell: its table's row and column, what is written in it, and its left, top, right and bottom in pixels."""

    row: int
    column: int
    text: str
    box: tuple[float, float, float, float]


@dataclass
class FlatSheet:
    """A flat sheet: what is printed and what is written, each (height, width) float32 in [0, 1].

    Attributes:
        size: height and width in pixels.
        line_width: of its lines in pixels.
        dash: pixels of a dash and of the gap behind it.
        by_hand: where the randomness of lines comes from that are drawn by hand.
        dwelling: share of the ends of such lines where the pen stays for a while.
        type_ink: how dark type is, by the lines, and...
        type_blur: ...standard deviation of its blur by a digit's height.

    """

    size: tuple[int, int]
    line_width: float
    dash: tuple[int, int] | None
    by_hand: Generator | None = None
    dwelling: float = 0.0
    type_ink: float = 1.0
    type_blur: float = 0.0
    printed: Ink = field(init=False)
    written: Ink = field(init=False)

    def __post_init__(self) -> None:
        self.printed, self.written = np.zeros(self.size, np.float32), np.zeros(self.size, np.float32)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Print a line."""
        length = float(np.hypot(x1 - x0, y1 - y0))
        if self.by_hand is not None:
            self._line_by_hand(self.by_hand, np.array([x0, y0]), np.array([x1 - x0, y1 - y0]), length)
            return
        on, off = self.dash or (length, 0.0)
        start, pen = 0.0, max(1, round(self.line_width * 4))
        canvas = np.zeros(self.size, np.uint8)
        while start < length:
            ends = [np.array([x0, y0]) + np.array([x1 - x0, y1 - y0]) * at / length for at in (start, start + on)]
            first, last = ([round(float(side) * 16) for side in end] for end in ends)
            cv2.line(canvas, first, last, 255, max(1, pen // 4), cv2.LINE_AA, 4)
            start += on + off
        np.maximum(self.printed, canvas.astype(np.float32) / np.float32(255), out=self.printed)

    def _line_by_hand(
        self, rng: Generator, start: NDArray[np.float64], way: NDArray[np.float64], length: float
    ) -> None:
        places = np.linspace(0, 1, max(int(length / 8), 4))
        waves = [rng.normal(0, 1 / k) * np.sin(np.pi * k * places + rng.uniform(0, 2 * np.pi)) for k in (1, 2, 3, 5)]
        aside = CURVED * rng.uniform(0.3, 1) * np.sum(waves, axis=0) + rng.normal(0, SLANTED) * (2 * places - 1)
        first, last = rng.normal(0, ENDING, 2)
        along = first + places * (1 + last - first)
        points = start + along[:, None] * way + aside[:, None] * np.array([-way[1], way[0]])
        canvas = np.zeros(self.size, np.uint8)
        fixed = np.rint(16 * points).astype(np.int32)
        cv2.polylines(canvas, [fixed], False, 255, max(1, round(self.line_width)), cv2.LINE_AA, 4)
        for end in fixed[[0, -1]]:
            if self.dwelling and rng.random() < self.dwelling:
                radius = rng.uniform(*BLOT) * self.line_width / 2
                cv2.circle(canvas, end.tolist(), max(round(16 * radius), 8), 255, -1, cv2.LINE_AA, 4)
        np.maximum(self.printed, canvas.astype(np.float32) / np.float32(255), out=self.printed)

    def amid(self, height: int, width: int) -> tuple[float, float]:
        """Make the sheet the middle of a page of at least that size: how many pixels it moves to the right and down."""
        rooms = [max(side - own, 0) for side, own in zip((height, width), self.size, strict=True)]
        pads = [(room // 2, room - room // 2) for room in rooms]
        self.printed, self.written = np.pad(self.printed, pads), np.pad(self.written, pads)
        self.size = self.printed.shape[0], self.printed.shape[1]
        return float(pads[1][0]), float(pads[0][0])

    def write(self, ink: Ink, x: float, y: float) -> None:
        """Write a digit around that middle; what lies beyond the sheet is lost."""
        _lay(self.written, ink, x, y)

    def print(self, digit: int, x: float, y: float, height: float) -> None:
        """Print a digit around that middle."""
        font = ImageFont.load_default(1.4 * height)
        left, top, right, bottom = (round(side) for side in font.getbbox(str(digit)))
        image = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(image).text((-left, -top), str(digit), fill=255, font=font)
        ink = np.float32(self.type_ink / 255) * np.asarray(image, np.float32)
        if self.type_blur:
            room = round(4 * self.type_blur * height) + 1
            ink = np.asarray(cv2.GaussianBlur(np.pad(ink, room), (0, 0), self.type_blur * height), np.float32)
        _lay(self.printed, ink, x, y)


def _lay(layer: Ink, ink: Ink, x: float, y: float) -> None:
    height, width = ink.shape
    left, top = round(x - width / 2), round(y - height / 2)
    rows, columns = layer.shape
    first, last = max(-top, 0), min(height, rows - top)
    begin, end = max(-left, 0), min(width, columns - left)
    if first < last and begin < end:
        place = layer[top + first : top + last, left + begin : left + end]
        np.maximum(place, ink[first:last, begin:end], out=place)


def flat_sheet(rng: Generator, height: float, width: float, unit: float) -> tuple[FlatSheet, float, float]:
    """A sheet with room for that many pixels, and where the room begins: left and top."""
    sides = rng.uniform(*MARGIN, 4) * unit
    size = round(height + sides[1] + sides[3]), round(width + sides[0] + sides[2])
    breadth = max(1.0, unit * float(np.exp(rng.uniform(np.log(0.015), np.log(0.06)))))
    dash = None
    if rng.random() < DOTTED:
        dash = round(breadth * rng.uniform(1, 4)) + 1, round(breadth * rng.uniform(1, 3)) + 1
    return FlatSheet(size, breadth, dash), float(sides[0]), float(sides[1])


def write_number(rng: Generator, source: Source, sheet: FlatSheet, text_length: int, place: tuple[float, ...]) -> str:
    """Write so many digits into a cell, given as left, top, right, bottom, and the digits' height: their text."""
    left, top, right, bottom, height = place
    digits = [source(rng, max(6, round(height * float(np.exp(rng.normal(0, 0.08)))))) for _ in range(text_length)]
    gap = height * rng.uniform(0.08, 0.35)
    width = sum(ink.shape[1] for ink, _ in digits) + gap * (len(digits) - 1)
    room = 1.05 * (right - left)
    if width > room:
        return write_number(rng, source, sheet, text_length, (left, top, right, bottom, 0.98 * height * room / width))
    x = (left + right - width) / 2 + rng.normal(0, ASIDE) * min(bottom - top, right - left)
    y = (top + bottom) / 2 + rng.normal(0, ASIDE) * (bottom - top)
    for ink, _ in digits:
        sheet.write(ink, x + ink.shape[1] / 2, y + rng.normal(0, 0.04) * height)
        x += ink.shape[1] + gap
    return "".join(str(label) for _, label in digits)


def fill_in(
    rng: Generator,
    source: Source,
    sheet: FlatSheet,
    xs: Sequence[float],
    ys: Sequence[float],
    lengths: list[int] | int,
    fill: float | None = None,
) -> tuple[list[FormCell], list[str]]:
    """Write into the cells between those lines, as many digits as `lengths` says for each column.

    `fill` is the digits' height by the cells'; any where it is None.
    """
    fill, cells, lines = fill or rng.uniform(*FILLS), [], []
    for row, (top, bottom) in enumerate(itertools.pairwise(ys)):
        texts = []
        for column, (left, right) in enumerate(itertools.pairwise(xs)):
            length = 0 if rng.random() < EMPTY else lengths if isinstance(lengths, int) else lengths[column]
            place = left, top, right, bottom, fill * (bottom - top)
            texts.append(write_number(rng, source, sheet, length, place) if length else "")
            cells.append(FormCell(row, column, texts[-1], (left, top, right, bottom)))
        lines.append("".join(texts))
    return cells, [line for line in lines if line]


def print_lattice(sheet: FlatSheet, xs: Sequence[float], ys: Sequence[float]) -> None:
    """Print the lines of a table at those places."""
    for y in ys:
        sheet.line(xs[0], y, xs[-1], y)
    for x in xs:
        sheet.line(x, ys[0], x, ys[-1])
