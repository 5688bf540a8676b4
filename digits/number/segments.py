"""Segments of a text line, and the hypotheses that a few neighbouring ones are one digit together.

A segment is the smallest thing that the search for a number moves as a whole: a connected component of the ink, or what
a seam cuts off one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Final

import numpy as np

from digits.ink.components import Counts, Grey
from digits.number.budget import Budget

MAX_SEGMENTS_OF_A_DIGIT: Final = 14
"""Neighbouring segments that may make one digit: 10 sufficed for seams every 15 % of a component's height, those every
8 % need more (docs/notebook.md, "Numbers")."""

MAX_GAP: Final = 0.3
"""Distance between neighbours of one digit, by the line's height. Set by hand."""

MAX_ASPECT: Final = 1.5
"""Width of a digit of several segments by its height or the line's, whichever is more. Set by hand."""

MAX_JOINED: Final = 3.0
"""Joined components from which on more of them make no difference to the verifier. Set by hand, as are the two others:
the verifier has learnt with them."""

MAX_SEAM_COST: Final = 4.0
"""Stroke widths from which on a seam's cost makes no difference to it."""

MAX_DISTANCE: Final = 1.0
"""Distance of a neighbour, by the line's height, from which on it makes no difference to it."""


PixelBox = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Segment:
    """A connected component of the ink, or what a seam cuts off one.

    Attributes:
        ink: (height, width) float32 in [0, 1], of this segment alone, without empty rows and columns around it.
        top: row of the candidate's ink in which its first row lies.
        left: column in which its first column lies.
        component: number of the connected component that it belongs to.
        seam_cost: of the seam at its left, in stroke widths; 0 where its component begins.

    """

    ink: Grey
    top: int
    left: int
    component: int
    seam_cost: float = 0.0

    @classmethod
    def closely(cls, ink: Grey, top: int, left: int, component: int, seam_cost: float = 0.0) -> "Segment":
        """Cut the empty rows and columns off ink whose first pixel lies at `top` and `left`."""
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        close = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return cls(close, int(top + rows[0]), int(left + columns[0]), component, seam_cost)

    @property
    def height(self) -> int:
        """In pixels."""
        return len(self.ink)

    @property
    def width(self) -> int:
        """In pixels."""
        return len(self.ink[0])

    @property
    def bottom(self) -> int:
        """The row below the last."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """The column behind the last."""
        return self.left + self.width

    @property
    def box(self) -> PixelBox:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def middle(self) -> float:
        """The column in the middle."""
        return (self.left + self.right) / 2


TextLine = list[Segment]
"""Segments from left to right."""


@dataclass(frozen=True)
class SegmentHypothesis:
    """That neighbouring segments are one digit.

    Attributes:
        line: the segments of its text line.
        start: index of its first segment.
        stop: index behind its last one.
        box: left, top, right, bottom in pixels of the candidate's ink; right and bottom lie behind the last pixel.

    """

    line: Sequence[Segment]
    start: int
    stop: int
    box: PixelBox

    @cached_property
    def segments(self) -> Sequence[Segment]:
        """From left to right."""
        return self.line[self.start : self.stop]

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
        """(height, width) float32 in [0, 1], of all its segments; made anew each time, as there are many hypotheses."""
        if len(self.segments) == 1:
            return self.segments[0].ink
        left, top, right, bottom = self.box
        ink = np.zeros((bottom - top, right - left), np.float32)
        for segment in self.segments:
            place = ink[segment.top - top : segment.bottom - top, segment.left - left : segment.right - left]
            np.maximum(place, segment.ink, out=place)
        return ink

    @property
    def begins_at_a_seam(self) -> bool:
        """Whether the segment before it is of the same component."""
        return _is_seam(self.line, self.start)

    @property
    def ends_at_a_seam(self) -> bool:
        """Whether the segment behind it is of the same component."""
        return _is_seam(self.line, self.stop)

    @property
    def component_count(self) -> int:
        """How many connected components have a segment in it."""
        return len({segment.component for segment in self.segments})

    def geometry(self, height: float) -> list[float]:
        """How it lies in a text line of that typical height in pixels: `digits.model.GEOMETRY` numbers.

        Logarithms of its height and width; of the left and of the right border, whether it is a seam, the seam's cost
        and the distance to the neighbour; how many components it joins, and over what gap. Lengths are shares of the
        line's height.
        """
        left, right = self._border(self.start, height), self._border(self.stop, height)
        end, gap, joined = self.segments[0].right, 0.0, 0
        for before, segment in zip(self.segments, self.segments[1:], strict=False):
            if segment.component != before.component:
                joined += 1
                gap = max(gap, (segment.left - end) / height)
            end = max(end, segment.right)
        size = [float(np.log(self.height / height)), float(np.log(self.width / height))]
        return [*size, *left, *right, min(float(joined), MAX_JOINED), min(gap, MAX_DISTANCE)]

    def _border(self, place: int, height: float) -> tuple[float, float, float]:
        """Of the border before that segment: whether it is a seam (1 or 0), its cost, the distance to the neighbour."""
        if place in (0, len(self.line)):
            return 0.0, 0.0, MAX_DISTANCE
        before, behind = self.line[place - 1], self.line[place]
        if _is_seam(self.line, place):
            return 1.0, min(behind.seam_cost, MAX_SEAM_COST), 0.0
        return 0.0, 0.0, float(np.clip((behind.left - before.right) / height, -MAX_DISTANCE, MAX_DISTANCE))


def typical_height(line: Sequence[Segment]) -> float:
    """Median of the segments' heights in pixels, each weighted by itself."""
    return weighted_by_itself(np.array([segment.height for segment in line]))


def weighted_by_itself(lengths: Counts) -> float:
    """Median of (n,) lengths in pixels, each weighted by itself: what is small counts for little."""
    return float(np.quantile(lengths.repeat(lengths), 0.5))


def hypotheses(line: Sequence[Segment], height: float, budget: Budget) -> list[SegmentHypothesis]:
    """Every few neighbours that are not too broad or too far apart for a digit, in the order of their first segment.

    Each segment alone and each whole component are among them whatever is left of the budget.

    Args:
        line: from left to right.
        height: typical of the line, in pixels.
        budget: from which they are taken.

    """
    found: list[SegmentHypothesis] = []

    def take(hypothesis: SegmentHypothesis) -> None:
        found.append(hypothesis)
        budget.hypotheses -= 1
        budget.pixels -= hypothesis.width * hypothesis.height

    for start in range(len(line)):
        box = line[start].box
        for stop in range(start + 1, min(start + MAX_SEGMENTS_OF_A_DIGIT, len(line)) + 1):
            gap = line[stop - 1].left - box[2]
            box = _box_around(box, line[stop - 1].box)
            hypothesis = SegmentHypothesis(line, start, stop, box)
            too_far = gap > MAX_GAP * height or hypothesis.width > MAX_ASPECT * max(height, hypothesis.height)
            if stop > start + 1 and (too_far or not budget.allows_hypotheses):
                break
            take(hypothesis)
        if not _is_seam(line, start):
            end = next(place for place in range(start + 1, len(line) + 1) if not _is_seam(line, place))
            if end > found[-1].stop:
                take(SegmentHypothesis(line, start, end, reduce(_box_around, [each.box for each in line[start:end]])))
    return found


def _box_around(one: PixelBox, other: PixelBox) -> PixelBox:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _is_seam(line: Sequence[Segment], place: int) -> bool:
    """Whether the segments on both sides of that place are of the same component."""
    return 0 < place < len(line) and line[place - 1].component == line[place].component
