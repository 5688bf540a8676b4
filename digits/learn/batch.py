"""What an installation's model may learn from: believed corrections that another profile bears out."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.known import Known
from digits.model import Model
from digits.recogniser import Recogniser, decide
from digits.store import BelievedDigits
from digits.taught import NO_DIGIT, Taught, unit_length

MAX_LEARNT: Final = 20_000
"""So many of the newest corrections are looked at; comparing them with each other takes some ten seconds."""

NEAR: Final = 0.6
"""Cosine of the network's last hidden layers from which on two digits are of one shape."""

AT_ONCE: Final = 1_000
"""So many pictures are compared, or read, at once."""


MIN_AGREEING: Final = 0.5
"""Share of the digits of its shape by other profiles that must have the label of a correction. Of true corrections by
writers who share a way to write a digit 2 % are contradicted so, of false labels 92 to 99 % (docs/notebook.md)."""

SURE: Final = 0.99
"""Probability of a digit from which on the model speaks against another label, if the known digits do so too."""

MAX_CONTRADICTED: Final = 0.2
"""Share of a batch's corrections that may be contradicted. Of true ones 2 to 5 % are, where 30 % of the labels are
false 29 to 39 % (docs/notebook.md)."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Corrections, divided.

    Attributes:
        learn: those that are learnt from.
        test: those that are set aside for ever.
        count: how many there are in all.
        profiles: how many profiles they are of.
        alone: how many are left out, as no other profile has a digit of their shape with their label.
        contradicted: numbers in the store of those that are left out as other profiles' labels speak against them, or
            what the model and the known digits are sure of.

    """

    learn: Taught
    test: Taught
    count: int
    profiles: int
    alone: int
    contradicted: tuple[int, ...]

    @property
    def is_contradictory(self) -> bool:
        """Whether so much speaks against its labels that none of them is to be trusted."""
        return len(self.contradicted) > MAX_CONTRADICTED * (self.count - len(self.test))


def batch_of(model: Model, believed: BelievedDigits) -> Batch:
    """Divide what is believed into what is learnt from and what is set aside as test.

    A digit is learnt from where another profile has one of its shape with the same label, and no more have other
    labels.
    """
    newest = np.arange(len(believed.labels))[-MAX_LEARNT:]
    chosen, aside = newest[~believed.held_out[newest]], newest[believed.held_out[newest]]
    owners = np.unique(np.array(believed.profiles, np.str_), return_inverse=True)[1]
    vectors = unit_length(model.hidden(believed.pictures[chosen]))
    agreeing, others = near_labels(vectors, believed.labels[chosen], owners[chosen])
    contradicted = agreeing < MIN_AGREEING * (agreeing + others)
    contradicted |= _are_unheard_of(model, Taught(believed.pictures[chosen], believed.labels[chosen]))
    learn = chosen[(agreeing > 0) & ~contradicted]
    return Batch(
        Taught(believed.pictures[learn], believed.labels[learn]),
        Taught(believed.pictures[aside], believed.labels[aside]),
        len(newest),
        len(np.unique(owners[newest])),
        int(np.count_nonzero((agreeing == 0) & ~contradicted)),
        tuple(believed.ids[place] for place in chosen[contradicted]),
    )


def _are_unheard_of(model: Model, taught: Taught) -> NDArray[np.bool_]:
    """Which the model is sure are another digit, while none of the nearest known digits has their label: (n,) bool."""
    found = model.predict_proba(taught.pictures)[:, :NO_DIGIT]
    doubtful = np.flatnonzero((found.max(axis=1, initial=0) >= SURE) & (found.argmax(axis=1) != taught.labels))
    known = Known.of(model)
    unheard_of = np.zeros(len(taught), np.bool_)
    for place in doubtful:
        unheard_of[place] = not known.is_believable(taught.pictures[place], int(taught.labels[place]))
    return unheard_of


def near_labels(
    vectors: NDArray[np.float32], labels: NDArray[np.intp], owners: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many digits of its shape by other profiles have the same label as each digit, and how many have another.

    Args:
        vectors: (n, units) float32 of unit length, the network's last hidden layer.
        labels: (n,) intp.
        owners: (n,) intp, whose each is.

    Returns:
        (n,) intp each.

    """
    agreeing, others = np.zeros(len(labels), np.intp), np.zeros(len(labels), np.intp)
    for start in range(0, len(labels), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        near = (vectors[part] @ vectors.T >= NEAR) & (owners[part, None] != owners)
        same = labels[part, None] == labels
        agreeing[part], others[part] = np.sum(near & same, axis=1), np.sum(near & ~same, axis=1)
    return agreeing, others


def labels_read(recogniser: Recogniser, pictures: NDArray[np.uint8]) -> NDArray[np.intp]:
    """What (n, 28, 28) uint8 pictures are read as, each by itself: (n,) intp, 0..9, and 10 for no digit."""
    found = [
        NO_DIGIT if (digit := decide(view)[0]) is None else digit
        for start in range(0, len(pictures), AT_ONCE)
        for view in recogniser.predict_proba(pictures[start : start + AT_ONCE])
    ]
    return np.array(found, np.intp)
