"""MNIST, the pen digits and Omniglot, parsed."""

import gzip
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.data.fetching import fetch

VALIDATION_WRITERS: Final = frozenset((3, 8, 13, 18, 23, 28))
"""Writers of the pen digits that are kept out of all training."""

VALIDATION_PICTURES: Final = 5_000
"""So many of MNIST's training pictures, the last ones, are kept out."""


def mnist(part: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """MNIST's pictures (n, 28, 28) uint8 and labels (n,) for part `train` (60,000) or `t10k` (10,000)."""
    pictures = gzip.decompress(fetch(f"mnist/{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress(fetch(f"mnist/{part}-labels-idx1-ubyte.gz").read_bytes())
    return (
        np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8).astype(np.int64),
    )


def mnist_train() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The 55,000 pictures that may be trained on."""
    pictures, labels = mnist("train")
    return pictures[:-VALIDATION_PICTURES], labels[:-VALIDATION_PICTURES]


def mnist_validation() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The 5,000 pictures that are kept out."""
    pictures, labels = mnist("train")
    return pictures[-VALIDATION_PICTURES:], labels[-VALIDATION_PICTURES:]


@dataclass(frozen=True)
class PenDigit:
    """A digit as its pen moved.

    Attributes:
        strokes: (n, 2) float32 points each, x to the right, y downwards, in units of the tablet.
        label: 0 to 9.
        writer: number of the person who wrote it.

    """

    strokes: list[NDArray[np.float32]]
    label: int
    writer: int


def pendigits() -> list[PenDigit]:
    """Alpaydin & Alimoglu, Pen-Based Recognition of Handwritten Digits (UCI): 7,494 digits by 30 writers."""
    digits: list[PenDigit] = []
    for line in fetch("pendigits/pendigits-orig.tra").read_text("latin-1").splitlines():
        words = line.split()
        if line.startswith(".COMMENT") and len(words) == 4:
            digits.append(PenDigit([], label=int(words[1]), writer=int(words[2])))
        elif line.startswith(".PEN_DOWN"):
            points: list[tuple[float, float]] = []
        elif line.startswith(".PEN_UP"):
            digits[-1].strokes.append(np.array(points, np.float32))
        elif line.startswith(" ") and len(words) == 2:
            points.append((float(words[0]), -float(words[1])))
    return digits


OMNIGLOT: Final = ("images_background_small1", "images_background_small2", "one_shot_all_runs")


def omniglot() -> tuple[NDArray[np.uint8], list[str]]:
    """Lake, Salakhutdinov & Tenenbaum: drawings of letters (n, 105, 105) uint8, ink 255, and each one's letter.

    Science 350 (2015), MIT. Drawings of eight alphabets by twenty hands each, and 400 pairs from ten others.
    A letter is called alphabet/character, of the one-shot trials run/class.
    """
    drawings: dict[str, NDArray[np.uint8]] = {}
    letters = []
    for name in OMNIGLOT:
        with zipfile.ZipFile(fetch(f"omniglot/{name}.zip")) as archive:
            classes = _one_shot_classes(archive)
            for path in sorted(archive.namelist()):
                key = path.removeprefix(f"{name}/")
                if path.endswith(".png") and key not in drawings:
                    drawings[key] = 255 - np.asarray(Image.open(BytesIO(archive.read(path))).convert("L"))
                    letters.append(classes.get(path) or key.rsplit("/", 1)[0])
    return np.stack(list(drawings.values())), letters


def _one_shot_classes(archive: zipfile.ZipFile) -> dict[str, str]:
    """run/class of each drawing of the one-shot trials; nothing for other archives."""
    classes = {}
    for path in archive.namelist():
        if path.endswith("class_labels.txt"):
            for line in archive.read(path).decode("ascii").splitlines():
                test, training = line.split()
                classes[test] = classes[training] = training.replace("/training", "").removesuffix(".png")
    return classes
