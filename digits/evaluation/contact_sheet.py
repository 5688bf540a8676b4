"""Contact sheet of pictures that were read wrongly, each beside the 28x28 that the model saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

COLUMNS: Final = 5
"""Mistakes in a row."""

SIDE: Final = 112
"""Pixels a side of each picture: four for each pixel of the 28x28."""

GAP: Final = 8
"""Pixels between pictures."""

LINE: Final = 14
"""Pixels from one line of text to the next."""

FONT_SIZE: Final = 11
"""Pixels."""

PAPER: Final = "#404040"


@dataclass(frozen=True)
class Mistake:
    """A picture and how it was read.

    Attributes:
        picture: (height, width) or (height, width, 3) uint8.
        seen: (28, 28) uint8, what the model saw, or None where no ink was found.
        name: of the picture.
        caption: what it is and what it was taken for.

    """

    picture: NDArray[np.uint8]
    seen: NDArray[np.uint8] | None
    name: str
    caption: str


def contact_sheet(mistakes: Sequence[Mistake]) -> Image.Image:
    """All of them in rows of five, each with its two lines of text below."""
    rows = max(1, -(-len(mistakes) // COLUMNS))
    width, height = 2 * SIDE + 2 * GAP, SIDE + 2 * LINE + 2 * GAP
    sheet = Image.new("RGB", (COLUMNS * width, rows * height), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for index, mistake in enumerate(mistakes):
        left, top = index % COLUMNS * width + GAP, index // COLUMNS * height + GAP
        small = Image.fromarray(mistake.picture).convert("RGB")
        small.thumbnail((SIDE, SIDE))
        sheet.paste(small, (left, top))
        if mistake.seen is not None:
            enlarged = Image.fromarray(mistake.seen).resize((SIDE, SIDE), Image.Resampling.NEAREST)
            sheet.paste(enlarged.convert("RGB"), (left + SIDE + GAP // 2, top))
        for number, line in enumerate((mistake.name, mistake.caption)):
            draw.text((left, top + SIDE + number * LINE), line, "white", font)
    return sheet
