"""Curves -> the lines of tables: which curves are lines and meet, and lines that are missing beside them.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey, Mask
from digits.number.curves import THINNED, Curves, sureness, thinned

SLACK: Final = 8.0
"""Pixels that a curve's end may stay away from the one that it meets."""

MIN_SURE: Final = 0.5
"""Log odds of a line at least, and..."""

MIN_FOUND_SURE: Final = 1.0
"""...of one that was only looked for."""

MIN_EVEN_SURE: Final = 0.0
"""...the same where it is as far from the next as others are, by..."""

EVEN: Final = 0.1
"""...that share."""

MIN_FAINT: Final = 0.15
"""Evidence of a faint line by the other lines', at least."""

MIN_APART: Final = 0.3
"""Distance of neighbouring lines by the usual one at least."""

TILTS: Final = (0.0, -0.015, 0.015, -0.03, 0.03)
"""Slants of a line that is looked for by those of the lines beside it."""

MIN_LENGTH: Final = 0.5
"""Length of a line by the longest of its table's at least."""

MIN_SPACING: Final = 9
"""Pixels between neighbouring lines."""

MIN_BETWEEN: Final = 16
"""Pixels from a line to one that is looked for between it and the next: the other edge of a broad line is none."""

MIN_RIM: Final = 0.35
"""Distance of the picture's rim from a table's last line by the other lines', at least, and..."""

MAX_RIM: Final = 2.5
"""...at most, for the rim to be a line, if..."""

MIN_SURE_ALONE: Final = 1.5
"""Log odds at least of a single upright line that parts two columns: a curve through the digits of a ruled sheet is one
at 0.6 to 0.8, a line at 2.6 and more..."""

MIN_ROWS: Final = 3
"""...and level lines at least, if it is..."""

MIN_COLUMN: Final = 0.25
"""...that share of the picture's width away from its rims."""

MIN_REACHING: Final = 0.6
"""...that share of the lines that cross reaches it."""


class Lines(NamedTuple):
    """Curves of one direction in a picture in which they run from left to right.

    Attributes:
        y: (n, width), everywhere a number.
        first: (n,) where each begins, and...
        last: ...ends.
        evidence: (height, width) along such lines.
        at_rim: whether the first and the last are the picture's rim.

    """

    y: Curves
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    evidence: Grey
    at_rim: tuple[bool, bool] = (False, False)

    @classmethod
    def of(cls, found: Curves, evidence: Grey) -> "Lines":
        """Of curves, (n, width), not a number where they do not reach, which go straight on beyond their ends."""
        there = np.isfinite(found)
        width = found.shape[1]
        first, last = there.argmax(axis=1), width - 1 - there[:, ::-1].argmax(axis=1)
        y = found.copy()
        for curve, begin, end in zip(y, first.tolist(), last.tolist(), strict=True):
            run = min(60, end - begin)
            if begin:
                slope = (curve[begin + run] - curve[begin]) / max(run, 1)
                curve[:begin] = curve[begin] - slope * np.arange(begin, 0, -1)
            if end < width - 1:
                slope = (curve[end] - curve[end - run]) / max(run, 1)
                curve[end + 1 :] = curve[end] + slope * np.arange(1, width - end)
        return cls(y, first, last, evidence)

    def chosen(self, which: NDArray[np.intp]) -> "Lines":
        """Some of them."""
        return self._replace(y=self.y[which], first=self.first[which], last=self.last[which])

    def along(self, y: Curves) -> Grey:
        """(n, width) evidence along curves."""
        rows = np.clip(np.rint(y), 0, len(self.evidence) - 1).astype(np.intp)
        return self.evidence[rows, np.arange(y.shape[1])]

    @property
    def strength(self) -> NDArray[np.float64]:
        """(n,) median evidence along each."""
        spans = zip(self.along(self.y), self.first, self.last, strict=True)
        return np.array([np.median(values[first : last + 1]) for values, first, last in spans], np.float64)

    @property
    def sureness(self) -> NDArray[np.float64]:
        """(n,) log odds that each is a line."""
        return self.sureness_between(self.first.astype(np.float64), self.last.astype(np.float64))

    def sureness_between(self, first: NDArray[np.float64], last: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) the same of the parts between two columns."""
        x = np.arange(0, self.y.shape[1], THINNED)
        there = (x >= np.maximum(first, self.first)[:, None]) & (x <= np.minimum(last, self.last)[:, None])
        return sureness(np.where(there, thinned(self.evidence, self.y), np.nan))

    def between(self, crossing: "Lines") -> NDArray[np.intp] | None:
        """The columns from the first crossing line to the last one; None where these are hardly apart."""
        width = self.y.shape[1]
        at = np.rint(crossing.y.mean(axis=1))
        first, last = int(np.clip(at.min(), 0, width - 2)), int(np.clip(at.max(), 1, width - 1))
        return None if last - first < 2 * MIN_SPACING else np.arange(first, last + 1)

    def with_more(self, curves: Curves, x: NDArray[np.intp]) -> "Lines":
        """All in their order with those curves, (n, width), which reach from the first of some columns to the last."""
        y = np.concatenate([self.y, curves])
        first, last = (
            np.concatenate([own, np.full(len(curves), x[end])]) for own, end in ((self.first, 0), (self.last, -1))
        )
        more = self._replace(y=y, first=first, last=last)
        return more.chosen(np.argsort(np.median(y[:, x], axis=1)))

    def without_close(self, order: NDArray[np.intp], least: float) -> list[int]:
        """Those that are so many pixels apart from those that come before them in the order."""
        kept: list[int] = []
        for each in order.tolist():
            span = slice(int(self.first[each]), int(self.last[each]) + 1)
            if all(np.abs(self.y[each, span] - self.y[other, span]).min() >= least for other in kept):
                kept.append(each)
        return kept


def crossings(level: Lines, upright: Lines) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, m) x and y where curves cross or would if they went on."""
    height, width = level.evidence.shape
    each = np.arange(len(level.y))[:, None]
    other = np.arange(len(upright.y))[None]
    x = np.broadcast_to(upright.y.mean(axis=1), (len(level.y), len(upright.y)))
    y = np.zeros(x.shape)
    for _ in range(4):
        y = level.y[each, np.clip(np.rint(x), 0, width - 1).astype(np.intp)]
        x = upright.y[other, np.clip(np.rint(y), 0, height - 1).astype(np.intp)]
    return x.astype(np.float64), y.astype(np.float64)


def _beyond(at: NDArray[np.float64], family: Lines) -> NDArray[np.float64]:
    """(n, m) how far places along curves lie beyond the curves' ends; 0 within."""
    return np.maximum(np.maximum(family.first[:, None] - at, at - family.last[:, None]), 0)


def core(level: Lines, upright: Lines, rims: tuple[Curves, Curves]) -> tuple[Lines, Lines, Mask]:
    """The curves that meet two others or the picture's rim, with evidence all along between, and which meet."""
    families = [level, upright]
    while True:
        level, upright = families
        x, y = crossings(level, upright)
        meets = (_beyond(x, level) <= SLACK) & (_beyond(y.T, upright).T <= SLACK)
        changed = False
        for place, (family, at, met, rim) in enumerate(((level, x, meets, rims[1]), (upright, y.T, meets.T, rims[0]))):
            good = _good(family, at, met, rim)
            if not good.all():
                families[place] = family.chosen(np.flatnonzero(good))
                changed = True
                break
        if not changed:
            return level, upright, meets


def _good(family: Lines, at: NDArray[np.float64], met: Mask, rim: Curves) -> Mask:
    """(n,) whether curves meet two others, or one and the rim, with evidence between."""
    if not len(family.y):
        return np.zeros(0, np.bool_)
    height = len(family.evidence)
    each = np.arange(len(family.y))
    at_first = np.clip(np.rint(family.y[each, family.first]), 0, height - 1).astype(np.intp)
    at_last = np.clip(np.rint(family.y[each, family.last]), 0, height - 1).astype(np.intp)
    before = family.first <= rim[0][at_first] + SLACK
    behind = family.last >= rim[1][at_last] - SLACK
    count = met.sum(axis=1) + before + behind
    ends = (
        np.where(met, at, np.inf).min(axis=1, initial=np.inf),
        np.where(met, at, -np.inf).max(axis=1, initial=-np.inf),
    )
    first = np.where(before, family.first, ends[0])
    last = np.where(behind, family.last, ends[1])
    good: Mask = (count >= 2) & met.any(axis=1)
    return good & (family.sureness_between(first - 2, last + 2) >= MIN_SURE)


def long_ones(family: Lines) -> Lines:
    """The lines that are about as long as the longest of those that are not too faint."""
    length = family.last - family.first
    strength = family.strength
    seen = strength >= MIN_FAINT * float(np.median(np.repeat(strength, length.clip(1))))
    return family.chosen(np.flatnonzero(seen & (length >= MIN_LENGTH * length[seen].max())))


def apart(family: Lines, least: float = MIN_SPACING) -> Lines:
    """The curves in their order, without those that come so close to surer ones."""
    if not len(family.y):
        return family
    kept = family.without_close(np.argsort(-family.sureness), least)
    middle = (int(family.first.min()) + int(family.last.max())) // 2
    return family.chosen(np.array(sorted(kept, key=lambda each: float(family.y[each, middle])), np.intp))


def evenly(family: Lines) -> Lines:
    """The curves without those that come much closer to surer ones than is usual."""
    return apart(family, max(MIN_APART * float(np.median(np.diff(np.median(family.y, axis=1)))), MIN_SPACING))


def completed(family: Lines, crossing: Lines) -> Lines:
    """The lines of a table, and those between and beside them that are only seen when one knows where to look."""
    if len(family.y) < 2 or not len(crossing.y):
        return family
    x = family.between(crossing)
    if x is None:
        return family
    is_row = len(crossing.y) <= 2
    tilts = TILTS[:1] if is_row else TILTS  # between the sides of boxes in a row strokes run aslant
    usual = float(np.median(np.diff(np.median(family.y[:, x], axis=1))))
    own = float(np.median(family.along(family.y)[:, x]))
    found: list[NDArray[np.float32]] = []
    for upper in range(-1, len(family.y)):
        one, other = (upper, upper + 1) if 0 <= upper < len(family.y) - 1 else (0, 1) if upper < 0 else (-2, -1)
        step = family.y[other] - family.y[one]
        spacing = float(np.median(step[x]))
        if 0 <= upper < len(family.y) - 1:
            shares = np.arange(MIN_BETWEEN, spacing - MIN_BETWEEN) / spacing
        else:
            beside = np.arange(0.6 * usual, 1.3 * usual) / spacing
            shares = -beside[::-1] if upper < 0 else 1 + beside
        if not len(shares):
            continue
        curves = family.y[one] + shares[:, None].astype(np.float32) * step
        slanted = [curves + tilt * (np.arange(curves.shape[1]) - x.mean()).astype(np.float32) for tilt in tilts]
        curves = np.concatenate(slanted)
        steps = np.minimum(np.abs(shares), np.abs(1 - shares)) * spacing / usual
        least = np.where((np.abs(steps - 1) < EVEN) & (not is_row), MIN_EVEN_SURE, MIN_FOUND_SURE)
        found += [curves[place] for place in _lines_among(family, curves, x[::THINNED], own, least)]
    return family.with_more(np.stack(found), x) if found else family


def _lines_among(
    family: Lines, curves: Curves, x: NDArray[np.intp], own: float, least: NDArray[np.float64]
) -> list[int]:
    """Which of many curves are lines, by what lies on them in some columns.

    Of each slant they lie side by side, as sure as `least` says of each at least.
    """
    height = len(family.evidence)
    rows = np.rint(curves[:, x]).astype(np.intp)
    inside = ((rows >= 0) & (rows < height)).all(axis=1)
    values = np.maximum.reduce([family.evidence[np.clip(rows + off, 0, height - 1), x] for off in (-1, 0, 1)])
    middle = np.median(values, axis=1)
    paper = np.quantile(middle, 0.4)
    is_line = (
        inside
        & (middle > max(MIN_FAINT * own, 2.5 * paper + 0.01))
        & (sureness(values) >= np.tile(least, len(curves) // len(least)))
    )
    found: list[int] = []
    for place in np.argsort(-middle * is_line).tolist():
        if not is_line[place]:
            break
        if all(abs(place % len(least) - other % len(least)) >= MIN_SPACING for other in found):
            found.append(place)
    return found


def with_rims(level: Lines, upright: Lines, rims: tuple[Curves, Curves]) -> tuple[Lines, Lines]:
    """The lines, and the picture's rim where lines of the other direction run up to it."""
    if not len(level.y) or (len(upright.y) < 2 and not _is_between_columns(level, upright, rims[1])):
        return level, upright
    return _up_to(level, upright, rims[0]), _up_to(upright, level, rims[1])


def _is_between_columns(level: Lines, upright: Lines, rims: Curves) -> bool:
    """Whether the only upright line parts two columns; that of ruled paper is a margin's, close to a rim."""
    if len(level.y) < MIN_ROWS or not len(upright.y) or upright.sureness[0] < MIN_SURE_ALONE:
        return False
    x = float(np.median(upright.y[0, upright.first[0] : upright.last[0] + 1]))
    left, right = np.median(rims, axis=1).tolist()
    return bool(MIN_COLUMN <= (x - left) / max(right - left, 1) <= 1 - MIN_COLUMN)


def _up_to(family: Lines, crossing: Lines, rims: Curves) -> Lines:
    """Lines, and the first or last rim that runs beside them where those that cross them reach it."""
    x = np.arange(*(int(np.clip(side, 0, family.y.shape[1])) for side in (crossing.y.min(), crossing.y.max() + 1)))
    spacings = np.diff(np.median(family.y, axis=1))
    usual, least = (float(np.median(spacings)), float(spacings.min())) if len(spacings) else (np.inf, 0.0)
    y, first, last, at_rim = family.y, family.first, family.last, [False, False]
    for side, sign in ((0, 1), (1, -1)):
        rim, line, ends = rims[side], family.y[-side], (crossing.first, crossing.last)[side]
        room = float(np.median(sign * (line - rim)[x])) if len(x) else 0.0
        if not max(MIN_RIM * least, MIN_SPACING) < room < MAX_RIM * usual:
            continue
        middles = np.clip(np.rint(crossing.y.mean(axis=1)), 0, len(rim) - 1).astype(np.intp)
        reaching = sign * (ends - rim[middles]) <= max(0.3 * room, SLACK)
        if np.count_nonzero(reaching) >= max(1 if len(spacings) else 2, MIN_REACHING * len(reaching)):
            place = side * len(y)
            y, at_rim[side] = np.insert(y, place, rim + sign, axis=0), True
            first, last = np.insert(first, place, 0), np.insert(last, place, len(rim) - 1)
    return family._replace(y=y, first=first, last=last, at_rim=(at_rim[0], at_rim[1]))
