"""Lines of a regular table -> the faint ones that part its cells at even spacings, told by all of them together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.number.curves import Curves
from digits.number.table_lines import MIN_SPACING, Lines

MAX_UNEVEN: Final = 0.2
"""How far the distance of two lines may be from a whole number of spacings, by one spacing."""

MIN_FITTING: Final = 0.8
"""Share of the distances that fit a spacing at least."""

PARTS: Final = (1, 2, 3)
"""In so many rows, as high as each other, what is as high as most may be parted: a puzzle's thick lines may be all."""

MAX_ROWS: Final = 6
"""Rows between two lines that are found at most."""

ASIDE: Final = 2
"""Pixels within which a line is looked for at its place."""

ELSEWHERE: Final = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Places between two lines, by their spacing, that tell what evidence there is without lines."""

BESIDE: Final = 0.25
"""The same within which a line that is known already, and may be thick, tells nothing."""

QUANTILE: Final = 0.25
"""Quantile of the evidence along a line that counts: what is written lies on less than so much of it."""

MIN_OUT: Final = 1.6
"""Evidence of the lines by the most elsewhere at least, and..."""

MIN_SEEN: Final = 0.02
"""...so much more."""

MIN_ALIKE: Final = 0.3
"""Evidence of the faintest of them by the mean at least."""

MANY: Final = 4
"""Distances of one spacing from which on the usual evidence elsewhere counts instead of the most."""


def divided(family: Lines, crossing: Lines) -> Lines:
    """The lines of a table, and those that are missing between them at even spacings if all of these stand out."""
    if len(family.y) < 2 or len(crossing.y) < 2:
        return family
    x = family.between(crossing)
    if x is None:
        return family
    distances = np.diff(np.median(family.y[:, x], axis=1))
    usual = float(np.median(distances))
    best, most = None, 0.0
    for spacing in sorted({float(distances.min()), *(usual / parts for parts in PARTS)}):
        rows = np.rint(distances / spacing).astype(int)
        fits = (np.abs(distances - rows * spacing) <= MAX_UNEVEN * spacing) & (rows >= 1) & (rows <= MAX_ROWS)
        if spacing < 2 * MIN_SPACING or fits.mean() < MIN_FITTING or not (fits & (rows > 1)).any():
            continue
        wide = np.flatnonzero(fits & (rows > 1))
        lines = _between(family.y, wide, rows, 0.0)
        each = _seen(family, lines[:, x], x)
        seen = float(each.mean())
        if each.min() < MIN_ALIKE * seen:
            continue
        others = [float(_seen(family, _between(family.y, wide, rows, by)[:, x], x).mean()) for by in ELSEWHERE]
        elsewhere = float(np.mean(others)) if np.count_nonzero(rows == 1) >= MANY else max(others)
        if seen - MIN_OUT * elsewhere - MIN_SEEN > most:
            best, most = lines, seen - MIN_OUT * elsewhere - MIN_SEEN
    return family if best is None else family.with_more(best, x)


def _between(y: Curves, wide: NDArray[np.intp], rows: NDArray[np.intp], shift: float) -> Curves:
    """Curves at even spacings between neighbours, moved on by a share of the spacing; none close to the neighbours."""
    found = []
    for upper in wide.tolist():
        steps = np.arange(rows[upper]) + shift
        steps = steps[(steps > BESIDE) & (steps < rows[upper] - BESIDE)]
        shares = (steps / rows[upper]).astype(np.float32)
        found.append(y[upper] + shares[:, None] * (y[upper + 1] - y[upper]))
    return np.concatenate(found)


def _seen(family: Lines, curves: Curves, x: NDArray[np.intp]) -> Curves:
    """(n,) evidence of these curves."""
    rows, height = np.rint(curves).astype(np.intp), len(family.evidence)
    values = [
        np.quantile(family.evidence[np.clip(rows + aside, 0, height - 1), x], QUANTILE, axis=1)
        for aside in range(-ASIDE, ASIDE + 1)
    ]
    return np.asarray(np.max(values, axis=0), np.float32)
