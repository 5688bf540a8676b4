"""Known digits by many hands: how far a picture is from those of a label, whether a label is believed, the nearest.

They lie in one picture, `weights/known_digits.png`, which `python -m digits.training.known_digits` makes: 28x28 tiles,
row by row, of each label as many rows.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.features import SIDE
from digits.memory import CLASSES, Memory, Taught, unit_length
from digits.model import Model

KNOWN_DIGITS: Final = Path(__file__).parent / "weights" / "known_digits.png"

ROWS: Final = 4
COLUMNS: Final = 50
"""Tiles of each class: so many rows of so many."""

NEIGHBOURS: Final = 50
"""So many of the nearest known digits are looked at to see whether a label is among theirs."""

SHOWN: Final = 5
"""So many of the nearest are shown."""


class Near(NamedTuple):
    """A digit that a picture looks like.

    Attributes:
        picture: (28, 28) uint8, ink bright.
        label: 0..9, and `digits.memory.NO_DIGIT`.
        is_yours: whether it is one of those that the person has taught, rather than a known one.
        similarity: cosine of the network's last hidden layers, 0..1.

    """

    picture: NDArray[np.uint8]
    label: int
    is_yours: bool
    similarity: float


@dataclass(frozen=True, eq=False)
class Known:
    """The known digits as the model's network sees them."""

    model: Model
    memory: Memory

    @classmethod
    def of(cls, model: Model) -> "Known":
        """The known digits for a model; worked out once in a process for each network, in about half a second."""
        global _latest
        if _latest is None or _latest.model.classifier is not model.classifier:
            _latest = cls(model, Memory.of(model, known_digits()))
        return _latest

    def distance(self, picture: NDArray[np.uint8], label: int) -> float:
        """How far a picture, (28, 28) uint8, is from the nearest known digit of that label, 0..10: 1 - cosine, 0..1."""
        of_label = self._similarities(picture)[self.memory.taught.labels == label]
        return float(1 - of_label.max(initial=0.0).clip(0, 1))

    def is_believable(self, picture: NDArray[np.uint8], label: int) -> bool:
        """Whether that label, 0..10, is among those of the nearest known digits of a picture, (28, 28) uint8."""
        nearest = np.argpartition(-self._similarities(picture), NEIGHBOURS)[:NEIGHBOURS]
        return bool((self.memory.taught.labels[nearest] == label).any())

    def nearest(self, picture: NDArray[np.uint8], memory: Memory | None = None, count: int = SHOWN) -> list[Near]:
        """The known digits, and those of a person's memory, that a picture looks like, the likest first."""
        own = [] if memory is None else [memory]
        found: list[Near] = []
        vector = unit_length(self.model.hidden(picture[None]))[0]
        for source in (*own, self.memory):
            similarities = source.vectors @ vector
            found += [
                Near(
                    source.taught.pictures[place],
                    int(source.taught.labels[place]),
                    source is memory,
                    float(similarities[place].clip(0, 1)),
                )
                for place in np.argsort(-similarities, kind="stable")[:count]
            ]
        return sorted(found, key=lambda near: -near.similarity)[:count]

    def _similarities(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        similarities: NDArray[np.float32] = self.memory.vectors @ unit_length(self.model.hidden(picture[None]))[0]
        return similarities


_latest: Known | None = None


@cache
def known_digits() -> Taught:
    """The known digits, which many people wrote and some are none."""
    mosaic = np.asarray(Image.open(KNOWN_DIGITS).convert("L"))
    tiles = mosaic.reshape(CLASSES * ROWS, SIDE, COLUMNS, SIDE).swapaxes(1, 2).reshape(-1, SIDE, SIDE)
    return Taught(np.ascontiguousarray(tiles), np.repeat(np.arange(CLASSES), ROWS * COLUMNS))
