"""What is not a digit: letters, several digits, scribbles, ruling, shapes and stains, as ink."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import matplotlib
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from skimage.morphology import skeletonize

from digits.data.pen import CANVAS, Ink, draw_strokes
from digits.normalise import disc
from digits.training.augment import distort
from digits.training.styles import styled_letter

LETTERS: Final = "ABEFHKMNPRVWXadefhkmnrwxαβγεκλμπξφχψωΔΛΣΦΩΨΞЖШЩЮЯФЫЪЙИДЛПжшщюяфы%&@#?$€+=*<>"
FONTS: Final = (
    "DejaVuSans",
    "DejaVuSans-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Italic",
    "DejaVuSansMono",
    "STIXGeneral",
    "STIXGeneralItalic",
)

SIDE: Final = 2 * CANVAS
"""Pixels a side of what is made here."""

FONT_SIZE: Final = 70
"""Pixels of a printed letter."""

MARGIN: Final = 1.3
"""Side of a square picture over the longer side of the ink in it."""

STRENGTH: Final = 0.7
"""How strongly all of them are distorted; see `digits.training.augment.distort`."""


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), FONT_SIZE)


@cache
def _glyph(font: str, letter: str) -> Ink:
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).text((SIDE / 2, SIDE / 2), letter, 255, _font(font), anchor="mm")
    return np.asarray(image, np.float32) / np.float32(255)


@cache
def _skeleton(font: str, letter: str) -> NDArray[np.uint8]:
    thin = skeletonize(_glyph(font, letter) > 0.5)  # type: ignore[no-untyped-call]
    return np.asarray(thin, np.uint8)


def printed_letter(rng: Generator) -> Ink:
    """One letter or sign of a typeface."""
    return _glyph(FONTS[rng.integers(len(FONTS))], LETTERS[rng.integers(len(LETTERS))])


def penned_letter(rng: Generator) -> Ink:
    """The same in strokes of one width, as a pen writes it, narrow or broad."""
    thin = _skeleton(FONTS[rng.integers(len(FONTS))], LETTERS[rng.integers(len(LETTERS))])
    width = round(SIDE * float(np.exp(rng.normal(0, 0.2))))
    stretched = Image.fromarray(255 * thin).resize((width, SIDE), Image.Resampling.NEAREST)
    pen = int(rng.integers(3, 10))
    return _square(ndimage.maximum_filter(np.asarray(stretched, np.float32), footprint=disc(pen)) / np.float32(255))


def word(rng: Generator) -> Ink:
    """Several letters in a row, which a box of 20 pixels makes low and long."""
    image = Image.new("L", (4 * SIDE, SIDE))
    font = _font(FONTS[rng.integers(len(FONTS))])
    text = "".join(rng.choice(list(LETTERS), size=int(rng.integers(2, 8))))
    ImageDraw.Draw(image).text((2 * SIDE, SIDE / 2), text, 255, font, anchor="mm")
    return _square(np.asarray(image.crop(image.getbbox()), np.float32) / np.float32(255))


def scribble(rng: Generator) -> Ink:
    """A pen that wanders: many turns, smooth or jagged."""
    turns = int(rng.integers(8, 30))
    knots = rng.normal(0, 1, (turns, 2)) if rng.random() < 0.5 else np.cumsum(rng.normal(0, 1, (turns, 2)), axis=0)
    if rng.random() < 0.3:
        knots[:, 0] = np.linspace(-2, 2, turns) + rng.normal(0, 0.1, turns)
        knots[:, 1] = np.where(np.arange(turns) % 2, 1, -1) * rng.uniform(0.5, 1.5) + rng.normal(0, 0.2, turns)
    if rng.random() < 0.7:
        knots = ndimage.zoom(knots, (6, 1), order=3)
    return draw_strokes([knots.astype(np.float32)], rng.uniform(0.02, 0.1))


def ruling(rng: Generator) -> Ink:
    """Lines of a copy-book or of squared paper, whole or in pieces."""
    image = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(image)
    step, width = rng.uniform(10, 60), int(rng.integers(1, 5))
    upright, level = rng.random() < 0.6, rng.random() < 0.6
    for place in np.arange(rng.uniform(0, step), SIDE, step):
        if level or not upright:
            draw.line([(0, place), (SIDE, place)], 255, width)
        if upright:
            draw.line([(place, 0), (place, SIDE)], 255, width)
    grid = np.asarray(image, np.float32) / np.float32(255)
    if rng.random() < 0.4:
        grid = grid * (ndimage.gaussian_filter(rng.standard_normal(grid.shape), 6) > rng.normal(0, 0.02))
    return np.asarray(grid, np.float32)


def stain(rng: Generator) -> Ink:
    """Paper grain, shadow and blots taken for ink."""
    noise = ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)), rng.uniform(1, 14))
    mask = noise > np.quantile(noise, rng.uniform(0.5, 0.98))
    return np.asarray(mask, np.float32)


def shape(rng: Generator) -> Ink:
    """Disc, dash, cross, polygon, star: outlined or filled; no square, which may be a 0."""
    if rng.random() < 0.15:
        image = Image.new("L", (SIDE, SIDE))
        half = rng.uniform(0.1, 0.4, 2) * SIDE
        ImageDraw.Draw(image).ellipse((*(SIDE / 2 - half), *(SIDE / 2 + half)), fill=255)
        return np.asarray(image, np.float32) / np.float32(255)
    corners = int(rng.choice([2, 3, 5, 6, 7, 8]))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners)) if rng.random() < 0.5 else np.arange(corners) * 2.4
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(0.5, 1, (corners, 1))
    if corners == 2:
        points = np.array([[-1, rng.normal(0, 0.15)], [1, rng.normal(0, 0.15)]])
    if rng.random() < 0.35:
        image = Image.new("L", (SIDE, SIDE))
        placed = points * 0.35 * SIDE + SIDE / 2
        ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in placed], fill=255)
        return np.asarray(image, np.float32) / np.float32(255) if corners > 2 else stain(rng)
    strokes = [np.concatenate([points, points[:1]]).astype(np.float32)]
    if rng.random() < 0.5:
        strokes = [rng.normal(0, 1, (2, 2)).astype(np.float32) for _ in range(int(rng.integers(3, 8)))]
    return draw_strokes(strokes, rng.uniform(0.03, 0.12))


def several(digits: NDArray[np.uint8], rng: Generator) -> Ink:
    """Two to five digits side by side."""
    row: list[Ink] = []
    for place in rng.integers(len(digits), size=int(rng.integers(2, 6))):
        digit = digits[place].astype(np.float32) / np.float32(255)
        columns = np.flatnonzero(digit.any(axis=0))
        gap = np.zeros((28, int(rng.integers(0, 9))), np.float32)
        row += [np.roll(digit[:, columns[0] : columns[-1] + 1], int(rng.integers(-3, 4)), axis=0), gap]
    return _square(np.concatenate(row, axis=1))


def ruled_digit(digits: NDArray[np.uint8], rng: Generator) -> Ink:
    """A digit with the ruling around it taken for ink: an ink candidate that must not win."""
    digit = digits[rng.integers(len(digits))].astype(np.float32) / np.float32(255)
    small = np.asarray(Image.fromarray(digit).resize((CANVAS, CANVAS)))
    sheet = ruling(rng)
    top, left = rng.integers(0, SIDE - CANVAS, 2)
    sheet[top : top + CANVAS, left : left + CANVAS] = np.maximum(sheet[top : top + CANVAS, left : left + CANVAS], small)
    return sheet


def _square(ink: Ink) -> Ink:
    """Paper around the ink, so that the picture is square with a margin."""
    side = round(MARGIN * max(ink.shape))
    sheet = np.zeros((side, side), np.float32)
    top, left = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def not_a_digit(letters: NDArray[np.uint8], digits: NDArray[np.uint8], rng: Generator) -> Ink:
    """One thing that is no digit, of a random kind: (CANVAS, CANVAS) float32 in [0, 1].

    Args:
        letters: (n, side, side) uint8 hand-drawn letters, ink bright.
        digits: (n, 28, 28) uint8 digits to make rows of digits and ruled digits from.
        rng: where the randomness comes from.

    """

    def hand_drawn(rng: Generator) -> Ink:
        letter = Image.fromarray(letters[rng.integers(len(letters))])
        width = round(letter.width * float(np.exp(rng.normal(0, 0.15))))
        broad = ndimage.maximum_filter(np.asarray(letter.resize((width, letter.height))), int(rng.integers(2, 8)))
        return _square(np.pad(broad.astype(np.float32) / np.float32(255), 6))

    kinds: list[tuple[float, Callable[[Generator], Ink]]] = [
        (0.24, hand_drawn),
        (0.14, lambda rng: draw_strokes(styled_letter(rng), rng.uniform(0.02, 0.16))),
        (0.10, penned_letter),
        (0.06, printed_letter),
        (0.05, word),
        (0.07, scribble),
        (0.05, ruling),
        (0.06, stain),
        (0.05, shape),
        (0.10, lambda rng: several(digits, rng)),
        (0.08, lambda rng: ruled_digit(digits, rng)),
    ]
    kind = rng.choice(len(kinds), p=[share for share, _ in kinds])
    return distort(kinds[kind][1](rng), rng, STRENGTH)
