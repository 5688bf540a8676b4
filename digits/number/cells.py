"""The cells of a picture, and which ink is written in which of them.

Each component of the ink belongs to the cell in which most of it lies; the lines are taken out, the strokes that cross
them are not.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.answers import Turn
from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey, Mask, connected_components, dilated
from digits.ink.photograph import MIN_OWN_INK, share_of_writing
from digits.number.cell_paper import above_paper
from digits.number.cell_rows import in_order
from digits.number.faint_strokes import with_faint_strokes
from digits.number.line_removal import share_of_strokes, without_lines
from digits.number.runs import Bits, Labels, grown, line_breadth
from digits.number.segments import Segment, TextLine, typical_height
from digits.number.text_lines import text_lines

MAX_BROADER: Final = 3.0
"""Breadth of lines in one ink candidate by that in the first one, at most."""

MAX_BESIDE: Final = 0.5
"""Share of a slim component that may lie on its cell's sides."""

ALL_BESIDE: Final = 0.85
"""Share of any component that lies on its cell's sides from which on it is nothing else. Set by hand."""

MAX_LONG: Final = 1.5
"""Length of a slim component by the cells' height at most. Set by hand."""

AT_SIDE: Final = 1.5
"""Pixels between a cell's side and what is left of it at most, and..."""

MAX_THICKER: Final = 4
"""...pixels by which that is thicker than lines."""

MIN_INKED: Final = 0.25
"""Share of a slim mark that is surely writing at least, for what a classifier of pixels takes for a printed line to be
writing too. Set by hand."""

MAX_TALL: Final = 1.15
"""Height by the middle one of what stands in cells above which a slim part may be a line drawn askew, if it runs..."""

MIN_THROUGH: Final = 0.9
"""...through so much of its cell."""

LOWEST: Final = 0.25
"""Height by the cells' of what stands in them at least for that: dots and dirt are lower."""

CROSSING: Final = 0.15
"""Distance from where lines cross, by the cells' height, up to which what lies there for..."""

AT_CROSSING: Final = 0.7
"""...such a share is an end or a blot of a line."""

SIDES: Final = 0.06
"""Distance by a cell's side to which a blurred line may reach into it."""

DIGITS: Final = 0.6
"""Height of digits by their cells', about."""

MIN_OWN: Final = 0.3
"""Share of a component that must lie in each of two cells for it to be two digits that touch over the line, or..."""

MIN_HIGH: Final = 0.5
"""...height of what lies in a cell, by the cell's, and..."""

MIN_TALL: Final = 0.6
"""Height, by the typical one, of what lies on each side of a line of ruling for it to be two digits."""

MIN_WIDE: Final = 0.25
"""...its width beside the other one, by the same."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one picture.

    Attributes:
        labels: (height, width) int32, the cell of each pixel, from 1, its sides included; 0 where none is.
        core: (height, width) bool, what lies within the sides.
        boxes: (n, 4) left, top, right, bottom of each in pixels.
        rows: cells of each row from left to right, counted from 0; rows from top to bottom, table by table.
        tables: number of the table, from 1, of each row.
        level: (height, width) uint8, 1 where lines run about from left to right.
        upright: the same from top to bottom.
        breadth: of the lines in pixels.

    """

    labels: Labels
    core: Mask
    boxes: NDArray[np.float64]
    rows: list[list[int]]
    tables: list[int]
    level: Bits
    upright: Bits
    breadth: float

    @classmethod
    def of_lines(cls, level: Bits, upright: Bits, breadth: float) -> "Cells":
        """No cells, only lines to be taken out."""
        nowhere = np.zeros(level.shape, np.int32)
        return cls(nowhere, nowhere > 0, np.zeros((0, 4)), [], [], level, upright, breadth)

    @property
    def height(self) -> float:
        """Of a cell, the median in pixels."""
        return float(np.median(self.boxes[:, 3] - self.boxes[:, 1]))

    def place(self, cell: int) -> tuple[slice, slice]:
        """Rows and columns of a cell's box, counted from 0."""
        left, top, right, bottom = np.rint(self.boxes[cell]).astype(int).tolist()
        return slice(max(top, 0), bottom), slice(max(left, 0), right)

    def turned(self, turn: Turn) -> "Cells":
        """The cells of the picture turned clockwise by so many degrees."""

        def of(values: NDArray[Any]) -> NDArray[Any]:
            return np.ascontiguousarray(np.rot90(values, -turn // 90))

        (height, width), (left, top, right, bottom) = self.labels.shape, self.boxes.T
        sides = {
            90: (height - bottom, left, height - top, right),
            180: (width - right, height - bottom, width - left, height - top),
            270: (top, width - right, bottom, width - left),
        }[turn]
        boxes = np.stack(sides, axis=1)
        tables = in_order(boxes) if len(boxes) else []
        level, upright = (self.level, self.upright) if turn == 180 else (self.upright, self.level)
        return replace(
            self,
            labels=of(self.labels),
            core=of(self.core),
            boxes=boxes,
            rows=[row for table in tables for row in table],
            tables=[number for number, table in enumerate(tables, 1) for _ in table],
            level=of(level),
            upright=of(upright),
        )

    def seen_in(self, candidate: InkCandidate, above: Grey | None) -> InkCandidate:
        """The candidate without the lines, in a photograph's cells with its faint strokes and its contrast there.

        Args:
            candidate: of the whole picture.
            above: what `above_paper` says of its light; None for a drawing.

        """
        ink = self._written(candidate)
        if candidate.contrast is None or above is None:
            return candidate._replace(ink=ink)
        within = np.where(self.core, np.maximum(above, 0), candidate.contrast)
        contrast = np.where(ink < candidate.ink, np.float32(0), within)
        free = ~dilated(~self.core, 1 + round(SIDES * self.height)) | (ink > MIN_OWN_INK)
        ink = with_faint_strokes(ink, contrast, free, DIGITS * self.height)
        return candidate._replace(ink=ink, contrast=contrast)

    def above_paper(self, light: Grey) -> Grey:
        """How much darker what lies within the cells is than their paper, in grey levels; 0 elsewhere.

        Args:
            light: (height, width) float32 of a photograph, in grey levels, the darker the higher.

        """
        return above_paper(light, self.core, map(self.place, range(len(self.boxes))), self.height)

    def _written(self, candidate: InkCandidate) -> Grey:
        """Ink of a candidate, (height, width) float32 in [0, 1], without the lines; some views have no ruling anyway.

        What the classifier of pixels takes for a printed line is writing where it hangs together with some.
        """
        ink, way = candidate.ink, candidate.way
        if not self.rows and way in ("unruled", "classified", "top_hat"):
            return ink
        if way == "classified" and candidate.writing is not None and candidate.printed is not None:
            ink = self._whole(ink, share_of_writing(candidate.writing + candidate.printed))
        level, upright, breadth = self.level, self.upright, self.breadth
        if self.rows and way == "drawn" and candidate.from_paper is not None:
            ink = share_of_strokes(candidate.from_paper, ink, level | upright)
        if way != "classified" and self.rows and not self._has_rows:
            # Of boxes in a row a threshold may find lines broader than they are.
            own = line_breadth((ink > 0.3).view(np.uint8), level | upright)
            if own > breadth + 1:
                breadth = min(own, MAX_BROADER * breadth)
                reach = 2 * round((breadth - self.breadth) / 2) + 1
                level, upright = grown(level, reach, 1), grown(upright, 1, reach)
        return without_lines(ink, level, upright, breadth, partly=way == "classified", sharp=candidate.contrast is None)

    @property
    def _slim(self) -> float:
        """Pixels up to which something may be what is left of a line."""
        return 2 * self.breadth + 4

    def _whole(self, ink: Grey, marked: Grey) -> Grey:
        """The ink, and what else is marked away from lines if it hangs together with ink or is too broad for one."""
        around = 2 * round(self.breadth) + 3
        near = grown(self.level | self.upright, around, around) > 0
        whole = np.where(near, ink, np.maximum(ink, marked))
        found = connected_components(whole > 0.5)
        inked = np.bincount(found.labels[ink > 0.5], minlength=len(found.size) + 1)[1:]
        broad = np.minimum(found.width, found.height) > self._slim
        stays = np.concatenate([[False], broad | (inked >= MIN_INKED * found.size)])[found.labels]
        return np.where(stays, whole, ink)

    def shared_out(self, found: list[Segment]) -> dict[int, int]:
        """The cell, from 1, of each component by its number; of those outside of cells there is none."""
        cells = {}
        for segment in found:
            counts = self._shares(segment)
            if (best := int(counts[1:].argmax()) + 1) and counts[best] >= 0.5 * counts.sum():
                cells[segment.component] = best
        return cells

    def divided(self, found: list[Segment]) -> list[Segment]:
        """The components, those of several cells in a large part divided at the borders between them."""
        divided, number = [], max((each.component for each in found), default=0)
        for segment in found:
            large = self._large_parts(segment)
            if len(large) < 2:
                divided.append(segment)
                continue
            place, ink = self._place(segment), segment.ink > 0.3
            divided += _shared_among(segment, np.where(ink & np.isin(place, large), place, 0), large, number + 1)
            number += len(large)
        return divided

    def _large_parts(self, segment: Segment) -> list[int]:
        """Cells in which a part of a component lies that may be a digit of its own; none where most lies outside."""
        counts, place, ink = self._shares(segment), self._place(segment), segment.ink > 0.3
        if counts[0] >= MIN_OWN * counts.sum():
            return []
        large = counts >= MIN_OWN / (1 - MIN_OWN) * counts[1:].max(initial=1)
        large[0] = False
        _, top, _, bottom = self.boxes.T
        most = int(counts[1:].argmax())
        for cell in np.flatnonzero((counts[1:] > 0) & ~large[1:]).tolist():
            high = bottom[cell] - top[cell]
            is_beside = min(bottom[cell], bottom[most]) - max(top[cell], top[most]) > high / 2
            row, column = np.nonzero(ink & (place == cell + 1))
            is_wide = not is_beside or np.ptp(column) >= MIN_WIDE * high
            large[cell + 1] = is_wide and np.ptp(row) >= MIN_HIGH * high
        return np.flatnonzero(large).tolist()

    def text_lines(self, found: list[Segment]) -> tuple[list[TextLine], dict[int, int]]:
        """Text lines of each cell and of what stands outside, and the cell, from 1, of each component by its number."""
        if not self.rows:
            return text_lines(self._parted_by_lines(found)), {}
        found = self.divided(found)
        cells = self.shared_out(found)
        heights = [each.height for each in found if each.component in cells and each.height > LOWEST * self.height]
        tall = MAX_TALL * float(np.median(heights)) if heights else np.inf
        found = [each for each in found if not self._is_remains(each, cells.get(each.component, 0), tall)]
        lines = text_lines([each for each in found if each.component not in cells])
        for cell in sorted(set(cells.values())):
            lines += text_lines([each for each in found if cells.get(each.component) == cell])
        return lines, cells

    def _parted_by_lines(self, found: list[Segment]) -> list[Segment]:
        """The components, those of which a digit lies on both sides of a line parted there."""
        height = typical_height(found) if found else 0.0
        parted, number = [], max((each.component for each in found), default=0)
        for segment in found:
            place = slice(segment.top, segment.bottom), slice(segment.left, segment.right)
            parts = connected_components((segment.ink > 0.3) & (self.level[place] == 0))
            tall = np.flatnonzero(parts.height >= MIN_TALL * height)
            order = tall[np.argsort(parts.top[tall])]
            if len(order) < 2 or (parts.bottom[order[:-1]] > parts.top[order[1:]]).any():
                parted.append(segment)
                continue
            labels = np.where(np.isin(parts.labels, order + 1), parts.labels, 0).astype(np.int32)
            parted += _shared_among(segment, labels, (order + 1).tolist(), number + 1)
            number += len(order)
        return parted

    def _is_remains(self, segment: Segment, cell: int, tall: float) -> bool:
        """Whether it is rather what is left of a side of the cell, from 1, in which it lies; 0 for none.

        What is higher than `tall` pixels, and slim, may be a side that was drawn askew.
        """
        place = slice(segment.top, segment.bottom), slice(segment.left, segment.right)
        own = segment.ink > 0.3
        beside = np.count_nonzero(own & (self.labels[place] > 0) & ~self.core[place])
        if beside > ALL_BESIDE * np.count_nonzero(own):
            return True
        if np.count_nonzero(own & self._crossings[place]) > AT_CROSSING * np.count_nonzero(own):
            return True
        if cell and self._has_rows and segment.height > tall and self._runs_through(segment, own, cell):
            return True
        if min(segment.height, segment.width) > self._slim:
            return False
        is_long = max(segment.height, segment.width) > MAX_LONG * self.height
        return bool(
            is_long or beside > MAX_BESIDE * np.count_nonzero(own) or (cell and self._is_at_side(segment, cell))
        )

    def _is_at_side(self, segment: Segment, cell: int) -> bool:
        """Whether something as thin as a side begins just where one ends that it runs along, or runs all through."""
        if min(segment.height, segment.width) > self.breadth + MAX_THICKER:
            return False
        left, top, right, bottom = self.boxes[cell - 1]
        if segment.height > segment.width:
            if segment.top - top <= AT_SIDE and bottom - segment.bottom <= AT_SIDE:
                return True
            gaps = segment.left - left, right - segment.right
        else:
            gaps = segment.top - top, bottom - segment.bottom
        return any(-AT_SIDE <= gap <= AT_SIDE for gap in gaps)

    def _runs_through(self, segment: Segment, own: Mask, cell: int) -> bool:
        """Whether something slim and straight runs from one line to the next, as a side that is drawn askew does."""
        breadth = min(cv2.minAreaRect(np.argwhere(own).astype(np.int32))[1]) + 1
        middle = (segment.left + segment.right) // 2
        high = np.count_nonzero(self.core[:, middle] & (self.labels[:, middle] == cell))
        return bool(breadth <= self.breadth + MAX_THICKER and segment.height >= MIN_THROUGH * high)

    @property
    def _has_rows(self) -> bool:
        """Whether a table has several rows, and not only boxes side by side."""
        return len(set(self.tables)) < len(self.tables)

    @cached_property
    def _crossings(self) -> Mask:
        """What lies close to where lines cross."""
        reach = 2 * round(CROSSING * self.height + self.breadth / 2) + 1
        return (grown(self.level, reach, reach) & grown(self.upright, reach, reach)) > 0

    def _place(self, segment: Segment) -> Labels:
        return self.labels[segment.top : segment.bottom, segment.left : segment.right]

    def _shares(self, segment: Segment) -> NDArray[np.intp]:
        """(n + 1,) pixels of a component in each of n cells, and outside first."""
        return np.bincount(self._place(segment)[segment.ink > 0.3], minlength=len(self.boxes) + 1)


def _shared_among(segment: Segment, labels: Labels, parts: list[int], number: int) -> list[Segment]:
    """A component's ink shared among these labels, each pixel by the nearest, as components from that number on."""
    nearest = _spread_over(labels)
    inks = (np.where(nearest == part, segment.ink, np.float32(0)) for part in parts)
    return [Segment.closely(ink, segment.top, segment.left, each) for each, ink in enumerate(inks, number)]


def _spread_over(labels: Labels) -> Labels:
    """The label that is nearest to each pixel."""
    _, index = cv2.distanceTransformWithLabels(
        (labels == 0).view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_index = np.zeros(index.max() + 1, np.int32)
    of_index[index[labels > 0]] = labels[labels > 0]
    return np.asarray(of_index[index], np.int32)
