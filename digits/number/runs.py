"""Ink -> long straight runs of it from left to right: what the sides of boxes are made of.

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

    """

    mask: Bits
    straight: int
    gap: int


def draw_line(lines: Bits, one: NDArray[np.float64], other: NDArray[np.float64], thickness: int) -> None:
    """Set to 1 what lies on the line between two points, (2,) x and y."""
    ends = [tuple(np.rint(end).astype(int).tolist()) for end in (one, other)]
    cv2.line(lines, ends[0], ends[1], 1, thickness)


def draw_curve(lines: Bits, x: NDArray[np.intp], y: NDArray[np.float32], thickness: int) -> None:
    """Set to 1 what lies on a curve through these points."""
    points = np.stack([x, np.rint(y).astype(np.intp)], axis=1).astype(np.int32)
    cv2.polylines(lines, [points], False, 1, thickness)


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

    def differ_at(self, length: int) -> bool:
        """Whether runs of at least that length are others than those of the next shorter of `LENGTHS`."""
        shorter = max((each for each in LENGTHS if each < length), default=0)
        return bool(((self.lengths >= shorter) & (self.lengths < length)).any()) or length == LENGTHS[0]

    def longer(self, length: int) -> Bits:
        """(height, width) uint8: 1 where a run of at least that length is, or between two of them that are close."""
        return (self.lengths >= length).view(np.uint8)[self.labels]


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
