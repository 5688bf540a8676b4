"""Picture -> the numbers in it: lines from top to bottom, digits from left to right, each with its box.

The ink is cut into more segments than there are digits; every few neighbouring segments may be one digit, and the
likeliest way to divide a text line among such hypotheses is read. For touching numerals see Fujisawa, Nakano & Kurino,
Proc. IEEE 80 (1992).
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from digits.answers import Box, NumberAnswer, NumberDigit, NumberLine, NumberWord
from digits.decode import MAX_SIDE, Picture
from digits.number.hints import Hints
from digits.number.page import Found, Page, best_page
from digits.number.tables import arranged
from digits.recogniser import Recogniser, Recognition, decide

UNREAD: Final = "?"
"""What stands in the text of a line for a mark that is no digit."""

NO_HINTS: Final = Hints()

MIN_TALL: Final = 0.5
"""Height of a mark by the digit's beside which it stays. Set by hand."""

Digits = list[list[NumberDigit]]
"""Digits and marks of each line, from top to bottom and from left to right."""


def read_number(recogniser: Recogniser, picture: Picture, hints: Hints = NO_HINTS) -> NumberAnswer:
    """Read all digits of a picture, line by line.

    A picture in which no second digit is found, and a photograph of which not all is surely digits, is read as
    `Recogniser.recognise` reads one digit, where that finds one. How much work a picture makes is bounded, see
    `digits.number.budget`.

    Args:
        recogniser: reads each digit.
        picture: as `digits.decode.decode` returns it; a number may be small in its picture, so decode it to
            `digits.decode.MAX_NUMBER_SIDE`.
        hints: what is known of the numbers in it.

    """
    width, height = picture.width, picture.height
    page = best_page(recogniser, picture.pixels)
    if page is None:
        return NumberAnswer((), "blank", width, height)
    scale = width / picture.pixels.shape[1], height / picture.pixels.shape[0]
    digits = [[_digit(found, page, scale) for found in line] for line in page.lines]
    if (
        page.cells is None
        and not page.turn
        and (sum(found.is_digit for found in page.all) < 2 or not (page.drawn or page.is_clean))
    ):
        small = picture.within(MAX_SIDE)
        answer = recogniser.recognise(small)
        if answer.prediction is not None:
            digits = _with_answer(answer, digits, small, drawn=page.drawn)
    has_digit = any(digit.prediction is not None for line in digits for digit in line)
    lines, table = list(map(_line, digits)), None
    if page.cells is not None:
        lines, table = arranged(lines, page.places, page.cells, [_scaled(box, page, scale) for box in page.cells.boxes])
    return NumberAnswer(tuple(lines), None if has_digit else "not_a_digit", width, height, table, page.turn)


def _digit(found: Found, page: Page, scale: tuple[float, float]) -> NumberDigit:
    """The answer about one digit or mark; `scale` is of the picture's columns and rows to those as uploaded."""
    prediction, confidence = decide(found.view)
    shares = found.view[:10] / found.view[:10].sum()
    return NumberDigit(prediction, confidence, tuple(shares.tolist()), _scaled(found.hypothesis.box, page, scale))


def _scaled(box: Iterable[float], page: Page, scale: tuple[float, float]) -> Box:
    """A box of the candidate's ink in pixels of the picture as uploaded."""
    sides = zip(page.placed(box), 2 * scale, strict=True)
    left, top, right, bottom = (round(side * of_axis, 1) for side, of_axis in sides)
    return left, top, right, bottom


def _line(digits: list[NumberDigit]) -> NumberLine:
    text = "".join(UNREAD if digit.prediction is None else str(digit.prediction) for digit in digits)
    confidence, box = float(np.prod([digit.confidence for digit in digits])), _box_of(digits)
    return NumberLine(text, confidence, box, tuple(digits), (NumberWord(text, confidence, box),))


def _box_of(digits: list[NumberDigit]) -> Box:
    """The smallest box that holds those of all."""
    left, top, right, bottom = zip(*(digit.box for digit in digits), strict=True)
    return min(left), min(top), max(right), max(bottom)


def _with_answer(answer: Recognition, digits: Digits, picture: Picture, *, drawn: bool) -> Digits:
    """The answer about the whole picture in place of the one digit that was found, or of all that was found.

    Tall marks beside a digit stay in a drawing; in a photograph they are rather what is left of the paper's ruling.
    """
    found = [(line, place) for line in digits for place, digit in enumerate(line) if digit.prediction is not None]
    if len(found) != 1:
        return [[_as_digit(answer, _box_of_ink(answer, digits, picture))]]
    line, place = found[0]
    read = line[place] = _as_digit(answer, line[place].box)
    lowest = MIN_TALL * (read.box[3] - read.box[1])
    return [[digit for digit in line if digit is read or (drawn and digit.box[3] - digit.box[1] >= lowest)]]


def _as_digit(answer: Recognition, box: Box) -> NumberDigit:
    assert answer.probabilities is not None
    return NumberDigit(answer.prediction, answer.confidence, answer.probabilities, box)


def _box_of_ink(answer: Recognition, digits: Digits, picture: Picture) -> Box:
    """The box of the ink that was recognised, where it was not cut out of the picture; else that of all marks."""
    ink = answer.digit_ink
    assert ink is not None
    height, width = picture.pixels.shape[:2]
    if ink.shape != (height, width):
        return _box_of([digit for line in digits for digit in line])
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    across, down = picture.width / width, picture.height / height
    sides = columns[0] * across, rows[0] * down, (columns[-1] + 1) * across, (rows[-1] + 1) * down
    left, top, right, bottom = (round(float(side), 1) for side in sides)
    return left, top, right, bottom
