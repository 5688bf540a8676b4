"""The usual candidates on the same features: what `best` in the model's file name means."""

import time
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from tqdm import tqdm

from digits.evaluation.scores import write_json
from digits.features import hog_features
from digits.training.examples import training_examples, validation_sets
from digits.training.network import HIDDEN, join, new_networks, train_networks

COMPARISON: Final = "model_comparison.json"
SHARE: Final = 0.05
"""Share of the examples that the candidates see: a support vector machine takes no more in a sensible time."""

EPOCHS: Final = 12
"""Passes of the neural networks over the examples, if not said."""

TIMED: Final = 50
"""Digits on which the time of one is measured; `MIN_TIMED` at least, however small the share of a trial is."""

MIN_TIMED: Final = 3

Rows = list[dict[str, Any]]
"""For each candidate its name, examples, training_s, accuracy of each kept-out set, ms_per_digit and megabytes."""


class _JoinedNetworks:
    """`train_networks` with the interface of an estimator."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs

    def fit(self, vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> MLPClassifier:
        """Train on (n, features) scaled features and (n,) labels."""
        return join(train_networks(new_networks(), lambda chosen, rng: vectors[chosen], labels, self._epochs))


def candidates(epochs: int) -> dict[str, Any]:
    """Estimators by name; `epochs` is how often the neural networks pass over the examples."""
    return {
        "nearest neighbours (3)": KNeighborsClassifier(3),
        "logistic regression": LogisticRegression(C=0.01, max_iter=200),
        "linear SVM": LinearSVC(C=0.001),
        "random forest (300 trees)": RandomForestClassifier(300, n_jobs=-1, random_state=0),
        "extremely randomised trees (300)": ExtraTreesClassifier(300, n_jobs=-1, random_state=0),
        "SVM, radial basis": SVC(C=10, cache_size=2000),
        "SVM, radial basis, on 96 principal components": make_pipeline(
            PCA(96, whiten=True, random_state=0), SVC(C=10, cache_size=2000)
        ),
        "neural network (64 hidden)": MLPClassifier((64,), batch_size=256, max_iter=epochs, random_state=0),
        f"two neural networks ({' and '.join(map(str, HIDDEN))} hidden), joined": _JoinedNetworks(epochs),
    }


def compare(path: Path, share: float = 1.0, epochs: int = EPOCHS) -> None:
    """Train every candidate on the same share of the examples, print the table and store it as JSON.

    Args:
        path: of the file.
        share: 0..1 of the examples that the comparison usually takes, and of those kept out.
        epochs: passes of the neural networks over them.

    """
    pictures, labels, _ = training_examples([1], share * SHARE)
    scaler = StandardScaler()
    vectors = scaler.fit_transform(hog_features(pictures))
    kept_out = {
        name: (scaler.transform(hog_features(pictures)), labels)
        for name, (pictures, labels) in validation_sets(share).items()
    }
    timed = vectors[: max(MIN_TIMED, round(share * TIMED))]
    rows: Rows = []
    for name, candidate in tqdm(candidates(epochs).items(), "candidates"):
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the small network stops after its epochs
            model = candidate.fit(vectors, labels)
        row: dict[str, Any] = {"candidate": name, "examples": len(labels), "training_s": time.perf_counter() - started}
        row["accuracy"] = {
            kind: float(np.mean(model.predict(tested) == truth)) for kind, (tested, truth) in kept_out.items()
        }
        row |= {"ms_per_digit": _milliseconds(model, timed), "megabytes": _megabytes(model)}
        rows.append(row)
        print(as_table(rows[-1:]).splitlines()[-1], flush=True)
    write_json(path, rows)
    print(as_table(rows))


def as_table(rows: Rows) -> str:
    """The stored rows as a Markdown table."""
    kinds = list(rows[0]["accuracy"])
    lines = [
        f"| candidate | {' | '.join(kinds)} | ms a digit | MB |",
        "|---|" + "---:|" * (len(kinds) + 2),
    ]
    for row in rows:
        figures = " | ".join(f"{row['accuracy'][kind]:.2%}" for kind in kinds)
        lines.append(f"| {row['candidate']} | {figures} | {row['ms_per_digit']:.2f} | {row['megabytes']:.1f} |")
    return "\n".join(lines)


def _milliseconds(model: Any, vectors: NDArray[np.float32]) -> float:
    """Median time of one prediction, digit by digit."""
    times = []
    for vector in vectors:
        started = time.perf_counter()
        model.predict(vector[None])
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))


def _megabytes(model: Any) -> float:
    stored = BytesIO()
    joblib.dump(model, stored)
    return stored.tell() / 1e6
