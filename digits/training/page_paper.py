"""Paper of made pages: its colour and grain, and what is printed on it. All of it set by eye.

Lines are printed as wide apart as suits the digits that stand between them, in every colour and darkness, whole, dashed
or dotted; they lie as the sheet lies.
"""

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digits.data.clouds import cloud
from digits.pen import Ink
from digits.training.page_layers import Layer, Lie, Points

Colour = NDArray[np.float32]
"""(3,) float32 in [0, 1]."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels of the sheet, whose origin is the picture's middle."""

Pitch = tuple[float, float, float]
"""Of a paper's lines: how far apart in pixels, and where one goes down (x) and one across (y)."""

PaperKind = Literal["plain", "ruled", "squared", "copy-book", "dotted", "form"]

PAPERS: Final[dict[PaperKind, float]] = {
    "plain": 0.32,
    "ruled": 0.18,
    "squared": 0.28,
    "copy-book": 0.08,
    "dotted": 0.06,
    "form": 0.08,
}
"""How often each paper is taken."""

DARK_LINES: Final = 0.25
"""Share of the papers whose lines are about as dark as ink, or darker."""

LINE_POINTS: Final = 24
"""Points of a printed line, so that it can be bent."""

MIN_APART: Final = 7.0
"""Pixels between lines at least."""

MAX_LINES: Final = 160
"""Lines of one direction at most."""

MAX_TYPE: Final = 40.0
"""Pixels of printed letters at most."""

PRINTED_SHARE: Final = 0.35
"""Share of a pixel that a printed line must cover for the pixel to count as printed."""


class Printed(NamedTuple):
    """What is printed in one colour.

    Attributes:
        share: (height, width) float32 in [0, 1], how much of each pixel is covered.
        colour: of the light that is left.

    """

    share: Ink
    colour: Colour


class Press:
    """Prints lines of one colour on a sheet.

    Args:
        layer: that is printed on.
        lie: of the sheet.
        width: of a line in pixels.
        dash: lengths in pixels of a dash and of the gap behind it; None for whole lines.

    """

    def __init__(self, layer: Layer, lie: Lie, width: float, dash: tuple[float, float] | None) -> None:
        self.layer, self._lie, self._width, self._dash = layer, lie, width, dash

    def line(self, start: tuple[float, float], end: tuple[float, float], broader: float = 1.0) -> None:
        """A straight line of the sheet."""
        first, last = np.array(start), np.array(end)
        points = self._lie((first + np.linspace(0, 1, LINE_POINTS)[:, None] * (last - first)).astype(np.float32))
        for piece in [points] if self._dash is None else _dashes(points, *self._dash):
            self.layer.line(piece, self._width * broader)

    def box(self, box: Box) -> None:
        """Four sides."""
        left, top, right, bottom = box
        for start, end in (
            ((left, top), (right, top)),
            ((right, top), (right, bottom)),
            ((right, bottom), (left, bottom)),
            ((left, bottom), (left, top)),
        ):
            self.line(start, end)

    def dots(self, points: Points) -> None:
        """A dot at each of the points."""
        self.layer.discs(self._lie(points), max(0.5, self._width * 0.8))


def _dashes(points: Points, dash: float, gap: float) -> Iterator[Points]:
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0], np.cumsum(steps)])
    for start in np.arange(0, along[-1], max(dash + gap, 1.5)):
        ends = np.array([start, start + dash])
        yield np.stack([np.interp(ends, along, axis) for axis in points.T], axis=1).astype(np.float32)


def paper_colour(rng: Generator) -> Colour:
    """White, yellowish, grey, brown or coloured."""
    white = rng.uniform(0.82, 1.0) - np.array([0, 0, 1]) * abs(rng.normal(0, 0.03))
    tinted = 1 - rng.random(3) * rng.uniform(0.1, 0.5)
    brown = np.array([0.75, 0.6, 0.42]) * rng.uniform(0.7, 1.1)
    chosen = (white, tinted, brown)[rng.choice(3, p=[0.8, 0.15, 0.05])]
    return np.asarray(chosen, np.float32).clip(0, 1)


def board_colour(rng: Generator) -> Colour:
    """Green, black, grey or blue, or any dark paper."""
    green, black, blue = np.array([0.1, 0.25, 0.18]), np.full(3, 0.08), np.array([0.1, 0.15, 0.3])
    chosen = (green, black, blue, rng.random(3) * 0.4)[rng.choice(4, p=[0.35, 0.35, 0.15, 0.15])]
    return np.asarray(np.clip(chosen * rng.uniform(0.6, 1.6), 0, 1), np.float32)


def texture(rng: Generator, height: int, width: int) -> Ink:
    """(height, width) float32 around 1: grain, fibres, and creases' light and shade."""
    depth = float(rng.choice([0.005, 0.015, 0.04], p=[0.5, 0.35, 0.15]))
    made = 1 + depth * cloud(rng, height, width, rng.uniform(1, 5))
    if rng.random() < 0.35:
        made += rng.uniform(0.005, 0.03) * cloud(rng, height, width, rng.uniform(6, 0.2 * max(height, width) + 7))
    return np.asarray(made, np.float32)


def line_colour(rng: Generator, ink: Colour, strength: float, *, dark: bool) -> Colour:
    """Light that a printed line leaves, lighter than ink mostly, and as dark or darker where `dark`."""
    hues = ((0.45, 0.6, 0.85), (0.6, 0.6, 0.6), (0.85, 0.5, 0.55), (0.65, 0.5, 0.8), (0.45, 0.75, 0.6), (0.1, 0.1, 0.1))
    hue = np.array(hues[rng.choice(6, p=[0.3, 0.25, 0.12, 0.1, 0.08, 0.15])])
    if dark:
        depth = min(1.0, strength * rng.uniform(0.8, 1.3))
        return np.asarray(1 - depth * (1 - (ink if rng.random() < 0.5 else 0.4 * hue)), np.float32)
    return np.asarray(1 - rng.uniform(0.12, 0.8) * (1 - 0.8 * hue), np.float32)


def print_paper(
    rng: Generator,
    kind: PaperKind,
    press: Callable[[], Press],
    size: tuple[int, int],
    unit: float,
    pitch: Pitch | None = None,
) -> None:
    """Print the lines of a kind of paper.

    Args:
        rng: where the randomness comes from.
        kind: of paper.
        press: one for each colour.
        size: height and width of the picture in pixels.
        unit: height of a digit in pixels.
        pitch: of the lines; any where it is None.

    """
    reach = 0.75 * float(np.hypot(*size))
    if pitch is None:
        apart = float(unit * np.exp(rng.uniform(np.log(0.15), np.log(2.0))))
        pitch = (apart, *(rng.uniform(0, apart, 2)).tolist())
    apart, x, y = max(pitch[0], MIN_APART), *pitch[1:]
    first = press()
    if kind in ("ruled", "copy-book"):
        _print_ruling(rng, first, apart, reach, y, pairs=kind == "copy-book")
    if kind == "copy-book" and rng.random() < 0.7:
        _print_slanted(rng, press(), apart * rng.uniform(1, 4), reach)
    if kind == "squared":
        _print_squares(rng, first, press, (apart, x, y), reach)
    if kind == "dotted":
        across, down = _places(apart, reach, x), _places(apart, reach, y)
        first.dots(np.stack(np.meshgrid(across, down), axis=2).reshape(-1, 2).astype(np.float32))
    if kind == "form":
        _print_form(rng, first, unit, size)
    if kind != "form" and rng.random() < 0.25:  # a margin
        beside = rng.uniform(-0.5, 0.5) * size[1]
        press().line((beside, -reach), (beside, reach))


def _places(apart: float, reach: float, one: float) -> NDArray[np.float64]:
    """Where lines are, one of them there, from -reach to reach."""
    step = max(apart, 2 * reach / MAX_LINES)
    return np.arange(one - (one + reach) // step * step, reach, step)


def _print_ruling(rng: Generator, press: Press, apart: float, reach: float, one: float, *, pairs: bool) -> None:
    second = rng.uniform(0.25, 0.6) * apart
    upright = rng.random() < 0.1
    for place in _places(apart, reach, one):
        for beside in (place, place + second) if pairs else (place,):
            ends = ((-reach, beside), (reach, beside))
            press.line(*((y, x) for x, y in ends) if upright else ends)


def _print_slanted(rng: Generator, press: Press, apart: float, reach: float) -> None:
    lean = rng.uniform(-0.1, 0.8) * reach
    for place in _places(apart, 1.5 * reach, rng.uniform(0, apart)):
        press.line((place + lean, -reach), (place - lean, reach))


def _print_squares(rng: Generator, press: Press, other: Callable[[], Press], pitch: Pitch, reach: float) -> None:
    apart, x, y = pitch
    across, down = _places(apart, reach, x), _places(apart * rng.choice([1, 1, 1, rng.uniform(0.5, 2)]), reach, y)
    every = int(rng.choice([0, 0, 2, 5, 10]))
    bold = other() if every else press
    for number, place in enumerate(across):
        (bold if every and number % every == 0 else press).line((place, -reach), (place, reach))
    for number, place in enumerate(down):
        (bold if every and number % every == 0 else press).line((-reach, place), (reach, place))


def _print_form(rng: Generator, press: Press, unit: float, size: tuple[int, int]) -> None:
    """A table, or underlines and boxes with words of small type."""
    height, width = size
    left, top = -0.6 * width * rng.random(), -0.6 * height * rng.random()
    right, bottom = left + width * rng.uniform(0.6, 1.2), top + height * rng.uniform(0.5, 1.2)
    rows, columns = (int(rng.integers(1, 6)) for _ in range(2))
    if rng.random() < 0.6:
        for place in np.linspace(top, bottom, rows + 1):
            press.line((left, place), (right, place))
        for place in [left, *np.sort(rng.uniform(left, right, columns)).tolist(), right]:
            press.line((place, top), (place, bottom))
    else:
        for place in np.linspace(top, bottom, rows + 1):
            end = rng.uniform(left, right)
            press.line((left, place), (end, place), rng.choice([1, 2]))
            if rng.random() < 0.4:
                press.box((end, place - unit, end + unit * rng.uniform(0.8, 4), place))
    if (letters := min(0.3 * unit, MAX_TYPE) * rng.random()) > 5:
        for _ in range(int(rng.integers(1, 5))):
            _print_word(rng, press.layer, letters, size)


def _print_word(rng: Generator, layer: Layer, height: float, size: tuple[int, int]) -> None:
    font = ImageFont.load_default(max(6, round(height)))
    text = "".join(rng.choice(list("abcdefghiklmnoprstuvwxyz "), int(rng.integers(3, 16))))
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    image = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(image).text((-left, -top), text, 255, font)
    x, y = rng.random(2) * size[::-1]
    placed = np.array([[1, 0, x], [0, 1, y]], np.float32)
    layer.picture(np.asarray(image, np.float32) / np.float32(255), placed)
