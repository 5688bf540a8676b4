"""What one page may cost the reader of numbers: counted in pictures that the model is asked about, not in seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from digits import read_number
from digits.decode import Picture
from digits.model import Model
from digits.number.budget import MAX_COMPONENT_PIXELS
from digits.number.text_lines import components
from digits.recogniser import Recogniser
from tests.reading import recogniser
from tools.benchmarks.hostile_pages import (
    SIDE,
    Grey,
    bars,
    blotches,
    marks,
    page_of_digits,
    photographed,
    rings,
)

APART: Final = 60
"""Rows of paper between digits and scribbles: a piece of a scribble right under a digit is a comma."""

MAX_ASKED: Final = 7_000
"""Pictures, 0.02 to 0.06 ms each. Without a budget the same pages asked about 17,000 to 24,000."""


@dataclass(frozen=True, eq=False)
class CountingModel(Model):
    """The model, and how many pictures each call asked it about."""

    asked: list[int] = field(default_factory=list)

    def predict_proba(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        self.asked.append(len(pictures))
        return super().predict_proba(pictures)

    def probability_of_one_digit(self, hog: NDArray[np.float32], geometry: NDArray[np.float32]) -> NDArray[np.float64]:
        self.asked.append(len(hog))
        return super().probability_of_one_digit(hog, geometry)


def asked_about(page: Grey) -> int:
    """How many pictures the model is asked about to read a page."""
    model = CountingModel(**vars(recogniser().model))
    read_number(Recogniser(model), Picture.of_pixels(page))
    return sum(model.asked)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(lambda: marks(200, 90, 3), id="200 marks", marks=pytest.mark.quick),
        pytest.param(lambda: marks(64, 110, 8), id="64 broad marks"),
        pytest.param(lambda: photographed(blotches(8, 1.0)), id="blotches, photographed"),
        pytest.param(lambda: photographed(marks(196, 62, 5, 3), 0.25), id="close marks, faint"),
    ],
)
def test_the_model_is_asked_about_a_bounded_number_of_pictures(page: Callable[[], Grey]) -> None:
    assert asked_about(page()) < MAX_ASKED


@pytest.mark.parametrize("page", [lambda: bars(200, 2, 1.0), lambda: rings(200)], ids=["diagonal bars", "rings"])
def test_components_around_each_other_are_cut_out_of_a_bounded_number_of_pixels(page: Callable[[], Grey]) -> None:
    found = components((page() < 128).astype(np.float32), drawn=True)
    assert 0 < sum(each.ink.size for each in found) <= MAX_COMPONENT_PIXELS


@pytest.mark.quick
def test_a_page_of_digits_stays_within_the_budget() -> None:
    page = page_of_digits(10, 12)
    lines = read_number(recogniser(), Picture.of_pixels(page)).lines
    assert [len(line.digits) for line in lines] == [12] * 10
    assert not any("?" in line.text for line in lines)
    assert asked_about(page) < MAX_ASKED / 10


@pytest.mark.parametrize("digits_first", [True, False], ids=["above", "below"])
def test_lines_of_digits_are_read_beside_what_is_over_the_budget(digits_first: bool) -> None:
    digits, scribble = page_of_digits(2, 10, size=(SIDE, 300)), marks(200, 90, 3)[300:]
    apart = np.full((APART, SIDE), 255, np.uint8)
    page = np.vstack([digits, apart, scribble] if digits_first else [scribble, apart, digits])
    wanted, found = (read_number(recogniser(), Picture.of_pixels(pixels)).lines for pixels in (digits, page))
    assert {line.text for line in wanted} <= {line.text for line in found}
