"""A table that is really read, from the picture to the page, in a real browser."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.test_browser_cells import copied, fields, kept, upload_as_number, values
from tools.browser import Visitor
from tools.drawing import STROKES, stroke_mask
from tools.servers import wait_until

pytest_plugins = ["tests.fixtures"]

WRITTEN = (("3", "5", "8"), ("2", "", "7"))
CELL = 220
EDGE = 60


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A drawn grid of two rows and three columns with a digit in each cell but one."""
    sheet = Image.new("L", (3 * CELL + 2 * EDGE, 2 * CELL + 2 * EDGE), 238)
    grid = ImageDraw.Draw(sheet)
    for column in range(4):
        grid.line([(EDGE + CELL * column, EDGE), (EDGE + CELL * column, EDGE + 2 * CELL)], 70, 4)
    for row in range(3):
        grid.line([(EDGE, EDGE + CELL * row), (EDGE + 3 * CELL, EDGE + CELL * row)], 70, 4)
    for row, digits in enumerate(WRITTEN):
        for column, digit in enumerate(digits):
            if digit:
                ink = stroke_mask(STROKES[int(digit)], 120, 13)
                left = EDGE + CELL * column + (CELL - ink.width) // 2
                sheet.paste(40, (left, EDGE + CELL * row + (CELL - ink.height) // 2), ink)
    path = tmp_path / "table.png"
    sheet.save(path)
    return path


def test_a_drawn_table_is_read_cell_by_cell_corrected_and_kept(anyone: Visitor, table: Path) -> None:
    upload_as_number(anyone, table)
    expect(fields(anyone)).to_have_count(6)
    assert values(anyone) == [text for row in WRITTEN for text in row]
    picture, *cells = anyone.places(".boxes img, .boxes .cell")
    for place, cell in enumerate(cells):
        row, column = divmod(place, 3)
        left = (EDGE + CELL * column) / (3 * CELL + 2 * EDGE)
        top = (EDGE + CELL * row) / (2 * CELL + 2 * EDGE)
        assert (cell["x"] - picture["x"]) / picture["width"] == pytest.approx(left, abs=0.03)
        assert (cell["y"] - picture["y"]) / picture["height"] == pytest.approx(top, abs=0.03)
    fields(anyone).nth(4).fill("9")
    expected = [["3", "5", "8"], ["2", "9", "7"]]
    wait_until(lambda: copied(anyone) == expected)
    wait_until(lambda: kept(anyone) == expected)
    assert anyone.overhang() == 0
