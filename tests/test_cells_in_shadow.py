"""Photographed tables: what is much fainter than the pen beside it, a shadow's edge across cells, sides drawn askew."""

from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.forms import form, photographed, read, texts_of

PEN: Final = [["3", "", "7", ""], ["", "5", "", "2"], ["9", "", "4", ""], ["", "8", "", "0"]]
"""What is written with a pen, and..."""

TYPE: Final = [["", "2", "", "6"], ["4", "", "3", ""], ["", "7", "", "5"], ["6", "", "9", ""]]
"""...what stands in the other cells, fainter."""

ALL: Final = [[one or other for one, other in zip(*rows, strict=True)] for rows in zip(PEN, TYPE, strict=True)]

SMALL: Final = [["5", "0", "3"], ["2", "4", "6"], ["8", "9", "7"]]
"""What stands in a small table."""


def with_a_side_askew(top: int, bottom: int) -> Image.Image:
    """A small table whose first row ends with a side that is so many pixels too far to the left above and below."""
    sheet = form(SMALL, [80] * 3, 80, fill=0.45, line=3)
    dark = np.asarray(sheet) < 128
    right = int(np.flatnonzero(dark.mean(axis=0) > 0.5).max())
    first = int(np.flatnonzero(dark.mean(axis=1) > 0.5).min())
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((right - 4, first + 3, right + 3, first + 76), fill=255)
    pen.line((right - top, first, right - bottom, first + 80), fill=0, width=3)
    return sheet


def filled_in(strength: float) -> Image.Image:
    """A table in which half of the digits have ink of that strength."""
    sheet, other = (form(texts, [70] * 4, 70, line=3) for texts in (PEN, TYPE))
    faint = 255 - strength * (255 - np.asarray(other, np.float64))
    return Image.fromarray(np.minimum(np.asarray(sheet), faint).astype(np.uint8))


def in_a_shadow(sheet: Image.Image, dark: float) -> Image.Image:
    """The sheet photographed with a shadow over its lower right, whose edge runs across cells."""
    taken = np.asarray(photographed(sheet), np.float64)
    y, x = np.mgrid[-1 : 1 : taken.shape[0] * 1j, -1 : 1 : taken.shape[1] * 1j]
    return Image.fromarray((taken * (1 - dark / (1 + np.exp(-30 * (x + 0.6 * y))))[..., None]).astype(np.uint8))


@pytest.mark.parametrize("strength", [0.1, 0.12, 0.15])
def test_faint_digits_beside_a_pen_are_read(strength: float) -> None:
    assert texts_of(read(photographed(filled_in(strength)))) == ALL


@pytest.mark.parametrize("dark", [0.3, 0.5])
def test_an_edge_of_a_shadow_across_cells_is_neither_ink_nor_hides_any(dark: float) -> None:
    assert texts_of(read(in_a_shadow(filled_in(0.25), dark))) == ALL


@pytest.mark.parametrize(("top", "bottom"), [(24, 12), (28, 16), (28, 20)])
def test_a_side_that_is_drawn_askew_is_no_one(top: int, bottom: int) -> None:
    assert texts_of(read(photographed(with_a_side_askew(top, bottom)))) == SMALL
