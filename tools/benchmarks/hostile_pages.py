"""Pages of up to 1024 x 1024 pixels that are hard work for the reader of numbers, and an ordinary one beside them."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from tools.drawing import STROKES, stroke_mask

Grey = NDArray[np.uint8]

SIDE: Final = 1024


def page_of_digits(rows: int, columns: int, *, touching: bool = False, size: tuple[int, int] = (SIDE, SIDE)) -> Grey:
    """Rows of random digits that fill the page, dark on white."""
    rng = np.random.default_rng(rows * columns)
    page = Image.new("L", size, 255)
    across, down = size[0] / columns, size[1] / rows
    tall = min(0.75 * down, across / (0.62 if touching else 0.8))
    for row in range(rows):
        for column in range(columns):
            mask = stroke_mask(STROKES[int(rng.integers(10))], tall, max(2, tall / 9))
            page.paste(0, (round(column * across) + 2, round((row + 0.1) * down)), mask)
    return np.asarray(page)


def marks(count: int, size: float, lines: int, width: int = 5, seed: int = 0) -> Grey:
    """So many marks of random crossing lines in a grid, overlapping where they are larger than its cells."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (SIDE, SIDE), 255)
    pen = ImageDraw.Draw(page)
    side = int(np.ceil(np.sqrt(count)))
    for place in range(count):
        middle = np.array([place % side + 0.5, place // side + 0.5]) * SIDE / side
        ends = rng.uniform(-size / 2, size / 2, (2 * lines, 2)) + middle
        pen.line([(float(x), float(y)) for x, y in ends], 0, width)
    return np.asarray(page)


def blotches(size: float, level: float) -> Grey:
    """Stains about so many pixels broad, the fewer the higher the level, away from the rim."""
    smooth = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(SIDE, SIDE)), size)
    return _with_rim(np.where(smooth > level * smooth.std(), 0, 255).astype(np.uint8))


def scribbles(rows: int, width: int) -> Grey:
    """Rows of one long wave each, touching their neighbours where they are many."""
    rng = np.random.default_rng(rows)
    page = Image.new("L", (SIDE, SIDE), 255)
    pen = ImageDraw.Draw(page)
    across = np.arange(10, SIDE - 10, 4)
    for row in range(rows):
        swing = 0.45 * SIDE / rows * rng.uniform(0.6, 1, len(across))
        down = (row + 0.5) * SIDE / rows + swing * np.sin(across / 7 + rng.uniform(0, 6))
        pen.line([(float(x), float(y)) for x, y in zip(across, down, strict=True)], 0, width)
    return np.asarray(page)


def combs(rows: int, teeth: int) -> Grey:
    """Rows of upright strokes that one bar joins: each may be cut everywhere."""
    page = np.full((SIDE, SIDE), 255, np.uint8)
    for row in range(rows):
        top, height = row * SIDE // rows + 4, SIDE // rows - 8
        page[top + height // 2 : top + height // 2 + 3, 10:-10] = 0
        for tooth in range(teeth):
            left = 10 + round((tooth + 0.5) * (SIDE - 20) / teeth)
            page[top : top + height, left : left + 3] = 0
    return page


def bars(count: int, width: int, slant: float = 0.0) -> Grey:
    """Strokes from top to bottom, side by side; the boxes of slanted ones lie over each other."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return _with_rim(np.where((columns + slant * rows) % (SIDE / count) < width, 0, 255).astype(np.uint8))


def rings(count: int) -> Grey:
    """Rings around each other."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    radius = np.hypot(rows, columns)
    within = (radius % (SIDE / 2 / count) < 2) & (radius < SIDE / 2 - 4)
    return np.where(within, 0, 255).astype(np.uint8)


def noise(*shape: int) -> Grey:
    """Each pixel at random: (height, width) or (height, width, 3)."""
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def photographed(page: Grey, darkness: float = 0.6) -> Grey:
    """The page as a colour photograph, (height, width, 3): light from one side, grain."""
    light = np.linspace(215, 150, page.shape[1]) * (1 - darkness + darkness * page / 255)
    grain = np.random.default_rng(1).normal(0, 4, page.shape)
    grey = (light + grain)[..., None] * [1, 0.97, 0.9]
    return grey.clip(0, 255).astype(np.uint8)


def _with_rim(page: Grey) -> Grey:
    """The page with three white pixels along each side."""
    return np.pad(page[3:-3, 3:-3], 3, constant_values=255)


ORDINARY: Final[dict[str, Callable[[], Grey]]] = {
    "one line of six digits, 640x280": partial(page_of_digits, 1, 6, size=(640, 280)),
    "ten lines of twelve digits": partial(page_of_digits, 10, 12),
}

_DRAWN: Final[dict[str, Callable[[], Grey]]] = {
    "fourteen lines of twenty digits": partial(page_of_digits, 14, 20, touching=True),
    "eight lines of thirty touching digits": partial(page_of_digits, 8, 30, touching=True),
    "four lines of forty touching digits, 1024x200": partial(page_of_digits, 4, 40, touching=True, size=(SIDE, 200)),
    "200 marks": partial(marks, 200, 90, 3),
    "200 close marks": partial(marks, 196, 62, 5, 3),
    "200 entangled marks": partial(marks, 200, 120, 4),
    "64 broad marks": partial(marks, 64, 110, 8),
    "30 marks": partial(marks, 30, 240, 6, 8),
    "small blotches": partial(blotches, 4, 0.3),
    "blotches": partial(blotches, 8, 0.3),
    "few blotches": partial(blotches, 8, 1.0),
    "few large blotches": partial(blotches, 24, 0.8),
    "large blotches": partial(blotches, 16, 0.3),
    "five scribbles": partial(scribbles, 5, 6),
    "twelve scribbles": partial(scribbles, 12, 6),
    "thirty touching scribbles": partial(scribbles, 30, 3),
    "eight combs": partial(combs, 8, 40),
    "three combs": partial(combs, 3, 60),
    "a comb": partial(combs, 1, 150),
    "100 bars": partial(bars, 100, 2),
    "60 slanted bars": partial(bars, 60, 3, 0.4),
    "100 diagonal bars": partial(bars, 100, 2, 1.0),
    "100 rings": partial(rings, 100),
}


def hostile_pages() -> Iterator[tuple[str, Grey]]:
    """Name and pixels of each, drawn and photographed."""
    for name, make in _DRAWN.items():
        page = make()
        yield name, page
        yield f"{name}, photographed", photographed(page)
        yield f"{name}, faint", photographed(page, 0.25)
    for name, shape in (("noise", (SIDE, SIDE)), ("noise in colour", (SIDE, SIDE, 3))):
        yield name, noise(*shape)
    yield "noise on a page", _with_rim(noise(SIDE, SIDE))
