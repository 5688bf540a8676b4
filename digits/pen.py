"""Pen strokes -> ink: drawn with a round pen of any width, for training as for callers who send strokes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

CANVAS: Final = 56
"""Side in pixels of the pictures that are distorted: twice MNIST's, so that strokes keep their shape."""

FILLED: Final = 0.7
"""Share of the picture's side that a drawing takes, so that a broad pen and some turning keep it inside."""

DIGIT_PEN: Final = 0.06
"""Width of the pen that draws the digits of callers, as a share of a digit's longer side. Of digits by writers who are
kept out 99.4 to 99.8 % are read with any from 0.05 to 0.1."""

DIGIT_SIDE: Final = 280
"""Pixels of a drawing for each digit, as the page's canvas has: of 112, a dot is taken for a zero."""

MAX_DRAWING_SIDE: Final = 1024
"""Pixels a side of a drawing of many digits: as many as are looked at for a number."""

STROKES_OF_FULL_SIZE: Final = 0.75
"""Of strokes by their longer sides the one at this quantile is as large as a digit; dots and bars are less."""

MIN_ROUND_PEN: Final = 2
"""Pixels of a pen's width above which the ends of its lines are rounded."""

Ink = NDArray[np.float32]
"""(height, width) float32 in [0, 1]."""

Strokes = list[NDArray[np.float32]]
"""(n, 2) points each, x to the right, y downwards."""


@dataclass(frozen=True)
class PenSample:
    """Something written, as its pen moved.

    Attributes:
        strokes: (n, 2) float32 points each, x to the right, y downwards.
        label: what it is: a digit, a letter, a sign, a word or a number.
        writer: name of the person who wrote it.

    """

    strokes: Strokes
    label: str
    writer: str


def draw_strokes(strokes: Strokes, width: float, side: int = 2 * CANVAS) -> Ink:
    """Draw pen strokes with a round pen.

    Args:
        strokes: (n, 2) points each, x to the right, y downwards, any unit.
        width: of the pen, as a share of the drawing's longer side.
        side: of the picture in pixels.

    Returns:
        (side, side) float32 in [0, 1].

    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    pen = max(width * FILLED * side, 1.0)
    scale = (FILLED * side) / max(float((high - low).max()), 1e-3)
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        placed = (stroke - (low + high) / 2) * scale + side / 2
        draw.line([(float(x), float(y)) for x, y in placed], fill=255, width=round(pen))
        if pen > MIN_ROUND_PEN:
            for x, y in placed:
                draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(image, np.float32) / np.float32(255)


def drawing(strokes: Sequence[Sequence[Sequence[float]]], has_many: bool) -> NDArray[np.uint8]:
    """A drawing by strokes as a picture, white on black; empty where there are no points.

    Args:
        strokes: lists of points (x, y), x to the right, y downwards, any unit; a stroke may be empty.
        has_many: whether it may have several digits; else all of it is one.

    Returns:
        (side, side) uint8, at most `MAX_DRAWING_SIDE` pixels a side.

    """
    lines = [np.asarray(stroke, np.float64) for stroke in strokes if len(stroke)]
    if not lines:
        return np.zeros((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    points = np.concatenate(lines)
    low, longest = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1e-9)
    digit = longest
    if has_many:
        sides = [float(np.ptp(line, axis=0).max()) for line in lines]
        digit = float(np.quantile(sides, STROKES_OF_FULL_SIZE)) or longest
    side = round(min(DIGIT_SIDE * longest / digit, MAX_DRAWING_SIDE))
    placed = [((line - low) / longest).astype(np.float32) for line in lines]
    return (255 * draw_strokes(placed, DIGIT_PEN * digit / longest, side)).astype(np.uint8)


def box(ink: NDArray[np.generic]) -> tuple[slice, slice]:
    """Rows and columns between the first and the last that have ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
