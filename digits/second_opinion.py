"""A second opinion on 28x28 pictures of which one view does not make sure: other features, another network.

HOG does not tell the two sides of a stroke apart. Here gradients keep their sign: each is shared between the two of
eight directions next to it, and each direction is blurred and sampled in 8x8 places (direction features as in Liu,
Nakashima, Sako & Fujisawa, Pattern Recognition 36, 2003). Beside them stands what the classifier made of the picture:
its last hidden layer and its logits. `python -m digits.training.second_opinion` trains it, on hard examples only.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.features import SIDE
from digits.layers import Layers, logits_of

DIRECTIONS: Final = 8
"""Directions of gradients, 45 degrees apart."""

PLACES: Final = 8
"""Places a side in which each of them is sampled."""

BLUR: Final = 1.8
"""Pixels of the blur before, as a standard deviation."""

LENGTH: Final = DIRECTIONS * PLACES**2
"""Numbers of `direction_features`: 512."""

CLASSES: Final = 11
"""Ten digits, and "not a digit"."""

BATCH: Final = 1_000
"""So many pictures are worked on at once."""


def _sampling() -> NDArray[np.float32]:
    """Shares of the rows, or columns, in each place: (SIDE, PLACES), a column adds up to 1."""
    middles = (np.arange(PLACES) + 0.5) * SIDE / PLACES - 0.5
    shares = np.exp(-(((np.arange(SIDE)[:, None] - middles) / BLUR) ** 2) / 2)
    return np.asarray(shares / shares.sum(axis=0), np.float32)


_SAMPLING: Final = _sampling()


def direction_features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Square roots of blurred gradient strengths by direction: (n, 28, 28) uint8 to (n, LENGTH) float32."""
    if len(pictures) > BATCH:
        starts = range(0, len(pictures), BATCH)
        return np.concatenate([direction_features(pictures[start : start + BATCH]) for start in starts])
    grey = np.pad(pictures.astype(np.float32) / np.float32(255), ((0, 0), (1, 1), (1, 1)))
    across, down = grey[:, :, 2:] - grey[:, :, :-2], grey[:, 2:] - grey[:, :-2]
    right = (across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]).ravel()
    below = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]).ravel()
    strength, place = np.hypot(right, below), np.arctan2(below, right) * np.float32(DIRECTIONS / (2 * np.pi))
    first = np.floor(place)
    share = (place - first) * strength
    direction = first.astype(np.intp)
    maps = np.zeros((DIRECTIONS, len(strength)), np.float32)
    pixels = np.arange(len(strength))
    maps[direction % DIRECTIONS, pixels] = strength - share
    maps[(direction + 1) % DIRECTIONS, pixels] = share
    sampled = _SAMPLING.T @ maps.reshape(-1, SIDE, SIDE) @ _SAMPLING
    by_picture = sampled.reshape(DIRECTIONS, len(pictures), -1).swapaxes(0, 1).reshape(len(pictures), LENGTH)
    return np.sqrt(by_picture)


def features_of(
    pictures: NDArray[np.uint8], hidden: NDArray[np.float32], logits: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What the networks are told.

    Args:
        pictures: (n, 28, 28) uint8.
        hidden: (n, units) float32, the classifier's last hidden layer.
        logits: (n, 11) float32, what it makes of that.

    Returns:
        (n, LENGTH + units + 11) float32.

    """
    return np.concatenate([direction_features(pictures), hidden, logits], axis=1)


class SecondOpinion:
    """Networks of ReLU on `features_of` pictures, whose logits are averaged."""

    def __init__(self, networks: Sequence[Layers], units: int) -> None:
        """Take the layers of networks that are told `units` numbers of the classifier's last hidden layer.

        Raises:
            ValueError: there are none, or they do not lead from as many numbers to `CLASSES`.

        """
        inputs = LENGTH + units + CLASSES
        if not networks or any(
            layers[0][0].shape[0] != inputs or layers[-1][0].shape[1] != CLASSES for layers in networks
        ):
            raise ValueError(f"no networks from {inputs} numbers to {CLASSES} classes")
        self._networks = networks

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, CLASSES) float32: what is to be added to the mean log probabilities of the augmented views."""
        mean: NDArray[np.float32] = np.mean([logits_of(network, features) for network in self._networks], axis=0)
        return mean
