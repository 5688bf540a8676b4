"""Ruled and squared paper: find the printed lines and take them out without cutting the strokes that cross them.

A printed line runs through the whole picture; a stroke does not. So a row of pixels, turned by the paper's angle,
belongs to a line when its ink is present in every quarter of the picture's width; its darkness there is the line's,
and what is darker is a stroke that crosses it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Grey = NDArray[np.float32]

LARGEST_TURN: Final = 10.0
"""Degrees by which the paper may be turned."""

SMALLEST_SIDE: Final = 24
"""Side in pixels below which no ruling is looked for."""


def ruling(values: Grey) -> Grey:
    """Darkness of the printed lines.

    Args:
        values: (height, width) float32, contrast of ink and ruling to the paper, 0 for paper.

    Returns:
        (height, width) float32, 0 where no line is.

    """
    return np.maximum(_level_lines(values), _level_lines(values.T).T)


def without_ruling(values: Grey, lines: Grey) -> Grey:
    """`values` with the lines subtracted, and strokes closed where a line crossed them."""
    left = values - 1.2 * lines
    closed = ndimage.grey_closing(left, (5, 5))
    return np.where(lines > 0.2 * lines.max(), np.maximum(left, 0.9 * closed), left)


def _level_lines(values: Grey) -> Grey:
    if min(values.shape) < SMALLEST_SIDE:
        return np.zeros_like(values)
    slope = _slope(values)
    sheared = ndimage.maximum_filter1d(_sheared(values, slope), 3, axis=0)
    width = values.shape[1]
    marks = np.stack([np.quantile(quarter, 0.4, axis=1) for quarter in np.array_split(sheared, 4, axis=1)], axis=1)
    marks = np.clip(marks - np.median(marks, axis=0), 0, None)
    everywhere = ndimage.maximum_filter1d(marks, 3, axis=0).min(axis=1)
    marks *= (everywhere > 0.25 * marks.mean(axis=1))[:, None]
    place = np.clip(np.arange(width) / width * 4 - 0.5, 0, 3)
    quarter = np.minimum(place.astype(np.intp), 2)
    share = place - quarter
    lines = marks[:, quarter] * (1 - share) + marks[:, quarter + 1] * share
    return _sheared(lines.astype(np.float32), -slope)


def _slope(values: Grey) -> float:
    """Slope of the lines: the one that gathers the most darkness in few rows."""
    step = max(1, max(values.shape) // 128)
    coarse = ndimage.uniform_filter(values, step)[step // 2 :: step, step // 2 :: step] if step > 1 else values
    middle = round(0.4 * coarse.shape[1])

    def gathered(slope: float) -> float:
        rows = np.partition(_sheared(coarse, slope), middle, axis=1)[:, middle]
        return float((np.clip(rows, 0, None) ** 2).sum())

    def degrees(*span: float) -> list[float]:
        return [float(slope) for slope in np.tan(np.deg2rad(np.arange(*span)))]

    best = max(degrees(-LARGEST_TURN, LARGEST_TURN + 1, 1.0), key=gathered)
    return max((best + nudge for nudge in degrees(-0.75, 1, 0.25)), key=gathered)


def _sheared(values: Grey, slope: float) -> Grey:
    """Each column rolled upwards by `slope` times its distance from the middle."""
    height, width = values.shape
    shift = np.rint((np.arange(width) - width / 2) * slope).astype(np.intp)
    rows = (np.arange(height)[:, None] + shift) % height
    return np.asarray(values[rows, np.arange(width)])
