"""Ink -> several digits: lines from top to bottom, digits from left to right.

The ink is cut into more pieces than there are digits; every few neighbouring pieces together may be a digit, the
recogniser says how likely, and the best way to divide a line among them is found by dynamic programming: heuristic
over-segmentation, after LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86 (1998), section V; for touching numerals see
Fujisawa, Nakano & Kurino, Proc. IEEE 80 (1992).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from digits.decode import LONGEST_SIDE, decode, decode_with_size
from digits.ink import Grey, whole_inks
from digits.normalise import normalise
from digits.pieces import Piece, cut, lines, parts
from digits.recogniser import Recogniser

LONGEST_PICTURE: Final = 1024
"""Side in pixels to which pictures of numbers are scaled down: a number may be small in its picture."""

Box = tuple[float, float, float, float]

MOST_PIECES: Final = 5
"""So many pieces may make one digit."""

SURELY_ONE: Final = 0.9
"""Probability of a digit from which a part is not cut."""

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
class _Group:
    """Neighbouring pieces that may be one digit: places `start` to `stop` of a line."""

    start: int
    stop: int
    pieces: Sequence[Piece]

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        return (
            min(piece.left for piece in self.pieces),
            min(piece.top for piece in self.pieces),
            max(piece.right for piece in self.pieces),
            max(piece.bottom for piece in self.pieces),
        )

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]

    @cached_property
    def ink(self) -> Grey:
        if len(self.pieces) == 1:
            return self.pieces[0].ink
        left, top, right, bottom = self.box
        ink = np.zeros((bottom - top, right - left), np.float32)
        for piece in self.pieces:
            place = ink[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left]
            np.maximum(place, piece.ink, out=place)
        return ink


@dataclass(frozen=True)
class _Found:
    """A group of the best way to divide a line, and the recogniser's (11,) probabilities of it."""

    group: _Group
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
    """Each line divided into digits and marks in the likeliest way."""
    heights = [_usual_height(row) for row in rows]
    groups = [_groups(row, height) for row, height in zip(rows, heights, strict=True)]
    views = _views(recogniser, groups)
    again = []
    for place, (row, height) in enumerate(zip(rows, heights, strict=True)):
        pieces = _with_cuts(row, groups[place], views[place], height)
        if len(pieces) > len(row):
            rows[place] = pieces
            groups[place] = _groups(pieces, height)
            again.append(place)
    for place, view in zip(again, _views(recogniser, [groups[place] for place in again]), strict=True):
        views[place] = view
    found = []
    for row, of_row, views_of_row, height in zip(rows, groups, views, heights, strict=True):
        found.append(_best_way(row, of_row, views_of_row, height))
    chosen = [group for line in found for group in line]
    looked_at = iter(recogniser.probabilities(np.stack([normalise(group.ink) for group in chosen])))
    return [[_Found(group, next(looked_at)) for group in line] for line in found]


def _usual_height(row: list[Piece]) -> float:
    heights = np.array([piece.bottom - piece.top for piece in row])
    return float(np.quantile(heights.repeat(heights), 0.5))


def _groups(row: list[Piece], height: float) -> list[_Group]:
    """Every few neighbours that are not too broad for a digit; each piece alone in any case."""
    groups = []
    for start in range(len(row)):
        right = row[start].right
        for stop in range(start + 1, min(start + MOST_PIECES, len(row)) + 1):
            group = _Group(start, stop, row[start:stop])
            gap = row[stop - 1].left - right
            right = max(right, row[stop - 1].right)
            if stop > start + 1 and (gap > 0.3 * height or group.width > 1.5 * max(height, group.height)):
                one_part = len({piece.part for piece in group.pieces}) == 1
                if not one_part or group.width > 2.5 * height:
                    break
            groups.append(group)
    return groups


def _views(recogniser: Recogniser, groups: list[list[_Group]]) -> list[NDArray[np.float64]]:
    """One look at every group: for each line (groups, 11) probabilities."""
    pictures = [normalise(group.ink) for line in groups for group in line]
    if not pictures:
        return []
    ends = np.cumsum([len(line) for line in groups])
    return np.split(recogniser.glance(np.stack(pictures)), ends[:-1])


def _with_cuts(row: list[Piece], groups: list[_Group], views: NDArray[np.float64], height: float) -> list[Piece]:
    """The line with every part cut that is not surely a digit, alone or with its neighbours."""
    sure = np.zeros(len(row))
    for group, view in zip(groups, views, strict=True):
        if group.width < 1.2 * group.height:
            sure[group.start : group.stop] = np.maximum(sure[group.start : group.stop], view[:10].max())
    pieces: list[Piece] = []
    for piece, digitness in zip(row, sure, strict=True):
        tall, broad = piece.bottom - piece.top, piece.right - piece.left
        if digitness >= SURELY_ONE or tall < 0.5 * height or broad < 0.3 * tall:
            pieces.append(piece)
        else:
            pieces += cut(piece, min(12, 1 + round(3 * broad / tall)))
    return pieces


def _best_way(row: list[Piece], groups: list[_Group], views: NDArray[np.float64], height: float) -> list[_Group]:
    """The division of the line with the highest score, by dynamic programming from left to right (Viterbi)."""
    best = np.full(len(row) + 1, -np.inf)
    best[0] = 0
    last: list[_Group | None] = [None] * (len(row) + 1)
    for group, view in sorted(zip(groups, views, strict=True), key=lambda each: each[0].start):
        score = best[group.start] + _score(row, group, view, height)
        if score > best[group.stop]:
            best[group.stop], last[group.stop] = score, group
    way: list[_Group] = []
    place = len(row)
    while (chosen := last[place]) is not None:
        way.append(chosen)
        place = chosen.start
    return way[::-1]


def _score(row: list[Piece], group: _Group, view: NDArray[np.float64], height: float) -> float:
    """Logarithm of how likely this group is one digit or mark, in a line of that height."""
    size = abs(float(np.log(group.height / height)))
    digit = float(np.log(view[:10].max()))
    digit -= 3 * max(0.0, size - 0.3) ** 2 + 4 * max(0.0, group.width / group.height - 1.2)
    mark = float(np.log(view[10])) - 1.5
    score = max(digit, mark)
    first = row[group.start]
    if group.start and row[group.start - 1].part == first.part:
        score -= 0.7 + 0.7 * first.cost
    elif group.start:
        before = row[group.start - 1]
        shared = min(before.right, first.right) - max(before.left, first.left)
        score -= 3 * max(0.0, shared / min(before.right - before.left, first.right - first.left) - 0.5)
    right = first.right
    for before, piece in zip(group.pieces, group.pieces[1:], strict=False):
        if piece.part != before.part:
            score -= 0.4 + 6 * max(0, piece.left - right) / height
        right = max(right, piece.right)
    return score
