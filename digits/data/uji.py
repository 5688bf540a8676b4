"""Digits by eleven Spaniards, as their pens moved on a tablet."""

import zipfile
from functools import cache
from io import BytesIO
from typing import Final

import numpy as np

from digits.data.fetching import fetch
from digits.data.pen import PenSample

CHARACTERS: Final = 62
"""Each session of a writer: 26 letters twice, then the digits from 0, which is filed as the letter O."""

FIRST_DIGIT: Final = 52
SESSIONS: Final = 2

WIDTHS: Final = (0.87, 0.45, 0.83, 0.63, 0.56, 0.79, 0.53, 0.65, 0.55, 0.59)
"""Width over height of each digit, the median of the pen digits, which are not stretched."""


@cache
def uji() -> list[PenSample]:
    """UJI Pen Characters (UCI 160): 220 digits, two of each by 11 writers; the height is 1.

    Llorens, Prat, Marzal & Vilar, CC BY 4.0. The samples come stretched to a square; each gets its digit's usual
    width back.
    """
    samples = []
    with zipfile.ZipFile(fetch("uji1/dataset_npz.zip")) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".npz"):
                continue
            index = int(name.rsplit("/", 1)[1].split("-")[0])
            digit = index % CHARACTERS - FIRST_DIGIT
            if digit >= 0:
                with np.load(BytesIO(archive.read(name))) as sample:
                    points = np.stack((sample["coord_x"], -sample["coord_y"]), axis=1).astype(np.float32)
                ends = np.flatnonzero((points == 0).all(axis=1))
                pieces = [piece[piece[:, 0] > 0] for piece in np.split(points, ends)]
                strokes = [2 * piece * np.array((WIDTHS[digit], 1), np.float32) for piece in pieces if len(piece)]
                samples.append(PenSample(strokes, str(digit), f"uji/{index // (SESSIONS * CHARACTERS)}"))
    return samples
