"""Handwriting, school and block fonts: one shape of each character."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digits.data.fetching import data_folder, fetch
from digits.data.sources import FONTS
from digits.data.split import kept_out
from digits.pen import Ink, box

TYPE_FACES: Final = Path(__file__).with_name("type_faces")
"""Where the typefaces lie."""

Kind = Literal["hand", "school", "block", "letters"]


@dataclass(frozen=True)
class FontFile:
    """A font.

    Attributes:
        path: of the file.
        name: of the family.
        kept_out: whether it is kept out of all training, as every fifth family is.

    """

    path: Path
    name: str
    kept_out: bool

    @cached_property
    def characters(self) -> tuple[str, ...]:
        """All that it has a shape for, in the order of Unicode."""
        from fontTools.ttLib import TTFont

        with TTFont(self.path, lazy=True) as font:
            return tuple(chr(code) for code in sorted(font.getBestCmap()))

    def digits(self, label: int) -> tuple[str, ...]:
        """The characters that are shapes of this digit: three fonts have alternates at U+E010 and U+E020."""
        shapes = (str(label), chr(0xE010 + label), chr(0xE020 + label))
        return tuple(shape for shape in shapes if shape in self.characters)

    def glyph(self, character: str, size: int) -> Ink | None:
        """The character's ink, cut out closely; None where the font has no shape for it.

        Args:
            character: a single one.
            size: of the font's em square in pixels.

        """
        if character not in self.characters:
            return None
        font = ImageFont.truetype(str(self.path), size)
        left, top, right, bottom = (round(side) for side in font.getbbox(character))
        image = Image.new("L", (right - left + 2, bottom - top + 2))
        ImageDraw.Draw(image).text((1 - left, 1 - top), character, fill=255, font=font)
        ink = np.asarray(image, np.float32) / np.float32(255)
        return ink[box(ink)] if ink.any() else None


@cache
def fonts(kind: Kind) -> list[FontFile]:
    """The fonts of one kind: `hand` 162, `school` 12, `block` 11 (7-segment and square), `letters` 49.

    Of `letters` only the letters look written by hand. Their authors, licences (OFL 1.1, Apache 2.0, BSD) and addresses
    stand in fonts.csv. Without a data folder 14 of `hand` are missing, which npm has not.
    """
    families = kept_out(row["family"] for row in FONTS)
    return [
        FontFile(fetch(f"fonts/{kind}/{row['file']}"), row["family"], row["family"] in families)
        for row in FONTS
        if row["folder"] == kind and (row["npm"] or data_folder())
    ]


@cache
def type_faces() -> list[FontFile]:
    """Typefaces of print, digits only, two weights each: they come with the project, under OFL 1.1."""
    files = sorted(TYPE_FACES.glob("*.ttf"))
    families = {file: file.stem.rsplit("-", 1)[0] for file in files}
    apart = kept_out(families.values())
    return [FontFile(file, family, family in apart) for file, family in families.items()]
