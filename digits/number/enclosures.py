"""Straight lines -> what they enclose: the sides of boxes, combs, grids and tables, printed or drawn.

What lines enclose on all sides and has about four straight sides may be a cell. How long a line must be to be no stroke
of a digit depends on the cells; so several lengths are tried, and the table is taken that is worth most: of which most
cells are of one size, and which fill the largest area.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Mask
from digits.number.cell_rows import Number, distances
from digits.number.parts import connected_parts
from digits.number.runs import LENGTHS, Bits, Labels, Runs, View, grown, reached

Hull = NDArray[np.int32]
"""(n, 1, 2) int32, x and y of the corners of a convex outline."""

MIN_RUN: Final = 0.45
"""Length of a run by the shorter side of the cells that it encloses at least: shorter ones are strokes of what is
written there."""

MAX_APART: Final = 0.25
"""Distance of neighbours of one table, by their shorter side."""

SAME_SIZE: Final = 0.12
"""Sides that differ by less than that share are of one size."""

MAX_UNEVEN: Final = 0.3
"""Difference of the tops and of the bottoms of cells in one row, together, by their height."""

MAX_CUT: Final = 0.15
"""Share of the cells that strokes may have cut alike."""

MAX_ROOM: Final = 0.7
"""Width of the room between two boxes by theirs."""

ODD_WEIGHT: Final = 0.6
"""Weight of a cell's area whose size none of its table shares: a stroke may have cut it."""

COUNT_WEIGHT: Final = 0.2
"""So much more of the area counts when there are twice as many cells."""

MIN_CELL_SIDE: Final = 9
"""Pixels of a cell's shorter side at least."""

MAX_CELLS: Final = 260
"""Cells of a picture at most; more are squared paper."""

MIN_FILL: Final = 0.86
"""Share of the smallest turned rectangle around a cell that its convex hull fills at least: an ellipse fills 0.785 of
it."""

MIN_SOLID: Final = 0.55
"""Share of its hull that a cell fills at least, where strokes of digits reach into it."""

MAX_CELL_ASPECT: Final = 25.0
"""Longer side of a cell by its shorter one at most."""

MIN_APART: Final = 5
"""Pixels within which cells are neighbours in any case: a line's breadth."""

MAX_SHARED: Final = 0.15
"""Share of the box around a cell that may lie in other cells."""


class Lattice(NamedTuple):
    """What straight lines enclose, in a picture that is turned upright.

    Attributes:
        hulls: convex outlines of what they enclose, (n, 1, 2) int32 each.
        boxes: (m, 4) left, top, right, bottom of each hull.
        inside: (height, width) int32, which hull a pixel lies in, from 1; 0 for none.
        level: (height, width) uint8, 1 where a line around them runs about from left to right.
        upright: (height, width) uint8, 1 where a line around them runs about from top to bottom.
        breadth: of the lines in pixels; None where it is not known.
        cut: (m, 4) number of the table of which a cell's row or column is cut off by the picture's rim above, below, at
            the left, at the right; 0 where it is not.

    """

    hulls: list[Hull]
    boxes: NDArray[np.intp]
    inside: Labels
    level: Bits
    upright: Bits
    breadth: float | None = None
    cut: NDArray[np.intp] | None = None


class _Enclosed(NamedTuple):
    """A table, or a cell that stands alone, as runs of one length enclose it.

    Attributes:
        length: of the shortest run.
        level: (height, width) uint8, 1 where such a run lies.
        upright: the same from top to bottom.
        hulls: of its cells.
        boxes: of each.

    """

    length: int
    level: Bits
    upright: Bits
    hulls: list[Hull]
    boxes: NDArray[np.intp]

    @property
    def worth(self) -> float:
        """Area in pixels; what is of the same size as others counts for more, and many cells for more than few."""
        return worth_of(self.boxes.astype(np.float64))


def worth_of(boxes: NDArray[np.float64]) -> float:
    """Area of a table's cells; what is of the same size as others counts for more, and many cells for more than few."""
    sides = np.log(boxes[:, 2:] - boxes[:, :2])
    alike = of_one_size(sides).sum(axis=1) > 1
    weights = np.where(alike | (len(sides) == 1), 1.0, ODD_WEIGHT)
    weights[between_boxes(boxes)] = 0
    area = float((np.exp(sides.sum(axis=1)) * weights).sum())
    return area * (1 + COUNT_WEIGHT * float(np.log2(max(int(np.count_nonzero(weights)), 1))))


def of_one_size(sides: NDArray[np.float64]) -> Mask:
    """(n, n) whether two boxes are of one size, by the logarithms of their (n, 2) sides."""
    alike: Mask = np.abs(sides[:, None] - sides).max(axis=2) < SAME_SIZE
    return alike


def most_alike(boxes: NDArray[Number]) -> int:
    """How many boxes are of one size, of the size that most have."""
    sides = np.log(np.maximum(boxes[:, 2:] - boxes[:, :2], 1))
    return int(of_one_size(sides).sum(axis=1).max(initial=0))


def between_boxes(boxes: NDArray[Number]) -> Mask:
    """(n,) whether a cell may be the room between two boxes: narrower than both its neighbours, which are alike."""
    left, top, right, bottom = boxes.T
    width, height = right - left, bottom - top
    alike = np.abs(top[:, None] - top) + np.abs(bottom[:, None] - bottom) < MAX_UNEVEN * height
    close = np.abs(left[:, None] - right) < MAX_APART * height + MIN_APART
    np.fill_diagonal(close, False)  # what is narrow is close to itself
    before, behind = alike & close, alike & close.T
    gaps = np.zeros(len(boxes), np.bool_)
    for cell in np.flatnonzero(before.any(axis=1) & behind.any(axis=1)).tolist():
        one, other = width[before[cell].argmax()], width[behind[cell].argmax()]
        gaps[cell] = width[cell] < MAX_ROOM * min(one, other) and abs(one - other) < SAME_SIZE * max(one, other)
    return gaps


def lattice(views: list[View], within: Bits | None) -> Lattice | None:
    """What straight lines enclose; None where they enclose nothing.

    The tables that lines of different lengths enclose are taken in the order of their worth, and of each as much as
    does not lie in others.

    Args:
        views: of where lines may be, turned upright.
        within: the same, 1 where the picture is; None where it is everywhere.

    """
    found: list[_Enclosed] = []
    for mask, straight, gap in views:
        all_level, all_upright = Runs.of(mask, straight, gap), Runs.of(mask.T, straight, gap)
        for length in LENGTHS:
            if not (all_level.differ_at(length) or all_upright.differ_at(length)):
                continue
            level, upright = all_level.longer(length), np.ascontiguousarray(all_upright.longer(length).T)
            hulls, boxes = _enclosed(level | upright, within, length)
            if len(hulls) > MAX_CELLS:  # squared paper: no need to look further
                return _joined([_Enclosed(length, level, upright, hulls, boxes)], level.shape)
            for own in _tables(boxes):
                found.append(_Enclosed(length, level, upright, [hulls[each] for each in own], boxes[own]))
    found = [_mended(each) for each in found]
    found.sort(key=lambda each: -each.worth)
    return _joined(found, views[0].mask.shape) if found else None


def _tables(boxes: NDArray[np.intp]) -> list[list[int]]:
    """Indices of the cells that hang together, for each table."""
    left, top, right, bottom = boxes.T
    short = np.minimum(right - left, bottom - top)
    across, down = distances(boxes)
    close = np.maximum(across, down) <= np.maximum(MIN_APART, MAX_APART * np.minimum(short[:, None], short))
    _, labels = connected_parts(len(close), *np.nonzero(close))
    return [np.flatnonzero(labels == number).tolist() for number in np.unique(labels)]


def _mended(found: _Enclosed) -> _Enclosed:
    """The cells; neighbours of a row that are together what most others are alone were cut by a stroke, and are one."""
    boxes, hulls = found.boxes.copy(), list(found.hulls)
    for count in (3, 2):
        sizes = np.log(np.maximum(boxes[:, 2:] - boxes[:, :2], 1))
        alike = of_one_size(sizes).sum(axis=1)
        is_odd, gone = alike <= 1 + MAX_CUT * len(boxes), np.zeros(len(boxes), np.bool_)
        for place in np.flatnonzero(is_odd).tolist():
            chain = None if gone[place] else _chain(boxes, place, count)
            if chain is None or gone[chain].any() or not is_odd[chain].all():
                continue
            whole = np.log(boxes[chain, 2:].max(axis=0) - boxes[chain, :2].min(axis=0))
            if int((np.abs(sizes - whole).max(axis=1) < SAME_SIZE).sum()) > max(1, 2 * int(alike[chain].max())):
                hulls[place] = np.asarray(cv2.convexHull(np.concatenate([hulls[each] for each in chain])), np.int32)
                boxes[place, 2:], boxes[place, 1] = boxes[chain, 2:].max(axis=0), boxes[chain, 1].min()
                gone[chain[1:]] = True
        hulls = [hull for hull, is_gone in zip(hulls, gone, strict=True) if not is_gone]
        boxes = boxes[~gone]
    return found._replace(boxes=boxes, hulls=hulls)


def _chain(boxes: NDArray[np.intp], start: int, count: int) -> list[int] | None:
    """So many neighbours of one height from that cell to the right."""
    chain = [start]
    left, top, right, bottom = boxes.T
    while len(chain) < count:
        last = chain[-1]
        height = bottom[last] - top[last]
        apart = np.abs(top - top[last]) + np.abs(bottom - bottom[last])
        beside = (np.abs(left - right[last]) <= MIN_APART + MAX_APART * height) & (apart <= MAX_UNEVEN * height)
        beside &= left > left[last]
        if not beside.any():
            return None
        chain.append(int(np.flatnonzero(beside)[np.argmin(left[beside])]))
    return chain


def _joined(found: list[_Enclosed], shape: tuple[int, ...]) -> Lattice:
    inside, lines = np.zeros(shape, np.int32), np.zeros((2, *shape), np.uint8)
    hulls: list[Hull] = []
    boxes: list[tuple[int, ...]] = []
    for each in found:
        own = np.zeros(shape, np.uint8)
        for hull, box in zip(each.hulls, each.boxes.tolist(), strict=True):
            left, top, right, bottom = box
            if np.count_nonzero(inside[top:bottom, left:right]) < MAX_SHARED * (right - left) * (bottom - top):
                hulls.append(hull)
                boxes.append(box)
                cv2.fillConvexPoly(inside, hull, len(hulls))
                cv2.fillConvexPoly(own, hull, 1)
        if own.any():
            near = 2 * max(2, each.length // 4) + 1
            around = grown(own, near, near) & (1 - own)
            for line, runs_of_all in zip(lines, (each.level, each.upright), strict=True):
                line |= reached(runs_of_all & (1 - own), around)
    lines &= (inside == 0).view(np.uint8)
    return Lattice(hulls, np.array(boxes, np.intp), inside, lines[0], lines[1])


def _enclosed(lines: Bits, within: Bits | None, length: int) -> tuple[list[Hull], NDArray[np.intp]]:
    """Convex outlines of what the lines enclose and has about four straight sides, and their boxes."""
    free = (lines == 0).view(np.uint8) if within is None else ((lines == 0) & (within > 0)).view(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    outside = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    if within is not None:
        beyond = grown((within == 0).view(np.uint8), 3, 3)
        outside = np.union1d(outside, np.unique(labels[beyond > 0]))
    left, top, width, height, area = statistics.T.astype(np.intp)
    wanted = (np.minimum(width, height) >= MIN_CELL_SIDE) & (area >= MIN_CELL_SIDE**2)
    wanted &= (area > 0.2 * width * height) & (MIN_RUN * area <= 1.1 * length * np.maximum(width, height))
    wanted[0] = False
    wanted[outside] = False
    chosen = np.flatnonzero(wanted)
    hulls, boxes = [], []
    for index in chosen[np.argsort(-area[chosen])][: 2 * MAX_CELLS].tolist():
        x, y = int(left[index]), int(top[index])
        own = (labels[y : y + height[index], x : x + width[index]] == index).view(np.uint8)
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        hull = np.asarray(cv2.convexHull(max(outlines, key=len)), np.int32)
        if _is_cell(hull, int(area[index]), length):
            hulls.append(hull + np.array([x, y], np.int32))
            boxes.append((x, y, x + int(width[index]), y + int(height[index])))
    return hulls, np.array(boxes, np.intp).reshape(-1, 4)


def _is_cell(hull: Hull, area: int, length: int) -> bool:
    """Whether it has about four straight sides that suit runs of that length; `area` is of the region, in pixels."""
    _, sides, _ = cv2.minAreaRect(hull)
    short, long = sorted(side + 1 for side in sides)
    if short < MIN_CELL_SIDE or length < MIN_RUN * short or long > MAX_CELL_ASPECT * short:
        return False
    full = cv2.contourArea(hull) + cv2.arcLength(hull, closed=True) / 2 + 1  # Pick: pixels, not corners
    return full >= MIN_FILL * short * long and area >= MIN_SOLID * full


def spread(labels: Labels, reach: int) -> Labels:
    """Labels that reach so many pixels farther, where no other is; the higher one where two meet."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    spread = cv2.dilate(labels.astype(np.float32), square).astype(np.int32)
    return np.where(labels > 0, labels, spread)


def boxes_of(labels: Labels, count: int) -> NDArray[np.float64]:
    """(n, 4) left, top, right, bottom of each label."""
    framed = np.pad(labels, ((0, 0), (1, 1)))
    row, column = np.nonzero(framed[:, 1:] != framed[:, :-1])
    ends, begins = framed[row, column], framed[row, column + 1]
    boxes = np.zeros((count + 1, 4))
    boxes[np.unique(begins), :2] = np.inf
    for side, label, place in ((0, begins, column), (1, begins, row)):
        np.minimum.at(boxes[:, side], label, place)
    for side, label, place in ((2, ends, column), (3, begins, row + 1)):
        np.maximum.at(boxes[:, side], label, place)
    return boxes[1:]
