"""Is this ink one whole digit, or a part of one, or more than one? Two small networks on its HOG and its geometry.

A recogniser of digits is no judge of that: half an 8 is a sure 3, and a 4 that touches a 1 a fair 9. Learnt from
composed numbers, of which it is known which ink is whose; see digits/training/wholeness.py.
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

WEIGHTS: Final = Path(__file__).with_suffix(".npz")
NETWORKS: Final = 2
LAYERS: Final = 3


Layers = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


@cache
def _networks() -> list[Layers]:
    """Weights and biases of each layer of each network, the scaling of the input in the first layer."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        return [
            [
                (stored[f"weights{network}{layer}"].astype(np.float32), stored[f"biases{network}{layer}"])
                for layer in range(LAYERS)
            ]
            for network in range(NETWORKS)
        ]


def wholeness(hog: NDArray[np.float32], geometry: NDArray[np.float32]) -> NDArray[np.float64]:
    """How likely each group of pieces is one whole digit, from the mean of the networks' logits.

    Args:
        hog: (n, digits.features.LENGTH) float32, of the groups' normalised ink.
        geometry: (n, digits.pieces.GEOMETRY) float32, of each group's `geometry`.

    Returns:
        (n,) float64 in (0, 1).

    """
    seen = np.concatenate([hog, geometry], axis=1)
    logits = np.zeros(len(seen))
    for *hidden, (weights, biases) in _networks():
        values = seen
        for inner, bias in hidden:
            values = np.maximum(values @ inner + bias, 0)
        logits += (values @ weights + biases)[:, 0].clip(-20, 20) / NETWORKS
    return np.asarray(expit(logits))
