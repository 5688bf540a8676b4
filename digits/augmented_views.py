"""28x28 picture -> the same digit as it might have been written: moved by a pixel, or turned a little.

What the model says of these, averaged, errs less often than what it says of the picture alone: edges fall into other
cells and orientations of the HOG (test-time augmentation; Krizhevsky, Sutskever & Hinton, NIPS 2012, section 4.1).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.features import SIDE

SHIFTS: Final = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
"""Rows and columns by which a picture is moved."""

ROTATIONS: Final = (-12, -6, 6, 12)
"""Degrees by which it is turned about its middle."""


def _bilinear() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Which four of 784 pixels make up each at every one of `ROTATIONS`, and their weights: (4, turns * 784) each."""
    middle = (SIDE - 1) / 2
    down, right = np.mgrid[:SIDE, :SIDE].reshape(2, -1) - middle
    source = np.multiply.outer(np.exp(1j * np.deg2rad(ROTATIONS)), down + 1j * right).ravel() + (1 + 1j) * middle
    row, column = np.floor([source.real, source.imag])[:, None] + np.array([[[0], [0], [1], [1]], [[0], [1], [0], [1]]])
    weights = (1 - np.abs(source.real - row)) * (1 - np.abs(source.imag - column))
    weights *= (row >= 0) & (row < SIDE) & (column >= 0) & (column < SIDE)
    places = SIDE * row.clip(0, SIDE - 1) + column.clip(0, SIDE - 1)
    return places.astype(np.intp), weights.astype(np.float32)


_PLACES, _WEIGHTS = _bilinear()


def augmented_views(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, 28, 28) uint8 pictures shifted by each of `SHIFTS` and turned by each of `ROTATIONS`: (views, n, 28, 28)."""
    moved = np.stack([np.roll(pictures, move, (1, 2)) for move in SHIFTS])
    pixels = pictures.reshape(len(pictures), -1).astype(np.float32)
    turned = np.zeros((len(pixels), _PLACES.shape[1]), np.float32)
    for place, weight in zip(_PLACES, _WEIGHTS, strict=True):
        turned += pixels.take(place, axis=1) * weight
    turned = np.rint(turned).astype(np.uint8)
    return np.concatenate([moved, turned.reshape(-1, len(ROTATIONS), SIDE, SIDE).swapaxes(0, 1)])
