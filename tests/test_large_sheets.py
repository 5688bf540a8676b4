"""Sheets with many small digits, photographed from afar."""

from typing import Final

import numpy as np
import pytest
from PIL import Image

from tests.forms import LEFT, TOP, form, lines_of_digits, photographed, read, texts_of

SIZE: Final = (1200, 1600)


def rows_of_digits(rows: int, columns: int) -> list[list[str]]:
    """Random digits that are the same ones each time, one to a cell."""
    return [[str(digit) for digit in row] for row in np.random.default_rng(rows).integers(0, 10, (rows, columns))]


def amid_a_sheet(table: Image.Image) -> Image.Image:
    """The table in the middle of white paper."""
    sheet = Image.new("L", SIZE, 255)
    sheet.paste(table, ((SIZE[0] - table.width) // 2, (SIZE[1] - table.height) // 2))
    return sheet


@pytest.mark.parametrize("degrees", [0, 2])
def test_each_cell_of_a_large_photographed_table_is_found_and_read(degrees: float) -> None:
    texts = rows_of_digits(16, 12)
    table = form(texts, [44] * 12, 44, fill=0.65, line=1, pen=3, grey=90)
    answer = read(photographed(amid_a_sheet(table), degrees), "JPEG")
    assert texts_of(answer) == texts
    assert answer.table is not None
    first = answer.table[0][0].box
    beside = (SIZE[0] - table.width) / 2 + LEFT, (SIZE[1] - table.height) / 2 + TOP
    assert first[:2] == pytest.approx(beside, abs=6 + 14 * degrees)


def test_more_than_two_hundred_digits_are_all_read() -> None:
    texts = rows_of_digits(18, 15)
    answer = read(lines_of_digits(texts, (1000, 1400), 30))
    assert [list(line.text.replace(" ", "")) for line in answer.lines] == texts


def test_the_table_on_which_a_sheet_lies_is_no_number_beside_many() -> None:
    texts = rows_of_digits(12, 6)
    answer = read(photographed(lines_of_digits(texts, SIZE, 26), kind="table"), "JPEG")
    assert [list(line.text.replace(" ", "")) for line in answer.lines] == texts
    assert all(line.box[0] > 0.1 * SIZE[0] for line in answer.lines)
