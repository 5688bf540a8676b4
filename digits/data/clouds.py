"""Smooth noise, and with it how a hand presses a pen: set by eye."""

from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from digits.pen import Ink

PRESSED: Final = (0.15, 0.4)
"""Length, by a digit's height, of the parts of a stroke in which a hand presses alike, from and to."""


def cloud(rng: Generator, height: int, width: int, grain: float) -> Ink:
    """(height, width) float32 noise of mean 0 and deviation of about 1 whose spots are `grain` pixels or more wide."""
    rows, columns = (max(2, round(side / max(grain, 1.0)) + 1) for side in (height, width))
    coarse = rng.standard_normal((rows, columns), np.float32)
    if grain <= 1:
        return coarse[:height, :width]
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def pressed(shape: tuple[int, ...], fading: float, height: float, rng: Generator) -> Ink:
    """Share of the ink that a hand leaves which presses now more, now less: (height, width) float32 in [0, 1].

    Args:
        shape: height and width of the sheet in pixels.
        fading: 0..1, how much fainter it is where the hand presses least.
        height: of a digit of this hand in pixels.
        rng: where the randomness comes from.

    """
    rows, columns = shape
    pressure = np.clip(0.5 + 0.4 * cloud(rng, rows, columns, max(2.0, height * rng.uniform(*PRESSED))), 0, 1)
    return np.asarray(1 - fading * (1 - pressure), np.float32)
