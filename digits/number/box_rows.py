"""Boxes of one size that stand evenly apart in a row: those that strokes divided or hid are put right by the others.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.number.cell_rows import in_order
from digits.number.enclosures import MAX_SHARED, SAME_SIZE, Hull, Lattice, between_boxes
from digits.number.runs import Bits, draw_line, grown, line_breadth

MIN_ALIKE: Final = 2
"""Boxes of one size that tell what the others of their row are like, at least."""

MAX_PARTS: Final = 3
"""So many places apart two neighbours of them are at most: boxes between them were not found."""

MAX_ASIDE: Final = 0.12
"""How far the middle of a box may be from where it should be, by the boxes' width."""

MAX_ROOM: Final = 2.2
"""Distance from a box's left side to the next one's by its width at most."""

MIN_SIDE_SEEN: Final = 0.35
"""Share of each side of a box that was not found on which a line is seen, and..."""

MIN_SEEN: Final = 0.6
"""...share of all four sides."""

SLACK: Final = 0.05
"""How far a side may be from where it should be, by the boxes' height, or..."""

MIN_SLACK: Final = 2
"""...pixels."""

MIN_BENT: Final = 5
"""Boxes from which on their places need not be on a straight line: in perspective they are closer at one end."""


class _Row(NamedTuple):
    """Boxes evenly apart.

    Attributes:
        sides: (degree + 1, 4) polynomials of a box's left, top, right and bottom by its number, from 0.
        last: number of the last box that was found.
        width: of a box, the median.
        height: of a box, the median.

    """

    sides: NDArray[np.float64]
    last: int
    width: float
    height: float

    def box(self, number: int) -> NDArray[np.float64]:
        """(4,) left, top, right, bottom."""
        return np.asarray(number ** np.arange(len(self.sides))[::-1] @ self.sides, np.float64)


def even_rows(found: Lattice, mask: Bits) -> Lattice:
    """The lattice, in which the boxes of a row that are unlike the others are put where the others tell.

    Args:
        found: what lines enclose.
        mask: (height, width) uint8, 1 where a line or ink is.

    """
    gaps = between_boxes(found.boxes)
    added: list[NDArray[np.intp]] = []
    gone = np.zeros(len(found.boxes), np.bool_)
    seen = None
    for table in in_order(found.boxes.astype(np.float64)):
        if len(table) > 1:
            continue
        own = np.array(table[0], np.intp)
        row = _even_row(found.boxes[own[~gaps[own]]].astype(np.float64))
        if row is None:
            continue
        if seen is None:
            reach = 2 * max(MIN_SLACK, round(SLACK * row.height)) + 1
            seen = grown(mask, reach, reach)
        for box in _missing(row, found.boxes[own], seen):
            left, top, right, bottom = box.tolist()
            middle = (found.boxes[own, :2] + found.boxes[own, 2:]) / 2
            gone[own[((middle > [left, top]) & (middle < [right, bottom])).all(axis=1)]] = True
            added.append(box)
    return _with(found, gone, added, mask) if added else found


def _even_row(boxes: NDArray[np.float64]) -> _Row | None:
    """Where the boxes of a row stand, by those of one size; None where they are not evenly apart."""
    sizes = np.log(np.maximum(boxes[:, 2:] - boxes[:, :2], 1))
    close = np.abs(sizes[:, None] - sizes).max(axis=2) < SAME_SIZE
    count = close.sum(axis=1)
    if len(boxes) < MIN_ALIKE or count.max() < MIN_ALIKE:
        return None
    most = max(np.flatnonzero(count == count.max()).tolist(), key=lambda each: float(sizes[each].sum()))
    alike = boxes[close[most]]
    alike = alike[np.argsort(alike[:, 0])]
    width, height = np.median(alike[:, 2:] - alike[:, :2], axis=0).tolist()
    steps = np.diff(alike[:, 0])
    for parts in range(1, MAX_PARTS + 1):
        pitch = float(steps.min()) / parts
        if pitch < width:
            return None
        number = np.concatenate([[0], np.cumsum(np.rint(steps / pitch))])
        if pitch > MAX_ROOM * width or (np.diff(number) > MAX_PARTS).any():
            continue
        sides = np.polyfit(number, alike, 2 if len(alike) >= MIN_BENT else 1)
        row = _Row(sides, int(number[-1]), width, height)
        if np.abs([row.box(place) for place in number] - alike).max() <= MAX_ASIDE * width:
            return row
    return None


def _missing(row: _Row, boxes: NDArray[np.intp], seen: Bits) -> list[NDArray[np.intp]]:
    """Boxes of the row that were not found, or not as wide as they are, and whose sides are seen."""
    numbers = list(range(row.last + 1))
    while _is_seen(row.box(numbers[0] - 1), seen):
        numbers.insert(0, numbers[0] - 1)
    while _is_seen(row.box(numbers[-1] + 1), seen):
        numbers.append(numbers[-1] + 1)
    wanted = [row.box(number) for number in numbers]
    return [
        np.rint(box).astype(np.intp)
        for box in wanted
        if np.abs(boxes - box).max(axis=1).min() > MAX_ASIDE * row.width and _is_seen(box, seen)
    ]


def _is_seen(box: NDArray[np.float64], seen: Bits) -> bool:
    """Whether lines are where a box's sides should be; not of one that lies beyond the picture."""
    left, top, right, bottom = np.rint(box).astype(int).tolist()
    height, width = seen.shape
    if left < 1 or top < 1 or right >= width - 1 or bottom >= height - 1:
        return False
    sides = [seen[y, left : right + 1].mean() for y in (top - 1, bottom)]
    sides += [seen[top : bottom + 1, x].mean() for x in (left - 1, right)]
    return min(sides) >= MIN_SIDE_SEEN and float(np.mean(sides)) >= MIN_SEEN


def _with(found: Lattice, gone: NDArray[np.bool_], added: list[NDArray[np.intp]], mask: Bits) -> Lattice:
    """The lattice without those boxes, with the others."""
    stay = np.flatnonzero(~gone).tolist()
    hulls: list[Hull] = [found.hulls[cell] for cell in stay]
    boxes = [found.boxes[cell] for cell in stay]
    numbers = np.zeros(len(gone) + 1, np.int32)
    numbers[np.array(stay, np.intp) + 1] = np.arange(1, len(stay) + 1)
    inside, level, upright = numbers[found.inside], found.level.copy(), found.upright.copy()
    breadth = found.breadth or line_breadth(mask, level | upright)
    thick = max(1, round(breadth) + 2)
    for box in added:
        left, top, right, bottom = box.tolist()
        if np.count_nonzero(inside[top:bottom, left:right]) > MAX_SHARED * (right - left) * (bottom - top):
            continue
        corners = np.array([(left, top), (right - 1, top), (right - 1, bottom - 1), (left, bottom - 1)], np.int32)
        hulls.append(corners.reshape(-1, 1, 2))
        boxes.append(box)
        cv2.fillConvexPoly(inside, hulls[-1], len(hulls))
        outer = corners + (np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (breadth / 2 + 0.5))
        draw_line(level, outer[0], outer[1], thick)
        draw_line(level, outer[3], outer[2], thick)
        draw_line(upright, outer[0], outer[3], thick)
        draw_line(upright, outer[1], outer[2], thick)
    outside = (inside == 0).view(np.uint8)
    cut = None if found.cut is None else np.concatenate([found.cut[stay], np.zeros((len(boxes) - len(stay), 4), np.intp)])
    return found._replace(
        hulls=hulls, boxes=np.array(boxes, np.intp), inside=inside, level=level & outside, upright=upright & outside, cut=cut
    )
