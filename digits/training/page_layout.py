"""Where writing stands on a made page: digits alone, in rows, in boxes, closely cut out. All of it set by eye."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.random import Generator

from digits.pen import Ink, Strokes
from digits.training.page_paper import Box, Pitch

Content = Literal["one digit", "tight", "number", "lines", "sheet", "squares", "boxes", "words", "empty"]

CONTENTS: Final[dict[Content, float]] = {
    "one digit": 0.27,
    "tight": 0.2,
    "number": 0.12,
    "lines": 0.05,
    "sheet": 0.09,
    "squares": 0.06,
    "boxes": 0.13,
    "words": 0.05,
    "empty": 0.03,
}
"""What stands on a page, and how often."""

SIDES: Final = (64, 1024)
"""Pixels of the longer side, from and to, and..."""

USUAL_SIDE: Final = 512
"""...that of half of the pages, and..."""

TIGHT_SIDES: Final = (40, 512)
"""...that of a digit that is closely cut out."""

HEIGHTS: Final = (0.06, 0.95)
"""Height of a digit that stands alone, as a share of the shorter side, from and to."""

MIN_HEIGHT: Final = 12.0
"""Pixels of a digit at least."""

MAX_TEXT: Final = 8
"""Digits of a row at most."""

SMALL: Final = (14.0, 44.0)
"""Pixels of a digit on a whole sheet of small writing, and of a small box, from and to."""

MAX_ROWS: Final = 14
"""Lines of a sheet at most, and squares of either direction in which a digit stands."""

ON_LINES: Final = 0.6
"""Share of the rows of digits that stand on the paper's lines."""

TYPED: Final = 0.3
"""Share of the tables in which some digits are printed, and..."""

TYPED_CELLS: Final = 0.5
"""...share of the digits that are."""

SIGNS: Final = (
    ((0.6, 0.0), (0.0, 1.0)),
    ((0.0, 0.0), (0.3, 0.0)),
    ((0.0, 0.0), (0.02, 0.03)),
    ((0.05, 0.0), (0.0, 0.2)),
)
"""Slash, dash, point and comma: a stroke each, by the digits' height."""


class Written(NamedTuple):
    """A digit, letter, sign or word by somebody's hand.

    Attributes:
        shape: pen strokes, or ink that is cut out closely.
        label: of a digit, else None.
        writer: name of the person who wrote it.

    """

    shape: Strokes | Ink
    label: int | None
    writer: str = ""

    @property
    def aspect(self) -> float:
        """Width by height, between a fifth and 6."""
        if isinstance(self.shape, list):
            width, height = np.ptp(np.concatenate(self.shape), axis=0).tolist()
        else:
            height, width = self.shape.shape
        return float(np.clip(width / max(height, 1e-3), 0.2, 6))


@dataclass(frozen=True)
class Hands:
    """What people wrote: digits, and letters, signs and words; digits in type by font."""

    digits: Sequence[Written]
    others: Sequence[Written]
    typed: Sequence[Sequence[Written]] = ()

    def digit(self, rng: Generator) -> Written:
        """Any of the digits."""
        return self.digits[int(rng.integers(len(self.digits)))]

    def other(self, rng: Generator) -> Written:
        """Any of the others, or a digit where there are none."""
        return self.others[int(rng.integers(len(self.others)))] if self.others else self.digit(rng)


class Slot(NamedTuple):
    """Something written, and where its middle stands on the sheet, whose origin is the picture's middle, in pixels."""

    written: Written
    x: float
    y: float
    height: float


class Layout(NamedTuple):
    """A page before it is written.

    Attributes:
        size: height and width in pixels.
        slots: what is written.
        unit: a digit's height.
        cells: boxes to print.
        typed: digits in type.
        pitch: of the paper's lines on which it is written, None for any: how far apart, and where one goes down and one
            across.

    """

    size: tuple[int, int]
    slots: list[Slot]
    unit: float
    cells: list[Box]
    typed: Sequence[Slot] = ()
    pitch: Pitch | None = None


def lay_out(rng: Generator, hands: Hands, content: Content) -> Layout:
    """Choose a picture's size and what is written where."""
    if content == "tight":
        return _tight(rng, hands)
    side = _side(rng)
    aspect = float(np.exp(np.clip(rng.normal(0, 0.3), -1.2, 1.2)))
    size = max(32, round(side * min(1, 1 / aspect))), max(32, round(side * min(1, aspect)))
    layouts: dict[Content, Callable[[Generator, Hands, tuple[int, int]], Layout]] = {
        "one digit": _one_digit,
        "number": _rows,
        "lines": _several_rows,
        "sheet": _sheet,
        "squares": _squares,
        "boxes": _boxes,
        "words": _words,
        "empty": _empty,
    }
    return layouts[content](rng, hands, size)


def _side(rng: Generator) -> int:
    low, high = SIDES
    usual = rng.choice(3, p=[0.5, 0.35, 0.15])
    first, last = ((USUAL_SIDE, USUAL_SIDE), (low, USUAL_SIDE), (USUAL_SIDE, high))[usual]
    return round(float(first * (last / first) ** rng.random()))


def _empty(rng: Generator, _: Hands, size: tuple[int, int]) -> Layout:
    return Layout(size, [], max(MIN_HEIGHT, rng.uniform(*HEIGHTS) * min(size)), [])


def _height(rng: Generator, size: tuple[int, int]) -> float:
    low, high = HEIGHTS
    return max(MIN_HEIGHT, min(size) * low * float((high / low) ** rng.beta(1.6, 1.1)))


def _one_digit(rng: Generator, hands: Hands, size: tuple[int, int]) -> Layout:
    written = hands.digit(rng)
    height = min(_height(rng, size), 0.95 * size[1] / written.aspect)
    room = np.maximum(np.array(size[::-1]) - height * np.array([written.aspect, 1]) * 1.1, 0) / 2
    x, y = (room * (rng.uniform(-1, 1, 2) if rng.random() < 0.6 else rng.normal(0, 0.2, 2).clip(-1, 1))).tolist()
    cells: list[Box] = []
    if rng.random() < 0.06:
        half = height * rng.uniform(0.52, 1.0, 2) * (max(written.aspect, 0.5), 1)
        cells = [(x - half[0], y - half[1], x + half[0], y + half[1])]
    return Layout(size, [Slot(written, x, y, height)], height, cells)


def _tight(rng: Generator, hands: Hands) -> Layout:
    """A digit closely cut out: its strokes lie near the rim, touch it, or run out of it."""
    written, (low, high) = hands.digit(rng), TIGHT_SIDES
    side = low * (high / low) ** float(rng.random())
    margins = rng.uniform(0.9, 1.35, 2) if rng.random() < 0.6 else np.repeat(rng.uniform(0.9, 1.5), 2)
    width, height = margins * (max(written.aspect, 0.3), 1)
    unit = side / max(width, height)
    x, y = (rng.normal(0, 0.04, 2) * unit).tolist()
    return Layout((max(24, round(height * unit)), max(16, round(width * unit))), [Slot(written, x, y, unit)], unit, [])


def _row(rng: Generator, hands: Hands, count: int, height: float, *, words: bool = False) -> list[Slot]:
    """Side by side around x = 0 and y = 0."""
    spacing, end = rng.uniform(0.02, 0.5) * height, 0.0
    slots: list[Slot] = []
    for _ in range(count):
        written = hands.other(rng) if words else hands.digit(rng)
        if slots and not words and rng.random() < 0.1:
            sign = Written([np.array(SIGNS[rng.integers(len(SIGNS))], np.float32)], None)
            own = height * float(np.ptp(np.concatenate(sign.shape), axis=0).max())
            slots.append(Slot(sign, end + 0.1 * height, height * rng.uniform(-0.1, 0.5), own))
            end += 0.3 * height
        own = height * float(np.exp(rng.normal(0, 0.1)))
        slots.append(Slot(written, end + written.aspect * own / 2, height * rng.normal(0, 0.05), own))
        end += written.aspect * own + spacing * rng.uniform(0.3, 1.5)
    return [slot._replace(x=slot.x - end / 2) for slot in slots]


def _fitting(slots: list[Slot], size: tuple[int, int], unit: float) -> Layout:
    """Reduced as far as they do not fit into the picture."""
    half = max((abs(slot.x) + slot.written.aspect * slot.height / 2 for slot in slots), default=1.0)
    tall = max((abs(slot.y) + slot.height / 2 for slot in slots), default=1.0)
    scale = min(1.0, 0.48 * size[1] / half, 0.48 * size[0] / tall)
    scaled = [Slot(slot.written, slot.x * scale, slot.y * scale, slot.height * scale) for slot in slots]
    return Layout(size, scaled, unit * scale, [])


def _rows(rng: Generator, hands: Hands, size: tuple[int, int]) -> Layout:
    unit = _height(rng, size)
    layout = _moved(rng, _fitting(_row(rng, hands, int(rng.integers(2, MAX_TEXT)), unit), size, unit))
    return _on_lines(rng, layout, layout.unit * rng.uniform(0.3, 2.0))


def _several_rows(rng: Generator, hands: Hands, size: tuple[int, int]) -> Layout:
    unit, lines = 0.6 * _height(rng, size), int(rng.integers(2, 6))
    apart = unit * rng.uniform(1.2, 2.2)
    slots = [
        slot._replace(y=slot.y + apart * (line - lines / 2 + 0.5))
        for line in range(lines)
        for slot in _row(rng, hands, int(rng.integers(1, MAX_TEXT)), unit)
    ]
    return _moved(rng, _fitting(slots, size, unit))


def _on_lines(rng: Generator, layout: Layout, apart: float) -> Layout:
    """Most rows with a line of the paper under them, and its lines so far apart."""
    if not layout.slots or rng.random() > ON_LINES:
        return layout
    foot = float(np.median([slot.y + slot.height / 2 for slot in layout.slots[:3]]))
    return layout._replace(pitch=(apart, rng.uniform(0, apart), foot + layout.unit * rng.normal(0, 0.08)))


def _sheet(rng: Generator, hands: Hands, size: tuple[int, int]) -> Layout:
    """A whole page of small writing: numbers, some words among them, in lines or scattered over them."""
    unit = min(float(rng.uniform(*SMALL)), 0.3 * min(size))
    apart = unit * rng.uniform(1.15, 2.2)
    columns, rows = int(rng.integers(1, 4)), min(int(size[0] / apart), MAX_ROWS)
    ragged = rng.uniform(0, 0.2)
    slots: list[Slot] = []
    for line in range(rows):
        for column in range(columns):
            if rng.random() < 0.15:
                continue
            words = rng.random() < 0.1
            row = _row(rng, hands, int(rng.integers(1, 4 if words else MAX_TEXT)), unit, words=words)
            x = size[1] * ((column + 0.5) / columns - 0.5 + rng.normal(0, ragged / columns))
            y = apart * (line - rows / 2 + 0.5)
            slots += [slot._replace(x=slot.x + x, y=slot.y + y) for slot in row]
    every = rng.choice([1, 1, 2])
    return _on_lines(rng, Layout(size, slots, unit, []), apart / every)


def _squares(rng: Generator, hands: Hands, size: tuple[int, int]) -> Layout:
    """A digit in each square of the paper, or two or three squares tall."""
    tall = int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))
    unit = min(float(rng.uniform(*SMALL)), 0.3 * min(size)) if rng.random() < 0.7 else _height(rng, size) * 0.6
    apart = unit / (tall * rng.uniform(0.7, 1.0))
    x, y = (rng.normal(0, 0.06, 2) * size[::-1]).tolist()
    across = max(tall // 2, 1) * apart
    columns, rows = (max(1, min(int(side), MAX_ROWS)) for side in (0.9 * size[1] / across, 0.9 * size[0] / unit))
    columns, rows = int(rng.integers(1, columns + 1)), int(rng.integers(1, rows // 2 + 2))
    slots = []
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.8:
                written = hands.digit(rng)
                height = min(unit * float(np.exp(rng.normal(0, 0.1))), 1.3 * across / written.aspect)
                aside = rng.normal(0, 0.08, 2) * unit
                middle_x = x + (column - columns // 2 + 0.5) * across + aside[0]
                middle_y = y + (row - rows // 2 + 0.5) * tall * apart + aside[1]
                slots.append(Slot(written, middle_x, middle_y, height))
    return Layout(size, slots, unit, [], pitch=(apart, x, y + (rows // 2) * apart * tall))


def _words(rng: Generator, hands: Hands, size: tuple[int, int]) -> Layout:
    unit, lines = 0.5 * _height(rng, size), int(rng.integers(1, 4))
    slots = [
        slot._replace(y=slot.y + 1.6 * unit * (line - lines / 2 + 0.5))
        for line in range(lines)
        for slot in _row(rng, hands, int(rng.integers(1, 6)), unit, words=rng.random() < 0.8)
    ]
    return _moved(rng, _fitting(slots, size, unit))


def _moved(rng: Generator, layout: Layout) -> Layout:
    """Somewhere else, as far as there is room."""
    x, y = rng.normal(0, 0.08, 2) * layout.size[::-1]
    return layout._replace(slots=[slot._replace(x=slot.x + x, y=slot.y + y) for slot in layout.slots])


def _boxes(rng: Generator, hands: Hands, size: tuple[int, int]) -> Layout:
    """A digit in each box of a row or a table, apart or wall to wall; some of them reach over the sides."""
    columns, rows = int(rng.integers(1, MAX_TEXT + 1)), int(rng.choice([1, 1, 1, 2, 4]))
    aspect, gap = rng.uniform(0.6, 1.3), rng.choice([1.0, rng.uniform(1.05, 1.6)])
    if rng.random() < 0.35:  # small ones
        columns, rows = int(rng.integers(4, 13)), int(rng.integers(1, 10))
    cell = min(0.9 * size[1] / (columns * aspect * gap), 0.9 * size[0] / (rows * gap)) * rng.uniform(0.6, 1)
    cell = max(cell, MIN_HEIGHT)
    fill = rng.uniform(0.4, 1.0)
    x, y = rng.normal(0, 0.04, 2) * size[::-1]
    slots, cells, typed = [], [], []
    font = hands.typed[int(rng.integers(len(hands.typed)))] if hands.typed and rng.random() < TYPED else ()
    for row in range(rows):
        for column in range(columns):
            middle_x = x + (column - columns / 2 + 0.5) * cell * aspect * gap
            middle_y = y + (row - rows / 2 + 0.5) * cell * gap
            half = cell * aspect / 2
            cells.append((middle_x - half, middle_y - cell / 2, middle_x + half, middle_y + cell / 2))
            if font and rng.random() < TYPED_CELLS:
                written = font[int(rng.integers(len(font)))]
                typed.append(Slot(written, middle_x, middle_y, min(fill, 0.7) * cell))
            elif rng.random() < 0.85:
                written = hands.digit(rng)
                height = min(cell * fill * float(np.exp(rng.normal(0, 0.1))), 1.1 * cell * aspect / written.aspect)
                aside = rng.normal(0, 0.06, 2) * cell
                slots.append(Slot(written, middle_x + aside[0], middle_y + aside[1], height))
    return Layout(size, slots, cell * fill, cells, typed)
