"""Digits by many hands: pen strokes, scans and fonts as shapes that can be drawn anew, each source split by writer."""

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from digits.data import scans
from digits.data.datasets import VALIDATION_WRITERS, pendigits
from digits.data.fonts import FontFile, Kind, fonts, type_faces
from digits.data.unipen import kept_out_writers, unipen
from digits.ink.drawing import drawn_digit
from digits.ink.paper import channels_of, difference_from, flat_paper
from digits.normalise import normalise
from digits.pen import Ink, Strokes, draw_strokes
from digits.training.augment import fill_loop, framed, leaning, variant

MIN_PEN: Final = 0.02
MAX_PEN: Final = 0.16
MAX_STYLED_PEN: Final = 0.12
"""Width of the pen that draws strokes, and at most that of digits in other styles, as shares of the longer side."""

LEAN: Final = 0.15
"""Spread of the slant that what is drawn from strokes gets, as a share of its height."""

FILLED: Final = 0.15
"""Share of the drawings that get a loop filled, if they have a small one."""

STRENGTH: Final = 0.8
"""How strongly shapes are distorted; see `digits.training.augment.distort`."""

FONT_STRENGTH: Final = 1.0
"""The same for fonts, which have only one shape of each digit."""

FONT_SIZE: Final = 80
"""Pixels of a font's em square."""

FONT_KINDS: Final[tuple[Kind, ...]] = ("hand", "school", "block")

ITALIAN_WIDTHS: Final = (0.6, 1.0)
"""Semeion's digits were stretched to a square: shares of that width, from and below, that they get back."""

ENLARGED: Final = 3
"""So many times Semeion's 16 rows are enlarged."""


class Digit(NamedTuple):
    """A digit that can be drawn anew: strokes of a pen, or ink of any size, and its label, 0 to 9."""

    shape: Strokes | Ink
    label: int


@cache
def pen_digits(*, kept_out: bool) -> list[Digit]:
    """The Turkish pen digits by 24 writers, or by the 6 that are kept out."""
    found = [digit for digit in pendigits() if (digit.writer in VALIDATION_WRITERS) == kept_out]
    return [Digit(digit.strokes, digit.label) for digit in found]


@cache
def unipen_digits(*, kept_out: bool) -> list[Digit]:
    """UNIPEN's digits by four fifths of its writers, or by the fifth that is kept out; without bare dots."""
    found = [sample for sample in unipen("digits") if (sample.writer in kept_out_writers()) == kept_out]
    return [
        Digit(sample.strokes, int(sample.label)) for sample in found if np.ptp(np.concatenate(sample.strokes), 0).any()
    ]


@cache
def swiss_digits(*, kept_out: bool) -> list[Digit]:
    """Scanned digits by 18 mostly Swiss writers, or by the 4 that are kept out, cut out as a served scan is."""
    found = [scan for scan in scans.numbers_swiss() if (scan.writer in scans.SWISS_KEPT_OUT) == kept_out]
    inks = [_scanned_ink(scan.picture) for scan in found]
    return [Digit(ink, scan.label) for ink, scan in zip(inks, found, strict=True) if ink is not None]


def _scanned_ink(picture: NDArray[np.uint8]) -> Ink | None:
    channels = channels_of(picture)
    paper = flat_paper(channels)
    if paper is None:
        return None
    views = drawn_digit(channels, paper, difference_from(channels, paper))
    return next((ink for _, ink in views), None)


@cache
def italian_digits() -> list[Digit]:
    """Semeion's digits by some 80 Italians, enlarged, those that were stretched to a square narrowed at random."""
    rng = np.random.default_rng(0)
    return [Digit(_narrowed(scan.picture, rng.uniform(*ITALIAN_WIDTHS)), scan.label) for scan in scans.semeion()]


def _narrowed(picture: NDArray[np.uint8], width: float) -> Ink:
    height, columns = picture.shape
    size = (round(ENLARGED * columns * (width if columns == height else 1)), ENLARGED * height)
    enlarged = Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(enlarged, np.float32) / np.float32(255)


@cache
def form_digits() -> list[Digit]:
    """The digits of optdigits by 30 Turks, who are not those of scikit-learn's load_digits."""
    return [Digit(scan.picture.astype(np.float32) / np.float32(255), scan.label) for scan in scans.optdigits()]


@cache
def font_digits(*, kept_out: bool) -> list[Digit]:
    """The digits of handwriting, school and block fonts by four fifths of their families, or by the others."""
    return _glyphs(font for kind in FONT_KINDS for font in fonts(kind) if font.kept_out == kept_out)


@cache
def type_digits(*, kept_out: bool) -> list[Digit]:
    """The digits of typefaces by four fifths of their families, or by the others."""
    return _glyphs(font for font in type_faces() if font.kept_out == kept_out)


def _glyphs(found: Iterable[FontFile]) -> list[Digit]:
    glyphs = [
        (font.glyph(character, FONT_SIZE), label)
        for font in found
        for label in range(10)
        for character in font.digits(label)
    ]
    return [Digit(glyph, label) for glyph, label in glyphs if glyph is not None]


def drawn(shape: Strokes | Ink, rng: Generator, max_pen: float, strength: float) -> NDArray[np.uint8]:
    """The shape as it might be written another time: a (28, 28) uint8 training example.

    Args:
        shape: strokes, which are slanted and drawn with a pen of random width, or ink.
        rng: where the randomness comes from.
        max_pen: width of the broadest pen as a share of the drawing's longer side.
        strength: of the distortion, 0..1.

    """
    if isinstance(shape, list):
        ink = draw_strokes(leaning(shape, LEAN, rng), rng.uniform(MIN_PEN, max_pen))
    else:
        ink = framed(shape)
    return variant(fill_loop(ink, rng) if rng.random() < FILLED else ink, rng, strength)


def as_it_is(shape: Strokes | Ink, rng: Generator) -> NDArray[np.uint8]:
    """The shape as it was written, strokes with a pen of random width: a (28, 28) uint8 picture for validation."""
    return normalise(draw_strokes(shape, rng.uniform(MIN_PEN, MAX_PEN)) if isinstance(shape, list) else shape)
