"""Lines of tables -> the cells between their crossings.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

import itertools
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey, Mask
from digits.number.bent_lines import bent
from digits.number.crooked_lines import without_crooked
from digits.number.curves import Curves, along_lines, tracks
from digits.number.enclosures import MAX_SHARED, Hull, Lattice
from digits.number.parts import connected_parts
from digits.number.regular_lines import divided
from digits.number.runs import draw_curve, draw_line
from digits.number.strips import strip
from digits.number.table_lines import (
    MIN_SPACING,
    Lines,
    apart,
    completed,
    core,
    crossings,
    evenly,
    long_ones,
    with_rims,
)

Points = NDArray[np.float64]

MIN_SIDE: Final = 0.2
"""Evidence of a cell's side by the curve's own, at least."""

MIN_CUT: Final = 0.65
"""Height of a row or width of a column up to the picture's rim by the others', for it not to be cut off."""

MIN_BEYOND: Final = 3
"""Pixels by which lines go on beyond a table at least."""

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
        beyond: (2, m, 2) x and y of the ends of pieces of lines beyond the table, level ones and upright ones.
        cut: whether the picture's rim cuts off the first row, the last one, the first column, the last one.
        curves: how the level lines run, and the upright ones.

    """

    corners: Points
    level: Mask
    upright: Mask
    breadths: tuple[NDArray[np.float64], NDArray[np.float64]]
    cut: tuple[bool, ...]
    curves: tuple[Curves, Curves]
    beyond: tuple[Points, Points] = (np.zeros((2, 0, 2)), np.zeros((2, 0, 2)))

    @property
    def area(self) -> float:
        """In pixels, about."""
        return float(np.ptp(self.corners[..., 0]) * np.ptp(self.corners[..., 1]))

    def draw(self, lines: NDArray[np.uint8]) -> None:
        """Draw the sides, the level ones in the first of two pictures."""
        for line, sides, places, curves, breadths, beyond in (
            (lines[0], self.level, self.corners[..., 0], self.curves[0], self.breadths[0], self.beyond[0]),
            (
                lines[1].T,
                self.upright.T,
                self.corners[..., 1].T,
                self.curves[1],
                self.breadths[1],
                self.beyond[1][..., ::-1],
            ),
        ):
            turned = np.zeros(line.shape, np.uint8)
            for of_line, at, curve, breadth in zip(sides, np.rint(places).astype(int), curves, breadths, strict=True):
                for side, one, other in zip(
                    of_line, at.clip(0, len(curve) - 1), at[1:].clip(0, len(curve) - 1), strict=False
                ):
                    if side:
                        x = np.arange(one, other + 1)
                        draw_curve(turned, x, curve[x], max(1, round(breadth) + 2))
            for one, other in beyond.swapaxes(0, 1):
                draw_line(turned, one, other, max(1, round(breadths.max()) + 2))
            line |= turned

    def cells(self) -> list[tuple[Points, tuple[bool, ...]]]:
        """Each cell that is closed.

        Returns:
            (4, 2) corners within its sides, from the top left one clockwise, and whether the picture's rim cuts it off
            above, below, at the left and at the right.

        """
        rows, columns = len(self.upright), self.level.shape[1]
        found = []
        for row, column in self._groups():
            first, last, begin, end = row.min(), row.max() + 1, column.min(), column.max() + 1
            parts = [(first, last, begin, end)]
            if len(row) != (last - first) * (end - begin):
                parts = [(r, r + 1, c, c + 1) for r, c in zip(row.tolist(), column.tolist(), strict=True)]
            for top, bottom, left, right in parts:
                sides = self.level[[top, bottom], left:right], self.upright[top:bottom, [left, right]]
                if len(parts) > 1 or all(side.all() for side in sides):
                    at_rim = top == 0, bottom == rows, left == 0, right == columns
                    is_cut = tuple(bool(one and other) for one, other in zip(at_rim, self.cut, strict=True))
                    found.append((self._within(top, bottom, left, right), is_cut))
        return found

    def _groups(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Rows and columns of the meshes that no side parts, for each cell."""
        rows, columns = len(self.upright), self.level.shape[1]
        number = np.arange(rows * columns).reshape(rows, columns)
        right, below = ~self.upright[:, 1:-1], ~self.level[1:-1]
        one = np.concatenate([number[:, :-1][right], number[:-1][below]])
        other = np.concatenate([number[:, 1:][right], number[1:][below]])
        count, group = connected_parts(number.size, one, other)
        order = np.argsort(group, kind="stable")
        borders = np.searchsorted(group[order], np.arange(count + 1))
        return [np.divmod(order[one:other], columns) for one, other in itertools.pairwise(borders)]

    def _within(self, top: int, bottom: int, left: int, right: int) -> Points:
        level, upright = self.breadths
        corners = self.corners[[top, top, bottom, bottom], [left, right, right, left]].copy()
        corners[:, 1] += np.array([1, 1, -1, -1]) * (level[[top, top, bottom, bottom]] / 2 + 1)
        corners[:, 0] += np.array([1, -1, -1, 1]) * (upright[[left, right, right, left]] / 2 + 1)
        return corners


def tables(evidence: Grey, rims: tuple[Curves, Curves]) -> list[Table]:
    """The tables of a picture that is upright.

    Args:
        evidence: (height, width) float32, of lines.
        rims: (2, width) y of the picture's upper and lower rim, and (2, height) x of its left and right one.

    """
    along_level, along_upright = along_lines(evidence), along_lines(np.ascontiguousarray(evidence.T))
    level = Lines.of(tracks(along_level), along_level)
    upright = Lines.of(tracks(along_upright), along_upright)
    boxes = strip(upright, rims, evidence)
    level, upright, meets = core(level, upright, rims)
    if not len(level.y) or not len(upright.y):
        return [] if boxes is None else [_strip_of(*boxes, evidence)]
    rows, columns = meets.shape
    row, column = np.nonzero(meets)
    _, part = connected_parts(rows + columns, row, rows + column)
    found = []
    for each in np.unique(part):
        own = np.flatnonzero(part[:rows] == each), np.flatnonzero(part[rows:] == each)
        if len(own[0]) and len(own[1]) and len(own[0]) + len(own[1]) > 2:
            table = _table(level.chosen(own[0]), upright.chosen(own[1]), evidence, rims)
            if table is not None:
                found.append(table)
    return found or ([] if boxes is None else [_strip_of(*boxes, evidence)])


def _strip_of(level: Lines, upright: Lines, evidence: Grey) -> Table:
    """The table of boxes in a row between the picture's rims, which are no lines."""
    corners = np.stack(crossings(level, upright), axis=2)
    breadths = np.full(2, -2.0), _breadths(upright, np.ascontiguousarray(evidence.T))
    sides = np.ones((2, len(upright.y) - 1), np.bool_), np.ones((1, len(upright.y)), np.bool_)
    return Table(corners, *sides, breadths, (False,) * 4, (level.y, upright.y))


def _table(level: Lines, upright: Lines, evidence: Grey, rims: tuple[Curves, Curves]) -> Table | None:
    """A table of curves that hang together."""
    across = np.ascontiguousarray(evidence.T)
    level, upright = apart(long_ones(level)), apart(long_ones(upright))
    if min(len(level.y), len(upright.y)) > 2:  # not boxes in a row
        level, upright = evenly(level), evenly(upright)
        level = without_crooked(level, upright, _breadths(level, evidence))
        upright = without_crooked(upright, level, _breadths(upright, across))
    level, upright = completed(level, upright), completed(upright, level)
    if min(len(level.y), len(upright.y)) > 2:  # in a row of boxes strokes stand where more lines would be
        level, upright = divided(level, upright), divided(upright, level)
    level, upright = with_rims(bent(level), bent(upright), rims)
    if len(level.y) < 2 or len(upright.y) < 2:
        return None
    x, y = crossings(level, upright)
    corners = np.stack([x, y], axis=2)
    level_sides, upright_sides = _sides(level, x), _sides(upright, y.T).T
    seen = np.concatenate([level_sides.ravel(), upright_sides.ravel()])
    if seen.mean() >= MIN_REGULAR:
        level_sides, upright_sides = np.ones_like(level_sides), np.ones_like(upright_sides)
    breadths = _breadths(level, evidence), _breadths(upright, across)
    beyond = _beyond(level, x), np.ascontiguousarray(_beyond(upright, y.T)[..., ::-1])
    return Table(
        corners, level_sides, upright_sides, breadths, _cut(level) + _cut(upright), (level.y, upright.y), beyond
    )


def _beyond(family: Lines, at: NDArray[np.float64]) -> Points:
    """(2, m, 2) both ends of what lines have beyond their first and their last crossing, given as (n, k) places."""
    own = np.arange(int(family.at_rim[0]), len(family.y) - int(family.at_rim[1]))
    found: list[Points] = []
    for side, sign in ((0, 1), (-1, -1)):
        end = int(np.median((family.first, family.last)[side][own])) if len(own) else 0
        crossing = np.rint(at[own, side]).astype(int).clip(0, family.y.shape[1] - 1)
        if len(own) and np.median(sign * (crossing - end)) > MIN_BEYOND:
            ends = np.full(len(own), end)
            found.append(np.stack([np.stack([x, family.y[own, x]], axis=1) for x in (ends, crossing)]))
    return np.concatenate(found, axis=1) if found else np.zeros((2, 0, 2))


def _cut(lines: Lines) -> tuple[bool, bool]:
    """Whether the picture's rim is the first and the last line, and much closer to its neighbour than is usual."""
    spacings = np.diff(np.median(lines.y, axis=1))
    inner = spacings[int(lines.at_rim[0]) : len(spacings) - int(lines.at_rim[1])]
    least = MIN_CUT * float(np.median(inner)) if len(inner) else 0.0
    return lines.at_rim[0] and bool(spacings[0] < least), lines.at_rim[1] and bool(spacings[-1] < least)


def _sides(family: Lines, at: NDArray[np.float64]) -> Mask:
    """(n, m - 1) whether a curve has evidence between two neighbouring crossings, given as (n, m) places along it."""
    along = family.along(family.y)
    sides = np.zeros((len(at), at.shape[1] - 1), np.bool_)
    for row, (values, places) in enumerate(zip(along, np.rint(at).astype(int).tolist(), strict=True)):
        if (row == 0 and family.at_rim[0]) or (row == len(at) - 1 and family.at_rim[1]):
            sides[row] = True
            continue
        own = max(float(np.median(values[family.first[row] : family.last[row] + 1])), 0.05)
        for column, (one, other) in enumerate(itertools.pairwise(places)):
            inset = (other - one) // 6
            part = values[max(one + inset, 0) : max(other - inset, one + 1)]
            sides[row, column] = part.size > 0 and float(part.mean()) > MIN_SIDE * own
    return sides


def _breadths(family: Lines, evidence: Grey) -> NDArray[np.float64]:
    """(n,) breadth of each line in pixels: its evidence across by that in its middle."""
    height = len(evidence)
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
    cut: list[list[int]] = []
    breadths: list[NDArray[np.float64]] = []
    for number, table in enumerate(sorted(found, key=lambda table: -table.area), 1):
        before = len(hulls)
        for corners, is_cut in table.cells():
            hull = np.rint(corners).astype(np.int32).reshape(-1, 1, 2)
            left, top, width, height = cv2.boundingRect(hull)
            box = max(left, 0), max(top, 0), left + width, top + height
            taken = np.count_nonzero(inside[box[1] : box[3], box[0] : box[2]])
            if min(width, height) >= MIN_SPACING and taken < MAX_SHARED * width * height:
                hulls.append(hull)
                boxes.append(box)
                cut.append([number * side for side in is_cut])
                cv2.fillConvexPoly(inside, hull, len(hulls))
        if len(hulls) > before:
            own = np.zeros_like(lines)
            table.draw(own)
            lines |= own & ((inside == 0) | (inside > before)).view(np.uint8)
            breadths += [*table.breadths]
    if not hulls:
        return None
    breadth = float(np.quantile(np.concatenate(breadths), BREADTH_QUANTILE))
    return Lattice(hulls, np.array(boxes, np.intp), inside, lines[0], lines[1], breadth, np.array(cut, np.intp))
