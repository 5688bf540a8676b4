"""Folders of promoted models: each with its own card, kept as far as they can be gone back to, made to forget."""

import json
import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from digits.evaluation.scores import write_json
from digits.learn.pointer import LEARNT, MODELS, Promoted, promote, promoted_models, write_pointer
from digits.model import FILES, MEMORY, RECORD
from digits.store import Store
from digits.taught import read_taught, write_taught

KEPT: Final = 3
"""Promoted models of which the folders stay, the one that answers among them."""

STAMP: Final = "%Y-%m-%d-%H%M%S-%f"
"""How folders of models, and reports, are named by their time."""


def new_folder(learnt: Path) -> Path:
    """A folder that no model has had, named by the time."""
    folder = learnt / MODELS / datetime.now(UTC).strftime(STAMP)
    folder.mkdir(parents=True)
    return folder


def describe(folder: Path, record: dict[str, Any]) -> None:
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


def forget_withdrawn(store: Store, learnt: Path = LEARNT) -> int:
    """Take what is no longer stored, or no longer believed, out of the memories of promoted models.

    Where none of them has a memory the store is not asked. A fine-tuned layer holds no pictures; what it was taught
    goes when the next candidate is promoted.

    Returns:
        How many digits were taken out.

    Raises:
        ModelNotReadyError: the pointer file is damaged.
        StoreError: the database cannot be used.

    """
    models = promoted_models(learnt)
    if not any((learnt / model.folder / MEMORY).exists() for model in models):
        return 0
    believed = frozenset(store.believed().fingerprints)
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
    written = new_folder(learnt)
    shutil.copytree(folder, written, dirs_exist_ok=True)
    write_taught(written / MEMORY, taught.at(np.delete(np.arange(len(taught)), gone)))
    record["learnt"] |= {"remembered": corrections - len(gone), "forgotten": len(gone)}
    describe(written, record)
    card = sha256((written / RECORD).read_bytes()).hexdigest()
    return Promoted(written.relative_to(learnt).as_posix(), card, model.date), len(gone)
