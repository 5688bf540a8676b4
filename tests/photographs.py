"""Photographs made for tests: light, grain, ruled and squared paper, strokes slightly out of focus."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tools.drawing import Strokes, draw


def light(kind: str, size: tuple[int, int] = (640, 480), seed: int = 0) -> NDArray[np.float64]:
    """How bright white paper looks under this light, with the grain of a camera: (height, width), 0..255."""
    width, height = size
    rows, columns = np.mgrid[:height, :width] / [[[height]], [[width]]]
    bright: NDArray[np.float64] = {
        "even": np.full((height, width), 200.0),
        "gradient": 90 + 140 * (0.7 * columns + 0.3 * rows),
        "shadow": 215 - 90 / (1 + np.exp(-(columns + 0.4 * rows - 0.75) * 25)),
        "sharp shadow": 215 - 80 / (1 + np.exp(-(columns + 0.4 * rows - 0.75) * 150)),
        "table": np.where(columns < 0.07, 70.0, 205.0),
        "corner": 230 - 120 * np.hypot(rows - 1, columns - 1) ** 2 / 2,
    }[kind]
    return bright + np.random.default_rng(seed).normal(0, 3, bright.shape)


def photograph(
    strokes: list[tuple[Strokes, tuple[float, float]]], paper: NDArray[np.float64], darkness: float = 0.65
) -> Image.Image:
    """Strokes of a dark pen on paper, slightly out of focus; each with the centre where it stands."""
    height, width = paper.shape
    ink = Image.new("L", (width, height))
    for shown, centre in strokes:
        ink = draw(shown, ink=255, paper=ink, width=9, height=0.45, centre=centre)
    soft = np.asarray(ink.filter(ImageFilter.GaussianBlur(1.2))) / 255
    grey = (paper * (1 - darkness * soft)).clip(0, 255).astype(np.uint8)
    return Image.merge("RGB", [Image.fromarray(grey)] * 3)


def ruled(kind: str, degrees: float, size: tuple[int, int] = (640, 480)) -> NDArray[np.float64]:
    """Share of light that ruled or squared paper gives back: lines lighter than ink."""
    width, height = size
    side = 2 * max(size)
    sheet = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(sheet)
    for place in range(10, side, 64 if kind == "ruled" else 36):
        pen.line([(0, place), (side, place)], 190, 3)
        if kind == "squared":
            pen.line([(place, 0), (place, side)], 190, 3)
    turned = sheet.rotate(degrees, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1))
    left, top = (side - width) // 2, (side - height) // 2
    return np.asarray(turned.crop((left, top, left + width, top + height)), np.float64) / 255


def grey_picture(values: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))
