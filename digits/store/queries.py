"""What the store asks its tables, in a transaction that is under way."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, union_all, update

from digits.codes import UnknownCodeError
from digits.store.records import Entry, StoredDigit, UnknownCorrectionError
from digits.store.tables import corrections, profiles

LABELS: Final = 11
"""Ten digits and 10 for no digit."""

MAX_OF_A_KIND: Final = 20
"""Digits of a label that a profile teaches."""

HELD_OUT_SHARE: Final = 5
"""One picture in so many is never learnt from by a model for everybody, but tests it."""

SIDE: Final = 28

KEPT: Final = corrections.c.state.in_(("believed", "waiting"))
"""What counts: neither refused nor withdrawn."""


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def fingerprint(picture: NDArray[np.uint8]) -> str:
    """SHA-256 of its pixels."""
    return hashlib.sha256(np.ascontiguousarray(picture).tobytes()).hexdigest()


def row_of(entry: Entry) -> dict[str, Any]:
    """The columns of a digit that was sent just now."""
    if entry.picture.shape != (SIDE, SIDE) or entry.picture.dtype != np.uint8:
        raise ValueError(f"a picture is (28, 28) uint8, not {entry.picture.shape} {entry.picture.dtype}")
    digest = fingerprint(entry.picture)
    return {
        "picture": np.ascontiguousarray(entry.picture).tobytes(),
        "fingerprint": digest,
        "strokes": entry.strokes,
        "suggested": entry.suggested,
        "confidence": entry.confidence,
        "label": entry.label,
        "source": entry.source,
        "state": "believed" if entry.believed else "waiting",
        "active": True,
        "held_out": int(digest[:8], 16) % HELD_OUT_SHARE == 0,
        "distance": entry.distance,
        "model_sha256": entry.model_sha256,
        "created": now(),
    }


def change_profile(connection: Connection, code: str) -> None:
    """Give it the next revision; other changes of this profile wait until this transaction ends.

    This comes first in each transaction that writes: one of SQLite that had read before could not wait.
    """
    if not connection.execute(_next_revision(profiles.c.code == code)).rowcount:
        raise UnknownCodeError("no such profile")


def change_profile_of(connection: Connection, id: int) -> None:
    """The same for the profile that has this correction."""
    owner = select(corrections.c.profile_code).where(corrections.c.id == id, corrections.c.state != "withdrawn")
    if not connection.execute(_next_revision(profiles.c.code == owner.scalar_subquery())).rowcount:
        raise UnknownCorrectionError("no such correction")


def change_profiles(connection: Connection, which: ColumnElement[bool]) -> None:
    """The same for all of them."""
    connection.execute(_next_revision(which))


def _next_revision(which: ColumnElement[bool]) -> Any:
    return update(profiles).where(which).values(revision=profiles.c.revision + 1)


def stored(where: ColumnElement[bool]) -> Select[Any]:
    """Corrections with the number of their pupil."""
    table = corrections.join(profiles, profiles.c.code == corrections.c.profile_code)
    return select(corrections, profiles.c.number).select_from(table).where(where)


def stored_digit(row: Row[Any]) -> StoredDigit:
    """A row of `stored`."""
    return StoredDigit(
        id=row.id,
        picture=pictures_of([row.picture])[0],
        label=row.label,
        suggested=row.suggested,
        confidence=row.confidence,
        source=row.source,
        state=row.state,
        active=row.active,
        distance=row.distance,
        created=row.created,
        number=row.number,
    )


def pictures_of(contents: Iterable[bytes]) -> NDArray[np.uint8]:
    """(n, 28, 28) uint8 of stored pictures."""
    return np.frombuffer(b"".join(contents), np.uint8).reshape(-1, SIDE, SIDE)


def counts_by_profile(connection: Connection, which: ColumnElement[bool]) -> dict[str, tuple[int, ...]]:
    """How many digits of each label count, for the profiles that have any."""
    columns = corrections.c.profile_code, corrections.c.label
    count = func.count().label("count")
    table = corrections.join(profiles, profiles.c.code == corrections.c.profile_code)
    query = select(*columns, count).select_from(table).where(which, KEPT).group_by(*columns)
    counts: dict[str, list[int]] = {}
    for row in connection.execute(query):
        counts.setdefault(row.profile_code, [0] * LABELS)[row.label] = row._mapping[count]
    return {code: tuple(each) for code, each in counts.items()}


def _taught() -> Any:
    """Of each label the first few in an index, so that it takes no longer where there are many."""
    order = [corrections.c.misread.desc(), corrections.c.created.desc(), corrections.c.id.desc()]
    columns = [corrections.c.id, corrections.c.label, corrections.c.picture, corrections.c.created]
    mine = corrections.c.profile_code == bindparam("code"), corrections.c.active
    kinds = [
        select(*columns).where(*mine, corrections.c.label == label).order_by(*order).limit(MAX_OF_A_KIND).subquery()
        for label in range(LABELS)
    ]
    return union_all(*(select(kind.c.id, kind.c.label, kind.c.picture) for kind in kinds))


TAUGHT: Final = _taught()
"""What weighs in for the profile `code`."""
