"""Picture -> page: the ink candidate in which most is surely digits, and what was found in it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.answers import Sign
from digits.ink import ink_candidates
from digits.normalise import normalise
from digits.number.budget import Budget
from digits.number.grammar import UNREAD
from digits.number.hints import Hints
from digits.number.lattice import LITTER, Arc
from digits.number.paths import NO_HINTS, Word, divide
from digits.number.segments import SegmentHypothesis
from digits.number.text_lines import components, text_lines
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

MAX_INK_CANDIDATES: Final = 5
"""Ink candidates of a picture that are tried. Set by hand."""


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

    """

    lines: list[list[Found]]
    drawn: bool
    origin: tuple[int, int]

    @property
    def all(self) -> list[Found]:
        """What stands in all lines."""
        return [found for line in self.lines for found in line]

    @cached_property
    def score(self) -> float:
        """Sum of the scores, weighted by the square of the heights: the dots of dotted paper are sure zeros."""
        return sum(found.score * found.hypothesis.height**2 for found in self.all)

    @property
    def is_clean(self) -> bool:
        """Whether nearly all of it is surely digits."""
        return self.score > MIN_CLEAN_SCORE * sum(found.hypothesis.height**2 for found in self.all)

    @property
    def is_sure(self) -> bool:
        """Whether each digit or mark of it is surely a digit."""
        return all(found.score > MIN_SURE_SCORE for found in self.all)


def best_page(recogniser: Recogniser, picture: NDArray[np.uint8], hints: Hints = NO_HINTS) -> Page | None:
    """The page of the ink candidate with the highest score; None where there is no ink.

    Args:
        recogniser: reads each digit.
        picture: (height, width) or (height, width, 3) uint8.
        hints: what is known of the numbers in it.

    """
    best: Page | None = None
    budget = Budget()
    for candidate in islice(
        ink_candidates(picture, recogniser.model.pixel_classifier, one_digit=False), MAX_INK_CANDIDATES
    ):
        drawn = not candidate.thresholded
        lines = text_lines(components(candidate.ink, drawn=drawn))
        if not lines:
            continue
        chosen = divide(recogniser.model, lines, budget, hints)
        found = _without_litter(_viewed(recogniser, chosen, budget), drawn=drawn)
        page = Page(found, drawn, (candidate.left, candidate.top))
        if best is None or page.score > best.score:
            best = page
        if page.is_sure or (drawn and page.score > 0) or budget.is_spent:
            break
    return best


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
