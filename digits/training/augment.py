"""Variation of handwriting: pen strokes drawn with many pens, and elastic, affine and stroke-width distortion.

Elastic distortion after Simard, Steinkraus & Platt (ICDAR 2003), with a coarse random field instead of a blurred one.
How far each variation goes was set by eye, so that a digit stays what it is; spreads are standard deviations.
"""

from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from digits.features import SIDE
from digits.normalise import normalise
from digits.pen import CANVAS, FILLED, Ink, Strokes, box

MAX_FILLED_LOOP: Final = 0.06
"""Share of the digit's box up to which a loop may be filled: the loop of a 0 stays open."""

INKED: Final = 0.3
"""Ink, 0..1, from which a pixel belongs to a stroke where loops are looked for."""

TURN_DEGREES: Final = 6
SLANT: Final = 0.12
STRETCH: Final = 0.11
"""Spreads of the turn, of the slant (width over height), and of the logarithms of the scales across and down."""

MAX_BEND: Final = 2.6
"""Pixels of the canvas by which elastic distortion moves the ink, as a standard deviation, where it is strongest."""

KNOTS: Final = (4, 8)
"""Knots a side of the field of elastic distortion, from and below: few of them bend a digit as a whole."""

CHANGED_PEN: Final = 0.6
"""Share of the examples at full strength that are drawn with another pen."""

PEN_BLUR: Final = (0.8, 2.0)
PEN_THRESHOLD: Final = (0.15, 0.6)
PEN_HARDNESS: Final = (1.5, 6)
"""Another pen: pixels of the blur, the share of the highest ink that becomes an edge, and how steep the edge is."""

MIN_BLURRED: Final = 0.02
"""Blurred ink, 0..1, from which another pen may leave ink."""

COARSE_SIDES: Final = (7, 17)
"""Pixels of the longer side of a coarsened digit, from and below."""

MARKS: Final = (1, 4)
"""How many marks are left around a digit, from and below."""

GAPS: Final = 3
"""Lines without ink at most that cross a digit."""

GRAIN_BLUR: Final = (0.5, 1.5)
GRAIN_DEPTH: Final = (0.2, 0.8)
"""Rough paper: pixels of a grain, and how deep it goes as a share of the ink."""


def framed(ink: Ink) -> Ink:
    """Paper around ink of any size: a square picture with the margin that drawings of strokes have."""
    side = round(max(ink.shape) / FILLED)
    sheet = np.zeros((side, side), np.float32)
    top, left = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def leaning(strokes: Strokes, spread: float, rng: Generator) -> Strokes:
    """Pen strokes of a hand that leans another way: slanted by a normal share of their height with this spread."""
    slant = np.array([[1, 0], [rng.normal(0, spread), 1]], np.float32)
    return [stroke @ slant for stroke in strokes]


def fill_loop(ink: Ink, rng: Generator) -> Ink:
    """What a broad pen or a blot does to an 8 or a 9: one of its small loops is full of ink."""
    inked = ink > INKED
    holes, count = ndimage.label(~inked)
    outside = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    small = np.flatnonzero(np.bincount(holes.ravel(), minlength=count + 1) < MAX_FILLED_LOOP * inked[box(inked)].size)
    loops = np.setdiff1d(small, [0, *outside])
    if not len(loops):
        return ink
    filled = ndimage.binary_dilation(holes == rng.choice(loops))
    return np.where(filled, np.float32(1), ink)


def distort(ink: Ink, rng: Generator, strength: float = 1.0) -> Ink:
    """Another way the same hand might have written it: turn, slant, stretch, elastic bend and another pen.

    Args:
        ink: (side, side) float32 in [0, 1] with a margin around the digit.
        rng: where the randomness comes from.
        strength: 0 leaves the shape, 1 is as far as a digit can go without becoming another.

    Returns:
        (CANVAS, CANVAS) float32 in [0, 1].

    """
    turn = strength * np.deg2rad(rng.normal(0, TURN_DEGREES))
    slant = strength * rng.normal(0, SLANT)
    stretch = np.exp(strength * rng.normal(0, STRETCH, 2))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.array([[1.0, 0.0], [slant, 1.0]]) * stretch
    grid = np.mgrid[:CANVAS, :CANVAS].reshape(2, -1) - (CANVAS - 1) / 2
    source = (matrix @ grid).reshape(2, CANVAS, CANVAS)
    source += strength * rng.uniform(0, MAX_BEND) * _smooth_field(rng)
    side = ink.shape[0]
    source = source * (side / CANVAS) + (side - 1) / 2
    moved: Ink = ndimage.map_coordinates(ink, source.astype(np.float32), order=1)
    return _change_pen(moved, rng) if rng.random() < CHANGED_PEN * strength else moved


def _smooth_field(rng: Generator) -> NDArray[np.float64]:
    knots = int(rng.integers(*KNOTS))
    coarse = rng.standard_normal((2, knots, knots)).astype(np.float32)
    resized = [Image.fromarray(axis).resize((CANVAS, CANVAS), Image.Resampling.BICUBIC) for axis in coarse]
    return np.stack([np.asarray(axis, np.float64) for axis in resized])


def _change_pen(ink: Ink, rng: Generator) -> Ink:
    """Broader, finer, softer or harder strokes: a blur and another threshold."""
    blurred = ndimage.gaussian_filter(ink, rng.uniform(*PEN_BLUR))
    threshold, hardness = rng.uniform(*PEN_THRESHOLD), rng.uniform(*PEN_HARDNESS)
    redrawn: Ink = np.clip((blurred / max(blurred.max(), 1e-6) - threshold) * hardness + 0.5, 0, 1)
    return np.where(blurred > MIN_BLURRED, redrawn, np.float32(0))


def coarsen(ink: Ink, rng: Generator) -> Ink:
    """What a small icon or a blurred photograph leaves of it: scaled down to `COARSE_SIDES` pixels."""
    side = int(rng.integers(*COARSE_SIDES))
    crop = ink[box(ink)]
    height, width = (max(1, round(side * length / max(crop.shape))) for length in crop.shape)
    return np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.BOX))


def leave_marks(ink: Ink, rng: Generator) -> Ink:
    """Remains of ruling and specks that a careful cleaning may still leave around a digit."""
    image = Image.fromarray(ink)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(*MARKS))):
        x, y = rng.uniform(0.15, 0.85, 2) * CANVAS
        length = rng.uniform(0, 0.25) * CANVAS
        end = (x + length, y) if rng.random() < 0.5 else (x, y + length)
        draw.line([(x, y), end], fill=rng.uniform(0.2, 1.0), width=int(rng.integers(1, 3)))
    return np.asarray(image)


def cross_out(ink: Ink, rng: Generator) -> Ink:
    """Gaps that ruling leaves in a stroke when it is taken out: one to three straight lines without ink."""
    image = Image.fromarray(ink)
    draw = ImageDraw.Draw(image)
    step, tilt = rng.uniform(8, 20), rng.normal(0, 2)
    upright = rng.random() < 0.4
    for position in np.arange(rng.uniform(8, 28), CANVAS, step)[:GAPS]:
        ends = [(0.0, float(position)), (float(CANVAS), float(position + tilt))]
        turned = [(y, x) for x, y in ends] if upright else ends
        draw.line(turned, fill=rng.uniform(0, 0.5), width=int(rng.integers(1, 3)))
    crossed: Ink = np.minimum(ink, np.asarray(image))
    return crossed


def roughen(ink: Ink, rng: Generator) -> Ink:
    """Pencil and rough paper: ink that is missing in grains."""
    grain = ndimage.gaussian_filter(rng.standard_normal(ink.shape), rng.uniform(*GRAIN_BLUR))
    grain /= grain.std()
    rough: Ink = (ink * np.clip(0.9 + rng.uniform(*GRAIN_DEPTH) * grain, 0, 1)).astype(np.float32)
    return rough


SPOILERS: Final = (coarsen, coarsen, leave_marks, cross_out, roughen)
SPOILED: Final = 0.18
"""Share of the examples that are spoiled in one of these ways."""

MOVED: Final = 0.2
"""Share of the pictures that are moved by a pixel to one side, and as many to the other."""


def variant(ink: Ink, rng: Generator, strength: float = 1.0) -> NDArray[np.uint8]:
    """One training example of a digit: (28, 28) uint8, distorted and then normalised as a served picture is."""
    changed = distort(ink, rng, strength)
    if changed.any() and rng.random() < SPOILED:
        changed = SPOILERS[rng.integers(len(SPOILERS))](changed, rng)
    return normalise(changed if changed.any() else ink)


def moved(pictures: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """Each of (n, 28, 28) pictures where it is or a pixel further, up or down, left or right."""
    steps = rng.choice(3, (len(pictures), 2), p=[MOVED, 1 - 2 * MOVED, MOVED]) - 1
    rows, columns = (np.arange(SIDE) - step[:, None] for step in steps.T)
    index = np.arange(len(pictures))[:, None, None]
    shifted: NDArray[np.uint8] = pictures[index, rows[:, :, None] % SIDE, columns[:, None] % SIDE]
    return shifted
