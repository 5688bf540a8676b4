"""Digits that people have taught, and how much they speak for each class: a memory beside the network.

Each remembered digit is a vector, the network's last hidden layer at unit length. What a new picture's vector is close
to weighs in with what the network says of it: `STRENGTH` at most is added to the log probability of a class, less the
farther the nearest remembered digit of that class is. Writer adaptation on a frozen network, after Platt & Matić (NIPS
9, 1996) and Kienzle & Chellapilla (ICML 2006).
"""

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from digits.features import SIDE

if TYPE_CHECKING:
    from digits.model import Model

NO_DIGIT: Final = 10
"""Label of what is no digit."""

CLASSES: Final = 11
"""Ten digits, and `NO_DIGIT`."""

STRENGTH: Final = 8.0
"""Added to the log probability of a class when the picture is exactly a remembered digit of it."""

SPREAD: Final = 0.25
"""Distance, 1 - cosine, at which that has fallen to 1/e."""

SAME: Final = 0.995
"""Cosine of two pictures' pixels from which on they are the same drawing."""

NONE_RECALLED: Final = -1


@dataclass(frozen=True, eq=False)
class Taught:
    """Digits with what they are, as plain data.

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


NOTHING_TAUGHT: Final = Taught(np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0, np.intp))


@dataclass(frozen=True, eq=False)
class Memory:
    """Taught digits as a network sees them.

    Attributes:
        taught: the digits, in the order in which they were given.
        vectors: (n, units) float32 of unit length: the network's last hidden layer for each of them.

    """

    taught: Taught
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, model: "Model", taught: Taught) -> "Memory":
        """What the model's network makes of these digits: about 0.15 ms each."""
        return cls(taught, unit_length(model.hidden(taught.pictures)))

    def __len__(self) -> int:
        return len(self.taught)

    def and_also(self, other: "Memory") -> "Memory":
        """Both memories in one; of digits that both have, this one's label counts."""
        pictures = np.concatenate([self.taught.pictures, other.taught.pictures])
        labels = np.concatenate([self.taught.labels, other.taught.labels])
        return Memory(Taught(pictures, labels), np.concatenate([self.vectors, other.vectors]))

    def log_support(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is to be added to log probabilities.

        Args:
            hidden: (m, units) float32, the network's last hidden layer for each picture.

        Returns:
            (m, CLASSES) float32, 0 to `STRENGTH`; 0 for a class of which nothing is remembered.

        """
        support = np.zeros((len(hidden), CLASSES), np.float32)
        if len(self):
            vectors, starts, classes = self._by_class
            closest = np.maximum.reduceat(unit_length(hidden) @ vectors, starts, axis=1)
            support[:, classes] = np.float32(STRENGTH) * np.exp((closest - 1) / np.float32(SPREAD))
        return support

    def recalled(self, pictures: NDArray[np.uint8]) -> NDArray[np.intp]:
        """(m,) intp: the label of the remembered digit that each of (m, 28, 28) uint8 is, or `NONE_RECALLED`."""
        if not len(self) or not len(pictures):
            return np.full(len(pictures), NONE_RECALLED)
        cosines = _unit_pixels(pictures) @ self._pixels
        nearest = cosines.argmax(axis=1)
        is_same = cosines[np.arange(len(pictures)), nearest] >= SAME
        return np.where(is_same, self.taught.labels[nearest], NONE_RECALLED)

    @cached_property
    def _by_class(self) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.intp]]:
        """(units, n) vectors sorted by class, where each class begins, and the classes."""
        order = self.taught.labels.argsort(kind="stable")
        classes, starts = np.unique(self.taught.labels[order], return_index=True)
        return np.ascontiguousarray(self.vectors[order].T), starts, classes

    @cached_property
    def _pixels(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(_unit_pixels(self.taught.pictures).T)


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, units) vectors, each divided by its length; zeros stay zeros."""
    lengths = np.sqrt(np.einsum("nu,nu->n", vectors, vectors))
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-9))[:, None]
    return unit


def _unit_pixels(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    return unit_length(pictures.reshape(len(pictures), -1).astype(np.float32))


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
