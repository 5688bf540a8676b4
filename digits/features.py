"""28x28 grey -> HOG vector. The one place that fixes the HOG parameters.

Histograms of oriented gradients after Dalal & Triggs (CVPR 2005), with the arithmetic of `skimage.feature.hog`
(unsigned orientations, hard binning, L2-Hys blocks) done on whole batches. Two cell sizes that both divide 28 stand
side by side: small cells see the ends and corners of strokes, large cells see the shape.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from skimage.feature import hog

SIDE: Final = 28
ORIENTATIONS: Final = 9
CELL_SIZES: Final = (4, 7)
CELLS_PER_BLOCK: Final = 2
PARAMETERS: Final = {
    "orientations": ORIENTATIONS,
    "pixels_per_cell": CELL_SIZES,
    "cells_per_block": CELLS_PER_BLOCK,
    "block_norm": "L2-Hys",
}


def _length(cell: int) -> int:
    blocks = SIDE // cell - CELLS_PER_BLOCK + 1
    return blocks**2 * CELLS_PER_BLOCK**2 * ORIENTATIONS


BATCH: Final = 128
"""So many pictures are worked on at once: what lies between the steps then stays in a core's cache."""

LENGTH: Final = sum(_length(cell) for cell in CELL_SIZES)


def _bin_of_each_pixel(cell: int) -> NDArray[np.intp]:
    """Where pixel (row, column) of orientation 0 is counted: (784,) into (cells * cells * orientations)."""
    rows, columns = np.divmod(np.arange(SIDE * SIDE), SIDE)
    return np.asarray((rows // cell * (SIDE // cell) + columns // cell) * ORIENTATIONS)


def _bins_of_each_block(cell: int) -> NDArray[np.intp]:
    """Which bins of a picture make up each block: (blocks * blocks, bins of a block)."""
    cells = SIDE // cell
    bins = np.arange(cells * cells * ORIENTATIONS).reshape(cells, cells, ORIENTATIONS)
    windows = np.lib.stride_tricks.sliding_window_view(bins, (CELLS_PER_BLOCK, CELLS_PER_BLOCK), (0, 1))
    return np.moveaxis(windows, 2, -1).reshape(-1, CELLS_PER_BLOCK**2 * ORIENTATIONS)


_BINS: Final = {cell: _bin_of_each_pixel(cell) for cell in CELL_SIZES}
_BLOCKS: Final = {cell: _bins_of_each_block(cell) for cell in CELL_SIZES}


def hog_features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """HOG vectors of a batch of pictures.

    Args:
        pictures: (n, 28, 28) uint8, ink bright on a dark ground as in MNIST.

    Returns:
        (n, LENGTH) float32 in [0, 1]: for each cell size what `skimage.feature.hog` gives, one after the other.

    """
    if len(pictures) > BATCH:
        batches = (pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH))
        return np.concatenate([hog_features(batch) for batch in batches])
    count = len(pictures)
    grey = pictures.astype(np.float32)
    down = np.zeros_like(grey)
    right = np.zeros_like(grey)
    np.subtract(grey[:, 2:], grey[:, :-2], out=down[:, 1:-1])
    np.subtract(grey[:, :, 2:], grey[:, :, :-2], out=right[:, :, 1:-1])
    magnitude = np.hypot(down, right).reshape(count, SIDE * SIDE)
    degrees = np.rad2deg(np.arctan2(down, right)).reshape(count, SIDE * SIDE) % 180
    orientation = np.minimum(degrees * (ORIENTATIONS / 180), ORIENTATIONS - 1).astype(np.intp)
    return np.concatenate([_blocks(magnitude, orientation, cell) for cell in CELL_SIZES], axis=1)


def _blocks(magnitude: NDArray[np.float32], orientation: NDArray[np.intp], cell: int) -> NDArray[np.float32]:
    count, cells = len(magnitude), SIDE // cell
    bins = cells * cells * ORIENTATIONS
    place = orientation + _BINS[cell] + np.arange(0, count * bins, bins)[:, None]
    sums = np.bincount(place.ravel(), weights=magnitude.ravel(), minlength=count * bins)
    histograms = (sums / (cell * cell * 255)).astype(np.float32).reshape(count, bins)
    vectors = histograms[:, _BLOCKS[cell]].reshape(-1, CELLS_PER_BLOCK**2 * ORIENTATIONS)
    vectors = _unit(np.minimum(_unit(vectors), 0.2))
    return vectors.reshape(count, _length(cell))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors) + 1e-5**2)
    unit: NDArray[np.float32] = vectors / length[:, None]
    return unit


def hog_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drawing of the small-cell HOG: (28, 28) uint8 picture -> (224, 224) uint8, bright where an edge is strong."""
    enlarged = np.kron(picture, np.ones((8, 8), np.uint8))
    _, drawing = hog(
        enlarged,
        orientations=ORIENTATIONS,
        pixels_per_cell=(8 * CELL_SIZES[0],) * 2,
        cells_per_block=(CELLS_PER_BLOCK,) * 2,
        visualize=True,
    )
    return np.asarray(drawing * (255 / max(drawing.max(), 1e-9)), np.uint8)
