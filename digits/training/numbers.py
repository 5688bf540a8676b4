"""Numbers put together from single digits, to measure the reading of numbers: spaced, sized, slanted, touching."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from digits.training import datasets
from digits.training.augment import Ink, draw_strokes
from digits.training.examples import VALIDATION_WRITERS

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
        small = _closely(pictures[place].astype(np.float32) / np.float32(255))
        width = max(1, round(small.shape[1] * height / small.shape[0]))
        enlarged = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(enlarged).clip(0, 1), int(labels[place])

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


def composed(source: Source, rng: Generator, touching: float) -> tuple[NDArray[np.uint8], str]:
    """A number on plain paper.

    Args:
        source: of its digits.
        rng: where the randomness comes from.
        touching: 0..1, how likely each digit is to touch the one before it; else they are apart.

    Returns:
        (height, width) uint8, dark on white or white on black, and the number.

    """
    height = rng.uniform(32, 100)
    slant, rise, spacing = rng.normal(0, 0.15), rng.normal(0, 0.04), rng.uniform(0.05, 0.6)
    row = np.zeros((round(3 * height), 1), np.float32)
    text = ""
    for _ in range(rng.integers(FEWEST, MOST + 1)):
        ink, label = source(rng, round(height * float(np.exp(rng.normal(0, 0.1)))))
        ink = _slanted(ink, slant + rng.normal(0, 0.05))
        base = 2 * height + rise * row.shape[1] + height * rng.normal(0, 0.05)
        top = int(np.clip(base - len(ink), 0, len(row) - len(ink)))
        if rng.random() < touching:
            gap = -1 - round(height * rng.uniform(0, 0.06))
        else:
            gap = max(CLEAR, round(height * spacing * rng.uniform(0.5, 1.5)))
        row = _joined(row, np.pad(ink, ((top, len(row) - top - len(ink)), (0, 0))), gap if text else CLEAR)
        text += str(label)
    margin = round(height * rng.uniform(0.15, 0.8))
    sheet = (255 * np.pad(_closely(row), margin)).astype(np.uint8)
    return sheet if rng.random() < 0.5 else 255 - sheet, text


def _joined(row: Ink, digit: Ink, gap: int) -> Ink:
    """The digit to the right of the row: so many pixels of paper at the narrowest place, or of common ink."""
    left, right = (ink > 0.3 for ink in (row, digit))
    if gap > 0:
        left = ndimage.maximum_filter(left, (2 * CLEAR + 1, 1))
    ends = np.where(left.any(axis=1), left.shape[1] - left[:, ::-1].argmax(axis=1), -(10**6))
    begins = np.where(right.any(axis=1), right.argmax(axis=1), 10**6)
    start = max(int((ends - begins).max()) + gap, 0)
    if not (left.any(axis=1) & right.any(axis=1)).any():
        start = row.shape[1] + gap
    joined = np.zeros((len(row), max(row.shape[1], start + digit.shape[1])), np.float32)
    joined[:, : row.shape[1]] = row
    place = joined[:, start : start + digit.shape[1]]
    np.maximum(place, digit, out=place)
    return joined


def _slanted(ink: Ink, slant: float) -> Ink:
    height = len(ink)
    margin = round(abs(slant) * height / 2) + 1
    shift = slant * (height - 1) / 2
    moved = ndimage.affine_transform(
        np.pad(ink, ((0, 0), (margin, margin))), [[1, 0], [slant, 1]], [0, -shift], order=1
    )
    return _closely(moved)


def _closely(ink: Ink) -> Ink:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
