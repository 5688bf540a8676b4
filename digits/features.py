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
BATCH: Final = 32
"""So many pictures are worked on at once: what lies between the steps then stays in a core's cache."""

CELLS: Final = tuple((side // cell) ** 2 for side, cell in VIEWS)
BLOCK: Final = CELLS_PER_BLOCK**2 * ORIENTATIONS
LENGTH: Final = sum((side // cell - CELLS_PER_BLOCK + 1) ** 2 * BLOCK for side, cell in VIEWS)


def _bin_of_each_pixel(side: int, cell: int) -> NDArray[np.intp]:
    """Where pixel (row, column) of orientation 0 is counted: (side * side,) into (cells * cells * orientations)."""
    rows, columns = np.divmod(np.arange(side * side), side)
    return np.asarray((rows // cell * (side // cell) + columns // cell) * ORIENTATIONS)


def _bins_of_each_block(side: int, cell: int) -> NDArray[np.intp]:
    """Which bins of a picture make up each block: (blocks * blocks, bins of a block)."""
    cells = side // cell
    bins = np.arange(cells * cells * ORIENTATIONS).reshape(cells, cells, ORIENTATIONS)
    windows = np.lib.stride_tricks.sliding_window_view(bins, (CELLS_PER_BLOCK, CELLS_PER_BLOCK), (0, 1))
    return np.moveaxis(windows, 2, -1).reshape(-1, BLOCK)


# The views lie one after the other: their pixels, their bins and their blocks.
_SIDES: Final = tuple(dict.fromkeys(side for side, _ in VIEWS))
_FIRST_PIXEL: Final = dict(zip(_SIDES, np.cumsum([0, *(side**2 for side in _SIDES[:-1])]), strict=True))
_FIRST_BIN: Final = np.cumsum([0, *CELLS]) * ORIENTATIONS
_PIXELS: Final = np.concatenate([_FIRST_PIXEL[side] + np.arange(side**2) for side, _ in VIEWS])
_BINS: Final = np.concatenate(
    [first + _bin_of_each_pixel(*view) for first, view in zip(_FIRST_BIN[:-1], VIEWS, strict=True)]
)
_BLOCKS: Final = np.concatenate(
    [first + _bins_of_each_block(*view) for first, view in zip(_FIRST_BIN[:-1], VIEWS, strict=True)]
)
_SHARE_OF_A_PIXEL: Final = np.repeat([1 / (255 * cell**2) for _, cell in VIEWS], np.array(CELLS) * ORIENTATIONS)


def _orientations() -> NDArray[np.uint8]:
    """Bin of orientation of every change of grey: down the rows from -255 to 255, for each to the right the same."""
    changes = np.arange(-255, 256)
    degrees = np.rad2deg(np.arctan2(changes[:, None], changes)) % 180
    return np.minimum(degrees * (ORIENTATIONS / 180), ORIENTATIONS - 1).astype(np.uint8).ravel()


_ORIENTATION: Final = _orientations()
_CHANGES: Final = 511
_NO_CHANGE: Final = _ORIENTATION.size // 2


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
    magnitude, orientation = _gradients(pictures)
    count, bins = len(pictures), int(_FIRST_BIN[-1])
    place = orientation.take(_PIXELS, axis=1) + (_BINS + np.arange(0, count * bins, bins)[:, None])
    sums = np.bincount(place.ravel(), magnitude.take(_PIXELS, axis=1).ravel(), count * bins).reshape(count, bins)
    histograms = (sums * _SHARE_OF_A_PIXEL).astype(np.float32)
    blocks = _unit(histograms.take(_BLOCKS, axis=1).reshape(-1, BLOCK))
    return _unit(np.minimum(blocks, 0.2)).reshape(count, LENGTH)


def _gradients(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Magnitude and bin of orientation of each pixel: (n, 28, 28) to (n, pixels) each.

    First of the whole picture, then of each smaller middle part as if nothing was around it.
    """
    grey = pictures.astype(np.int32)
    changes = np.zeros((2, len(grey), sum(side**2 for side in _SIDES)), np.int32)
    for side in _SIDES:
        rim, first = (SIDE - side) // 2, _FIRST_PIXEL[side]
        middle = grey[:, rim : SIDE - rim, rim : SIDE - rim]
        down, right = changes[:, :, first : first + side**2].reshape(2, len(grey), side, side)
        np.subtract(middle[:, 2:], middle[:, :-2], out=down[:, 1:-1])
        np.subtract(middle[:, :, 2:], middle[:, :, :-2], out=right[:, :, 1:-1])
    rows, columns = changes
    magnitude = np.sqrt((rows * rows + columns * columns).astype(np.float32))
    return magnitude, _ORIENTATION.take(rows * _CHANGES + columns + _NO_CHANGE)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.sqrt(np.vecdot(vectors, vectors) + 1e-5**2)
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
