"""Numbers put together from single digits, for training and measuring: spaced, sized, slanted, touching.

How much they vary is set by eye, so that they look like what people write on one line. Spreads are standard deviations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from digits.data import datasets
from digits.data.datasets import VALIDATION_WRITERS
from digits.normalise import stroke_width
from digits.pen import Ink, box, draw_strokes

MIN_DIGITS: Final = 2
MAX_DIGITS: Final = 6
"""How many digits a number has."""

MIN_GAP: Final = 3
"""Pixels of paper that are left at least between digits that do not touch."""

HEIGHTS: Final = (32.0, 100.0)
"""Pixels of the smallest and the largest digits."""

SPACINGS: Final = (0.05, 0.6)
"""Narrowest and widest usual gap of a number, as shares of its digits' height; each gap is half to one and a half."""

SLANT: Final = 0.15
DIGIT_SLANT: Final = 0.05
"""Spread of a number's slant, and of each of its digits' beside that: width over height."""

RISE: Final = 0.04
"""Spread of the slope of the line on which a number stands."""

BASE: Final = 0.05
"""Spread of how far a digit stands above or below its line, as a share of the height."""

SIZE: Final = 0.1
"""Spread of the logarithm of a digit's height within its number."""

OVERLAP: Final = 0.5
"""Touching digits reach into each other by up to this share of the stroke's width, and by a pixel at least."""

MARGINS: Final = (0.15, 0.8)
"""Paper around a number, as shares of its digits' height."""

PENS: Final = (0.04, 0.14)
"""Width of the pen that draws strokes, as shares of the digit's longer side."""

MIN_INK: Final = 0.02
"""Ink below it, 0..1, is what enlarging left around a stroke."""

STROKE: Final = 0.3
"""Ink, 0..1, from which a pixel belongs to a stroke where digits are put beside each other."""

Source = Callable[[Generator, int], tuple[Ink, int]]
"""A random digit of that height in pixels, (height, width) float32 in [0, 1] and cut out closely, and which it is."""


def from_pictures(pictures: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], labels: NDArray[np.int64]) -> Source:
    """Pictures of digits, white on black and of any size, as MNIST's, and their (n,) labels."""

    def digit(rng: Generator, height: int) -> tuple[Ink, int]:
        index = int(rng.integers(len(pictures)))
        small = np.pad(_closely(pictures[index].astype(np.float32) / np.float32(255)), 1)
        scale = height / (len(small) - 2)
        size = round(small.shape[1] * scale), round(small.shape[0] * scale)
        enlarged = np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)).clip(0, 1)
        return _closely(np.where(enlarged > MIN_INK, enlarged, np.float32(0))), int(labels[index])

    return digit


def from_strokes(digits: Sequence[datasets.PenDigit], pens: tuple[float, float] = PENS) -> Source:
    """Pen strokes, drawn with pens of random width, from and to, as shares of the digit's longer side."""

    def digit(rng: Generator, height: int) -> tuple[Ink, int]:
        chosen = digits[int(rng.integers(len(digits)))]
        drawn = _closely(draw_strokes(chosen.strokes, rng.uniform(*pens), 4 * height))
        width = max(1, round(drawn.shape[1] * height / drawn.shape[0]))
        return np.asarray(Image.fromarray(drawn).resize((width, height), Image.Resampling.BOX)), chosen.label

    return digit


def kept_out_writers() -> Source:
    """Pen strokes of the writers that are kept out of training."""
    return from_strokes([digit for digit in datasets.pendigits() if digit.writer in VALIDATION_WRITERS])


@dataclass(frozen=True)
class Composed:
    """A number on plain paper.

    Attributes:
        picture: (height, width) uint8, dark on white or white on black.
        owners: (height, width) uint8, which digit's ink it is, counted from 1; 0 where there is none.
        text: the number.

    """

    picture: NDArray[np.uint8]
    owners: NDArray[np.uint8]
    text: str


def composed(source: Source, rng: Generator, touching: float, heights: tuple[float, float] = HEIGHTS) -> Composed:
    """A number put together from digits.

    Args:
        source: of its digits.
        rng: where the randomness comes from.
        touching: 0..1, how likely each digit is to touch the one before it; else they are apart.
        heights: of the digits in pixels, from the smallest to the largest.

    """
    height = rng.uniform(*heights)
    slant, rise, spacing = rng.normal(0, SLANT), rng.normal(0, RISE), rng.uniform(*SPACINGS)
    digits: list[Ink] = []
    text = ""
    end = 0.0
    for _ in range(rng.integers(MIN_DIGITS, MAX_DIGITS + 1)):
        ink, label = source(rng, round(height * float(np.exp(rng.normal(0, SIZE)))))
        ink = _slanted(ink, slant + rng.normal(0, DIGIT_SLANT))
        base = 2 * height + rise * end + height * rng.normal(0, BASE)
        top = int(np.clip(base - len(ink), 0, 3 * height - len(ink)))
        if rng.random() < touching:
            gap = -1 - round(stroke_width(ink) * rng.uniform(0, OVERLAP))
        else:
            gap = max(MIN_GAP, round(height * spacing * rng.uniform(0.5, 1.5)))
        placed = np.pad(ink, ((top, round(3 * height) - top - len(ink)), (0, 0)))
        start = _start(digits[-1], placed, gap) if digits else 0
        digits = [np.pad(each, ((0, 0), (0, max(0, start + placed.shape[1] - each.shape[1])))) for each in digits]
        digits.append(np.pad(placed, ((0, 0), (start, max(0, int(end) - start - placed.shape[1])))))
        end = digits[-1].shape[1]
        text += str(label)
    layers = np.stack(digits)
    row = layers.max(axis=0)
    owners = np.where(row > 0, 1 + layers.argmax(axis=0), 0).astype(np.uint8)
    margin = round(height * rng.uniform(*MARGINS))
    within = box(row)
    sheet = np.pad(255 * row[within], margin).astype(np.uint8)
    return Composed(sheet if rng.random() < 0.5 else 255 - sheet, np.pad(owners[within], margin), text)


def _start(before: Ink, digit: Ink, gap: int) -> int:
    """Where the digit begins: at the narrowest place so many pixels behind the one before it, or in its ink."""
    left, right = before > STROKE, digit > STROKE
    if gap > 0:
        left = ndimage.binary_dilation(left, np.ones((2 * MIN_GAP + 1, 1)))
    beside = left.any(axis=1) & right.any(axis=1)
    if not beside.any():
        return len(before[0]) + gap
    ends = len(left[0]) - left[beside, ::-1].argmax(axis=1)
    narrowest = int(np.max(ends - right[beside].argmax(axis=1)))
    return max(narrowest + gap, 0)


def _slanted(ink: Ink, slant: float) -> Ink:
    height = len(ink)
    margin = round(abs(slant) * height / 2) + 1
    shift = slant * (height - 1) / 2
    moved = ndimage.affine_transform(
        np.pad(ink, ((0, 0), (margin, margin))), [[1, 0], [slant, 1]], [0, -shift], order=1
    )
    return _closely(moved)


def _closely(ink: Ink) -> Ink:
    return ink[box(ink)]
