"""Pens of made pages: what each leaves of a stroke, its breadth, darkness, colour and grain. All of it set by eye."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data.clouds import cloud
from digits.pen import Ink, Strokes
from digits.training.page_layers import Layer, Lie, Points

PenKind = Literal["ballpoint", "pencil", "felt", "marker", "chalk", "white"]

PENS: Final[dict[PenKind, float]] = {
    "ballpoint": 0.42,
    "pencil": 0.24,
    "felt": 0.14,
    "marker": 0.08,
    "chalk": 0.07,
    "white": 0.05,
}
"""How often each pen writes."""

WIDTHS: Final[dict[PenKind, tuple[float, float]]] = {
    "ballpoint": (0.012, 0.11),
    "pencil": (0.012, 0.1),
    "felt": (0.04, 0.12),
    "marker": (0.1, 0.24),
    "chalk": (0.04, 0.12),
    "white": (0.02, 0.12),
}
"""Breadth of each pen's stroke as shares of a digit's height, at least and at most."""

STRENGTHS: Final[dict[PenKind, tuple[float, float]]] = {
    "ballpoint": (0.35, 1.0),
    "pencil": (0.12, 0.65),
    "felt": (0.6, 1.0),
    "marker": (0.6, 1.0),
    "chalk": (0.35, 1.0),
    "white": (0.5, 1.0),
}
"""Share of the paper's light that each pen's ink takes away, or gives on a board, at least and at most."""

MIN_PEN_PIXELS: Final = 1.1
"""Pixels of a stroke at least."""

PIECE: Final = 6
"""Points of a stroke that are drawn in one breadth."""

RETRACED: Final = 0.06
"""Share of the pages on which each stroke is drawn over again and again, as in hatching."""


@dataclass(frozen=True)
class Pen:
    """A pen in somebody's hand.

    Attributes:
        light: whether it is lighter than what it writes on.
        width: of its stroke, as a share of a digit's height.
        strength: share of light that its ink takes away, or gives where `light`.
        colour: (3,) float32 in [0, 1] of its ink.
        grain: pixels of the gaps that the paper's grain leaves, 0 for none.
        gaps: 0..1, how much of the ink is missing in them.
        unevenness: spread of the logarithm of the stroke's breadth.
        passes: how often each stroke is drawn.

    """

    light: bool
    width: float
    strength: float
    colour: NDArray[np.float32]
    grain: float
    gaps: float
    unevenness: float
    passes: int


def random_pen(rng: Generator) -> Pen:
    """Some pen."""
    kinds = list(PENS)
    kind = kinds[rng.choice(len(kinds), p=list(PENS.values()))]
    low, high = WIDTHS[kind]
    width = float(low * (high / low) ** rng.random())
    weakest, strongest = STRENGTHS[kind]
    grainy = kind in ("pencil", "chalk") or rng.random() < 0.3
    passes = int(rng.integers(2, 6)) if rng.random() < RETRACED else 1
    return Pen(
        light=kind in ("chalk", "white"),
        width=width,
        strength=float(rng.uniform(weakest, strongest)),
        colour=_colour(kind, rng),
        grain=rng.uniform(1, 4) if grainy else 0.0,
        gaps=rng.uniform(0.1, 0.6 if kind in ("pencil", "chalk") else 0.3),
        unevenness=rng.uniform(0, 0.25),
        passes=passes,
    )


def _colour(kind: PenKind, rng: Generator) -> NDArray[np.float32]:
    if kind in ("chalk", "white"):
        return np.asarray(1 - rng.random(3) * rng.choice([0.05, 0.4]), np.float32)
    if kind == "pencil" or rng.random() < 0.4:  # grey and black
        return np.asarray((rng.uniform(0, 0.2) + rng.normal(0, 0.02, 3)).clip(0, 1), np.float32)
    blue, red, green, any_hue = (0.1, 0.15, 0.6), (0.75, 0.1, 0.15), (0.05, 0.45, 0.2), tuple(rng.random(3) * 0.7)
    chosen = (blue, red, green, any_hue)[rng.choice(4, p=[0.7, 0.12, 0.08, 0.1])]
    varied = np.array(chosen) * rng.uniform(0.3, 1.1) + rng.normal(0, 0.05, 3)
    return np.asarray(varied.clip(0, 1), np.float32)


def smooth(stroke: Points) -> Points:
    """The stroke with its corners cut twice (Chaikin 1974): (n, 2) to about (4 n, 2)."""
    for _ in range(2 if len(stroke) > 2 else 0):
        quarters = np.stack([0.75 * stroke[:-1] + 0.25 * stroke[1:], 0.25 * stroke[:-1] + 0.75 * stroke[1:]], axis=1)
        stroke = np.concatenate([stroke[:1], quarters.reshape(-1, 2), stroke[-1:]])
    return stroke.astype(np.float32)


def write(layer: Layer, strokes: Strokes, pen: Pen, height: float, lie: Lie, rng: Generator) -> None:
    """Draw strokes that are placed on the sheet, in its pixels.

    Args:
        layer: to draw on.
        strokes: (n, 2) points each.
        pen: that writes.
        height: of a digit of this hand in pixels.
        lie: of the sheet.
        rng: where the randomness comes from.

    """
    breadth = max(MIN_PEN_PIXELS, pen.width * height)
    for stroke in strokes:
        curve = smooth(stroke)
        if len(curve) == 1:
            curve = np.concatenate([curve, curve + 0.1])
        for number in range(pen.passes):
            shaken = curve + (rng.normal(0, breadth * 0.7, 2) if number else 0)
            _draw(layer, lie(shaken), breadth, pen.unevenness, rng)


def _draw(layer: Layer, curve: Points, breadth: float, unevenness: float, rng: Generator) -> None:
    if unevenness < 0.05:
        layer.line(curve, breadth)
        return
    factor = 0.0
    for start in range(0, len(curve) - 1, PIECE):
        factor = 0.7 * factor + rng.normal(0, unevenness)
        layer.line(curve[start : start + PIECE + 1], max(MIN_PEN_PIXELS, breadth * float(np.exp(factor))))


def inked(share: Ink, pen: Pen, rng: Generator) -> Ink:
    """What is left of a stroke on the paper's grain: (height, width) float32 in [0, 1]."""
    if not pen.grain:
        return share * np.float32(pen.strength)
    height, width = share.shape
    grain = cloud(rng, height, width, pen.grain)
    left = np.clip(1.15 - pen.gaps + pen.gaps * grain, 0, 1)
    return np.asarray(share * left * pen.strength, np.float32)
