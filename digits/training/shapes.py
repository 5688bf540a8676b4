"""Scribbles, ruling, stains, shapes, doodles, icons and solid things, as ink."""

from functools import cache
from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw
from scipy import ndimage

from digits.data.drawings import emoji, icons, quickdraw
from digits.data.split import is_kept_out
from digits.pen import Ink, Strokes, box, draw_strokes
from digits.training.letters import FONT_SIZE, SIDE, squared

PENS: Final = (0.02, 0.12)
"""Narrowest and widest pen, as shares of the longer side."""

WOBBLE: Final = 0.015
"""Spread by which a stroke of an icon lies beside its place, as a share of the icon's side, and..."""

TREMBLE: Final = 0.008
"""...by which its points lie beside theirs."""

MAX_SOLID_ASPECT: Final = 2.2
"""Longer by shorter side of a solid thing: a longer one is a 1 of a broad pen."""


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


@cache
def _icons(*, kept_out: bool) -> list[Strokes]:
    return [icon for index, icon in enumerate(icons()) if is_kept_out(index) == kept_out]


@cache
def _emoji(*, kept_out: bool) -> list[str]:
    return [shown for index, shown in enumerate(emoji().characters) if is_kept_out(index) == kept_out]


def icon(rng: Generator, *, kept_out: bool) -> Ink:
    """A line icon as a hand might draw it: each stroke a little beside its place, and trembling."""
    known = _icons(kept_out=kept_out)
    strokes = known[rng.integers(len(known))]
    side = float(np.ptp(np.concatenate(strokes), axis=0).max())
    shaken = [
        stroke + side * (rng.normal(0, WOBBLE, 2) + rng.normal(0, TREMBLE, stroke.shape)).astype(np.float32)
        for stroke in strokes
    ]
    return draw_strokes(shaken, rng.uniform(*PENS))


def pictogram(rng: Generator, *, kept_out: bool) -> Ink:
    """An emoji: a hand, a face, a thing."""
    known = _emoji(kept_out=kept_out)
    glyph = emoji().glyph(known[rng.integers(len(known))], FONT_SIZE)
    return icon(rng, kept_out=kept_out) if glyph is None else squared(glyph)


def doodle(rng: Generator, *, kept_out: bool) -> Ink:
    """A cat, a rainbow or a train that somebody drew in a few seconds."""
    doodles = quickdraw()
    index = int(rng.integers(len(doodles)))
    while is_kept_out(index) != kept_out:
        index = int(rng.integers(len(doodles)))
    large = Image.fromarray(doodles[index]).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return squared(np.asarray(large, np.float32) / np.float32(255))


def solid(rng: Generator, *, kept_out: bool) -> Ink:
    """A thing as a solid shape, with or without its inner lines as gaps."""
    while True:
        outline = (icon if rng.random() < 0.5 else pictogram)(rng, kept_out=kept_out)
        lines = outline > 0.5
        filled = ndimage.binary_fill_holes(lines)
        height, width = filled[box(filled)].shape
        if filled.sum() > 2 * lines.sum() and max(height, width) < MAX_SOLID_ASPECT * min(height, width):
            break
    if rng.random() < 0.5:
        filled &= ~(lines & ndimage.binary_erosion(filled, iterations=int(rng.integers(2, 8))))
    return np.asarray(filled, np.float32)
