"""Other classifiers on the same features, small enough to be shipped: what each of them says of the same digit.

They are the usual candidates of `train.py --compare`, trained by `python -m digits.training.other_models` on fewer
examples, with fewer trees and with weights of eight bits. Nothing is decided by them: they are there to be compared.
"""

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.answers import OTHER_MODELS, OtherModel, OtherModelName
from digits.features import hog_features
from digits.layers import in_eight_bits, logits_of
from digits.model import CLASSES, RECORD, ModelNotReadyError, checked, model_path, probabilities
from digits.taught import NO_DIGIT

FILE: Final = "other_models.npz"
NEIGHBOURS: Final = 3

STEPS: Final = 24
"""Steps of a whitened principal component, as the file has it, in one standard deviation: they reach 5.3 of them."""

Stored = dict[str, NDArray[np.generic]]
Vectors = NDArray[np.float32]
Shares = NDArray[np.float64]


def stored_in_eight_bits(name: str, weights: NDArray[np.floating]) -> Stored:
    """Weights (inputs, outputs) as whole numbers, with the step of each output."""
    whole, steps = in_eight_bits(weights, 0)
    return {name: whole, f"{name}_steps": steps[0]}


class OtherModels:
    """The classifiers of a file, ready to be asked.

    Attributes:
        accuracy: share of MNIST's digits kept out of training that each reads right, by name.

    """

    def __init__(self, stored: Stored) -> None:
        self._numbers = {name: np.asarray(values, np.float32) for name, values in stored.items()}
        self._whole = {name: np.asarray(values, np.intp) for name, values in stored.items() if values.dtype.kind == "i"}
        self.accuracy = dict(zip(OTHER_MODELS, stored.get("accuracy", np.zeros(len(OTHER_MODELS))), strict=True))

    def answers(self, picture: NDArray[np.uint8]) -> tuple[OtherModel, ...]:
        """What each of them says of a picture: (28, 28) uint8, ink bright."""
        return tuple(
            OtherModel(
                name,
                None if shares[0].argmax() == NO_DIGIT else int(shares[0].argmax()),
                float(shares[0].max().clip(0, 1)) if name in SAY_HOW_SURE else None,
                float(self.accuracy[name]),
            )
            for name, shares in self.shares(picture[None]).items()
        )

    def shares(self, pictures: NDArray[np.uint8]) -> dict[OtherModelName, Shares]:
        """Of each model (n, CLASSES) probabilities, or scores where it has none, of (n, 28, 28) uint8 pictures."""
        scaled = self.scaled(pictures)
        components = self.components(scaled)
        return {name: _READERS[name](self, scaled, components) for name in OTHER_MODELS}

    def scaled(self, pictures: NDArray[np.uint8]) -> Vectors:
        """Features of (n, 28, 28) uint8 pictures with a mean of 0 and a standard deviation of 1: (n, features)."""
        scaled: Vectors = (hog_features(pictures) - self._numbers["mean"]) / self._numbers["spread"]
        return scaled

    def components(self, scaled: Vectors) -> Vectors:
        """Whitened principal components of (n, features) scaled features, in `STEPS`: (n, components) whole numbers."""
        components: Vectors = np.rint(STEPS * (scaled @ self.weights("projection"))).clip(-127, 127)
        return components

    def weights(self, name: str) -> Vectors:
        """The weights that `stored_in_eight_bits` has stored."""
        return self._numbers[name] * self._numbers[f"{name}_steps"]

    def nearest_neighbours(self, _: Vectors, components: Vectors) -> Shares:
        """Votes of the nearest examples."""
        axes = self._numbers["axes"]
        distances = _squared_distances(components * axes, self._numbers["examples"] * axes)
        nearest = self._whole["labels"][np.argsort(distances, axis=1, kind="stable")[:, :NEIGHBOURS]]
        return np.asarray((nearest[:, :, None] == np.arange(CLASSES)).mean(axis=1))

    def logistic_regression(self, scaled: Vectors, _: Vectors) -> Shares:
        """A weighted sum of the features for each class."""
        return probabilities(scaled @ self.weights("logistic") + self._numbers["logistic_bias"])

    def linear_svm(self, scaled: Vectors, _: Vectors) -> Shares:
        """Distances from the plane that sets each class apart from the rest."""
        return np.asarray(scaled @ self.weights("linear") + self._numbers["linear_bias"], np.float64)

    def radial_svm(self, _: Vectors, components: Vectors) -> Shares:
        """How many duels of two classes each wins, as LIBSVM counts them (Chang & Lin, 2011)."""
        alike = np.exp(-self._numbers["gamma"] * _squared_distances(components, self._numbers["examples"]) / STEPS**2)
        of_class = [
            (alike[:, own] @ self._numbers["duals"][:, own].T)
            for own in (self._whole["labels"] == label for label in range(CLASSES))
        ]
        won = np.zeros((len(alike), CLASSES))
        pairs = ((first, second) for first in range(CLASSES) for second in range(first + 1, CLASSES))
        for (first, second), bias in zip(pairs, self._numbers["duel_biases"], strict=True):
            is_first = of_class[first][:, second - 1] + of_class[second][:, first] + bias > 0
            won[:, first] += is_first
            won[:, second] += ~is_first
        return won

    def neural_network(self, scaled: Vectors, _: Vectors) -> Shares:
        """One hidden layer."""
        first = self.weights("hidden"), self._numbers["hidden_bias"]
        return probabilities(logits_of([first, (self._numbers["output"], self._numbers["output_bias"])], scaled))

    def forest(self, name: str, scaled: Vectors) -> Shares:
        """The mean of what the trees' leaves say."""
        feature, left, right = (self._whole[f"{name}_{part}"] for part in ("feature", "left", "right"))
        threshold, rows = self._numbers[f"{name}_threshold"], np.arange(len(scaled))[:, None]
        node = np.tile(self._whole[f"{name}_roots"], (len(scaled), 1))
        while (inner := feature[node] >= 0).any():
            goes_left = scaled[rows, feature[node]] <= threshold[node]
            node = np.where(inner, np.where(goes_left, left[node], right[node]), node)
        leaves = self._numbers[f"{name}_leaves"][left[node]]  # what a leaf says stands where others have the left one
        mean: Shares = leaves.mean(axis=1, dtype=np.float64)
        return np.asarray(mean / mean.sum(axis=1, keepdims=True))


_READERS: Final[dict[OtherModelName, Callable[[OtherModels, Vectors, Vectors], Shares]]] = {
    "nearest_neighbours": OtherModels.nearest_neighbours,
    "logistic_regression": OtherModels.logistic_regression,
    "linear_svm": OtherModels.linear_svm,
    "radial_svm": OtherModels.radial_svm,
    "random_forest": lambda models, scaled, _: models.forest("random_forest", scaled),
    "extra_trees": lambda models, scaled, _: models.forest("extra_trees", scaled),
    "neural_network": OtherModels.neural_network,
}
SAY_HOW_SURE: Final = _READERS.keys() - {"linear_svm", "radial_svm"}
"""Those that give probabilities."""


@cache
def other_models() -> OtherModels:
    """The project's own, read when they are first asked for; raises ModelNotReadyError as `read_other_models`."""
    return read_other_models()


def read_other_models(folder: Path | None = None) -> OtherModels:
    """Those of a folder that has a record too, or the project's own, checked before they are looked into: 10 ms.

    Raises:
        ModelNotReadyError: the file is missing, or not the one that the record describes.

    """
    try:
        record = json.loads(model_path(RECORD, folder).read_text("utf-8"))
        content = checked(FILE, record, folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotReadyError(f"{RECORD} does not describe {FILE}") from error
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return OtherModels(dict(stored))


def _squared_distances(vectors: Vectors, others: Vectors) -> Vectors:
    """(n, m) of (n, d) and (m, d)."""
    squares = np.vecdot(vectors, vectors)[:, None] + np.vecdot(others, others)
    distances: Vectors = squares - 2 * (vectors @ others.T)
    return distances
