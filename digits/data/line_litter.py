"""Litter on composed lines: dirt, and what is left of printed lines; lengths are shares of a digit's height."""

import numpy as np
from numpy.random import Generator

from digits.pen import Strokes


def speck(rng: Generator, end: float) -> Strokes:
    """Dirt anywhere around the line."""
    points = rng.normal(0, float(np.exp(rng.uniform(np.log(0.003), np.log(0.05)))), (int(rng.integers(1, 5)), 2))
    place = rng.uniform(-0.2, end + 0.2), rng.uniform(-1.3, 0.3)
    return [(points + place).astype(np.float32)]


def rest(rng: Generator, end: float) -> Strokes:
    """What is left of a printed line or of a box: mostly level, some upright, some a corner.

    None half way up the digits, where nobody could tell it from a dash, and a dash that is lost is the worse mistake.
    """
    length = float(np.exp(rng.uniform(np.log(0.06), np.log(1.2))))
    above, below = rng.uniform(-1.3, -0.75), rng.uniform(-0.25, 0.4)
    x, y = rng.uniform(-0.2, end + 0.2), rng.choice([rng.normal(0.08, 0.08), above if rng.random() < 0.45 else below])
    lean = rng.normal(0, 0.02)
    level = np.array([[x, y], [x + length, y + lean]])
    upright = np.array([[x, y - length], [x + lean, y]])
    kind = rng.random()
    line = level if kind < 0.6 else upright if kind < 0.85 else np.vstack([upright, level[1:]])
    return [line.astype(np.float32)]
