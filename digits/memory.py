"""A memory of taught digits, which speaks beside the network; the network stays as it is.

Each remembered digit is a vector, the network's last hidden layer at unit length. How close a new picture's vector is
to it weighs in with what the network says: some strength is added to the log probability of the remembered digit's
class, less of it the farther it is. Writer adaptation on a frozen network, after Platt & Matić (NIPS 9, 1996) and
Kienzle & Chellapilla (ICML 2006). A digit that looks like known ones of its label has more strength than one that looks
like those of another: that may be a wrong label. `python -m digits.evaluation.memory` measures what it gains.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from digits.known import Known
from digits.taught import CLASSES as CLASSES
from digits.taught import NO_DIGIT as NO_DIGIT
from digits.taught import Taught as Taught
from digits.taught import unit_length

if TYPE_CHECKING:
    from digits.model import Model

STRENGTH: Final = 14.0
"""Added to the log probability of a class for a picture that is a remembered digit of it, and..."""

DOUBTED_STRENGTH: Final = 6.0
"""...the same where that digit is nearer to known digits of another label by..."""

DOUBTED: Final = 0.15
"""...so much of the cosine, or more; between them it falls in a straight line."""

SPREAD: Final = 0.25
"""Distance, 1 - cosine, at which the strength has fallen to 1/e. These four were chosen on the digits of kept-out
writers (docs/notebook.md)."""

SAME: Final = 0.98
"""Cosine of two pictures' pixels from which on they are the same drawing: of 10,000 digits none is so close to a digit
of another label by the same hand, and a drawing saved as JPEG stays as close to itself."""

IDENTICAL: Final = 0.9999
"""The same where something stands beside the digit: then it must be the very picture that was taught."""

NONE_RECALLED: Final = -1

DOUBT: Final = 1e-9
"""What all other classes keep together when a picture is a remembered digit..."""

SETTLED: Final = 1 - DOUBT
"""...and what its own class has then."""


@dataclass(frozen=True, eq=False)
class Memory:
    """Taught digits as a network sees them.

    Attributes:
        taught: the digits, in the order in which they were given.
        vectors: (n, units) float32 of unit length: the network's last hidden layer for each of them.
        strengths: (n,) float32: what each adds to a log probability at most.

    """

    taught: Taught
    vectors: NDArray[np.float32]
    strengths: NDArray[np.float32]

    @classmethod
    def of(cls, model: "Model", taught: Taught) -> "Memory":
        """What the model's network makes of these digits: about 0.1 ms each."""
        vectors = unit_length(model.hidden(taught.pictures))
        doubt = np.clip(Known.of(model).farther(vectors, taught.labels) / np.float32(DOUBTED), 0, 1)
        return cls(taught, vectors, np.float32(STRENGTH) - np.float32(STRENGTH - DOUBTED_STRENGTH) * doubt)

    def __len__(self) -> int:
        return len(self.taught)

    def and_also(self, other: "Memory") -> "Memory":
        """Both memories in one; of digits that both have, this one's label counts."""
        vectors = np.concatenate([self.vectors, other.vectors])
        return Memory(self.taught.and_also(other.taught), vectors, np.concatenate([self.strengths, other.strengths]))

    def log_support(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is to be added to log probabilities.

        Args:
            hidden: (m, units) float32, the network's last hidden layer for each picture.

        Returns:
            (m, CLASSES) float32, 0 to `STRENGTH`; 0 for a class of which nothing is remembered.

        """
        support = np.zeros((len(hidden), CLASSES), np.float32)
        if len(self):
            vectors, strengths, starts, classes = self._by_class
            each = strengths * np.exp((unit_length(hidden) @ vectors - 1) / np.float32(SPREAD))
            support[:, classes] = np.maximum.reduceat(each, starts, axis=1)
        return support

    def recalled(self, pictures: NDArray[np.uint8], cosine: float = SAME) -> NDArray[np.intp]:
        """(m,) intp: the label of the remembered digit that each of (m, 28, 28) uint8 is, or `NONE_RECALLED`."""
        if not len(self) or not len(pictures):
            return np.full(len(pictures), NONE_RECALLED)
        cosines = _unit_pixels(pictures) @ self._pixels
        nearest = cosines.argmax(axis=1)
        is_same = cosines[np.arange(len(pictures)), nearest] >= cosine
        return np.where(is_same, self.taught.labels[nearest], NONE_RECALLED)

    def settle(self, found: NDArray[np.float64], pictures: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Make sure, in place, of the pictures that are remembered digits, whatever was found; what is `recalled`.

        Args:
            found: (m, CLASSES) probabilities.
            pictures: (m, 28, 28) uint8.

        """
        recalled = self.recalled(pictures)
        sure = np.flatnonzero(recalled != NONE_RECALLED)
        found[sure] *= DOUBT
        found[sure, recalled[sure]] = SETTLED
        return recalled

    @cached_property
    def _by_class(
        self,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp], NDArray[np.intp]]:
        """(units, n) vectors and their strengths sorted by class, where each class begins, and the classes."""
        order = self.taught.labels.argsort(kind="stable")
        classes, starts = np.unique(self.taught.labels[order], return_index=True)
        return np.ascontiguousarray(self.vectors[order].T), self.strengths[order], starts, classes

    @cached_property
    def _pixels(self) -> NDArray[np.float32]:
        """(784, n) pixels of the remembered digits, each of unit length."""
        return np.ascontiguousarray(_unit_pixels(self.taught.pictures).T)


def _unit_pixels(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    return unit_length(pictures.reshape(len(pictures), -1).astype(np.float32))
