"""Small networks in a file: the layers of one or several, in an `.npz` that holds nothing but numbers."""

import io
from collections.abc import Sequence
from itertools import count, takewhile
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import DTypeLike, NDArray

Layers = Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Weights and biases of each layer, from the first to the last."""


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
                    (stored[f"weights{network}{layer}"].astype(np.float32), stored[f"biases{network}{layer}"])
                    for layer in takewhile(lambda layer: f"weights{network}{layer}" in stored, count())  # noqa: B023
                ]
                for network in networks
            ]
    except (OSError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(f"no layers of networks: {error}") from error


def write_networks(
    path: Path, networks: Sequence[Layers], weights: DTypeLike = np.float32, bits: int | None = None
) -> None:
    """Write the layers of networks into a file.

    Args:
        path: of the file.
        networks: to be written.
        weights: type in which their weights are kept; the biases are float32.
        bits: significant ones of each weight that are kept, as what is left takes less room; None for all.

    """
    stored: dict[str, NDArray[np.floating]] = {}
    for number, layers in enumerate(networks):
        for layer, (of_layer, biases) in enumerate(layers):
            kept = of_layer if bits is None else _rounded(of_layer, bits)
            stored[f"weights{number}{layer}"] = kept.astype(weights)
            stored[f"biases{number}{layer}"] = biases.astype(np.float32)
    np.savez_compressed(path, allow_pickle=False, **stored)


def _rounded(values: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """The values with so many significant bits."""
    mantissas, exponents = np.frexp(values)
    return np.asarray(np.ldexp(np.rint(np.ldexp(mantissas, bits)), exponents - bits), np.float32)
