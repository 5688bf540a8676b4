"""Letters, signs and words that are no digits, as ink: by hundreds of hands, by fonts, and from typefaces."""

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

from digits.data.datasets import omniglot
from digits.data.digit_like import DIGIT_LIKE, is_digit_like
from digits.data.drawings import hershey
from digits.data.fonts import FontFile, fonts
from digits.data.photographed_pages import handwriting_pages
from digits.data.split import is_kept_out
from digits.data.unipen import kept_out_writers, unipen
from digits.normalise import disc
from digits.pen import CANVAS, Ink, Strokes, box, draw_strokes
from digits.training.augment import leaning
from digits.training.styles import styled_letter

HERSHEY_LIKE_DIGITS: Final = {
    "astrology": "#*",
    "cyrilc_1": "HhUu",
    "cyrillic": "FfZz",
    "greek": "FJQVi",
    "greekc": "HUr",
    "greeks": "HUi",
    "japanese": "!ikm",
    "markers": "AaDd",
    "mathlow": "mqrstuy",
    "mathupp": "mqrstuy",
    "meteorology": "<=^",
    "music": "$%=^",
    "symbolic": '"#&:HKqrstv}',
}
"""Glyphs of Hershey's fonts of other signs that look like digits, by the character at whose place they lie: circles,
bare lines, the Cyrillic З, an open 6, Φ and Θ. Found with a model, those that it called a digit with 0.85, and looked
at."""

DIGITS_IN_DISGUISE: Final = frozenset(
    f"{alphabet}/character{number:02d}"
    for alphabet, numbers in (
        ("Latin", (2, 7, 9, 10, 12, 15, 17, 19, 25, 26)),
        ("Greek", (6, 8, 9, 15, 18, 21)),
        ("Korean", (21, 22, 27, 33, 37)),
        ("Early_Aramaic", (3, 6, 12, 16, 17)),
        ("Balinese", (5,)),
        ("Japanese_(katakana)", (1, 2, 24, 27, 43)),
        ("Sanskrit", (5, 37)),
        ("Tagalog", (3, 4, 16)),
    )
    for number in numbers
)
"""Letters of Omniglot that a person without context would take for a digit: o, l, z, s, b, q, y, θ and their like."""

ONE_SHOT: Final = "run"
"""How names of Omniglot's one-shot trials begin: one drawing a letter, of which one in ten looks like a digit."""

LETTERS: Final = "ABEFHKMNPRVWXadefhkmnrwxαβγεκλμπξχψωΔΛΣΩΨΞЖШЩЮЯЫЪЙИДЛПжшщюяы%&@#?$€+=*<>"
TYPEFACES: Final = (
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

LEAN: Final = 0.15
"""Spread of the slant that what is drawn from strokes gets, as a share of its height."""

PENS: Final = (0.02, 0.16)
WORD_PENS: Final = (0.01, 0.05)
"""Narrowest and widest pen of a letter and of a word, as shares of the longer side."""

MIN_LETTERS: Final = 2
MAX_LETTERS: Final = 7
"""How many letters stand in a row."""

MIN_JOINED_ASPECT: Final = 1.4
"""Width by height of a stroke of a word from which on it is several joined letters."""


PIECES: Final = (0.06, 0.3)
"""Side of a piece of a photographed page, as a share of the page's shorter side."""

MIN_DEPTH: Final = 20.0
"""Grey levels by which something in a piece must be darker than what is around it."""

MIN_PIECE_ASPECT: Final = 0.5
"""Shorter by longer side of the ink in a piece: a page's edge alone is a 1."""


@cache
def _typeface(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), FONT_SIZE)


@cache
def _glyph(typeface: str, letter: str) -> Ink:
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).text((SIDE / 2, SIDE / 2), letter, 255, _typeface(typeface), anchor="mm")
    return np.asarray(image, np.float32) / np.float32(255)


@cache
def _skeleton(typeface: str, letter: str) -> NDArray[np.uint8]:
    thin = skeletonize(_glyph(typeface, letter) > 0.5)  # type: ignore[no-untyped-call]
    return np.asarray(thin, np.uint8)


def printed_letter(rng: Generator) -> Ink:
    """One letter or sign of a typeface."""
    return _glyph(TYPEFACES[rng.integers(len(TYPEFACES))], LETTERS[rng.integers(len(LETTERS))])


def penned_letter(rng: Generator) -> Ink:
    """The same in strokes of one width, as a pen writes it, narrow or broad."""
    thin = _skeleton(TYPEFACES[rng.integers(len(TYPEFACES))], LETTERS[rng.integers(len(LETTERS))])
    width = round(SIDE * float(np.exp(rng.normal(0, 0.2))))
    stretched = Image.fromarray(255 * thin).resize((width, SIDE), Image.Resampling.NEAREST)
    pen = int(rng.integers(3, 10))
    return squared(ndimage.maximum_filter(np.asarray(stretched, np.float32), footprint=disc(pen)) / np.float32(255))


def letter_in_strokes(rng: Generator) -> Ink:
    """A letter or sign in strokes made by hand; see `digits.training.styles`."""
    return draw_strokes(styled_letter(rng), rng.uniform(*PENS))


@cache
def _drawn_letters(*, kept_out: bool) -> NDArray[np.uint8]:
    drawings, names = omniglot()
    wanted = [
        index for index, name in enumerate(names) if name not in DIGITS_IN_DISGUISE and not name.startswith(ONE_SHOT)
    ]
    return drawings[[index for index in wanted if is_kept_out(index) == kept_out]]


def foreign_letter(rng: Generator, *, kept_out: bool) -> Ink:
    """A letter of one of Omniglot's alphabets, drawn with a mouse."""
    letters = _drawn_letters(kept_out=kept_out)
    letter = Image.fromarray(letters[rng.integers(len(letters))])
    width = round(letter.width * float(np.exp(rng.normal(0, 0.15))))
    broad = ndimage.maximum_filter(np.asarray(letter.resize((width, letter.height))), int(rng.integers(2, 8)))
    return squared(np.pad(broad.astype(np.float32) / np.float32(255), 6))


@cache
def _pen_letters(*, kept_out: bool) -> list[list[Strokes]]:
    """For each letter or sign those that were written; parts of them, such as single straight lines, left out."""
    writers = kept_out_writers()
    by_label: dict[str, list[Strokes]] = {}
    for sample in [*unipen("letters"), *unipen("symbols")]:
        if (sample.writer in writers) == kept_out and not is_digit_like(sample):
            by_label.setdefault(sample.label, []).append(sample.strokes)
    return [by_label[label] for label in sorted(by_label)]


def pen_letter(rng: Generator, *, kept_out: bool) -> Ink:
    """A letter or sign as a hand of UNIPEN wrote it; each label as often as any other."""
    labels = _pen_letters(kept_out=kept_out)
    written = labels[rng.integers(len(labels))]
    return draw_strokes(leaning(written[rng.integers(len(written))], LEAN, rng), rng.uniform(*PENS))


@cache
def _single_strokes(*, kept_out: bool) -> list[Strokes]:
    return [
        sample.strokes
        for index, sample in enumerate(hershey())
        if is_kept_out(index) == kept_out
        and sample.label not in DIGIT_LIKE
        and sample.label not in HERSHEY_LIKE_DIGITS.get(sample.writer, "")
    ]


def stroke_font_letter(rng: Generator, *, kept_out: bool) -> Ink:
    """A letter or sign of one of Hershey's stroke fonts: Greek, Cyrillic, scripts, blackletter, music."""
    glyphs = _single_strokes(kept_out=kept_out)
    return draw_strokes(leaning(glyphs[rng.integers(len(glyphs))], LEAN, rng), rng.uniform(*PENS))


@cache
def _hands(*, kept_out: bool) -> list[FontFile]:
    return [font for kind in ("hand", "school", "letters") for font in fonts(kind) if font.kept_out == kept_out]


def font_letter(rng: Generator, *, kept_out: bool) -> Ink:
    """A Latin, Greek or Cyrillic letter, or a sign, of a handwriting font."""
    hands = _hands(kept_out=kept_out)
    while True:
        glyph = hands[rng.integers(len(hands))].glyph(LETTERS[rng.integers(len(LETTERS))], FONT_SIZE)
        if glyph is not None:
            return squared(glyph)


@cache
def _pen_words(*, kept_out: bool) -> list[Strokes]:
    writers = kept_out_writers()
    return [sample.strokes for sample in unipen("words") if (sample.writer in writers) == kept_out]


def pen_word(rng: Generator, *, kept_out: bool) -> Ink:
    """A word as a hand of UNIPEN wrote it."""
    words = _pen_words(kept_out=kept_out)
    return draw_strokes(leaning(words[rng.integers(len(words))], LEAN, rng), rng.uniform(*WORD_PENS))


@cache
def _joined(*, kept_out: bool) -> list[Strokes]:
    found = []
    for word in _pen_words(kept_out=kept_out):
        for stroke in word:
            width, height = np.ptp(stroke, axis=0)
            if width > MIN_JOINED_ASPECT * height > 0:
                found.append([stroke])
    return found


def joined_letters(rng: Generator, *, kept_out: bool) -> Ink:
    """Letters of a word that were written without lifting the pen."""
    joined = _joined(kept_out=kept_out)
    return draw_strokes(leaning(joined[rng.integers(len(joined))], LEAN, rng), rng.uniform(*PENS) / 2)


def letters_in_a_row(rng: Generator, *, kept_out: bool) -> Ink:
    """Two to six letters beside each other, of several hands or of one typeface."""
    letter: Callable[[Generator], Ink] = printed_letter
    if rng.random() < 0.7:
        letter = lambda rng: pen_letter(rng, kept_out=kept_out)  # noqa: E731
    inks = [letter(rng) for _ in range(int(rng.integers(MIN_LETTERS, MAX_LETTERS)))]
    row = [ink[box(ink)] for ink in inks]
    height = max(len(ink) for ink in row)
    gap = np.zeros((height, int(rng.integers(2, 20))), np.float32)
    placed = [np.pad(ink, ((height - len(ink), 0), (0, 0))) for ink in row]
    return squared(np.concatenate([part for ink in placed for part in (ink, gap)], axis=1))


@cache
def _pages(*, kept_out: bool) -> list[NDArray[np.uint8]]:
    return [
        np.asarray(Image.fromarray(page).convert("L"))
        for index, page in enumerate(handwriting_pages())
        if is_kept_out(index) == kept_out
    ]


def photographed_words(rng: Generator, *, kept_out: bool) -> Ink:
    """What is darker than its surroundings in a piece of a photographed page: words, lines, wood."""
    pages = _pages(kept_out=kept_out)
    while True:
        page = pages[rng.integers(len(pages))]
        side = int(rng.uniform(*PIECES) * min(page.shape))
        top, left = (int(rng.integers(length - side)) for length in page.shape)
        piece = Image.fromarray(page[top : top + side, left : left + side]).resize((SIDE, SIDE), Image.Resampling.BOX)
        light = np.asarray(piece, np.float32)
        depth = ndimage.gaussian_filter(light, SIDE / 8) - light
        full = float(np.quantile(depth, 0.99))
        ink: Ink = np.clip(3 / max(full, 1) * depth - 0.6, 0, 1).astype(np.float32)
        height, width = ink[box(ink)].shape
        if full > MIN_DEPTH and MIN_PIECE_ASPECT * height < width < height / MIN_PIECE_ASPECT:
            return ink


def squared(ink: Ink) -> Ink:
    """Paper around the ink, so that the picture is square with a margin."""
    side = round(MARGIN * max(ink.shape))
    sheet = np.zeros((side, side), np.float32)
    top, left = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet
