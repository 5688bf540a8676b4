"""Tables with digits in their cells, drawn and photographed, and what is read in them."""

from collections.abc import Iterable
from itertools import accumulate
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from digits import decode, read_number
from digits.answers import NumberAnswer
from digits.decode import MAX_NUMBER_SIDE
from tests.photographs import grey_picture, light
from tests.reading import recogniser
from tools.drawing import STROKES, draw, encoded

Texts = list[list[str]]
"""What is written in each cell, row by row."""

LEFT, TOP = 40, 50
"""Where a table begins, in pixels."""

DIGIT_WIDTH: Final = 0.62
"""From one digit's left to the next one's in a cell, by their height."""


def form(
    texts: Texts,
    widths: list[int] | list[list[int]],
    height: int,
    fill: float = 0.55,
    line: int = 2,
    shift: tuple[float, float] = (0, 0),
    pen: int = 4,
    grey: int = 0,
) -> Image.Image:
    """A table of those cells in black on white, lines as dark as `grey`; digits fill that share of a row's height.

    The widths of cells are those of all rows, or of each.
    """
    of_rows = [each for each in widths if isinstance(each, list)] or [
        [each for each in widths if isinstance(each, int)]
    ] * len(texts)
    edges = [list(accumulate(of_row, initial=LEFT)) for of_row in of_rows]
    end = edges[0][-1]
    size = end + LEFT, TOP + len(texts) * height + TOP
    sheet = Image.new("L", size, 255)
    draw = ImageDraw.Draw(sheet)
    for row in range(len(texts) + 1):
        draw.line([(LEFT, TOP + row * height), (end, TOP + row * height)], grey, line)
    for row, (of_row, lefts) in enumerate(zip(texts, edges, strict=True)):
        for left in lefts:
            draw.line([(left, TOP + row * height), (left, TOP + (row + 1) * height)], grey, line)
        for text, left, right in zip(of_row, lefts, lefts[1:], strict=False):
            unit = fill * height
            x = (left + right) / 2 - DIGIT_WIDTH * unit * len(text) / 2 + shift[0]
            y = TOP + (row + 0.5) * height - unit / 2 + shift[1]
            for digit in text:
                for stroke in STROKES[int(digit)]:
                    draw.line([(x + 0.85 * unit * a, y + unit * b) for a, b in stroke], 0, pen, joint="curve")
                x += 1.25 * DIGIT_WIDTH * unit
    return sheet


def lines_of_digits(texts: Iterable[Iterable[str]], size: tuple[int, int], height: float) -> Image.Image:
    """Lines of digits in the middle of white paper of that size, each digit so many pixels high."""
    strokes = [
        [(0.95 * place + x, 1.8 * row + y) for x, y in stroke]
        for row, text in enumerate(texts)
        for place, digit in enumerate(text)
        for stroke in STROKES[int(digit)]
    ]
    return draw(strokes, size, "black", "white", height=height / min(size), width=height / 9, mode="L")


def photographed(sheet: Image.Image, degrees: float = 0.0, kind: str = "gradient") -> Image.Image:
    """The sheet in light from one side, turned, slightly out of focus, with a camera's grain."""
    turned = sheet.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(0.8))
    share = 1 - 0.7 * (1 - np.asarray(turned, np.float64) / 255)
    return grey_picture(light(kind, sheet.size) * share).convert("RGB")


def read(picture: Image.Image, kind: str = "PNG") -> NumberAnswer:
    return read_number(recogniser(), decode(encoded(picture, kind), MAX_NUMBER_SIDE))


def texts_of(answer: NumberAnswer) -> Texts:
    assert answer.table is not None
    return [[cell.text for cell in row] for row in answer.table]
