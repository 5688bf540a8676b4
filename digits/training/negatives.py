"""What is not a digit, as ink: letters, words, drawings, solid things, several digits, and digits gone wrong."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digits.pen import CANVAS, Ink, box
from digits.training import letters, shapes
from digits.training.augment import distort
from digits.training.letters import SIDE, squared

STRENGTH: Final = 0.7
"""How strongly all of them are distorted; see `digits.training.augment.distort`."""

LOST_BANDS: Final = (2, 4)
LOST_SHARE: Final = (0.3, 0.5)
"""Bands that are taken out of a digit, from and below, and the share of its height or width that goes with them."""

Make = Callable[[Generator], Ink]


Digits = NDArray[np.uint8]
"""(n, 28, 28), ink bright."""


def _one_of(digits: Digits, rng: Generator) -> Ink:
    digit: Ink = digits[rng.integers(len(digits))].astype(np.float32) / np.float32(255)
    return digit


def several(digits: Digits, rng: Generator) -> Ink:
    """Two to five digits side by side."""
    row: list[Ink] = []
    for _ in range(int(rng.integers(2, 6))):
        digit = _one_of(digits, rng)
        columns = np.flatnonzero(digit.any(axis=0))
        gap = np.zeros((28, int(rng.integers(0, 9))), np.float32)
        row += [np.roll(digit[:, columns[0] : columns[-1] + 1], int(rng.integers(-3, 4)), axis=0), gap]
    return squared(np.concatenate(row, axis=1))


def ruled_digit(digits: Digits, rng: Generator) -> Ink:
    """A digit with the ruling around it taken for ink: an ink candidate that must not win."""
    small = np.asarray(Image.fromarray(_one_of(digits, rng)).resize((CANVAS, CANVAS)))
    sheet = shapes.ruling(rng)
    top, left = rng.integers(0, SIDE - CANVAS, 2)
    sheet[top : top + CANVAS, left : left + CANVAS] = np.maximum(sheet[top : top + CANVAS, left : left + CANVAS], small)
    return sheet


def boxed_digit(digits: Digits, rng: Generator) -> Ink:
    """A digit with the box around it, or with two or three sides of it."""
    digit = Image.fromarray(_one_of(digits, rng)).resize((CANVAS, CANVAS))
    sheet = Image.new("F", (SIDE, SIDE))
    sheet.paste(digit, ((SIDE - CANVAS) // 2, (SIDE - CANVAS) // 2))
    left, right = SIDE / 2 - rng.uniform(0.35, 0.7, 2) * CANVAS * (1, -1)
    top, bottom = SIDE / 2 - rng.uniform(0.4, 0.7, 2) * CANVAS * (1, -1)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    draw, width, first = ImageDraw.Draw(sheet), int(rng.integers(1, 6)), int(rng.integers(4))
    for side in range(first, first + int(rng.integers(2, 5))):
        draw.line([corners[side % 4], corners[(side + 1) % 4]], fill=1.0, width=width)
    return np.asarray(sheet)


def lost_digit(digits: Digits, rng: Generator) -> Ink:
    """What is left of a digit when broad bands of it were taken for ruling."""
    digit = _one_of(digits, rng)
    digit = digit[box(digit)].copy()
    across = digit if rng.random() < 0.5 or digit.shape[1] < digit.shape[0] / 2 else digit.T
    bands, share = int(rng.integers(*LOST_BANDS)), rng.uniform(*LOST_SHARE)
    for band in range(bands):
        start = int((band + rng.uniform(0, 1 - share)) * len(across) / bands)
        across[start : start + max(2, round(share * len(across) / bands))] = 0
    return squared(digit)


def letter_or_sign(rng: Generator, *, kept_out: bool) -> Ink:
    """A letter or a sign, by one of UNIPEN's hands, as it was written."""
    return letters.pen_letter(rng, kept_out=kept_out)


def thing(rng: Generator, *, kept_out: bool) -> Ink:
    """An icon, an emoji, a doodle or a solid thing, as it was drawn."""
    makers = (shapes.icon, shapes.pictogram, shapes.doodle, shapes.solid)
    return makers[rng.integers(len(makers))](rng, kept_out=kept_out)


def not_a_digit(digits: Digits, rng: Generator, *, kept_out: bool) -> Ink:
    """One thing that is no digit, of a random kind: (CANVAS, CANVAS) float32 in [0, 1].

    Args:
        digits: to make rows of digits and digits gone wrong from.
        rng: where the randomness comes from.
        kept_out: whether it is made of the writers, fonts and drawings that are kept out of training.

    """
    kinds: list[tuple[float, Make]] = [
        (0.22, partial(letters.pen_letter, kept_out=kept_out)),
        (0.12, partial(letters.foreign_letter, kept_out=kept_out)),
        (0.06, partial(letters.font_letter, kept_out=kept_out)),
        (0.03, partial(letters.stroke_font_letter, kept_out=kept_out)),
        (0.06, letters.letter_in_strokes),
        (0.04, letters.penned_letter),
        (0.02, letters.printed_letter),
        (0.02, partial(letters.letters_in_a_row, kept_out=kept_out)),
        (0.02, partial(letters.pen_word, kept_out=kept_out)),
        (0.03, partial(letters.joined_letters, kept_out=kept_out)),
        (0.02, partial(letters.photographed_words, kept_out=kept_out)),
        (0.05, partial(shapes.icon, kept_out=kept_out)),
        (0.03, partial(shapes.pictogram, kept_out=kept_out)),
        (0.02, partial(shapes.doodle, kept_out=kept_out)),
        (0.03, partial(shapes.solid, kept_out=kept_out)),
        (0.04, shapes.scribble),
        (0.03, shapes.ruling),
        (0.03, shapes.stain),
        (0.02, shapes.shape),
        (0.05, partial(several, digits)),
        (0.04, partial(ruled_digit, digits)),
        (0.01, partial(boxed_digit, digits)),
        (0.01, partial(lost_digit, digits)),
    ]
    kind = rng.choice(len(kinds), p=[share for share, _ in kinds])
    return distort(kinds[kind][1](rng), rng, STRENGTH)
