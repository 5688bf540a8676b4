"""Lines of a table -> how they run between their crossings: straight, or bent, as by hand.

Constants were chosen on made tables by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey, Mask
from digits.number.table_lines import Lines

REACH: Final = 12
"""Pixels up and down within which a line is looked for at most, and..."""

ROOM: Final = 0.2
"""...by the room between lines."""

STEP: Final = 4
"""Pixels along a line in which it may go a pixel up or down."""

NEAR: Final = 3
"""Pixels around a line within which is told how strong it is; strokes that cross it and are stronger by..."""

MAX_STRONGER: Final = 1.3
"""...this much count for no more."""

ASIDE: Final = 0.06
"""What a line's evidence, by its strength, must be higher for each pixel farther away, and..."""

BEND: Final = 0.15
"""...for each pixel up or down in a step."""

MIN_GAIN: Final = 0.05
"""Evidence, by the line's strength, that a bent line has more than a straight one in the mean."""


def straight_or_bent(family: Lines, at: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Lines, Mask]:
    """Each line straight from crossing to crossing, (n, m) columns and y there, or bent where that fits better.

    Returns:
        The lines, and (n,) whether each is bent.

    """
    ends = np.rint(at[:, [0, -1]]).astype(np.intp).clip(0, family.y.shape[1] - 1)
    family = family._replace(first=np.minimum(family.first, ends[:, 0]), last=np.maximum(family.last, ends[:, 1]))
    strength = _strength(family)
    straight, bent = _straight(family, at, y), _bent(family, strength)
    fits_better = _fit(bent, strength) > _fit(straight, strength) + MIN_GAIN
    return family._replace(y=np.where(fits_better[:, None], bent.y, straight.y)), fits_better


def _straight(family: Lines, at: NDArray[np.float64], y: NDArray[np.float64]) -> Lines:
    columns = np.arange(family.y.shape[1])
    runs = family.y.copy()
    for run, places, heights in zip(runs, at, y, strict=True):
        within = (columns >= places[0]) & (columns <= places[-1])
        run[within] = np.interp(columns[within], places, heights)
    return family._replace(y=runs)


def _bent(family: Lines, strength: Grey) -> Lines:
    """Each in each column where the evidence of it is highest and that is not far from the next; rims as they are."""
    room = float(np.diff(np.median(family.y, axis=1)).min())
    reach = int(min(REACH, ROOM * room))
    if reach < 1:
        return family
    x, offsets = np.arange(0, family.y.shape[1], STEP), np.arange(-reach, reach + 1)
    gain = np.minimum(_around(family, x, offsets) / strength[..., None], MAX_STRONGER) - ASIDE * np.abs(offsets)
    there = (x >= family.first[:, None]) & (x <= family.last[:, None])
    moves = offsets[_path(np.where(there[..., None], gain, 0))]
    columns = np.arange(family.y.shape[1])
    moved = family.y + np.stack([np.interp(columns, x, of_line) for of_line in moves])
    for place, is_rim in zip((0, -1), family.at_rim, strict=True):
        if is_rim:
            moved[place] = family.y[place]
    return family._replace(y=moved.astype(np.float32))


def _around(family: Lines, x: NDArray[np.intp], offsets: NDArray[np.intp]) -> Grey:
    """(n, columns, offsets) evidence so many pixels below each line."""
    rows = np.rint(family.y[:, x]).astype(np.intp)[..., None] + offsets
    return np.asarray(family.evidence[np.clip(rows, 0, len(family.evidence) - 1), x[:, None]], np.float32)


def _strength(family: Lines) -> Grey:
    """(n, 1) evidence of each line in the median."""
    x = np.arange(0, family.y.shape[1], STEP)
    there = (x >= family.first[:, None]) & (x <= family.last[:, None])
    most = _around(family, x, np.arange(-NEAR, NEAR + 1)).max(axis=2)
    strength: Grey = np.maximum(np.nanmedian(np.where(there, most, np.nan), axis=1), 1e-3).astype(np.float32)
    return strength[:, None]


def _fit(lines: Lines, strength: Grey) -> NDArray[np.float64]:
    """(n,) mean evidence along each line by its strength, (n, 1), which it does not exceed."""
    shares = np.minimum(lines.along(lines.y) / strength, 1)
    spans = zip(shares, lines.first.tolist(), lines.last.tolist(), strict=True)
    return np.array([of_line[first : last + 1].mean() for of_line, first, last in spans])


def _path(gain: Grey) -> NDArray[np.intp]:
    """(n, m) which of k places is taken in each of m steps, (n, m, k) their gains, so that the sum is highest."""
    count, steps, places = gain.shape
    total = gain[:, 0].copy()
    came = np.zeros(gain.shape, np.int8)
    for step in range(1, steps):
        before = np.full((3, count, places), -np.inf)
        before[0, :, 1:], before[1], before[2, :, :-1] = total[:, :-1] - BEND, total, total[:, 1:] - BEND
        best = before.argmax(axis=0)
        came[:, step] = best - 1
        total = np.take_along_axis(before, best[None], axis=0)[0] + gain[:, step]
    path = np.zeros((count, steps), np.intp)
    each = np.arange(count)
    path[:, -1] = total.argmax(axis=1)
    for step in range(steps - 1, 0, -1):
        path[:, step - 1] = path[:, step] + came[each, step, path[:, step]]
    return path
