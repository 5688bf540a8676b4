"""Whole pages of squared paper, drawn or scanned, whose squares are smaller than what is written on them."""

import pytest
from PIL import Image, ImageDraw

from tests.forms import read
from tools.drawing import STROKES

TEXTS = ["40", "2735", "96", "58104", "3267"]
SIZE, SQUARE, HIGH, LEFT, TOP = (1200, 1600), 24, 40, 290, 400


def squared_page(dash: int, gap: int, line: int) -> Image.Image:
    """A page whose lines are of that grey and run through all of it, in dashes of so many pixels."""
    sheet = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(sheet)
    for across in range(11, max(SIZE), SQUARE):
        for start in range(0, max(SIZE), dash + gap):
            draw.line([(across, start), (across, start + dash)], line, 2)
            draw.line([(start, across), (start + dash, across)], line, 2)
    for row, text in enumerate(TEXTS):
        for place, digit in enumerate(text):
            for stroke in STROKES[int(digit)]:
                points = [(LEFT + 47 * place + 0.8 * HIGH * x, TOP + 97 * row + HIGH * y) for x, y in stroke]
                draw.line(points, 0, 5, joint="curve")
    return sheet


@pytest.mark.parametrize(("dash", "gap", "line"), [(1600, 0, 0), (1600, 0, 120), (9, 5, 60)])
def test_numbers_on_small_squares_are_read(dash: int, gap: int, line: int) -> None:
    assert [line.text for line in read(squared_page(dash, gap, line)).lines] == TEXTS
