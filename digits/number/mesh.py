"""Lines of tables -> the cells between their crossings.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

import itertools
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey, Mask
from digits.number.bent_lines import straight_or_bent
from digits.number.crooked_lines import without_crooked
from digits.number.curves import Curves, along_lines, tracks
from digits.number.enclosures import MAX_SHARED, Hull, Lattice
from digits.number.outer_lines import with_outer
from digits.number.partial_lines import MIN_SIDE, Seen, seen_between, with_partial
from digits.number.parts import connected_parts
from digits.number.regular_lines import divided
from digits.number.runs import draw_curve
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

MIN_CUT: Final = 0.65
"""Height of a row or width of a column up to the picture's rim by the others', for it not to be cut off."""

MIN_BEYOND: Final = 3
"""Pixels by which lines go on beyond a table at least, and..."""

MAX_BEYOND: Final = 0.3
"""...by the distance of the lines that they cross, at most, if others do not."""

MIN_REGULAR: Final = 0.9
"""Share of a table's sides that are seen from which on all are believed."""

BREADTH_QUANTILE: Final = 0.8
"""Quantile of the lines' breadths that all are taken to have: a puzzle has thin and thick ones."""


class Sides(NamedTuple):
    """The sides of cells on a table's lines of one direction, in a picture in which they run from left to right.

    Attributes:
        at: (n, m) x of the crossings of each line.
        there: (n, m - 1) whether there is a side between two crossings.
        curves: (n, width) y of each line.
        bent: (n,) which lines are not straight from crossing to crossing.
        breadths: (n,) of the lines in pixels.
        ends: (n, 2) x of where each line begins and ends, its first and last crossing or beyond.

    """

    at: NDArray[np.float64]
    there: Mask
    curves: Curves
    bent: Mask
    breadths: NDArray[np.float64]
    ends: NDArray[np.intp]

    def drawn(self, which: Mask, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """1 on the sides of those lines and where they go on beyond the table, in a picture of that shape."""
        lines = np.zeros(shape, np.uint8)
        last = self.curves.shape[1] - 1
        places = np.rint(self.at).astype(int).clip(0, last)
        for row in np.flatnonzero(which).tolist():
            sides = np.flatnonzero(self.there[row])
            begins = np.concatenate([places[row, sides], [self.ends[row, 0], places[row, -1]]])
            stops = np.concatenate([places[row, sides + 1], [places[row, 0], self.ends[row, 1]]])
            for begin, stop in zip(begins.tolist(), stops.tolist(), strict=True):
                x = np.arange(min(begin, stop), max(begin, stop) + 1)
                draw_curve(lines, x, self.curves[row, x], max(1, round(self.breadths[row]) + 2))
        return lines


class Table(NamedTuple):
    """Lines of a table and their crossings.

    Attributes:
        corners: (rows + 1, columns + 1, 2) x and y.
        level: the sides from left to right, of rows + 1 lines.
        upright: those from top to bottom, of columns + 1 lines, x and y exchanged.
        cut: whether the picture's rim cuts off the first row, the last one, the first column, the last one.

    """

    corners: Points
    level: Sides
    upright: Sides
    cut: tuple[bool, ...]

    @property
    def area(self) -> float:
        """In pixels, about."""
        return float(np.ptp(self.corners[..., 0]) * np.ptp(self.corners[..., 1]))

    def draw(self, inside: NDArray[np.int32], cells: Mask) -> NDArray[np.uint8]:
        """(2, height, width) level and upright sides, in its own cells only where lines are bent.

        Args:
            inside: number of the cell within the sides, of all tables; 0 where none is.
            cells: where its own cells are.

        """
        straight, bent = np.zeros((2, *inside.shape), np.uint8), np.zeros((2, *inside.shape), np.uint8)
        for sides, own_straight, own_bent in (
            (self.level, straight[0], bent[0]),
            (self.upright, straight[1].T, bent[1].T),
        ):
            for lines, which in ((own_straight, ~sides.bent), (own_bent, sides.bent)):
                lines |= sides.drawn(which, lines.shape)
        free = inside == 0
        drawn: NDArray[np.uint8] = straight * free | bent * (free | cells)
        return drawn

    def cells(self) -> list[tuple[Points, tuple[bool, ...]]]:
        """Each cell that is closed.

        Returns:
            (4, 2) corners within its sides, from the top left one clockwise, and whether the picture's rim cuts it off
            above, below, at the left and at the right.

        """
        level, upright = self.level.there, self.upright.there.T
        rows, columns = len(upright), level.shape[1]
        found = []
        for row, column in self._groups():
            first, last, begin, end = row.min(), row.max() + 1, column.min(), column.max() + 1
            parts = [(first, last, begin, end)]
            if len(row) != (last - first) * (end - begin):
                parts = [(r, r + 1, c, c + 1) for r, c in zip(row.tolist(), column.tolist(), strict=True)]
            for top, bottom, left, right in parts:
                sides = level[[top, bottom], left:right], upright[top:bottom, [left, right]]
                if len(parts) > 1 or all(side.all() for side in sides):
                    at_rim = top == 0, bottom == rows, left == 0, right == columns
                    is_cut = tuple(bool(one and other) for one, other in zip(at_rim, self.cut, strict=True))
                    found.append((self._within(top, bottom, left, right), is_cut))
        return found

    def _groups(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Rows and columns of the meshes that no side parts, for each cell."""
        level, upright = self.level.there, self.upright.there.T
        rows, columns = len(upright), level.shape[1]
        number = np.arange(rows * columns).reshape(rows, columns)
        right, below = ~upright[:, 1:-1], ~level[1:-1]
        one = np.concatenate([number[:, :-1][right], number[:-1][below]])
        other = np.concatenate([number[:, 1:][right], number[1:][below]])
        count, group = connected_parts(number.size, one, other)
        order = np.argsort(group, kind="stable")
        borders = np.searchsorted(group[order], np.arange(count + 1))
        return [np.divmod(order[one:other], columns) for one, other in itertools.pairwise(borders)]

    def _within(self, top: int, bottom: int, left: int, right: int) -> Points:
        level, upright = self.level.breadths, self.upright.breadths
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
    curves = level, upright
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
            families = level.chosen(own[0]), upright.chosen(own[1])
            table = _table(families, curves, evidence, rims)
            if table is not None:
                found.append(table)
    return found or ([] if boxes is None else [_strip_of(*boxes, evidence)])


def _strip_of(level: Lines, upright: Lines, evidence: Grey) -> Table:
    """The table of boxes in a row between the picture's rims, which are no lines."""
    x, y = crossings(level, upright)
    breadths = np.full(2, -2.0), _breadths(upright, np.ascontiguousarray(evidence.T))
    rims, sides = (
        Sides(
            at,
            np.ones((len(at), at.shape[1] - 1), np.bool_),
            lines.y,
            np.zeros(len(at), np.bool_),
            of_lines,
            np.rint(at[:, [0, -1]]).astype(np.intp).clip(0, lines.y.shape[1] - 1),
        )
        for at, lines, of_lines in zip((x, y.T), (level, upright), breadths, strict=True)
    )
    return Table(np.stack([x, y], axis=2), rims, sides, (False,) * 4)


def _table(
    families: tuple[Lines, Lines], curves: tuple[Lines, Lines], evidence: Grey, rims: tuple[Curves, Curves]
) -> Table | None:
    """A table of curves that hang together, level and upright ones, among all in the picture."""
    level, upright = (apart(long_ones(family)) for family in families)
    level, upright = with_outer(level, upright, curves[0]), with_outer(upright, level, curves[1])
    if min(len(level.y), len(upright.y)) > 2:  # not boxes in a row
        level, upright = evenly(level), evenly(upright)
        level = without_crooked(level, upright, _breadths(level, evidence))
        upright = without_crooked(upright, level, _breadths(upright, np.ascontiguousarray(evidence.T)))
    level, upright = completed(level, upright), completed(upright, level)
    if min(len(level.y), len(upright.y)) > 2:  # in a row of boxes strokes stand where more lines would be
        level, upright = divided(level, upright), divided(upright, level)
    level, upright = with_rims(level, upright, rims)
    if len(level.y) < 2 or len(upright.y) < 2:
        return None
    return _of_lines(level, upright, curves, evidence)


def _of_lines(level: Lines, upright: Lines, curves: tuple[Lines, Lines], evidence: Grey) -> Table:
    """The table of those lines, and of those of all curves that part only some of its rows or columns."""
    x, y = crossings(level, upright)
    (level, level_bent), (upright, upright_bent) = straight_or_bent(level, x, y), straight_or_bent(upright, y.T, x.T)
    x, y, of_level, of_upright = _seen(level, upright)
    is_regular = np.concatenate([of_level.sides.ravel(), of_upright.sides.ravel()]).mean() >= MIN_REGULAR
    upright, upright_parts = with_partial(upright, curves[1], level, of_upright.joined)
    if upright_parts.any():
        x, y, of_level, of_upright = _seen(level, upright)
    level, level_parts = with_partial(level, curves[0], upright, of_level.joined)
    if level_parts.any():
        added = np.bincount(_before(level_parts) - 1, minlength=upright_parts.shape[1])
        upright_parts = upright_parts.repeat(1 + added, axis=1)
        x, y, of_level, of_upright = _seen(level, upright)
    there = tuple(
        np.where(parts.any(axis=1, keepdims=True), parts, (is_regular | seen.sides) & ~seen.joined)
        for seen, parts in ((of_level, level_parts), (of_upright, upright_parts))
    )
    across = np.ascontiguousarray(evidence.T)
    level_bent = np.insert(level_bent, _before(level_parts), False)
    upright_bent = np.insert(upright_bent, _before(upright_parts), False)
    return Table(
        np.stack([x, y], axis=2),
        Sides(x, there[0], level.y, level_bent, _breadths(level, evidence), _ends(level, x)),
        Sides(y.T, there[1], upright.y, upright_bent, _breadths(upright, across), _ends(upright, y.T)),
        _cut(level) + _cut(upright),
    )


def _seen(level: Lines, upright: Lines) -> tuple[NDArray[np.float64], NDArray[np.float64], Seen, Seen]:
    """X and y of the crossings, and what is seen between them of both families."""
    x, y = crossings(level, upright)
    return x, y, seen_between(level, x), seen_between(upright, y.T)


def _before(parts: Mask) -> NDArray[np.intp]:
    """Before which of the other lines those stand that are only in some rows, by (n, m) in which these are."""
    added = parts.any(axis=1)
    return np.cumsum(~added, dtype=np.intp)[added]


def _ends(family: Lines, at: NDArray[np.float64]) -> NDArray[np.intp]:
    """(n, 2) where lines begin and end, at (n, m) crossings or beyond them: a little by itself, or all of them."""
    width = family.y.shape[1]
    ends = np.rint(at[:, [0, -1]]).astype(np.intp).clip(0, width - 1)
    farthest = max(0, round(MAX_BEYOND * float(np.median(np.diff(at, axis=1)))))
    along = family.along(family.y)
    least = MIN_SIDE * family.strength
    own = range(int(family.at_rim[0]), len(at) - int(family.at_rim[1]))
    for side, (sign, found) in enumerate(((-1, family.first), (1, family.last))):
        usual = int(np.median(found[own])) if len(own) else 0
        all_go_on = len(own) > 0 and np.median(sign * (usual - ends[own, side])) > MIN_BEYOND
        for row in own:
            x = np.clip(ends[row, side] + sign * np.arange(farthest + 1), 0, width - 1)
            seen = int(np.append(along[row, x] < least[row], True).argmax())
            alone = int(x[max(seen - 1, 0)])
            ends[row, side] = sign * max(sign * alone, sign * usual) if all_go_on else alone
    return ends


def _cut(lines: Lines) -> tuple[bool, bool]:
    """Whether the picture's rim is the first and the last line, and much closer to its neighbour than is usual."""
    spacings = np.diff(np.median(lines.y, axis=1))
    inner = spacings[int(lines.at_rim[0]) : len(spacings) - int(lines.at_rim[1])]
    least = MIN_CUT * float(np.median(inner)) if len(inner) else 0.0
    return lines.at_rim[0] and bool(spacings[0] < least), lines.at_rim[1] and bool(spacings[-1] < least)


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
            lines |= table.draw(inside, inside > before)
            breadths += [table.level.breadths, table.upright.breadths]
    if not hulls:
        return None
    breadth = float(np.quantile(np.concatenate(breadths), BREADTH_QUANTILE))
    return Lattice(hulls, np.array(boxes, np.intp), inside, lines[0], lines[1], breadth, np.array(cut, np.intp))
