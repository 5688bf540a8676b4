"""Digits with what people say they are, as plain data: what a memory is made of, and what is kept of it in a file."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from digits.features import SIDE

NO_DIGIT: Final = 10
"""Label of what is no digit."""

CLASSES: Final = 11
"""Ten digits, and `NO_DIGIT`."""


@dataclass(frozen=True, eq=False)
class Taught:
    """Pictures and their labels.

    Attributes:
        pictures: (n, 28, 28) uint8, ink bright, as `digits.normalise` makes them.
        labels: (n,) intp, 0..9, and `NO_DIGIT`.

    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.intp]

    def __post_init__(self) -> None:
        if self.pictures.shape != (len(self.labels), SIDE, SIDE) or self.pictures.dtype != np.uint8:
            raise ValueError(f"one {SIDE}x{SIDE} picture of uint8 is wanted for each label")
        if len(self.labels) and (self.labels.min() < 0 or self.labels.max() >= CLASSES):
            raise ValueError(f"labels go from 0 to {CLASSES - 1}")

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, places: Iterable[int]) -> "Taught":
        """Those at these places, in this order."""
        chosen = np.array([*places], np.intp)
        return Taught(self.pictures[chosen], self.labels[chosen])

    def and_also(self, other: "Taught") -> "Taught":
        """These, and behind them the others."""
        pictures = np.concatenate([self.pictures, other.pictures])
        return Taught(pictures, np.concatenate([self.labels, other.labels]))


NOTHING: Final = Taught(np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0, np.intp))


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, length) vectors, each divided by its length; zeros stay zeros."""
    lengths = np.sqrt(np.einsum("nu,nu->n", vectors, vectors))
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-9))[:, None]
    return unit


def write_taught(path: Path, taught: Taught) -> None:
    """Write taught digits into a file that holds nothing but numbers."""
    np.savez_compressed(path, allow_pickle=False, pictures=taught.pictures, labels=taught.labels.astype(np.uint8))


def read_taught(content: bytes) -> Taught:
    """The digits in the bytes of a file, as `write_taught` writes it.

    Raises:
        ValueError: it is no such file, or a damaged one.

    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return Taught(stored["pictures"], stored["labels"].astype(np.intp))
    except (OSError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(f"no taught digits: {error}") from error
