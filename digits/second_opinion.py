"""A second opinion on 28x28 pictures of which one view does not make sure: other features, other networks.

They are told what `digits.second_features` sees in the picture, and what the classifier made of it: its last hidden
layer and its logits. `python -m digits.training.second_opinion` trains them, on hard examples only.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.features import SIDE
from digits.layers import Layers, logits_of
from digits.second_features import PATCH, direction_features, openness_features, patch_features

CLASSES: Final = 11
"""Ten digits, and "not a digit"."""


def features_of(
    pictures: NDArray[np.uint8], hidden: NDArray[np.float32], logits: NDArray[np.float32], dictionary: Layers
) -> NDArray[np.float32]:
    """What the networks are told.

    Args:
        pictures: (n, 28, 28) uint8.
        hidden: (n, units) float32, the classifier's last hidden layer.
        logits: (n, 11) float32, what it makes of that.
        dictionary: of typical patches; see `patch_features`.

    Returns:
        (n, features) float32.

    """
    seen = direction_features(pictures), openness_features(pictures), patch_features(pictures, dictionary)
    return np.concatenate([*seen, hidden, logits], axis=1)


class SecondOpinion:
    """Networks of ReLU on `features_of` pictures, whose logits are averaged."""

    def __init__(self, dictionary: Layers, *networks: Layers, units: int) -> None:
        """Take the dictionary of patches, and the layers of networks.

        Args:
            dictionary: see `patch_features`.
            networks: from `features_of` pictures to `CLASSES`.
            units: of the classifier's last hidden layer.

        Raises:
            ValueError: there are none, or they do not fit.

        """
        if [len(weights) for weights, _ in dictionary] != [PATCH**2] * 2:
            raise ValueError(f"no dictionary of patches of {PATCH}x{PATCH} pixels")
        self._dictionary, self._networks = dictionary, networks
        told = np.zeros((1, units), np.float32), np.zeros((1, CLASSES), np.float32)
        if not networks or self.logits(np.zeros((1, SIDE, SIDE), np.uint8), *told).shape != (1, CLASSES):
            raise ValueError(f"no networks to {CLASSES} classes")

    def logits(
        self, pictures: NDArray[np.uint8], hidden: NDArray[np.float32], logits: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """What is to be added to the mean log probabilities of the augmented views: (n, CLASSES) float32.

        Args:
            pictures: (n, 28, 28) uint8.
            hidden: (n, units) float32, the classifier's last hidden layer.
            logits: (n, 11) float32, what it makes of that.

        """
        features = features_of(pictures, hidden, logits, self._dictionary)
        mean: NDArray[np.float32] = np.mean([logits_of(network, features) for network in self._networks], axis=0)
        return mean
