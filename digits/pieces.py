"""Ink -> lines of pieces: connected parts sorted into lines of writing, and cuts where digits may touch.

A piece is the smallest thing that the search for a number moves as a whole: a connected part of the ink, or what a cut
leaves of one. Cuts are seams, paths from top to bottom that cross as little ink as possible (dynamic programming over
the rows, as Avidan & Shamir carve seams, SIGGRAPH 2007); for the older ways of cutting touching numerals see Casey &
Lecolinet, IEEE PAMI 18 (1996).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from digits.ink import SHEETS_EDGE, SMALLEST_DIGIT, TOUCHING, Grey, parts_along_the_rim

SPECK: Final = 0.16
"""Share of the line's height below which a part is a speck."""

SHARED_HEIGHT: Final = 0.3
"""Share of the lower of two parts that must lie beside the other for both to stand in one line."""

SEAM_ROWS: Final = 48
"""Height in pixels at which seams are looked for."""

SIDEWAYS: Final = 0.12
"""What a seam pays for a step aside, where a pixel of ink costs 1."""


@dataclass(frozen=True)
class Piece:
    """A connected part of the ink or what a cut leaves of it.

    Attributes:
        ink: (height, width) float32 in [0, 1], of this piece alone.
        top: row of the ink's first pixel in the picture.
        left: column of it.
        part: number of the connected part that it belongs to.
        cost: of the seam at its left, in widths of the stroke; 0 where its part begins.

    """

    ink: Grey
    top: int
    left: int
    part: int
    cost: float = 0.0

    @property
    def bottom(self) -> int:
        """Row below the last pixel."""
        return self.top + len(self.ink)

    @property
    def right(self) -> int:
        """Column behind the last pixel."""
        return self.left + len(self.ink[0])

    @property
    def middle(self) -> float:
        """Column of the middle."""
        return (self.left + self.right) / 2


def parts(ink: Grey, *, drawn: bool) -> list[Piece]:
    """The connected parts of the ink, without those that lie along a photograph's rim and without its grain."""
    labels, count = ndimage.label(ink > (0.3 if drawn else 0.5), TOUCHING)
    if count == 0:
        return []
    slices = ndimage.find_objects(labels)
    boxes = np.array([[rows.start, columns.start, rows.stop, columns.stop] for rows, columns in slices])
    top, left, bottom, right = boxes.T
    size = np.maximum(bottom - top, right - left)
    height, width = ink.shape
    wanted = size >= (2 if drawn else SMALLEST_DIGIT / 4 * max(height, width))
    if not drawn:
        in_the_rim = (bottom <= SHEETS_EDGE * height) | (top >= (1 - SHEETS_EDGE) * height)
        at_rim = (top == 0) | (left == 0) | (bottom == height) | (right == width)
        wanted &= ~(parts_along_the_rim(labels, boxes) | (in_the_rim & at_rim))
    return [_cut_out(ink, labels, boxes[number], int(number) + 1) for number in np.flatnonzero(wanted)]


def _cut_out(ink: Grey, labels: NDArray[np.int32], box: NDArray[np.intp], number: int) -> Piece:
    """One part with its soft edge, which lies up to two pixels outside of what was numbered."""
    top, left = max(box[0] - 2, 0), max(box[1] - 2, 0)
    rows, columns = slice(top, box[2] + 2), slice(left, box[3] + 2)
    own = labels[rows, columns]
    near = ndimage.binary_dilation(own == number, TOUCHING, 2) & ((own == number) | (own == 0))
    return _piece(np.where(near & (ink[rows, columns] > 0.05), ink[rows, columns], np.float32(0)), top, left, number)


def _piece(ink: Grey, top: int, left: int, part: int, cost: float = 0.0) -> Piece:
    """A piece without the empty rows and columns around it."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    closely = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Piece(closely, int(top + rows[0]), int(left + columns[0]), part, cost)


def lines(found: list[Piece]) -> list[list[Piece]]:
    """Parts sorted into lines of writing, top to bottom, each from left to right; specks are left out.

    A part joins the line whose last part before it lies most beside it; what is much lower than the others, such as the
    bar of a 5, joins the line of the part that is nearest.
    """
    if not found:
        return []
    heights = np.array([piece.bottom - piece.top for piece in found])
    usual = float(np.quantile(heights.repeat(heights), 0.5))
    rows: list[list[Piece]] = []
    small: list[Piece] = []
    for piece in sorted(found, key=lambda piece: piece.middle):
        if piece.bottom - piece.top < 0.4 * usual:
            small.append(piece)
            continue
        beside = [_shared(piece, row[-1]) for row in rows]
        best = int(np.argmax(beside)) if beside else 0
        if beside and beside[best] >= SHARED_HEIGHT:
            rows[best].append(piece)
        else:
            rows.append([piece])
    for piece in small:
        size = max(piece.bottom - piece.top, piece.right - piece.left)
        distance, height, best = min(
            (_distance(piece, other), other.bottom - other.top, place)
            for place, row in enumerate(rows)
            for other in row
        )
        if size >= SPECK * height and distance < 0.6 * height:
            rows[best].append(piece)
        elif size >= 0.3 * usual:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda piece: piece.middle)
    return sorted(rows, key=lambda row: float(np.mean([piece.top + piece.bottom for piece in row])))


def _shared(one: Piece, other: Piece) -> float:
    """Share of the lower one's height that lies beside the other."""
    beside = min(one.bottom, other.bottom) - max(one.top, other.top)
    return beside / min(one.bottom - one.top, other.bottom - other.top)


def _distance(one: Piece, other: Piece) -> float:
    """Pixels from one box to the other."""
    across = max(one.left - other.right, other.left - one.right, 0)
    down = max(one.top - other.bottom, other.top - one.bottom, 0)
    return float(np.hypot(across, down))


def cut(piece: Piece, most: int) -> list[Piece]:
    """The piece cut by its cheapest seams, from left to right; the piece itself where no seam is worth a try."""
    factor = max(1, round(max(piece.ink.shape[0], 8) / SEAM_ROWS))
    height, width = piece.ink.shape
    padded = np.pad(piece.ink, ((0, -height % factor), (0, -width % factor)))
    small = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor).mean(axis=(1, 3))
    seams = _seams(small, most)
    if not seams:
        return [piece]
    costs = [cost for _, cost in seams]
    columns = np.stack([path for path, _ in seams], axis=1)
    columns = np.sort(columns.repeat(factor, axis=0)[:height] * factor, axis=1)
    zone = (np.arange(width) >= columns[:, :, None]).sum(axis=1)
    cuts = []
    for number in range(len(seams) + 1):
        ink = np.where(zone == number, piece.ink, np.float32(0))
        if (ink > 0.3).any():
            cost = costs[number - 1] if number else piece.cost
            cuts.append(_piece(ink, piece.top, piece.left, piece.part, cost))
    return cuts


def _seams(ink: Grey, most: int) -> list[tuple[NDArray[np.intp], float]]:
    """Seams through the ink from left to right: the column of each row, and how many widths of stroke each crosses."""
    height, width = ink.shape
    if width < 5:
        return []
    stroke = _stroke(ink)
    down, from_above = _cheapest(ink)
    up, from_below = _cheapest(ink[::-1])
    up, from_below = up[::-1], from_below[::-1]
    through = down + up - ink
    total = float(ink.sum())
    found: list[tuple[float, NDArray[np.intp]]] = []
    for row in (height // 4, height // 2, 3 * height // 4):
        cost = through[row]
        lowest = ndimage.minimum_filter1d(cost, 3)
        for column in _middles(cost <= lowest):
            path = _path(from_above, from_below, row, column)
            left = float(np.where(np.arange(width) < path[:, None], ink, 0).sum())
            if min(left, total - left) > 0.1 * total:
                found.append((float(ink[np.arange(height), path].sum()) / stroke, path))
    kept: list[tuple[float, NDArray[np.intp]]] = []
    for cost, path in sorted(found, key=lambda each: each[0]):
        if len(kept) == most or cost > 4.5:
            break
        apart = [np.abs(ink * ((np.arange(width) < path[:, None]) != (np.arange(width) < other[:, None]))).sum()
                 for _, other in kept]
        if not apart or min(apart) > 0.06 * total:
            kept.append((cost, path))
    return [(path, cost) for cost, path in sorted(kept, key=lambda each: float(each[1].mean()))]


def _stroke(ink: Grey) -> float:
    """Width of the strokes in pixels: twice their area by their outline."""
    dark = np.pad(ink > 0.5 * ink.max(), 1)
    outline = np.count_nonzero(dark[1:] != dark[:-1]) + np.count_nonzero(dark[:, 1:] != dark[:, :-1])
    return max(1.0, 2.5 * float(np.count_nonzero(dark)) / max(outline, 1))


def _cheapest(ink: Grey) -> tuple[Grey, NDArray[np.int8]]:
    """Cost of the cheapest path from the first row to each pixel, and by how many columns it comes from aside."""
    cost = ink.copy()
    source = np.zeros(ink.shape, np.int8)
    for row in range(1, len(ink)):
        above = cost[row - 1]
        ways = np.stack([above, np.full_like(above, np.inf), np.full_like(above, np.inf)])
        ways[1, 1:] = above[:-1] + SIDEWAYS
        ways[2, :-1] = above[1:] + SIDEWAYS
        best = ways.argmin(axis=0)
        source[row] = np.array([0, -1, 1], np.int8)[best]
        cost[row] += ways[best, np.arange(len(above))]
    return cost, source


def _middles(low: NDArray[np.bool_]) -> list[int]:
    """The middle of each run of columns."""
    edges = np.flatnonzero(np.diff(np.pad(low, 1).astype(np.int8)))
    return [int(middle) for middle in (edges[::2] + edges[1::2] - 1) // 2]


def _path(above: NDArray[np.int8], below: NDArray[np.int8], row: int, column: int) -> NDArray[np.intp]:
    """The column in each row of the cheapest path through that pixel."""
    path = np.full(len(above), column)
    for number in range(row, 0, -1):
        path[number - 1] = path[number] + above[number, path[number]]
    for number in range(row, len(above) - 1):
        path[number + 1] = path[number] + below[number, path[number]]
    return path
