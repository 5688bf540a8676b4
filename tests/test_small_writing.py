"""Writing that is small in its picture: scans of few pixels, and sheets of very many."""

from typing import Final

import pytest
from PIL import Image

from digits.answers import NumberAnswer
from tests.forms import form, lines_of_digits, photographed, read, texts_of

LINES: Final = ("5071324968", "3157298604", "6402817539")


def lines_of(answer: NumberAnswer) -> list[str]:
    return [line.text.replace(" ", "") for line in answer.lines]


@pytest.mark.parametrize("reduced", [4, 8])
def test_a_scan_of_few_pixels_is_read_where_it_stands(reduced: int) -> None:
    large = lines_of_digits(LINES, (1000, 500), 60)
    small = large.resize((1000 // reduced, 500 // reduced), Image.Resampling.BOX)
    answer, of_large = read(small), read(large)
    assert lines_of(answer) == lines_of(of_large) == list(LINES)
    for line, other in zip(answer.lines, of_large.lines, strict=True):
        assert [side * reduced for side in line.box] == pytest.approx(other.box, abs=3 * reduced)


@pytest.mark.parametrize("reduced", [5, 6])
def test_a_table_of_few_pixels_is_read_cell_by_cell(reduced: int) -> None:
    texts = [list(text[:6]) for text in LINES]
    large = form(texts, [60] * 6, 60)
    small = large.resize((large.width // reduced, large.height // reduced), Image.Resampling.BOX)
    assert texts_of(read(small)) == texts


@pytest.mark.parametrize(
    ("degrees", "fill", "line", "grey", "reduced"),
    [(2, 0.55, 2, 0, 3), (None, 0.55, 3, 110, 5), (None, 0.8, 4, 150, 4)],
    ids=["photographed", "grey lines", "grey lines, large digits"],
)
def test_digits_of_ten_pixels_in_cells_are_read(
    degrees: float | None, fill: float, line: int, grey: int, reduced: int
) -> None:
    texts = [list(text) for text in 2 * LINES]
    large = form(texts, [60] * 10, 60, fill, line, grey=grey)
    large = large if degrees is None else photographed(large, degrees)
    small = large.resize((round(large.width / reduced), round(large.height / reduced)), Image.Resampling.BOX)
    assert texts_of(read(small)) == texts


@pytest.mark.parametrize("size", [(1600, 300), (1600, 900)])
def test_small_writing_on_a_large_sheet_is_read_from_all_its_pixels(size: tuple[int, int]) -> None:
    assert lines_of(read(lines_of_digits(LINES, size, 9))) == list(LINES)
