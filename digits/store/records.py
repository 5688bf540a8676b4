"""What goes into the store and what comes out: plain data, and what may go wrong."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

DEFAULT_URL: Final = f"sqlite:///{Path(__file__).parents[2] / 'learnt' / 'digits.sqlite3'}"
"""A file beside the program."""

Kind = Literal["sqlite", "postgresql"]
"""Of database."""

Source = Literal["correction", "confirmation", "sheet"]
"""How a person came to say what a digit is."""

State = Literal["believed", "waiting", "refused", "withdrawn"]
"""What the installation makes of it; a person's own profile is taught by what waits, too."""


class StoreError(RuntimeError):
    """The database cannot be used: unreachable, damaged, full, locked for too long or of a newer version."""


class UnknownCorrectionError(LookupError):
    """There is no such correction, or it was withdrawn."""


class TooManyError(RuntimeError):
    """More corrections in an hour than one profile may send.

    Attributes:
        retry_after: seconds until they would be taken.

    """

    def __init__(self, seconds: float) -> None:
        super().__init__("too many corrections in an hour")
        self.retry_after = max(1, ceil(seconds))


@dataclass(frozen=True, eq=False)
class Entry:
    """A digit that a person labelled.

    Attributes:
        picture: (28, 28) uint8, as the model saw it.
        label: 0 to 9, or 10 for no digit.
        suggested: what had been answered, 0 to 10; None where nothing had.
        confidence: of that answer, 0 to 1.
        source: how the person came to say so.
        believed: whether the label is believed without anybody looking at it.
        distance: from the known digits of this label.
        model_sha256: of the model that answered.
        strokes: as the pen moved, where it was drawn: what JSON can say.

    """

    picture: NDArray[np.uint8]
    label: int
    suggested: int | None
    confidence: float | None
    source: Source
    believed: bool
    distance: float
    model_sha256: str
    strokes: Any = None


@dataclass(frozen=True)
class Added:
    """An entry, stored. It is "known" where the same picture already had this label; `id` is then the one it has."""

    id: int
    state: Literal["believed", "waiting", "known"]


@dataclass(frozen=True, eq=False)
class Remembered:
    """What a profile teaches.

    Attributes:
        revision: of the profile; it grows with each change of what is taught.
        ids: of the corrections.
        pictures: (n, 28, 28) uint8, no more than `digits.store.MAX_OF_A_KIND` of each label.
        labels: (n,) intp, 0 to 10.

    """

    revision: int
    ids: tuple[int, ...]
    pictures: NDArray[np.uint8]
    labels: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class StoredDigit:
    """A correction as it is stored.

    Attributes:
        id: its number.
        picture: (28, 28) uint8.
        label: 0 to 10.
        suggested: what had been answered, 0 to 10, or None.
        confidence: of that answer, or None.
        source: how the person came to say so.
        state: what the installation makes of it; never "withdrawn".
        active: whether it teaches its profile.
        distance: from the known digits of this label.
        created: when, in UTC.
        number: of the pupil in the class, or None.

    """

    id: int
    picture: NDArray[np.uint8]
    label: int
    suggested: int | None
    confidence: float | None
    source: Source
    state: State
    active: bool
    distance: float
    created: datetime
    number: int | None


@dataclass(frozen=True, eq=False)
class Profile:
    """A profile; `counts` are of all its digits by label 0 to 10, `digits` the newest of them, newest first."""

    code: str
    class_code: str | None
    number: int | None
    created: datetime
    revision: int
    counts: tuple[int, ...]
    digits: tuple[StoredDigit, ...]


@dataclass(frozen=True)
class Pupil:
    """A profile of a class: its number, None where it has none, and how many digits of each label 0 to 10."""

    number: int | None
    counts: tuple[int, ...]


@dataclass(frozen=True)
class ClassSummary:
    """A class, its pupils by number; `version` is another one after each change of what the class has stored."""

    code: str
    created: datetime
    version: str
    pupils: tuple[Pupil, ...]


@dataclass(frozen=True, eq=False)
class BelievedDigits:
    """All believed digits that are active, the oldest first.

    Attributes:
        ids: of the corrections.
        pictures: (n, 28, 28) uint8.
        labels: (n,) intp, 0 to 10.
        profiles: whose each is.
        fingerprints: SHA-256 of each picture, in hexadecimal digits.
        held_out: (n,) bool: set aside as test, for ever.

    """

    ids: tuple[int, ...]
    pictures: NDArray[np.uint8]
    labels: NDArray[np.intp]
    profiles: tuple[str, ...]
    fingerprints: tuple[str, ...]
    held_out: NDArray[np.bool_]
