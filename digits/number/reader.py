"""Ink -> several digits: lines from top to bottom, digits from left to right.

The ink is cut into more pieces than there are digits; every few neighbouring pieces together may be a digit, the
recogniser says how likely, and the best way to divide a line among them is found by dynamic programming: heuristic
over-segmentation, after LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86 (1998), section V; for touching numerals see
Fujisawa, Nakano & Kurino, Proc. IEEE 80 (1992).
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.answers import Box, NumberAnswer, NumberDigit, NumberLine
from digits.decode import MAX_SIDE, Picture
from digits.features import hog_features
from digits.ink import ink_candidates
from digits.normalise import normalise
from digits.number.segments import Group, Piece, groups, lines, parts, usual_height, with_cuts
from digits.recogniser import MAX_REJECT_PROBABILITY, Recogniser, Recognition, decide

SURE: Final = 0.8
"""Worth of each digit from which a reading of the ink is believed."""

TIDY: Final = 0.8
"""Mean worth of what is found in a photograph from which a number is believed rather than one digit."""

MARKS_WORTH: Final = -0.3
"""Worth of a mark that is no digit."""

LOWEST_LINE: Final = 0.25
"""Share of the tallest digit's height below which a line is litter."""

MOST_CUTS: Final = 200
"""So many pieces the doubtful lines of a picture are cut into, which bounds the time that it takes."""

SURELY_WHOLE: Final = float(np.log(0.8))
"""Score from which a group of pieces is not cut."""

LEAST: Final = 0.001
"""Probability below which all is alike."""

A_MARK: Final = float(np.log(0.002))
"""Score of each connected part as a mark that is no digit."""

A_CUT: Final = -0.5
"""Added to the score for each seam: people's digits touch less often than those that wholeness is learnt from."""

MOST_READINGS: Final = 5
"""So many readings of the ink are tried."""

UNREAD: Final = "?"
"""What stands in the text of a line for a mark that is no digit."""


@dataclass(frozen=True)
class _Found:
    """A group of pieces that was chosen, and the recogniser's (11,) probabilities of it."""

    group: Group
    view: NDArray[np.float64]

    @property
    def is_digit(self) -> bool:
        return bool(self.view[10] <= MAX_REJECT_PROBABILITY)

    @property
    def worth(self) -> float:
        """-1..1: surely a mark, surely a digit."""
        return 2 * float(self.view[:10].max()) - 1 if self.is_digit else MARKS_WORTH


@dataclass(frozen=True)
class _Page:
    """What one reading of the ink shows: lines of digits and marks."""

    lines: list[list[_Found]]
    drawn: bool
    origin: tuple[int, int]

    @property
    def all(self) -> list[_Found]:
        return [found for line in self.lines for found in line]

    @cached_property
    def worth(self) -> float:
        """How much of it is surely digits, by the square of their height: a page of specks is worth little."""
        return sum(found.worth * found.group.height**2 for found in self.all)

    @property
    def tidy(self) -> bool:
        """Whether nearly all of it is surely digits."""
        return self.worth > TIDY * sum(found.group.height**2 for found in self.all)

    @property
    def sure(self) -> bool:
        """Whether each part of it is surely a digit."""
        return all(found.worth > SURE for found in self.all)


def read_number(recogniser: Recogniser, picture: Picture) -> NumberAnswer:
    """Read all digits of a picture, line by line.

    A picture in which no second digit is found, and a photograph of which not all is surely digits, is read as
    `Recogniser.recognise` reads one digit, where that finds one.

    Args:
        recogniser: reads each digit.
        picture: as `digits.decode.decode` returns it; a number may be small in its picture, so decode it to
            `digits.decode.MAX_NUMBER_SIDE`.

    """
    width, height = picture.width, picture.height
    page = _best_reading(recogniser, picture.pixels)
    if page is None:
        return NumberAnswer((), "blank", width, height)
    scale = width / picture.pixels.shape[1], height / picture.pixels.shape[0]
    read = [[_digit(found, page, scale) for found in line] for line in page.lines]
    if sum(found.is_digit for found in page.all) < 2 or not (page.drawn or page.tidy):
        small = picture.within(MAX_SIDE)
        answer = recogniser.recognise(small)
        if answer.prediction is not None:
            read = _with_answer(answer, read, (width, height), small.pixels.shape, drawn=page.drawn)
    digits = any(digit.prediction is not None for line in read for digit in line)
    return NumberAnswer(tuple(map(_line, read)), None if digits else "not_a_digit", width, height)


def _line(digits: list[NumberDigit]) -> NumberLine:
    text = "".join(UNREAD if digit.prediction is None else str(digit.prediction) for digit in digits)
    return NumberLine(text, float(np.prod([digit.confidence for digit in digits])), _box_of(digits), tuple(digits))


def _box_of(digits: list[NumberDigit]) -> Box:
    """The smallest box that holds those of all."""
    left, top, right, bottom = zip(*(digit.box for digit in digits), strict=True)
    return min(left), min(top), max(right), max(bottom)


def _digit(found: _Found, page: _Page, scale: tuple[float, float]) -> NumberDigit:
    prediction, confidence = decide(found.view)
    shares = found.view[:10] / found.view[:10].sum()
    corners = zip(found.group.box, 2 * page.origin, 2 * scale, strict=True)
    left, top, right, bottom = (round((side + origin) * of_axis, 1) for side, origin, of_axis in corners)
    return NumberDigit(prediction, confidence, tuple(shares.tolist()), (left, top, right, bottom))


def _with_answer(
    answer: Recognition, read: list[list[NumberDigit]], size: tuple[int, int], seen: tuple[int, ...], *, drawn: bool
) -> list[list[NumberDigit]]:
    """The answer about the whole picture in place of the one digit that was found, or of all that was found.

    Tall marks beside a digit stay in a drawing; in a photograph they are rather what is left of the paper's ruling.
    """
    assert answer.prediction is not None
    assert answer.probabilities is not None
    assert answer.digit_ink is not None
    digits = [(line, place) for line in read for place, digit in enumerate(line) if digit.prediction is not None]
    if len(digits) == 1:
        line, place = digits[0]
        line[place] = NumberDigit(answer.prediction, answer.confidence, answer.probabilities, line[place].box)
        tall = (line[place].box[3] - line[place].box[1]) / 2
        return [[digit for digit in line if digit is line[place] or (drawn and digit.box[3] - digit.box[1] >= tall)]]
    ink = answer.digit_ink
    if ink.shape == seen[:2]:
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        across, down = size[0] / seen[1], size[1] / seen[0]
        box: Box = (columns[0] * across, rows[0] * down, (columns[-1] + 1) * across, (rows[-1] + 1) * down)
    else:
        box = _box_of([digit for line in read for digit in line])
    left, top, right, bottom = (round(float(side), 1) for side in box)
    return [[NumberDigit(answer.prediction, answer.confidence, answer.probabilities, (left, top, right, bottom))]]


def _best_reading(recogniser: Recogniser, picture: NDArray[np.uint8]) -> _Page | None:
    """The reading of the ink in which most is surely digits; None where there is no ink."""
    best: _Page | None = None
    for candidate in islice(ink_candidates(picture, one_digit=False), MOST_READINGS):
        drawn = not candidate.thresholded
        rows = lines(parts(candidate.ink, drawn=drawn))
        if not rows:
            continue
        read = _without_litter(_divided(recogniser, rows), drawn=drawn)
        page = _Page(read, drawn, (candidate.left, candidate.top))
        if best is None or page.worth > best.worth:
            best = page
        if page.sure or (drawn and page.worth > 0):
            break
    return best


def _without_litter(read: list[list[_Found]], *, drawn: bool) -> list[list[_Found]]:
    """The lines without those that are much lower than the digits, and in a photograph without those of marks alone."""
    tallest = max((found.group.height for line in read for found in line if found.is_digit), default=0)
    kept = []
    for line in read:
        height = max(found.group.height for found in line)
        if height >= LOWEST_LINE * tallest and (drawn or not tallest or any(found.is_digit for found in line)):
            kept.append(line)
    return kept


def _divided(recogniser: Recogniser, rows: list[list[Piece]]) -> list[list[_Found]]:
    """Each line divided into digits and marks in the likeliest way.

    First without a cut; what then is not surely one whole digit is cut, and looked at again.
    """
    heights = [usual_height(row) for row in rows]
    ways = _best_ways(recogniser, rows, heights)
    sure = [[score > SURELY_WHOLE for group, score in way for _ in group.pieces] for way in ways]
    doubtful = [place for place, of_row in enumerate(sure) if not all(of_row)]
    cut: list[list[Piece]] = []
    for place in doubtful:
        cut.append(with_cuts(rows[place], sure[place], MOST_CUTS - sum(map(len, cut))))
    again = _best_ways(recogniser, cut, [heights[place] for place in doubtful])
    for place, way in zip(doubtful, again, strict=True):
        ways[place] = way
    chosen = [group for way in ways for group, _ in way]
    views = iter(recogniser.predict_proba(np.stack([normalise(group.ink) for group in chosen])))
    return [[_Found(group, next(views)) for group, _ in way] for way in ways]


def _best_ways(
    recogniser: Recogniser, rows: list[list[Piece]], heights: list[float]
) -> list[list[tuple[Group, float]]]:
    """The best way to divide each row: groups and their scores, from left to right."""
    candidates = [groups(row, height) for row, height in zip(rows, heights, strict=True)]
    if not rows:
        return []
    pictures = np.stack([normalise(group.ink) for of_row in candidates for group in of_row])
    geometry = [group.geometry(height) for of_row, height in zip(candidates, heights, strict=True) for group in of_row]
    whole = recogniser.model.probability_of_one_digit(hog_features(pictures), np.array(geometry, np.float32))
    digit = np.full(len(pictures), LEAST)
    worth_a_look = whole > LEAST
    if worth_a_look.any():
        digit[worth_a_look] = recogniser.model.predict_proba(pictures[worth_a_look])[:, :10].max(axis=1)
    marks = [A_MARK * len({piece.part for piece in group.pieces}) for of_row in candidates for group in of_row]
    cuts = [A_CUT * group.begins_at_a_seam for of_row in candidates for group in of_row]
    scores = np.maximum(np.log(whole.clip(LEAST)) + np.log(digit.clip(LEAST)), marks) + cuts
    ends = np.cumsum([len(of_row) for of_row in candidates])[:-1]
    return [
        _best_way(len(row), of_row, of_scores)
        for row, of_row, of_scores in zip(rows, candidates, np.split(scores, ends), strict=True)
    ]


def _best_way(count: int, candidates: list[Group], scores: NDArray[np.float64]) -> list[tuple[Group, float]]:
    """The division of so many pieces with the highest sum of scores, by dynamic programming (Viterbi)."""
    best = np.full(count + 1, -np.inf)
    best[0] = 0
    last: list[tuple[Group, float] | None] = [None] * (count + 1)
    for group, score in zip(candidates, scores, strict=True):
        if best[group.start] + score > best[group.stop]:
            best[group.stop], last[group.stop] = best[group.start] + score, (group, float(score))
    way: list[tuple[Group, float]] = []
    place = count
    while (chosen := last[place]) is not None:
        way.append(chosen)
        place = chosen[0].start
    return way[::-1]
