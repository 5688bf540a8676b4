"""The pictures that are timed: a drawing of the page's canvas, an icon, and telephone pictures of squared paper."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

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
    grey = np.asarray(sheet) * np.linspace(1, 0.7, width) + grain
    photo = io.BytesIO()
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB").save(photo, "JPEG", quality=90)
    return photo.getvalue()


PICTURES: Final[dict[str, Callable[[], bytes]]] = {
    "canvas PNG, 280x280": CANVAS_PNG.read_bytes,
    "icon PNG, 28x28": icon,
    "JPEG, 12 megapixels": lambda: telephone(4000, 3000),
    "JPEG, 48 megapixels": lambda: telephone(8000, 6000),
}
