"""Numbers on ruled and squared paper without cells, drawn, scanned and photographed."""

from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.forms import photographed, read
from tools.drawing import STROKES

LINES: Final = ["4725", "183", "90624"]


def ruled_page(lines: list[str], apart: int = 70, grey: int = 150, dashes: bool = False) -> Image.Image:
    """Lines of numbers that stand on ruling, which is lighter than ink."""
    sheet = Image.new("L", (620, apart * (len(lines) + 2)), 255)
    draw = ImageDraw.Draw(sheet)
    for row in range(1, len(lines) + 2):
        for left in range(0, 620, 18 if dashes else 620):
            draw.line([(left, row * apart), (left + 12 if dashes else 620, row * apart)], grey, 2)
    write(draw, lines, apart)
    return sheet


def write(draw: ImageDraw.ImageDraw, lines: list[str], apart: int, height: int = 44) -> None:
    for row, text in enumerate(lines):
        for place, digit in enumerate(text):
            for stroke in STROKES[int(digit)]:
                points = [
                    (60 + height * (place + 0.73 * x), (row + 2) * apart - 2 - height * (1 - y)) for x, y in stroke
                ]
                draw.line(points, 0, 4, joint="curve")


def scanned(sheet: Image.Image) -> Image.Image:
    """The sheet with a scanner's blur and grain."""
    soft = np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.8)), np.float64)
    return Image.fromarray((soft + np.random.default_rng(0).normal(0, 2, soft.shape)).clip(0, 255).astype(np.uint8))


def assert_read(picture: Image.Image, lines: list[str], kind: str = "PNG") -> None:
    answer = read(picture, kind)
    assert answer.table is None
    assert [line.text for line in answer.lines] == lines


@pytest.mark.quick
def test_a_ruled_page_is_read_line_by_line() -> None:
    assert_read(ruled_page(LINES), LINES)


def test_a_photographed_ruled_page_is_read_line_by_line() -> None:
    assert_read(photographed(ruled_page(["4725", "383"], grey=170), 2), ["4725", "383"], "JPEG")


def test_dashed_lines_are_ruling() -> None:
    assert_read(scanned(ruled_page(LINES, dashes=True)), LINES)


@pytest.mark.parametrize("foot", [0, 14], ids=["upright", "leaves the picture"])
def test_a_margin_is_neither_a_one_nor_a_comb_with_those_that_are(foot: int) -> None:
    sheet = ruled_page(["1725", "183", "90624"], grey=110)
    ImageDraw.Draw(sheet).line([(14, 0), (14 - 2 * foot, sheet.height)], 110, 2)
    assert_read(scanned(sheet), ["1725", "183", "90624"])


def test_digits_of_two_rows_that_touch_over_a_line_are_two() -> None:
    sheet = Image.new("L", (620, 320), 255)
    draw = ImageDraw.Draw(sheet)
    for row in range(1, 5):
        draw.line([(0, 70 * row), (620, 70 * row)], 60, 3)
    write(draw, ["53", "54", "8038"], 70, 64)
    assert_read(sheet, ["53", "54", "8038"])


@pytest.mark.parametrize("side", [30, 46])
def test_squared_paper_is_no_comb(side: int) -> None:
    sheet = Image.new("L", (620, 360), 255)
    draw = ImageDraw.Draw(sheet)
    for place in range(0, 620, side):
        draw.line([(place, 0), (place, 360)], 120, 2)
        draw.line([(0, place), (620, place)], 120, 2)
    write(draw, LINES, 74)
    assert_read(scanned(sheet), LINES)
