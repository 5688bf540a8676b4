"""28x28 picture -> the same digit as it might have been written: moved by a pixel, or turned a little.

What the model says of these, averaged, errs less often than what it says of the picture alone: edges fall into other
cells and orientations of the HOG (test-time augmentation; Krizhevsky, Sutskever & Hinton, NIPS 2012, section 4.1).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from digits.features import SIDE

SHIFTS: Final = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
"""Rows and columns by which a picture is moved."""

ROTATIONS: Final = (-12, -6, 6, 12)
"""Degrees by which it is turned about its middle."""


def _bilinear() -> csr_array:
    """What takes a row of 784 pixels to those at every one of `ROTATIONS`, one after the other: (784, turns * 784)."""
    middle = (SIDE - 1) / 2
    down, right = np.mgrid[:SIDE, :SIDE].reshape(2, -1) - middle
    source = np.multiply.outer(np.exp(1j * np.deg2rad(ROTATIONS)), down + 1j * right).ravel() + (1 + 1j) * middle
    rows, columns = (np.clip(1 - np.abs(axis[:, None] - np.arange(SIDE)), 0, 1) for axis in (source.real, source.imag))
    weights = (rows[:, :, None] * columns[:, None]).reshape(len(source), -1)
    return csr_array(weights.T.astype(np.float32))


_ROTATING: Final = _bilinear()


def augmented_views(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, 28, 28) uint8 pictures shifted by each of `SHIFTS` and turned by each of `ROTATIONS`: (views, n, 28, 28)."""
    moved = np.stack([np.roll(pictures, move, (1, 2)) for move in SHIFTS])
    turned = np.rint(pictures.reshape(len(pictures), -1).astype(np.float32) @ _ROTATING).astype(np.uint8)
    return np.concatenate([moved, turned.reshape(-1, len(ROTATIONS), SIDE, SIDE).swapaxes(0, 1)])
