"""The picture of a number with a box around each digit, sign and cell, turned as it was read."""

import base64
import io
from collections.abc import Iterator
from html import escape
from itertools import count
from typing import Final

from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from digits.answers import Box, NumberAnswer, NumberDigit, NumberLine
from digits.texts import Texts
from page.answer import is_unsure, sureness_of
from page.upload import preview

ROOMY: Final = 8
"""Digits of a line beside which there is room for how sure each of them is."""

TURNS: Final = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""By degrees clockwise; Pillow counts against the clock."""


def show_boxes(
    picture: bytes, number: NumberAnswer, place: DeltaGenerator, texts: Texts, *, is_teachable: bool = False
) -> None:
    """The picture with a box around each cell, and around each digit outside of cells, read above, how sure below.

    Where the digits leave no room for it, a confidence is shown only where the digit is in doubt. Digits that are
    teachable are buttons, which know their places among `boxed_digits`.
    """
    shown = preview(picture, number.page)
    if number.rejected is not None or shown is None:
        return
    if number.turn:
        shown = shown.transpose(TURNS[number.turn])
    file = io.BytesIO()
    shown.convert("RGB").save(file, "JPEG", quality=85)
    url = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
    lines = _lines_outside_of_cells(number)
    digits = [digit for line in lines for digit in line.digits]
    kind = "boxes" if len(lines) <= 1 and len(digits) <= ROOMY else "boxes crowded"
    wide, high = upright_size(number)
    items = "".join([*_cells(number, texts), *_digits(digits, number, texts, is_teachable=is_teachable)])
    caption = ""
    if number.turn:
        caption = f'<p class="turned">{escape(texts("number.turned", degrees=number.turn))}</p>'
    label = texts("table.boxes" if number.table else "number.boxes")
    place.html(
        f'<figure class="{kind}" style="--wide: {wide}; --high: {high}"><img src="{url}" alt="">'
        f'<ol aria-label="{escape(label)}">{items}</ol></figure>{caption}'
    )


def boxed_digits(number: NumberAnswer) -> list[NumberDigit]:
    """The digits and unread marks outside of cells, without the signs."""
    return [digit for line in _lines_outside_of_cells(number) for digit in line.digits if digit.sign is None]


def _lines_outside_of_cells(number: NumberAnswer) -> list[NumberLine]:
    return [row for row in number.rows if isinstance(row, NumberLine)]


def upright_size(number: NumberAnswer) -> tuple[int, int]:
    """Width and height of the picture in pixels, turned as it was read."""
    return (number.height, number.width) if number.turn in (90, 270) else (number.width, number.height)


def upright(box: Box, number: NumberAnswer) -> tuple[float, float, float, float]:
    """Left, top, width and height of a box in the picture as it was read, as shares of its width and height."""
    left, top, right, bottom = box
    match number.turn:
        case 90:
            left, top, right, bottom = number.height - bottom, left, number.height - top, right
        case 180:
            left, right = number.width - right, number.width - left
            top, bottom = number.height - bottom, number.height - top
        case 270:
            left, top, right, bottom = top, number.width - right, bottom, number.width - left
    wide, high = upright_size(number)
    return left / wide, top / high, (right - left) / wide, (bottom - top) / high


def _placed(box: Box, number: NumberAnswer) -> str:
    left, top, width, height = upright(box, number)
    wide, high = upright_size(number)
    tall = 100 * height * high / wide
    return f"left: {left:.3%}; top: {top:.3%}; width: {width:.3%}; height: {height:.3%}; --tall: {tall:.1f}"


def _cells(number: NumberAnswer, texts: Texts) -> Iterator[str]:
    for cell in (cell for row in number.table or () for cell in row):
        style = _placed(cell.box, number)
        said = escape(cell.text or texts("table.empty"))
        if is_unsure(cell.confidence):
            yield f'<li class="cell doubted" style="{style}"><b>!</b><span>{said}</span></li>'
        else:
            yield f'<li class="cell" style="{style}"><span>{said}</span></li>'


def _digits(digits: list[NumberDigit], number: NumberAnswer, texts: Texts, *, is_teachable: bool) -> Iterator[str]:
    places = count()
    for digit in digits:
        style = _placed(digit.box, number)
        button = ""
        if is_teachable and digit.sign is None:
            label = escape(texts("right.box", said="?" if digit.prediction is None else digit.prediction))
            button = f'<button type="button" data-place="{next(places)}" aria-label="{label}"></button>'
        if digit.prediction is None and digit.sign is None:
            yield f'<li class="unread" style="{style}"><b>?</b>{button}</li>'
            continue
        percent = texts("answer.percent", percent=min(99, round(100 * digit.confidence)))
        kind = sureness_of(digit.confidence) + (" sign" if digit.sign else "")
        said = escape(digit.sign or str(digit.prediction))
        yield f'<li class="{kind}" style="{style}"><b>{said}</b> <i>{escape(percent)}</i>{button}</li>'
