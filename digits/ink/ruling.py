"""Ruled and squared paper: find the printed lines and take them out without cutting the strokes that cross them.

A printed line runs through the whole picture; a stroke does not. So a row of pixels, turned by the paper's angle,
belongs to a line when its ink is present in every quarter of the picture's width; its darkness there is the line's,
and what is darker is a stroke that crosses it.

Constants were set by hand, with an eye on made photographs of ruled, squared and dotted paper and on the developers'
real photographs (docs/notebook.md, "Picture to ink").
"""

from typing import Final

import cv2
import numpy as np

from digits.ink.components import Grey
from digits.ink.filters import highest_of_three

MAX_TURN: Final = 10.0
"""Degrees by which the paper may be turned."""

TURN_STEP: Final = 1.0
"""Degrees between the angles that are tried first, and..."""

FINE_TURN_STEP: Final = 0.25
"""...between those that are tried around the best of them."""

SLOPE_SIDE: Final = 128
"""Pixels a side, about, at which the angle is looked for."""

MIN_RULED_SIDE: Final = 24
"""Pixels a side below which no ruling is looked for."""

SECTIONS: Final = 4
"""So many parts of its row must a line be present in."""

LINE_QUANTILE: Final = 0.4
"""Quantile of the contrast along a section that stands for the line's darkness there: dotted lines have gaps, and a
stroke covers less than half of a section."""

SLOPE_QUANTILE: Final = 0.4
"""Index by the row's length of the pixel, in order of darkness, that tells whether a row at some angle is a line."""

MIN_SECTION_DARKNESS: Final = 0.25
"""Darkness of a line in its faintest section, by its mean over the sections."""

LINE_WEIGHT: Final = 1.2
"""So many times its darkness is a line subtracted, as it is not equally dark all along."""

MIN_LINE_SHARE: Final = 0.2
"""Share of the darkest line's darkness from which on a pixel lies on a line."""

CLOSING: Final = 5
"""Pixels a side of the grey closing that mends strokes where a line crossed them, and..."""

CLOSED_WEIGHT: Final = 0.9
"""...share of what it finds that counts."""


def ruling(values: Grey) -> Grey:
    """Darkness of the printed lines.

    Args:
        values: (height, width) float32, contrast of ink and ruling to the paper, 0 for paper.

    Returns:
        (height, width) float32, 0 where no line is.

    """
    return np.maximum(_level_lines(values), _level_lines(values.T).T)


def without_ruling(values: Grey, lines: Grey) -> Grey:
    """`values` with the lines subtracted, and strokes closed where a line crossed them; all (height, width) float32."""
    left = values - LINE_WEIGHT * lines
    closed = cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ones((CLOSING, CLOSING), np.uint8))
    return np.where(lines > MIN_LINE_SHARE * lines.max(), np.maximum(left, CLOSED_WEIGHT * closed), left)


def _level_lines(values: Grey) -> Grey:
    if min(values.shape) < MIN_RULED_SIDE:
        return np.zeros_like(values)
    slope = _slope(values)
    sheared = highest_of_three(_sheared(values, slope))
    width = values.shape[1]
    sections = np.array_split(sheared, SECTIONS, axis=1)
    marks = np.stack([np.quantile(section, LINE_QUANTILE, axis=1) for section in sections], axis=1)
    marks = np.clip(marks - np.median(marks, axis=0), 0, None)
    everywhere = highest_of_three(marks).min(axis=1)
    marks *= (everywhere > MIN_SECTION_DARKNESS * marks.mean(axis=1))[:, None]
    place = np.clip(np.arange(width) / width * SECTIONS - 0.5, 0, SECTIONS - 1).astype(np.float32)
    section = np.minimum(place.astype(np.intp), SECTIONS - 2)
    share = place - section.astype(np.float32)
    lines = marks[:, section] * (1 - share) + marks[:, section + 1] * share
    return _sheared(lines.astype(np.float32), -slope)


def _slope(values: Grey) -> float:
    """Slope of the lines: the one that gathers the most darkness in few rows."""
    step = max(1, max(values.shape) // SLOPE_SIDE)
    means = np.asarray(cv2.blur(values, (step, step), borderType=cv2.BORDER_REFLECT), np.float32)
    coarse = means[step // 2 :: step, step // 2 :: step]
    middle = round(SLOPE_QUANTILE * coarse.shape[1])

    def gathered(slope: float) -> float:
        rows = np.partition(_sheared(coarse, slope), middle, axis=1)[:, middle]
        return float((np.clip(rows, 0, None) ** 2).sum())

    def slopes(first: float, behind: float, step: float) -> list[float]:
        return [float(slope) for slope in np.tan(np.deg2rad(np.arange(first, behind, step)))]

    best = max(slopes(-MAX_TURN, MAX_TURN + TURN_STEP, TURN_STEP), key=gathered)
    nudges = slopes(FINE_TURN_STEP - TURN_STEP, TURN_STEP, FINE_TURN_STEP)
    return max((best + nudge for nudge in nudges), key=gathered)


def _sheared(values: Grey, slope: float) -> Grey:
    """Each column rolled upwards by `slope` times its distance from the middle."""
    height, width = values.shape
    shift = np.rint((np.arange(width) - width / 2) * slope).astype(np.intp)
    rows = (np.arange(height)[:, None] + shift) % height
    return np.asarray(values[rows, np.arange(width)])
