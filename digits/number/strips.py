"""Upright lines that run through the picture from rim to rim -> the boxes of a row cut off above and below.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.number.curves import Curves
from digits.number.table_lines import MIN_SPACING, Lines, apart

MIN_LINES: Final = 3

MIN_SURE: Final = 0.0
"""Log odds of a line at least."""

MAX_SHORT: Final = 0.06
"""How far a line may end from the rim, by the picture's height, and..."""

MAX_BENT: Final = 0.03
"""...how far it may be from straight."""

MIN_WIDE: Final = 0.75
"""Distance of lines by the widest from which on it is a box's width and no room between boxes."""

MAX_UNEVEN: Final = 0.15
"""Difference of a box's width from the others', by theirs, at most."""

MAX_HIGH: Final = 2.5
"""The picture's height by the boxes' width at most."""

MIN_INKED: Final = 0.5
"""Evidence from which on something is written between lines, if it is..."""

MIN_WRITTEN: Final = 0.3
"""...so high, by the picture's height."""

RIM: Final = 0.05
"""Share of the height within which what is written reaches the rim: digits cut out tightly reach both rims, and of
those in boxes fewer than..."""

MAX_REACHING: Final = 0.5
"""...this share."""


def strip(upright: Lines, rims: tuple[Curves, Curves], evidence: Grey) -> tuple[Lines, Lines] | None:
    """The picture's upper and lower rim and the upright lines; None where these are no sides of boxes.

    Args:
        upright: curves about from top to bottom, turned by a right angle.
        rims: (2, width) y of the picture's upper and lower rim, and (2, height) x of its left and right one.
        evidence: (height, width) float32, of lines and of what is written.

    """
    if len(upright.y) < MIN_LINES:
        return None
    lines = apart(upright.chosen(np.flatnonzero(_run_through(upright, rims[0]))))
    lines = _without_strokes(lines) if len(lines.y) >= MIN_LINES else lines
    if len(lines.y) < MIN_LINES:
        return None
    distances = np.diff(np.median(lines.y, axis=1))
    is_wide = distances >= MIN_WIDE * distances.max(initial=0)
    wide, narrow = distances[is_wide], distances[~is_wide]
    usual, height = float(np.median(wide)), float(np.ptp(np.median(rims[0], axis=1)))
    if len(wide) < MIN_LINES - 1 or height > MAX_HIGH * usual:
        return None
    if np.abs(wide - usual).max() > MAX_UNEVEN * usual or (len(narrow) and np.ptp(narrow) > MAX_UNEVEN * usual):
        return None
    if not _are_boxes(lines, rims[0], evidence):
        return None
    width = rims[0].shape[1]
    ends = np.zeros(2, np.intp), np.full(2, width - 1)
    level = Lines(rims[0], *ends, np.zeros((upright.y.shape[1], width), np.float32), (True, True))
    return level, lines


def _without_strokes(lines: Lines) -> Lines:
    """The lines without those that part a box: an upright 1."""
    distances = np.diff(np.median(lines.y, axis=1))
    wide = distances[distances >= MIN_WIDE * distances.max(initial=0)]
    usual = float(np.median(wide)) if len(wide) else 0.0
    fits = np.abs(distances - usual) <= MAX_UNEVEN * usual
    parts = ~fits[:-1] & ~fits[1:] & (np.abs(distances[:-1] + distances[1:] - usual) <= MAX_UNEVEN * usual)
    return lines.chosen(np.flatnonzero(np.concatenate([[True], ~parts, [True]])))


def _run_through(upright: Lines, rims: Curves) -> NDArray[np.bool_]:
    """(n,) which curves are straight lines from rim to rim."""
    middle = np.clip(np.rint(np.median(upright.y, axis=1)), 0, rims.shape[1] - 1).astype(np.intp)
    top, bottom = rims[0][middle], rims[1][middle]
    slack = MAX_SHORT * (bottom - top) + 1
    through = (upright.first <= top + slack) & (upright.last >= bottom - slack)
    sure = (upright.sureness >= MIN_SURE) & (bottom - top > 2 * MIN_SPACING)
    bent = np.zeros(len(through))
    for place in np.flatnonzero(through & sure).tolist():
        x = np.arange(upright.first[place], upright.last[place] + 1)
        y = upright.y[place, x]
        bent[place] = np.abs(y - np.polyval(np.polyfit(x, y, 1), x)).max()
    straight = bent <= np.maximum(MAX_BENT * (bottom - top), 1.5)
    return np.asarray(through & straight & sure, np.bool_)


def _are_boxes(lines: Lines, rims: Curves, evidence: Grey) -> bool:
    """Whether something stands between the lines, and most of it does not reach from rim to rim as a line does."""
    written = reaching = 0
    for left, right in itertools.pairwise(np.median(lines.y, axis=1).astype(int).tolist()):
        aside = min(MIN_SPACING, (right - left) // 4)
        if right - left <= 2 * aside:
            continue
        inner = slice(left + aside, right - aside)
        top, bottom = int(rims[0][inner].max()), int(rims[1][inner].min())
        rows = np.flatnonzero((evidence[top : bottom + 1, inner] > MIN_INKED).sum(axis=1) > 1) / max(bottom - top, 1)
        if len(rows) and np.ptp(rows) >= MIN_WRITTEN:
            written += 1
            reaching += bool(rows[0] < RIM and rows[-1] > 1 - RIM)
    return written > 0 and reaching <= MAX_REACHING * written
