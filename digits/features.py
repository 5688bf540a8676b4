"""28x28 grey -> HOG vector. The one place that fixes the HOG parameters.

Histograms of oriented gradients after Dalal & Triggs (CVPR 2005), with the arithmetic of `skimage.feature.hog`
(unsigned orientations, hard binning, L2-Hys blocks) done on whole batches. Three of them stand side by side: small
cells see the ends and corners of strokes, large cells see the shape, and small cells over the picture without its rim
lie half a cell further, so that what falls on the border of two cells in one lies inside a cell of the other.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from skimage.feature import hog

SIDE: Final = 28
ORIENTATIONS: Final = 9
VIEWS: Final = ((SIDE, 4), (SIDE - 4, 4), (SIDE, 7))
"""Side of the middle part of the picture, and side of the cells in it, in pixels."""
CELLS_PER_BLOCK: Final = 2
PARAMETERS: Final = {
    "orientations": ORIENTATIONS,
    "side_and_pixels_per_cell": VIEWS,
    "cells_per_block": CELLS_PER_BLOCK,
    "block_norm": "L2-Hys",
}
BATCH: Final = 128
"""So many pictures are worked on at once: what lies between the steps then stays in a core's cache."""


def _length(side: int, cell: int) -> int:
    blocks = side // cell - CELLS_PER_BLOCK + 1
    return blocks**2 * CELLS_PER_BLOCK**2 * ORIENTATIONS


LENGTH: Final = sum(_length(*view) for view in VIEWS)


def _bin_of_each_pixel(side: int, cell: int) -> NDArray[np.intp]:
    """Where pixel (row, column) of orientation 0 is counted: (side * side,) into (cells * cells * orientations)."""
    rows, columns = np.divmod(np.arange(side * side), side)
    return np.asarray((rows // cell * (side // cell) + columns // cell) * ORIENTATIONS)


def _bins_of_each_block(side: int, cell: int) -> NDArray[np.intp]:
    """Which bins of a picture make up each block: (blocks * blocks, bins of a block)."""
    cells = side // cell
    bins = np.arange(cells * cells * ORIENTATIONS).reshape(cells, cells, ORIENTATIONS)
    windows = np.lib.stride_tricks.sliding_window_view(bins, (CELLS_PER_BLOCK, CELLS_PER_BLOCK), (0, 1))
    return np.moveaxis(windows, 2, -1).reshape(-1, CELLS_PER_BLOCK**2 * ORIENTATIONS)


_BINS: Final = {view: _bin_of_each_pixel(*view) for view in VIEWS}
_BLOCKS: Final = {view: _bins_of_each_block(*view) for view in VIEWS}


def hog_features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """HOG vectors of a batch of pictures.

    Args:
        pictures: (n, 28, 28) uint8, ink bright on a dark ground as in MNIST.

    Returns:
        (n, LENGTH) float32 in [0, 1]: for each of `VIEWS` what `skimage.feature.hog` gives, one after the other.

    """
    if len(pictures) > BATCH:
        batches = (pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH))
        return np.concatenate([hog_features(batch) for batch in batches])
    gradients = {side: _gradients(pictures, side) for side in {side for side, _ in VIEWS}}
    return np.concatenate([_blocks(*gradients[side], (side, cell)) for side, cell in VIEWS], axis=1)


def _gradients(pictures: NDArray[np.uint8], side: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Magnitude and bin of orientation of each pixel in the middle of the pictures: (n, side * side) each."""
    rim = (SIDE - side) // 2
    grey = pictures[:, rim : SIDE - rim, rim : SIDE - rim].astype(np.float32)
    down = np.zeros_like(grey)
    right = np.zeros_like(grey)
    np.subtract(grey[:, 2:], grey[:, :-2], out=down[:, 1:-1])
    np.subtract(grey[:, :, 2:], grey[:, :, :-2], out=right[:, :, 1:-1])
    magnitude = np.hypot(down, right).reshape(len(pictures), side * side)
    degrees = np.rad2deg(np.arctan2(down, right)).reshape(len(pictures), side * side) % 180
    return magnitude, np.minimum(degrees * (ORIENTATIONS / 180), ORIENTATIONS - 1).astype(np.intp)


def _blocks(
    magnitude: NDArray[np.float32], orientation: NDArray[np.intp], view: tuple[int, int]
) -> NDArray[np.float32]:
    side, cell = view
    count, bins = len(magnitude), (side // cell) ** 2 * ORIENTATIONS
    place = orientation + _BINS[view] + np.arange(0, count * bins, bins)[:, None]
    sums = np.bincount(place.ravel(), weights=magnitude.ravel(), minlength=count * bins)
    histograms = (sums / (cell * cell * 255)).astype(np.float32).reshape(count, bins)
    vectors = histograms[:, _BLOCKS[view]].reshape(-1, CELLS_PER_BLOCK**2 * ORIENTATIONS)
    vectors = _unit(np.minimum(_unit(vectors), 0.2))
    return vectors.reshape(count, _length(side, cell))


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
        pixels_per_cell=(8 * VIEWS[0][1],) * 2,
        cells_per_block=(CELLS_PER_BLOCK,) * 2,
        visualize=True,
    )
    return np.asarray(drawing * (255 / max(drawing.max(), 1e-9)), np.uint8)
