"""A learnt classifier of pixels: which of a photograph's pixels are writing, printed lines, or neither.

Two small networks in turn. The first knows what a pixel's surroundings look like; the second also what the first took
them for.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.ink.paper import Channels
from digits.ink.pixel_context import CONTEXT_FEATURES, context_features
from digits.ink.pixel_features import FEATURES, Bytes, PixelFeatures, filled, pixel_features
from digits.layers import Layers

REST: Final = 0
PRINTED_LINE: Final = 1
WRITING: Final = 2
CLASSES: Final = 3
"""What a pixel may be; where ink lies on a printed line it is writing."""

SURE_REST: Final = 0.99
"""Probability of the rest from which on the first network is believed."""

CHUNK: Final = 4096
"""Pixels whose hidden layers are worked out together: they fit into the core's cache."""


class PixelNetwork:
    """A network that tells the classes of pixels from bytes."""

    def __init__(self, layers: Layers, features: int) -> None:
        """Take the layers of a network, weights (outputs, inputs) and biases (outputs, 1).

        Raises:
            ValueError: they do not lead from so many features to `CLASSES` classes.

        """
        sides = [(biases.shape, weights.shape) for weights, biases in layers]
        inputs = [features, *(weights.shape[0] for weights, _ in layers)]
        fitting = [((outputs, 1), (outputs, given)) for given, outputs in pairwise(inputs)]
        if not layers or sides != fitting or inputs[-1] != CLASSES:
            raise ValueError(f"no layers from {features} features to {CLASSES} classes")
        self._layers = layers

    def evaluate(self, *values: Bytes) -> NDArray[np.float32]:
        """Arrays of (features, n) uint8, one below the other, to the probabilities of the classes, (3, n) float32."""
        starts = range(0, values[0].shape[1], CHUNK)
        chunks = [
            self._evaluated(np.concatenate([part[:, start : start + CHUNK] for part in values], dtype=np.float32))
            for start in starts
        ]
        return np.concatenate(chunks, axis=1) if chunks else np.zeros((CLASSES, 0), np.float32)

    def _evaluated(self, values: Grey) -> Grey:
        *hidden, (last, last_bias) = self._layers
        for weights, biases in hidden:
            values = weights @ values
            values += biases
            np.maximum(values, 0, out=values)
        logits: Grey = last @ values + last_bias
        logits -= logits.max(axis=0)
        shares: Grey = np.exp(logits, out=logits)
        shares /= shares.sum(axis=0)
        return shares


class PixelClassifier:
    """The two networks."""

    def __init__(self, first: Layers, second: Layers) -> None:
        """Take the layers of both.

        Raises:
            ValueError: they do not fit what is known of a pixel.

        """
        self._first = PixelNetwork(first, FEATURES)
        self._second = PixelNetwork(second, FEATURES + CONTEXT_FEATURES)

    def probabilities(self, channels: Channels) -> NDArray[np.float32]:
        """How probable each class is at each pixel.

        Args:
            channels: (channels, height, width) uint8.

        Returns:
            (3, height, width) float32 that add up to 1: `REST`, `PRINTED_LINE`, `WRITING`.

        """
        sides = ((described, self._first.evaluate(described.values)) for described in pixel_features(channels))
        described, shares = max(sides, key=lambda side: float(np.square(side[1][WRITING]).sum()))
        unsure, seen, found = in_context(described, shares)
        for plane, shares in zip(found.reshape(CLASSES, -1), self._second.evaluate(*seen), strict=True):
            plane[unsure] = shares
        return found


def in_context(
    described: PixelFeatures, shares: Grey
) -> tuple[NDArray[np.intp], tuple[Bytes, Bytes], NDArray[np.float32]]:
    """What the second network is asked, by what the first one said.

    Args:
        described: n pixels.
        shares: (3, n) float32, the first network's probabilities.

    Returns:
        Indices of the (m,) pixels of the picture that are not surely the rest; what the second network sees of them,
        (FEATURES, m) and (CONTEXT_FEATURES, m); and the first one's probabilities, (3, height, width).

    """
    found = np.zeros((CLASSES, described.ink.size), np.float32)
    found[REST] = 1
    for plane, known in zip(found, shares, strict=True):
        plane[described.places] = known
    found = found.reshape(CLASSES, *described.ink.shape)
    chosen = np.flatnonzero(shares[REST] < SURE_REST)
    seen = described.values
    if len(chosen) < len(described.places):
        seen = filled((row.take(chosen) for row in seen), FEATURES, len(chosen))
    unsure = described._replace(places=described.places[chosen], values=seen)
    return unsure.places, (seen, context_features(unsure, found[PRINTED_LINE], found[WRITING])), found
