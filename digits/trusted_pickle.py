"""Another scikit-learn classifier in place of the network: a forest, an SVC. Only where its file is trusted.

Whatever a pickle calls is run when it is read, so this is done only with `DIGITS_TRUST_PICKLES=1` in the environment.
"""

import io
import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from digits.estimator_file import StandardScaler

TRUST: Final = "DIGITS_TRUST_PICKLES"
"""Environment variable; 1 where files of models may run what they like."""

CLASSES: Final = 11
"""Ten digits, and 10 for "not a digit", which a classifier need not know."""

MIN_PROBABILITY: Final = 1e-30
"""Of a class, so that its logarithm is finite."""


class TrustedPickleError(ValueError):
    """What is pickled is no classifier of these features; the text says why in one line."""


class TrustedClassifier:
    """A classifier of scikit-learn, asked for its probabilities."""

    def __init__(self, scaler: StandardScaler, classifier: bytes) -> None:
        """Unpickle a classifier of what the scaler makes of the features.

        Raises:
            TrustedPickleError: it cannot be unpickled, or tells no probabilities of the classes from these features.

        """
        import joblib

        try:
            self._classifier: Any = joblib.load(io.BytesIO(classifier))
            self._classes = np.asarray(self._classifier.classes_).astype(np.intp)
            said = self._classifier.predict_proba(np.zeros((1, len(scaler.mean_)), np.float32))
        except Exception as error:  # what is unpickled may raise anything
            raise TrustedPickleError(f"it tells no probabilities: {error}") from error
        if said.shape != (1, len(self._classes)) or not {*range(10)} <= {*self._classes.tolist()} <= {*range(CLASSES)}:
            raise TrustedPickleError("its classes are not the digits 0 to 9, and 10 for none")
        self._mean, self._scale = scaler.mean_, scaler.scale_

    def activations(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What stands for the last hidden layer, the scaled features, and for the logits, logarithms of probabilities.

        Args:
            vectors: (n, features) float32.

        Returns:
            (n, features) and (n, CLASSES) float32.

        """
        scaled = ((vectors - self._mean) / self._scale).astype(np.float32)
        shares = np.zeros((len(vectors), CLASSES))
        if len(vectors):
            shares[:, self._classes] = self._classifier.predict_proba(scaled)
        return scaled, np.log(np.maximum(shares, MIN_PROBABILITY)).astype(np.float32)


def is_trusted() -> bool:
    """Whether files of models may run what they like."""
    return os.environ.get(TRUST) == "1"
