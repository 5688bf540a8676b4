"""A learnt classifier of pixels: which of a photograph's pixels are writing, printed lines, or neither."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.ink.paper import Channels
from digits.ink.pixel_features import FEATURES, Bytes, pixel_features

REST: Final = 0
PRINTED_LINE: Final = 1
WRITING: Final = 2
CLASSES: Final = 3
"""What a pixel may be; where ink lies on a printed line it is writing."""

CHUNK: Final = 4096
"""Pixels whose hidden layers are worked out together: they fit into the core's cache."""

Layers = Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Weights (outputs, inputs) and biases (outputs, 1) of each layer."""


class PixelClassifier:
    """A network of ReLU and softmax on what `digits.ink.pixel_features` says of each pixel."""

    def __init__(self, layers: Layers) -> None:
        """Take the layers of a network.

        Raises:
            ValueError: they do not lead from `FEATURES` numbers to `CLASSES` classes.

        """
        sides = [(biases.shape, weights.shape) for weights, biases in layers]
        inputs = [FEATURES, *(weights.shape[0] for weights, _ in layers)]
        fitting = [((outputs, 1), (outputs, given)) for given, outputs in pairwise(inputs)]
        if not layers or sides != fitting or inputs[-1] != CLASSES:
            raise ValueError(f"no layers from {FEATURES} features to {CLASSES} classes")
        self._layers = layers

    def probabilities(self, channels: Channels) -> NDArray[np.float32]:
        """How probable each class is at each pixel.

        Args:
            channels: (channels, height, width) uint8.

        Returns:
            (3, height, width) float32 that add up to 1: `REST`, `PRINTED_LINE`, `WRITING`.

        """
        height, width = channels.shape[1:]
        described = pixel_features(channels)
        judged = [self.evaluate(values) for _, values in described]
        likelier = int(np.argmax([np.square(shares[WRITING]).sum() for shares in judged]))
        found = np.zeros((CLASSES, height * width), np.float32)
        found[REST] = 1
        found[:, described[likelier].places] = judged[likelier]
        return found.reshape(CLASSES, height, width)

    def evaluate(self, values: Bytes) -> NDArray[np.float32]:
        """(features, n) uint8 of described pixels to the probabilities of the classes, (3, n) float32."""
        starts = range(0, values.shape[1], CHUNK)
        chunks = [self._evaluated(values[:, start : start + CHUNK].astype(np.float32)) for start in starts]
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
