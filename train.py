"""Rebuild scaler.pkl and best_classification_model.pkl from public data, and write the model card.

    python train.py             about half an hour on two cores; says what it does at every step
    python train.py --compare   train the usual candidates on the same features and store the table

Data sets are read from the folder that DIGITS_DATA_DIR names, or downloaded. The seeds are fixed.
"""

import argparse
import tempfile
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from digits.features import LENGTH, hog_features
from digits.recogniser import MODEL, SCALER
from digits.training.card import write_card
from digits.training.compare import compare
from digits.training.examples import NEGATIVES, training_examples, validation_sets
from digits.training.network import EPOCHS, HIDDEN, NETWORKS, calibrate, train_networks

ROOT = Path(__file__).parent
ROUNDS = 8
BATCH = 128


def features_on_disk(pictures: NDArray[np.uint8], folder: Path) -> NDArray[np.float32]:
    """HOG vectors of (n, 28, 28) pictures in a file that looks like memory: (n, LENGTH) float32."""
    vectors = np.memmap(folder / "features", np.float32, "w+", shape=(len(pictures), LENGTH))
    for start in tqdm(range(0, len(pictures), BATCH), "HOG features", mininterval=5):
        vectors[start : start + BATCH] = hog_features(pictures[start : start + BATCH])
    return vectors


def scale_in_place(scaler: StandardScaler, vectors: NDArray[np.float32]) -> None:
    """Fit the scaler on all vectors, and scale them where they are."""
    chunks = range(0, len(vectors), 100 * BATCH)
    for start in tqdm(chunks, "fitting the scaler"):
        scaler.partial_fit(vectors[start : start + 100 * BATCH])
    for start in tqdm(chunks, "scaling"):
        vectors[start : start + 100 * BATCH] = scaler.transform(vectors[start : start + 100 * BATCH])


def train(out: Path, rounds: int, epochs: int, share: float) -> None:
    """Train, calibrate on what was kept out, and write pickles and card into `out`."""
    pictures, labels = training_examples(rounds, share)
    print(f"{len(pictures):,} training examples")
    with tempfile.TemporaryDirectory() as folder:
        vectors = features_on_disk(pictures, Path(folder))
        scaler = StandardScaler()
        scale_in_place(scaler, vectors)
        model = train_networks(vectors, labels, NETWORKS, epochs)
    kept_out = validation_sets()
    kept_pictures = np.concatenate([pictures for pictures, _ in kept_out.values()])
    kept_labels = np.concatenate([labels for _, labels in kept_out.values()])
    temperature, shift = calibrate(model, scaler.transform(hog_features(kept_pictures)), kept_labels)
    print(f"calibrated: logits divided by {temperature:.3f}, that of \"not a digit\" shifted by {shift:.2f}")
    joblib.dump(scaler, out / SCALER)
    joblib.dump(model, out / MODEL)
    training = {
        "examples": len(labels),
        "rounds": rounds,
        "negatives": round(share * NEGATIVES),
        "networks": NETWORKS,
        "hidden": HIDDEN,
        "epochs": epochs,
        "temperature": temperature,
        "shift": shift,
    }
    write_card(out, kept_out, training)


def main() -> None:
    """Read the command line and do what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", action="store_true", help="compare candidates instead of rebuilding")
    parser.add_argument("--out", type=Path, default=ROOT, help="folder for the results (default: beside train.py)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="variants of each digit (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="passes over the examples (default: %(default)s)")
    parser.add_argument("--share", type=float, default=1.0, help="share of the data sets, for a quick trial")
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    if wanted.compare:
        compare(wanted.out, wanted.share)
    else:
        train(wanted.out, wanted.rounds, wanted.epochs, wanted.share)


if __name__ == "__main__":
    main()
