"""Digits that one ink candidate of a photograph has lost, found in another one.

What is as tall as the digits of a page, is no printed line, and lies where nothing was found, is read on its own; where
it is surely a digit and stands in a line or in a cell, it belongs there.
"""

from dataclasses import replace
from itertools import compress
from typing import Final

import cv2
import numpy as np

from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey, Mask, connected_components
from digits.ink.filters import noise_deviation
from digits.ink.photograph import FULL_INK_QUANTILE, MIN_INK_CONTRAST, MIN_OWN_INK
from digits.number.budget import Budget
from digits.number.cell_paper import FULL_INK
from digits.number.cells import SIDES, Cells
from digits.number.found import Found, Page
from digits.number.hints import Hints
from digits.number.paths import divide
from digits.number.segments import Segment, TextLine
from digits.number.text_lines import components, text_lines
from digits.number.views import viewed
from digits.recogniser import Recogniser

HEIGHTS: Final = (0.6, 1.6)
"""Height of a lost digit by that of the digits around it, from and to."""

MAX_COVERED: Final = 0.2
"""Share of its ink that may lie in the boxes of what was found."""

MAX_PRINTED: Final = 0.6
"""Mean probability that it is a printed line, where there are any that are not taken out as those of cells."""

FAINT_BLUR: Final = 0.8
"""Pixels of the blur against noise, before the ink of a cell is told by..."""

GRAIN: Final = 2.0
"""Pixels of the blur that leaves no noise, and..."""

GRAIN_QUANTILE: Final = 0.1
"""...quantile of the cells' noise that is the camera's: in the others strokes count."""

MIN_FAINT_CONTRAST: Final = 5.0
"""...its own darkest part, if that has so many grey levels and..."""

MIN_NOISES: Final = 4.0
"""...so many standard deviations of its noise above its paper; and..."""

FAINT_EDGE: Final = 0.4
"""...the share of full ink over which its edge goes from none to all. Set by hand."""

MAX_REST: Final = 0.3
"""Breadth of what is left of a blurred side, by the cell's shorter side. Set by hand."""

SURE_OF_NOTHING: Final = 0.995
"""How sure it is that nothing stands where nothing is found on clean paper; and..."""

HIDING_NOISE: Final = 4.0
"""...standard deviation of the noise, in grey levels, that hides half of what is written, where..."""

FILLED: Final = 0.8
"""...so many cells are filled in, and..."""

HIDING_POWER: Final = 4
"""...how fast that rises. Of 216 and 174 cells of made drawings and photographs that were said to be empty."""

MIN_ADDED_SCORE: Final = 0.8
"""Score of a digit that is added, and..."""

MIN_SCORE_OF_EMPTY: Final = 0.0
"""...of one in a cell that were empty without it, and..."""

MIN_SCORE_OF_FAINT: Final = 0.6
"""...of one there that is fainter than ink mostly is: dirt is, too. All three set by hand."""

MAX_MARKED: Final = 0.25
"""Cells with marks alone by those with digits up to which a table holds digits: a mark is then none..."""

LESS_LIKELY: Final = 0.1
"""...so many times as likely as the recogniser says."""

MAX_GAP: Final = 2.5
"""Distance to its neighbour in a line, by the digits' height."""

MIN_BESIDE: Final = 0.5
"""Share of the lower one's height that it has beside its neighbour."""


def completed(recogniser: Recogniser, page: Page, candidate: InkCandidate, hints: Hints, budget: Budget) -> Page:
    """The page with the digits that only another candidate of the same ink shows, as it is seen in the cells."""
    heights = [found.hypothesis.height for found in page.all if found.is_digit]
    if not heights:
        return page
    height = float(np.median(heights))
    read, unread = _parted(page)
    covered = np.zeros(candidate.ink.shape, np.bool_)
    for found in read.all:
        left, top, right, bottom = found.hypothesis.box
        covered[top:bottom, left:right] = True
    lowest, highest = (share * height for share in HEIGHTS)
    printed = candidate.printed if page.cells is None and _has_lines(candidate.printed, highest) else None
    as_tall = (each for each in components(candidate.ink, drawn=False) if lowest <= each.height <= highest)
    lost = [each for each in as_tall if _is_lost(each, covered, printed)]
    lines, of_cells = _in_lines(lost, page.cells)
    if not lines:
        return page
    chosen = divide(recogniser.model.without_memory(), lines, budget, hints)
    holds_digits = len(set(unread.places)) <= MAX_MARKED * len(set(read.places))
    for line in viewed(recogniser, chosen, budget, candidate.contrast):
        place = of_cells.get(line[0].hypothesis.segments[0].component, 0)
        for found in line:
            least = MIN_ADDED_SCORE
            if place and place not in read.places:
                is_faint = _is_faint(found, candidate.contrast)
                least = MIN_SCORE_OF_FAINT if is_faint else MIN_SCORE_OF_EMPTY
                found = found if is_faint or not holds_digits else _in_a_table(found)
            if found.is_digit and found.score > least:
                read = _with(read, found, place, height)
    still = [place not in read.places for place in unread.places]
    marks = list(compress(unread.lines, still))
    return replace(read, lines=read.lines + marks, places=read.places + list(compress(unread.places, still)))


def _in_a_table(found: Found) -> Found:
    """What stands in a cell beside others with digits, less likely none."""
    view = found.view.copy()
    view[10] *= LESS_LIKELY
    return replace(found, view=view / view.sum())


def _is_faint(found: Found, contrast: Grey | None) -> bool:
    """Whether it is fainter than ink mostly is."""
    if contrast is None:
        return False
    left, top, right, bottom = found.hypothesis.box
    own = contrast[top:bottom, left:right][found.hypothesis.ink > MIN_OWN_INK]
    return not own.size or bool(np.quantile(own, FULL_INK_QUANTILE) < MIN_INK_CONTRAST)


def _parted(page: Page) -> tuple[Page, Page]:
    """The page without the marks in cells in which nothing else stands, and these marks."""
    lines = list(zip(page.lines, page.places, strict=True))
    read = {place for line, place in lines if any(found.is_digit or found.sign is not None for found in line)}
    is_read = [not place or place in read for place in page.places]
    is_not = [not each for each in is_read]
    one, other = (
        replace(page, lines=list(compress(page.lines, own)), places=list(compress(page.places, own)))
        for own in (is_read, is_not)
    )
    return one, other


def faint_in_cells(cells: Cells, candidate: InkCandidate, above: Grey) -> InkCandidate:
    """The ink of each cell by its own darkest part, `above` its paper: type beside a pen, pencil in a shadow."""
    assert candidate.light is not None
    smooth, above = _smooth(candidate.light), _smooth(above)
    rough = smooth - np.asarray(cv2.GaussianBlur(smooth, (0, 0), GRAIN), np.float32)
    within = [(place, _inset(cells.core[place])) for place in map(cells.place, range(len(cells.boxes)))]
    grains = [noise_deviation(rough[place][core]) for place, core in within if core.any()]
    noise = float(np.quantile(grains, GRAIN_QUANTILE)) if grains else 0.0
    ink = np.zeros_like(smooth)
    for place, core in within:
        own = above[place]
        if not core.any():
            continue
        full = float(np.quantile(own[core], FULL_INK))
        if full > max(MIN_FAINT_CONTRAST, MIN_NOISES * noise):
            shown = np.clip((own - full / 2) / (FAINT_EDGE * full) + 0.5, 0, 1)
            ink[place] = np.where(core & ~_along_sides(shown, core), shown, ink[place])
    return candidate._replace(ink=ink, way="thresholded")


def _along_sides(shown: Grey, core: Mask) -> Mask:
    """What is left of the sides of a cell: slim, and along the edge of its middle."""
    found = connected_components((shown > 0) & core)
    rows, columns = (np.flatnonzero(core.any(axis=axis)) for axis in (1, 0))
    slim = np.minimum(found.width, found.height) <= MAX_REST * min(len(rows), len(columns))
    beside = (found.left <= columns[0] + 1) | (found.right >= columns[-1])
    above = (found.top <= rows[0] + 1) | (found.bottom >= rows[-1])
    along = np.where(found.height > found.width, beside, above)
    return found.pixels_of(slim & along)


def _inset(core: Mask) -> Mask:
    """A cell without what is close to its sides, where a blurred line is darker than faint writing."""
    near = 2 * round(SIDES * min(core.shape)) + 1
    inner = cv2.erode(
        core.view(np.uint8), np.ones((near, near), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(inner > 0, np.bool_)


def sure_of_nothing(cells: Cells, candidate: InkCandidate) -> list[float]:
    """How sure it is of each cell that it is empty, if nothing was found in it: much noise may hide ink."""
    if candidate.darkness is None:
        return [SURE_OF_NOTHING] * len(cells.boxes)
    smooth, sure = _smooth(candidate.darkness), []
    for cell in range(len(cells.boxes)):
        place = cells.place(cell)
        within = smooth[place][cells.core[place]]
        noise = _paper_of(within)[1] if within.size else np.inf
        missed = FILLED / (1 + (HIDING_NOISE / max(noise, 0.01)) ** HIDING_POWER)
        sure.append(float(SURE_OF_NOTHING * (1 - missed)))
    return sure


def _smooth(grey: Grey) -> Grey:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), FAINT_BLUR), np.float32)


def _paper_of(within: Grey) -> tuple[float, float]:
    """How dark a cell's paper is, and the standard deviation of its noise."""
    paper = float(np.median(within))
    return paper, noise_deviation(within - paper)


def _has_lines(printed: Grey | None, length: float) -> bool:
    """Whether there are printed lines of more than that length in pixels."""
    return printed is not None and bool((connected_components(printed > 0.5).length > length).any())


def _is_lost(segment: Segment, covered: Mask, printed: Grey | None) -> bool:
    place = slice(segment.top, segment.bottom), slice(segment.left, segment.right)
    own = segment.ink > 0.5
    if not own.any() or covered[place][own].mean() > MAX_COVERED:
        return False
    return printed is None or float(printed[place][own].mean()) < MAX_PRINTED


def _in_lines(lost: list[Segment], cells: Cells | None) -> tuple[list[TextLine], dict[int, int]]:
    """Lines of them; where there are cells, those in cells alone, and the cell of each component."""
    if cells is None:
        return text_lines(lost), {}
    lines, of_cells = cells.text_lines(lost)
    return [line for line in lines if line[0].component in of_cells], of_cells


def _with(page: Page, lost: Found, place: int, height: float) -> Page:
    """The page with one more digit in the line in which it stands, or alone in its cell; as it is where none is."""
    left, top, right, bottom = lost.hypothesis.box
    nearest: tuple[float, int, Found] | None = None
    for number, (line, own) in enumerate(zip(page.lines, page.places, strict=True)):
        for found in line if own == place else ():
            box = found.hypothesis.box
            gap = max(box[0] - right, left - box[2])
            shared = min(bottom, box[3]) - max(top, box[1])
            beside = shared >= MIN_BESIDE * min(bottom - top, found.hypothesis.height)
            if beside and gap < MAX_GAP * height and (nearest is None or gap < nearest[0]):
                nearest = gap, number, found
    if nearest is not None:
        _, number, neighbour = nearest
        line = [*page.lines[number], replace(lost, word=neighbour.word)]
        line.sort(key=lambda found: found.hypothesis.box[0] + found.hypothesis.box[2])
        return replace(page, lines=[*page.lines[:number], line, *page.lines[number + 1 :]])
    if place and place not in page.places:
        return replace(page, lines=[*page.lines, [lost]], places=[*page.places, place])
    return page
