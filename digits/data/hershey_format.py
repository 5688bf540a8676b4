"""The Hershey glyphs as James Hurt's text of 1989 stores them: pairs of letters around R are coordinates."""

import base64
import re
import tarfile
from collections.abc import Iterator
from io import BytesIO
from typing import Final

PACKED: Final = re.compile(rb"__compressed_fonts_base64 = B'''([^']+)'''")
"""All fonts, as the Python package Hershey-Fonts carries them in its source."""

CHARACTERS: Final = "".join(chr(code) for code in range(32, 127))
"""Those at whose places the glyphs of a font lie, from its first one; what follows is left out."""

Glyph = dict[str, object]
"""Character `l`, font `f` and strokes `s`: [x0, y0, x1, y1, ...], x from the glyph's left side, y downwards."""


def glyphs(source: bytes) -> Iterator[Glyph]:
    """Every glyph that has strokes, font by font.

    Raises:
        ValueError: it is not the source that carries the fonts.

    """
    packed = PACKED.search(source)
    if packed is None:
        raise ValueError("no fonts")
    with tarfile.open(fileobj=BytesIO(base64.b64decode(packed[1]))) as fonts:
        for font in sorted(fonts.getnames()):
            file = fonts.extractfile(font)
            lines = file.read().decode("ascii").splitlines() if file else []
            drawn = (line.rstrip() for line in lines if not line.startswith("#"))
            for character, line in zip(CHARACTERS, drawn, strict=False):
                if character != " " and (strokes := _strokes(line)):
                    yield {"l": character, "f": font, "s": strokes}


def _strokes(line: str) -> list[list[float]]:
    left = ord(line[8]) if len(line) > 9 else 0
    strokes = []
    for stroke in line[10:].split(" R"):
        numbers = [float(ord(letter) - (ord("R"), left)[place % 2 == 0]) for place, letter in enumerate(stroke)]
        if numbers:
            strokes.append(numbers)
    return strokes
