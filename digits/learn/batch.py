"""What an installation's model may learn from: believed corrections that another profile bears out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.memory import NO_DIGIT, Taught, unit_length
from digits.model import Model
from digits.recogniser import Recogniser, decide
from digits.store import BelievedDigits

MAX_LEARNT: Final = 20_000
"""So many of the newest corrections are looked at; comparing them with each other takes some ten seconds."""

NEAR: Final = 0.6
"""Cosine of the network's last hidden layers from which on two digits are of one shape."""

AT_ONCE: Final = 1_000
"""So many pictures are compared, or read, at once."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Corrections, divided.

    Attributes:
        learn: those that are learnt from.
        test: those that are set aside for ever.
        profiles: how many profiles the first are of.
        alone: how many are left out, as no other profile bears them out.

    """

    learn: Taught
    test: Taught
    profiles: int
    alone: int


def batch_of(model: Model, believed: BelievedDigits) -> Batch:
    """Divide what is believed into what is learnt from and what is set aside as test.

    A digit is learnt from where another profile has one of its shape with the same label, and no more with others.
    """
    newest = np.arange(len(believed.labels))[-MAX_LEARNT:]
    chosen, aside = newest[~believed.held_out[newest]], newest[believed.held_out[newest]]
    profiles = [believed.profiles[place] for place in chosen]
    borne_out = are_borne_out(unit_length(model.hidden(believed.pictures[chosen])), believed.labels[chosen], profiles)
    learn = chosen[borne_out]
    return Batch(
        Taught(believed.pictures[learn], believed.labels[learn]),
        Taught(believed.pictures[aside], believed.labels[aside]),
        len({believed.profiles[place] for place in learn}),
        int(np.count_nonzero(~borne_out)),
    )


def are_borne_out(vectors: NDArray[np.float32], labels: NDArray[np.intp], profiles: Sequence[str]) -> NDArray[np.bool_]:
    """Which of n digits another profile bears out: (n,) bool.

    Args:
        vectors: (n, units) float32 of unit length, the network's last hidden layer.
        labels: (n,) intp.
        profiles: whose each is.

    """
    owners = np.unique(np.array(profiles), return_inverse=True)[1]
    borne_out = np.zeros(len(labels), np.bool_)
    for start in range(0, len(labels), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        near = (vectors[part] @ vectors.T >= NEAR) & (owners[part, None] != owners)
        same = labels[part, None] == labels
        agreeing = np.count_nonzero(near & same, axis=1)
        borne_out[part] = (agreeing > 0) & (agreeing >= np.count_nonzero(near & ~same, axis=1))
    return borne_out


def labels_read(recogniser: Recogniser, pictures: NDArray[np.uint8]) -> NDArray[np.intp]:
    """What (n, 28, 28) uint8 pictures are read as, each by itself: (n,) intp, 0..9, and 10 for no digit."""
    found = [
        NO_DIGIT if (digit := decide(view)[0]) is None else digit
        for start in range(0, len(pictures), AT_ONCE)
        for view in recogniser.predict_proba(pictures[start : start + AT_ONCE])
    ]
    return np.array(found, np.intp)
