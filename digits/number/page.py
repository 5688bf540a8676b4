"""Picture -> page: the ink candidate in which most is surely digits, and what was found in it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, chain, compress, islice, takewhile
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digits.answers import Turn
from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey
from digits.number.budget import MAX_COMPONENTS, Budget
from digits.number.cells import Cells
from digits.number.closer_look import ink_seen_closely
from digits.number.completed import completed, faint_in_cells, sure_of_nothing
from digits.number.find_cells import find_cells
from digits.number.found import MIN_SURE_LINE, MIN_SURE_SCORE, Found, Page
from digits.number.hints import NO_HINTS, Hints
from digits.number.paths import divide
from digits.number.segments import SegmentHypothesis
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
    begun = _begun(recogniser, picture, hints)
    if begun is None:
        return None
    page = begun.page
    is_table = page is not None and page.cells is not None
    if not is_table:
        page = _finished(recogniser, begun, hints)
    if page is None:
        return None
    is_upright = page.cells is None and page.has_a_sure_line
    if not is_upright and (found := _turned_page(recogniser, picture, begun, page, hints)) is not None:
        return found
    return _finished(recogniser, begun, hints) if is_table else page


def _turned_page(
    recogniser: Recogniser, picture: NDArray[np.uint8], begun: "_Begun", page: Page, hints: Hints
) -> Page | None:
    """The page of the picture turned; None where none of it is clearly better than `page` is."""
    if len(page.all) + len(page.litter) < MIN_SURE_LINE:
        return None
    cells = page.cells
    in_cells = cells is not None

    def scored(candidate: InkCandidate, turn: Turn) -> float | None:
        of_turn = None if cells is None else cells.turned(turn)
        found = _page(recogniser, candidate, of_turn, hints, Budget.of_a_turn(), MAX_TRIED)
        return found.mean_score if found is not None and (in_cells or found.has_a_sure_line) else None

    turn = best_turn(begun.seen if in_cells else begun.first, page.mean_score, scored, in_cells=in_cells)
    if not turn:
        return None
    again = _begun(recogniser, np.ascontiguousarray(np.rot90(picture, -turn // 90)), hints)
    found = None if again is None else _finished(recogniser, again, hints)
    if found is None or found.mean_score < min_turned(page.mean_score, turn, in_cells=in_cells):
        return None
    height, width = picture.shape[:2]
    return replace(found, turn=turn, size=(width, height))


class _Begun(NamedTuple):
    """A picture as it lies, and what the first view of its ink shows.

    Attributes:
        enlarged: by how much.
        first: ink candidate, and...
        seen: ...the same within the cells.
        others: ink candidates.
        cells: of the picture, or lines to be taken out; None where neither is sought or found.
        above: how much darker than their paper a photograph's cells are.
        page: of the first candidate.
        is_whole: whether it shows all there is.
        budget: what is left of it.

    """

    enlarged: float
    first: InkCandidate
    seen: InkCandidate
    others: Iterator[InkCandidate]
    cells: Cells | None
    above: Grey | None
    page: Page | None
    is_whole: bool
    budget: Budget

    def within(self, candidate: InkCandidate) -> InkCandidate:
        """Another candidate as it is seen in the cells."""
        return candidate if self.cells is None else self.cells.seen_in(candidate, self.above)


def _begun(recogniser: Recogniser, picture: NDArray[np.uint8], hints: Hints) -> _Begun | None:
    """What the first ink candidate shows; None where there is no ink.

    Cells are not sought in a drawing that is surely digits and nothing around them.
    """
    enlarged, others = ink_seen_closely(recogniser.model.pixel_classifier, picture)
    first = next(others, None)
    if first is None:
        return None
    budget = Budget()
    page = None if first.thresholded else _page(recogniser, first, None, hints, budget)
    is_whole = page is not None and page.is_sure and page.holds_all_of(first.ink)
    cells = None if is_whole else find_cells(first)
    if cells is None:
        page = _page(recogniser, first, None, hints, budget) if first.thresholded else page
        return _Begun(enlarged, first, first, others, None, None, page, is_whole, budget)
    lineless = None
    if not first.thresholded:
        ahead = list(islice(others, 1))
        lineless = next((each.ink for each in ahead if each.way == "classified"), None)
        others = chain(ahead, others)
    above = None if first.light is None else cells.above_paper(first.light)
    seen, budget = cells.seen_in(first, above), Budget()
    page = _page(recogniser, seen, cells, hints, budget, lineless=lineless)
    if first.flat_paper:
        others = takewhile(lambda candidate: candidate.way in OF_LINED, others)
    return _Begun(enlarged, first, seen, others, cells, above, page, is_whole, budget)


def _finished(recogniser: Recogniser, begun: _Begun, hints: Hints) -> Page | None:
    """The page of the ink candidate with the highest score, and what the others show of what it has lost."""
    if begun.is_whole and begun.page is not None:
        return replace(begun.page, enlarged=begun.enlarged)
    page, cells, budget, first = begun.page, begun.cells, begun.budget, begun.first
    best: Page | None = None
    pages: list[Page] = []
    tried: list[InkCandidate] = []
    is_lined = cells is not None and first.flat_paper
    for number, candidate in enumerate(chain([begun.seen], map(begun.within, begun.others)), 1):
        if number > 1:
            page = _page(recogniser, candidate, cells, hints, budget)
        tried.append(candidate)
        if page is None:
            continue
        pages.append(page)
        highest = min(each.highest for each in pages)
        if best is None or page.score_of_lower(highest) > best.score_of_lower(highest):
            best, chosen = page, candidate
        if page.is_sure or page.is_mostly_sure or (page.drawn and page.score > 0 and not is_lined) or budget.is_spent:
            break
    if best is None:
        return None
    best = best.with_cells_of(pages)
    others = [each for each in tried if each is not chosen][:MAX_COMPLETING]
    new = []
    if not others and (best.doubtful_cells or not best.drawn):
        new += [begun.within(each) for each in islice(begun.others, 1)]
    if best.cells is not None and begun.above is not None:
        new.append(begun.within(faint_in_cells(best.cells, first, begun.above)))
    for other in new:
        if best.cells is not None and (doubtful := best.doubtful_cells):
            ink = np.where(np.isin(best.cells.labels, doubtful), other.ink, np.float32(0))
            page = _page(recogniser, other._replace(ink=ink), cells, hints, budget)
            best = best if page is None else best.with_cells_of([page])
    if not best.drawn:
        for other in [*others, *new]:
            best = completed(recogniser, best, other, hints, budget)
    sure = () if best.cells is None else sure_of_nothing(best.cells, first)
    return replace(best, enlarged=begun.enlarged, sure_of_nothing=sure)


def _page(
    recogniser: Recogniser,
    candidate: InkCandidate,
    cells: Cells | None,
    hints: Hints,
    budget: Budget,
    most: int = MAX_COMPONENTS,
    lineless: Grey | None = None,
) -> Page | None:
    """What one ink candidate shows, as it is seen in the cells, or only lines of about so many components.

    None where that is nothing.
    """
    drawn, of_cells = not candidate.thresholded, dict[int, int]()
    parts = components(candidate.ink, drawn=drawn)
    if cells is None:
        lines = text_lines(parts)
    else:
        lines, of_cells = cells.text_lines(parts)
    before = accumulate((len(line) for line in lines), initial=0)
    lines = [line for line, count in zip(lines, before, strict=False) if count < most]
    if not lines:
        return None
    model, table = recogniser.model.without_memory(), cells if cells is not None and cells.rows else None
    is_clean, in_cells = drawn and cells is None, table is not None
    chosen = divide(model, lines, budget, hints, is_clean=is_clean, in_cells=in_cells)
    found = viewed(recogniser, chosen, budget, candidate.contrast, lineless)
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
