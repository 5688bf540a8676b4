"""Text lines: digits far apart, lines that rise or bend, numbers in columns that jump; drawn in the test."""

from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image

from tests.test_signs import line, texts
from tools.drawing import STROKES, Point, draw

UNIT: Final = 44
"""Pixels of a digit's height."""

Place = Callable[[float, float], Point]


def page(numbers: list[tuple[str, float, float, float]], size: tuple[float, float], place: Place) -> Image.Image:
    """Numbers, their left ends, tops and heights in digits' heights; `place` says where a point of the sheet lies."""
    strokes = [
        [place(size * x + left, size * y + top) for x, y in stroke]
        for text, left, top, size in numbers
        for stroke in _strokes(text)
    ]
    width, height = (round(side * UNIT) for side in size)
    return draw(strokes, (width, height), "black", "white", height=UNIT / min(width, height), width=5)


def _strokes(text: str) -> list[list[Point]]:
    return line(text) if len(text) > 1 else [list(stroke) for stroke in STROKES[int(text)]]


def rising(slope: float, bow: float = 0.0, length: float = 20.0) -> Place:
    return lambda x, y: (x, y - slope * x - 4 * bow * (x / length) * (1 - x / length))


@pytest.mark.parametrize("slope", [0.0, 0.05, 0.1, -0.1])
def test_digits_far_apart_are_one_line(slope: float) -> None:
    digits = "0070200503"
    sizes = (1.0, 0.55, 0.9, 1.0)
    numbers = [(digit, 2.9 * place, 0.1 * (-1) ** place, sizes[place % 4]) for place, digit in enumerate(digits)]
    (read,) = texts(page(numbers, (32, 7), rising(slope)))
    assert read.replace(" ", "") == digits


@pytest.mark.parametrize(("slope", "bow"), [(0.0, 0.0), (0.12, 0.0), (-0.15, 0.0), (0.0, 0.8), (0.05, -0.8)])
def test_rows_of_columns_that_jump_are_read_row_by_row(slope: float, bow: float) -> None:
    rows = [["27", "305", "46"], ["58", "20", "734"], ["62", "475", "23"], ["335", "74", "52"]]
    jumps = (0.0, 0.35, -0.05)
    numbers = [
        (text, 7.0 * column, 1.9 * row + jumps[column], 1.0)
        for row, texts_of in enumerate(rows)
        for column, text in enumerate(texts_of)
    ]
    read = texts(page(numbers, (22, 13), rising(slope, bow)))
    assert [text.replace(" ", "") for text in read] == ["".join(row) for row in rows]


@pytest.mark.parametrize("jumps", [(0.0, 0.8, -0.1), (0.8, 0.0, 0.1), (-0.4, 0.3, 0.5)])
def test_numbers_that_jump_by_their_height_are_one_row_if_the_next_row_is_far(jumps: tuple[float, ...]) -> None:
    rows = [["27", "305", "46"], ["58", "20", "734"], ["62", "475", "23"]]
    numbers = [
        (text, 7.0 * column, 4.5 * row + jumps[(column + row) % 3], 1.0)
        for row, texts_of in enumerate(rows)
        for column, text in enumerate(texts_of)
    ]
    read = texts(page(numbers, (22, 16), rising(0.0)))
    assert [text.replace(" ", "") for text in read] == ["".join(row) for row in rows]


def test_a_staircase_of_numbers_is_no_row() -> None:
    numbers = [(text, 4.0 * place, 1.6 * place, 1.0) for place, text in enumerate(["27", "305", "46", "58"])]
    assert texts(page(numbers, (22, 10), rising(0.0))) == ["27", "305", "46", "58"]


def test_two_numbers_one_below_the_other_are_two_lines() -> None:
    numbers = [("58", 0.0, 0.0, 1.0), ("73", 6.0, 1.4, 1.0)]
    assert texts(page(numbers, (12, 6), rising(0.0))) == ["58", "73"]
