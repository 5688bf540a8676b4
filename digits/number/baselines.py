"""Components as tall as digits -> text lines: the page's flow, and baselines that are followed from left to right.

After the document spectrum (O'Gorman, IEEE PAMI 15, 1993) lines are linked from component to component. Where the next
one stands is extrapolated along the page's flow and the line's own slope, so that gaps may be wide, lines may rise or
bend, and numbers in columns may jump.
"""

import itertools
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digits.number.segments import Segment, TextLine

Floats = NDArray[np.float64]

MAX_SLOPE: Final = 0.26
"""Rise of a page's lines by their length, at most: 15 degrees."""

MAX_BOW: Final = 1.5
"""Height of the arc that the lines of a page make, by a digit's, at most; those above are seldom bent so far."""

SLOPES: Final = np.linspace(-MAX_SLOPE, MAX_SLOPE, 53)
BOWS: Final = np.linspace(-MAX_BOW, MAX_BOW, 9)
"""Those that are tried."""

LEVEL: Final = 0.1
"""Share of its score that the steepest slope loses, and the highest arc: rows of columns line up aslant, too. Chosen on
made pages, as are the others here (docs/notebook.md, "Lines")."""

FEW: Final = 3.0
"""The same for each of the components, shared among them: any two lie on a slope."""

MIN_GAIN: Final = 1.2
"""By how much sharper than that of a level page the profile must be: that of scribbles has peaks, too."""

BIN: Final = 0.25
"""Height of the projection profile's bins, by a digit's."""

MIN_BENT: Final = 6
"""Components from which on a page's lines may bend."""

REMEMBERED: Final = 6
"""Last components of a line that tell where it goes on; each counts..."""

FADING: Final = 0.6
"""...so much of the next."""

STIFFNESS: Final = 15.0
"""Weight of the page's flow against a line's own: the spread, in squares of digits' heights, at which both count the
same."""

MIN_SHARED_HEIGHT: Final = 0.3
"""Share of the lower one's height that must lie beside where its line goes on."""


MAX_JUMP: Final = 1.25
"""By how much two numbers side by side may jump, by a digit's height, to stand in one row, if what is above and below
is..."""

MIN_FREE: Final = 2.0
"""...so many times farther away, and..."""

MIN_FREE_HEIGHTS: Final = 2.0
"""...so many heights."""


class _Row(NamedTuple):
    """Lines that may be one, and how many pixels are free above and below their middles."""

    lines: list[TextLine]
    free: float


class Flow(NamedTuple):
    """How the lines of a page rise and bend alike.

    Attributes:
        slope: rise in rows by columns, downwards.
        bow: height in pixels of the arc between...
        left: ...this column and...
        right: ...this one.

    """

    slope: float = 0.0
    bow: float = 0.0
    left: float = 0.0
    right: float = 1.0

    def at(self, x: Floats) -> Floats:
        """Rows by which a line lies lower at some columns than at column 0."""
        share = ((x - self.left) / (self.right - self.left)).clip(0, 1)
        return np.asarray(self.slope * x + 4 * self.bow * share * (1 - share), np.float64)


def page_flow(found: Sequence[Segment]) -> Flow:
    """How the lines of these components flow: where it makes the sharpest projection profile."""
    if len(found) < 2:
        return Flow()
    left, top, right, bottom = np.array([each.box for each in found], np.float64).T
    height, x, y = float(np.median(bottom - top)), (left + right) / 2, (top + bottom) / 2
    start, end = float(x.min()), max(float(x.max()), float(x.min()) + height)
    share = (x - start) / (end - start)
    arcs = BOWS if len(found) >= MIN_BENT else np.zeros(1)
    lies = (SLOPES[:, None] * x)[:, None] + height * arcs[:, None] * (4 * share * (1 - share))
    places = ((y - lies) / (BIN * height)).reshape(-1, len(found))
    bins = np.floor(places - places.min()).astype(np.intp)
    count = int(bins.max()) + 2
    numbers = bins + count * np.arange(len(bins))[:, None]
    profile = np.bincount(numbers.ravel(), minlength=count * len(bins)).reshape(len(bins), count)
    sharpness = (profile * profile).sum(axis=1) + 2 * (profile[:, 1:] * profile[:, :-1]).sum(axis=1)
    cost = LEVEL + FEW / len(found)
    worth = 1 - cost * np.abs(SLOPES)[:, None] / MAX_SLOPE - cost * np.abs(arcs) / MAX_BOW
    sharpness = sharpness.reshape(worth.shape)
    slope, bow = np.unravel_index(int(np.argmax(sharpness * worth)), worth.shape)
    if sharpness[slope, bow] < MIN_GAIN * sharpness[len(SLOPES) // 2, len(arcs) // 2]:
        return Flow()
    return Flow(float(SLOPES[slope]), height * float(arcs[bow]), start, end)


class _Baseline:
    """A line as far as it was followed: where it goes on. Rows are those of the page if its lines were level."""

    def __init__(self, first: Segment, y: float) -> None:
        self.line: TextLine = [first]
        self._ys = [y]
        self._update()

    def _update(self) -> None:
        last, ys = self.line[-REMEMBERED:], self._ys[-REMEMBERED:]
        heights = [each.height for each in last]
        self.height = sorted(heights)[len(heights) // 2]
        weights = [FADING**place for place in range(len(last))][::-1]
        whole = sum(weights)
        xs = [each.middle for each in last]
        self._x = sum(weight * x for weight, x in zip(weights, xs, strict=True)) / whole
        self._y = sum(weight * y for weight, y in zip(weights, ys, strict=True)) / whole
        spread = sum((x - self._x) ** 2 for x in xs)
        rise = sum((x - self._x) * (y - self._y) for x, y in zip(xs, ys, strict=True))
        self._slope = rise / (spread + STIFFNESS * self.height**2)

    def add(self, segment: Segment, y: float) -> None:
        """Go on with a component."""
        self.line.append(segment)
        self._ys.append(y)
        self._update()

    def share_beside(self, segment: Segment, y: float) -> float:
        """Share of the lower one's height that lies beside where the line goes on; negative where none does."""
        apart = abs(self._y + self._slope * (segment.middle - self._x) - y)
        lower, higher = sorted((segment.height, self.height))
        return min(lower, (lower + higher) / 2 - apart) / lower


def followed(found: Sequence[Segment], flow: Flow) -> list[TextLine]:
    """The lines of components as tall as digits, each from left to right, in any order.

    Args:
        found: the components.
        flow: of the page's lines.

    """
    if not found:
        return []
    ys = _level(found, flow)
    baselines: list[_Baseline] = []
    for place in np.argsort([each.middle for each in found], kind="stable").tolist():
        segment, y = found[place], float(ys[place])
        beside = [baseline.share_beside(segment, y) for baseline in baselines]
        best = int(np.argmax(beside)) if beside else 0
        if beside and beside[best] >= MIN_SHARED_HEIGHT:
            baselines[best].add(segment, y)
        else:
            baselines.append(_Baseline(segment, y))
    lines = [baseline.line for baseline in baselines]
    return [line for row in _rows(lines, flow) for line in _joined(row, flow)]


def _rows(lines: list[TextLine], flow: Flow) -> list[_Row]:
    """The lines parted where there is much room between them, from top to bottom."""
    middles = np.array([np.median(_level(line, flow)) for line in lines])
    order = np.argsort(middles, kind="stable")
    lines = [lines[place] for place in order.tolist()]
    least = MIN_FREE_HEIGHTS * float(np.median([each.height for line in lines for each in line]))
    room = np.diff(middles[order], prepend=-np.inf, append=np.inf)
    starts = [place for place, above in enumerate(room[:-1]) if above >= least]
    return [
        _Row(lines[start:end], float(min(room[start], room[end])))
        for start, end in itertools.pairwise([*starts, len(lines)])
    ]


def _joined(row: _Row, flow: Flow) -> list[TextLine]:
    """The lines of a row as one, if its numbers only jump: less than a digit is high, and less than what is free."""
    if len(row.lines) < 2 or not np.isfinite(row.free):
        return row.lines
    pieces = [
        (piece, y, number)
        for number, line in enumerate(row.lines)
        for piece, y in zip(line, _level(line, flow), strict=True)
    ]
    pieces.sort(key=lambda piece: piece[0].left)
    height = float(np.median([piece.height for piece, _, _ in pieces]))
    for (one, y, line), (other, other_y, other_line) in itertools.pairwise(pieces):
        if line != other_line and (
            other.left < one.left + one.width or abs(y - other_y) > min(MAX_JUMP * height, row.free / MIN_FREE)
        ):
            return row.lines
    return [sorted((piece for piece, _, _ in pieces), key=lambda piece: piece.middle)]


def _level(found: Sequence[Segment], flow: Flow) -> Floats:
    """(n,) rows of the middles of components, if the page's lines were level."""
    left, top, right, bottom = np.array([each.box for each in found], np.float64).T
    return np.asarray((top + bottom) / 2 - flow.at((left + right) / 2), np.float64)


def in_reading_order(lines: Sequence[TextLine], flow: Flow) -> list[TextLine]:
    """Lines sorted from top to bottom: by how many others lie above, each where it is nearest to the other one."""
    if len(lines) < 2:
        return list(lines)
    sizes = np.array([len(line) for line in lines])
    starts = np.cumsum(sizes) - sizes
    found = [segment for line in lines for segment in line]
    x, y = np.array([segment.middle for segment in found]), _level(found, flow)
    above = []
    for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        own = slice(start, start + size)
        apart = np.abs(x[own, None] - x)
        distance = apart.min(axis=0)
        is_nearest = distance <= np.repeat(np.minimum.reduceat(distance, starts), sizes)
        deeper = np.add.reduceat(is_nearest * (y[own][apart.argmin(axis=0)] - y), starts)
        above.append((int(np.count_nonzero(deeper > 0)), float(y[own].mean())))
    return [lines[place] for place in sorted(range(len(lines)), key=above.__getitem__)]
