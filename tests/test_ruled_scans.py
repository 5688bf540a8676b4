"""Drawings and scans of numbers that stand on ruled lines."""

import pytest
from PIL import Image, ImageDraw

from tests.forms import read
from tools.drawing import STROKES

TEXTS = ["1711", "4191", "311"]
ROOM, LEFT, HIGH = 80, 90, 52


def ruled_sheet(dash: int = 0, gap: int = 0, pen: int = 4) -> Image.Image:
    """Lines from rim to rim, of dashes if they have a length, a margin alike, and numbers that stand on the lines.

    Each 1 is one stroke.
    """
    width, height = 620, ROOM * (len(TEXTS) + 1)
    sheet = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(sheet)
    for start in range(0, width, dash + gap or width):
        for row in range(1, len(TEXTS) + 1):
            draw.line([(start, row * ROOM), (start + (dash or width), row * ROOM)], 0, 2)
    for start in range(0, height, dash + gap or height):
        draw.line([(40, start), (40, start + (dash or height))], 0, 2)
    for row, text in enumerate(TEXTS, 1):
        for place, digit in enumerate(text):
            for stroke in [[(0.5, 0.0), (0.45, 1.0)]] if digit == "1" else STROKES[int(digit)]:
                points = [(LEFT + 48 * place + 0.8 * HIGH * x, row * ROOM - HIGH + HIGH * y) for x, y in stroke]
                draw.line(points, 0, pen, joint="curve")
    return sheet


@pytest.mark.parametrize("sheet", [ruled_sheet(), ruled_sheet(9, 7)], ids=["lines", "dashes"])
@pytest.mark.parametrize("reduced", [1, 2])
def test_ones_that_stand_on_ruled_lines_are_read(sheet: Image.Image, reduced: int) -> None:
    answer = read(sheet.resize((sheet.width // reduced, sheet.height // reduced), Image.Resampling.BOX))
    assert [line.text for line in answer.lines] == TEXTS
