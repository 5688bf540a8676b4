"""Numbers put together from single digits, to measure the reading of numbers: spaced, sized, slanted, touching."""

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
from digits.data.pen import Ink, box, draw_strokes
from digits.normalise import stroke_width

FEWEST: Final = 2
MOST: Final = 6
"""How many digits a number has."""

CLEAR: Final = 3
"""Pixels of paper that are left at least between digits that do not touch."""

Source = Callable[[Generator, int], tuple[Ink, int]]
"""A random digit of that height in pixels, (height, width) float32 in [0, 1] and cut out closely, and which it is."""


def from_pictures(pictures: NDArray[np.uint8], labels: NDArray[np.int64]) -> Source:
    """Digits of MNIST: (n, 28, 28) uint8 pictures and their (n,) labels."""

    def digit(rng: Generator, height: int) -> tuple[Ink, int]:
        place = rng.integers(len(pictures))
        small = np.pad(_closely(pictures[place].astype(np.float32) / np.float32(255)), 1)
        scale = height / (len(small) - 2)
        size = round(small.shape[1] * scale), round(small.shape[0] * scale)
        enlarged = np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)).clip(0, 1)
        return _closely(np.where(enlarged > 0.02, enlarged, np.float32(0))), int(labels[place])

    return digit


def from_strokes(digits: Sequence[datasets.PenDigit]) -> Source:
    """Pen strokes, drawn with a pen of random width."""

    def digit(rng: Generator, height: int) -> tuple[Ink, int]:
        chosen = digits[int(rng.integers(len(digits)))]
        drawn = _closely(draw_strokes(chosen.strokes, rng.uniform(0.04, 0.14), 4 * height))
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


def composed(source: Source, rng: Generator, touching: float, heights: tuple[float, float] = (32, 100)) -> Composed:
    """A number put together from digits.

    Args:
        source: of its digits.
        rng: where the randomness comes from.
        touching: 0..1, how likely each digit is to touch the one before it; else they are apart.
        heights: of the digits in pixels, from the smallest to the largest.

    """
    height = rng.uniform(*heights)
    slant, rise, spacing = rng.normal(0, 0.15), rng.normal(0, 0.04), rng.uniform(0.05, 0.6)
    digits: list[Ink] = []
    text = ""
    end = 0.0
    for _ in range(rng.integers(FEWEST, MOST + 1)):
        ink, label = source(rng, round(height * float(np.exp(rng.normal(0, 0.1)))))
        ink = _slanted(ink, slant + rng.normal(0, 0.05))
        base = 2 * height + rise * end + height * rng.normal(0, 0.05)
        top = int(np.clip(base - len(ink), 0, 3 * height - len(ink)))
        if rng.random() < touching:
            gap = -1 - round(stroke_width(ink) * rng.uniform(0, 0.5))
        else:
            gap = max(CLEAR, round(height * spacing * rng.uniform(0.5, 1.5)))
        placed = np.pad(ink, ((top, round(3 * height) - top - len(ink)), (0, 0)))
        start = _start(digits[-1], placed, gap) if digits else 0
        digits = [np.pad(each, ((0, 0), (0, max(0, start + placed.shape[1] - each.shape[1])))) for each in digits]
        digits.append(np.pad(placed, ((0, 0), (start, max(0, int(end) - start - placed.shape[1])))))
        end = digits[-1].shape[1]
        text += str(label)
    layers = np.stack(digits)
    row = layers.max(axis=0)
    owners = np.where(row > 0, 1 + layers.argmax(axis=0), 0).astype(np.uint8)
    margin = round(height * rng.uniform(0.15, 0.8))
    within = box(row)
    sheet = np.pad(255 * row[within], margin).astype(np.uint8)
    return Composed(sheet if rng.random() < 0.5 else 255 - sheet, np.pad(owners[within], margin), text)


def _start(before: Ink, digit: Ink, gap: int) -> int:
    """Where the digit begins: at the narrowest place so many pixels behind the one before it, or in its ink."""
    left, right = before > 0.3, digit > 0.3
    if gap > 0:
        left = ndimage.binary_dilation(left, np.ones((2 * CLEAR + 1, 1)))
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
