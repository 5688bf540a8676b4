"""Tables in which a row has fewer cells than the others, or others: each cell is read where it is."""

import os
from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
from PIL import Image

from digits import read_number
from digits.data.composed_forms import composed_form, kept_out_hand
from digits.decode import Picture
from tests.forms import Texts, form, photographed, read, texts_of
from tests.reading import recogniser
from tests.test_small_writing import lines_of

WIDTHS: Final = [90, 90, 90, 90]
TEXTS: Final = [["7", "25", "4", "8"], ["31", "6", "9", "50"], ["2", "4", "86", "3"]]
"""Three rows of a table."""

MEDIA: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "drawn": lambda sheet: sheet,
    "photographed": lambda sheet: photographed(sheet, 2),
}
OTHERS: Final[dict[str, tuple[list[int], list[str]]]] = {
    "all joined": ([360], ["2051"]),
    "two joined": ([90, 180, 90], ["6", "43", "5"]),
    "pairs joined": ([180, 180], ["27", "843"]),
    "other columns": ([72, 72, 72, 72, 72], ["9", "3", "", "2", "6"]),
}


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("at_the_top", [True, False], ids=["first row", "last row"])
@pytest.mark.parametrize("other", OTHERS)
def test_a_row_with_other_cells_is_read_cell_by_cell(other: str, at_the_top: bool, medium: str) -> None:
    widths, texts = OTHERS[other]
    rows: list[tuple[list[int], list[str]]] = [(WIDTHS, own) for own in TEXTS]
    rows = [(widths, texts), *rows] if at_the_top else [*rows, (widths, texts)]
    expected: Texts = [own for _, own in rows]
    assert texts_of(read(MEDIA[medium](form(expected, [own for own, _ in rows], 70)))) == expected


@pytest.mark.parametrize("medium", MEDIA)
def test_sides_that_only_one_row_has_are_no_ones(medium: str) -> None:
    texts = [["7", "25", "4"], ["31", "6", "9", "50"], ["2", "8", "", "6", "57"]]
    answer = read(MEDIA[medium](form(texts, [[120] * 3, [90] * 4, [72] * 5], 70)))
    assert lines_of(answer) == ["".join(row) for row in texts]


if os.environ.get("DIGITS_DATA_DIR"):

    def test_a_line_that_parts_one_row_of_a_bent_sheet_may_lie_beyond_the_others_elsewhere() -> None:
        rng = np.random.default_rng((11, 16, 2003))
        page = composed_form(rng, kept_out_hand(rng), "large squared").picture
        assert read_number(recogniser(), Picture.of_pixels(page)).lines
