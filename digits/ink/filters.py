"""Filters of grey pictures by OpenCV, as SciPy has them: a picture goes on beyond its rim as in a mirror.

What recognises imports nothing of SciPy, which takes as long as all the rest and 30 MB of each process.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey

TRUNCATED: Final = 4.0
"""Standard deviations from which on a Gaussian counts as 0."""

MEDIAN_TO_DEVIATION: Final = 1.4826
"""Standard deviation of normal noise by its median absolute value."""


def noise_deviation(noise: NDArray[np.floating]) -> float:
    """Standard deviation about zero of normal noise, by its median absolute value, which ink in it hardly changes."""
    return MEDIAN_TO_DEVIATION * float(np.median(np.abs(noise)))


def smoothed(values: Grey, deviation: float) -> Grey:
    """(height, width) float32 smoothed by a Gaussian of this standard deviation in pixels."""
    side = 2 * _radius(deviation) + 1
    return np.asarray(cv2.GaussianBlur(values, (side, side), deviation, borderType=cv2.BORDER_REFLECT))


def gradient_magnitude(values: Grey, deviation: float) -> Grey:
    """How steeply (height, width) float32 rises at each pixel, after it was smoothed."""
    radius = _radius(deviation)
    smooth = cv2.getGaussianKernel(2 * radius + 1, deviation)
    slope = smooth * np.arange(-radius, radius + 1)[:, None] / deviation**2
    right = cv2.sepFilter2D(values, cv2.CV_32F, slope, smooth, borderType=cv2.BORDER_REFLECT)
    down = cv2.sepFilter2D(values, cv2.CV_32F, smooth, slope, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.magnitude(right, down))


def white_top_hat(values: Grey, side: int) -> Grey:
    """What is brighter than its surroundings and narrower than so many pixels, (height, width) float32."""
    square = np.ones((side, side), np.uint8)
    middle, other = side // 2, side - 1 - side // 2
    lowest = cv2.erode(values, square, anchor=(middle, middle))
    return np.asarray(values - cv2.dilate(lowest, square, anchor=(other, other)))


def highest_of_three(values: Grey) -> Grey:
    """The highest of each pixel and those above and below it, (height, width) float32."""
    return np.asarray(cv2.dilate(values, np.ones((3, 1), np.uint8)))


def _radius(deviation: float) -> int:
    return int(TRUNCATED * deviation + 0.5)
