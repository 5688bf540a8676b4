"""Curves of lines -> tables: which of them cross, what is missing between them, and the cells between the crossings."""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components as connected_parts

from digits.ink.components import Grey, Mask
from digits.number.curves import THINNED, Curves, Tracks, along_lines, sureness, thinned, tracks
from digits.number.enclosures import MAX_SHARED, Hull, Lattice

Points = NDArray[np.float64]

SLACK: Final = 8.0
"""Pixels that a curve's end may stay away from the one that it meets."""

MIN_SURE: Final = 0.5
"""Log odds of a line at least, and..."""

MIN_FOUND_SURE: Final = 1.0
"""...of one that was only looked for."""

MIN_APART: Final = 0.3
"""Distance of neighbouring lines by the usual one at least."""

MIN_LENGTH: Final = 0.5
"""Length of a line by the longest of its table's at least."""

MIN_SIDE: Final = 0.2
"""Evidence of a cell's side by the curve's own, at least."""

MIN_SPACING: Final = 9
"""Pixels between neighbouring lines."""


MIN_FAINT: Final = 0.15
"""Evidence of a faint line by the other lines', at least."""

MIN_RIM: Final = 0.35
"""Distance of the picture's rim from a table's last line by the other lines', at least, and..."""

MAX_RIM: Final = 2.5
"""...at most, for the rim to be a line, if..."""

MIN_REACHING: Final = 0.6
"""...that share of the lines that cross reaches it."""

MIN_REGULAR: Final = 0.9
"""Share of a table's sides that are seen from which on all are believed."""


BREADTH_QUANTILE: Final = 0.8
"""Quantile of the lines' breadths that all are taken to have: a puzzle has thin and thick ones."""


class Table(NamedTuple):
    """Lines of a table and their crossings.

    Attributes:
        corners: (rows + 1, columns + 1, 2) x and y.
        level: (rows + 1, columns) whether there is a side between two crossings of one row of crossings.
        upright: (rows, columns + 1) the same of one column.
        breadths: of the level lines and of the upright ones in pixels.

    """

    corners: Points
    level: Mask
    upright: Mask
    breadths: tuple[NDArray[np.float64], NDArray[np.float64]]

    @property
    def area(self) -> float:
        """In pixels, about."""
        return float(np.ptp(self.corners[..., 0]) * np.ptp(self.corners[..., 1]))

    def draw(self, lines: NDArray[np.uint8]) -> None:
        """Draw the sides, the level ones in the first of two pictures."""
        for line, sides, corners, breadths in (
            (lines[0], self.level, self.corners, self.breadths[0]),
            (lines[1], self.upright.T, self.corners.swapaxes(0, 1), self.breadths[1]),
        ):
            for of_line, places, breadth in zip(sides, corners, breadths, strict=True):
                for side, one, other in zip(of_line, places, places[1:], strict=False):
                    if side:
                        ends = [tuple(int(each) for each in np.rint(end)) for end in (one, other)]
                        cv2.line(line, ends[0], ends[1], 1, max(1, round(breadth) + 2))

    def cells(self) -> list[Points]:
        """(4, 2) corners within the sides of each cell that is closed, from the top left one clockwise."""
        rows, columns = len(self.upright), self.level.shape[1]
        number = np.arange(rows * columns).reshape(rows, columns)
        open_right = ~self.upright[:, 1:-1]
        open_below = ~self.level[1:-1]
        pairs = np.concatenate(
            [
                np.stack([number[:, :-1][open_right], number[:, 1:][open_right]], axis=1),
                np.stack([number[:-1][open_below], number[1:][open_below]], axis=1),
            ]
        )
        graph = np.zeros((rows * columns, rows * columns), np.bool_)
        graph[pairs[:, 0], pairs[:, 1]] = True
        _, group = connected_parts(graph, directed=False)
        found = []
        for each in range(int(group.max()) + 1):
            row, column = np.divmod(np.flatnonzero(group == each), columns)
            first, last, begin, end = row.min(), row.max() + 1, column.min(), column.max() + 1
            parts = [(first, last, begin, end)]
            if len(row) != (last - first) * (end - begin):
                parts = [(r, r + 1, c, c + 1) for r, c in zip(row.tolist(), column.tolist(), strict=True)]
            for top, bottom, left, right in parts:
                sides = self.level[[top, bottom], left:right], self.upright[top:bottom, [left, right]]
                if len(parts) > 1 or all(side.all() for side in sides):
                    found.append(self._within(top, bottom, left, right))
        return found

    def _within(self, top: int, bottom: int, left: int, right: int) -> Points:
        level, upright = self.breadths
        corners = self.corners[[top, top, bottom, bottom], [left, right, right, left]].copy()
        corners[:, 1] += np.array([1, 1, -1, -1]) * (level[[top, top, bottom, bottom]] / 2 + 1)
        corners[:, 0] += np.array([1, -1, -1, 1]) * (upright[[left, right, right, left]] / 2 + 1)
        return corners


class _Family(NamedTuple):
    """Curves of one direction in a picture in which they run from left to right.

    Attributes:
        y: (n, width), everywhere a number.
        first: (n,) where each begins, and...
        last: ...ends.
        evidence: (height, width) along such lines.

    """

    y: Curves
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    evidence: Grey

    @classmethod
    def of(cls, found: Tracks, evidence: Grey) -> "_Family":
        there = np.isfinite(found.y)
        width = found.y.shape[1]
        first, last = there.argmax(axis=1), width - 1 - there[:, ::-1].argmax(axis=1)
        y = found.y.copy()
        for curve, begin, end in zip(y, first.tolist(), last.tolist(), strict=True):
            run = min(60, end - begin)
            if begin:
                slope = (curve[begin + run] - curve[begin]) / max(run, 1)
                curve[:begin] = curve[begin] - slope * np.arange(begin, 0, -1)
            if end < width - 1:
                slope = (curve[end] - curve[end - run]) / max(run, 1)
                curve[end + 1 :] = curve[end] + slope * np.arange(1, width - end)
        return cls(y, first, last, evidence)

    def chosen(self, which: NDArray[np.intp]) -> "_Family":
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
        return self.sureness_between(self.first, self.last)

    def sureness_between(self, first: NDArray[np.float64], last: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) the same of the parts between two columns."""
        x = np.arange(0, self.y.shape[1], THINNED)
        there = (x >= np.maximum(first, self.first)[:, None]) & (x <= np.minimum(last, self.last)[:, None])
        return sureness(np.where(there, thinned(self.evidence, self.y), np.nan))

    def without_close(self, order: NDArray[np.intp], least: float) -> list[int]:
        """Those that are so many pixels apart from those that come before them in the order."""
        kept: list[int] = []
        for each in order.tolist():
            span = slice(int(self.first[each]), int(self.last[each]) + 1)
            if all(np.abs(self.y[each, span] - self.y[other, span]).min() >= least for other in kept):
                kept.append(each)
        return kept


def crossings(level: _Family, upright: _Family) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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


def _beyond(at: NDArray[np.float64], family: _Family) -> NDArray[np.float64]:
    """(n, m) how far places along curves lie beyond the curves' ends; 0 within."""
    return np.maximum(np.maximum(family.first[:, None] - at, at - family.last[:, None]), 0)


def tables(evidence: Grey, rims: tuple[Curves, Curves]) -> list[Table]:
    """The tables of a picture that is upright.

    Args:
        evidence: (height, width) float32, of lines.
        rims: (2, width) y of the picture's upper and lower rim, and (2, height) x of its left and right one.

    """
    along_level, along_upright = along_lines(evidence), along_lines(np.ascontiguousarray(evidence.T))
    level = _Family.of(tracks(along_level), along_level)
    upright = _Family.of(tracks(along_upright), along_upright)
    level, upright, meets = _core(level, upright, rims)
    if not len(level.y) or not len(upright.y):
        return []
    rows, columns = meets.shape
    graph = np.zeros((rows + columns,) * 2, np.bool_)
    graph[:rows, rows:] = meets
    _, part = connected_parts(graph, directed=False)
    found = []
    for each in np.unique(part):
        own = np.flatnonzero(part[:rows] == each), np.flatnonzero(part[rows:] == each)
        if len(own[0]) and len(own[1]) and len(own[0]) + len(own[1]) > 2:
            table = _table(level.chosen(own[0]), upright.chosen(own[1]), evidence, rims)
            if table is not None:
                found.append(table)
    return found


def _core(level: _Family, upright: _Family, rims: tuple[Curves, Curves]) -> tuple[_Family, _Family, Mask]:
    """The curves that meet two others or the picture's rim, with evidence all along between, and which meet."""
    families = [level, upright]
    while True:
        level, upright = families
        x, y = crossings(level, upright)
        meets = (_beyond(x, level) <= SLACK) & (_beyond(y.T, upright).T <= SLACK)
        changed = False
        for place, (family, at, met, rim) in enumerate(
            ((level, x, meets, rims[1]), (upright, y.T, meets.T, rims[0]))
        ):
            good = _good(family, at, met, rim)
            if not good.all():
                families[place] = family.chosen(np.flatnonzero(good))
                changed = True
                break
        if not changed:
            return level, upright, meets


def _good(family: _Family, at: NDArray[np.float64], met: Mask, rim: Curves) -> Mask:
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
    ends = np.where(met, at, np.inf).min(axis=1, initial=np.inf), np.where(met, at, -np.inf).max(axis=1, initial=-np.inf)
    first = np.where(before, family.first, ends[0])
    last = np.where(behind, family.last, ends[1])
    good: Mask = (count >= 2) & met.any(axis=1)
    return good & (family.sureness_between(first - 2, last + 2) >= MIN_SURE)


def _table(level: _Family, upright: _Family, evidence: Grey, rims: tuple[Curves, Curves]) -> Table | None:
    """A table of curves that hang together."""
    level, upright = _apart(_long(level)), _apart(_long(upright))
    if min(len(level.y), len(upright.y)) > 2:  # not boxes in a row
        level, upright = _evenly(level), _evenly(upright)
    level, upright = _completed(level, upright), _completed(upright, level)
    level, upright = _with_rims(level, upright, rims)
    if len(level.y) < 2 or len(upright.y) < 2:
        return None
    x, y = crossings(level, upright)
    corners = np.stack([x, y], axis=2)
    level_sides, upright_sides = _sides(level, x, rims[0]), _sides(upright, y.T, rims[1]).T
    seen = np.concatenate([level_sides.ravel(), upright_sides.ravel()])
    if seen.mean() >= MIN_REGULAR:
        level_sides, upright_sides = np.ones_like(level_sides), np.ones_like(upright_sides)
    breadths = _breadths(level, evidence), _breadths(upright, np.ascontiguousarray(evidence.T))
    return Table(corners, level_sides, upright_sides, breadths)


def _long(family: _Family) -> _Family:
    """The lines that are about as long as the longest."""
    length = family.last - family.first
    strength = family.strength
    usual = float(np.median(np.repeat(strength, length.clip(1))))
    return family.chosen(np.flatnonzero((length >= MIN_LENGTH * length.max()) & (strength >= MIN_FAINT * usual)))


def _apart(family: _Family, least: float = MIN_SPACING) -> _Family:
    """The curves in their order, without those that come so close to surer ones."""
    kept = family.without_close(np.argsort(-family.sureness), least)
    middle = (int(family.first.min()) + int(family.last.max())) // 2
    return family.chosen(np.array(sorted(kept, key=lambda each: float(family.y[each, middle])), np.intp))


def _evenly(family: _Family) -> _Family:
    """The curves without those that come much closer to surer ones than is usual."""
    return _apart(family, max(MIN_APART * float(np.median(np.diff(np.median(family.y, axis=1)))), MIN_SPACING))


def _completed(family: _Family, crossing: _Family) -> _Family:
    """The lines of a table, and those between and beside them that are only seen when one knows where to look."""
    if len(family.y) < 2 or not len(crossing.y):
        return family
    width = family.y.shape[1]
    at = np.rint(crossing.y.mean(axis=1))
    first, last = int(np.clip(at.min(), 0, width - 2)), int(np.clip(at.max(), 1, width - 1))
    if last - first < 2 * MIN_SPACING:
        return family
    x = np.arange(first, last + 1)
    usual = float(np.median(np.diff(np.median(family.y[:, x], axis=1))))
    own = np.median(family.along(family.y)[:, x])
    found: list[NDArray[np.float32]] = []
    for upper in range(-1, len(family.y)):
        one, other = (upper, upper + 1) if 0 <= upper < len(family.y) - 1 else (0, 1) if upper < 0 else (-2, -1)
        step = family.y[other] - family.y[one]
        spacing = float(np.median(step[x]))
        if 0 <= upper < len(family.y) - 1:
            shares = np.arange(MIN_SPACING, spacing - MIN_SPACING) / spacing
        else:
            beside = np.arange(0.6 * usual, 1.3 * usual) / spacing
            shares = -beside[::-1] if upper < 0 else 1 + beside
        if not len(shares):
            continue
        curves = family.y[one] + shares[:, None].astype(np.float32) * step
        found += [curves[place] for place in _lines_among(family, curves[:, x], x, own)]
    if not found:
        return family
    y = np.concatenate([family.y, np.stack(found)])
    ends = np.full(len(found), first), np.full(len(found), last)
    order = np.argsort(np.median(y[:, x], axis=1))
    more = family._replace(
        y=y, first=np.concatenate([family.first, ends[0]]), last=np.concatenate([family.last, ends[1]])
    )
    return more.chosen(order)


def _lines_among(family: _Family, curves: Curves, x: NDArray[np.intp], own: float) -> list[int]:
    """Which of many curves side by side are lines."""
    height = len(family.evidence)
    rows = np.rint(curves).astype(np.intp)
    inside = ((rows >= 0) & (rows < height)).all(axis=1)
    rows = np.clip(rows, 0, height - 1)
    values = np.maximum.reduce([family.evidence[np.clip(rows + off, 0, height - 1), x] for off in (-1, 0, 1)])
    middle = np.median(values, axis=1)
    paper = np.quantile(middle, 0.4)
    is_line = inside & (middle > max(MIN_FAINT * own, 2.5 * paper + 0.01)) & (sureness(values[:, ::THINNED]) >= MIN_FOUND_SURE)
    found: list[int] = []
    for place in np.argsort(-middle * is_line).tolist():
        if not is_line[place]:
            break
        if all(abs(place - other) >= MIN_SPACING for other in found):
            found.append(place)
    return found


def _with_rims(level: _Family, upright: _Family, rims: tuple[Curves, Curves]) -> tuple[_Family, _Family]:
    """The lines, and the picture's rim where lines of the other direction run up to it."""
    if not len(level.y) or len(upright.y) < 2:  # ruled paper has a margin
        return level, upright
    spacings = [np.diff(np.median(family.y, axis=1)) for family in (level, upright)]
    return _up_to(level, upright, rims[0], spacings[0]), _up_to(upright, level, rims[1], spacings[1])


def _up_to(family: _Family, crossing: _Family, rims: Curves, spacings: NDArray[np.float32]) -> _Family:
    """Lines, and the first or last rim that runs beside them where those that cross them reach it."""
    x = np.arange(*(int(np.clip(side, 0, family.y.shape[1])) for side in (crossing.y.min(), crossing.y.max() + 1)))
    usual, least = (float(np.median(spacings)), float(spacings.min())) if len(spacings) else (np.inf, 0.0)
    y, first, last = list(family.y), list(family.first), list(family.last)
    for rim, line, ends, sign in ((rims[0], family.y[0], crossing.first, 1), (rims[1], family.y[-1], crossing.last, -1)):
        apart = sign * (line - rim)[x]
        room = float(np.median(apart)) if len(x) else 0.0
        if not max(MIN_RIM * least, MIN_SPACING) < room < MAX_RIM * usual:
            continue
        middles = np.clip(np.rint(crossing.y.mean(axis=1)), 0, len(rim) - 1).astype(np.intp)
        reaching = sign * (ends - rim[middles]) <= max(0.3 * room, SLACK)
        if np.count_nonzero(reaching) >= max(2 if len(spacings) == 0 else 1, MIN_REACHING * len(reaching)):
            place = 0 if sign > 0 else len(y)
            y.insert(place, rim + sign)
            first.insert(place, 0)
            last.insert(place, len(rim) - 1)
    return family._replace(y=np.stack(y), first=np.array(first), last=np.array(last))


def _sides(family: _Family, at: NDArray[np.float64], rims: Curves) -> Mask:
    """(n, m - 1) whether a curve has evidence between two neighbouring crossings, given as (n, m) places along it."""
    along = family.along(family.y)
    sides = np.zeros((len(at), at.shape[1] - 1), np.bool_)
    for row, (values, places) in enumerate(zip(along, np.rint(at).astype(int).tolist(), strict=True)):
        if np.abs(family.y[row] - rims).max(axis=1).min() <= 1:
            sides[row] = True
            continue
        own = max(float(np.median(values[family.first[row] : family.last[row] + 1])), 0.05)
        for column, (one, other) in enumerate(zip(places, places[1:], strict=False)):
            inset = (other - one) // 6
            part = values[max(one + inset, 0) : max(other - inset, one + 1)]
            sides[row, column] = part.size > 0 and float(part.mean()) > MIN_SIDE * own
    return sides


def _breadths(family: _Family, evidence: Grey) -> NDArray[np.float64]:
    """(n,) breadth of each line in pixels: its evidence across by that in its middle."""
    height, width = evidence.shape
    found = np.ones(len(family.y))
    for row, (curve, first, last) in enumerate(zip(family.y, family.first, family.last, strict=True)):
        x = np.arange(first, last + 1, 3)
        rows = np.rint(curve[x]).astype(np.intp)[None] + np.arange(-9, 10)[:, None]
        values = np.median(evidence[np.clip(rows, 0, height - 1), x], axis=1)
        most = float(values.max())
        found[row] = max(1.0, float(values[values > 0.3 * most].sum()) / most) if most > 0 else 1.0
    return found


def lattice_of(found: list[Table], shape: tuple[int, ...]) -> Lattice | None:
    """The cells of all tables, those of larger ones first, and their lines."""
    inside, lines = np.zeros(shape, np.int32), np.zeros((2, *shape), np.uint8)
    hulls: list[Hull] = []
    boxes: list[tuple[int, ...]] = []
    breadths: list[NDArray[np.float64]] = []
    for table in sorted(found, key=lambda table: -table.area):
        kept = False
        for cell in table.cells():
            hull = np.rint(cell).astype(np.int32).reshape(-1, 1, 2)
            left, top, width, height = cv2.boundingRect(hull)
            box = max(left, 0), max(top, 0), left + width, top + height
            if min(width, height) < MIN_SPACING:
                continue
            place = inside[box[1] : box[3], box[0] : box[2]]
            if np.count_nonzero(place) < MAX_SHARED * width * height:
                kept = True
                hulls.append(hull)
                boxes.append(box)
                cv2.fillConvexPoly(inside, hull, len(hulls))
        if kept:
            table.draw(lines)
            breadths += [*table.breadths]
    if not hulls:
        return None
    lines &= (inside == 0).view(np.uint8)
    breadth = float(np.quantile(np.concatenate(breadths), BREADTH_QUANTILE))
    return Lattice(hulls, np.array(boxes, np.intp), inside, lines[0], lines[1], breadth)
