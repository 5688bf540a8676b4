"""Lines of a table -> those that are none: curves through digits that stand in a row or below each other.

Such a curve is crooked beside the others, as broad as strokes, and unevenly dark. Lines drawn by hand are crooked too,
but narrow. Chosen on made tables by writers kept out of training (docs/notebook.md, "Large sheets").
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.number.curves import Curves
from digits.number.table_lines import Lines

MIN_FAMILY: Final = 4
"""Lines of one direction from which on those beside one, so many..."""

NEAREST: Final = 3
"""...on each side, tell that it is crooked: it is away from how these run (root of the mean square) by..."""

GOOD: Final = 0.35
"""Share of the lines that are surely lines, as there may be a curve through digits between any two, and..."""

CROOKED: Final = 2.0
"""...so many times what is usual at least, and..."""

MIN_CROOKED: Final = 0.6
"""...so many pixels."""

MIN_COLUMNS: Final = 16
"""Columns of a curve that tell how it runs, at least."""

UNEVEN: Final = 0.95
"""How even the evidence along it is, by what is usual, at most, and..."""

BROAD: Final = 1.35
"""...how broad it is, by the same, at least."""


def without_crooked(family: Lines, crossing: Lines, breadths: NDArray[np.float64]) -> Lines:
    """The lines of one direction without curves through digits.

    Args:
        family: of the lines, in their order.
        crossing: the lines of the other direction.
        breadths: (n,) of the family in pixels.

    """
    x = family.between(crossing) if len(family.y) >= MIN_FAMILY and len(crossing.y) else None
    if x is None:
        return family
    parts = [x[(x >= first) & (x <= last)] for first, last in zip(family.first, family.last, strict=True)]
    aside = np.array([_aside(family.y, each, part) for each, part in enumerate(parts)])
    even = np.array([_evenness(family.along(family.y[[each]])[0, part]) for each, part in enumerate(parts)])
    crooked = aside > max(CROOKED * float(np.quantile(aside, GOOD)), MIN_CROOKED)
    uneven = even < UNEVEN * np.quantile(even, 1 - GOOD)
    broad = breadths > BROAD * np.quantile(breadths, GOOD)
    return family.chosen(np.flatnonzero(~(crooked & uneven & broad)))


def _aside(curves: Curves, each: int, x: NDArray[np.intp]) -> float:
    """How far a curve is from how those beside it run in these columns, wherever and at whatever slope."""
    if len(x) < MIN_COLUMNS:
        return 0.0
    around = _levelled(curves[max(each - NEAREST, 0) : each + NEAREST + 1][:, x].astype(np.float64))
    own = _levelled(curves[[each]][:, x].astype(np.float64))
    return float(np.sqrt(np.square(_levelled(own - np.median(around, axis=0))).mean()))


def _evenness(values: Grey) -> float:
    """How even the evidence along a curve is, up to 1."""
    middle = float(np.median(values)) if len(values) else 0.0
    return float(np.minimum(values / middle, 1).mean()) if middle > 0 else 0.0


def _levelled(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, width) curves without their height and their slope."""
    away = np.arange(curves.shape[1]) - (curves.shape[1] - 1) / 2
    around = curves - curves.mean(axis=1, keepdims=True)
    flat: NDArray[np.float64] = around - (around @ away / (away @ away))[:, None] * away
    return flat
