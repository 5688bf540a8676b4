"""What was found in a picture: digits, signs and marks, in lines and cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.answers import SIGN_OF, Box, Sign, Turn
from digits.ink.components import Grey
from digits.ink.digit import MIN_DRAWN_INK
from digits.number.cells import Cells
from digits.number.grammar import UNREAD
from digits.number.lattice import Arc
from digits.number.paths import Word
from digits.number.runs import closed, opened
from digits.number.segments import SegmentHypothesis
from digits.number.turned import turned_back
from digits.recogniser import MAX_REJECT_PROBABILITY

MIN_SURE_SCORE: Final = 0.8
"""Score of each digit from which on no further ink candidate is tried. Set by hand."""

MIN_CLEAN_SCORE: Final = 0.8
"""Mean score of what is found in a photograph from which on a number is believed rather than one digit. Set by hand."""

SEVERAL: Final = 4
"""Sure digits other than 1 from which on a photograph is of no single digit: of 400 made ones of one digit one has as
many. They are so high, by the tallest, at least:"""

MIN_OF_SEVERAL: Final = 0.4

ALIKE: Final = 0.7
"""Height of one digit by another's from which on both may be of numbers, if in a row they also share in height..."""

BESIDE: Final = 0.6
"""...so much of the taller one, or in a column so much of the narrower one's width. Of 375 made numbers 20 are one
digit to `/predict/`; in two of these none are of one size beside each other."""

IN_CELLS: Final = 0.75
"""Quantile of the lengths of what stands in cells that counts as the longest: blots and rests of lines do not."""

MIN_DIFFERENT: Final = 4
"""Different sure digits from which on a page is one of numbers, and not of dots; what is..."""

MAX_TALLER: Final = 3.0
"""...so many times taller in another view is an edge of the sheet. Set by hand."""

MARK_SCORE: Final = -0.3
"""Score of a mark that is no digit: litter lowers a page's score less than digits raise it. Set by hand."""

SURE_MARK: Final = 0.5
"""Probability from which on a mark is none whatever the recogniser says of it alone. Set by hand."""

MIN_CELL_SCORE: Final = 0.6
"""Mean score of what stands in a cell below which other ink candidates are asked about it. Set by hand."""

MAX_UNSURE: Final = 0.2
"""Share of a table's filled cells in which less is sure up to which other ink candidates are asked only about what is
doubtful in it or lacks. Of 0.1 and 0.2 with made tables neither was better."""

MIN_SURE_LINE: Final = 3
"""Digits of a line that tell, if all are sure, that a page does not lie on its side. Set by hand."""

MAX_PARTS: Final = 3
"""Components of a digit at most. Set by hand."""

MIN_SHOWN: Final = 0.97
"""Share of a drawing's ink that stands in what was found for nothing to be around it. Set by hand."""

MIN_LONG: Final = 2.0
"""Length of a line by the digits' height from which on it is none of their strokes, and..."""

MIN_FAINT_INK: Final = 0.15
"""...share of full ink that it has at least; its gaps may be..."""

GAPS: Final = 8
"""...so many times shorter than digits are high."""

MIN_THROUGH: Final = 2
"""Strokes from rim to rim from which on, where others are lower, they may be the sides of a table's row, if..."""

MIN_SLIM: Final = 3.0
"""...so many times higher than wide."""

MAX_HOLES: Final = 4
"""Parts of the paper that ink encloses for each digit at most: an 8 two, one written over itself more; and..."""

MIN_HOLE: Final = 4
"""...pixels of those that count."""


@dataclass(frozen=True)
class Found:
    """What stands in a text line: a digit, a sign or a mark.

    Attributes:
        hypothesis: its segments.
        view: (11,) the recogniser's probabilities.
        arc: what the search takes it for.
        word: that it stands in.
        seen: (ways, 28, 28) uint8, what the recogniser saw of it, in one or two ways.

    """

    hypothesis: SegmentHypothesis
    view: NDArray[np.float64]
    arc: Arc
    word: Word
    seen: NDArray[np.uint8]

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
        litter: what was taken for no writing.
        turn: degrees clockwise by which the picture was turned, and...
        size: ...its width and height in pixels before.
        sure_of_nothing: how sure it is of each cell that it is empty, if nothing was found in it.
        enlarged: by how much it was enlarged, or reduced, before its ink was found; all else is in pixels of that.

    """

    lines: list[list[Found]]
    drawn: bool
    origin: tuple[int, int]
    cells: Cells | None
    places: list[int]
    litter: tuple[Found, ...] = ()
    turn: Turn = 0
    size: tuple[int, int] = (0, 0)
    sure_of_nothing: Sequence[float] = ()
    enlarged: float = 1.0

    def placed(self, box: Iterable[float]) -> Box:
        """Where a box of the candidate's ink lies in the picture before it was turned, in its pixels."""
        sides = zip(box, 2 * self.origin, strict=True)
        left, top, right, bottom = ((side + origin) / self.enlarged for side, origin in sides)
        return turned_back((left, top, right, bottom), self.turn, *self.size)

    @property
    def all(self) -> list[Found]:
        """What stands in all lines."""
        return [found for line in self.lines for found in line]

    @cached_property
    def score(self) -> float:
        """Sum of the scores, weighted by the square of the heights: the dots of dotted paper are sure zeros.

        Where there are cells, what stands in them counts alone, and nothing for more than a cell's height.
        """
        return self.score_of_lower(np.inf)

    def score_of_lower(self, tallest: float) -> float:
        """The same where nothing counts for more than that height in pixels."""
        written = self.all
        if self.cells is not None:
            tallest = min(tallest, self.cells.height)
            written = [found for line, place in zip(self.lines, self.places, strict=True) if place for found in line]
        return sum(found.score * min(found.hypothesis.height, tallest) ** 2 for found in written)

    @cached_property
    def highest(self) -> float:
        """Pixels of height that another view of the same ink counts for at most, if this one surely has numbers."""
        sure = [found for found in self.all if found.is_digit and found.score > MIN_SURE_SCORE]
        is_clear = _mean_score(self.lines) > MIN_CLEAN_SCORE
        if len({found.arc.symbol for found in sure}) < MIN_DIFFERENT or not is_clear:
            return np.inf
        return MAX_TALLER * float(np.median([found.hypothesis.height for found in sure]))

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

    @property
    def doubtful_cells(self) -> list[int]:
        """The cells, from 1, in which something stands, but nothing sure; none where that is so in most."""
        doubtful = self._cells_below(MIN_CELL_SCORE)
        return doubtful if 2 * len(doubtful) < self._filled else []

    @property
    def is_mostly_sure(self) -> bool:
        """Whether what stands in nearly all of the cells is surely read."""
        return self._filled > 0 and len(self._cells_below(MIN_SURE_SCORE)) <= MAX_UNSURE * self._filled

    @property
    def _filled(self) -> int:
        """In how many cells something stands."""
        return len(set(self.places) - {0})

    def _cells_below(self, score: float) -> list[int]:
        """The cells, from 1, in which something stands, but with a lower mean score."""
        return [cell for cell, lines in self.by_cell().items() if cell and _mean_score(lines) < score]

    def by_cell(self) -> dict[int, list[list[Found]]]:
        """The lines of each cell, from 1, and those outside by 0."""
        found: dict[int, list[list[Found]]] = {}
        for line, place in zip(self.lines, self.places, strict=True):
            found.setdefault(place, []).append(line)
        return found

    @property
    def mean_score(self) -> float:
        """Of what is at least half as long as the longest, -1 to 1; where most is litter, as on its side, that too.

        In cells nearly the longest: a blot or what is left of a line does not speak for the page.
        """
        everything = [*self.all, *self.litter] if len(self.litter) > len(self.all) else self.all
        lengths = [max(found.hypothesis.height, found.hypothesis.width) for found in everything]
        longest = max(lengths) if self.cells is None else float(np.quantile(lengths, IN_CELLS))
        return float(
            np.mean([found.score for found, each in zip(everything, lengths, strict=True) if 2 * each >= longest])
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

    @property
    def has_several(self) -> bool:
        """Whether several digits are surely there, in one row or not; ones do not count there, as ruling looks so."""
        digits = [found for found in self.all if found.is_digit]
        sure = [found for found in digits if found.score > MIN_SURE_SCORE]
        if self.is_clean and any(_of_one_size_beside(*pair) for pair in combinations(sure, 2)):
            return True
        lowest = MIN_OF_SEVERAL * max((found.hypothesis.height for found in digits), default=0)
        return sum(found.hypothesis.height >= lowest and found.arc.symbol != "1" for found in sure) >= SEVERAL

    def holds_all_of(self, ink: Grey) -> bool:
        """Whether it shows all of the ink, but for specks, and neither lines nor what may be a table for its parts."""
        if max(len({each.component for each in found.hypothesis.segments}) for found in self.all) > MAX_PARTS:
            return False
        tallest = max(found.hypothesis.height for found in self.all)
        parts = [found.hypothesis for found in self.all]
        through = sum(len(ink) - 2 <= part.height >= MIN_SLIM * part.width for part in parts)
        if MIN_THROUGH <= through < len(self.all) or _holes(ink) > MAX_HOLES * len(self.all) or _has_line(ink, tallest):
            return False
        shown = sum(np.count_nonzero(found.hypothesis.ink > MIN_DRAWN_INK) for found in self.all)
        return bool(shown >= MIN_SHOWN * np.count_nonzero(ink > MIN_DRAWN_INK))

    @property
    def is_sure(self) -> bool:
        """Whether each digit or mark of it is surely a digit."""
        return all(found.score > MIN_SURE_SCORE for found in self.all)


def _of_one_size_beside(one: Found, other: Found) -> bool:
    """Whether both are about as high and stand in one row or below each other, as the digits of numbers do."""
    (left, top, right, bottom), (other_left, other_top, other_right, other_bottom) = (
        each.hypothesis.box for each in (one, other)
    )
    low, high = sorted((one.hypothesis.height, other.hypothesis.height))
    narrow = min(one.hypothesis.width, other.hypothesis.width)
    in_a_row = min(bottom, other_bottom) - max(top, other_top) >= BESIDE * high
    below = min(right, other_right) - max(left, other_left) >= BESIDE * narrow
    return low >= ALIKE * high and (in_a_row or below)


def _holes(ink: Grey) -> int:
    """How many parts of the paper ink encloses, without those of few pixels."""
    paper = np.pad((ink <= MIN_DRAWN_INK).view(np.uint8), 1, constant_values=1)
    sizes = cv2.connectedComponentsWithStats(paper, connectivity=4)[2][1:, cv2.CC_STAT_AREA]
    return int(np.count_nonzero(sizes >= MIN_HOLE)) - 1


def _has_line(ink: Grey, height: int) -> bool:
    """Whether something runs straight from left to right for longer than digits of that height in pixels do."""
    length, gap = round(MIN_LONG * height), height // GAPS
    faint = closed((ink > MIN_FAINT_INK).view(np.uint8), 1, gap + 1)
    return length < ink.shape[1] and bool(opened(faint, 1, length).any())


def _mean_score(lines: list[list[Found]]) -> float:
    """Of all that stands in the lines; 0 where nothing does."""
    scores = [found.score for line in lines for found in line]
    return float(np.mean(scores)) if scores else 0.0
