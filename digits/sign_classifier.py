"""What a segment hypothesis is beside a digit: a sign, a letter, a speck, or a wrong cut. Learnt.

A point and a comma, a dash and a bar of a 5, a slash and a 1 differ by where they stand, by how large they are and by
whose pen they are; so the small networks see, beside the gradients, how the hypothesis stands in its line
(`digits.number.signs`). `python -m digits.training.signs` trains them.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.answers import SIGNS
from digits.features import LENGTH
from digits.layers import Layers, logits_of, softmax

LETTER: Final = len(SIGNS)
SPECK: Final = LETTER + 1
DIGIT: Final = LETTER + 2
WRONG: Final = LETTER + 3
CROSSED: Final = LETTER + 4
CLASSES: Final = LETTER + 5
"""Classes of the network: the signs, then something that is neither sign nor digit, dirt or what is left of a printed
line, a whole digit, part of something or several of them, and digits that are crossed out."""

FIRST_GRADIENT: Final = 1296
"""Of the gradients the network sees those from here on: cells of 4 pixels without the rim, and of 7 pixels."""

PLACE: Final = 20
"""Numbers that describe how a hypothesis stands in its line."""

INPUTS: Final = LENGTH - FIRST_GRADIENT + PLACE


class SignClassifier:
    """Networks whose logits are averaged.

    Args:
        networks: layers of each.

    Raises:
        ValueError: they are not made for these inputs and classes.

    """

    def __init__(self, networks: Sequence[Layers]) -> None:
        if not networks or any(
            layers[0][0].shape[0] != INPUTS or layers[-1][0].shape[1] != CLASSES for layers in networks
        ):
            raise ValueError(f"no networks of {INPUTS} inputs and {CLASSES} classes")
        self._networks = networks

    def probabilities(self, hog: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, CLASSES) of n hypotheses, by their HOG vectors (n, LENGTH) and their places (n, PLACE)."""
        seen = np.concatenate([hog[:, FIRST_GRADIENT:], places], axis=1)
        logits = np.zeros((len(seen), CLASSES))
        for network in self._networks:
            logits += logits_of(network, seen) / len(self._networks)
        return softmax(logits)
