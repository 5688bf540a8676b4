"""Ink -> lines of pieces: connected parts sorted into lines of writing, and cuts where digits may touch.

A piece is the smallest thing that the search for a number moves as a whole: a connected part of the ink, or what a cut
leaves of one. Cuts are seams, paths from top to bottom that cross as little ink as possible (dynamic programming over
the rows, as Avidan & Shamir carve seams, SIGGRAPH 2007); for the older ways of cutting touching numerals see Casey &
Lecolinet, IEEE PAMI 18 (1996).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from digits.ink.components import Components, Grey, connected_components
from digits.ink.digit import MIN_DIGIT_SHARE
from digits.normalise import stroke_width

SPECK: Final = 0.16
"""Share of the line's height below which a part is a speck."""

SHARED_HEIGHT: Final = 0.3
"""Share of the lower of two parts that must lie beside the other for both to stand in one line."""

LOW: Final = 0.6
"""Share of the usual height below which a part is not what lines are made of."""

CLOSE: Final = 0.3
"""Distance as a share of a part's height within which a low part above or below belongs to the same line."""

BESIDE: Final = 2.0
"""The same for a low part that lies beside it."""

SEAM_ROWS: Final = 72
"""Height in pixels at which seams are looked for."""

SIDEWAYS: Final = (0.15, 1.0)
"""What a seam pays for a step aside, where a pixel of ink costs 1: some are to go around what overhangs, some straight
through it."""

MOST_SEAMS: Final = 32
"""So many seams may cut one part."""

DEAREST_SEAM: Final = 8.0
"""Widths of the stroke that a seam may cross."""

NARROWEST_PIECE: Final = 0.03
"""Share of a part's ink that lies between two of its seams at least."""

WINDOW: Final = 0.08
"""Share of a part's height within which one seam is looked for."""

MOST_PARTS: Final = 200
"""So many parts of the ink are looked at, the largest."""

MOST_PIECES: Final = 14
"""So many pieces may make one digit."""

MOST_PIXELS: Final = 40_000_000
"""So many pixels may lie in all groups of a row together; past that, each piece stands alone."""


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True)
class Group:
    """Neighbouring pieces that may be one digit: `start` up to `stop` of a row of pieces."""

    row: Sequence[Piece]
    start: int
    stop: int

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """Those in the group."""
        return self.row[self.start : self.stop]

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return (
            min(piece.left for piece in self.pieces),
            min(piece.top for piece in self.pieces),
            max(piece.right for piece in self.pieces),
            max(piece.bottom for piece in self.pieces),
        )

    @property
    def height(self) -> int:
        """In pixels."""
        return self.box[3] - self.box[1]

    @property
    def width(self) -> int:
        """In pixels."""
        return self.box[2] - self.box[0]

    @property
    def ink(self) -> Grey:
        """Of all its pieces: (height, width) float32 in [0, 1]; made anew each time, for there are many groups."""
        if len(self.pieces) == 1:
            return self.pieces[0].ink
        left, top, right, bottom = self.box
        ink = np.zeros((bottom - top, right - left), np.float32)
        for piece in self.pieces:
            place = ink[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left]
            np.maximum(place, piece.ink, out=place)
        return ink

    @property
    def begins_at_a_seam(self) -> bool:
        """Whether the piece before it is of the same connected part."""
        return _at_a_seam(self.row, self.start)

    def geometry(self, height: float) -> list[float]:
        """How the group lies among its neighbours in a line of that usual height: `GEOMETRY` numbers.

        Its height and width, what the seams at its sides cut through, how many parts it joins over what gap, and how
        near the neighbours are, all by the line's height.
        """
        left, right = self._side(self.start, height), self._side(self.stop, height)
        end, gap, joined = self.pieces[0].right, 0.0, 0
        for before, piece in zip(self.pieces, self.pieces[1:], strict=False):
            if piece.part != before.part:
                joined += 1
                gap = max(gap, (piece.left - end) / height)
            end = max(end, piece.right)
        size = [float(np.log(self.height / height)), float(np.log(self.width / height))]
        return [*size, *left, *right, float(min(joined, 3)), min(gap, 1.0)]

    def _side(self, place: int, height: float) -> tuple[float, float, float]:
        """Whether a seam is the border before that piece, what it cuts through, and how far the neighbour is."""
        if place in (0, len(self.row)):
            return 0.0, 0.0, 1.0
        before, behind = self.row[place - 1], self.row[place]
        if _at_a_seam(self.row, place):
            return 1.0, min(behind.cost, 4.0), 0.0
        return 0.0, 0.0, float(np.clip((behind.left - before.right) / height, -1, 1))


def usual_height(row: Sequence[Piece]) -> float:
    """Pixels: the median of the heights, each as often as it is pixels high."""
    heights = np.array([piece.bottom - piece.top for piece in row])
    return float(np.quantile(heights.repeat(heights), 0.5))


def groups(row: Sequence[Piece], height: float) -> list[Group]:
    """Every few neighbours that are not too broad or too far apart for a digit; each piece and each connected part
    alone in any case.
    """
    found: list[Group] = []
    pixels = 0
    for start in range(len(row)):
        right = row[start].right
        for stop in range(start + 1, min(start + MOST_PIECES, len(row)) + 1):
            group = Group(row, start, stop)
            gap = row[stop - 1].left - right
            right = max(right, row[stop - 1].right)
            pixels += group.width * group.height
            too_far = gap > 0.3 * height or group.width > 1.5 * max(height, group.height)
            if stop > start + 1 and (too_far or pixels > MOST_PIXELS):
                break
            found.append(group)
        if not _at_a_seam(row, start):
            end = next(place for place in range(start + 1, len(row) + 1) if not _at_a_seam(row, place))
            if end > found[-1].stop:
                found.append(Group(row, start, end))
    return found


def _at_a_seam(row: Sequence[Piece], place: int) -> bool:
    """Whether the pieces on both sides of that place are of the same connected part."""
    return 0 < place < len(row) and row[place - 1].part == row[place].part


def with_cuts(row: Sequence[Piece], whole: Sequence[bool], most: int) -> list[Piece]:
    """The row with each part cut that is not marked as whole, nor too low for two digits side by side.

    The rest of the row is left as it is once there are so many pieces.
    """
    lowest = LOW * usual_height(row)
    pieces: list[Piece] = []
    for piece, keep in zip(row, whole, strict=True):
        pieces += [piece] if keep or len(piece.ink) < lowest or len(pieces) > most else cut(piece)
    return pieces


def parts(ink: Grey, *, drawn: bool) -> list[Piece]:
    """The connected parts of the ink, without those that lie along a photograph's rim and without its grain."""
    found = connected_components(ink > (0.3 if drawn else 0.5))
    if not len(found.size):
        return []
    height, width = ink.shape
    wanted = found.length >= (2 if drawn else MIN_DIGIT_SHARE / 4 * max(height, width))
    if not drawn:
        wanted &= ~(found.lie_along_the_rim() | (found.lie_in_the_rim() & found.touch_the_rim()))
    largest = np.argsort(-found.length * wanted)[: min(MOST_PARTS, np.count_nonzero(wanted))]
    return [_cut_out(ink, found, int(number)) for number in largest]


def _cut_out(ink: Grey, found: Components, index: int) -> Piece:
    """One part with its soft edge, which lies up to two pixels outside of what was numbered."""
    first, start = max(int(found.top[index]) - 2, 0), max(int(found.left[index]) - 2, 0)
    place = slice(first, int(found.bottom[index]) + 2), slice(start, int(found.right[index]) + 2)
    own = found.labels[place] == index + 1
    near = ndimage.binary_dilation(own, np.ones((3, 3)), 2) & (own | (found.labels[place] == 0))
    return _piece(np.where(near & (ink[place] > 0.05), ink[place], np.float32(0)), first, start, index + 1)


def _piece(ink: Grey, top: int, left: int, part: int, cost: float = 0.0) -> Piece:
    """A piece without the empty rows and columns around it."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    closely = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Piece(closely, int(top + rows[0]), int(left + columns[0]), part, cost)


def lines(found: list[Piece]) -> list[list[Piece]]:
    """Parts sorted into lines of writing, top to bottom, each from left to right; specks are left out.

    A part joins the line whose last part before it lies most beside it. What is much lower than the others, such as the
    bar of a 5, joins the line that it is close to, or makes lines with its like.
    """
    if not found:
        return []
    usual = usual_height(found)
    rows: list[list[Piece]] = []
    low = [piece for piece in found if piece.bottom - piece.top < LOW * usual]
    for piece in sorted((piece for piece in found if piece not in low), key=lambda piece: piece.middle):
        beside = [_shared(piece, row[-1]) for row in rows]
        best = int(np.argmax(beside)) if beside else 0
        if beside and beside[best] >= SHARED_HEIGHT:
            rows[best].append(piece)
        else:
            rows.append([piece])
    tall = [list(row) for row in rows]
    apart: list[Piece] = []
    for piece in low:
        distance, height, place = _nearest(piece, tall)
        if max(piece.bottom - piece.top, piece.right - piece.left) < SPECK * height:
            continue
        if distance < 1:
            rows[place].append(piece)
        else:
            apart.append(piece)
    rows += lines(apart)
    for row in rows:
        row.sort(key=lambda piece: piece.middle)
    return sorted(rows, key=lambda row: float(np.mean([piece.top + piece.bottom for piece in row])))


def _nearest(piece: Piece, rows: list[list[Piece]]) -> tuple[float, int, int]:
    """The nearest part of the rows: its distance as a share of what is close, its height, and the place of its row.

    Close is nearer for what lies above or below than for what lies beside.
    """
    return min(
        (_distance(piece, other) / (height * (BESIDE if _shared(piece, other) > 0.7 else CLOSE)), height, place)
        for place, row in enumerate(rows)
        for other in row
        for height in [other.bottom - other.top]
    )


def _shared(one: Piece, other: Piece) -> float:
    """Share of the lower one's height that lies beside the other."""
    beside = min(one.bottom, other.bottom) - max(one.top, other.top)
    return beside / min(one.bottom - one.top, other.bottom - other.top)


def _distance(one: Piece, other: Piece) -> float:
    """Pixels from one box to the other."""
    across = max(one.left - other.right, other.left - one.right, 0)
    down = max(one.top - other.bottom, other.top - one.bottom, 0)
    return float(np.hypot(across, down))


def cut(piece: Piece) -> list[Piece]:
    """The piece cut by its cheapest seams, from left to right; the piece itself where no seam is worth a try."""
    factor = max(1, round(max(len(piece.ink), 8) / SEAM_ROWS))
    height, width = piece.ink.shape
    padded = np.pad(piece.ink, ((0, -height % factor), (0, -width % factor)))
    small = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor).mean(axis=(1, 3))
    paths, costs = _seams(small)
    columns = np.sort(paths.T.repeat(factor, axis=0)[:height] * factor, axis=1)
    zone = (np.arange(width) >= columns[:, :, None]).sum(axis=1)
    cuts = []
    for number in range(len(costs) + 1):
        ink = np.where(zone == number, piece.ink, np.float32(0))
        if (ink > 0.3).any():
            cost = float(costs[number - 1]) if number else piece.cost
            cuts.append(_piece(ink, piece.top, piece.left, piece.part, cost))
    return cuts


def _seams(ink: Grey) -> tuple[NDArray[np.intp], Grey]:
    """Seams through the ink, the cheapest of those that lie close: (seams, height) columns, and how many widths of the
    stroke each crosses, from left to right.
    """
    height, width = ink.shape
    paths, crossed = _cheapest_paths(ink)
    left_of = np.pad(np.cumsum(ink, axis=1), ((0, 0), (1, 0)))
    left = left_of[np.arange(height), paths]
    total = float(ink.sum())
    share = left.sum(axis=1) / total
    crossed = crossed / max(1.0, stroke_width(ink))
    order = np.argsort(crossed)
    order = order[(crossed[order] <= DEAREST_SEAM) & (share[order] > 0.1) & (share[order] < 0.9)]
    most = min(MOST_SEAMS, 1 + round(8 * width / height))
    kept: list[int] = []
    for number in order:
        if len(kept) < most and (np.abs(left[kept] - left[number]).sum(axis=1) > NARROWEST_PIECE * total).all():
            kept.append(number)
    kept.sort(key=lambda number: share[number])
    return paths[kept], crossed[kept]


def _cheapest_paths(ink: Grey) -> tuple[NDArray[np.intp], Grey]:
    """Paths from top to bottom, each the cheapest through some pixel: (paths, height), the column in each row, and the
    ink that each crosses.

    They may go aside as far as they like in each row, at either price. The pixels are the cheapest of their
    neighbourhood in three rows.
    """
    height, width = ink.shape
    prices = np.array(SIDEWAYS, np.float32).repeat(2)
    starts, costs = _cheapest_ways(np.stack([ink, ink[::-1]] * len(SIDEWAYS)), prices)
    step = max(2, round(WINDOW * height))
    left_of = np.pad(np.cumsum(ink, axis=1), ((0, 0), (1, 0)))
    rows = np.arange(height)[:, None]
    found, crossed = [], []
    for way, row in product(range(0, len(starts), 2), (height // 4, height // 2, 3 * height // 4)):
        of_row = costs[way, row] + costs[way + 1, height - 1 - row] - ink[row]
        windows = np.pad(of_row, (0, -width % step), constant_values=np.inf).reshape(-1, step)
        lowest = np.arange(0, width, step) + windows.argmin(axis=1)
        valleys = np.flatnonzero(of_row <= ndimage.minimum_filter1d(of_row, 3))
        columns = np.union1d(lowest, valleys[:: max(1, len(valleys) // 20)])
        path = np.empty((height + 2, len(columns)), np.intp)  # with a column before the first and behind the last row
        path[row + 1] = columns
        for above in range(row, -1, -1):
            path[above] = starts[way, above].take(path[above + 1])
        for below in range(row, height):
            path[below + 2] = starts[way + 1, height - 1 - below].take(path[below + 1])
        around = np.stack([path[:-2], path[1:-1], path[2:]])
        around[2, :row] = around[1, :row]
        around[0, row + 1 :] = around[1, row + 1 :]
        crossed.append((left_of[rows, around.max(axis=0) + 1] - left_of[rows, around.min(axis=0)]).sum(axis=0))
        found.append(path[1:-1].T)
    return np.concatenate(found), np.concatenate(crossed)


def _cheapest_ways(inks: Grey, sideways: Grey) -> tuple[NDArray[np.intp], Grey]:
    """The cheapest way to each pixel from the top: the column in which it comes into the pixel's row, and its cost.

    All three are (n, height, width), with (n,) prices of a step aside.
    """
    width = inks.shape[2]
    steps = inks + sideways[:, None, None]
    walked = np.cumsum(np.stack([steps, steps[..., ::-1]]), axis=-1)  # to the right, and to the left
    start, cost = np.empty_like(walked), np.empty_like(inks)
    arriving = np.zeros_like(inks[:, 0])
    for row in range(inks.shape[1]):
        arriving = arriving + inks[:, row]
        np.subtract(arriving, walked[0, :, row], out=start[0, :, row])
        np.subtract(arriving[:, ::-1], walked[1, :, row], out=start[1, :, row])
        right, left = np.minimum.accumulate(start[:, :, row], axis=-1) + walked[:, :, row]
        arriving = cost[:, row] = np.minimum(right, left[:, ::-1])
    best = np.minimum.accumulate(start, axis=-1)
    right, left = best + walked
    from_left, from_right = np.maximum.accumulate(np.where(start == best, np.arange(width), 0), axis=-1)
    return np.where(right <= left[..., ::-1], from_left, width - 1 - from_right[..., ::-1]), cost
