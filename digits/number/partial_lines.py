"""Tables in which cells are joined, or a row has other columns than those above it.

    seen = seen_between(upright, y.T)
    upright, parts = with_partial(upright, curves, level, seen.joined)

A line of a table need not run through all of its rows. Where it surely is not there cells are joined, and in such a row
other lines may part others. Constants were chosen on made forms by writers kept out of training (docs/notebook.md,
"Joined cells").
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Mask
from digits.number.table_lines import MIN_SPACING, MIN_SURE, SLACK, Lines

MIN_SIDE: Final = 0.2
"""Evidence of a cell's side by the line's own, at least."""

INSET: Final = 6
"""The sixth part of a side at both its ends is left out, where other lines cross; but..."""

ENDS: Final = ((0.12, 0.25), (0.75, 0.88))
"""...parts of it near these, where what is written in joined cells hardly reaches, have..."""

MAX_AT_ENDS: Final = 0.2
"""...less evidence than this share of the line's own where cells are joined. In the same row or column they are too
where..."""

THROUGH: Final = 0.1
"""...this quantile of the evidence along a side is below..."""

MAX_GONE: Final = 0.1
"""...this share. Of 14,677 sides of made tables 4 were surely none to this, of 159 places without any 104."""

MIN_ROWS: Final = 3
"""Rows that a line which is not in all of them parts, at least, where no other is gone: strokes are as long as one."""

MIN_STRENGTH: Final = 0.5
"""Evidence of a line that is in some rows only by that of those in all, at least."""


class Seen(NamedTuple):
    """What is seen of n lines between m neighbouring crossings, (n, m - 1) each.

    Attributes:
        sides: whether there is evidence of a line.
        joined: whether the line surely is not there, so that cells are joined; no outer line is ever gone.

    """

    sides: Mask
    joined: Mask


def seen_between(family: Lines, at: NDArray[np.float64]) -> Seen:
    """What is seen of lines between their crossings, given as (n, m) places along them."""
    along = family.along(family.y) / np.maximum(family.strength, 0.05)[:, None]
    places = np.rint(at).astype(np.intp)
    one, other = places[:, :-1], places[:, 1:]
    inset = (other - one) // INSET
    first, last = np.maximum(one + inset, 0), np.maximum(other - inset, one + 1)
    mean = _means(along, first, last, 0.0)
    lowest = np.array(
        [
            [_low(values[begin:end]) for begin, end in zip(begins, ends, strict=True)]
            for values, begins, ends in zip(along, first.tolist(), last.tolist(), strict=True)
        ]
    ).reshape(one.shape)
    ends = (np.rint(one + np.array(share)[:, None, None] * (other - one)).astype(np.intp) for share in ENDS)
    at_ends = np.maximum(*(_means(along, np.maximum(begin, 0), np.maximum(end, 0) + 1, np.inf) for begin, end in ends))
    at_ends[[0, -1]] = lowest[[0, -1]] = np.inf
    for end, is_rim in zip((0, -1), family.at_rim, strict=True):
        mean[end] = np.inf if is_rim else mean[end]
    surely = at_ends < MAX_AT_ENDS
    return Seen(mean > MIN_SIDE, surely | (surely.any(axis=0) & (lowest < MAX_GONE)))


def _means(
    values: NDArray[np.float64], first: NDArray[np.intp], last: NDArray[np.intp], none: float
) -> NDArray[np.float64]:
    """(n, m) means of parts of (n, width) rows, from first to before last; `none` where that is nothing."""
    total = np.insert(values.cumsum(axis=1), 0, 0, axis=1)
    first, last = (end.clip(0, values.shape[1]) for end in (first, last))
    sums = np.take_along_axis(total, last, axis=1) - np.take_along_axis(total, first, axis=1)
    return np.where(last > first, sums / np.maximum(last - first, 1), none)


def _low(part: NDArray[np.float64]) -> float:
    """Its `THROUGH` quantile; 1 of nothing."""
    lowest = round(THROUGH * (part.size - 1))
    return float(np.partition(part, lowest)[lowest]) if part.size else 1.0


def with_partial(family: Lines, curves: Lines, crossing: Lines, gone: Mask) -> tuple[Lines, Mask]:
    """The lines of a table, and those that part only rows in which some of them are gone.

    Args:
        family: the lines that run through all rows, n of them.
        curves: all that may be lines in that direction.
        crossing: the lines between the rows, m of them.
        gone: (n, m - 1) where lines are not there.

    Returns:
        n' lines, and (n', m - 1) in which rows those are that were added; all False for the others.

    """
    least = MIN_STRENGTH * float(np.median(family.strength))
    spans = np.zeros((len(curves.y), gone.shape[1]), np.bool_)
    middles = np.median(crossing.y, axis=1).astype(np.float64)
    for place, curve in enumerate(curves.y):
        level = _crossed(curve, crossing, middles)
        within = (level[:-1] >= curves.first[place] - SLACK) & (level[1:] <= curves.last[place] + SLACK)
        for row in np.flatnonzero(within & ~_taken(curve, level, family, gone)).tolist():
            own, (first, last) = curves.chosen(np.array([place])), level[row : row + 2]
            sure = own.sureness_between(np.array([first - 2]), np.array([last + 2]))[0]
            seen = own.along(own.y)[0, max(round(first), 0) : round(last) + 1]
            spans[place, row] = sure >= MIN_SURE and float(np.median(seen)) >= least
    spans &= gone.any(axis=0) | (np.count_nonzero(spans, axis=1) >= MIN_ROWS)[:, None]
    kept, none = np.flatnonzero(spans.any(axis=1)), np.zeros(gone.shape, np.bool_)
    if not len(kept):
        return family, none
    x = np.arange(*(int(np.clip(side, 0, family.y.shape[1])) for side in (crossing.y.min(), crossing.y.max() + 1)))
    places = np.searchsorted(np.median(family.y[:, x], axis=1), np.median(curves.y[kept][:, x], axis=1))
    places = places.clip(1, len(family.y) - 1)  # where they part a row; on a bent sheet the rest may lie beyond
    kept, places = kept[np.argsort(places, kind="stable")], np.sort(places)
    all_lines = family._replace(
        y=np.insert(family.y, places, curves.y[kept], axis=0),
        first=np.insert(family.first, places, curves.first[kept]),
        last=np.insert(family.last, places, curves.last[kept]),
    )
    return all_lines, np.insert(none, places, spans[kept], axis=0)


def _crossed(curve: NDArray[np.float32], crossing: Lines, along: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m,) where along a curve lines cross it, which is about `along`."""
    for _ in range(3):
        at = curve[np.clip(np.rint(along), 0, len(curve) - 1).astype(np.intp)].astype(np.float64)
        column = np.clip(np.rint(at), 0, crossing.y.shape[1] - 1).astype(np.intp)
        along = crossing.y[np.arange(len(crossing.y)), column].astype(np.float64)
    return along


def _taken(curve: NDArray[np.float32], level: NDArray[np.float64], family: Lines, gone: Mask) -> Mask:
    """(m - 1,) in which rows a curve comes close to a line that is there, or lies beyond the outer ones."""
    middles = np.clip(np.rint((level[:-1] + level[1:]) / 2), 0, len(curve) - 1).astype(np.intp)
    apart = curve[middles] - family.y[:, middles]
    close = (np.abs(apart) < MIN_SPACING) & ~gone
    beyond = (apart[0] < MIN_SPACING) | (apart[-1] > -MIN_SPACING)
    taken: Mask = close.any(axis=0) | beyond
    return taken
