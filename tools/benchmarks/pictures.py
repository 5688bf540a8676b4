"""The pictures that are timed: a drawing of the page's canvas, an icon, and pictures of squared paper of every kind."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from pillow_heif import register_heif_opener

CANVAS_PNG: Final = Path(__file__).parent / "canvas.png"
"""280x280 RGBA, a white 7 on black, as Chromium writes it."""


def icon() -> bytes:
    """28x28 PNG."""
    small = io.BytesIO()
    Image.open(CANVAS_PNG).convert("L").resize((28, 28)).save(small, "PNG")
    return small.getvalue()


def telephone(width: int, height: int) -> bytes:
    """A seven on squared paper in uneven light with grain, as JPEG."""
    sheet = Image.new("L", (width, height), 215)
    pen = ImageDraw.Draw(sheet)
    step = width // 40
    for place in range(0, max(width, height), step):
        pen.line([(place, 0), (place, height)], 170, step // 20)
        pen.line([(0, place), (width, place)], 170, step // 20)
    stroke = [(0.35, 0.3), (0.62, 0.3), (0.45, 0.72)]
    pen.line([(x * width, y * height) for x, y in stroke], 60, width // 60, joint="curve")
    grain = np.random.default_rng(0).normal(0, 6, (height // 2, width // 2)).repeat(2, 0).repeat(2, 1)
    return _photo(sheet, grain)


def _photo(sheet: Image.Image, grain: NDArray[np.float64], turn: int = 0) -> bytes:
    """A grey sheet in uneven light with that grain, turned by so many degrees, as JPEG."""
    grey = np.asarray(sheet) * np.linspace(1, 0.7, sheet.width) + grain
    turned = Image.fromarray(grey.clip(0, 255).astype(np.uint8)).rotate(turn, expand=True)
    photo = io.BytesIO()
    turned.convert("RGB").save(photo, "JPEG", quality=90)
    return photo.getvalue()


def again(kind: str, picture: bytes, **options: Any) -> bytes:
    """The picture in a file of another kind."""
    register_heif_opener()
    file = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(file, kind, **options)
    return file.getvalue()


TWELVE_DIGITS: Final = "714271427142"
SHAPES: Final = {
    "1": [[(0.1, 0.25), (0.35, 0), (0.35, 1)]],
    "2": [[(0, 0.25), (0.15, 0.03), (0.45, 0.03), (0.55, 0.25), (0.4, 0.5), (0, 1), (0.6, 1)]],
    "4": [[(0.25, 0), (0, 0.6), (0.6, 0.6)], [(0.45, 0.25), (0.42, 1)]],
    "7": [[(0, 0.02), (0.6, 0), (0.2, 1)]],
}


def twelve_digits() -> bytes:
    """A broad canvas, 840x280, white on black, with `TWELVE_DIGITS` across it, as PNG."""
    canvas = Image.new("RGBA", (840, 280), "black")
    pen = ImageDraw.Draw(canvas)
    for place, digit in enumerate(TWELVE_DIGITS):
        for stroke in SHAPES[digit]:
            pen.line([(25 + 67 * place + 60 * x, 100 + 80 * y) for x, y in stroke], "white", 8, joint="curve")
    drawing = io.BytesIO()
    canvas.save(drawing, "PNG")
    return drawing.getvalue()


def photographed_table(turn: int = 0) -> bytes:
    """Nine rows of nine cells, a digit in most of them, in uneven light with grain, turned by so much, as JPEG."""
    sheet = Image.new("L", (640, 480), 205)
    pen = ImageDraw.Draw(sheet)
    for place in range(10):
        pen.line([(115 + 45 * place, 35), (115 + 45 * place, 440)], 90, 3)
        pen.line([(115, 35 + 45 * place), (520, 35 + 45 * place)], 90, 3)
    for place in range(0, 81, 2):
        row, column = divmod(place, 9)
        for stroke in SHAPES[TWELVE_DIGITS[place % 12]]:
            pen.line([(127 + 45 * column + 26 * x, 45 + 45 * row + 26 * y) for x, y in stroke], 50, 3, joint="curve")
    return _photo(sheet.filter(ImageFilter.GaussianBlur(0.7)), np.random.default_rng(0).normal(0, 4, (480, 640)), turn)


PICTURES: Final[dict[str, Callable[[], bytes]]] = {
    "canvas PNG, 280x280": CANVAS_PNG.read_bytes,
    "icon PNG, 28x28": icon,
    "JPEG, 12 megapixels": lambda: telephone(4000, 3000),
    "JPEG, 48 megapixels": lambda: telephone(8000, 6000),
    "WebP, 12 megapixels": lambda: again("WEBP", telephone(4000, 3000), method=0),
    "HEIC, 12 megapixels": lambda: again("HEIF", telephone(4000, 3000)),
    "AVIF, 12 megapixels": lambda: again("AVIF", telephone(4000, 3000), speed=10),
    "TIFF, A4 at 300 dots an inch": lambda: again("TIFF", telephone(2480, 3508), compression="tiff_lzw"),
    "PDF, A4 at 300 dots an inch": lambda: again("PDF", telephone(2480, 3508), resolution=300),
}
NUMBERS: Final[dict[str, Callable[[], bytes]]] = {
    "canvas PNG, 840x280, twelve digits": twelve_digits,
    "JPEG, 12 megapixels": lambda: telephone(4000, 3000),
    "JPEG, 640x480, a table of 81 cells": photographed_table,
    "JPEG, 480x640, the table on its side": lambda: photographed_table(90),
}
