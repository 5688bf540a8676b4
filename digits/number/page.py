"""Picture -> page: the ink candidate in which most is surely digits, and what was found in it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, chain, compress, islice, takewhile
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.answers import Turn
from digits.ink import ink_candidates
from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey, connected_components
from digits.number.budget import MAX_COMPONENTS, Budget
from digits.number.cells import Cells
from digits.number.completed import completed, faint_in_cells, sure_of_nothing
from digits.number.find_cells import MIN_DRAWN_LINE, find_cells
from digits.number.found import MIN_SURE_LINE, MIN_SURE_SCORE, Found, Page
from digits.number.hints import NO_HINTS, Hints
from digits.number.line_scale import room_of_squares
from digits.number.paths import divide
from digits.number.segments import Segment, SegmentHypothesis, typical_height
from digits.number.text_lines import components, text_lines
from digits.number.turned import best_turn, min_turned
from digits.number.views import viewed
from digits.recogniser import Recogniser

MIN_LINE_HEIGHT: Final = 0.25
"""Height of a line by the tallest digit's; a lower one is litter. Set by hand."""

MIN_ALONE: Final = 0.6
"""The same of a mark that stands alone in a cell. Set by hand."""

MAX_BESIDE_CELLS: Final = 1.5
"""Height by the cells' from which on what stands beside a photographed table, and that is..."""

MIN_SLIM: Final = 2.5
"""...so many times taller than broad, is the edge of a sheet or a line. Set by hand."""

MAX_TRIED: Final = 24
"""Components, about, by which is told whether a page lies on its side."""

USUAL_SIDE: Final = 1024
"""Pixels a side to which a larger picture is reduced, unless its writing is small."""

LOW: Final = 45
"""Median height of what may be digits, in pixels, below which a picture that was reduced is looked at with its own
pixels, and..."""

DENSE: Final = 28
"""...pixels from line to line of squared paper in a drawing or a scan, with which what is written hangs together."""

ENLARGED: Final = ((18, 4.0), (28, 2.0))
"""Pixels of the digits' height below which a picture is enlarged before it is read, and by how much, the smallest
first; or as far as..."""

MIN_LEGIBLE: Final = 6
"""Pixels of a digit's height at least: dashes and dots are lower; and..."""

MAX_LENGTH: Final = 0.4
"""...length by the picture's longer side from which on a part is a table's lines or a ruled line, if no large digit."""

MARGIN: Final = 4.0
"""Margin around the writing of a photograph that is looked at larger, by its height; what lies beyond is table and
shadow."""

MIN_PRINTED: Final = 0.5
"""Probability from which on a photograph's pixel lies on a printed line, which belongs to the writing."""

MAX_ENLARGED_PIXELS: Final = 1_600_000
"""...so many pixels go, if that is at least..."""

MIN_ENLARGED: Final = 1.1
"""...this much. Chosen on made pages (docs/notebook.md, "Small writing")."""

MAX_INK_CANDIDATES: Final = 3
"""Ink candidates of a picture that are tried. Set by hand."""

OF_LINED: Final = ("drawn", "classified")
"""Those of a drawing or scan with lines: they are known, what else takes out ruling leaves more of them."""

MAX_COMPLETING: Final = 2
"""Others of them in which what the best one has lost is looked for."""


def best_page(recogniser: Recogniser, picture: NDArray[np.uint8], hints: Hints = NO_HINTS) -> Page | None:
    """The page of the ink candidate with the highest score, turned if it lies on its side; None where there is no ink.

    Args:
        recogniser: reads each digit.
        picture: (height, width) or (height, width, 3) uint8.
        hints: what is known of the numbers in it.

    """
    best, first = _upright_page(recogniser, picture, hints)
    if best is None or first is None or len(best.all) + len(best.litter) < MIN_SURE_LINE:
        return best
    cells = best.cells
    if cells is None and best.has_a_sure_line:
        return best

    def scored(candidate: InkCandidate, turn: Turn) -> float | None:
        of_turn = None if cells is None else cells.turned(turn)
        page = _page(recogniser, candidate, of_turn, hints, Budget.of_a_turn(), MAX_TRIED)
        return page.mean_score if page is not None and (cells is not None or page.has_a_sure_line) else None

    in_cells = cells is not None
    turn = best_turn(first, best.mean_score, scored, in_cells=in_cells)
    if not turn:
        return best
    page, _ = _upright_page(recogniser, np.ascontiguousarray(np.rot90(picture, -turn // 90)), hints)
    if page is None or page.mean_score < min_turned(best.mean_score, turn, in_cells=in_cells):
        return best
    height, width = picture.shape[:2]
    return replace(page, turn=turn, size=(width, height))


def _upright_page(
    recogniser: Recogniser, picture: NDArray[np.uint8], hints: Hints
) -> tuple[Page | None, InkCandidate | None]:
    """The page with the highest score, and the first ink candidate.

    Cells are not sought in a drawing that is surely digits and nothing around them.
    """
    height, width = picture.shape[:2]
    part = _Part(0, 0, width, height, min(1.0, USUAL_SIDE / max(height, width)))
    candidates = _candidates(recogniser, picture, part)
    first = next(candidates, None)
    if first is not None and (closer := _closer(first, part)) is not None:
        is_photograph, part = first.printed is not None, closer
        del first
        candidates = _candidates(recogniser, picture, part, is_photograph=is_photograph)
        first = next(candidates, None)
    if first is None:
        return None, None
    budget = Budget()
    page = None if first.thresholded else _page(recogniser, first, None, hints, budget)
    if page is not None and page.is_sure and page.holds_all_of(first.ink):
        return replace(page, enlarged=part.enlarged), first
    cells = find_cells(first)
    lineless = None
    if cells is not None and not first.thresholded:
        ahead = list(islice(candidates, 1))
        lineless = next((each.ink for each in ahead if each.way == "classified"), None)
        candidates = chain(ahead, candidates)
    if page is None or cells is not None:
        budget = Budget()
        page = _page(recogniser, first, cells, hints, budget, lineless=lineless)
    best: Page | None = None
    pages: list[Page] = []
    others: list[InkCandidate] = []
    is_lined = cells is not None and first.flat_paper
    if is_lined:
        candidates = takewhile(lambda candidate: candidate.way in OF_LINED, candidates)
    for number, candidate in enumerate(chain([first], candidates), 1):
        if number > 1:
            page = _page(recogniser, candidate, cells, hints, budget)
        others.append(candidate)
        if page is None:
            continue
        pages.append(page)
        highest = min(each.highest for each in pages)
        if best is None or page.score_of_lower(highest) > best.score_of_lower(highest):
            best, chosen = page, candidate
        if page.is_sure or (page.drawn and page.score > 0 and not is_lined) or budget.is_spent:
            break
    if best is None:
        return None, first
    best, faint = best.with_cells_of(pages), None
    if best.cells is not None and first.light is not None:
        faint = faint_in_cells(best.cells, first)
        if cells_again := best.doubtful_cells:
            ink = np.where(np.isin(best.cells.labels, cells_again), faint.ink, np.float32(0))
            page = _page(recogniser, faint._replace(ink=ink), cells, hints, budget)
            best = best if page is None else best.with_cells_of([page])
    if not best.drawn:
        others = [each for each in others if each is not chosen][:MAX_COMPLETING] or list(islice(candidates, 1))
        if faint is not None:
            others.append(faint)
        for other in others:
            best = completed(recogniser, best, other, cells, hints, budget)
    sure = () if best.cells is None else sure_of_nothing(best.cells, first)
    return replace(best, enlarged=part.enlarged, sure_of_nothing=sure), first


class _Part(NamedTuple):
    """A part of a picture: columns and rows in its pixels, and by how much it is enlarged."""

    left: int
    top: int
    right: int
    bottom: int
    enlarged: float

    def of(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Its pixels."""
        return _scaled(picture[self.top : self.bottom, self.left : self.right], self.enlarged)


def _candidates(
    recogniser: Recogniser, picture: NDArray[np.uint8], part: _Part, *, is_photograph: bool = False
) -> Iterator[InkCandidate]:
    """Views of the ink of a part of a picture, which lie where the whole picture of that size has it."""
    classifier = recogniser.model.pixel_classifier
    found = ink_candidates(part.of(picture), classifier, one_digit=False, is_photograph=is_photograph)
    left, top = round(part.left * part.enlarged), round(part.top * part.enlarged)
    for each in islice(found, MAX_INK_CANDIDATES):
        yield each._replace(left=each.left + left, top=each.top + top)


def _scaled(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1:
        return picture
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _closer(first: InkCandidate, whole: _Part) -> _Part | None:
    """The part of a picture with small writing, larger by `ENLARGED` or as far as the limit allows.

    Args:
        first: ink candidate of the whole picture.
        whole: the picture as it was looked at.

    Returns:
        None where the writing is large, or no closer look is possible.

    """
    if first.icon:
        return None
    longest = MAX_LENGTH * max(first.ink.shape)
    found = components(first.ink, drawn=not first.thresholded)
    found = [each for each in found if each.height >= MIN_LEGIBLE and max(each.width, each.height) < longest]
    typical = typical_height(found) if found else np.inf
    enlarged = next((by for below, by in ENLARGED if typical < below), 1.0)
    if enlarged == 1 and whole.enlarged < 1 and (_is_low(found) or (first.printed is None and _is_dense(first.ink))):
        enlarged = 1 / whole.enlarged
    if enlarged == 1:
        return None
    box: tuple[int, ...] = whole[:4]
    if first.printed is not None:
        around = _around(found, first.printed, MARGIN * typical)
        box = tuple(min(round(side / whole.enlarged), end) for side, end in zip(around, 2 * box[2:], strict=True))
    left, top, right, bottom = box
    allowed = float(np.sqrt(MAX_ENLARGED_PIXELS / ((right - left) * (bottom - top)))) / whole.enlarged
    if allowed < MIN_ENLARGED:
        return None
    return _Part(left, top, right, bottom, whole.enlarged * min(enlarged, allowed))


def _is_low(found: list[Segment]) -> bool:
    """Whether most of what may be digits is low; where they touch lines and each other, others are high."""
    return bool(found) and float(np.median([each.height for each in found])) < LOW


def _is_dense(ink: Grey) -> bool:
    """Whether a drawing is on squared paper of small squares."""
    return room_of_squares((ink > MIN_DRAWN_LINE).view(np.uint8)) < DENSE


def _around(found: list[Segment], printed: Grey, margin: float) -> tuple[float, ...]:
    """Left, top, right and bottom of what is written and of printed lines, with a margin; of all where they go on."""
    height, width = printed.shape
    lines = connected_components(printed > MIN_PRINTED)
    is_line = (lines.length > margin) & ~(lines.lie_along_the_rim() | lines.lie_in_the_rim())
    if (is_line & lines.touch_the_rim()).any():
        return 0, 0, width, height
    sides = [(each.left, each.top, each.left + each.width, each.top + each.height) for each in found]
    sides += zip(*(side[is_line].tolist() for side in (lines.left, lines.top, lines.right, lines.bottom)), strict=True)
    left, top, right, bottom = zip(*sides, strict=True)
    return (
        max(min(left) - margin, 0),
        max(min(top) - margin, 0),
        min(max(right) + margin, width),
        min(max(bottom) + margin, height),
    )


def _page(
    recogniser: Recogniser,
    candidate: InkCandidate,
    cells: Cells | None,
    hints: Hints,
    budget: Budget,
    most: int = MAX_COMPONENTS,
    lineless: Grey | None = None,
) -> Page | None:
    """What one ink candidate shows, or only lines of about so many components; None where that is nothing."""
    drawn, of_cells, contrast = not candidate.thresholded, dict[int, int](), candidate.contrast
    if cells is None:
        lines = text_lines(components(candidate.ink, drawn=drawn))
    else:
        ink, contrast = cells.seen_in(candidate)
        lines, of_cells = cells.text_lines(components(ink, drawn=drawn))
    before = accumulate((len(line) for line in lines), initial=0)
    lines = [line for line, count in zip(lines, before, strict=False) if count < most]
    if not lines:
        return None
    model, table = recogniser.model.without_memory(), cells if cells is not None and cells.rows else None
    is_clean, in_cells = drawn and cells is None, table is not None
    chosen = divide(model, lines, budget, hints, is_clean=is_clean, in_cells=in_cells)
    found = viewed(recogniser, chosen, budget, contrast, lineless)
    places = [of_cells.get(line[0].hypothesis.segments[0].component, 0) for line in found]
    stay = _stays(found, places, table, drawn=drawn)
    litter = tuple(chain.from_iterable(line for line, stays in zip(found, stay, strict=True) if not stays))
    found, places = list(compress(found, stay)), list(compress(places, stay))
    return Page(found, drawn, (candidate.left, candidate.top), table, places, litter)


def _is_edge(hypothesis: SegmentHypothesis, height: float) -> bool:
    """Whether it is slim and much taller than cells of that height."""
    return hypothesis.height > MAX_BESIDE_CELLS * height and hypothesis.height > MIN_SLIM * hypothesis.width


def _stays(lines: list[list[Found]], places: list[int], cells: Cells | None, *, drawn: bool) -> list[bool]:
    """Whether each line is no litter: not much lower than the digits, and in a photograph not of marks alone.

    No digit counts for taller than a cell, and tall slim marks beside a photographed table are edges of sheets. What
    stands alone in its cell, from 1, is no litter where it is surely a sign, or about as tall as the digits.
    """
    highest = np.inf if cells is None else cells.height
    heights = (found.hypothesis.height for line in lines for found in line if found.is_digit)
    tallest = min(max(heights, default=0), highest)

    def stays(line: list[Found], place: int) -> bool:
        height = max(found.hypothesis.height for found in line)
        if not (place or drawn) and all(_is_edge(found.hypothesis, highest) for found in line):
            return False
        if height >= MIN_LINE_HEIGHT * tallest and (drawn or not tallest or any(found.is_digit for found in line)):
            return True
        if not place or places.count(place) > 1:
            return False
        is_sign = any(found.sign is not None and found.score > MIN_SURE_SCORE for found in line)
        return is_sign or height >= MIN_ALONE * tallest

    return [stays(*both) for both in zip(lines, places, strict=True)]
