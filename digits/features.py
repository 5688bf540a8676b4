"""28x28 grey -> HOG vector. The one place that fixes the HOG parameters.

Histograms of oriented gradients after Dalal & Triggs (CVPR 2005), with the arithmetic of `skimage.feature.hog`
(unsigned orientations, hard binning, L2-Hys blocks) done on whole batches. Three of them stand side by side: small
cells see the ends and corners of strokes, large cells see the shape, and small cells over the picture without its rim
lie half a cell further, so that what falls on the border of two cells in one lies inside a cell of the other.
"""

from collections.abc import Callable
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 28
"""Pixels a side of the picture."""

ORIENTATIONS: Final = 9
"""Bins of unsigned directions, 20 degrees each. Twelve gained nothing for a third more features (docs/notebook.md)."""

VIEWS: Final = ((SIDE, 4), (SIDE - 4, 4), (SIDE, 7))
"""Side of the middle part of the picture, and side of the cells in it, in pixels. Chosen on MNIST's kept-out pictures
(docs/notebook.md)."""

CELLS_PER_BLOCK: Final = 2
"""Cells a side of a block, over which the contrast is normalised."""

MAX_BLOCK_VALUE: Final = 0.2
"""Clipping value of L2-Hys, as in Dalal & Triggs and in scikit-image."""

MIN_BLOCK_LENGTH: Final = 1e-5
"""Added, squared, to a block's squared length before the root, as in scikit-image."""

PARAMETERS: Final = {
    "orientations": ORIENTATIONS,
    "side_and_pixels_per_cell": VIEWS,
    "cells_per_block": CELLS_PER_BLOCK,
    "block_norm": "L2-Hys",
}
"""What the model's record holds, and must be equal to."""

CELL_SIDE: Final = 32
"""Pixels a side of a small cell as it is drawn."""

BATCH: Final = 32
"""So many pictures are worked on at once: what lies between the steps then stays in a core's cache."""

CELLS: Final = tuple((side // cell) ** 2 for side, cell in VIEWS)
"""Cells of each view."""

BLOCK: Final = CELLS_PER_BLOCK**2 * ORIENTATIONS
"""Numbers of a block."""

LENGTH: Final = sum((side // cell - CELLS_PER_BLOCK + 1) ** 2 * BLOCK for side, cell in VIEWS)
"""Numbers of a vector: 2,520."""


def _neighbours(side: int) -> NDArray[np.intp]:
    """Pixels above, below, left and right of each of the middle `side` x `side`: (4, side * side) into (28 * 28).

    A pixel at the rim of the middle is its own neighbour: as in `skimage.feature.hog` nothing changes across a rim.
    """
    rim = (SIDE - side) // 2
    places = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)[rim : SIDE - rim, rim : SIDE - rim]
    found = np.stack([places] * 4)
    found[0, 1:-1], found[1, 1:-1] = places[:-2], places[2:]
    found[2, :, 1:-1], found[3, :, 1:-1] = places[:, :-2], places[:, 2:]
    return found.reshape(4, -1)


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


def _orientations() -> NDArray[np.uint8]:
    """Bin of orientation of every change of grey: down the rows from -255 to 255, for each to the right the same."""
    changes = np.arange(-255, 256)
    degrees = np.rad2deg(np.arctan2(changes[:, None], changes)) % 180
    return np.minimum(degrees * (ORIENTATIONS / 180), ORIENTATIONS - 1).astype(np.uint8).ravel()


_ORIENTATION: Final = _orientations()
_CHANGES: Final = 511
"""Different changes of grey, from -255 to 255: the width of a row of the table."""
_NO_CHANGE: Final = _ORIENTATION.size // 2
"""Where the table has the change 0 down and 0 to the right."""

# The views lie one after the other: their pixels, their bins and their blocks.
_ABOVE, _BELOW, _LEFT, _RIGHT = np.concatenate([_neighbours(side) for side, _ in VIEWS], axis=1)
_FIRST_BIN: Final = np.cumsum([0, *CELLS]) * ORIENTATIONS
_BINS: Final = np.concatenate(
    [first + _bin_of_each_pixel(*view) for first, view in zip(_FIRST_BIN[:-1], VIEWS, strict=True)]
)
_BLOCKS: Final = np.concatenate(
    [first + _bins_of_each_block(*view) for first, view in zip(_FIRST_BIN[:-1], VIEWS, strict=True)]
)
_SHARE_OF_A_PIXEL: Final = np.repeat([1 / (255 * cell**2) for _, cell in VIEWS], np.array(CELLS) * ORIENTATIONS)


def in_batches(
    features: Callable[[NDArray[np.uint8]], NDArray[np.float32]], pictures: NDArray[np.uint8], batch: int
) -> NDArray[np.float32]:
    """Features of (n, 28, 28) uint8 pictures, worked out for so many at once: (n, features) float32."""
    return np.concatenate([features(pictures[start : start + batch]) for start in range(0, len(pictures), batch)])


def hog_features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """HOG vectors of a batch of pictures.

    Args:
        pictures: (n, 28, 28) uint8, ink bright on a dark ground as in MNIST.

    Returns:
        (n, LENGTH) float32 in [0, 1]: for each of `VIEWS` what `skimage.feature.hog` gives, one after the other.

    """
    if len(pictures) > BATCH:
        return in_batches(hog_features, pictures, BATCH)
    blocks = _unit(_histograms(pictures).take(_BLOCKS, axis=1).reshape(-1, BLOCK))
    return _unit(np.minimum(blocks, MAX_BLOCK_VALUE)).reshape(len(pictures), LENGTH)


def _histograms(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What each cell of each view counts, view after view: (n, cells * orientations) float32."""
    count, bins = len(pictures), int(_FIRST_BIN[-1])
    grey = pictures.reshape(count, SIDE * SIDE).astype(np.int32)
    down = grey.take(_BELOW, axis=1) - grey.take(_ABOVE, axis=1)
    right = grey.take(_RIGHT, axis=1) - grey.take(_LEFT, axis=1)
    magnitude = np.sqrt((down * down + right * right).astype(np.float32))
    orientation = _ORIENTATION.take(down * _CHANGES + right + _NO_CHANGE)
    place = orientation + (_BINS + np.arange(0, count * bins, bins)[:, None])
    sums = np.bincount(place.ravel(), magnitude.ravel(), count * bins).reshape(count, bins)
    histograms: NDArray[np.float32] = (sums * _SHARE_OF_A_PIXEL).astype(np.float32)
    return histograms


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.sqrt(np.vecdot(vectors, vectors) + MIN_BLOCK_LENGTH**2)
    unit: NDArray[np.float32] = vectors / length[:, None]
    return unit


def hog_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drawing of the small-cell HOG: (28, 28) uint8 picture -> (224, 224) uint8, bright where an edge is strong."""
    cells = SIDE // VIEWS[0][1]
    histograms = _histograms(picture[None])[0, : cells * cells * ORIENTATIONS].reshape(cells, cells, ORIENTATIONS)
    drawing = np.einsum("rco,oyx->rycx", histograms, _edges()).reshape(cells * CELL_SIDE, cells * CELL_SIDE)
    return np.asarray(drawing * (255 / max(drawing.max(), 1e-9)), np.uint8)


@cache
def _edges() -> NDArray[np.float32]:
    """How an edge of each orientation is drawn, a line across the change of grey: (9, 32, 32) float32, 0 or 1."""
    edges = np.zeros((ORIENTATIONS, CELL_SIDE, CELL_SIDE), np.float32)
    middle, radius = CELL_SIDE // 2, CELL_SIDE // 2 - 1
    for drawing, angle in zip(edges, np.pi * (np.arange(ORIENTATIONS) + 0.5) / ORIENTATIONS, strict=True):
        across, along = int(radius * np.sin(angle)), int(radius * np.cos(angle))
        cv2.line(drawing, (middle + across, middle - along), (middle - across, middle + along), 1.0)
    return edges
