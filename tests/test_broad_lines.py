"""Lines thicker than strokes: those of puzzles, which what is written touches, and dark edges beside a table."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.forms import Texts, form, photographed, read, texts_of
from tools.drawing import STROKES

ROUND = "02368"  # of a 7 that lies in a line nobody sees the bar
SIDE, CELLS, THIN, PEN = 64, 6, 3, 4


def puzzle(thick: int, bend: float, up: float, digits: str = ROUND, pen: int = 110) -> tuple[Image.Image, Texts]:
    """Six rows of six cells, every third line thick, and what is written in them.

    Args:
        thick: pixels of breadth of the thick lines.
        bend: pixels by which level lines are higher in their middle.
        up: pixels by which digits reach into the line above.
        digits: that are written.
        pen: grey level of what is written; lines have 110.

    """
    around, whole = 40, SIDE * CELLS
    sheet = Image.new("L", (whole + 2 * around, whole + 2 * around), 255)
    draw = ImageDraw.Draw(sheet)

    def moved(x: float, y: float) -> tuple[float, float]:
        return around + x, around + y - bend * float(np.sin(np.pi * x / whole))

    for number in range(CELLS + 1):
        width, at = thick if number % 3 == 0 else THIN, number * SIDE
        draw.line([moved(x, at) for x in range(-thick // 2, whole + thick // 2 + 1)], 110, width)
        draw.line([moved(at, 0), moved(at, whole)], 110, width)
    written = [[digits[(row + 2 * column) % len(digits)] for column in range(CELLS)] for row in range(CELLS)]
    for row, texts in enumerate(written):
        top = row * SIDE + (thick if row % 3 == 0 else THIN) / 2 - up
        for column, text in enumerate(texts):
            for stroke in STROKES[int(text)]:
                points = [moved(column * SIDE + 20 + 26 * x, top + 38 * y) for x, y in stroke]
                draw.line(points, pen, PEN, joint="curve")
    return sheet, written


@pytest.mark.parametrize("thick", [9, 12])
@pytest.mark.parametrize("bend", [0.0, 6.0], ids=["straight", "bent"])
@pytest.mark.parametrize("up", [-4.0, 0.0], ids=["apart", "touching"])
def test_what_touches_thick_lines_is_read_without_them(thick: int, bend: float, up: float) -> None:
    sheet, written = puzzle(thick, bend, up)
    assert texts_of(read(sheet)) == written


@pytest.mark.parametrize("thick", [5, 7])
@pytest.mark.parametrize("up", [4.0, 7.0])
def test_strokes_darker_than_lines_are_whole_where_they_run_along_them(thick: int, up: float) -> None:
    sheet, written = puzzle(thick, 0.0, up, "0123456789", pen=0)
    scan = np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.8)), np.float32)
    scan = scan + np.random.default_rng(0).normal(0, 2, scan.shape).astype(np.float32)
    assert texts_of(read(Image.fromarray(scan.clip(0, 255).astype(np.uint8)))) == written


@pytest.mark.parametrize("camera", [False, True], ids=["drawn", "photographed"])
def test_a_dark_edge_beside_a_table_is_none_of_its_lines(camera: bool) -> None:
    texts = [["12", "7", "35", "8"], ["4", "90", "6", "21"], ["3", "5", "", "62"], ["71", "8", "9", "4"]]
    texts += [["2", "66", "1", "13"], ["8", "0", "47", "5"]]
    sheet = form(texts, 4 * [90], 44, line=1)
    ImageDraw.Draw(sheet).rectangle([0, 0, 20, sheet.height], 40)
    assert texts_of(read(photographed(sheet, 1.5), "JPEG") if camera else read(sheet)) == texts
