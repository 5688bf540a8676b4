"""Ink -> long straight runs of it from left to right: what lines are made of, and lines followed over their breaks.

Constants were set on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]
"""(height, width) uint8, 0 or 1."""

Labels = NDArray[np.int32]
"""(height, width) int32."""

LENGTHS: Final = (12, 20, 32, 50, 80, 130, 210)
"""Pixels that a line is long at least, each tried."""

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

MAX_TURN: Final = 20.0
"""Degrees by which the paper may be turned."""

MIN_TURN: Final = 0.75
"""Degrees from which on the ink is turned upright before lines are looked for."""

MAX_SAMPLE: Final = 6_000
"""Pixels of ink by which the turn is told."""


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


def grown(mask: Bits, height: int, width: int) -> Bits:
    """The mask dilated by a rectangle of so many pixels."""
    return np.asarray(cv2.dilate(mask, np.ones((height, width), np.uint8)), np.uint8)


def opened(mask: Bits, height: int, width: int) -> Bits:
    """The mask opened by a rectangle: 1 where one of that size has room."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((height, width), np.uint8)), np.uint8)


def closed(mask: Bits, height: int, width: int) -> Bits:
    """The mask closed by a rectangle: gaps that are smaller are filled."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((height, width), np.uint8)), np.uint8)


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
        thick = grown(np.ascontiguousarray(mask), 3, 1)
        return cls.labelled(opened(closed(thick, 1, gap + 1), 1, straight))

    @classmethod
    def labelled(cls, level: Bits) -> "Runs":
        """Of a mask of runs, (height, width) uint8."""
        _, labels, statistics, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
        lengths = np.asarray(statistics[:, cv2.CC_STAT_WIDTH], np.intp)
        lengths[0] = 0
        return cls(np.asarray(labels, np.int32), lengths)

    @property
    def number(self) -> int:
        """How many there are."""
        return int(np.count_nonzero(self.lengths))

    def pieces(self) -> list[tuple[float, float, float, float]]:
        """The longest of them, as x and y of the left and of the right end of each, from left to right."""
        rows, columns = np.nonzero(self.labels)
        labels = self.labels[rows, columns]
        found = []
        order = np.argsort(labels, kind="stable")
        rows, columns, labels = rows[order], columns[order], labels[order]
        borders = np.searchsorted(labels, np.arange(1, len(self.lengths) + 1))
        for index in np.argsort(-self.lengths)[:MAX_PIECES].tolist():
            if not index:
                continue
            x, y = columns[borders[index - 1] : borders[index]], rows[borders[index - 1] : borders[index]]
            left, right = int(x.min()), int(x.max())
            first, last = y[x <= left + CORNER].mean(), y[x >= right - CORNER].mean()
            found.append((float(left), float(first), float(right), float(last)))
        return sorted(found)

    def followed(self, crossing: "Runs", reach: int) -> "Runs":
        """Lines over their breaks, but for those between two corners, and so many pixels beyond their ends.

        `crossing` runs the other way, in the transposed picture.
        """
        corners = grown((crossing.labels.T > 0).view(np.uint8), 2 * CORNER + 1, 2 * CORNER + 1)
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
                for end, step in ((points[0, 0], -1), (points[-1, 0], 1)):
                    end[0] += step * _reach(corners, int(end[0]), int(end[1]), step, reach)
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


def reached(mask: Bits, start: Bits) -> Bits:
    """Components of the mask of which some pixel is in `start`."""
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    reached = np.zeros(int(labels.max()) + 1, np.uint8)
    reached[labels[start > 0]] = 1
    reached[0] = 0
    return np.asarray(reached[labels], np.uint8)


def turn_of_lines(mask: Bits) -> float:
    """Degrees, -`MAX_TURN` to it, by which the lines of the ink are turned clockwise: where most lies in few rows."""
    rows, columns = np.nonzero(mask)
    step = max(1, len(rows) // MAX_SAMPLE)
    x, y = columns[::step].astype(np.float64), rows[::step].astype(np.float64)
    if not len(x):
        return 0.0

    def gathered(degrees: float) -> float:
        cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        total = 0.0
        for along in (y * cos - x * sin, x * cos + y * sin):
            counts = np.bincount((along - along.min()).astype(np.intp) // 2)
            total += float(np.square(counts.astype(np.float64)).sum())
        return total

    def best(turns: NDArray[np.float64]) -> float:
        return float(max(turns.tolist(), key=lambda turn: (gathered(turn), -abs(turn))))

    coarse = best(np.arange(-MAX_TURN, MAX_TURN + 1, 2.0))
    return best(np.arange(coarse - 1.5, coarse + 2, 0.5))


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


def line_breadth(mask: Bits, lines: Bits) -> float:
    """Breadth of the lines in pixels, by how far their ink is from paper on the mean."""
    distance = cv2.distanceTransform(mask, cv2.DIST_L1, 3)
    on_lines = distance[(lines > 0) & (mask > 0)]
    if not len(on_lines):
        return 1.0
    usual = on_lines[on_lines <= 2 * np.median(on_lines)]
    return max(1.0, 4 * float(usual.mean()) - 2.2)  # of lines of 1 to 9 pixels within one
