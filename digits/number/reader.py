"""Picture -> the numbers in it: lines from top to bottom, digits from left to right, each with its box.

The ink is cut into more segments than there are digits; every few neighbouring segments may be one digit, and the
likeliest way to divide a text line among such hypotheses is read. For touching numerals see Fujisawa, Nakano & Kurino,
Proc. IEEE 80 (1992).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.answers import Box, NumberAnswer, NumberDigit, NumberLine, NumberWord, box_around, covered
from digits.decode import MAX_SIDE, Picture
from digits.number.confidence import alternatives, item_confidences
from digits.number.found import Found, Page
from digits.number.grammar import UNREAD
from digits.number.hints import NO_HINTS, Hints
from digits.number.own_hand import by_its_own_hand
from digits.number.page import best_page
from digits.number.tables import arranged
from digits.recogniser import Recogniser, Recognition, decide

MIN_LIKENESS: Final = 0.5
"""Area that two boxes share, by that of both, from which on they are of the same digit."""

MIN_TALL: Final = 0.5
"""Height of a mark by the digit's beside which it stays. Set by hand."""

MAX_AROUND_ONE_DIGIT: Final = 40
"""Marks of a page at most for it to be read as one digit. Set by hand."""

BESIDE_ONE_DIGIT: Final = "-+%"
"""Signs that stand beside a single digit; what else stands there is rather dirt."""

MIN_SURE_SIGN: Final = 0.7
"""Confidence of such a sign in a photograph: of made ones 43 of 53 dashes stay, and none of 52 digits without gains
one."""


def read_number(recogniser: Recogniser, picture: Picture, hints: Hints = NO_HINTS) -> NumberAnswer:
    """Read all digits of a picture, line by line.

    A picture in which no second digit is found, unless it stands surely in a cell, and a photograph without cells of
    which not all is surely digits, is read as `Recogniser.recognise` reads one digit, where that finds one. How much
    work a picture makes is bounded, see `digits.number.budget`.

    Args:
        recogniser: reads each digit.
        picture: as `digits.decode.decode` returns it; a number may be small in its picture, so decode it to
            `digits.decode.MAX_NUMBER_SIDE`.
        hints: what is known of the numbers in it.

    """
    return _read(recogniser, picture, hints)[0]


def normalised_at(recogniser: Recogniser, picture: Picture, hints: Hints, box: Box) -> NDArray[np.uint8] | None:
    """What was seen of a digit, sign or mark of a number, so that it can be taught.

    Args:
        recogniser: reads each digit.
        picture: as for `read_number`.
        hints: as then.
        box: of the digit, as `read_number` told it.

    Returns:
        (28, 28) uint8 of the one whose box is most like this one; None where none is at least half like it.

    """
    likeness, seen = max(
        ((covered(box, each), seen) for each, seen in _read(recogniser, picture, hints)[1]),
        key=lambda found: found[0],
        default=(0.0, None),
    )
    return seen if likeness >= MIN_LIKENESS else None


def _read(
    recogniser: Recogniser, picture: Picture, hints: Hints
) -> tuple[NumberAnswer, list[tuple[Box, NDArray[np.uint8]]]]:
    """The answer, and what was seen of each digit, sign or mark: its box and (28, 28) uint8."""
    width, height = picture.width, picture.height
    page = best_page(recogniser, picture.pixels, hints)
    if page is None:
        return NumberAnswer((), "blank", width, height), []
    page = by_its_own_hand(recogniser, page)
    scale = width / picture.pixels.shape[1], height / picture.pixels.shape[0]
    lines, table = [_line(found, page, scale) for found in page.lines], None
    seen = [(_scaled(found.hypothesis.box, page, scale), found.seen[0]) for found in page.all]
    in_cells = page.cells is not None
    digits = sum(found.is_digit for found in page.all)
    is_one = digits < 2 and not (in_cells and page.is_sure)
    may_be_one = is_one or not (in_cells or page.drawn or page.has_several)
    if may_be_one and not page.turn and len(page.all) <= MAX_AROUND_ONE_DIGIT:
        small = picture.within(MAX_SIDE)
        answer = recogniser.recognise(small)
        if answer.prediction is not None or answer.is_taught:
            lines, in_cells = [_with_answer(answer, lines, small, drawn=page.drawn)], False
            assert answer.normalised is not None
            own = next(digit for digit in lines[0].digits if digit.probabilities is answer.probabilities)
            seen.insert(0, (own.box, answer.normalised))
    has_digit = any(digit.prediction is not None for line in lines for digit in line.digits)
    if in_cells and page.cells is not None:
        boxes = [_scaled(box, page, scale) for box in page.cells.boxes]
        lines, table = arranged(lines, page.places, page.cells, boxes, page.sure_of_nothing)
    return NumberAnswer(tuple(lines), None if has_digit else "not_a_digit", width, height, table, page.turn), seen


def _line(found: list[Found], page: Page, scale: tuple[float, float]) -> NumberLine:
    """The answer about a line; `scale` is of the picture's columns and rows to those as uploaded."""
    words = []
    digits: list[NumberDigit] = []
    for _, of_word in groupby(found, lambda each: id(each.word)):
        word = list(of_word)
        alone = [_item(each, page, scale) for each in word]
        readings, text = word[0].word.found, _text(alone)
        sure = item_confidences([item.confidence for item in alone], text, readings, drawn=page.drawn)
        items = [replace(item, confidence=each) for item, each in zip(alone, sure, strict=True)]
        confidence = prod(item.confidence for item in items)
        words.append(NumberWord(text, confidence, _box_of(items), alternatives(text, confidence, readings)))
        digits += items
    return NumberLine.of(digits, words)


def _item(found: Found, page: Page, scale: tuple[float, float]) -> NumberDigit:
    """The answer about one digit, sign or mark, seen alone."""
    prediction, confidence = decide(found.view)
    shares = found.view[:10] / found.view[:10].sum()
    if found.sign is not None:
        prediction, confidence = None, min(found.arc.probability, 1.0)
    elif found.is_digit:
        prediction, confidence = int(shares.argmax()), float(shares.max())
    elif prediction is not None:
        prediction, confidence = None, min(found.arc.probability, 1.0)
    box = _scaled(found.hypothesis.box, page, scale)
    return NumberDigit(prediction, confidence, tuple(shares.tolist()), box, found.sign)


def _scaled(box: Iterable[float], page: Page, scale: tuple[float, float]) -> Box:
    """A box of the candidate's ink in pixels of the picture as uploaded."""
    sides = zip(page.placed(box), 2 * scale, strict=True)
    left, top, right, bottom = (round(side * of_axis, 1) for side, of_axis in sides)
    return left, top, right, bottom


def _text(items: Sequence[NumberDigit]) -> str:
    return "".join(item.sign or (UNREAD if item.prediction is None else str(item.prediction)) for item in items)


def _box_of(digits: Sequence[NumberDigit]) -> Box:
    """The smallest box that holds those of all."""
    return box_around(digit.box for digit in digits)


def _with_answer(answer: Recognition, lines: list[NumberLine], picture: Picture, *, drawn: bool) -> NumberLine:
    """The answer about the whole picture in place of the one digit that was found, or of all that was found.

    Tall marks beside a digit stay in a drawing; in a photograph they are rather what is left of the paper's ruling. So
    do signs that stand beside one digit.
    """
    found = [(line, digit) for line in lines for digit in line.digits if digit.prediction is not None]
    if len(found) != 1:
        return _of_one_word([_as_digit(answer, _box_of_ink(answer, lines, picture))])
    line, digit = found[0]
    lowest = MIN_TALL * (digit.box[3] - digit.box[1])

    def stays(other: NumberDigit) -> bool:
        if other.sign is not None:
            return other.sign in BESIDE_ONE_DIGIT and other.confidence > (0.5 if drawn else MIN_SURE_SIGN)
        return drawn and other.box[3] - other.box[1] >= lowest

    read = [
        _as_digit(answer, digit.box) if each is digit else each for each in line.digits if each is digit or stays(each)
    ]
    return _of_one_word(read)


def _of_one_word(digits: Sequence[NumberDigit]) -> NumberLine:
    confidence = prod(digit.confidence for digit in digits)
    return NumberLine.of(digits, [NumberWord(_text(digits), confidence, _box_of(digits))])


def _as_digit(answer: Recognition, box: Box) -> NumberDigit:
    assert answer.probabilities is not None
    return NumberDigit(answer.prediction, answer.confidence, answer.probabilities, box)


def _box_of_ink(answer: Recognition, lines: list[NumberLine], picture: Picture) -> Box:
    """The box of the ink that was recognised, where it was not cut out of the picture; else that of all marks."""
    ink = answer.digit_ink
    assert ink is not None
    height, width = picture.pixels.shape[:2]
    if ink.shape != (height, width):
        return _box_of([digit for line in lines for digit in line.digits])
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    across, down = picture.width / width, picture.height / height
    sides = columns[0] * across, rows[0] * down, (columns[-1] + 1) * across, (rows[-1] + 1) * down
    left, top, right, bottom = (round(float(side), 1) for side in sides)
    return left, top, right, bottom
