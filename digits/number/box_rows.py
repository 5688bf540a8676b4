"""Boxes of one size that stand evenly apart in a row: those that strokes divided or hid are put right by the others.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Boxes in a row").
"""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.number.cell_rows import in_order
from digits.number.enclosures import MAX_SHARED, Hull, Lattice, between_boxes, of_one_size
from digits.number.runs import Bits, draw_line, grown, line_breadth

MIN_ALIKE: Final = 2
"""Boxes of one size that tell what the others of their row are like, at least."""

MIN_BESIDE: Final = 0.5
"""Share of the lower one's height that it has beside its neighbour in a row."""

MAX_TWINS: Final = 3
"""Boxes of one size that stand in no row up to which another is looked for beside the largest."""

MAX_PARTS: Final = 3
"""So many places apart the closest two of them are at most: boxes between them were not found; and others..."""

MAX_GAP: Final = 8
"""...so many."""

MAX_ASIDE: Final = 0.12
"""How far a corner of a box may be from where it should be, by the boxes' width."""

MIN_FITTING: Final = 0.6
"""Share of the boxes of one size whose corners are all where they should be, at least."""

MAX_ROOM: Final = 2.2
"""Distance from a box's left side to the next one's by its width at most."""

MIN_BENT: Final = 5
"""Boxes from which on their places need not be on a straight line: in perspective they are closer at one end."""

MIN_SIDE_SEEN: Final = 0.35
"""Share of each side of a box that was not found on which a line is seen, and..."""

MIN_SEEN: Final = 0.6
"""...share of all four sides."""

MIN_DIVIDING: Final = 0.95
"""The same of each side of a box that is a part of one that was found, if the others have it: a stroke in a broad cell
is no side, ticks of a comb are short."""

INWARDS: Final = np.array([-1, -1, 1, 1])
"""Signs that tell how far left, top, right and bottom sides lie beyond others."""

MIN_TWIN: Final = 30
"""Pixels of the shorter side of a box that alone tells of its neighbour; smaller ones are loops of digits, too."""

MIN_TWIN_SIDE: Final = 0.7
"""The same of each side of a box of which only one other tells how large it is, and..."""

MIN_TWIN_SEEN: Final = 0.85
"""...of all four sides, less..."""

NEARER: Final = 0.02
"""...so much for each of its widths that it is away: of two, the nearer one is its neighbour."""

SLACK: Final = 0.05
"""How far a side may be from where it should be, by the boxes' height, or..."""

MIN_SLACK: Final = 2
"""...pixels."""

POINTS: Final = 24
"""Points of a side at which a line is looked for."""

MAX_ROUNDS: Final = 12
"""So often a row is looked at again, as each box that is put right tells more of the others."""

MAX_BOXES: Final = 100
"""Boxes of a picture up to which any are put right: more are a table or squared paper, and would take long."""

Corners = NDArray[np.float64]
"""(4, 2) x and y, from the upper left one clockwise."""


class _Row(NamedTuple):
    """Boxes evenly apart.

    Attributes:
        corners: (degree + 1, 8) polynomials of the corners' x and y by a box's number, from 0.
        last: number of the last box that was found.
        width: of a box, the median.
        height: of a box, the median.

    """

    corners: NDArray[np.float64]
    last: int
    width: float
    height: float

    def box(self, number: int) -> Corners:
        """The corners of a box."""
        return np.asarray((number ** np.arange(len(self.corners))[::-1] @ self.corners).reshape(4, 2), np.float64)


def even_rows(found: Lattice, mask: Bits) -> Lattice:
    """The lattice, in which the boxes of a row that are unlike the others are put where the others tell.

    Args:
        found: what lines enclose.
        mask: (height, width) uint8, 1 where a line or ink is.

    """
    for _ in range(MAX_ROUNDS if len(found.boxes) <= MAX_BOXES else 0):
        better = _better(found, mask)
        if better is None:
            break
        found = better
    return found


def _better(found: Lattice, mask: Bits) -> Lattice | None:
    """The lattice with boxes put right that their row tells; None where there are none."""
    gaps = between_boxes(found.boxes)
    corners = np.stack([_corners_of(hull) for hull in found.hulls])
    for table in in_order(found.boxes.astype(np.float64)):
        own = np.array([cell for cells in table for cell in cells], np.intp)
        alike = _alike(corners[own[~gaps[own]]])
        row = _even_row(alike) if len(alike) >= MIN_ALIKE else None
        if row is not None:
            added = _missing(row, corners[own], mask)
        else:
            added = _twin(corners[own], mask) if len(alike) <= MAX_TWINS else []
        if added:
            return _with(found, added, mask)
    return None


def _corners_of(hull: Hull) -> Corners:
    points = hull.reshape(-1, 2).astype(np.float64)
    across, down = points.sum(axis=1), points[:, 0] - points[:, 1]
    return points[[across.argmin(), down.argmax(), across.argmax(), down.argmin()]]


def _sides(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 4) left, top, right, bottom of (..., 4, 2) corners."""
    return np.concatenate([corners.min(axis=-2), corners.max(axis=-2)], axis=-1)


def _alike(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those boxes of (n, 4, 2) that are of the size of most, from left to right; the larger ones of several sizes."""
    if not len(corners):
        return corners
    sizes = np.log(np.maximum(np.ptp(corners, axis=1), 1))
    close = of_one_size(sizes)
    count = close.sum(axis=1)
    most = max(np.flatnonzero(count == count.max()).tolist(), key=lambda each: float(sizes[each].sum()))
    alike = corners[close[most]]
    return np.asarray(alike[np.argsort(alike[:, 0, 0])], np.float64)


def _even_row(alike: NDArray[np.float64]) -> _Row | None:
    """Where the boxes of a row stand by (n, 4, 2) of one size; None where they are no row or not evenly apart."""
    if not _is_one_row(alike):
        return None
    width = float(np.median(np.ptp(alike[..., 0], axis=1)))
    steps = np.diff(alike[:, :, 0].mean(axis=1))
    for parts in range(1, MAX_PARTS + 1):
        pitch = float(steps.min()) / parts
        if pitch < width:
            return None
        number = np.concatenate([[0], np.cumsum(np.rint(steps / pitch))])
        if pitch > MAX_ROOM * width or (np.diff(number) > MAX_GAP).any():
            continue
        row = _fitted(number, alike, MAX_ASIDE * width)
        if row is not None:
            return row
    return None


def _is_one_row(corners: NDArray[np.float64]) -> bool:
    """Whether each of (n, 4, 2) boxes, from left to right, stands beside the next one."""
    top, bottom = corners[:, :, 1].min(axis=1), corners[:, :, 1].max(axis=1)
    height = bottom - top
    shared = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    return bool((shared > MIN_BESIDE * np.minimum(height[1:], height[:-1])).all())


def _fitted(number: NDArray[np.float64], corners: NDArray[np.float64], most: float) -> _Row | None:
    """The row of boxes of these numbers, but for few whose corners a stroke hides; `most` pixels each may be aside."""
    stay = np.arange(len(number))
    while len(stay) >= max(MIN_ALIKE, MIN_FITTING * len(number)):
        places = np.polyfit(number[stay], corners[stay].reshape(-1, 8), 2 if len(stay) >= MIN_BENT else 1)
        width, height = np.median(np.ptp(corners[stay], axis=1), axis=0).tolist()
        row = _Row(places, int(number[-1]), width, height)
        aside = np.abs(np.stack([row.box(each) for each in number[stay]]) - corners[stay]).max(axis=(1, 2))
        if aside.max() <= most:
            return row
        stay = np.delete(stay, aside.argmax())
    return None


def _slack(height: float) -> int:
    """Pixels by which a side of boxes of that height may be from where it should be."""
    return max(MIN_SLACK, round(SLACK * height))


def _missing(row: _Row, corners: NDArray[np.float64], mask: Bits) -> list[Corners]:
    """Boxes of the row whose sides are seen and that were not found, or not as wide as they are."""
    missing, most, slack = [], MAX_ASIDE * row.width, _slack(row.height)
    found, parts = [], []
    for number in range(-1, row.last + 2):
        box = row.box(number)
        beyond = (_sides(corners) - _sides(box)) * INWARDS
        if np.abs(beyond).max(axis=1).min() <= most:
            found.append(box)
        elif (beyond > -most).all(axis=1).any():
            parts.append(box)
        elif (seen := _seen(box, mask, slack, MIN_SIDE_SEEN)) is not None:
            missing.append(seen)
    if not parts:
        return missing
    usual = float(np.median([min(_looked_at(box, mask, slack)[1]) for box in found])) if found else 1.0
    divided = (_seen(box, mask, slack, max(min(usual, MIN_DIVIDING), MIN_SIDE_SEEN)) for box in parts)
    return missing + [box for box in divided if box is not None]


def _twin(corners: NDArray[np.float64], mask: Bits) -> list[Corners]:
    """A box beside the largest of these that is as large and was not found; none where nothing is surely one."""
    sides = _sides(corners)
    box = corners[np.prod(sides[:, 2:] - sides[:, :2], axis=1).argmax()]
    along = (box[1] - box[0] + box[2] - box[3]) / 2
    height, width = float(np.ptp(box[:, 1])), float(np.hypot(*along))
    slack, most, best = _slack(height), MIN_TWIN_SEEN, list[Corners]()
    if min(width, height) < MIN_TWIN:
        return []
    near = grown(mask, 2 * slack + 1, 2 * slack + 1)
    outline = np.concatenate([np.linspace(box[side], box[side - 1], POINTS) for side in range(4)])
    for step in range(round(width), round(MAX_ROOM * width), slack):
        for shift in (step * along / width, -step * along / width):
            x, y = np.rint(outline + shift).astype(np.intp).T
            if min(x.min(), y.min()) < 0 or x.max() >= near.shape[1] or y.max() >= near.shape[0]:
                continue
            if near[y, x].mean() < MIN_TWIN_SEEN:
                continue
            seen, shares = _looked_at(box + shift, mask, slack)
            told = float(np.mean(shares)) - step / width * NEARER
            is_new = np.abs(_sides(corners) - _sides(box + shift)).max(axis=1).min() > MAX_ASIDE * width
            if seen is not None and is_new and min(shares) >= MIN_TWIN_SIDE and told > most:
                most, best = told, [seen]
    return best


def _seen(box: Corners, mask: Bits, slack: int, least: float) -> Corners | None:
    """The box, its sides moved to where lines are seen; None where so much of each is not, or beyond the picture."""
    moved, shares = _looked_at(box, mask, slack)
    return moved if min(shares) >= least and float(np.mean(shares)) >= MIN_SEEN else None


def _looked_at(box: Corners, mask: Bits, slack: int) -> tuple[Corners | None, list[float]]:
    """The box, its sides moved by up to so many pixels to where most of a line is, and how much of each is there.

    None, and nothing of any, for a box that lies beyond the picture.
    """
    limits = np.array(mask.shape[::-1]) - 2
    if (box < 1).any() or (box > limits).any():
        return None, [0.0]
    shares, moved = [], box.copy()
    for side in range(4):
        ends, axis = [side, (side + 1) % 4], 1 - side % 2
        points = np.linspace(box[ends[0]], box[ends[1]], POINTS)
        outwards = -1 if side in (0, 3) else 1
        steps = outwards * np.arange(-slack, slack + 2)
        at = np.repeat(points[None], len(steps), axis=0)
        at[..., axis] += steps[:, None]
        x, y = np.moveaxis(np.rint(at).astype(np.intp).clip(0, limits + 1), -1, 0)
        there = mask[y, x] > 0
        shares.append(float(there.any(axis=0).mean()))
        moved[ends, axis] += steps[there.mean(axis=1).argmax()] - outwards
    return moved, shares


def _with(found: Lattice, added: list[Corners], mask: Bits) -> Lattice:
    """The lattice with these boxes, without those in their place."""
    taken = np.zeros_like(found.level)
    for corners in added:
        cv2.fillConvexPoly(taken, np.rint(corners).astype(np.int32), 1)
    covered = np.bincount(found.inside.ravel(), taken.ravel(), len(found.boxes) + 1)[1:]
    least = MAX_SHARED * min(cv2.contourArea(corners.astype(np.float32)) for corners in added)
    own = np.bincount(found.inside.ravel(), minlength=len(found.boxes) + 1)[1:]
    stay = np.flatnonzero(covered <= np.minimum(least, own / 2)).tolist()
    hulls: list[Hull] = [found.hulls[cell] for cell in stay]
    boxes = [found.boxes[cell].tolist() for cell in stay]
    numbers = np.zeros(len(found.boxes) + 1, np.int32)
    numbers[np.array(stay, np.intp) + 1] = np.arange(1, len(stay) + 1)
    inside, level, upright = numbers[found.inside], found.level.copy(), found.upright.copy()
    breadth = found.breadth or line_breadth(mask, level | upright)
    for corners in added:
        hull = np.rint(corners).astype(np.int32).reshape(-1, 1, 2)
        left, top, width, height = cv2.boundingRect(hull)
        hulls.append(hull)
        boxes.append([left, top, left + width, top + height])
        cv2.fillConvexPoly(inside, hull, len(hulls))
        outer = corners + (breadth / 2 + 0.5) * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        for side, lines in enumerate((level, upright, level, upright)):
            draw_line(lines, outer[side], outer[(side + 1) % 4], max(1, round(breadth) + 2))
    outside = (inside == 0).view(np.uint8)
    more = np.zeros((len(boxes) - len(stay), 4), np.intp)
    return found._replace(
        hulls=hulls,
        boxes=np.array(boxes, np.intp),
        inside=inside,
        level=level & outside,
        upright=upright & outside,
        cut=None if found.cut is None else np.concatenate([found.cut[stay], more]),
    )
