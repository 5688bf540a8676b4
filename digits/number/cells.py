"""Ink -> cells: boxes, combs, grids and tables, and which ink is written in which cell.

Cells are what straight lines enclose (`digits.number.printed_lines`) if somebody has written into some of them. Each
component of the ink belongs to the cell in which most of it lies; the lines are taken out, the strokes that cross them
are not.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.candidates import InkCandidate
from digits.ink.components import Components, Grey, Mask, connected_components
from digits.ink.photograph import MEDIAN_TO_DEVIATION, Way
from digits.number.printed_lines import (
    MAX_CELLS,
    MIN_TURN,
    Bits,
    Labels,
    Lattice,
    Runs,
    View,
    between_boxes,
    lattice,
    line_breadth,
    reached,
    turn_of_lines,
    turning,
    without_lines,
)
from digits.number.segments import Segment, TextLine
from digits.number.text_lines import text_lines

MIN_DRAWN_LINE: Final = 0.15
"""Share of full ink from which on a drawing's pixel may lie on a line."""

DRAWN_WAYS: Final = ((12, 2, True), (28, 3, True), (14, 8, False), (28, 18, False))
"""Straight runs and gaps of a drawing's lines, in pixels, and whether of all ink or of dots and dashes alone: the longer
runs are for broad pens."""

MAX_SIDE: Final = 800
"""Pixels of the longer side to which a picture is reduced before lines are looked for."""

MAX_DASH: Final = 26
"""Pixels of a dash's length at most."""

THROUGHOUT: Final = 0.85
"""Share of the picture's side from which on a line is ruling."""

SURE_LINE: Final = 0.3
MAYBE_LINE: Final = 0.1
"""Probabilities from which on a photograph's pixel may lie on a line."""

MAX_BREADTH: Final = 11
"""Pixels of a faint line's breadth at most, and..."""

MIN_NOISES: Final = 2.5
"""...standard deviations of the noise by which it stands out."""

MIN_UNDERLINE: Final = 2.2
"""Length of a line under all that is written by the height of all."""

MIN_SLIM: Final = 3
MIN_TICKS: Final = 3
"""Height of a comb's tick by its width at least, and how many of one height it has."""

MIN_CONTENT: Final = 0.25
"""Height of what is written in a cell by the cell's, at least, for the cell to have been written into."""

MIN_OUTSIDE: Final = 8
"""Pixels of what is written outside of cells that tells how high it is, and..."""

MIN_HIGH: Final = 0.8
"""...a cell's height by it at least."""

MAX_OVER: Final = 1.25
"""Height of a mark by the cell's above which it was not written into that cell."""

MAX_MISFIT: Final = 0.4
"""Share of the ink that may be of such marks, or of marks over three cells; with more of it the lines are ruling."""

MAX_BESIDE: Final = 0.5
"""Share of a slim component that may lie on its cell's sides."""

MIN_OWN: Final = 0.3
"""Share of a component that must lie in each of two cells for it to be two digits that touch over the line."""

NEAR: Final = 8
"""Pixels around a table in which its lines lie."""

MAX_BEYOND: Final = 0.8
"""Length by which the lines around a table go on beyond it, by its own."""

MAX_THICK: Final = 0.22
"""Breadth of the lines by the cells' shorter side."""

MIN_UNLIKE: Final = 0.5
"""Difference of the shares of the two directions' lines that are writing: one of them is strokes."""

MIN_RULED: Final = 2.5
"""Length of the lines of squared paper by the squares' side."""

NEXT_ROW: Final = 1.0
NEXT_COLUMN: Final = 1.2
"""Distance of boxes that are apart up to which they are of one table, by their height."""


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

    @property
    def height(self) -> float:
        """Of a cell, the median in pixels."""
        return float(np.median(self.boxes[:, 3] - self.boxes[:, 1]))

    def cleaned(self, ink: Grey, way: Way = "drawn") -> Grey:
        """Ink, (height, width) float32 in [0, 1], without the lines; ruling is out of some views already."""
        if not self.rows and way in ("unruled", "classified", "top_hat"):
            return ink
        return without_lines(ink, self.level, self.upright, self.breadth, partly=way == "classified")

    def shared_out(self, found: list[Segment]) -> dict[int, int]:
        """The cell, from 1, of each component by its number; of those outside of cells there is none."""
        cells = {}
        for segment in found:
            counts = self._shares(segment)
            if (best := int(counts[1:].argmax()) + 1) and counts[best] >= 0.5 * counts.sum():
                cells[segment.component] = best
        return cells

    def divided(self, found: list[Segment]) -> list[Segment]:
        """The components, those of two cells in a large part divided at the border between them."""
        divided, number = [], max((each.component for each in found), default=0)
        for segment in found:
            counts = self._shares(segment)
            large = np.flatnonzero(counts >= MIN_OWN * counts.sum())
            if len(large) < 2 or large[0] == 0:
                divided.append(segment)
                continue
            nearest = self._place(segment)
            for cell in large.tolist():
                own = np.where((nearest == cell) | ((nearest == 0) & (cell == large[0])), segment.ink, np.float32(0))
                number += 1
                if (own > 0.3).any():
                    divided.append(Segment.closely(own, segment.top, segment.left, number))
        return divided

    def text_lines(self, found: list[Segment]) -> tuple[list[TextLine], dict[int, int]]:
        """Text lines of each cell and of what stands outside, and the cell, from 1, of each component by its number."""
        if not self.rows:
            return text_lines(found), {}
        found = [segment for segment in self.divided(found) if not self._is_remains(segment)]
        cells = self.shared_out(found)
        lines = text_lines([each for each in found if each.component not in cells])
        for cell in sorted(set(cells.values())):
            lines += text_lines([each for each in found if cells.get(each.component) == cell])
        return lines, cells

    def _is_remains(self, segment: Segment) -> bool:
        """Whether it is rather what is left of a cell's side."""
        place = slice(segment.top, segment.bottom), slice(segment.left, segment.right)
        own = segment.ink > 0.3
        beside = np.count_nonzero(own & (self.labels[place] > 0) & ~self.core[place])
        slim = min(segment.height, segment.width) <= 2 * self.breadth + 4
        return bool(slim and beside > MAX_BESIDE * np.count_nonzero(own))

    def _place(self, segment: Segment) -> Labels:
        return self.labels[segment.top : segment.bottom, segment.left : segment.right]

    def _shares(self, segment: Segment) -> NDArray[np.intp]:
        """(n + 1,) pixels of a component in each of n cells, and outside first."""
        return np.bincount(self._place(segment)[segment.ink > 0.3], minlength=len(self.boxes) + 1)


def find_cells(candidate: InkCandidate) -> Cells | None:
    """The cells of a picture and the lines in it, by the first candidate of its ink; None where there are none."""
    if candidate.writing is None or candidate.printed is None or candidate.contrast is None:
        mask = (candidate.ink > MIN_DRAWN_LINE).view(np.uint8)
        dots = _small(mask)
        views = [View(mask if is_whole else dots, *way, not is_whole) for *way, is_whole in DRAWN_WAYS]
        return _cells_of(views, candidate.ink) or _long_lines(mask, candidate.ink)
    writing, printed = candidate.writing, candidate.printed
    surely = (np.maximum(printed, writing) > SURE_LINE).view(np.uint8)
    maybe = ((printed > MAYBE_LINE) & (printed > writing)).view(np.uint8)
    thin = (np.maximum(printed, writing) > MAYBE_LINE).view(np.uint8) | _thin(candidate.contrast)
    views = [View(surely, 12, 2, False), View(thin, 28, 3, False), View(maybe, 12, 3, True), View(maybe, 14, 7, True)]
    found = _cells_of(views, candidate.ink)
    if found is None or not found.rows:
        return None
    own = [lines & (np.maximum(printed, writing) > MAYBE_LINE) for lines in (found.level, found.upright)]
    of_level, of_upright = (float((writing > printed)[lines > 0].mean()) if lines.any() else 0.0 for lines in own)
    return None if abs(of_level - of_upright) > MIN_UNLIKE else found


def _small(mask: Bits) -> Bits:
    """Components of the mask that may be dots and dashes of a line."""
    found = connected_components(mask.view(np.bool_))
    return np.concatenate([[False], found.length <= MAX_DASH]).take(found.labels).view(np.uint8)


def _thin(contrast: Grey) -> Bits:
    """1 where something narrow stands out of a photograph's noise, (height, width) uint8."""
    smooth = cv2.GaussianBlur(contrast, (0, 0), 0.8)
    narrow = smooth - cv2.morphologyEx(smooth, cv2.MORPH_OPEN, np.ones((MAX_BREADTH, MAX_BREADTH), np.uint8))
    noise = MEDIAN_TO_DEVIATION * float(np.median(smooth))
    return np.asarray(narrow > MIN_NOISES * max(noise, 1.0), np.bool_).view(np.uint8)


def _cells_of(views: list[View], ink: Grey) -> Cells | None:
    """The cells of a picture, or only the lines of squared paper; None where there are none.

    Lines are looked for in a picture that is reduced, if it is large, and turned upright.

    Args:
        views: of where lines may be.
        ink: (height, width) float32 in [0, 1], of what is written and perhaps of the lines.

    """
    height, width = ink.shape
    factor = -(-max(height, width) // MAX_SIDE)
    mask = views[0].mask
    views = [view._replace(mask=_reduced(view.mask, factor)) for view in views]
    degrees = turn_of_lines(views[0].mask)
    matrix, size = turning(degrees if abs(degrees) >= MIN_TURN else 0.0, *views[0].mask.shape)

    def turned(mask: Bits) -> Bits:
        return np.asarray(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_NEAREST), np.uint8)

    inside = np.ones(views[0].mask.shape, np.uint8)
    found = lattice([view._replace(mask=turned(view.mask)) for view in views], turned(inside))
    if found is None:
        return None
    scaled = np.array([[1 / factor, 0, (1 / factor - 1) / 2], [0, 1 / factor, (1 / factor - 1) / 2], [0, 0, 1]])
    return _checked(found, ink, mask, (np.vstack([matrix, [0, 0, 1]]) @ scaled)[:2])


def _reduced(mask: Bits, factor: int) -> Bits:
    """The mask reduced so many times; a pixel is 1 where one of those that it stands for is."""
    if factor == 1:
        return mask
    grown = cv2.dilate(mask, np.ones((factor, factor), np.uint8), anchor=(0, 0))
    return np.ascontiguousarray(grown[::factor, ::factor])


def _checked(found: Lattice, ink: Grey, mask: Bits, to_lattice: NDArray[np.float64]) -> Cells | None:
    """The cells if they are no loops of what is written, or the lines alone if they are squared paper.

    Args:
        found: what lines enclose.
        ink: of the picture.
        mask: (height, width) uint8, 1 where ink or a line is.
        to_lattice: (2, 3) transformation from the picture to what was found.

    """
    height, width = ink.shape

    def placed(mask: NDArray[Any]) -> NDArray[Any]:
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(mask.astype(np.float32), to_lattice, (width, height), flags=flags)
        return moved.astype(mask.dtype)

    inside, level, upright = placed(found.inside), placed(found.level), placed(found.upright)
    side = float(np.median((found.boxes[:, 2:] - found.boxes[:, :2]).min(axis=1)))
    breadth = line_breadth(mask, level | upright)
    labels = _grown(inside.astype(np.int32), round(breadth) + 3)
    cells = Cells(labels, inside > 0, _boxes_of(inside, len(found.hulls)), [], [], level, upright, breadth)
    cleaned = without_lines(ink, level, upright, breadth, partly=False)
    written = _written(cells, cleaned)
    if written is None or len(found.hulls) > MAX_CELLS:
        long = round(MIN_RULED * side * width / found.inside.shape[1])
        level, upright = Runs.labelled(level).longer(long), Runs.labelled(upright.T).longer(long).T
        return Cells(
            np.zeros_like(labels), inside < 0, cells.boxes[:0], [], [], level, np.ascontiguousarray(upright), breadth
        )
    gaps = between_boxes(found.boxes) & ~written
    order = [[[cell for cell in row if not gaps[cell]] for row in rows] for rows in _in_order(found.boxes * 1.0)]
    order = [[row for row in rows if row] for rows in order]
    kept = [(number, rows) for number, rows in enumerate(order) if any(written[cell] for row in rows for cell in row)]
    kept = [(number, rows) for number, rows in kept if not _is_part(found, [cell for row in rows for cell in row])]
    if not kept or breadth > MAX_THICK * side * width / found.inside.shape[1]:
        return None
    rows = [row for _, rows in kept for row in rows]
    tables = [place + 1 for place, (_, rows) in enumerate(kept) for _ in rows]
    return _renumbered(replace(cells, rows=rows, tables=tables))


def _is_part(found: Lattice, cells: list[int]) -> bool:
    """Whether the lines around a table go on far beyond it: it is cut out of ruling by strokes, or only partly found."""
    boxes = found.boxes[cells]
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    for lines, first, last, axis in ((found.level, left, right, 1), (found.upright, top, bottom, 0)):
        near = np.zeros_like(lines)
        near[max(top - NEAR, 0) : bottom + NEAR, max(left - NEAR, 0) : right + NEAR] = 1
        whole = np.flatnonzero(reached(lines, lines & near).any(axis=1 - axis))
        if len(whole) and (first - whole[0]) + (whole[-1] - last) > MAX_BEYOND * (last - first):
            return True
    return False


def _long_lines(mask: Bits, ink: Grey) -> Cells | None:
    """The lines of a drawing or a scan that run through all of it, or under all of what is written, with ticks on it."""
    height, width = mask.shape
    left, top, broad, high = cv2.boundingRect(mask)
    long = min(THROUGHOUT * width, max(THROUGHOUT * broad, MIN_UNDERLINE * high))
    level = Runs.of(mask, 28, 3).longer(round(long))
    upright = np.ascontiguousarray(Runs.of(mask.T, 28, 3).longer(round(THROUGHOUT * height)).T)
    if not (level.any() or upright.any()):
        return None
    breadth = line_breadth(mask, level | upright)
    nowhere = np.zeros(mask.shape, np.int32)
    return Cells(nowhere, nowhere > 0, np.zeros((0, 4)), [], [], level, upright | _ticks(mask, level), breadth)


def _ticks(mask: Bits, level: Bits) -> Bits:
    """1 on the ticks of a comb, which stand on its line and are all equally high."""
    found = connected_components((mask & (1 - level)).view(np.bool_))
    below = np.minimum(found.bottom + 2, len(mask) - 1)
    on_line = level[below, found.left + found.width // 2] > 0
    slim = on_line & (found.width * MIN_SLIM < found.height)
    if np.count_nonzero(slim) < MIN_TICKS:
        return np.zeros_like(mask)
    typical = float(np.median(found.height[slim]))
    ticks = slim & (np.abs(found.height - typical) <= 0.15 * typical + 1)
    if np.count_nonzero(ticks) < MIN_TICKS:
        return np.zeros_like(mask)
    return np.concatenate([[False], ticks]).take(found.labels).view(np.uint8)


def _grown(labels: Labels, reach: int) -> Labels:
    """Labels that reach so many pixels farther, where no other is; the higher one where two meet."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    grown = cv2.dilate(labels.astype(np.float32), square).astype(np.int32)
    return np.where(labels > 0, labels, grown)


def _boxes_of(labels: Labels, count: int) -> NDArray[np.float64]:
    """(n, 4) left, top, right, bottom of each label."""
    rows, columns = np.nonzero(labels)
    of_all = labels[rows, columns] - 1
    boxes = np.zeros((count, 4))
    boxes[:, :2] = np.inf
    np.minimum.at(boxes[:, 0], of_all, columns)
    np.minimum.at(boxes[:, 1], of_all, rows)
    np.maximum.at(boxes[:, 2], of_all, columns + 1)
    np.maximum.at(boxes[:, 3], of_all, rows + 1)
    boxes[np.isinf(boxes).any(axis=1)] = 0
    return boxes


def _written(cells: Cells, ink: Grey) -> Mask | None:
    """(n,) whether something is written in each cell; None where the lines are ruling under what is written."""
    found = connected_components(ink > 0.5)
    count = len(cells.boxes)
    written = np.zeros(count, np.bool_)
    sides = cells.boxes[:, 2:] - cells.boxes[:, :2]
    misfit = total = 0
    for index in np.flatnonzero(found.length >= MIN_CONTENT * np.median(sides.min(axis=1))).tolist():
        top, left = int(found.top[index]), int(found.left[index])
        place = slice(top, int(found.bottom[index])), slice(left, int(found.right[index]))
        own = np.bincount(cells.labels[place][found.labels[place] == index + 1], minlength=count + 1)
        best = int(own[1:].argmax())
        if own[best + 1] == 0:
            continue
        total += int(found.length[index])
        tall = found.height[index] > MAX_OVER * sides[best, 1]
        if tall or np.count_nonzero(own[1:] > 0.15 * own.sum()) > 2:
            misfit += int(found.length[index])
        elif own[best + 1] > 0.5 * own.sum() and found.height[index] >= MIN_CONTENT * sides[best, 1]:
            written[best] = True
    return None if misfit > MAX_MISFIT * total else written & _not_small(cells, found)


def _not_small(cells: Cells, found: Components) -> Mask:
    """(n,) whether a cell is as high as what is written outside of cells: a smaller one is a loop of that."""
    rows, columns = found.top + found.height // 2, found.left + found.width // 2
    outside = np.sort(found.height[(cells.labels[rows, columns] == 0) & (found.length > MIN_OUTSIDE)])
    if not len(outside):
        return np.ones(len(cells.boxes), np.bool_)
    typical = np.quantile(outside.repeat(outside), 0.5)
    high: Mask = cells.boxes[:, 3] - cells.boxes[:, 1] >= MIN_HIGH * typical
    return high


def _in_order(boxes: NDArray[np.float64]) -> list[list[list[int]]]:
    """Cells of each row from left to right, for each table, both from top to bottom."""
    left, top, right, bottom = boxes.T
    height = bottom - top
    across = np.maximum(left[:, None] - right, left - right[:, None])
    down = np.maximum(top[:, None] - bottom, top - bottom[:, None])
    lower = np.minimum(height[:, None], height)
    close = ((down < 0) & (across < NEXT_COLUMN * lower)) | ((across < 0) & (down < NEXT_ROW * lower))
    number = np.arange(len(boxes))
    for _ in range(len(boxes)):
        spread = np.where(close | np.eye(len(boxes), dtype=np.bool_), number, len(boxes)).min(axis=1)
        if (spread == number).all():
            break
        number = spread
    tables = [np.flatnonzero(number == each) for each in np.unique(number)]
    tables.sort(key=lambda own: (float(top[own].min()), float(left[own].min())))
    return [_rows(boxes, own) for own in tables]


def _rows(boxes: NDArray[np.float64], own: NDArray[np.intp]) -> list[list[int]]:
    """Cells of one table, row by row: a cell joins the row whose last one lies most beside it."""
    rows: list[list[int]] = []
    for cell in sorted(own.tolist(), key=lambda each: float(boxes[each, 0])):
        top, bottom = boxes[cell, 1], boxes[cell, 3]
        best, most = None, 0.5
        for row in rows:
            other = boxes[row[-1]]
            share = (min(bottom, other[3]) - max(top, other[1])) / min(bottom - top, other[3] - other[1])
            if share > most and other[2] < (boxes[cell, 0] + boxes[cell, 2]) / 2:
                best, most = row, share
        if best is None:
            rows.append([cell])
        else:
            best.append(cell)
    return sorted(rows, key=lambda row: float(np.mean(boxes[row, 1] + boxes[row, 3])))


def _renumbered(cells: Cells) -> Cells:
    """Only the cells that are in rows, in their order."""
    order = [cell for row in cells.rows for cell in row]
    numbers = np.zeros(len(cells.boxes) + 1, np.int32)
    numbers[np.array(order) + 1] = np.arange(1, len(order) + 1)
    ends = np.cumsum([len(row) for row in cells.rows])
    rows = [list(range(end - len(row), end)) for row, end in zip(cells.rows, ends.tolist(), strict=True)]
    return replace(cells, labels=numbers[cells.labels], boxes=cells.boxes[order], rows=rows)
