"""Digits of one's own that `train.py --with FILE` takes along: what `digits.exports` wrote."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from digits import exports
from digits.features import SIDE
from digits.training.examples import Examples

FOLDER: Final = "own"
"""Where they stand among the record's data."""


class OwnDigits(NamedTuple):
    """Digits with their labels, and the SHA-256 of each file they come from, by its name for the record."""

    examples: Examples
    files: dict[str, str]


def own_digits(paths: Sequence[Path]) -> OwnDigits:
    """All digits of these files.

    Raises:
        digits.exports.ExportError: a file is no data set, or has no digits.
        OSError: a file cannot be opened.

    """
    pictures, labels, files = [np.zeros((0, SIDE, SIDE), np.uint8)], [np.zeros(0, np.int64)], {}
    for number, path in enumerate(paths, 1):
        found = exports.read(path)
        if not len(found.labels):
            raise exports.ExportError(f"{path} has no digits")
        pictures.append(found.pictures)
        labels.append(found.labels.astype(np.int64))
        files[f"{FOLDER}/{number}-{path.name}"] = sha256(path.read_bytes()).hexdigest()
    return OwnDigits((np.concatenate(pictures), np.concatenate(labels)), files)
