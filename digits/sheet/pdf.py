"""The sheet as a PDF to print.

Its letters are Roboto's (Google, Apache License 2.0), Latin and Cyrillic ones alone, beside this file: a PDF's own
fonts have no Cyrillic, and no other font is on every machine.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from digits.languages import Language
from digits.sheet.layout import (
    BOX,
    BOXES,
    CODE,
    CODE_PATTERN,
    COLUMNS,
    FRAME,
    LABEL_CENTRE,
    MARK,
    MARKS,
    PAGE,
    Modules,
    Owner,
    box,
    code_modules,
    mark_modules,
)
from digits.texts import Texts

MAX_PUPILS: Final = 99
"""Sheets of a class at most: a number has two digits."""

TEXTS: Final = Path(__file__).parent / "texts"
FONTS: Final = Path(__file__).parent / "fonts"
REGULAR: Final = "Roboto"
BOLD: Final = "Roboto-Bold"

BLACK: Final = (0.0, 0.0, 0.0)
FRAME_COLOUR: Final = (0.62, 0.72, 0.83)
"""Share of red, green and blue light. Much lighter than any pen, so that a digit which touches the frame can be told
from it, and dark enough for a black-and-white printer."""

LEFT: Final = 30.0
"""Where the header's text begins."""

STEPS: Final = {"fill": 25.5, "pen": 32.0, "photograph": 51.5}
"""The header's steps, and how far down each stands."""

EXAMPLES_TOP: Final = 35.2
EXAMPLE: Final = (8.0, 9.7)
"""Where the small boxes that show how to write begin, and their width and height."""

Lines = tuple[tuple[tuple[float, float], ...], ...]
"""Strokes in a square of 1, y downwards."""

FOUR: Final[Lines] = (((0.42, 0.0), (0.12, 0.62), (0.85, 0.58)), ((0.66, 0.3), (0.6, 1.0)))
TICK: Final[Lines] = (((0.0, 0.55), (0.35, 1.0), (1.0, 0.0)),)
CROSS: Final[Lines] = (((0.05, 0.05), (0.95, 0.95)), ((0.95, 0.05), (0.05, 0.95)))


class Example(NamedTuple):
    """How to write, or how not to: where fours stand in a box (left, top and side in millimetres), and the sign."""

    fours: tuple[tuple[float, float, float], ...]
    sign: Lines


EXAMPLES: Final = (
    Example(((1.6, 2.2, 5.0),), TICK),
    Example(((3.4, 4.2, 6.6),), CROSS),
    Example(((0.5, 3.4, 3.4), (4.0, 3.2, 3.4)), CROSS),
)
"""Inside the box; over its frame; two in one."""


def sheet_pdf(class_code: str | None = None, pupils: int = 1, language: Language = "en") -> bytes:
    """A PDF of one page for each pupil, A4, all of it vectors.

    Args:
        class_code: twelve characters, of a class; None for a sheet of one's own, of which there is one page.
        pupils: how many pages, numbered from 1; 1 to `MAX_PUPILS`.
        language: of what stands on it.

    Raises:
        ValueError: no such code, or another number of pages.

    """
    if not 1 <= pupils <= (1 if class_code is None else MAX_PUPILS):
        raise ValueError(f"not a number of sheets: {pupils}")
    owners = [Owner(class_code, None if class_code is None else number) for number in range(1, pupils + 1)]
    if not CODE_PATTERN.fullmatch(owners[0].said):
        raise ValueError(f"not a class's code: {class_code}")
    _register_fonts()
    file = BytesIO()
    canvas = Canvas(file, (PAGE[0] * mm, PAGE[1] * mm), invariant=1, lang=language)
    texts = Texts(TEXTS, language)
    canvas.setTitle(texts("title"))
    for owner in owners:
        _Page(canvas, texts).draw(owner)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@cache
def _register_fonts() -> None:
    for name, file in ((REGULAR, "roboto-regular.ttf"), (BOLD, "roboto-bold.ttf")):
        registerFont(TTFont(name, FONTS / file))


class _Page:
    """A page that is drawn in millimetres from its upper left corner."""

    def __init__(self, canvas: Canvas, texts: Texts) -> None:
        self._canvas = canvas
        self._texts = texts

    def draw(self, owner: Owner) -> None:
        """Everything that stands on it."""
        for number, (left, top) in enumerate(MARKS):
            self._squares(mark_modules(number), left, top, MARK)
        self._squares(code_modules(owner), *CODE)
        self._header(owner)
        self._boxes()
        self._footer(owner)

    def _header(self, owner: Owner) -> None:
        title = "title" if owner.number is None else "class_title"
        self._text(LEFT, 16.5, self._texts(title, number=owner.number), BOLD, 19)
        for number, (name, down) in enumerate(STEPS.items(), 1):
            self._text(LEFT, down, f"{number}.", BOLD, 11.5)
            self._text(LEFT + 5, down, self._texts(name), REGULAR, 11.5)
        for number, example in enumerate(EXAMPLES):
            self._example(LEFT + 5 + 21 * number, EXAMPLES_TOP, example)

    def _example(self, left: float, top: float, example: Example) -> None:
        self._frame(left, top, *EXAMPLE)
        for x, y, side in example.fours:
            self._strokes(FOUR, left + x, top + y, side, 0.45)
        self._strokes(example.sign, left + EXAMPLE[0] + 2.2, top + 3.2, 3.6, 0.7)

    def _boxes(self) -> None:
        for index in range(BOXES):
            left, top, _, _ = box(index)
            self._frame(left, top, *BOX)
        for row in range(BOXES // COLUMNS):
            _, top, _, bottom = box(row * COLUMNS)
            self._text(LABEL_CENTRE, (top + bottom) / 2 + 4.1, str(row), BOLD, 33, centred=True)

    def _footer(self, owner: Owner) -> None:
        middle = PAGE[0] / 2
        self._text(middle, 279, self._texts("footer"), REGULAR, 9.5, centred=True)
        if owner.class_code is not None:
            code = "-".join(owner.class_code[place : place + 4] for place in range(0, 12, 4))
            said = self._texts("class_footer", code=code, number=owner.number)
            self._text(middle, 285.5, said, BOLD, 11, centred=True)

    def _text(self, x: float, y: float, said: str, font: str, size: float, *, centred: bool = False) -> None:
        canvas = self._canvas
        canvas.setFillColorRGB(*BLACK)
        canvas.setFont(font, size)
        draw = canvas.drawCentredString if centred else canvas.drawString
        draw(x * mm, (PAGE[1] - y) * mm, said)

    def _frame(self, left: float, top: float, width: float, height: float) -> None:
        self._canvas.setLineWidth(FRAME * mm)
        self._canvas.setStrokeColorRGB(*FRAME_COLOUR)
        self._canvas.rect(left * mm, (PAGE[1] - top - height) * mm, width * mm, height * mm)

    def _strokes(self, strokes: Lines, left: float, top: float, side: float, width: float) -> None:
        """Lines of a round pen."""
        canvas = self._canvas
        canvas.setLineWidth(width * mm)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        canvas.setStrokeColorRGB(*BLACK)
        path = canvas.beginPath()
        for stroke in strokes:
            for place, (x, y) in enumerate(stroke):
                (path.lineTo if place else path.moveTo)((left + side * x) * mm, (PAGE[1] - top - side * y) * mm)
        canvas.drawPath(path)

    def _squares(self, black: Modules, left: float, top: float, side: float) -> None:
        """Black squares as one shape, so that no white hair is drawn between them."""
        unit = side / len(black)
        path = self._canvas.beginPath()
        for row, of_row in enumerate(black):
            edges = np.flatnonzero(np.diff(np.concatenate([[False], of_row, [False]])))
            for start, end in edges.reshape(-1, 2).tolist():
                x, y = left + start * unit, top + (row + 1) * unit
                path.rect(x * mm, (PAGE[1] - y) * mm, (end - start) * unit * mm, unit * mm)
        self._canvas.setFillColorRGB(*BLACK)
        self._canvas.drawPath(path, stroke=0, fill=1)
