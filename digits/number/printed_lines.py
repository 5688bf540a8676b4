"""Ink -> straight lines and what they enclose: the sides of boxes, combs, grids and tables, printed or drawn.

A line is a long thin run of ink that may bend and rise a little; what lines enclose on all sides and has about four
straight sides is a cell. How long a run must be to be no stroke of a digit depends on the cells; so several lengths are
tried, and the one is taken whose runs enclose the most.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final, NamedTuple

import cv2
import numpy as np
from scipy.sparse.csgraph import connected_components as connected_parts
from numpy.typing import NDArray

from digits.ink.components import Grey, Mask, connected_components

Bits = NDArray[np.uint8]
"""(height, width) uint8, 0 or 1."""

Labels = NDArray[np.int32]
"""(height, width) int32."""

Hull = NDArray[np.int32]
"""(n, 1, 2) int32, x and y of the corners of a convex outline."""

LENGTHS: Final = (12, 20, 32, 50, 80, 130, 210)
"""Pixels that a line is long at least, each tried."""

LINE_WINDOW: Final = 61
"""Pixels a side of the window in which is told whether lines are ink, and..."""

MIN_INKED: Final = 0.35
"""...the share of their place, which is somewhat broader than they are, that is."""


class View(NamedTuple):
    """A view of where lines may be.

    Attributes:
        mask: (height, width) uint8, 1 where ink or a printed line is.
        straight: pixels of the straight runs of which lines consist at least.
        gap: pixels of the gaps within them at most.
        followed: whether lines are followed over longer breaks.

    """

    mask: Bits
    straight: int
    gap: int
    followed: bool


MAX_ASIDE: Final = 3.0
"""Pixels that a line's next piece may lie aside of where the line leads, and..."""

ASIDE_BY_GAP: Final = 0.04
"""...pixels more for each of the gap between."""

MIN_COVERED: Final = 0.4
"""Share of a line over which its pieces go."""

MAX_PIECES: Final = 500
"""Pieces, the longest ones, of which lines are made."""

CORNER: Final = 4
"""Pixels around the end of a line within which another one crosses it."""

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

MAX_TURN: Final = 20.0
"""Degrees by which the paper may be turned."""

MIN_TURN: Final = 0.75
"""Degrees from which on the ink is turned upright before lines are looked for."""

MAX_SAMPLE: Final = 6_000
"""Pixels of ink by which the turn is told."""

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

    """

    hulls: list[Hull]
    boxes: NDArray[np.intp]
    inside: Labels
    level: Bits
    upright: Bits


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
        sides = np.log((self.boxes[:, 2:] - self.boxes[:, :2]).astype(np.float64))
        alike = (np.abs(sides[:, None] - sides).max(axis=2) < SAME_SIZE).sum(axis=1) > 1
        weights = np.where(alike | (len(sides) == 1), 1.0, ODD_WEIGHT)
        weights[between_boxes(self.boxes)] = 0
        area = float((np.exp(sides.sum(axis=1)) * weights).sum())
        return area * (1 + COUNT_WEIGHT * float(np.log2(max(np.count_nonzero(weights), 1))))


def between_boxes(boxes: NDArray[np.intp]) -> Mask:
    """(n,) whether a cell may be the room between two boxes: narrower than both its neighbours, which are alike."""
    left, top, right, bottom = boxes.T
    width, height = right - left, bottom - top
    alike = np.abs(top[:, None] - top) + np.abs(bottom[:, None] - bottom) < MAX_UNEVEN * height
    close = np.abs(left[:, None] - right) < MAX_APART * height + MIN_APART
    before, behind = alike & close, alike & close.T
    gaps = np.zeros(len(boxes), np.bool_)
    for cell in np.flatnonzero(before.any(axis=1) & behind.any(axis=1)).tolist():
        one, other = width[before[cell].argmax()], width[behind[cell].argmax()]
        gaps[cell] = width[cell] < MAX_ROOM * min(one, other) and abs(one - other) < SAME_SIZE * max(one, other)
    return gaps


def turn_of_lines(mask: Bits) -> float:
    """Degrees, -`MAX_TURN` to it, by which the lines of the ink are turned clockwise: where most lies in few rows."""
    rows, columns = np.nonzero(mask)
    step = max(1, len(rows) // MAX_SAMPLE)
    x, y = columns[::step].astype(np.float64), rows[::step].astype(np.float64)
    if len(x) < MIN_CELL_SIDE:
        return 0.0

    def gathered(degrees: float) -> float:
        cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        total = 0.0
        for along in (y * cos - x * sin, x * cos + y * sin):
            counts = np.bincount((along - along.min()).astype(np.intp) // 2)
            total += float(np.square(counts.astype(np.float64)).sum())
        return total

    coarse = max(np.arange(-MAX_TURN, MAX_TURN + 1, 2.0).tolist(), key=lambda turn: (gathered(turn), -abs(turn)))
    return max(np.arange(coarse - 1.5, coarse + 2, 0.5).tolist(), key=lambda turn: (gathered(turn), -abs(turn)))


def turning(degrees: float, height: int, width: int) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The (2, 3) transformation that turns a picture upright, and the (width, height) of what holds all of it then."""
    if not degrees:
        return np.eye(2, 3), (width, height)
    middle = width / 2, height / 2
    matrix = np.asarray(cv2.getRotationMatrix2D(middle, degrees, 1.0), np.float64)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = int(width * cos + height * sin) + 1, int(width * sin + height * cos) + 1
    matrix[:, 2] += np.array(size) / 2 - middle
    return matrix, size


def lattice(views: list[View], within: Bits | None) -> Lattice | None:
    """What straight lines enclose; None where they enclose nothing.

    The tables that lines of different lengths enclose are taken in the order of their worth, and of each as much as
    does not lie in others.

    Args:
        views: of where lines may be, turned upright.
        within: the same, 1 where the picture is; None where it is everywhere.

    """
    found: list[_Enclosed] = []
    for mask, straight, gap, followed in views:
        all_level, all_upright = Runs.of(mask, straight, gap), Runs.of(mask.T, straight, gap)
        if followed:
            all_level, all_upright = all_level.followed(all_upright, gap), all_upright.followed(all_level, gap)
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


class Runs(NamedTuple):
    """Runs of ink from left to right that hang together.

    Attributes:
        labels: (height, width) int32, from 1; 0 where none is.
        lengths: (n,) from the left of each to its right, in pixels; that of label 0 is 0.

    """

    labels: Labels
    lengths: NDArray[np.intp]

    @classmethod
    def of(cls, mask: Bits, straight: int, gap: int) -> "Runs":
        """Of a mask, (height, width) uint8: straight for so many pixels at least, gaps up to `gap` filled."""
        thick = cv2.dilate(np.ascontiguousarray(mask), np.ones((3, 1), np.uint8))
        closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, gap + 1), np.uint8))
        level = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, straight), np.uint8))
        return cls.labelled(level)

    @classmethod
    def labelled(cls, level: Bits) -> "Runs":
        """Of a mask of runs, (height, width) uint8."""
        _, labels, statistics, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
        lengths = np.asarray(statistics[:, cv2.CC_STAT_WIDTH], np.intp)
        lengths[0] = 0
        return cls(np.asarray(labels, np.int32), lengths)

    def pieces(self) -> list[tuple[float, float, float, float]]:
        """The longest of them, as x and y of the left and of the right end of each, from left to right."""
        rows, columns = np.nonzero(self.labels)
        labels = self.labels[rows, columns]
        found = []
        ends = max(4, 0)
        order = np.argsort(labels, kind="stable")
        rows, columns, labels = rows[order], columns[order], labels[order]
        borders = np.searchsorted(labels, np.arange(1, len(self.lengths) + 1))
        for index in np.argsort(-self.lengths)[:MAX_PIECES].tolist():
            if not index:
                continue
            x, y = columns[borders[index - 1] : borders[index]], rows[borders[index - 1] : borders[index]]
            left, right = int(x.min()), int(x.max())
            first, last = y[x <= left + ends].mean(), y[x >= right - ends].mean()
            found.append((float(left), float(first), float(right), float(last)))
        return sorted(found)

    def followed(self, crossing: "Runs", reach: int) -> "Runs":
        """Lines over their breaks, but for those between two corners, and so many pixels beyond their ends.

        `crossing` runs the other way, in the transposed picture.
        """
        corners = cv2.dilate((crossing.labels.T > 0).view(np.uint8), np.ones((2 * CORNER + 1,) * 2, np.uint8))
        lines: list[_Line] = []
        for piece in self.pieces():
            fitting = [(line.aside(piece), line) for line in lines if line.may_go_on(piece, corners)]
            aside, line = min(fitting, key=lambda each: each[0], default=(1.0, None))
            if line is None or aside > 0:
                lines.append(_Line([piece]))
            else:
                line.pieces.append(piece)
        drawn = np.zeros(self.labels.shape, np.uint8)
        for line in lines:
            if line.covered >= MIN_COVERED:
                points = np.rint(np.array(line.pieces).reshape(-1, 1, 2)).astype(np.int32)
                points[0, 0, 0] -= _reach(corners, *points[0, 0].tolist(), -1, reach)
                points[-1, 0, 0] += _reach(corners, *points[-1, 0].tolist(), 1, reach)
                cv2.polylines(drawn, [points], False, 1, 3)
        return self.labelled(drawn)

    def differ_at(self, length: int) -> bool:
        """Whether runs of at least that length are others than those of the next shorter of `LENGTHS`."""
        shorter = max((each for each in LENGTHS if each < length), default=0)
        return bool(((self.lengths >= shorter) & (self.lengths < length)).any()) or length == LENGTHS[0]

    def longer(self, length: int) -> Bits:
        """(height, width) uint8: 1 where a run of at least that length is, or between two of them that are close."""
        return (self.lengths >= length).view(np.uint8)[self.labels]


class _Line(NamedTuple):
    """Pieces of a line, each x and y of its left and right end, from left to right."""

    pieces: list[tuple[float, float, float, float]]

    @property
    def covered(self) -> float:
        """Share of its length over which pieces go."""
        return sum(right - left for left, _, right, _ in self.pieces) / max(self.pieces[-1][2] - self.pieces[0][0], 1)

    def may_go_on(self, piece: tuple[float, float, float, float], corners: Bits) -> bool:
        """Whether no break between two corners parts it from that piece."""
        end, height = self.pieces[-1][2:]
        start, at = piece[:2]
        if start < end - CORNER:
            return False
        return start - end <= CORNER or not (corners[round(height), round(end)] and corners[round(at), round(start)])

    def aside(self, piece: tuple[float, float, float, float]) -> float:
        """By how many pixels the piece lies too far aside of where the line leads; 0 or less where it may go on."""
        gap = piece[0] - self.pieces[-1][2]
        first = self.pieces[max(len(self.pieces) - 4, 0)]
        run = self.pieces[-1][2] - first[0]
        slope = (self.pieces[-1][3] - first[1]) / run if run > 30 else 0.0
        too_far = gap - 2.0 * max(self.pieces[-1][2] - self.pieces[0][0], 20)
        aside = abs(self.pieces[-1][3] + slope * gap - piece[1]) - MAX_ASIDE - ASIDE_BY_GAP * max(gap, 0.0)
        return max(aside, too_far)


def _reach(corners: Bits, x: int, y: int, step: int, reach: int) -> int:
    """Pixels, up to `reach`, from the end of a line to the next corner in that direction; 0 where none is."""
    if corners[y, x]:
        return 0
    beyond = corners[y, max(x - reach, 0) : x][::-1] if step < 0 else corners[y, x + 1 : x + 1 + reach]
    return int(np.argmax(beyond)) + 1 + CORNER if beyond.any() else 0


def _tables(boxes: NDArray[np.intp]) -> list[list[int]]:
    """Indices of the cells that hang together, for each table."""
    left, top, right, bottom = boxes.T
    short = np.minimum(right - left, bottom - top)
    across = np.maximum(left[:, None] - right, left - right[:, None])
    down = np.maximum(top[:, None] - bottom, top - bottom[:, None])
    close = np.maximum(across, down) <= np.maximum(MIN_APART, MAX_APART * np.minimum(short[:, None], short))
    _, labels = connected_parts(close)
    return [np.flatnonzero(labels == number).tolist() for number in np.unique(labels)]


def _mended(found: _Enclosed) -> _Enclosed:
    """The cells; neighbours of a row that are together what most others are alone were cut by a stroke, and are one."""
    boxes, hulls = found.boxes.copy(), list(found.hulls)
    for count in (3, 2):
        sizes = np.log(np.maximum(boxes[:, 2:] - boxes[:, :2], 1))
        alike = (np.abs(sizes[:, None] - sizes).max(axis=2) < SAME_SIZE).sum(axis=1)
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
            around = cv2.dilate(own, np.ones((near, near), np.uint8)) & (1 - own)
            for line, runs_of_all in zip(lines, (each.level, each.upright), strict=True):
                line |= reached(runs_of_all & (1 - own), around)
    lines &= (inside == 0).view(np.uint8)
    return Lattice(hulls, np.array(boxes, np.intp), inside, lines[0], lines[1])


def reached(mask: Bits, start: Bits) -> Bits:
    """Components of the mask of which some pixel is in `start`."""
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    reached = np.zeros(int(labels.max()) + 1, np.uint8)
    reached[labels[start > 0]] = 1
    reached[0] = 0
    return np.asarray(reached[labels], np.uint8)


def _enclosed(lines: Bits, within: Bits | None, length: int) -> tuple[list[Hull], NDArray[np.intp]]:
    """Convex outlines of what the lines enclose and has about four straight sides, and their boxes."""
    free = (lines == 0).view(np.uint8) if within is None else ((lines == 0) & (within > 0)).view(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    outside = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    if within is not None:
        beyond = cv2.dilate((within == 0).view(np.uint8), np.ones((3, 3), np.uint8))
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


def line_breadth(mask: Bits, lines: Bits) -> float:
    """Breadth of the lines in pixels, by how far their ink is from paper on the mean."""
    distance = cv2.distanceTransform(mask, cv2.DIST_L1, 3)
    on_lines = distance[(lines > 0) & (mask > 0)]
    if not len(on_lines):
        return 1.0
    usual = on_lines[on_lines <= 2 * np.median(on_lines)]
    return max(1.0, 4 * float(usual.mean()) - 2.2)  # of lines of 1 to 9 pixels within one


def without_lines(ink: Grey, level: Bits, upright: Bits, breadth: float, *, partly: bool) -> Grey:
    """The ink without the lines, strokes that cross them kept.

    A line's pixel stays where the ink reaches clearly farther across the line than the line is broad, and where it
    mends a stroke.

    Args:
        ink: (height, width) float32 in [0, 1].
        level: 1 where a line to be taken out runs about from left to right.
        upright: the same from top to bottom.
        breadth: of the lines in pixels.
        partly: whether lines may be left out of the ink already.

    """
    mask = (ink > 0.3).view(np.uint8)
    if partly:
        there = _inked(mask, level | upright)
        level, upright = level & there, upright & there
    across = round(1.5 * breadth) + 3
    tall, wide = np.ones((across, 1), np.uint8), np.ones((1, across), np.uint8)
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((round(1.6 * breadth) + 2,) * 2, np.uint8))
    crossing_level = cv2.morphologyEx(mask & (1 - upright), cv2.MORPH_OPEN, tall)
    crossing_upright = cv2.morphologyEx(mask & (1 - level), cv2.MORPH_OPEN, wide)
    zone = level | upright
    kept = (1 - zone) | thick | (crossing_level & level & (1 - upright)) | (crossing_upright & upright & (1 - level))
    left = mask & kept
    mend = round(breadth) + 3
    mended = cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ones((mend, 1), np.uint8)) & level
    mended |= cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ones((1, mend), np.uint8)) & upright
    cleaned = np.where((kept | mended) > 0, ink, np.float32(0))
    return _without_remains(cleaned, zone, breadth)


def _inked(mask: Bits, lines: Bits) -> Bits:
    """1 where most of the lines around are ink; a classifier of pixels may have left them out already."""
    size = (LINE_WINDOW, LINE_WINDOW)
    all_lines = cv2.boxFilter(lines.astype(np.float32), -1, size)
    inked = cv2.boxFilter((lines & mask).astype(np.float32), -1, size)
    return np.asarray(inked > MIN_INKED * all_lines, np.bool_).view(np.uint8)


def _without_remains(ink: Grey, zone: Bits, breadth: float) -> Grey:
    """The ink without components that lie in the lines' place or close beside it."""
    found = connected_components(ink > 0.3)
    near = cv2.dilate(zone, np.ones((5, 5), np.uint8))
    in_zone = np.bincount(found.labels[near > 0], minlength=len(found.size) + 1)[1:]
    thin = np.minimum(found.width, found.height) <= 2 * breadth + 4
    remains = np.concatenate([[False], thin & (in_zone > 0.75 * found.size)])
    gone: Mask = remains.take(found.labels)
    gone = cv2.dilate(gone.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_) & (gone | (found.labels == 0))
    return np.where(gone, np.float32(0), ink)
