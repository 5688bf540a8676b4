"""The recogniser's model: several small networks trained apart and joined into one `MLPClassifier`.

Networks that start from different weights err on different digits. The mean of their logits is itself the output of
one network whose hidden layer is all of theirs side by side, so what is pickled stays a plain scikit-learn estimator.
"""

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

HIDDEN: Final = 512
NETWORKS: Final = 2
EPOCHS: Final = 16
LEARNING_RATE: Final = 1e-3

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]


def train_networks(vectors: Vectors, labels: Labels, networks: int = NETWORKS, epochs: int = EPOCHS) -> MLPClassifier:
    """Train the networks, one core each, and join them.

    Args:
        vectors: (n, features) float32, scaled.
        labels: (n,) 0..10.
        networks: how many.
        epochs: passes over the examples, with a learning rate that falls as a half cosine.

    """
    seeds = range(networks)
    trained = Parallel(n_jobs=-1)(delayed(_train)(vectors, labels, seed, epochs) for seed in seeds)
    return join(trained)


def _train(vectors: Vectors, labels: Labels, seed: int, epochs: int) -> MLPClassifier:
    network = MLPClassifier((HIDDEN,), batch_size=256, alpha=1e-4, max_iter=1, warm_start=True)
    for epoch in tqdm(range(epochs), f"network {seed}", position=seed, mininterval=30):
        rate = LEARNING_RATE * (0.5 + 0.5 * np.cos(np.pi * epoch / epochs)) + 1e-5
        network.set_params(learning_rate_init=rate, random_state=1000 * seed + epoch)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(vectors, labels)
    return network


def join(networks: Sequence[MLPClassifier]) -> MLPClassifier:
    """One network whose logits are the mean of those of `networks`, which have one hidden layer each."""
    width = sum(network.coefs_[0].shape[1] for network in networks)
    inputs, classes = networks[0].coefs_[0].shape[0], networks[0].classes_
    joined = _untrained(width, inputs, classes)
    joined.coefs_ = [
        np.concatenate([network.coefs_[0] for network in networks], axis=1),
        np.concatenate([network.coefs_[1] for network in networks], axis=0) / np.float32(len(networks)),
    ]
    joined.intercepts_ = [
        np.concatenate([network.intercepts_[0] for network in networks]),
        np.mean([network.intercepts_[1] for network in networks], axis=0, dtype=np.float32),
    ]
    return joined


def _untrained(width: int, inputs: int, classes: Labels) -> MLPClassifier:
    """A network with scikit-learn's own attributes in place and without the optimiser's state, to be given weights."""
    network = MLPClassifier((width,), max_iter=1, solver="sgd", random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(np.zeros((len(classes), inputs), np.float32), classes)
    for name in ("_optimizer", "_random_state", "_best_coefs", "_best_intercepts"):
        if hasattr(network, name):
            delattr(network, name)
    return network


def calibrate(network: MLPClassifier, vectors: Vectors, labels: Labels) -> float:
    """Divide the logits by the temperature that makes the probabilities of kept-out examples likeliest.

    Guo, Pleiss, Sun & Weinberger, On Calibration of Modern Neural Networks (ICML 2017).

    Returns:
        The temperature.

    """
    logits = np.log(np.clip(network.predict_proba(vectors), 1e-30, None))

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        odds = np.exp(scaled)
        return float(log_loss(labels, odds / odds.sum(axis=1, keepdims=True), labels=network.classes_))

    temperature = float(minimize_scalar(loss, bounds=(0.3, 5.0), method="bounded").x)
    layers: list[Any] = [network.coefs_, network.intercepts_]
    for layer in layers:
        layer[-1] = (layer[-1] / temperature).astype(np.float32)
    return temperature
