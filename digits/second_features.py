"""What the second opinion is told of a 28x28 picture itself: directions, openness, patches.

HOG does not tell the two sides of a stroke apart, nor whether a loop is closed, and knows edges only. Here are

- gradients that keep their sign: each is shared between the two of eight directions next to it (direction features as
  in Liu, Nakashima, Sako & Fujisawa, Pattern Recognition 36, 2003);
- for each bit of paper to which sides no ink lies ahead (concavities as in Favata & Srikantan, International Journal of
  Imaging Systems and Technology 7, 1996);
- how much each patch of 7x7 pixels is like those that are typical (a dictionary of whitened patches learnt by k-means,
  as in Coates, Lee & Ng, AISTATS 2011).

Each of these is a map of the picture, which is blurred and sampled in a few places.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.features import SIDE, in_batches
from digits.layers import Layers

DIRECTIONS: Final = 8
"""Directions of gradients, 45 degrees apart."""

DIRECTION_PLACES: Final = 8
"""Places a side in which each of them is sampled."""

OPENNESS_PLACES: Final = 7
"""Places a side in which each map of `openness_features` is sampled."""

PATCH: Final = 7
"""Pixels a side of a patch."""

PATCH_PLACES: Final = 5
"""Places a side in which likeness to each typical patch is sampled."""

PATCH_NOISE: Final = 0.01
"""Added to the variance of a patch, of grey from 0 to 1, by which its contrast is normalised."""

BATCH: Final = 200
"""So many pictures are worked on at once, and..."""

PATCHES_BATCH: Final = 20
"""...where each has 784 patches so many: no step takes more than some 10 MB."""

Maps = NDArray[np.float32]


def _sampling(places: int, blur: float) -> NDArray[np.float32]:
    """Shares of the rows, or columns, in each place: (SIDE, places), a column adds up to 1; blur is in pixels."""
    middles = (np.arange(places) + 0.5) * SIDE / places - 0.5
    shares = np.exp(-(((np.arange(SIDE)[:, None] - middles) / blur) ** 2) / 2)
    return np.asarray(shares / shares.sum(axis=0), np.float32)


_OF_DIRECTIONS: Final = _sampling(DIRECTION_PLACES, 1.8)
_OF_OPENNESS: Final = _sampling(OPENNESS_PLACES, 1.8)
_OF_PATCHES: Final = _sampling(PATCH_PLACES, 2.6)


def _sampled(maps: Maps, sampling: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, maps * places * places), of (maps, n, SIDE, SIDE)."""
    sampled = np.asarray(sampling.T @ maps @ sampling, np.float32)
    return sampled.swapaxes(0, 1).reshape(maps.shape[1], -1)


def direction_features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Square roots of blurred gradient strengths by direction: (n, 28, 28) uint8 to (n, 512) float32."""
    if len(pictures) > BATCH:
        return in_batches(direction_features, pictures, BATCH)
    grey = np.pad(_grey(pictures), ((0, 0), (1, 1), (1, 1)))
    across, down = grey[:, :, 2:] - grey[:, :, :-2], grey[:, 2:] - grey[:, :-2]
    right = (across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]).ravel()
    below = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]).ravel()
    strength, place = np.hypot(right, below), np.arctan2(below, right) * np.float32(DIRECTIONS / (2 * np.pi))
    first = np.floor(place)
    share = (place - first) * strength
    direction = first.astype(np.intp)
    maps = np.zeros((DIRECTIONS, len(strength)), np.float32)
    pixels = np.arange(len(strength))
    maps[direction % DIRECTIONS, pixels] = strength - share
    maps[(direction + 1) % DIRECTIONS, pixels] = share
    return np.sqrt(_sampled(maps.reshape(DIRECTIONS, -1, SIDE, SIDE), _OF_DIRECTIONS))


def openness_features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Paper by where ink lies ahead, and the ink itself: (n, 28, 28) uint8 to (n, 735) float32 in [0, 1].

    Eight maps of the paper from which no ink lies ahead to the right, left, below, above, and in the four diagonals; of
    paper that is enclosed in all eight of these, and in the first four; four of paper that is enclosed in all but one
    of these four; and one of ink.
    """
    if len(pictures) > BATCH:
        return in_batches(openness_features, pictures, BATCH)
    ink = _grey(pictures)
    straight = [_ahead(ink, 2, -1), _ahead(ink, 2, 1), _ahead(ink, 1, -1), _ahead(ink, 1, 1)]
    diagonal = [_ahead_in_diagonal(ink, lean, step) for lean in (1, -1) for step in (1, -1)]
    paper = 1 - ink
    maps = [paper * (1 - ahead) for ahead in straight + diagonal]
    maps += [paper * np.minimum.reduce(straight + diagonal), paper * np.minimum.reduce(straight)]
    for side, ahead in enumerate(straight):
        others = np.minimum.reduce(straight[:side] + straight[side + 1 :])
        maps.append(paper * others * (1 - ahead))
    return _sampled(np.stack([*maps, ink]), _OF_OPENNESS)


def _ahead(ink: Maps, axis: int, step: int) -> Maps:
    """The most ink from each pixel on along an axis of (n, rows, columns): behind it with 1, before it with -1."""
    ordered = np.flip(ink, axis) if step < 0 else ink
    most = np.maximum.accumulate(ordered, axis)
    return np.flip(most, axis) if step < 0 else most


def _ahead_in_diagonal(ink: Maps, lean: int, step: int) -> Maps:
    """The same along the diagonals, which are columns once each row is moved by one more than the one above it."""
    rows = np.arange(SIDE)
    columns = (rows if lean > 0 else SIDE - 1 - rows)[:, None] + np.arange(SIDE)
    leaning = np.zeros((len(ink), SIDE, 2 * SIDE - 1), np.float32)
    leaning[:, rows[:, None], columns] = ink
    return _ahead(leaning, 1, step)[:, rows[:, None], columns]


def patch_features(pictures: NDArray[np.uint8], dictionary: Layers) -> NDArray[np.float32]:
    """Square roots of blurred likeness to typical patches: (n, 28, 28) uint8 to (n, 25 * typical patches) float32.

    Args:
        pictures: of which each pixel is the middle of a patch.
        dictionary: (49, 49) whitening with its biases, and (49, typical patches) of unit length with minus the likeness
            from which on a patch counts; see `digits.training.patches`.

    """
    if len(pictures) > PATCHES_BATCH:
        return in_batches(lambda some: patch_features(some, dictionary), pictures, PATCHES_BATCH)
    (whitening, middle), (typical, least) = dictionary
    patches = normalised_patches(pictures) @ whitening + middle
    patches /= np.linalg.norm(patches, axis=-1, keepdims=True) + 1
    like = np.maximum(patches @ typical + least, 0)
    maps = like.reshape(len(pictures), SIDE, SIDE, -1).transpose(3, 0, 1, 2)
    return np.sqrt(_sampled(maps, _OF_PATCHES))


def normalised_patches(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The patch about each pixel, its mean 0 and its contrast even: (n, 28, 28) uint8 to (n, 784, 49) float32."""
    rim = PATCH // 2
    grey = np.pad(_grey(pictures), ((0, 0), (rim, rim), (rim, rim)))
    patches = np.lib.stride_tricks.sliding_window_view(grey, (PATCH, PATCH), (1, 2))
    patches = patches.reshape(len(pictures), SIDE**2, PATCH**2)
    patches -= patches.mean(axis=-1, keepdims=True)
    patches /= np.sqrt(np.vecdot(patches, patches)[..., None] / PATCH**2 + np.float32(PATCH_NOISE))
    return patches


def _grey(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    return pictures.astype(np.float32) / np.float32(255)
