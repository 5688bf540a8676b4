"""The data sets: found in `DIGITS_DATA_DIR` or downloaded, checked by SHA-256, and parsed.

What downloads is imported where it is needed: who only measures pictures needs none of it.
"""

import gzip
import hashlib
import os
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image


class DataSetError(RuntimeError):
    """A file of a data set is not to be had, or is not the one it should be; the text says in one line what to do."""


@dataclass(frozen=True)
class DataFile:
    """A file of a public data set.

    Attributes:
        path: in the data folder.
        url: where it is downloaded from.
        sha256: of the file as used, after it was unpacked.
        packed_as: its name in the zip file at `url`, in the format of Unix's compress; None where it comes as it is.

    """

    path: str
    url: str
    sha256: str
    packed_as: str | None = None


_MNIST_URL: Final = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_OMNIGLOT_URL: Final = "https://github.com/brendenlake/omniglot/raw/master/python/images_background_small1.zip"
_PENDIGITS_URL: Final = "https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip"

FILES: Final = {
    file.path: file
    for file in (
        DataFile(
            "mnist/train-images-idx3-ubyte.gz",
            _MNIST_URL + "train-images-idx3-ubyte.gz",
            "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
        ),
        DataFile(
            "mnist/train-labels-idx1-ubyte.gz",
            _MNIST_URL + "train-labels-idx1-ubyte.gz",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        DataFile(
            "mnist/t10k-images-idx3-ubyte.gz",
            _MNIST_URL + "t10k-images-idx3-ubyte.gz",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        DataFile(
            "mnist/t10k-labels-idx1-ubyte.gz",
            _MNIST_URL + "t10k-labels-idx1-ubyte.gz",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        DataFile(
            "pendigits/pendigits-orig.tra",
            _PENDIGITS_URL,
            "a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4",
            packed_as="pendigits-orig.tra.Z",
        ),
        DataFile(
            "omniglot/images_background_small1.zip",
            _OMNIGLOT_URL,
            "f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4",
        ),
    )
}


VALIDATION_WRITERS: Final = frozenset((3, 8, 13, 18, 23, 28))
"""Writers of the pen digits that are kept out of all training."""


def data_folder() -> Path | None:
    """The folder that DIGITS_DATA_DIR names; None where it names none."""
    named = os.environ.get("DIGITS_DATA_DIR")
    return Path(named) if named else None


def fetch(path: str) -> Path:
    """Where the file is on this machine, downloaded first when DIGITS_DATA_DIR names no folder.

    Raises:
        DataSetError: it is not in the folder, cannot be downloaded, or its SHA-256 is not the recorded one.

    """
    file = FILES[path]
    if (folder := data_folder()) is None:
        return _downloaded(file)
    found = folder / path
    if not found.is_file():
        raise DataSetError(
            f"{found} is missing: get it from {file.url}, or unset DIGITS_DATA_DIR to have it downloaded"
        )
    if not _is_as_recorded(found, file):
        raise DataSetError(f"{found} is damaged (its SHA-256 differs): get it anew from {file.url}")
    return found


def _downloaded(file: DataFile) -> Path:
    try:
        import pooch
        from unlzw3 import unlzw
    except ImportError as error:
        raise DataSetError(f"to download {file.url}: pip install -r tests/requirements.txt") from error
    cached: Path = pooch.os_cache("digits") / file.path
    if cached.exists() and _is_as_recorded(cached, file):
        return cached
    print(f"Downloading {file.url} into {cached}")
    pooch.get_logger().setLevel("ERROR")
    try:
        cached.unlink(missing_ok=True)
        packed = Path(pooch.retrieve(file.url, None, f"{cached.name}.part", cached.parent, progressbar=True))
        content = packed.read_bytes()
        packed.unlink()
        if file.packed_as is not None:
            content = unlzw(zipfile.ZipFile(BytesIO(content)).read(file.packed_as))
        cached.write_bytes(content)
    except OSError as error:
        advice = "try again with a network, or put it into a folder that DIGITS_DATA_DIR names"
        raise DataSetError(
            f"{file.path} could not be downloaded from {file.url} ({type(error).__name__}): {advice}"
        ) from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DataSetError(f"what came from {file.url} is damaged: try again") from error
    if not _is_as_recorded(cached, file):
        cached.unlink()
        raise DataSetError(f"what came from {file.url} is damaged (its SHA-256 differs): try again")
    return cached


def _is_as_recorded(path: Path, file: DataFile) -> bool:
    return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256


def mnist(part: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """MNIST's pictures (n, 28, 28) uint8 and labels (n,) for part `train` (60,000) or `t10k` (10,000)."""
    pictures = gzip.decompress(fetch(f"mnist/{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress(fetch(f"mnist/{part}-labels-idx1-ubyte.gz").read_bytes())
    return (
        np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8).astype(np.int64),
    )


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


def omniglot() -> tuple[NDArray[np.uint8], list[str]]:
    """Lake, Salakhutdinov & Tenenbaum: drawings of letters (n, 105, 105) uint8, ink 255, and each one's letter."""
    drawings, letters = [], []
    with zipfile.ZipFile(fetch("omniglot/images_background_small1.zip")) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".png"):
                drawing = Image.open(BytesIO(archive.read(name))).convert("L")
                drawings.append(255 - np.asarray(drawing))
                letters.append(name.rsplit("/", 1)[0].split("/", 1)[1])
    return np.stack(drawings), letters
