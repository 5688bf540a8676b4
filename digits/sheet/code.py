"""Straightened page -> whose sheet it is, by its QR code."""

from itertools import product
from typing import Final

import cv2
import numpy as np

from digits.sheet.layout import CODE, Owner, owner_in
from digits.sheet.straighten import SCALE, Page, Pixels

MARGIN: Final = 3.5
"""Millimetres around the code that are looked at, too: paper bends, and the white around it belongs to a code."""

PAPER_AROUND: Final = 8.0
"""Millimetres around a pixel in which the brightest is paper: more than the broadest black of a code."""

ENLARGEMENTS: Final = (3, 2)
"""How many times the code is enlarged, the likeliest first: as it was, with modules of seven pixels, one code in eight
was not read."""

DETECTORS: Final = (cv2.QRCodeDetector, cv2.QRCodeDetectorAruco)
"""OpenCV's two ways to read a code. Of 64 made photographs the first alone fails on two, with sharp shadows across."""


def owner_of(page: Page) -> Owner | None:
    """Whose sheet a straightened page is; None where its code cannot be read, or is none of a sheet."""
    left, top, side = CODE
    x, y, width = (round(length * SCALE) for length in (left - MARGIN, top - MARGIN, side + 2 * MARGIN))
    for straightened in (page.header, page.boxes):
        evenly_lit = _evenly_lit(straightened[y : y + width, x : x + width])
        for detector, times in product(DETECTORS, ENLARGEMENTS):
            large = cv2.resize(evenly_lit, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
            if (owner := owner_in(detector().detectAndDecode(large)[0])) is not None:
                return owner
    return None


def _evenly_lit(cut: Pixels) -> Pixels:
    """The code on white, whatever shadow lies on it: (height, width) uint8."""
    grey = cut if cut.ndim == 2 else cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY)
    around = round(PAPER_AROUND * SCALE)
    brightest = cv2.dilate(cv2.GaussianBlur(grey, (0, 0), 1), np.ones((around, around), np.uint8))
    paper = cv2.GaussianBlur(brightest, (0, 0), around / 4).astype(np.float32)
    return np.asarray((grey * (255 / np.maximum(paper, 1))).clip(0, 255), np.uint8)
