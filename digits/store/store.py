"""The store: profiles and what they teach, classes, and the corrections that wait for a look."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from digits.store.records import (
    Added,
    BelievedDigits,
    ClassSummary,
    Entry,
    Profile,
    Remembered,
    StoredDigit,
)

DEFAULT_URL: Final = f"sqlite:///{Path(__file__).parents[2] / 'learnt' / 'digits.sqlite3'}"
"""A file beside the program."""

MAX_OF_A_KIND: Final = 20
"""Digits of a label that a profile teaches."""


class Store:
    """All that is stored, in SQLite or PostgreSQL; every thread may use it.

    A code may be given as a person types it. Every method raises `UnknownCodeError` for a code that nobody has, but
    `has_profile` and `revision`, and `StoreError` where the database cannot be used.
    """

    kind: Literal["sqlite", "postgresql"]

    @classmethod
    def open(cls, url: str = DEFAULT_URL) -> "Store":
        """The store at this address; touches nothing yet: the first use connects and migrates.

        Raises:
            StoreError: no address of SQLite or PostgreSQL, or PostgreSQL's driver is not installed.

        """
        raise NotImplementedError

    def prepare(self) -> None:
        """Connect and migrate now, if there is a database: a file of SQLite is made by the first profile or class."""
        raise NotImplementedError

    def close(self) -> None:
        """Give all connections back."""
        raise NotImplementedError

    def new_class(self) -> str:
        """Make a class; returns its code."""
        raise NotImplementedError

    def new_profile(self, class_code: str | None = None) -> str:
        """Make a profile, of that class where one is named; returns its code."""
        raise NotImplementedError

    def profile_of(self, class_code: str, number: int) -> str:
        """The code of a pupil's profile, which is made if need be."""
        raise NotImplementedError

    def has_profile(self, code: str) -> bool:
        """Whether there is such a profile."""
        raise NotImplementedError

    def revision(self, code: str) -> int | None:
        """The profile's revision, which grows with each change of what it teaches; None where there is no such."""
        raise NotImplementedError

    def taught(self, code: str) -> Remembered:
        """What weighs in: active ones, of each label the misread before the confirmed, the newest first."""
        raise NotImplementedError

    def add(self, code: str, entries: Sequence[Entry], per_hour: int) -> list[Added]:
        """Store them for this profile, all or none; they are on disk when this returns.

        The same picture again with another label replaces the label.

        Raises:
            TooManyError: with them it would be more than `per_hour` within an hour.

        """
        raise NotImplementedError

    def withdraw(self, id: int, code: str) -> None:
        """Undo: its picture and strokes are wiped and it teaches no more.

        Raises:
            UnknownCorrectionError: this profile has no such correction.

        """
        raise NotImplementedError

    def switch_off(self, id: int) -> None:
        """It teaches its profile no more; raises `UnknownCorrectionError`."""
        raise NotImplementedError

    def profile(self, code: str, count: int = 1000) -> Profile:
        """The profile with its `count` newest digits."""
        raise NotImplementedError

    def profile_digits(self, code: str) -> list[StoredDigit]:
        """All digits of a profile that were neither refused nor withdrawn, the oldest first."""
        raise NotImplementedError

    def delete_profile(self, code: str) -> None:
        """Nothing of it stays."""
        raise NotImplementedError

    def class_summary(self, code: str) -> ClassSummary:
        """Who is in the class, and how many digits of each they wrote."""
        raise NotImplementedError

    def class_digits(self, code: str) -> list[StoredDigit]:
        """All digits of a class that were neither refused nor withdrawn, by pupil, the oldest first."""
        raise NotImplementedError

    def delete_class(self, code: str) -> None:
        """Nothing of it and of its profiles stays."""
        raise NotImplementedError

    def waiting(self, limit: int) -> list[StoredDigit]:
        """The corrections that wait for a look, the nearest to known digits of their label first."""
        raise NotImplementedError

    def decide(self, id: int, believed: bool) -> None:
        """Believe or refuse it; one that is refused teaches no more. Raises `UnknownCorrectionError`."""
        raise NotImplementedError

    def believed(self) -> BelievedDigits:
        """All that a model for everybody may learn from."""
        raise NotImplementedError

    def purge(self, older_than_days: float) -> int:
        """Delete older digits, and older profiles and classes that have none; returns how many digits."""
        raise NotImplementedError
