"""How well a model reads what it has not seen: measured, recorded, drawn, and told by the model card."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from digits.data import datasets
from digits.data.fetching import data_folder
from digits.evaluation.rejection import rejection_scores, rejection_table
from digits.evaluation.scores import Outcome, Predict, predict_with, read_folder, score, table, write_json
from digits.model import RECORD, model_path
from digits.recogniser import Recogniser, decide, use_one_thread
from digits.training.card import CONFUSION, RELIABILITY, card_path, write_card
from digits.training.diagrams import draw_confusion, draw_reliability
from digits.training.examples import PEN_DIGITS_KEPT_OUT, Examples, first, share_of, validation_sets
from digits.training.record import write_record

MNIST_TEST: Final = "MNIST, test set"
PHOTOGRAPHS: Final = "real photographs"
REAL_SETS: Final = {
    "canvas": "real drawings",
    "canvas-thin": "real drawings, a thin line on a large sheet",
    "canvas-strangers": "real drawings by strangers",
    "photo": PHOTOGRAPHS,
    "photo-class": "real photographs, more of the same class",
    "photo-strangers": "real photographs by strangers",
    "scan": "real scanned forms",
    "notdigit": "real pictures without a digit",
    "notdigit-more": "more real pictures without a digit",
}
"""Folders below `real` in the data folder, and what the card calls them."""

REJECTED: Final = 1_000
"""Drawings of each kind of what is no digit, and of digits beside them."""

MAX_LEVEL: Final = 16
"""Brightest level of scikit-learn's load_digits."""


def measure_again(folder: Path | None, share: float = 1.0) -> None:
    """Measure the model of a folder, or the project's own, as it is, and write its record and card anew.

    Raises:
        ModelNotReadyError: its files are not those that its record describes.

    """
    training = Recogniser.load(folder).record["training"]
    measure(folder, validation_sets(share), training, share)


def measure(
    folder: Path | None, kept_out: Mapping[str, Examples], training: Mapping[str, Any], share: float = 1.0
) -> None:
    """Record a model, measure it, and write its card and pictures.

    Args:
        folder: of the model; None for the project's own.
        kept_out: sets that were kept out of training, by name.
        training: what the training was like, for the record.
        share: 0..1 of the public test sets and of the real pictures to measure on, for a quick trial.

    """
    record = write_record(folder, training)
    use_one_thread()
    recogniser = Recogniser.load(folder)
    sets = {name: _predict_directly(recogniser, examples) for name, examples in kept_out.items()}
    sets |= _read_test_sets(recogniser, share)
    scores = {name: score(outcomes) for name, outcomes in sets.items()}
    record["scores"] = {name: asdict(found) for name, found in scores.items()}
    rejection = rejection_scores(recogniser, share_of(share, REJECTED))
    record["rejection"] = {kind: asdict(found) for kind, found in rejection.items()}
    record["confusion_matrix"] = _confusion(sets[MNIST_TEST])
    write_json(model_path(RECORD, folder), record)
    draw_confusion(sets[MNIST_TEST], card_path(CONFUSION, folder))
    drawn = (MNIST_TEST, PEN_DIGITS_KEPT_OUT, PHOTOGRAPHS)
    draw_reliability({name: sets[name] for name in drawn if name in sets}, card_path(RELIABILITY, folder))
    write_card(folder)
    print(table(scores.items()), rejection_table(rejection), sep="\n\n")


def _read_test_sets(recogniser: Recogniser, share: float) -> dict[str, list[Outcome]]:
    """Sets that nothing was trained on; the real pictures where the data folder has them, for measuring only."""
    predict = predict_with(recogniser)
    mnist = first(share, datasets.mnist("t10k"))
    sets = {
        MNIST_TEST: _predict_directly(recogniser, mnist),
        "MNIST, test set, as PNG files": _predict_as_files(mnist, predict),
        "scikit-learn's load_digits, as PNG files": _predict_as_files(first(share, _load_digits()), predict),
    }
    data = data_folder()
    for name, title in REAL_SETS.items():
        if data is not None and (data / "real" / name).is_dir():
            sets[title] = read_folder(data / "real" / name, predict, share)
    return sets


def _predict_directly(recogniser: Recogniser, examples: Examples) -> list[Outcome]:
    """Examples that are 28x28 already, without the steps before the features."""
    pictures, labels = examples
    views = recogniser.predict_proba(pictures)
    return [
        Outcome(str(number), int(label) if label < 10 else None, *decide(view))
        for number, (label, view) in enumerate(zip(labels, views, strict=True))
    ]


def _predict_as_files(examples: Examples, predict: Predict) -> list[Outcome]:
    """Small pictures through every step, from the bytes of a PNG on."""
    outcomes = []
    for number, (picture, label) in enumerate(zip(*examples, strict=True)):
        stored = BytesIO()
        Image.fromarray(picture).save(stored, "PNG")
        outcomes.append(Outcome(str(number), int(label), *predict(stored.getvalue())))
    return outcomes


def _load_digits() -> Examples:
    """The 1,797 8x8 digits, by 13 people that MNIST does not know."""
    bunch = load_digits()
    return (bunch.images * (255 / MAX_LEVEL)).astype(np.uint8), bunch.target


def _confusion(outcomes: Sequence[Outcome]) -> list[list[int]]:
    """For each digit how often it was read as 0, 1, ... 9, and how often it was rejected."""
    counts = np.zeros((10, 11), np.int64)
    for outcome in outcomes:
        counts[outcome.label, 10 if outcome.prediction is None else outcome.prediction] += 1
    rows: list[list[int]] = counts.tolist()
    return rows
