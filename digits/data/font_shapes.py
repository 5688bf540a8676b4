"""Whether two font files draw the same shapes, though one is cut down, rounded or packed differently."""

from pathlib import Path
from typing import Final

COMPARED: Final = ("0123456789", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω")
"""The characters that are measured: the first of these groups that a font has."""

TOLERANCE: Final = 0.01
"""Measures that differ by less, as a share, are those of the same shapes: cutting down rounds coordinates anew."""


def shape_measures(path: Path) -> tuple[float, float]:
    """How much ink a font's digits have together, and how broad they are: squares and lengths of 1000 units an em.

    Cyrillic or Greek letters are measured where it has no digits.

    Raises:
        ValueError: the file is no font, or has none of these.

    """
    from fontTools.pens.areaPen import AreaPen
    from fontTools.pens.boundsPen import BoundsPen
    from fontTools.ttLib import TTFont, TTLibError

    area = width = 0.0
    try:
        with TTFont(path) as font:
            glyphs, names, unit = font.getGlyphSet(), font.getBestCmap(), 1000 / font["head"].unitsPerEm
            compared = next(group for group in COMPARED if ord(group[0]) in names)
            for character in compared:
                if ord(character) in names:
                    inked, bounds = AreaPen(glyphs), BoundsPen(glyphs)
                    glyphs[names[ord(character)]].draw(inked)
                    glyphs[names[ord(character)]].draw(bounds)
                    area += abs(inked.value) * unit**2
                    width += (bounds.bounds[2] - bounds.bounds[0]) * unit
    except (TTLibError, KeyError, StopIteration) as error:
        raise ValueError(f"no font with digits or letters: {error}") from error
    return area, width


def is_same_font(path: Path, measures: tuple[float, float]) -> bool:
    """Whether a font's shapes have these measures."""
    return all(
        abs(found - wanted) <= TOLERANCE * wanted for found, wanted in zip(shape_measures(path), measures, strict=True)
    )
