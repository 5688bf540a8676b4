"""Which model answers: a pointer file, learnt/model.json, beside the project's own model.

    {"promoted": [{"folder": "models/2026-11-28-1a2b3c4d", "card": "<SHA-256 of its model_card.json>",
                   "date": "2026-11-28T16:00:00+00:00"}, ...]}

The last entry answers; without one, or without the file, the project's own model does. Going back takes the last entry
away. The file is replaced as a whole, so whoever reads it sees the old one or the new one. It holds the SHA-256 of the
model's card, and the card those of the model's files.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from digits.model import RECORD, ROOT, ModelNotReadyError

if TYPE_CHECKING:
    from filelock import FileLock

LEARNT: Final = ROOT / "learnt"
"""Folder of what an installation learns, its database and its models; git ignores it."""

POINTER: Final = "model.json"
MODELS: Final = "models"
"""Below that folder: the file that tells which model answers, and the folder of all of them."""


LOCK: Final = "learn.lock"
"""Held by whoever makes, promotes or changes models there."""


@dataclass(frozen=True)
class Promoted:
    """A model that was promoted.

    Attributes:
        folder: of its files, as a path below the folder of what is learnt, with slashes.
        card: SHA-256 of its `model_card.json`.
        date: when it was promoted, ISO 8601 in UTC.

    """

    folder: str
    card: str
    date: str


def promoted_folder(learnt: Path = LEARNT) -> Path | None:
    """Folder of the promoted model, to be given to `Recogniser.load`; None where the project's own model answers.

    It may be asked every second: where nothing was promoted it looks for one file, otherwise it reads that and the
    card (about 100 KB).

    Args:
        learnt: folder of what the installation learns.

    Raises:
        ModelNotReadyError: the pointer file is damaged, or the card is missing or not the one that was promoted.

    """
    if not (models := promoted_models(learnt)):
        return None
    folder = learnt / models[-1].folder
    try:
        content = (folder / RECORD).read_bytes()
    except OSError as error:
        raise ModelNotReadyError(f"{RECORD} of the promoted model is missing") from error
    if sha256(content).hexdigest() != models[-1].card:
        raise ModelNotReadyError(f"{RECORD} is not the one that {POINTER} records: its SHA-256 differs")
    return folder


def promoted_models(learnt: Path = LEARNT) -> list[Promoted]:
    """Every model that was promoted and not taken back, the one that answers last.

    Raises:
        ModelNotReadyError: the pointer file is damaged.

    """
    try:
        content = (learnt / POINTER).read_text("utf-8")
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise ModelNotReadyError(f"{POINTER} cannot be read") from error
    try:
        models = [Promoted(str(each["folder"]), str(each["card"]), str(each["date"])) for each in _entries(content)]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelNotReadyError(f"{POINTER} is damaged") from error
    if not all(_is_below(model.folder) for model in models):
        raise ModelNotReadyError(f"{POINTER} names a folder elsewhere")
    return models


def promote(folder: Path, learnt: Path = LEARNT) -> None:
    """Have the model of a folder below `learnt` answer from now on.

    Raises:
        ModelNotReadyError: the pointer file is damaged.

    """
    model = Promoted(
        folder.relative_to(learnt).as_posix(),
        sha256((folder / RECORD).read_bytes()).hexdigest(),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_pointer([*promoted_models(learnt), model], learnt)


def go_back(learnt: Path = LEARNT) -> Promoted | None:
    """Have the model before the promoted one answer again: the one that was taken back, or None where none was.

    Raises:
        ModelNotReadyError: the pointer file is damaged.

    """
    if not (models := promoted_models(learnt)):
        return None
    write_pointer(models[:-1], learnt)
    return models[-1]


def alone(learnt: Path = LEARNT) -> "FileLock":
    """A lock to be held while models are made or changed; entering it raises filelock.Timeout where another has it."""
    from filelock import FileLock  # recognition processes, which only read the pointer, need none

    return FileLock(learnt / LOCK, timeout=0)


def write_pointer(models: Sequence[Promoted], learnt: Path = LEARNT) -> None:
    """Replace the pointer file by one of these models, the one that answers last."""
    unfinished = learnt / f"{POINTER}.new"
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump({"promoted": [asdict(model) for model in models]}, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(learnt / POINTER)


def _entries(content: str) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads(content)["promoted"]
    return entries


def _is_below(folder: str) -> bool:
    """Whether a path stays below the folder that it starts from."""
    path = PurePosixPath(folder)
    return not path.is_absolute() and ".." not in path.parts and len(path.parts) > 0
