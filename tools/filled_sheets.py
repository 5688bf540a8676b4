"""Sheets of a hundred digits, filled in with drawn ones: for pictures of the page."""

from typing import Final

import numpy as np
import pypdfium2
from PIL import Image

from digits.sheet.layout import BOXES, COLUMNS, box
from digits.sheet.pdf import sheet_pdf
from tools.drawing import STROKES, encoded, stroke_mask

DOTS_A_MILLIMETRE: Final = 8.0
SLIPS: Final = {23: 7, 71: 1}
"""Boxes in which another digit stands than belongs there."""


def scan(class_code: str | None = None, number: int = 1, seed: int = 0) -> bytes:
    """A PNG of a filled sheet; `class_code` and `number` are those of a class and of one of its pupils."""
    pdf = pypdfium2.PdfDocument(sheet_pdf(class_code and class_code.replace("-", ""), number if class_code else 1))
    page: Image.Image = pdf[len(pdf) - 1].render(scale=DOTS_A_MILLIMETRE * 25.4 / 72).to_pil().convert("L")
    random = np.random.default_rng([seed, number])
    for place in range(BOXES - 1):
        left, top, right, bottom = (DOTS_A_MILLIMETRE * side for side in box(place))
        strokes = [np.array(stroke) for stroke in STROKES[SLIPS.get(place, place // COLUMNS)]]
        slant, swing = random.uniform(-0.1, 0.25), random.uniform(-0.04, 0.04, 4)
        leant = [
            stroke + np.stack([-slant * stroke[:, 1] + swing[0] * np.sin(3 * stroke[:, 1] + swing[1] * 40),
                               swing[2] * np.sin(4 * stroke[:, 0] + swing[3] * 40)], axis=1)
            for stroke in strokes
        ]  # fmt: skip
        ink = stroke_mask([[(float(x), float(y)) for x, y in stroke] for stroke in leant], random.uniform(64, 88), 5)
        x, y = random.uniform(-9, 9, 2) + np.array([left + right - ink.width, top + bottom - ink.height]) / 2
        page.paste(40, (round(x), round(y)), ink)
    return encoded(page)
