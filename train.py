"""Rebuild scaler.pkl and best_classification_model.pkl from public data, and write the model card.

    python train.py             about 55 minutes on two idle cores; says what it does at every step
    python train.py --compare   train the usual candidates on the same features and store the table
    python train.py --measure   measure the model again as it is, and write its record and card anew

Without --out the project's own model is made anew: its files, docs/MODEL_CARD.md with its pictures, and
docs/model_comparison.json. With --out all of that goes into one folder, which `Recogniser.load` takes.

Data sets are read from the folder that DIGITS_DATA_DIR names, or downloaded. The seeds are fixed.
"""

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from digits.data.sources import DataSetError
from digits.features import hog_features
from digits.model import CLASSIFIER, PIXEL_CLASSIFIER, SCALER, VERIFIER, ModelNotReadyError, model_path
from digits.training.augment import moved
from digits.training.card import card_path
from digits.training.compare import COMPARISON, compare
from digits.training.compare import EPOCHS as COMPARED
from digits.training.examples import NEGATIVES_A_ROUND, share_of, training_examples, validation_sets
from digits.training.measuring import measure, measure_again
from digits.training.network import (
    DROPOUT,
    EPOCHS,
    HIDDEN,
    NETWORKS,
    FeatureSource,
    calibrate,
    join,
    new_networks,
    train_networks,
)

ROUNDS: Final = 12
"""Variants of each digit in a cycle."""

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


def train(folder: Path | None, rounds: int, epochs: Sequence[int], share: float) -> None:
    """Train, calibrate on what was kept out, store the model in a folder or in the project, and measure it.

    The segment verifier and the pixel classifier stay the project's own: `python -m digits.training.segment_verifier`
    and `python -m digits.training.pixel_classifier` train them.
    """
    networks, sources, scaler = new_networks(), Counter[str](), None
    for cycle, passes in enumerate(epochs):
        pictures, labels, counts = training_examples(rounds, share, cycle)
        print(f"cycle {cycle + 1} of {len(epochs)}: {len(pictures):,} training examples")
        sources.update(counts)
        scaler = scaler or fitted_scaler(pictures)
        networks = train_networks(networks, scaled_features(pictures, scaler), labels, passes, cycle)
    model = join(networks)
    kept_out = validation_sets(share)
    kept_pictures = np.concatenate([pictures for pictures, _ in kept_out.values()])
    kept_labels = np.concatenate([labels for _, labels in kept_out.values()])
    temperature, shift = calibrate(model, scaler.transform(hog_features(kept_pictures)), kept_labels)
    print(f'calibrated: logits divided by {temperature:.3f}, that of "not a digit" shifted by {shift:.2f}')
    joblib.dump(scaler, model_path(SCALER, folder))
    joblib.dump(model, model_path(CLASSIFIER, folder))
    if folder is not None:
        for name in (VERIFIER, PIXEL_CLASSIFIER):
            shutil.copy(model_path(name), folder)
    training = {
        "date": datetime.now(UTC).date().isoformat(),
        "examples": sources.total(),
        "rounds": len(epochs) * rounds,
        "negatives": share_of(share, NEGATIVES_A_ROUND),
        "sources": sources,
        "networks": NETWORKS,
        "hidden": HIDDEN,
        "dropout": DROPOUT,
        "epochs": sum(epochs),
        "temperature": temperature,
        "shift": shift,
    }
    measure(folder, kept_out, training, share)


def main() -> None:
    """Read the command line and do what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", action="store_true", help="compare candidates instead of rebuilding")
    parser.add_argument("--measure", action="store_true", help="only measure what there is and write its card")
    parser.add_argument("--out", type=Path, help="folder for the results (default: the project's own places)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="variants of each digit (default: %(default)s)")
    passes = (
        f"passes over the examples (default: {' and '.join(map(str, EPOCHS))} in two cycles, {COMPARED} to compare)"
    )
    parser.add_argument("--epochs", type=int, help=passes)
    parser.add_argument("--share", type=float, default=1.0, help="share of the data, for a quick trial into --out")
    wanted = parser.parse_args()
    if wanted.share != 1 and wanted.out is None:
        parser.error("--share needs --out: a trial must not take the place of the project's model")
    try:
        if wanted.out is not None:
            wanted.out.mkdir(parents=True, exist_ok=True)
        if wanted.compare:
            compare(card_path(COMPARISON, wanted.out), wanted.share, wanted.epochs or COMPARED)
        elif wanted.measure:
            measure_again(wanted.out, wanted.share)
        else:
            train(wanted.out, wanted.rounds, [wanted.epochs] * len(EPOCHS) if wanted.epochs else EPOCHS, wanted.share)
    except (DataSetError, ModelNotReadyError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
