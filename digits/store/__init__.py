"""What people taught, in SQLite or PostgreSQL: 28x28 pictures with their labels under a random code, and no more.

store = Store.open()
code = store.new_profile()
store.add(code, [entry], per_hour=600)
print(store.taught(code).labels)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digits.codes import UnknownCodeError
from digits.store.records import (
    DEFAULT_URL,
    Added,
    BelievedDigits,
    ClassSummary,
    Entry,
    Kind,
    Profile,
    Pupil,
    Remembered,
    Source,
    State,
    StoredDigit,
    StoreError,
    TooManyError,
    UnknownCorrectionError,
)

if TYPE_CHECKING:
    from digits.store.queries import MAX_OF_A_KIND
    from digits.store.store import Store

__all__ = [
    "DEFAULT_URL",
    "MAX_OF_A_KIND",
    "Added",
    "BelievedDigits",
    "ClassSummary",
    "Entry",
    "Kind",
    "Profile",
    "Pupil",
    "Remembered",
    "Source",
    "State",
    "Store",
    "StoreError",
    "StoredDigit",
    "TooManyError",
    "UnknownCodeError",
    "UnknownCorrectionError",
]

_HOMES = {"MAX_OF_A_KIND": "digits.store.queries", "Store": "digits.store.store"}


def __getattr__(name: str) -> Any:
    """Import what is asked for: SQLAlchemy takes a third of a second, and a service can be asked before."""
    if name not in _HOMES:
        raise AttributeError(f"module 'digits.store' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
