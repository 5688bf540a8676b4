"""A doubtful digit is read as the other digits of its page are written."""

from typing import Final

import numpy as np
import pytest

from digits import decode, read_number
from digits.recogniser import CONFIDENT
from tests.reading import recogniser
from tools.drawing import Strokes, draw, encoded

STEM: Final = ((0.6, 0.0), (0.3, 1.0))
CROSSED: Final[Strokes] = [[(0.0, 0.02), *STEM], [(0.2, 0.5), (0.65, 0.5)]]


def one_or_seven(bar: float) -> Strokes:
    """A 1 with a flag, whose flag becomes the bar of a 7 as `bar` goes from 0 to 1."""
    return [[(0.35 - 0.25 * bar, 0.4 * (1 - bar)), *STEM]]


def doubtful() -> Strokes:
    """That one of which the recogniser is least sure."""
    shapes = [one_or_seven(float(bar)) for bar in np.linspace(0, 1, 41)]
    answers = [recogniser().recognise(decode(encoded(draw(shape)))) for shape in shapes]
    sure = [max(answer.probabilities or [1.0]) for answer in answers]
    assert min(sure) < CONFIDENT
    return shapes[int(np.argmin(sure))]


def page(digits: list[Strokes]) -> list[str]:
    """Texts of the lines of a page on which these stand, ten in a line."""
    places = [(1.2 * (number % 10), 1.6 * (number // 10)) for number in range(len(digits))]
    written = [
        [(x + right, y + down) for x, y in stroke]
        for digit, (right, down) in zip(digits, places, strict=True)
        for stroke in digit
    ]
    shown = encoded(draw(written, (900, 500), height=0.12, width=6))
    return [line.text for line in read_number(recogniser(), decode(shown)).lines]


@pytest.mark.parametrize(
    ("seven", "one", "read"),
    [(CROSSED, one_or_seven(0.0), "1"), (one_or_seven(1.0), [[(0.3, 0.0), (0.3, 1.0)]], "7")],
)
def test_a_digit_in_doubt_is_what_the_hand_of_its_page_writes_so(seven: Strokes, one: Strokes, read: str) -> None:
    assert page([seven, one] * 15 + [doubtful()]) == ["71" * 5] * 3 + [read]
