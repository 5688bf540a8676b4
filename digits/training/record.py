"""The record of a model, model_card.json: what its files are, what they were made of and with."""

import json
import platform
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from digits.data.sources import FILES as DATA
from digits.evaluation.scores import write_json
from digits.model import FILES, RECORD, model_path, recorded_hog
from digits.other_models import FILE as OTHER_MODELS

LIBRARIES: Final = ("scikit-learn", "scikit-image", "numpy", "scipy", "pillow", "joblib")
"""Distributions whose versions are recorded."""


def write_record(folder: Path | None, training: Mapping[str, Any]) -> dict[str, Any]:
    """Record a model as it lies in that folder, or in the project, without any scores yet, and return the record.

    Args:
        folder: of the model; None for the project's own.
        training: what the training was like; `own`, if there is any, has the SHA-256 of each file of one's own digits.

    """
    names = [*FILES, OTHER_MODELS] if model_path(OTHER_MODELS, folder).exists() else FILES
    record = {
        "files": {name: _described(model_path(name, folder)) for name in names},
        "hog": recorded_hog(),
        "data": {path: file.sha256 for path, file in DATA.items()} | training.get("own", {}),
        "libraries": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "training": dict(training),
    }
    write_json(model_path(RECORD, folder), record)
    return record


def record_file(name: str, folder: Path | None = None) -> None:
    """Record one file of the model anew, after it alone was trained again."""
    path = model_path(RECORD, folder)
    record = json.loads(path.read_text("utf-8"))
    record["files"][name] = _described(model_path(name, folder))
    write_json(path, record)


def _described(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
