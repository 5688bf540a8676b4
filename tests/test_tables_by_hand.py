"""Tables whose lines somebody drew with the pen that then filled them in."""

import math

import pytest
from PIL import Image, ImageDraw

from tests.forms import LEFT, TOP, Texts, form, photographed, read, texts_of

TEXTS: Texts = [["7", "6", "3", "2"], ["4", "", "4", "35"], ["60", "3", "1", "4"]]
WIDE, HIGH, PEN = 110, 100, 5


def table_by_hand(bend: float, wider: int = 0, gap: int = -10) -> Image.Image:
    """Digits between lines that leave the straight way by that many pixels and begin and end where they will.

    The last column is so many pixels wider than the others, and level lines end so many before its right side.
    """
    texts = form(TEXTS, 4 * [WIDE], HIGH, fill=0.42, line=0, pen=PEN, grey=255)
    sheet = Image.new("L", (texts.width + 2 * wider, texts.height), 255)
    sheet.paste(texts)
    draw = ImageDraw.Draw(sheet)
    ys = [row * HIGH for row in range(len(TEXTS) + 1)]
    xs = [column * WIDE + wider * (column == len(TEXTS[0])) for column in range(len(TEXTS[0]) + 1)]
    for sides, length, is_level in ((ys, xs[-1] - gap, True), (xs, ys[-1] + 10, False)):
        for line, side in enumerate(sides):
            places = range(-6 - 5 * (line % 3), length - 4 * (line % 2), 4)
            aside = [side + bend * math.sin(2.3 * math.pi * at / length + 1.7 * line) for at in places]
            points = [(at, y) if is_level else (y, at) for at, y in zip(places, aside, strict=True)]
            draw.line([(LEFT + x, TOP + y) for x, y in points], 0, PEN, joint="curve")
    return sheet


@pytest.mark.parametrize("bend", [3, 5])
@pytest.mark.parametrize("camera", [False, True], ids=["drawn", "photographed"])
def test_lines_that_bend_leave_nothing_in_the_cells(bend: float, camera: bool) -> None:
    sheet = table_by_hand(bend)
    assert texts_of(read(photographed(sheet, 2), "JPEG") if camera else read(sheet)) == TEXTS


@pytest.mark.parametrize("camera", [False, True], ids=["drawn", "photographed"])
def test_an_outer_line_that_no_other_reaches_is_one(camera: bool) -> None:
    sheet = table_by_hand(2, wider=70, gap=18)
    assert texts_of(read(photographed(sheet, -1), "JPEG") if camera else read(sheet)) == TEXTS
