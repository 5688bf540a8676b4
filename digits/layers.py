"""Small networks in a file: the layers of one or several, in an `.npz` that holds nothing but numbers."""

import io
from collections.abc import Mapping, Sequence
from itertools import count, takewhile
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

Layers = Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Weights and biases of each layer, from the first to the last."""

SMALLEST: Final = 1e-20
"""Largest weight of an input, or output, that is taken for so large where all of its weights are 0."""


def logits_of(layers: Layers, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a network of ReLU says, (n, outputs): its weights are (inputs, outputs), the values (n, inputs)."""
    *hidden, (last, last_bias) = layers
    for weights, biases in hidden:
        values = np.maximum(values @ weights + biases, 0)
    return values @ last + last_bias


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, classes) probabilities, of (n, classes) logits."""
    shares: NDArray[np.float64] = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def logistic(logits: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The probability that belongs to each logit; of any shape, none below -700."""
    return np.asarray(1 / (1 + np.exp(-logits)))


def read_networks(content: bytes) -> list[Layers]:
    """The layers of each network in the bytes of a file, as `write_networks` writes it.

    Raises:
        ValueError: it is no such file, or a damaged one.

    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            networks = takewhile(lambda network: f"weights{network}0" in stored, count())
            return [
                [
                    (_weights(stored, f"{network}{layer}"), stored[f"biases{network}{layer}"])
                    for layer in takewhile(lambda layer: f"weights{network}{layer}" in stored, count())  # noqa: B023
                ]
                for network in networks
            ]
    except (OSError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(f"no layers of networks: {error}") from error


def _weights(stored: Mapping[str, NDArray[np.number]], layer: str) -> NDArray[np.float32]:
    weights, steps = stored[f"weights{layer}"], stored.get(f"steps{layer}")
    return np.asarray(weights if steps is None else weights * steps, np.float32)


def write_networks(path: Path, networks: Sequence[Layers], *, eight_bits: bool = False) -> None:
    """Write the layers of networks into a file.

    Args:
        path: of the file.
        networks: to be written.
        eight_bits: keep the weights as whole numbers, with the step of each input, in a quarter of the room.

    """
    stored: dict[str, NDArray[np.generic]] = {}
    for number, layers in enumerate(networks):
        for layer, (weights, biases) in enumerate(layers):
            place = f"{number}{layer}"
            if eight_bits:
                stored[f"weights{place}"], stored[f"steps{place}"] = in_eight_bits(weights, 1)
            else:
                stored[f"weights{place}"] = weights.astype(np.float32)
            stored[f"biases{place}"] = biases.astype(np.float32)
    np.savez_compressed(path, allow_pickle=False, **stored)


def in_eight_bits(weights: NDArray[np.floating], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (inputs, outputs) as whole numbers, and the steps by which to multiply them.

    Each input has a step of its own with axis 1, each output with axis 0.
    """
    steps = np.maximum(np.abs(weights).max(axis=axis, keepdims=True), SMALLEST) / 127
    return np.rint(weights / steps).astype(np.int8), steps.astype(np.float32)
