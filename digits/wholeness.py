"""Is this ink one whole digit, or a part of one, or more than one? A small network on its HOG and its geometry.

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


@cache
def _layers() -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weights and biases of each layer, the scaling of the input in the first."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        count = len(stored.files) // 2
        layers = [(stored[f"weights{number}"], stored[f"biases{number}"]) for number in range(count)]
    return [(weights.astype(np.float32), biases.astype(np.float32)) for weights, biases in layers]


def wholeness(hog: NDArray[np.float32], geometry: NDArray[np.float32]) -> NDArray[np.float64]:
    """How likely each group of pieces is one whole digit.

    Args:
        hog: (n, digits.features.LENGTH) float32, of the groups' normalised ink.
        geometry: (n, digits.pieces.GEOMETRY) float32, of each group's `geometry`.

    Returns:
        (n,) float64 in (0, 1).

    """
    values = np.concatenate([hog, geometry], axis=1)
    *hidden, (weights, biases) = _layers()
    for inner, bias in hidden:
        values = np.maximum(values @ inner + bias, 0)
    logits = (values @ weights + biases)[:, 0].astype(np.float64)
    return np.asarray(expit(np.clip(logits, -20, 20)))
