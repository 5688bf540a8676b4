"""What patches of pictures are typically like: the dictionary of `digits.second_features.patch_features`.

Patches of 7x7 pixels are whitened, and k-means finds typical ones among those with much in them (Coates, Lee & Ng,
AISTATS 2011).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans

from digits.features import SIDE
from digits.layers import Layers
from digits.second_features import PATCH, normalised_patches

TYPICAL: Final = 96
"""Typical patches."""

PICTURES: Final = 4_000
"""So many pictures are looked at, and..."""

A_PICTURE: Final = 60
"""...so many patches of each."""

EVENED: Final = 0.1
"""Added to the variance along each axis by which patches are whitened."""

PLAIN: Final = 0.3
"""Share of the patches that are left out, as there is least in them."""

UNLIKE: Final = 0.85
"""Share of all likenesses that count as none."""

Patches = NDArray[np.float32]


def patch_dictionary(pictures: NDArray[np.uint8], seed: int = 0) -> Layers:
    """What (n, 28, 28) uint8 pictures are made of: whitening and its biases, typical patches and least likeness."""
    rng = np.random.default_rng(seed)
    chosen = pictures[rng.permutation(len(pictures))[:PICTURES]]
    patches = np.concatenate([_some(picture, rng) for picture in chosen])
    spreads, axes = np.linalg.eigh(np.cov(patches.T))
    whitening = np.asarray(axes / np.sqrt(spreads + EVENED) @ axes.T, np.float32)
    patches = patches @ whitening
    lengths = np.linalg.norm(patches, axis=1)
    rich = _of_unit_length(patches[lengths > np.quantile(lengths, PLAIN)])
    found = MiniBatchKMeans(TYPICAL, random_state=seed, n_init=2, batch_size=4096, max_iter=30).fit(rich)
    typical = _of_unit_length(found.cluster_centers_).T
    least = np.quantile(rich @ typical, UNLIKE)
    return [(whitening, np.zeros(PATCH**2, np.float32)), (typical, np.full(TYPICAL, -least, np.float32))]


def _some(picture: NDArray[np.uint8], rng: np.random.Generator) -> Patches:
    """Some of a picture's patches that are not empty, normalised."""
    patches = normalised_patches(picture[None])[0, rng.permutation(SIDE**2)[:A_PICTURE]]
    return np.asarray(patches[patches.any(axis=1)], np.float32)


def _of_unit_length(vectors: Patches) -> Patches:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
