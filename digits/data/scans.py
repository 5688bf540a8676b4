"""Digits on paper, scanned: 22 mostly Swiss writers, some 80 Italians, and the writers of optdigits."""

import gzip
import zipfile
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.data.fetching import fetch

SWISS_KEPT_OUT: Final = frozenset(("0006_CH4M", "0011_CH2F", "0016_CH3F", "0020_CH4M"))
"""Writers of `numbers_swiss` that are kept out of all training: ordinary pens, nothing cut off."""

SWISS_SUSPECTS: Final = Path(__file__).with_name("suspects_numbers_swiss.txt")
"""Names of files with rare styles or a wrong label, found by looking at what a model is sure to be something else."""

SEMEION_SIDE: Final = 16
OPTDIGITS_SIDE: Final = 32

SEMEION_STROKE: Final = 2.1
OPTDIGITS_STROKE: Final = 5.0
"""Usual pixels of ink where a row crosses a stroke that is not stretched: somewhat less than in the median of the
stretched digits that are no 1, 3 and 6 pixels."""


@dataclass(frozen=True)
class Scan:
    """A digit on paper.

    Attributes:
        picture: (height, width) uint8, ink bright on 0.
        label: 0 to 9.
        writer: name of the person who wrote it, or of the source where that is not known.

    """

    picture: NDArray[np.uint8]
    label: int
    writer: str


@cache
def numbers_swiss() -> list[Scan]:
    """Kensanata's Numbers: 12,636 digits by 22 mostly Swiss writers, about 95x95.

    Alex Schröder and others, CC0 1.0, github.com/kensanata/numbers. Nearly all cross their 7s and flag their 1s. Three
    writers used faint pencils (0002, 0021, 0025), one is bilevel (0001), some digits of others are cut at the edge
    (0007, 0009, 0010). Suspects are left out.
    """
    suspects = set(SWISS_SUSPECTS.read_text("utf-8").split())
    scans = []
    with zipfile.ZipFile(fetch("numbers_swiss/numbers_swiss.zip")) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".png") and name not in suspects:
                writer, label, _ = name.split("/")
                grey = np.asarray(Image.open(BytesIO(archive.read(name))).convert("L"))
                scans.append(Scan(255 - grey, int(label), writer))
    return scans


@cache
def semeion() -> list[Scan]:
    """Semeion Handwritten Digit (UCI 178): 1,593 digits by some 80 Italians, 16 rows of up to 16 pixels, bilevel.

    Semeion Research Center of Sciences of Communication and Tattile, CC BY 4.0. Every digit was stretched to the whole
    box in both directions; a 1 gets its width back: so narrow that its strokes are as broad as those of other digits.
    """
    scans = []
    for line in gzip.decompress(fetch("semeion/semeion.data.gz").read_bytes()).decode("ascii").split():
        *bits, label = line.split(",")
        picture = np.array([255 * (float(bit) > 0) for bit in bits], np.uint8).reshape(SEMEION_SIDE, SEMEION_SIDE)
        scans.append(Scan(_narrowed(picture, SEMEION_STROKE) if label == "1" else picture, int(label), "semeion"))
    return scans


def _narrowed(one: NDArray[np.uint8], stroke: float) -> NDArray[np.uint8]:
    """A stretched 1 made so narrow that half its rows have no more pixels of ink than a stroke usually is broad."""
    height, width = one.shape
    inked = np.count_nonzero(one, axis=1)
    narrow = round(width * min(1.0, stroke / float(np.median(inked[inked > 0]))))
    return np.asarray(cv2.resize(one, (narrow, height), interpolation=cv2.INTER_AREA), np.uint8)


@cache
def optdigits() -> list[Scan]:
    """Optical Recognition of Handwritten Digits (UCI 80): 1,934 digits by 30 writers, 32x32, bilevel.

    Alpaydin & Kaynak, CC BY 4.0. scikit-learn's load_digits comes from other writers and stays a test. Every digit was
    stretched to one width; a 1 gets its width back.
    """
    lines = gzip.decompress(fetch("optdigits/optdigits-orig.tra.gz").read_bytes()).decode("ascii").splitlines()
    rows = [line.strip() for line in lines if line.startswith(" ") or len(line) == OPTDIGITS_SIDE]
    scans = []
    for start in range(0, len(rows), OPTDIGITS_SIDE + 1):
        *bits, label = rows[start : start + OPTDIGITS_SIDE + 1]
        picture = np.array([[255 * int(bit) for bit in row] for row in bits], np.uint8)
        scans.append(Scan(_narrowed(picture, OPTDIGITS_STROKE) if label == "1" else picture, int(label), "optdigits"))
    return scans
