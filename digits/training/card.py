"""MODEL_CARD.md and model_card.json: what the model is made of, and how well it reads what it has not seen."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay

from digits.data import datasets
from digits.evaluation.scores import Ask, Outcome, Score, asking, read_folder, reliability, score, table, write_json
from digits.model import CLASSIFIER, RECORD, SCALER, VERIFIER, recorded_hog
from digits.recogniser import Recogniser, decide, use_one_thread
from digits.training.compare import COMPARISON, as_table
from digits.training.examples import Examples, first, validation_sets

matplotlib.use("Agg")
import matplotlib.pyplot as plt

LIBRARIES: Final = ("scikit-learn", "scikit-image", "numpy", "scipy", "pillow", "joblib")
CARD: Final = "MODEL_CARD.md"


def measure_again(out: Path) -> None:
    """Measure the pickles in `out` as they are, and write their card anew."""
    record = json.loads((out / RECORD).read_text("utf-8"))
    Recogniser.load(out)  # they must be those that the record describes
    write_card(out, validation_sets(), record["training"])


def write_card(out: Path, kept_out: Mapping[str, Examples], training: Mapping[str, Any], share: float = 1.0) -> None:
    """Record the pickles in `out`, measure them, and write the card with its pictures in `out/docs`.

    Args:
        out: folder that holds the two pickles.
        kept_out: sets that were kept out of training, by name.
        training: what the training was like, for the record.
        share: 0..1 of the public test sets to measure on, for a quick trial.

    """
    record: dict[str, Any] = {
        "files": {name: _file(out / name) for name in (SCALER, CLASSIFIER, VERIFIER)},
        "hog": recorded_hog(),
        "data": {path: file.sha256 for path, file in datasets.FILES.items()},
        "libraries": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "training": dict(training),
    }
    write_json(out / RECORD, record)
    use_one_thread()
    recogniser = Recogniser.load(out)
    sets = {name: _read_directly(recogniser, examples) for name, examples in kept_out.items()}
    mnist = first(share, datasets.mnist("t10k"))
    sets["MNIST, test set"] = _read_directly(recogniser, mnist)
    sets["MNIST, test set, as PNG files"] = _read_as_files(mnist, asking(recogniser))
    digits = first(share, _load_digits())
    sets["scikit-learn's load_digits, as PNG files"] = _read_as_files(digits, asking(recogniser))
    sets |= _read_real_pictures(asking(recogniser))
    scores = {name: score(outcomes) for name, outcomes in sets.items()}
    record["scores"] = {name: asdict(found) for name, found in scores.items()}
    record["confusion_matrix"] = _confusion(sets["MNIST, test set"])
    write_json(out / RECORD, record)
    pictures = out / "docs"
    pictures.mkdir(exist_ok=True)
    _draw_confusion(sets["MNIST, test set"], pictures / "confusion_matrix.png")
    _draw_reliability(sets, pictures / "reliability.png")
    (out / CARD).write_text(_card(record, scores, out / COMPARISON), "utf-8")
    print(table(scores.items()))


def _file(path: Path) -> dict[str, Any]:
    return {"sha256": sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}


def _read_directly(recogniser: Recogniser, examples: Examples) -> list[Outcome]:
    """Examples that are 28x28 already, without the steps before the features."""
    pictures, labels = examples
    found = recogniser.predict_proba(pictures)
    outcomes = []
    for number, (label, view) in enumerate(zip(labels, found, strict=True)):
        verdict = decide(view)
        outcomes.append(Outcome(str(number), int(label) if label < 10 else None, *verdict))
    return outcomes


def _read_as_files(examples: Examples, ask: Ask) -> list[Outcome]:
    """Small pictures through every step, from the bytes of a PNG on."""
    outcomes = []
    for number, (picture, label) in enumerate(zip(*examples, strict=True)):
        stored = BytesIO()
        Image.fromarray(picture).save(stored, "PNG")
        outcomes.append(Outcome(str(number), int(label), *ask(stored.getvalue())))
    return outcomes


def _load_digits() -> Examples:
    """The 1,797 8x8 digits, by 13 people that MNIST does not know."""
    bunch = load_digits()
    return (bunch.images * (255 / 16)).astype(np.uint8), bunch.target


def _read_real_pictures(ask: Ask) -> dict[str, list[Outcome]]:
    """Folders of real pictures, where the data folder has them; they serve for measuring only."""
    real = Path(os.environ.get("DIGITS_DATA_DIR", "")) / "real"
    names = {"canvas": "real drawings", "photo": "real photographs", "notdigit": "real pictures without a digit"}
    return {name: read_folder(real / folder, ask) for folder, name in names.items() if (real / folder).is_dir()}


def _confusion(outcomes: Sequence[Outcome]) -> list[list[int]]:
    """For each digit how often it was read as 0, 1, ... 9, and how often it was rejected."""
    counts = np.zeros((10, 11), np.int64)
    for outcome in outcomes:
        counts[outcome.label, 10 if outcome.prediction is None else outcome.prediction] += 1
    rows: list[list[int]] = counts.tolist()
    return rows


def _draw_confusion(outcomes: Sequence[Outcome], path: Path) -> None:
    answered = [outcome for outcome in outcomes if outcome.prediction is not None]
    figure, axes = plt.subplots(figsize=(6, 6))
    ConfusionMatrixDisplay.from_predictions(
        [outcome.label for outcome in answered],
        [outcome.prediction for outcome in answered],
        ax=axes,
        colorbar=False,
        cmap="Blues",
    )
    axes.set(xlabel="read as", ylabel="is", title="MNIST test set")
    figure.savefig(path, dpi=100, bbox_inches="tight")
    plt.close(figure)


def _draw_reliability(sets: Mapping[str, Sequence[Outcome]], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 6))
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="confidence = accuracy")
    for name in ("MNIST, test set", "pen digits, writers kept out", "real photographs"):
        answered = [outcome for outcome in sets.get(name, []) if outcome.prediction is not None]
        if answered:
            confidence, accuracy, _ = reliability(answered)
            axes.plot(confidence, accuracy, marker="o", markersize=4, label=name)
    axes.set(xlabel="confidence", ylabel="accuracy", title="Reliability diagram", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="upper left")
    figure.savefig(path, dpi=100, bbox_inches="tight")
    plt.close(figure)


def _card(record: Mapping[str, Any], scores: Mapping[str, Score], comparison: Path) -> str:
    training, hog = record["training"], record["hog"]
    files = "\n".join(
        f"| `{name}` | {file['bytes'] / 1e6:.2f} MB | `{file['sha256']}` |" for name, file in record["files"].items()
    )
    data = "\n".join(f"| `{path}` | `{digest}` |" for path, digest in record["data"].items())
    libraries = ", ".join(f"{name} {number}" for name, number in record["libraries"].items())
    views = " and ".join(
        f"cells of {cell} pixels over the middle {side}x{side}" for side, cell in hog["side_and_pixels_per_cell"]
    )
    layers = " and ".join(map(str, training["hidden"]))
    compared = as_table(json.loads(comparison.read_text("utf-8"))) if comparison.exists() else "Not made yet."
    return f"""# Model card

A recogniser of single handwritten digits. Trained on {training["date"]} by `python train.py`; `model_card.json` says
the same to programs.

## What it is

28x28 grey picture → HOG ({hog["orientations"]} orientations, {views},
blocks of {hog["cells_per_block"]}x{hog["cells_per_block"]} cells, {hog["block_norm"]}: {hog["length"]:,} numbers)
→ `StandardScaler` → `MLPClassifier`, in which
{training["networks"]} networks of {layers} hidden units, trained apart, stand side by side (the mean of their logits).
Class 10 is "not a digit".
The logits are divided by {training["temperature"]:.3f} and that of class 10 is shifted by {training["shift"]:.2f}, at
which the probabilities fit what was kept out of training when one picture in fifty is no digit.

| file | size | SHA-256 |
|---|---:|---|
{files}

Made with {libraries}.

## How well it reads

Measured by `python train.py --measure`.
A rejected digit counts as an error; in the sets without digits, what is not rejected does. Settings of the
model were chosen on what was kept out of training, not on the MNIST test set. How drawings of few pixels are sharpened,
and which further looks are taken where the first one leaves doubt, were chosen with load_digits too. The real pictures
are measured where the data folder has them; they were never trained on, but the ink step and the share at which a
picture is rejected were chosen with an eye on them.

{table(scores.items())}

![Confusion matrix on the MNIST test set](docs/confusion_matrix.png)
![Reliability diagram](docs/reliability.png)

## What it was trained on

{training["examples"]:,} pictures: MNIST's first 55,000 training pictures, and in each of {training["rounds"]} rounds
a variant of each (turned, slanted, stretched, bent, drawn with another pen), pen strokes of 24 writers drawn with pens
of many widths, digits in styles that MNIST lacks (crossed 7, open 4, 1 with a foot and their like, made from strokes;
slim 8s and flat 9s with an eye on one of the six writers kept out),
and {training["negatives"]:,} things that are no digit (letters, rows of digits, scribbles, ruling, stains). Each time
one is seen it is moved by up to a pixel, and {training["dropout"]:.0%} of its features are hidden.

Kept out for choices and calibration: MNIST's last 5,000 training pictures, six pen writers, a fifth of the
letters.

| file | SHA-256 |
|---|---|
{data}

MNIST: LeCun, Cortes, Burges, CC BY-SA 3.0. Pen-Based Recognition of Handwritten Digits: Alpaydin, Alimoglu, UCI,
CC BY 4.0. Omniglot: Lake, Salakhutdinov, Tenenbaum, MIT.

## Why this model

`python train.py --compare` trains the usual candidates on the same features, a twentieth of the data sets each:

{compared}

## Where it is weak

- One digit in each picture; of several it only says that they are several. `POST /read/` reads numbers with it: see
  [docs/numbers.md](docs/numbers.md).
- Pencil on squared paper whose lines are as dark as the strokes; a stroke that lies on a printed line is lost with it.
- Letters that look like digits (o, l, z, s, b, q) are digits to it. Of letters by hands it has not seen, drawn or
  printed, one in ten or so is still taken for a digit; see "not digits, kept out".
- It learnt from adults' digits of the 1990s in the USA and Turkey. Children's writing and other numerals are unknown.
"""
