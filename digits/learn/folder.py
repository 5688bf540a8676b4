"""Folders of promoted models: written with their own card, kept as far as they can be gone back to, made to forget."""

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np

from digits.evaluation.scores import Outcome, score, write_json
from digits.learn.candidate import Layer
from digits.learn.gate import Judgement
from digits.learn.pointer import MODELS, Promoted, promote, promoted_models, write_pointer
from digits.model import CLASSIFIER, FILES, MEMORY, RECORD, model_path
from digits.taught import Taught, read_taught, write_taught

KEPT: Final = 3
"""Promoted models of which the folders stay, the one that answers among them."""

STAMP: Final = "%Y-%m-%d-%H%M%S-%f"
"""How folders of models, and reports, are named by their time."""


def write_model(learnt: Path, change: Taught | Layer, judgement: Judgement, about: Mapping[str, Any]) -> Path:
    """Write the project's model with what it has learnt into a folder of its own, and return that.

    Args:
        learnt: folder of what the installation learns.
        change: a memory for all, or the classifier's last layer.
        judgement: what the gate has found; its scores take the place of the card's.
        about: what the card is to say of how it was learnt.

    """
    written = _new_folder(learnt)
    for name in FILES:
        shutil.copyfile(model_path(name), written / name)
    if isinstance(change, Taught):
        write_taught(written / MEMORY, change)
    else:
        network = joblib.load(written / CLASSIFIER)
        network.coefs_[-1], network.intercepts_[-1] = change
        joblib.dump(network, written / CLASSIFIER)
    record = json.loads(model_path(RECORD).read_text("utf-8"))
    singles = {name: [each for each in found if isinstance(each, Outcome)] for name, found in judgement.answers.items()}
    record["scores"] = {name: asdict(score(outcomes)) for name, outcomes in singles.items() if outcomes}
    record["learnt"] = {
        **about,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "from": sha256(model_path(RECORD).read_bytes()).hexdigest(),
        "not_measured_again": ["rejection", "confusion_matrix"],
        "corrections_set_aside": asdict(judgement.kept_out),
    }
    _describe(written, record)
    return written


def _new_folder(learnt: Path) -> Path:
    """A folder that no model has had, named by the time."""
    folder = learnt / MODELS / datetime.now(UTC).strftime(STAMP)
    folder.mkdir(parents=True)
    return folder


def _describe(folder: Path, record: dict[str, Any]) -> None:
    """Write the card of a folder with what its files are."""
    names = [*FILES, MEMORY] if (folder / MEMORY).exists() else FILES
    contents = {name: (folder / name).read_bytes() for name in names}
    record["files"] = {
        name: {"sha256": sha256(content).hexdigest(), "bytes": len(content)} for name, content in contents.items()
    }
    write_json(folder / RECORD, record)


def promote_and_tidy(folder: Path, learnt: Path) -> None:
    """Have the model of a folder answer; of those before it, the last stay to be gone back to."""
    promote(folder, learnt)
    write_pointer(promoted_models(learnt)[-KEPT:], learnt)
    tidy(learnt)


def tidy(learnt: Path) -> None:
    """Remove every folder of a model that is neither the promoted one nor one before it."""
    named = {learnt / model.folder for model in promoted_models(learnt)}
    for folder in (learnt / MODELS).glob("*"):
        if folder not in named:
            shutil.rmtree(folder)


def forget(believed: Collection[str], learnt: Path) -> int:
    """Take what is no longer believed, or no longer stored, out of the memories of promoted models.

    A fine-tuned layer holds no pictures; what it was taught goes when the next candidate is promoted.

    Args:
        believed: SHA-256 of each picture that is, in hexadecimal digits.
        learnt: folder of what the installation learns.

    Returns:
        How many digits were taken out.

    Raises:
        ModelNotReadyError: the pointer file is damaged.

    """
    models = promoted_models(learnt)
    cleaned = [_cleaned(model, believed, learnt) for model in models]
    if forgotten := sum(count for _, count in cleaned):
        write_pointer([model for model, _ in cleaned], learnt)
        tidy(learnt)
    return forgotten


def _cleaned(model: Promoted, believed: Collection[str], learnt: Path) -> tuple[Promoted, int]:
    """The model without such digits, in a folder of its own if it had any, and how many it had."""
    folder = learnt / model.folder
    if not (folder / MEMORY).exists():
        return model, 0
    record = json.loads((folder / RECORD).read_text("utf-8"))
    taught = read_taught((folder / MEMORY).read_bytes())
    corrections: int = record["learnt"]["remembered"]
    prints = [sha256(picture.tobytes()).hexdigest() for picture in taught.pictures[:corrections]]
    gone = [place for place, fingerprint in enumerate(prints) if fingerprint not in believed]
    if not gone:
        return model, 0
    written = _new_folder(learnt)
    shutil.copytree(folder, written, dirs_exist_ok=True)
    write_taught(written / MEMORY, taught.at(np.delete(np.arange(len(taught)), gone)))
    record["learnt"] |= {"remembered": corrections - len(gone), "forgotten": len(gone)}
    _describe(written, record)
    card = sha256((written / RECORD).read_bytes()).hexdigest()
    return Promoted(written.relative_to(learnt).as_posix(), card, model.date), len(gone)
