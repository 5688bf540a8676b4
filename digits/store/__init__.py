"""What people taught, in SQLite or PostgreSQL: 28x28 pictures with their labels under a random code, and no more.

store = Store.open()
code = store.new_profile()
store.add(code, [entry], per_hour=600)
print(store.taught(code).labels)
"""

from digits.codes import UnknownCodeError
from digits.store.queries import MAX_OF_A_KIND
from digits.store.records import (
    Added,
    BelievedDigits,
    ClassSummary,
    Entry,
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
from digits.store.store import DEFAULT_URL, Store

__all__ = [
    "DEFAULT_URL",
    "MAX_OF_A_KIND",
    "Added",
    "BelievedDigits",
    "ClassSummary",
    "Entry",
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
