"""Train the usual candidates small, to be shipped and to answer beside the model: a minute on an idle machine.

    python -m digits.training.other_models [--share 0.3] [--out FOLDER]

They are those of `train.py --compare`, of which `--share` of the examples there is enough; forests have fewer trees,
and what measures distances takes the first principal components. Writes other_models.npz to its place in the project
and its SHA-256 into the record there, or writes the file alone into FOLDER. Prints what each reads right of MNIST's
digits that are kept out, with the weights as they are stored.
"""

import argparse
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler

from digits.answers import OTHER_MODELS
from digits.data.datasets import mnist_validation
from digits.features import hog_features
from digits.model import model_path
from digits.other_models import FILE, STEPS, OtherModels, Stored, stored_in_eight_bits
from digits.training.card import write_card
from digits.training.compare import EPOCHS, SHARE, candidates
from digits.training.examples import Examples, first, training_examples
from digits.training.record import record_file

USUAL_SHARE: Final = 0.3
"""Of the examples of `train.py --compare`."""

COMPONENTS: Final = 48
"""Principal components of which distances are taken."""

FOREST: Final = {"n_estimators": 30, "max_leaf_nodes": 100, "n_jobs": 1}
"""In 0.1 MB; 300 whole trees take 100."""


def trained(pictures: NDArray[np.uint8], labels: NDArray[np.int64]) -> Stored:
    """What `OtherModels` asks, learnt from (n, 28, 28) pictures and (n,) labels 0..10; without any accuracy."""
    usual = candidates(EPOCHS)
    hog = hog_features(pictures)
    scaler = StandardScaler().fit(hog)
    mean, spread = scaler.mean_.astype(np.float32), scaler.scale_.astype(np.float32)
    scaled: NDArray[np.float32] = (hog - mean) / spread
    found = PCA(COMPONENTS, svd_solver="randomized", random_state=0).fit(scaled)
    axes = np.sqrt(found.explained_variance_)
    stored: Stored = {"mean": mean, "spread": spread, "axes": axes.astype(np.float32), "labels": labels.astype(np.int8)}
    stored |= stored_in_eight_bits("projection", found.components_.T / axes)
    components = OtherModels(stored).components(scaled)
    stored["examples"] = components.astype(np.int8)
    stored |= _duels(usual["SVM, radial basis"], components / np.float32(STEPS), labels)
    for name, title in (("logistic", "logistic regression"), ("linear", "linear SVM")):
        linear = _fitted(usual[title], scaled, labels)
        stored |= stored_in_eight_bits(name, linear.coef_.T)
        stored[f"{name}_bias"] = linear.intercept_.astype(np.float32)
    network = _fitted(usual["neural network (64 hidden)"], scaled, labels)
    stored |= stored_in_eight_bits("hidden", network.coefs_[0])
    stored["output"] = network.coefs_[1].astype(np.float32)
    stored["hidden_bias"], stored["output_bias"] = (bias.astype(np.float32) for bias in network.intercepts_)
    for name, title in (
        ("random_forest", "random forest (300 trees)"),
        ("extra_trees", "extremely randomised trees (300)"),
    ):
        stored |= _trees(name, _fitted(usual[title].set_params(**FOREST), scaled, labels))
    return stored


def _fitted(candidate: Any, vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the small network stops after its epochs
        return candidate.fit(vectors, labels)


def _duels(candidate: Any, components: NDArray[np.float32], labels: NDArray[np.int64]) -> Stored:
    """How much each example weighs in each duel of two classes."""
    machine = _fitted(candidate, components, labels)
    duals = np.zeros((machine.dual_coef_.shape[0], len(labels)), np.float16)
    duals[:, machine.support_] = machine.dual_coef_
    biases = machine.intercept_.astype(np.float32)
    return {"duals": duals, "duel_biases": biases, "gamma": np.float32(machine._gamma)}


def _trees(name: str, forest: Any) -> Stored:
    """The nodes of all trees one after the other; a leaf has no feature, and its row of `leaves` on its left."""
    parts: dict[str, list[NDArray[Any]]] = {part: [] for part in ("feature", "threshold", "left", "right", "leaves")}
    roots, nodes, leaves = [], 0, 0
    for tree in (each.tree_ for each in forest.estimators_):
        is_leaf = tree.children_left < 0
        roots.append(nodes)
        parts["feature"].append(np.where(is_leaf, -1, tree.feature))
        parts["threshold"].append(tree.threshold)
        parts["left"].append(np.where(is_leaf, leaves + np.cumsum(is_leaf) - 1, nodes + tree.children_left))
        parts["right"].append(np.where(is_leaf, 0, nodes + tree.children_right))
        parts["leaves"].append(np.rint(255 * tree.value[is_leaf, 0]))
        nodes, leaves = nodes + tree.node_count, leaves + int(is_leaf.sum())
    kinds = {"feature": np.int16, "threshold": np.float32, "left": np.int16, "right": np.int16, "leaves": np.uint8}
    joined = {f"{name}_{part}": np.concatenate(values).astype(kinds[part]) for part, values in parts.items()}
    return {**joined, f"{name}_roots": np.array(roots, np.int16)}


def right_shares(models: OtherModels, examples: Examples) -> NDArray[np.float32]:
    """The share that each model reads right, in the order of `OTHER_MODELS`."""
    pictures, labels = examples
    found = models.shares(pictures)
    return np.array([np.mean(found[name].argmax(axis=1) == labels) for name in OTHER_MODELS], np.float32)


def train_other_models(path: Path, share: float) -> None:
    """Train, measure, print what was measured, and write the file.

    Args:
        path: of the file.
        share: 0..1 of the examples that `train.py --compare` takes.

    """
    pictures, labels, _ = training_examples([1], share * SHARE)
    stored = trained(pictures, labels)
    accuracy = right_shares(OtherModels(stored), first(min(1.0, share / USUAL_SHARE), mnist_validation()))
    np.savez_compressed(path, allow_pickle=False, accuracy=accuracy, **stored)
    print(f"{len(labels):,} examples, {path.stat().st_size / 1e6:.2f} MB; right of MNIST's digits kept out:")
    for name, right in zip(OTHER_MODELS, accuracy, strict=True):
        print(f"{name:20} {right:.2%}")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=USUAL_SHARE, help="default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="default: its place in the project")
    wanted = parser.parse_args()
    train_other_models(model_path(FILE, wanted.out), wanted.share)
    if wanted.out is None:
        record_file(FILE)
        write_card()


if __name__ == "__main__":
    main()
