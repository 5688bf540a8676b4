"""A candidate of the ink -> its cells: what lines enclose, if somebody has written into some of it.

Loops of what is written, ruling and squared paper are no cells; where only such lines are found in a drawing or a scan
they are taken out all the same. Constants were chosen on made forms by writers kept out of training
(docs/notebook.md, "Cells").
"""

from dataclasses import replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.candidates import InkCandidate
from digits.ink.components import Components, Grey, Mask, connected_components
from digits.ink.filters import noise_deviation
from digits.number.box_rows import even_rows
from digits.number.cell_rows import in_order
from digits.number.cells import Cells
from digits.number.combs import comb
from digits.number.enclosures import (
    MAX_CELLS,
    Lattice,
    between_boxes,
    boxes_of,
    lattice,
    most_alike,
    spread,
    worth_of,
)
from digits.number.line_evidence import line_evidence, narrow_parts, smoothed
from digits.number.line_removal import without_lines
from digits.number.line_scale import MAX_SIDE, MIN_WRITING, line_scale
from digits.number.long_lines import long_lines, squared_lines
from digits.number.mesh import lattice_of, tables
from digits.number.runs import MIN_TURN, Bits, View, line_breadth, reached, turn_of_lines, turning
from digits.number.segments import weighted_by_itself

MIN_DRAWN_LINE: Final = 0.15
"""Share of full ink from which on a drawing's pixel may lie on a line."""

DRAWN_WAYS: Final = ((12, 2), (28, 3))
"""Straight runs and gaps of a drawing's lines, in pixels: the longer runs are for broad pens."""

FAINT_LINE: Final = 0.25
"""Evidence from which on the side of a box may be there that the others of its row tell."""

MAX_DENSE: Final = 0.2
"""Share of a picture up to which what has that evidence may be lines; where there is more it is noise."""

MIN_RIM_FILLED: Final = 0.35
"""Share of the cells of a row or column that the picture's rim cuts off in which something stands, at least."""

MIN_SURE: Final = 2
"""Rows and columns from which on a table is surely one."""

SURE_LINE: Final = 0.3

MAYBE_LINE: Final = 0.1
"""Probabilities from which on a photograph's pixel may lie on a line."""

MAX_BREADTH: Final = 11
"""Pixels of a faint line's breadth at most, and..."""

MIN_NOISES: Final = 2.5
"""...standard deviations of the noise by which it stands out."""

MIN_CONTENT: Final = 0.25
"""Longer side of what is written in a cell by the cell's shorter one, at least, for it to have been written into."""

MIN_FILLED: Final = 0.2
"""Share of a table's cells in which something is written at least, where it has more than..."""

FEW_CELLS: Final = 8
"""...so many: a number on squared paper fills few squares."""

MIN_WRITTEN: Final = 4
"""Written cells of a table from which on its cells may be lower than what is written outside of them. Set by hand."""

MIN_HIGH: Final = 0.8
"""A cell's height by that of what is written outside of cells at least."""

MAX_OVER: Final = 1.25
"""Height of a mark by the cell's above which it was not written into that cell."""

MAX_MISFIT: Final = 0.4
"""Share of the ink that may be of such marks, or of marks over several cells; with more of it the lines are ruling."""

MIN_JOINED: Final = 1.5
"""Height of marks that touch over a line by that of what is written in one cell."""

MIN_SHARED: Final = 0.2
"""Share of a mark in each of these cells at least."""

NEAR: Final = 8
"""Pixels around a table in which its lines lie."""

MAX_BEYOND: Final = 0.8
"""Length by which the lines around a table go on beyond it, by its own."""

MAX_THICK: Final = 0.16
"""Breadth of the lines by the cells' shorter side at most."""

MIN_REGULAR: Final = 3
"""Boxes of one size from which on they are no loops of what is written, and..."""

MAX_THICK_REGULAR: Final = 0.4
"""...the same of these, and of the thickest lines of a table: a puzzle has thin and thick ones."""


def find_cells(candidate: InkCandidate) -> Cells | None:
    """The cells of a picture and the lines in it, by the first candidate of its ink; None where there are none."""
    evidence = line_evidence(candidate)
    is_photograph = candidate.printed is not None
    mask = (evidence > (SURE_LINE if is_photograph else MIN_DRAWN_LINE)).view(np.uint8)
    found = _cells_of(evidence, mask, candidate.ink, drawn=not is_photograph)
    if found is None or (found.rows and not _is_sure(found)):
        views = _views(candidate)
        other = _enclosed_cells(views, candidate.ink, (evidence > FAINT_LINE).view(np.uint8))
        if _worth(other) > _worth(found) or (found is None and other is not None):
            found = other
    if found is None:
        found = comb(mask)
    if is_photograph:
        return found if found is not None and found.rows else None
    return found or long_lines(mask)


def _is_sure(cells: Cells) -> bool:
    """Whether there is a table with several rows and columns."""
    return len(cells.rows) >= MIN_SURE and sum(len(row) >= MIN_SURE for row in cells.rows) >= MIN_SURE


def _worth(cells: Cells | None) -> float:
    return worth_of(cells.boxes) if cells is not None and len(cells.boxes) else 0.0


def _views(candidate: InkCandidate) -> list[View]:
    """Views of where the sides of boxes may be."""
    writing, printed, dark = candidate.writing, candidate.printed, candidate.darkness
    if writing is None or printed is None or dark is None:
        mask = (candidate.ink > MIN_DRAWN_LINE).view(np.uint8)
        return [View(mask, straight, gap) for straight, gap in DRAWN_WAYS]
    surely = (np.maximum(printed, writing) > SURE_LINE).view(np.uint8)
    thin = (np.maximum(printed, writing) > MAYBE_LINE).view(np.uint8) | _thin(dark)
    return [View(surely, 12, 2), View(thin, 28, 3)]


def _thin(dark: Grey) -> Bits:
    """1 where something narrow stands out of a photograph's noise, (height, width) uint8."""
    smooth = smoothed(dark)
    narrow = narrow_parts(smooth, MAX_BREADTH)
    noise = noise_deviation(smooth)
    return np.asarray(narrow > MIN_NOISES * max(noise, 1.0), np.bool_).view(np.uint8)


def _cells_of(evidence: Grey, mask: Bits, ink: Grey, *, drawn: bool) -> Cells | None:
    """The cells of a picture, or only the lines of squared paper; None where there are none.

    Lines are looked for in a picture of one size that is turned upright.

    Args:
        evidence: (height, width) float32 in [0, 1], of lines.
        mask: 1 where ink or a line is.
        ink: (height, width) float32 in [0, 1], of what is written; of a drawing of its lines, too.
        drawn: whether it is of a drawing or a scan.

    """
    scale = line_scale(ink, mask, drawn=drawn)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(evidence, None, fx=scale, fy=scale, interpolation=method), np.float32)
    matrix, size = _turning_upright((small > 0.4).view(np.uint8))
    upright = np.asarray(cv2.warpAffine(small, matrix, size), np.float32)
    within = cv2.warpAffine(np.ones(small.shape, np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    found = lattice_of(tables(upright, _rims(within)), upright.shape)
    if found is None:
        return None
    found = even_rows(found, (upright > FAINT_LINE).view(np.uint8))
    return _checked(found, ink, mask, _of_the_whole(matrix, scale))


def _enclosed_cells(views: list[View], ink: Grey, faint: Bits) -> Cells | None:
    """The cells that lines enclose on all sides, and those beside them of which faint lines are seen.

    Args:
        views: of where lines may be.
        ink: (height, width) float32 in [0, 1].
        faint: 1 where there is some evidence of a line.

    """
    height, width = ink.shape
    factor = -(-max(height, width) // MAX_SIDE)
    mask = views[0].mask
    views = [view._replace(mask=_reduced(view.mask, factor)) for view in views]
    matrix, size = _turning_upright(views[0].mask)

    def turned(mask: Bits) -> Bits:
        return np.asarray(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_NEAREST), np.uint8)

    inside = np.ones(views[0].mask.shape, np.uint8)
    views = [view._replace(mask=turned(view.mask)) for view in views]
    found = lattice(views, turned(inside))
    if found is None:
        return None
    lines = views[-1].mask
    if faint.mean() < MAX_DENSE:
        lines = lines | turned(_reduced(faint, factor))
    found = even_rows(found, lines)
    return _checked(found, ink, mask, _of_the_whole(matrix, 1 / factor))


def _turning_upright(mask: Bits) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """As `turning`, by where most of the ink lies in few rows."""
    degrees = turn_of_lines(mask)
    return turning(degrees if abs(degrees) >= MIN_TURN else 0.0, *mask.shape)


def _of_the_whole(matrix: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """The (2, 3) transformation from the picture, of which `matrix` turns a copy that is `scale` times as large."""
    move = (scale - 1) / 2
    scaled = np.array([[scale, 0, move], [0, scale, move], [0, 0, 1]])
    return np.asarray((np.vstack([matrix, [0, 0, 1]]) @ scaled)[:2], np.float64)


def _rims(within: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The picture's upper and lower rim by column, and its left and right one by row."""
    rims = []
    for mask in (within > 0, within.T > 0):
        first, last = mask.argmax(axis=0), len(mask) - 1 - mask[::-1].argmax(axis=0)
        rims.append(np.stack([first, last]).astype(np.float32))
    return rims[0], rims[1]


def _reduced(mask: Bits, factor: int) -> Bits:
    """The mask reduced so many times; a pixel is 1 where one of those that it stands for is."""
    if factor == 1:
        return mask
    any_of = cv2.dilate(mask, np.ones((factor, factor), np.uint8), anchor=(0, 0))
    return np.ascontiguousarray(any_of[::factor, ::factor])


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
        of_a_kind = mask if mask.dtype == np.uint8 else mask.astype(np.float32)
        moved = cv2.warpAffine(of_a_kind, to_lattice, (width, height), flags=flags)
        return np.asarray(moved, mask.dtype)

    inside, level, upright = placed(found.inside), placed(found.level), placed(found.upright)
    scale = float(np.hypot(*to_lattice[0, :2]))
    side = float(np.median((found.boxes[:, 2:] - found.boxes[:, :2]).min(axis=1))) / scale
    breadth = line_breadth(mask, level | upright) if found.breadth is None else max(1.0, found.breadth / scale)
    labels = spread(inside.astype(np.int32), round(breadth) + 3)
    core = (inside > 0) & (level | upright == 0)
    cells = Cells(labels, core, boxes_of(inside, len(found.hulls)), [], [], level, upright, breadth)
    cleaned = without_lines(ink, level, upright, breadth, partly=False, sharp=False)
    written = _written(cells, cleaned, is_mesh=found.breadth is not None)
    if written is None or len(found.hulls) > MAX_CELLS:
        return squared_lines(mask, level, upright, breadth)
    tables = _tables(found, written)
    is_regular = found.breadth is not None or most_alike(found.boxes) >= MIN_REGULAR
    if not tables or breadth > (MAX_THICK_REGULAR if is_regular else MAX_THICK) * side:
        return None
    rows = [row for table in tables for row in table]
    return _renumbered(
        replace(cells, rows=rows, tables=[place + 1 for place, table in enumerate(tables) for _ in table])
    )


def _tables(found: Lattice, written: Mask) -> list[list[list[int]]]:
    """Rows of cells of each table in which something is written, without the room between boxes."""
    gaps = between_boxes(found.boxes) & ~written
    cut = _cut_off(found, written)
    tables = []
    for table in in_order(found.boxes.astype(np.float64)):
        gone = cut if len(table) > 1 else gaps | cut
        rows = [kept for row in table if (kept := [cell for cell in row if not gone[cell]])]
        cells = [cell for row in rows for cell in row]
        least = MIN_FILLED * len(cells) if len(cells) > FEW_CELLS else 1
        if np.count_nonzero(written[cells]) >= least and not _is_part(found, cells):
            tables.append(rows)
    return tables


def _cut_off(found: Lattice, written: Mask) -> Mask:
    """(n,) whether a cell is of a row or column that the picture's rim cuts off and in which hardly anything stands."""
    gone = np.zeros(len(written), np.bool_)
    for side in () if found.cut is None else found.cut.T:
        for table in np.unique(side[side > 0]):
            own = side == table
            if written[own].mean() < MIN_RIM_FILLED:
                gone |= own
    return gone


def _is_part(found: Lattice, cells: list[int]) -> bool:
    """Whether the lines around a table go on far beyond it: it is cut out of ruling, or only partly found."""
    boxes = found.boxes[cells]
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    for lines, first, last, axis in ((found.level, left, right, 1), (found.upright, top, bottom, 0)):
        near = np.zeros_like(lines)
        near[max(top - NEAR, 0) : bottom + NEAR, max(left - NEAR, 0) : right + NEAR] = 1
        whole = np.flatnonzero(reached(lines, lines & near).any(axis=1 - axis))
        if len(whole) and (first - whole[0]) + (whole[-1] - last) > MAX_BEYOND * (last - first):
            return True
    return False


def _written(cells: Cells, ink: Grey, *, is_mesh: bool) -> Mask | None:
    """(n,) whether something is written in each cell; None where the lines are ruling under what is written."""
    found = connected_components(ink > 0.5)
    count = len(cells.boxes)
    written = np.zeros(count, np.bool_)
    sides = cells.boxes[:, 2:] - cells.boxes[:, :2]
    misfits: list[int] = []
    total, fitting = 0, list[int]()
    for index in np.flatnonzero(found.length >= MIN_CONTENT * np.median(sides.min(axis=1))).tolist():
        top, left = int(found.top[index]), int(found.left[index])
        place = slice(top, int(found.bottom[index])), slice(left, int(found.right[index]))
        own = np.bincount(cells.labels[place][found.labels[place] == index + 1], minlength=count + 1)
        best = int(own[1:].argmax())
        if own[best + 1] == 0:
            continue
        total += int(found.length[index])
        tall = found.height[index] > MAX_OVER * sides[best, 1]
        if tall or np.count_nonzero(own[1:] > MIN_SHARED * own.sum()) > 1:
            misfits.append(index)
        elif own[best + 1] > 0.5 * own.sum() and found.length[index] >= MIN_CONTENT * sides[best].min():
            written[best] = True
            fitting.append(int(found.height[index]))
    if len(fitting) >= len(misfits) > 0:  # what is as high as several digits is several that touch over a line
        misfits = [index for index in misfits if found.height[index] < MIN_JOINED * np.median(fitting)]
    if found.length[misfits].sum() > MAX_MISFIT * total:
        return None
    is_table = is_mesh and count > FEW_CELLS and np.count_nonzero(written) >= MIN_WRITTEN
    return written if is_table else written & _not_small(cells, found)


def _not_small(cells: Cells, found: Components) -> Mask:
    """(n,) whether a cell is as high as what is written outside of cells: a smaller one is a loop of that."""
    rows, columns = found.top + found.height // 2, found.left + found.width // 2
    outside = found.height[(cells.labels[rows, columns] == 0) & (found.length > MIN_WRITING)]
    if not len(outside):
        return np.ones(len(cells.boxes), np.bool_)
    typical = weighted_by_itself(outside)
    high: Mask = cells.boxes[:, 3] - cells.boxes[:, 1] >= MIN_HIGH * typical
    return high


def _renumbered(cells: Cells) -> Cells:
    """Only the cells that are in rows, in their order."""
    order = [cell for row in cells.rows for cell in row]
    numbers = np.zeros(len(cells.boxes) + 1, np.int32)
    numbers[np.array(order) + 1] = np.arange(1, len(order) + 1)
    ends = np.cumsum([len(row) for row in cells.rows])
    rows = [list(range(end - len(row), end)) for row, end in zip(cells.rows, ends.tolist(), strict=True)]
    return replace(cells, labels=numbers[cells.labels], boxes=cells.boxes[order], rows=rows)
