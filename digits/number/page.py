"""Picture -> page: the ink candidate in which most is surely digits, and what was found in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, chain, islice
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.answers import Box, Sign, Turn
from digits.ink import ink_candidates
from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey
from digits.ink.digit import MIN_DRAWN_INK
from digits.normalise import normalise
from digits.number.budget import MAX_COMPONENTS, Budget
from digits.number.cells import Cells
from digits.number.find_cells import find_cells
from digits.number.grammar import UNREAD
from digits.number.hints import NO_HINTS, Hints
from digits.number.lattice import LITTER, Arc
from digits.number.paths import Word, divide
from digits.number.segments import SegmentHypothesis
from digits.number.text_lines import components, text_lines
from digits.number.turned import MIN_GAIN, best_turn, turned, turned_back
from digits.recogniser import MAX_REJECT_PROBABILITY, Recogniser, unsure_of
from digits.sign_classifier import SIGNS

MIN_SURE_SCORE: Final = 0.8
"""Score of each digit from which on no further ink candidate is tried. Set by hand."""

MIN_CLEAN_SCORE: Final = 0.8
"""Mean score of what is found in a photograph from which on a number is believed rather than one digit. Set by hand."""

MARK_SCORE: Final = -0.3
"""Score of a mark that is no digit: litter lowers a page's score less than digits raise it. Set by hand."""

SURE_MARK: Final = 0.5
"""Probability from which on a mark is none whatever the recogniser says of it alone. Set by hand."""

MIN_LINE_HEIGHT: Final = 0.25
"""Height of a line by the tallest digit's; a lower one is litter. Set by hand."""

SIGN_OF: Final[dict[str, Sign]] = {sign: sign for sign in SIGNS}

MIN_CELL_SCORE: Final = 0.3
"""Mean score of what stands in a cell below which other ink candidates are asked about it. Set by hand."""

MIN_SURE_LINE: Final = 3
"""Digits of a line that tell, if all are sure, that a page does not lie on its side. Set by hand."""

MAX_TRIED: Final = 24
"""Components, about, by which is told whether a page lies on its side."""

MAX_INK_CANDIDATES: Final = 5
"""Ink candidates of a picture that are tried. Set by hand."""

MAX_OF_CELLS: Final = 3
"""The same of a picture with cells, of which many may be tried. Set by hand."""

SLACK: Final = 3
"""Pixels by which ink may stand out from what was found. Set by hand."""


@dataclass(frozen=True)
class Found:
    """What stands in a text line: a digit, a sign or a mark.

    Attributes:
        hypothesis: its segments.
        view: (11,) the recogniser's probabilities.
        arc: what the search takes it for.
        word: that it stands in.

    """

    hypothesis: SegmentHypothesis
    view: NDArray[np.float64]
    arc: Arc
    word: Word

    @property
    def is_digit(self) -> bool:
        """Whether it is neither sign nor surely a letter, and the recogniser does not reject it or a hint wants one."""
        if self.sign is not None or (self.arc.symbol == UNREAD and self.arc.probability > SURE_MARK):
            return False
        return bool(self.view[10] <= MAX_REJECT_PROBABILITY) or (self.word.hinted and self.arc.symbol.isdigit())

    @property
    def sign(self) -> Sign | None:
        """The sign, if it is one."""
        return SIGN_OF.get(self.arc.symbol)

    @property
    def score(self) -> float:
        """-1 to 1: up to 1 for a sure digit or sign; `MARK_SCORE` for a mark."""
        if self.sign is not None:
            return 2 * min(self.arc.probability, 1.0) - 1
        return 2 * float(self.view[:10].max()) - 1 if self.is_digit else MARK_SCORE


@dataclass(frozen=True)
class Page:
    """What one ink candidate shows.

    Attributes:
        lines: from top to bottom, each from left to right; at least one, none empty.
        drawn: whether it is a drawing rather than a photograph.
        origin: left and top of the ink in the picture, in pixels.
        cells: in which some of it stands, if there are any.
        places: the cell, from 1, of each line; 0 outside.
        turn: degrees clockwise by which the ink was turned, and...
        size: ...its width and height in pixels before.

    """

    lines: list[list[Found]]
    drawn: bool
    origin: tuple[int, int]
    cells: Cells | None
    places: list[int]
    turn: Turn = 0
    size: tuple[int, int] = (0, 0)

    def placed(self, box: Iterable[float]) -> Box:
        """Where a box of the candidate's ink lies in the picture before it was turned, in its pixels."""
        left, top, right, bottom = box
        upright = turned_back((left, top, right, bottom), self.turn, *self.size)
        left, top, right, bottom = (side + origin for side, origin in zip(upright, 2 * self.origin, strict=True))
        return left, top, right, bottom

    @property
    def all(self) -> list[Found]:
        """What stands in all lines."""
        return [found for line in self.lines for found in line]

    @cached_property
    def score(self) -> float:
        """Sum of the scores, weighted by the square of the heights: the dots of dotted paper are sure zeros.

        Where there are cells, what stands in them counts alone, and nothing for more than a cell's height.
        """
        if self.cells is None:
            return sum(found.score * found.hypothesis.height**2 for found in self.all)
        written = [line for line, place in zip(self.lines, self.places, strict=True) if place]
        tallest = self.cells.height
        return sum(found.score * min(found.hypothesis.height, tallest) ** 2 for line in written for found in line)

    def with_cells_of(self, others: Sequence["Page"]) -> "Page":
        """The page, with what other candidates of the ink show in cells where it shows nothing, or nothing sure."""
        if self.cells is None:
            return self
        of_pages = [page.by_cell() for page in (self, *others)]
        lines, places = list(of_pages[0].get(0, [])), [0] * len(of_pages[0].get(0, []))
        for cell in (cell + 1 for row in self.cells.rows for cell in row):
            own = of_pages[0].get(cell, [])
            if _mean_score(own) < MIN_CELL_SCORE:
                own = max((page.get(cell, []) for page in of_pages), key=_mean_score)
            lines, places = lines + own, places + [cell] * len(own)
        return replace(self, lines=lines, places=places)

    def by_cell(self) -> dict[int, list[list[Found]]]:
        """The lines of each cell, from 1, and those outside by 0."""
        found: dict[int, list[list[Found]]] = {}
        for line, place in zip(self.lines, self.places, strict=True):
            found.setdefault(place, []).append(line)
        return found

    @property
    def mean_score(self) -> float:
        """Of what is at least half as long as the longest, -1 to 1."""
        lengths = [max(found.hypothesis.height, found.hypothesis.width) for found in self.all]
        return float(
            np.mean([found.score for found, each in zip(self.all, lengths, strict=True) if 2 * each >= max(lengths)])
        )

    @property
    def has_a_sure_line(self) -> bool:
        """Whether all of some line is surely digits."""
        return any(
            len(line) >= MIN_SURE_LINE and all(found.score > MIN_SURE_SCORE for found in line) for line in self.lines
        )

    @property
    def is_clean(self) -> bool:
        """Whether nearly all of it is surely digits."""
        return self.score > MIN_CLEAN_SCORE * sum(found.hypothesis.height**2 for found in self.all)

    def holds_all_of(self, ink: Grey) -> bool:
        """Whether no ink stands out from around what was found."""
        left, top, width, height = cv2.boundingRect((ink > MIN_DRAWN_INK).view(np.uint8))
        lefts, tops, rights, bottoms = zip(*(found.hypothesis.box for found in self.all), strict=True)
        within = min(lefts) <= left + SLACK and min(tops) <= top + SLACK
        return bool(within and max(rights) >= left + width - SLACK and max(bottoms) >= top + height - SLACK)

    @property
    def is_sure(self) -> bool:
        """Whether each digit or mark of it is surely a digit."""
        return all(found.score > MIN_SURE_SCORE for found in self.all)


def best_page(recogniser: Recogniser, picture: NDArray[np.uint8], hints: Hints = NO_HINTS) -> Page | None:
    """The page of the ink candidate with the highest score, turned if it lies on its side; None where there is no ink.

    Args:
        recogniser: reads each digit.
        picture: (height, width) or (height, width, 3) uint8.
        hints: what is known of the numbers in it.

    """
    best, first = _upright_page(recogniser, picture, hints)
    if best is None or first is None or len(best.all) < MIN_SURE_LINE:
        return best
    cells = best.cells
    if cells is None and best.has_a_sure_line:
        return best

    def scored(candidate: InkCandidate, turn: Turn) -> float | None:
        of_turn = None if cells is None else cells.turned(turn)
        page = _page(recogniser, candidate, of_turn, hints, Budget.of_a_turn(), MAX_TRIED)
        return page.mean_score if page is not None and (cells is not None or page.has_a_sure_line) else None

    turn = best_turn(first, best.mean_score, scored)
    if not turn:
        return best
    page = _page(recogniser, turned(first, turn), None if cells is None else cells.turned(turn), hints, Budget())
    if page is None or page.mean_score < best.mean_score + MIN_GAIN[turn]:
        return best
    height, width = first.ink.shape
    return replace(page, turn=turn, size=(width, height))


def _upright_page(
    recogniser: Recogniser, picture: NDArray[np.uint8], hints: Hints
) -> tuple[Page | None, InkCandidate | None]:
    """The page with the highest score, and the first ink candidate.

    Cells are not sought in a drawing that is surely digits and nothing around them.
    """
    candidates = islice(ink_candidates(picture, recogniser.model.pixel_classifier, one_digit=False), MAX_INK_CANDIDATES)
    first = next(candidates, None)
    if first is None:
        return None, None
    budget = Budget()
    page = None if first.thresholded else _page(recogniser, first, None, hints, budget)
    if page is not None and page.is_sure and page.holds_all_of(first.ink):
        return page, first
    cells = find_cells(first)
    if page is None or cells is not None:
        budget = Budget()
        page = _page(recogniser, first, cells, hints, budget)
    best: Page | None = None
    pages: list[Page] = []
    for number, candidate in enumerate(chain([first], candidates), 1):
        if number > 1:
            page = _page(recogniser, candidate, cells, hints, budget)
        if page is None:
            continue
        pages.append(page)
        if best is None or page.score > best.score:
            best = page
        is_ruled = cells is not None and not cells.rows
        is_enough = page.cells is not None and number >= MAX_OF_CELLS
        if page.is_sure or (page.drawn and page.score > 0 and not is_ruled) or is_enough or budget.is_spent:
            break
    return None if best is None else best.with_cells_of(pages), first


def _page(
    recogniser: Recogniser,
    candidate: InkCandidate,
    cells: Cells | None,
    hints: Hints,
    budget: Budget,
    most: int = MAX_COMPONENTS,
) -> Page | None:
    """What one ink candidate shows, or only lines of about so many components; None where that is nothing."""
    drawn, of_cells = not candidate.thresholded, dict[int, int]()
    if cells is None:
        lines = text_lines(components(candidate.ink, drawn=drawn))
    else:
        lines, of_cells = cells.text_lines(components(cells.cleaned(candidate.ink, candidate.way), drawn=drawn))
    before = accumulate((len(line) for line in lines), initial=0)
    lines = [line for line, count in zip(lines, before, strict=False) if count < most]
    if not lines:
        return None
    chosen = divide(recogniser.model, lines, budget, hints)
    found = _without_litter(_viewed(recogniser, chosen, budget), drawn=drawn)
    table = cells if cells is not None and cells.rows else None
    places = [of_cells.get(line[0].hypothesis.segments[0].component, 0) for line in found]
    return Page(found, drawn, (candidate.left, candidate.top), table, places)


def _mean_score(lines: list[list[Found]]) -> float:
    """Of all that stands in the lines; 0 where nothing does."""
    scores = [found.score for line in lines for found in line]
    return float(np.mean(scores)) if scores else 0.0


def _viewed(recogniser: Recogniser, lines: list[list[Word]], budget: Budget) -> list[list[Found]]:
    """What the recogniser says of each hypothesis that is no litter, unless all is; over the budget, from one view."""
    read = [[(word, arc) for word in line for arc in word.arcs if arc.symbol != LITTER] for line in lines]
    read = [line for line in read if line] or [[(word, arc) for word in line for arc in word.arcs] for line in lines]
    pictures = np.stack([normalise(arc.hypothesis.ink) for line in read for _, arc in line])
    views = recogniser.model.predict_proba(pictures)
    is_sign = np.array([arc.symbol in SIGN_OF for line in read for _, arc in line])
    unsure = np.array([place for place in unsure_of(views) if not is_sign[place]], np.intp)
    recogniser.augment(views, pictures, unsure[: budget.augmented])
    budget.augmented = max(budget.augmented - len(unsure), 0)
    of_all = iter(views)
    return [[Found(arc.hypothesis, next(of_all), arc, word) for word, arc in line] for line in read]


def _without_litter(lines: list[list[Found]], *, drawn: bool) -> list[list[Found]]:
    """The lines without those much lower than the digits, and in a photograph without those of marks alone."""
    tallest = max((found.hypothesis.height for line in lines for found in line if found.is_digit), default=0)
    kept = []
    for line in lines:
        height = max(found.hypothesis.height for found in line)
        if height >= MIN_LINE_HEIGHT * tallest and (drawn or not tallest or any(found.is_digit for found in line)):
            kept.append(line)
    return kept
