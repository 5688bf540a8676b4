"""Lines of a table -> with the outer ones that hardly any other reaches: whoever draws a table by hand leaves gaps.

Constants were chosen on made tables by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.number.table_lines import MIN_SPACING, SLACK, Lines

MIN_SURE: Final = 0.0
"""Log odds of an outer line at least."""

MIN_LENGTH: Final = 0.7
"""Length of an outer line by that of the table beside it, at least."""

MAX_SPACING: Final = 2.0
"""Its distance from the next line, by the largest of other lines, at most."""

MAX_GAP: Final = 0.4
"""Part of that distance which is left between a line that crosses and the outer one, at most, for..."""

MIN_REACHING: Final = 0.6
"""...that share of the lines that cross at least."""


def with_outer(family: Lines, crossing: Lines, others: Lines) -> Lines:
    """The lines of one direction, and on both sides those of all curves in the picture to which crossing lines lead."""
    x = family.between(crossing) if len(family.y) > 1 and len(crossing.y) else None
    if x is None:
        return family
    sure = np.flatnonzero(others.sureness >= MIN_SURE).tolist()
    for side, sign in ((0, -1), (-1, 1)):
        while found := [each for each in sure if _is_outer(family, crossing, others, each, side, x)]:
            nearest = int(np.argmin(sign * np.median(others.y[found], axis=1)))
            family = _added(family, others, found[nearest], side)
    return family


def _is_outer(family: Lines, crossing: Lines, others: Lines, each: int, side: int, x: NDArray[np.intp]) -> bool:
    """Whether one of the other curves is a line on that side, 0 or -1, of a family whose crossings span columns x."""
    own = x[(x >= others.first[each]) & (x <= others.last[each])]
    if len(own) < MIN_LENGTH * len(x):
        return False
    sign = -1 if side == 0 else 1
    away = sign * (others.y[each] - family.y[side])
    spacing = float(np.diff(np.median(family.y[:, x], axis=1)).max())
    if away[own].min() < MIN_SPACING or np.median(away[own]) > MAX_SPACING * spacing:
        return False
    height = crossing.y.shape[1]
    middle = int(np.clip(np.median(others.y[each, own]), 0, height - 1))
    at = np.clip(np.rint(crossing.y[:, middle]), 0, family.y.shape[1] - 1).astype(np.intp)
    ends = crossing.first if side == 0 else crossing.last
    gaps = sign * (others.y[each, at] - ends)
    return bool((gaps <= np.maximum(SLACK, MAX_GAP * away[at])).mean() >= MIN_REACHING)


def _added(family: Lines, others: Lines, each: int, side: int) -> Lines:
    place = 0 if side == 0 else len(family.y)
    return family._replace(
        y=np.insert(family.y, place, others.y[each], axis=0),
        first=np.insert(family.first, place, others.first[each]),
        last=np.insert(family.last, place, others.last[each]),
    )
