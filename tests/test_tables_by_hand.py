"""Tables whose lines somebody drew with the pen that then filled them in."""

import math

import pytest
from PIL import Image, ImageDraw

from tests.forms import LEFT, TOP, Texts, form, photographed, read, texts_of

TEXTS: Texts = [["7", "6", "3", "2"], ["4", "", "4", "35"], ["60", "3", "1", "4"]]
WIDE, HIGH, PEN = 110, 100, 5


def table_by_hand(bend: float) -> Image.Image:
    """Digits between lines that leave the straight way by that many pixels and begin and end where they will."""
    sheet = form(TEXTS, 4 * [WIDE], HIGH, fill=0.42, line=0, pen=PEN, grey=255)
    draw = ImageDraw.Draw(sheet)
    rows, columns = len(TEXTS), len(TEXTS[0])
    for lines, apart, length, is_level in (
        (rows + 1, HIGH, columns * WIDE, True),
        (columns + 1, WIDE, rows * HIGH, False),
    ):
        for line in range(lines):
            places = range(-6 - 5 * (line % 3), length + 6 + 4 * (line % 2), 4)
            aside = [line * apart + bend * math.sin(2.3 * math.pi * at / length + 1.7 * line) for at in places]
            points = [(at, y) if is_level else (y, at) for at, y in zip(places, aside, strict=True)]
            draw.line([(LEFT + x, TOP + y) for x, y in points], 0, PEN, joint="curve")
    return sheet


@pytest.mark.parametrize("bend", [3, 6])
@pytest.mark.parametrize("camera", [False, True], ids=["drawn", "photographed"])
def test_lines_that_bend_leave_nothing_in_the_cells(bend: float, camera: bool) -> None:
    sheet = table_by_hand(bend)
    assert texts_of(read(photographed(sheet, 2), "JPEG") if camera else read(sheet)) == TEXTS
