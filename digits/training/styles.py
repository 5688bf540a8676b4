"""Ways of writing digits that MNIST lacks or hardly has, as pen strokes: each is drawn anew, never twice alike."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

Points = tuple[tuple[float, float], ...]

STYLES: Final[tuple[tuple[int, tuple[Points, ...]], ...]] = (
    # a square 0, and one that stays open
    (0, (((0.1, 0), (0.9, 0), (0.9, 1), (0.1, 1), (0.1, 0)),)),
    (0, (((0.6, 0), (0.15, 0.3), (0.15, 0.75), (0.5, 1), (0.85, 0.7), (0.8, 0.25), (0.45, 0.05)),)),
    # a 1 with a flag, and with a foot
    (1, (((0.2, 0.3), (0.5, 0), (0.5, 0.5), (0.5, 1)),)),
    (1, (((0.25, 0.25), (0.5, 0), (0.5, 1)), ((0.2, 1), (0.8, 1)))),
    # a 2 with a loop at its foot
    (2, (((0.1, 0.25), (0.4, 0), (0.8, 0.2), (0.6, 0.6), (0.1, 0.95), (0.2, 0.75), (0.5, 0.95), (0.95, 0.95)),)),
    # a 3 with a flat top
    (3, (((0.1, 0), (0.85, 0), (0.4, 0.4), (0.85, 0.6), (0.75, 0.95), (0.3, 1), (0.05, 0.85)),)),
    # an open 4, with a short and with a long stem, and a closed one in one stroke
    (4, (((0.2, 0), (0.12, 0.6), (0.9, 0.6)), ((0.7, 0.05), (0.68, 1)))),
    (4, (((0.35, 0), (0.1, 0.6), (0.9, 0.55)), ((0.62, 0.35), (0.58, 1)))),
    (4, (((0.65, 1), (0.65, 0), (0.05, 0.65), (0.95, 0.65)),)),
    # a 5 with a loose bar
    (5, (((0.25, 0.1), (0.2, 0.48), (0.6, 0.4), (0.85, 0.7), (0.55, 1), (0.1, 0.93)), ((0.3, 0), (0.9, 0)))),
    # a crossed 7, without and with a serif, and a 7 with a waved top
    (7, (((0.1, 0), (0.85, 0), (0.4, 1)), ((0.25, 0.5), (0.8, 0.5)))),
    (7, (((0.1, 0.18), (0.1, 0), (0.85, 0), (0.35, 1)), ((0.2, 0.52), (0.75, 0.48)))),
    (7, (((0.05, 0.12), (0.25, 0), (0.55, 0.12), (0.9, 0), (0.6, 0.45), (0.45, 1)),)),
    # an 8 of two rings, and one that stays open at the top
    (
        8,
        (
            ((0.5, 0), (0.2, 0.22), (0.5, 0.45), (0.8, 0.22), (0.5, 0)),
            ((0.5, 0.48), (0.1, 0.75), (0.5, 1), (0.9, 0.75), (0.5, 0.48)),
        ),
    ),
    (8, (((0.8, 0.1), (0.35, 0.05), (0.3, 0.4), (0.75, 0.65), (0.5, 1), (0.15, 0.8), (0.5, 0.45), (0.85, 0.15)),)),
    # a 9 that is curled like a g, and one with a straight stem
    (
        9,
        (
            (
                *((0.8, 0.12), (0.5, 0), (0.2, 0.1), (0.15, 0.35), (0.4, 0.5), (0.75, 0.38), (0.82, 0.1)),
                *((0.82, 0.5), (0.75, 0.85), (0.45, 1), (0.12, 0.88)),
            ),
        ),
    ),
    (9, (((0.8, 0.15), (0.5, 0), (0.2, 0.1), (0.15, 0.35), (0.4, 0.5), (0.75, 0.35), (0.8, 0.12), (0.8, 1)),)),
)


def styled_digit(rng: Generator) -> tuple[list[NDArray[np.float32]], int]:
    """Strokes of (n, 2) float32 points, x to the right and y downwards, of one of the styles, and its digit."""
    label, strokes = STYLES[rng.integers(len(STYLES))]
    width = rng.uniform(0.45, 0.95)
    rounded = rng.random() < 0.75
    return [_drawn(points, width, rounded, rng) for points in strokes], label


def _drawn(points: Points, width: float, rounded: bool, rng: Generator) -> NDArray[np.float32]:
    knots = (np.array(points) + rng.normal(0, 0.04, (len(points), 2))) * (width, 1)
    steps = np.concatenate([np.linspace(a, b, 8, endpoint=False) for a, b in pairwise(knots)])
    line = np.concatenate([steps, knots[-1:]])
    if rounded:
        line = ndimage.gaussian_filter1d(line, rng.uniform(1, 3.5), axis=0, mode="nearest")
    return np.asarray(line, np.float32)
