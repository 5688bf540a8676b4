"""The recogniser's model: several small networks trained apart and joined into one `MLPClassifier`.

Networks that start from different weights err on different digits. The mean of their logits is itself the output of
one network in whose hidden layers all of theirs stand side by side: what is pickled is a plain scikit-learn estimator.
"""

import warnings
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.optimize import minimize
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

HIDDEN: Final = (448, 128)
"""Units of the hidden layers of each network."""

NETWORKS: Final = 2
"""How many are trained and joined."""

LEARNING_RATE: Final = 1e-3
"""Adam's, at the start."""

MIN_RATE_SHARE: Final = 0.01
"""Share of the learning rate that is left at the end."""

MAX_BATCH: Final = 512
"""Examples of a step of Adam."""

WEIGHT_DECAY: Final = 1e-4
"""Strength of the L2 term."""

MIN_PROBABILITY: Final = 1e-30
"""Below it a probability is raised to it before its logarithm is taken."""

START: Final = (1.5, 0.0)
MIN_TEMPERATURE: Final = 0.1
"""Where the search for temperature and shift begins, and the lowest temperature it may find."""

DROPOUT: Final = 0.3
"""Share of the features that are put to 0, their mean, each time an example is seen: no network may rely on few."""

NOT_DIGITS: Final = 0.02
"""Share of the pictures shown to the recogniser that are expected to be no digit."""

CHUNKS: Final = 50
"""Parts of a pass: the features of one part are held in memory at once."""

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]
FeatureSource = Callable[[NDArray[np.intp], Generator], Vectors]
"""The scaled features of the examples at these indices, a little different each time they are asked for."""


def new_networks(count: int = NETWORKS) -> list[MLPClassifier]:
    """So many networks without weights, each with another seed."""
    return [MLPClassifier(HIDDEN, alpha=WEIGHT_DECAY, random_state=seed) for seed in range(count)]


def parted(joined: MLPClassifier, count: int = NETWORKS) -> list[MLPClassifier]:
    """The networks of which `join` made one, to be trained further."""
    networks = new_networks(count)
    outputs = len(joined.classes_)
    for number, network in enumerate(networks):
        empty = np.zeros((outputs, joined.n_features_in_), np.float32)
        network.partial_fit(empty, joined.classes_, classes=joined.classes_)
        own = [slice(number * width, (number + 1) * width) for width in HIDDEN]
        first, between, last = joined.coefs_
        network.coefs_ = [first[:, own[0]].copy(), between[own[0], own[1]].copy(), last[own[1]] * np.float32(count)]
        biases = joined.intercepts_
        network.intercepts_ = [biases[0][own[0]].copy(), biases[1][own[1]].copy(), biases[2].copy()]
    return networks


def train_networks(
    networks: Sequence[MLPClassifier],
    source: FeatureSource,
    labels: Labels,
    epochs: int,
    cycle: int = 0,
    rate: float = 1.0,
) -> list[MLPClassifier]:
    """Train networks further, one core each.

    Args:
        networks: new ones, or as an earlier cycle left them.
        source: of the features, (n, features) float32.
        labels: (n,) 0..10.
        epochs: passes over the examples, with a learning rate that falls as a half cosine.
        cycle: number of the cycle, from which the order of the examples comes. Each begins with the full learning rate
            (warm restarts: Loshchilov & Hutter, ICLR 2017).
        rate: share of the learning rate, for networks that have learnt nearly all.

    """
    trained: list[MLPClassifier] = Parallel(n_jobs=-1)(
        delayed(_train)(network, source, labels, epochs, cycle, rate) for network in networks
    )
    return trained


def _train(
    network: MLPClassifier, source: FeatureSource, labels: Labels, epochs: int, cycle: int, rate: float
) -> MLPClassifier:
    network = deepcopy(network)  # joblib hands large arrays over as read-only
    seed = network.random_state
    rng = np.random.default_rng((seed, cycle))
    network.batch_size = min(MAX_BATCH, len(labels) // CHUNKS)
    classes = np.unique(labels)
    steps = CHUNKS * epochs
    order = np.arange(len(labels))
    for step in tqdm(range(steps), f"network {seed}, cycle {cycle}", position=seed, mininterval=30):
        if step % CHUNKS == 0:
            order = rng.permutation(len(labels))
        chunk = np.sort(np.array_split(order, CHUNKS)[step % CHUNKS])
        seen = source(chunk, rng)
        seen *= rng.random(seen.shape, np.float32) >= DROPOUT
        seen /= 1 - DROPOUT
        if cycle or step:  # scikit-learn has no schedule for Adam
            network._optimizer.learning_rate_init = rate * falling_rate(step, steps)
        network.partial_fit(seen, labels[chunk], classes=classes)
    return network


def falling_rate(step: int, steps: int) -> float:
    """The learning rate after `step` of so many steps: it falls as a half cosine."""
    return float(LEARNING_RATE * ((1 + MIN_RATE_SHARE) / 2 + (1 - MIN_RATE_SHARE) / 2 * np.cos(np.pi * step / steps)))


def join(networks: Sequence[MLPClassifier]) -> MLPClassifier:
    """One network whose logits are the mean of those of `networks`, which have the same layers each."""
    layers = list(zip(*(network.coefs_ for network in networks), strict=True))
    biases = list(zip(*(network.intercepts_ for network in networks), strict=True))
    joined = _untrained([sum(map(len, bias)) for bias in biases[:-1]], len(layers[0][0]), networks[0].classes_)
    between = [block_diag(*layer).astype(np.float32) for layer in layers[1:-1]]
    share = np.float32(len(networks))
    joined.coefs_ = [np.concatenate(layers[0], axis=1), *between, np.concatenate(layers[-1]) / share]
    joined.intercepts_ = [*map(np.concatenate, biases[:-1]), np.mean(biases[-1], axis=0, dtype=np.float32)]
    return joined


def mean_of(one: MLPClassifier, other: MLPClassifier) -> MLPClassifier:
    """The network whose weights are the means of those of two, one of which learnt on as the other."""
    mean = deepcopy(one)
    for name in ("coefs_", "intercepts_"):
        layers = zip(getattr(one, name), getattr(other, name), strict=True)
        setattr(mean, name, [np.mean(layer, axis=0, dtype=np.float32) for layer in layers])
    return mean


def _untrained(widths: Sequence[int], inputs: int, classes: Labels) -> MLPClassifier:
    """A network with scikit-learn's own attributes in place and without the optimiser's state, to be given weights."""
    network = MLPClassifier(widths, max_iter=1, solver="sgd", random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(np.zeros((len(classes), inputs), np.float32), classes)
    for name in ("_optimizer", "_random_state", "_best_coefs", "_best_intercepts"):
        if hasattr(network, name):
            delattr(network, name)
    return network


def calibrate(network: MLPClassifier, vectors: Vectors, labels: Labels) -> tuple[float, float]:
    """Divide the logits by a temperature and shift that of "not a digit", to fit probabilities to kept-out examples.

    Guo, Pleiss, Sun & Weinberger, On Calibration of Modern Neural Networks (ICML 2017). The examples that are no
    digit weigh as much as they are expected to occur, `NOT_DIGITS`.

    Returns:
        The temperature and the shift.

    """
    logits = np.log(np.clip(network.predict_proba(vectors).astype(np.float64), MIN_PROBABILITY, None))
    negative = labels == len(network.classes_) - 1
    weights = np.where(negative, NOT_DIGITS / np.mean(negative), (1 - NOT_DIGITS) / np.mean(~negative))

    def loss(choice: NDArray[np.float64]) -> float:
        scaled = logits / choice[0]
        scaled[:, -1] += choice[1]
        return float(log_loss(labels, softmax(scaled, axis=1), sample_weight=weights, labels=network.classes_))

    found = minimize(loss, START, method="L-BFGS-B", bounds=[(MIN_TEMPERATURE, None), (None, None)])
    temperature, shift = (float(value) for value in found.x)
    network.coefs_[-1] = (network.coefs_[-1] / temperature).astype(np.float32)
    network.intercepts_[-1] = (network.intercepts_[-1] / temperature).astype(np.float32)
    network.intercepts_[-1][-1] += np.float32(shift)
    return temperature, shift
