"""Rebuild scaler.pkl, best_classification_model.pkl and second_opinion.npz from public data, and write the model card.

    python train.py             two hours on two idle cores; says what it does at every step
    python train.py --compare   train the usual candidates on the same features and store the table
    python train.py --measure   measure the model again as it is, and write its record and card anew
    python train.py --further   learn on from the model as it is, from rounds it has not seen: an hour
    python train.py --with class.zip    take digits of one's own along, exported as IDX, PNG or CSV

Without --out the project's own model is made anew: its files, docs/MODEL_CARD.md with its pictures, and
docs/model_comparison.json. With --out all of that goes into one folder, which `Recogniser.load` takes.

Data sets are read from the folder that DIGITS_DATA_DIR names, or downloaded. The seeds are fixed.
"""

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from digits.data.sources import DataSetError
from digits.exports import ExportError
from digits.features import hog_features
from digits.model import (
    CANDIDATE_JUDGE,
    CLASSIFIER,
    PIXEL_CLASSIFIER,
    SCALER,
    SIGN_CLASSIFIER,
    VERIFIER,
    ModelNotReadyError,
    model_path,
)
from digits.recogniser import Recogniser
from digits.training.augment import moved
from digits.training.card import card_path
from digits.training.compare import COMPARISON, compare
from digits.training.compare import EPOCHS as COMPARED
from digits.training.examples import NEGATIVES_A_ROUND, share_of, training_examples, validation_sets
from digits.training.measuring import measure, measure_again
from digits.training.network import (
    DROPOUT,
    HIDDEN,
    NETWORKS,
    FeatureSource,
    calibrate,
    join,
    mean_of,
    new_networks,
    parted,
    train_networks,
)
from digits.training.own_digits import OwnDigits, own_digits
from digits.training.second_opinion import ROUNDS, train_second_opinion


class Cycle(NamedTuple):
    """A part of the training, on examples of its own.

    Attributes:
        rounds: variants of each digit.
        mnist_times: how often MNIST's digits are varied in each round.
        forms: made photographs and scans of each round.
        epochs: passes over the examples.
        rate: share of the learning rate.
        kinds: letters and signs, and as many icons, doodles and things, of each round besides the mixture of no digits.

    """

    rounds: int
    mnist_times: int
    forms: int
    epochs: int
    rate: float = 1.0
    kinds: int = 0


CYCLES: Final = (Cycle(12, 1, 100, 6), Cycle(8, 2, 100, 6))
"""More of MNIST in the second: after the first alone 99.34 % of its kept-out pictures were read, in place of 99.54 %
before the other sources came."""

FURTHER: Final = Cycle(1, 3, 200, 5, 0.6, 15_000)
"""What `--further` learns."""

FIRST_FURTHER: Final = 61
"""Number of its first round, which is none of the others."""

MAX_SCALED: Final = 100_000
"""Examples of which the scaler learns mean and spread."""


def fitted_scaler(pictures: NDArray[np.uint8]) -> StandardScaler:
    """A scaler that knows mean and spread of the features of (n, 28, 28) pictures, from a sample of them."""
    rng = np.random.default_rng(0)
    sample = rng.permutation(len(pictures))[:MAX_SCALED]
    return StandardScaler().fit(hog_features(moved(pictures[sample], rng)))


def scaled_features(pictures: NDArray[np.uint8], scaler: StandardScaler) -> FeatureSource:
    """Scaled HOG vectors of (n, 28, 28) pictures, each moved a little further every time it is asked for."""
    return lambda chosen, rng: scaler.transform(hog_features(moved(pictures[chosen], rng)))


def train(folder: Path | None, cycles: Sequence[Cycle], share: float, own: OwnDigits | None = None) -> None:
    """Train, calibrate on what was kept out, store the model in a folder or in the project, and measure it.

    So is the second opinion, which builds on the classifier. The segment verifier, the pixel classifier and the
    candidate judge stay the project's own. Each is trained by a module of its name in `digits.training`; the judge is
    best trained anew for each model.
    """
    networks, sources, rounds = new_networks(), Counter[str](), 0
    scaler = StandardScaler()
    for number, cycle in enumerate(cycles):
        seeds = range(rounds + 1, rounds + cycle.rounds + 1)
        pictures, labels, counts = training_examples(
            seeds, share, cycle.mnist_times, cycle.forms, cycle.kinds, None if own is None else own.examples
        )
        print(f"cycle {number + 1} of {len(cycles)}: {len(pictures):,} training examples")
        rounds += cycle.rounds
        sources.update(counts)
        if not number:
            scaler = fitted_scaler(pictures)
        source = scaled_features(pictures, scaler)
        networks = train_networks(networks, source, labels, cycle.epochs, number, cycle.rate)
    training = {
        "rounds": rounds,
        "negatives": share_of(share, NEGATIVES_A_ROUND),
        "sources": sources,
        "networks": NETWORKS,
        "hidden": HIDDEN,
        "dropout": DROPOUT,
        "epochs": sum(cycle.epochs for cycle in cycles),
    }
    if own is not None:
        training["own"] = own.files
    finish(join(networks), scaler, folder, training, share)


def train_further(folder: Path | None, cycle: Cycle, share: float) -> None:
    """Train the project's own model on, and do with the mean of before and after as `train` does.

    The mean of the weights keeps what was known and has most of what was learnt (Wortsman et al., Robust Fine-Tuning of
    Zero-Shot Models, CVPR 2022).

    Raises:
        ModelNotReadyError: its files are not those that its record describes.

    """
    training = dict(Recogniser.load().record["training"])
    model, scaler = (joblib.load(model_path(name)) for name in (CLASSIFIER, SCALER))
    seeds = range(FIRST_FURTHER, FIRST_FURTHER + cycle.rounds)
    pictures, labels, counts = training_examples(seeds, share, cycle.mnist_times, cycle.forms, cycle.kinds)
    print(f"{len(pictures):,} more training examples")
    source = scaled_features(pictures, scaler)
    networks = train_networks(parted(model), source, labels, cycle.epochs, len(CYCLES), cycle.rate)
    training["rounds"] += cycle.rounds
    training["sources"] = Counter(training["sources"]) + Counter(counts)
    training["epochs"] += cycle.epochs
    finish(mean_of(model, join(networks)), scaler, folder, training, share)


def finish(
    model: MLPClassifier, scaler: StandardScaler, folder: Path | None, training: Mapping[str, Any], share: float
) -> None:
    """Calibrate and store a classifier, train the second opinion for it, and measure both.

    Args:
        model: the classifier.
        scaler: of its features.
        folder: of the model; None for the project's own.
        training: what it was like, for the record.
        share: 0..1 of the data, for a quick trial.

    """
    kept_out = validation_sets(share)
    kept_pictures = np.concatenate([pictures for pictures, _ in kept_out.values()])
    kept_labels = np.concatenate([labels for _, labels in kept_out.values()])
    temperature, shift = calibrate(model, scaler.transform(hog_features(kept_pictures)), kept_labels)
    print(f'calibrated: logits divided by {temperature:.3f}, that of "not a digit" shifted by {shift:.2f}')
    joblib.dump(scaler, model_path(SCALER, folder))
    joblib.dump(model, model_path(CLASSIFIER, folder))
    if folder is not None:
        for name in (VERIFIER, PIXEL_CLASSIFIER, CANDIDATE_JUDGE, SIGN_CLASSIFIER):
            shutil.copy(model_path(name), folder)
    train_second_opinion(folder, min(ROUNDS, int(training["rounds"])) if share == 1 else 1, share)
    own = {
        "date": datetime.now(UTC).date().isoformat(),
        "examples": sum(training["sources"].values()),
        "temperature": temperature,
        "shift": shift,
    }
    measure(folder, kept_out, {**training, **own}, share)


def main() -> None:
    """Read the command line and do what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", action="store_true", help="compare candidates instead of rebuilding")
    parser.add_argument("--measure", action="store_true", help="only measure what there is and write its card")
    parser.add_argument("--further", action="store_true", help="learn on from the project's own model")
    parser.add_argument("--out", type=Path, help="folder for the results (default: the project's own places)")
    parser.add_argument(
        "--with",
        dest="own",
        type=Path,
        action="append",
        metavar="FILE",
        help="zip file of digits of one's own to learn from too; may be repeated",
    )
    parser.add_argument("--rounds", type=int, help="variants of each digit in each cycle, for a trial")
    parser.add_argument("--epochs", type=int, help="passes over the examples in each cycle, for a trial")
    parser.add_argument("--share", type=float, default=1.0, help="share of the data, for a quick trial into --out")
    wanted = parser.parse_args()
    if wanted.share != 1 and wanted.out is None:
        parser.error("--share needs --out: a trial must not take the place of the project's model")
    if wanted.own and (wanted.compare or wanted.measure or wanted.further):
        parser.error("--with goes with training alone")
    try:
        own = own_digits(wanted.own) if wanted.own else None
        if wanted.out is not None:
            wanted.out.mkdir(parents=True, exist_ok=True)
        if wanted.compare:
            compare(card_path(COMPARISON, wanted.out), wanted.share, wanted.epochs or COMPARED)
        elif wanted.measure:
            measure_again(wanted.out, wanted.share)
        else:
            cycles = [
                cycle._replace(rounds=wanted.rounds or cycle.rounds, epochs=wanted.epochs or cycle.epochs)
                for cycle in ((FURTHER,) if wanted.further else CYCLES)
            ]
            if wanted.further:
                train_further(wanted.out, cycles[0], wanted.share)
            else:
                train(wanted.out, cycles, wanted.share, own)
    except (DataSetError, ExportError, ModelNotReadyError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
