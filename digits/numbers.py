"""Ink -> several digits: lines from top to bottom, digits from left to right.

The ink is cut into more pieces than there are digits; every few neighbouring pieces together may be a digit, the
recogniser says how likely, and the best way to divide a line among them is found by dynamic programming: heuristic
over-segmentation, after LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86 (1998), section V; for touching numerals see
Fujisawa, Nakano & Kurino, Proc. IEEE 80 (1992).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from digits.decode import LONGEST_SIDE, decode, decode_with_size
from digits.features import hog_features
from digits.ink import whole_inks
from digits.normalise import normalise
from digits.pieces import Group, Piece, groups, lines, parts, usual_height, with_cuts
from digits.recogniser import Recogniser
from digits.wholeness import wholeness

LONGEST_PICTURE: Final = 1024
"""Side in pixels to which pictures of numbers are scaled down: a number may be small in its picture."""

Box = tuple[float, float, float, float]

SURELY_ONE: Final = 0.9
"""Probability of a digit at which a reading of the ink is believed."""

SURELY_WHOLE: Final = float(np.log(0.8))
"""Score from which a group of pieces is not cut."""

LEAST: Final = 0.001
"""Probability below which all is alike."""

A_MARK: Final = float(np.log(0.002))
"""Score of anything as a mark that is no digit."""

MOST_READINGS: Final = 5
UNREAD: Final = "?"
"""What stands in the text of a line for a mark that is no digit."""


@dataclass(frozen=True)
class Digit:
    """One digit of a number, or a mark that is none.

    Attributes:
        prediction: 0..9, or None for a mark that is no digit.
        confidence: 0..1, how sure the recogniser is of this very answer.
        probabilities: ten numbers that add up to 1.
        box: left, top, right, bottom in pixels of the picture as it was uploaded, after its EXIF turn; right and
            bottom lie behind the last pixel.

    """

    prediction: int | None
    confidence: float
    probabilities: tuple[float, ...]
    box: Box


@dataclass(frozen=True)
class Line:
    """Digits and marks of one line, from left to right."""

    digits: tuple[Digit, ...]

    @cached_property
    def text(self) -> str:
        """The digits as characters, with a question mark for each mark that is none."""
        return "".join(UNREAD if digit.prediction is None else str(digit.prediction) for digit in self.digits)

    @cached_property
    def confidence(self) -> float:
        """0..1: the product of the confidences, which is the chance that all are right if they err independently."""
        return float(np.prod([digit.confidence for digit in self.digits]))

    @cached_property
    def box(self) -> Box:
        """The smallest that holds the boxes of all."""
        left, top, right, bottom = zip(*(digit.box for digit in self.digits), strict=True)
        return min(left), min(top), max(right), max(bottom)


@dataclass(frozen=True)
class Number:
    """What the picture shows.

    Attributes:
        lines: from top to bottom.
        rejected: None when at least one digit was read; "blank" when there is no ink, "not_a_digit" when all of it is
            something else.
        width: of the picture as it was uploaded, after its EXIF turn, in pixels.
        height: of the same.

    """

    lines: tuple[Line, ...]
    rejected: Literal["blank", "not_a_digit"] | None
    width: int
    height: int


@dataclass(frozen=True)
class _Found:
    """A group of pieces that was chosen, and the recogniser's (11,) probabilities of it."""

    group: Group
    view: NDArray[np.float64]

    @property
    def digitness(self) -> float:
        return float(self.view[:10].max())


def read_number(recogniser: Recogniser, data: bytes) -> Number:
    """Read the digits of a PNG or JPEG.

    Args:
        recogniser: reads each digit.
        data: the whole file.

    Raises:
        NotAPicture, UnreadablePicture, TooManyPixels: as `digits.decode.decode`.

    """
    picture, (width, height) = decode_with_size(data, LONGEST_PICTURE)
    found, any_ink = _best_reading(recogniser, picture)
    scale = np.array([width / picture.shape[1], height / picture.shape[0]] * 2)
    read = [[_digit(recogniser, each, scale) for each in line] for line in found]
    digits = [digit for line in read for digit in line if digit.prediction is not None]
    if len(digits) <= 1:
        alone = recogniser.recognise(decode(data) if max(width, height) > LONGEST_SIDE else picture)
        if alone.prediction is not None and alone.probabilities is not None:
            place = digits[0].box if digits else (0.0, 0.0, float(width), float(height))
            read = [[Digit(alone.prediction, alone.confidence, alone.probabilities, place)]]
            digits = read[0]
    rejected: Literal["blank", "not_a_digit"] | None = None
    if not digits:
        rejected = "not_a_digit" if any_ink else "blank"
    return Number(tuple(Line(tuple(line)) for line in read if line), rejected, width, height)


def _digit(recogniser: Recogniser, found: _Found, scale: NDArray[np.float64]) -> Digit:
    prediction, confidence = recogniser.verdict(found.view)
    shares = found.view[:10] / found.view[:10].sum()
    left, top, right, bottom = (round(float(side), 1) for side in np.array(found.group.box) * scale)
    return Digit(prediction, confidence, tuple(float(share) for share in shares), (left, top, right, bottom))


def _best_reading(recogniser: Recogniser, picture: NDArray[np.uint8]) -> tuple[list[list[_Found]], bool]:
    """The lines of the reading of the ink in which most is surely a digit, and whether there is ink at all."""
    best: list[list[_Found]] = []
    most = -np.inf
    any_ink = False
    for number, (ink, drawn) in enumerate(whole_inks(picture)):
        if number == MOST_READINGS:
            break
        rows = lines(parts(ink, drawn=drawn))
        if not rows:
            continue
        any_ink = True
        found = _divided(recogniser, rows)
        worth = sum(_worth(each) for line in found for each in line)
        if worth > most:
            best, most = found, worth
        if all(each.digitness >= SURELY_ONE for line in found for each in line) or (drawn and worth > 0.5):
            break
    return best, any_ink


def _worth(found: _Found) -> float:
    return 2 * found.digitness - 1 if found.view[10] < 0.4 else -0.5


def _divided(recogniser: Recogniser, rows: list[list[Piece]]) -> list[list[_Found]]:
    """Each line divided into digits and marks in the likeliest way.

    First without a cut; what then is not surely one whole digit is cut, and looked at again.
    """
    heights = [usual_height(row) for row in rows]
    ways = _best_ways(recogniser, rows, heights)
    sure = [[score > SURELY_WHOLE for group, score in way for _ in group.pieces] for way in ways]
    doubtful = [place for place, of_row in enumerate(sure) if not all(of_row)]
    cut = [with_cuts(rows[place], sure[place]) for place in doubtful]
    again = _best_ways(recogniser, cut, [heights[place] for place in doubtful])
    for place, way in zip(doubtful, again, strict=True):
        ways[place] = way
    chosen = [group for way in ways for group, _ in way]
    views = iter(recogniser.probabilities(np.stack([normalise(group.ink) for group in chosen])))
    return [[_Found(group, next(views)) for group, _ in way] for way in ways]


def _best_ways(
    recogniser: Recogniser, rows: list[list[Piece]], heights: list[float]
) -> list[list[tuple[Group, float]]]:
    """The best way to divide each row: groups and their scores, from left to right."""
    candidates = [groups(row, height) for row, height in zip(rows, heights, strict=True)]
    if not rows:
        return []
    pictures = np.stack([normalise(group.ink) for of_row in candidates for group in of_row])
    geometry = [
        group.geometry(height) for of_row, height in zip(candidates, heights, strict=True) for group in of_row
    ]
    whole = wholeness(hog_features(pictures), np.array(geometry, np.float32))
    digit = np.full(len(pictures), LEAST)
    worth_a_look = whole > LEAST
    if worth_a_look.any():
        digit[worth_a_look] = recogniser.glance(pictures[worth_a_look])[:, :10].max(axis=1)
    scores = np.maximum(np.log(whole.clip(LEAST)) + np.log(digit.clip(LEAST)), A_MARK)
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
