"""A candidate that passed as a folder of files, with its own card."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import joblib

from digits.evaluation.scores import Outcome, score
from digits.learn.candidate import Layer
from digits.learn.folder import describe, new_folder
from digits.learn.gate import Judgement
from digits.model import CLASSIFIER, FILES, MEMORY, RECORD, model_path
from digits.taught import Taught, write_taught
from digits.training.examples import (
    LETTERS_KEPT_OUT,
    MNIST_KEPT_OUT,
    PEN_DIGITS_KEPT_OUT,
    THINGS_KEPT_OUT,
    UNIPEN_KEPT_OUT,
)
from digits.training.measuring import REAL_SETS

IN_THE_CARD: Final = {
    "mnist": MNIST_KEPT_OUT,
    "pen_digits": PEN_DIGITS_KEPT_OUT,
    "unipen": UNIPEN_KEPT_OUT,
    "letters": LETTERS_KEPT_OUT,
    "things": THINGS_KEPT_OUT,
    **{f"real/{folder}": name for folder, name in REAL_SETS.items()},
}
"""What the card calls golden sets of single pictures."""


def write_model(learnt: Path, change: Taught | Layer, judgement: Judgement, about: Mapping[str, Any]) -> Path:
    """Write the project's model with what it has learnt into a folder of its own, and return that.

    Args:
        learnt: folder of what the installation learns.
        change: a memory for all, or the classifier's last layer.
        judgement: what the gate has found; its scores take the place of the card's of the same sets.
        about: what the card is to say of how it was learnt.

    """
    written = new_folder(learnt)
    for name in FILES:
        shutil.copyfile(model_path(name), written / name)
    if isinstance(change, Taught):
        write_taught(written / MEMORY, change)
    else:
        network = joblib.load(written / CLASSIFIER)
        network.coefs_[-1], network.intercepts_[-1] = change
        joblib.dump(network, written / CLASSIFIER)
    record = json.loads(model_path(RECORD).read_text("utf-8"))
    measured = _scores(judgement)
    record["scores"] |= measured
    record["learnt"] = {
        **about,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "from": sha256(model_path(RECORD).read_bytes()).hexdigest(),
        "corrections_set_aside": asdict(judgement.kept_out),
        "not_measured_again": ["rejection", "confusion_matrix", *(record["scores"].keys() - measured.keys())],
    }
    describe(written, record)
    return written


def _scores(judgement: Judgement) -> dict[str, Any]:
    """The scores of single pictures, by the names that the card has for their sets."""
    singles = {name: [each for each in found if isinstance(each, Outcome)] for name, found in judgement.answers.items()}
    return {IN_THE_CARD[name]: asdict(score(found)) for name, found in singles.items() if found and name in IN_THE_CARD}
