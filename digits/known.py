"""Known digits by many hands: how far a picture is from those of a label, whether a label is believed, the nearest.

They lie in one picture, `weights/known_digits.png`, which `python -m digits.training.known_digits` makes: 28x28 tiles,
row by row, of each label as many rows.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.features import SIDE
from digits.taught import CLASSES, NO_DIGIT, Taught, unit_length

if TYPE_CHECKING:
    from digits.memory import Memory
    from digits.model import Model

KNOWN_DIGITS: Final = Path(__file__).parent / "weights" / "known_digits.png"

ROWS: Final = 4
COLUMNS: Final = 50
"""Tiles of each class: so many rows of so many."""

NEIGHBOURS: Final = 40
"""So many of the nearest known digits are looked at to see whether a label is among theirs. By kept-out writers that
holds back 96 % of false labels, and 23 % of the true ones of misread digits; 27 would be 97 and 28 %, and twice as many
known digits are much the same."""

NEIGHBOURS_OF_NONE: Final = 20
"""The same where the label is "no digit", which letters near 0 and 7 have: 96 % of the false ones are held back, and
43 % of the true ones of what is taken for a digit."""

SHOWN: Final = 5
"""So many of the nearest are shown."""


class Near(NamedTuple):
    """A digit that a picture looks like.

    Attributes:
        picture: (28, 28) uint8, ink bright.
        label: 0..9, and `digits.taught.NO_DIGIT`.
        is_yours: whether it is one of those that the person has taught, rather than a known one.
        similarity: cosine of the network's last hidden layers, 0..1.

    """

    picture: NDArray[np.uint8]
    label: int
    is_yours: bool
    similarity: float


@dataclass(frozen=True, eq=False)
class Known:
    """The known digits as a network sees them.

    Attributes:
        model: whose network it is; without a memory.
        vectors: (CLASSES * ROWS * COLUMNS, units) float32 of unit length: its last hidden layer for each of them.

    """

    model: "Model"
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, model: "Model") -> "Known":
        """The known digits for a model; worked out once in a process for each network, in about a third of a second."""
        global _latest
        known = _latest
        if known is None or known.model.classifier is not model.classifier:
            known = _latest = cls(model.without_memory(), unit_length(model.hidden(known_digits().pictures)))
        return known

    def distance(self, picture: NDArray[np.uint8], label: int) -> float:
        """How far a picture, (28, 28) uint8, is from the nearest known digit of that label, 0..10: 1 - cosine, 0..1."""
        return float(1 - self._closest(self._vector(picture)[None])[0, label].clip(0, 1))

    def is_believable(self, picture: NDArray[np.uint8], label: int) -> bool:
        """Whether that label, 0..10, is among those of the nearest known digits of a picture, (28, 28) uint8."""
        count = NEIGHBOURS_OF_NONE if label == NO_DIGIT else NEIGHBOURS
        nearest = np.argpartition(-(self.vectors @ self._vector(picture)), count)[:count]
        return bool((known_digits().labels[nearest] == label).any())

    def farther(self, vectors: NDArray[np.float32], labels: NDArray[np.intp]) -> NDArray[np.float32]:
        """By how much the nearest known digit of the own label is farther than that of any other.

        Args:
            vectors: (n, units) float32 of unit length.
            labels: (n,) 0..10.

        Returns:
            (n,) float32: a difference of cosines, below 0 where the own label is nearer.

        """
        closest = self._closest(vectors)
        each = np.arange(len(labels))
        own = closest[each, labels]
        closest[each, labels] = -1
        farther: NDArray[np.float32] = closest.max(axis=1) - own
        return farther

    def nearest(self, picture: NDArray[np.uint8], memory: "Memory | None" = None, count: int = SHOWN) -> list[Near]:
        """The known digits, and those of a person's memory, that a picture looks like, the likest first.

        Args:
            picture: (28, 28) uint8.
            memory: of the person; None where there is none.
            count: how many.

        """
        vector = self._vector(picture)
        sources = [(known_digits(), self.vectors, False)]
        if memory is not None:
            sources.insert(0, (memory.taught, memory.vectors, True))
        found = [
            Near(taught.pictures[place], int(taught.labels[place]), yours, float(similarities[place].clip(0, 1)))
            for taught, vectors, yours in sources
            for similarities in [vectors @ vector]
            for place in np.argsort(-similarities, kind="stable")[:count]
        ]
        return sorted(found, key=lambda near: -near.similarity)[:count]

    def _vector(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = unit_length(self.model.hidden(picture[None]))[0]
        return vector

    def _closest(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, CLASSES) cosines with the nearest known digit of each class."""
        cosines = vectors @ self.vectors.T
        closest: NDArray[np.float32] = cosines.reshape(len(vectors), CLASSES, ROWS * COLUMNS).max(axis=2)
        return closest


_latest: Known | None = None


@cache
def known_digits() -> Taught:
    """The known digits, which many people wrote and some are none: `ROWS` * `COLUMNS` of each class, class by class."""
    mosaic = np.asarray(Image.open(KNOWN_DIGITS).convert("L"))
    tiles = mosaic.reshape(CLASSES * ROWS, SIDE, COLUMNS, SIDE).swapaxes(1, 2).reshape(-1, SIDE, SIDE)
    return Taught(np.ascontiguousarray(tiles), np.repeat(np.arange(CLASSES), ROWS * COLUMNS))
