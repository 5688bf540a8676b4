"""The store: profiles and what they teach, classes, and the corrections that wait for a look."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from digits.codes import UnknownCodeError, canonical, new_code
from digits.store import queries
from digits.store.database import Database
from digits.store.queries import KEPT
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
    StoredDigit,
    TooManyError,
    UnknownCorrectionError,
)
from digits.store.tables import classes, corrections, profiles

HOUR: Final = timedelta(hours=1)

NO_COUNTS: Final = (0,) * queries.LABELS

WITHDRAWN: Final = {"state": "withdrawn", "active": False, "picture": None, "fingerprint": None, "strokes": None}


class Store:
    """All that is stored, in SQLite or PostgreSQL; every thread may use it.

    A code may be given as a person types it. Every method raises `UnknownCodeError` for a code that nobody has, but
    `has_profile` and `revision`, and `StoreError` where the database cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str = DEFAULT_URL) -> "Store":
        """The store at this address; touches nothing yet: the first use connects and migrates.

        Raises:
            StoreError: no address of SQLite or PostgreSQL, or PostgreSQL's driver is not installed.

        """
        return cls(Database(url))

    @property
    def kind(self) -> Kind:
        """What it is stored in: sqlite or postgresql."""
        return self._database.kind

    def prepare(self) -> None:
        """Connect and migrate now, if there is a database: a file of SQLite is made by the first profile or class."""
        with self._database.transaction():
            pass

    def close(self) -> None:
        """Close all connections; using the store again opens new ones."""
        self._database.close()

    def new_class(self) -> str:
        """Make a class; returns its code."""
        code = new_code()
        with self._database.transaction(makes=True) as connection:
            connection.execute(insert(classes).values(code=code, created=queries.now()))
        return code

    def new_profile(self, class_code: str | None = None) -> str:
        """Make a profile, of that class where one is named; returns its code."""
        if class_code is not None:
            return self._profile_in(canonical(class_code), None)
        with self._database.transaction(makes=True) as connection:
            return _insert_profile(connection, None, None)

    def profile_of(self, class_code: str, number: int) -> str:
        """The code of a pupil's profile, which is made if need be."""
        try:
            return self._profile_in(canonical(class_code), number)
        except IntegrityError:  # another server made it at the same time
            return self._profile_in(canonical(class_code), number)

    def has_profile(self, code: str) -> bool:
        """Whether there is such a profile."""
        return self.revision(code) is not None

    def revision(self, code: str) -> int | None:
        """The profile's revision, which grows with each change of what it teaches; None where there is no such."""
        try:
            code = canonical(code)
        except UnknownCodeError:
            return None
        with self._database.transaction() as connection:
            revision: int | None = connection.scalar(select(profiles.c.revision).where(profiles.c.code == code))
            return revision

    def taught(self, code: str) -> Remembered:
        """What weighs in: active ones, of each label the misread before the confirmed, the newest first."""
        code = canonical(code)
        with self._database.transaction() as connection:
            # The revision first: what is then a little newer than it says is only read once more.
            revision = _profile(connection, code).revision
            rows = connection.execute(queries.TAUGHT, {"code": code}).all()
        return Remembered(
            revision,
            tuple(row.id for row in rows),
            queries.pictures_of(row.picture for row in rows),
            np.array([row.label for row in rows], np.intp),
        )

    def add(self, code: str, entries: Sequence[Entry], per_hour: int) -> list[Added]:
        """Store them for this profile, all or none; they are on disk when this returns.

        The same picture again with another label replaces the label; with the same label it teaches again where it
        had been switched off.

        Raises:
            TooManyError: with them it would be more than `per_hour` within an hour.

        """
        code = canonical(code)
        rows = [queries.row_of(entry) | {"profile_code": code} for entry in entries]
        with self._database.transaction() as connection:
            queries.change_profile(connection, code)
            known = _known(connection, code, [row["fingerprint"] for row in rows])
            fresh = {row["fingerprint"] for row in rows} - known.keys()
            _refuse_too_many(connection, code, len(fresh), per_hour)
            return [_add(connection, row, known) for row in rows]

    def withdraw(self, id: int, code: str) -> None:
        """Undo: its picture and strokes are wiped and it teaches no more.

        Raises:
            UnknownCorrectionError: this profile has no such correction.

        """
        code = canonical(code)
        which = corrections.c.id == id, corrections.c.profile_code == code, corrections.c.state != "withdrawn"
        with self._database.transaction() as connection:
            queries.change_profile(connection, code)
            if not connection.execute(update(corrections).where(*which).values(WITHDRAWN)).rowcount:
                raise UnknownCorrectionError("this profile has no such correction")
        self._database.forget_deleted()

    def switch_off(self, id: int) -> None:
        """It teaches its profile no more; raises `UnknownCorrectionError`."""
        with self._database.transaction() as connection:
            queries.change_profile_of(connection, id)
            connection.execute(update(corrections).where(corrections.c.id == id).values(active=False))

    def decide(self, id: int, believed: bool) -> None:
        """Believe or refuse it; one that is refused teaches no more. Raises `UnknownCorrectionError`."""
        change: dict[str, Any] = {"state": "believed"} if believed else {"state": "refused", "active": False}
        with self._database.transaction() as connection:
            queries.change_profile_of(connection, id)
            connection.execute(update(corrections).where(corrections.c.id == id).values(change))

    def profile(self, code: str, count: int = 1000) -> Profile:
        """The profile with its `count` newest digits."""
        code = canonical(code)
        mine = corrections.c.profile_code == code
        newest = queries.stored(mine & (corrections.c.state != "withdrawn"))
        newest = newest.order_by(corrections.c.created.desc(), corrections.c.id.desc()).limit(count)
        with self._database.transaction() as connection:
            row = _profile(connection, code)
            counts = queries.counts_by_profile(connection, mine).get(code, NO_COUNTS)
            digits = tuple(map(queries.stored_digit, connection.execute(newest)))
        return Profile(code, row.class_code, row.number, row.created, row.revision, counts, digits)

    def profile_digits(self, code: str) -> list[StoredDigit]:
        """All digits of a profile that were neither refused nor withdrawn, the oldest first."""
        code = canonical(code)
        with self._database.transaction() as connection:
            _profile(connection, code)
            query = queries.stored((corrections.c.profile_code == code) & KEPT)
            return [*map(queries.stored_digit, connection.execute(query.order_by(corrections.c.id)))]

    def delete_profile(self, code: str) -> None:
        """Nothing of it stays."""
        self._delete(delete(profiles).where(profiles.c.code == canonical(code)))

    def delete_class(self, code: str) -> None:
        """Nothing of it and of its profiles stays."""
        self._delete(delete(classes).where(classes.c.code == canonical(code)))

    def class_summary(self, code: str) -> ClassSummary:
        """Who is in the class, and how many digits of each they wrote."""
        code = canonical(code)
        mine = profiles.c.class_code == code
        with self._database.transaction() as connection:
            created = _class(connection, code)
            pupils = connection.execute(select(profiles).where(mine).order_by(profiles.c.number, profiles.c.code)).all()
            counts = queries.counts_by_profile(connection, mine)
        version = hashlib.sha256(repr([(pupil.code, pupil.revision) for pupil in pupils]).encode()).hexdigest()
        members = tuple(Pupil(pupil.number, counts.get(pupil.code, NO_COUNTS)) for pupil in pupils)
        return ClassSummary(code, created, version, members)

    def class_digits(self, code: str) -> list[StoredDigit]:
        """All digits of a class that were neither refused nor withdrawn, by pupil, the oldest first."""
        code = canonical(code)
        query = queries.stored((profiles.c.class_code == code) & KEPT)
        with self._database.transaction() as connection:
            _class(connection, code)
            rows = connection.execute(query.order_by(profiles.c.number, profiles.c.code, corrections.c.id))
            return [*map(queries.stored_digit, rows)]

    def waiting(self, limit: int) -> list[StoredDigit]:
        """The corrections that wait for a look, the nearest to known digits of their label first."""
        query = queries.stored(corrections.c.state == "waiting")
        query = query.order_by(corrections.c.distance, corrections.c.id).limit(limit)
        with self._database.transaction() as connection:
            return [*map(queries.stored_digit, connection.execute(query))]

    def believed(self) -> BelievedDigits:
        """All that a model for everybody may learn from."""
        names = ("id", "picture", "label", "profile_code", "fingerprint", "held_out")
        query = select(*(corrections.c[name] for name in names))
        query = query.where(corrections.c.state == "believed", corrections.c.active).order_by(corrections.c.id)
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return BelievedDigits(
            tuple(row.id for row in rows),
            queries.pictures_of(row.picture for row in rows),
            np.array([row.label for row in rows], np.intp),
            tuple(row.profile_code for row in rows),
            tuple(row.fingerprint for row in rows),
            np.array([row.held_out for row in rows], np.bool_),
        )

    def purge(self, older_than_days: float) -> int:
        """Delete older digits, and older profiles and classes that have none; returns how many digits."""
        before = queries.now() - timedelta(days=older_than_days)
        digits, members = corrections.c.profile_code == profiles.c.code, profiles.c.class_code == classes.c.code
        with self._database.transaction() as connection:
            # Nobody adds to them meanwhile: what is found empty stays empty until it is deleted.
            queries.change_profiles(connection, profiles.c.created < before)
            connection.execute(select(classes.c.code).where(classes.c.created < before).with_for_update())
            deleted = connection.execute(delete(corrections).where(corrections.c.created < before)).rowcount
            connection.execute(delete(profiles).where(profiles.c.created < before, ~exists().where(digits)))
            connection.execute(delete(classes).where(classes.c.created < before, ~exists().where(members)))
        self._database.forget_deleted()
        return deleted

    def _profile_in(self, class_code: str, number: int | None) -> str:
        """The code of this pupil's profile, or of a new one where the number is None or new."""
        pupil = select(profiles.c.code).where(profiles.c.class_code == class_code, profiles.c.number == number)
        with self._database.transaction() as connection:
            _class(connection, class_code)
            code: str | None = connection.scalar(pupil) if number is not None else None
            return code or _insert_profile(connection, class_code, number)

    def _delete(self, statement: Any) -> None:
        with self._database.transaction() as connection:
            if not connection.execute(statement).rowcount:
                raise UnknownCodeError("nobody has this code")
        self._database.forget_deleted()


def _insert_profile(connection: Connection, class_code: str | None, number: int | None) -> str:
    code = new_code()
    row = {"code": code, "created": queries.now(), "revision": 0, "class_code": class_code, "number": number}
    connection.execute(insert(profiles).values(row))
    return code


def _profile(connection: Connection, code: str) -> Any:
    row = connection.execute(select(profiles).where(profiles.c.code == code)).first()
    if row is None:
        raise UnknownCodeError("no such profile")
    return row


def _class(connection: Connection, code: str) -> datetime:
    """When it was made."""
    created: datetime | None = connection.scalar(select(classes.c.created).where(classes.c.code == code))
    if created is None:
        raise UnknownCodeError("no such class")
    return created


def _known(connection: Connection, code: str, fingerprints: list[str]) -> dict[str, Any]:
    """Id, label and state of those of the pictures that the profile has, by their fingerprints."""
    names = ("fingerprint", "id", "label", "state")
    mine = corrections.c.profile_code == code, corrections.c.fingerprint.in_(fingerprints)
    rows = connection.execute(select(*(corrections.c[name] for name in names)).where(*mine))
    return {row.fingerprint: dict(row._mapping) for row in rows}


def _add(connection: Connection, row: dict[str, Any], known: dict[str, Any]) -> Added:
    """Store one; `known` learns of it, as the same picture may be there twice."""
    old = known.get(row["fingerprint"])
    if old is None:
        id = int(connection.execute(insert(corrections).values(row).returning(corrections.c.id)).scalar_one())
    else:
        id = old["id"]
        same = old["label"] == row["label"]
        change = {"active": old["state"] != "refused"} if same else row
        connection.execute(update(corrections).where(corrections.c.id == id).values(change))
        if same:
            return Added(id, "known")
    known[row["fingerprint"]] = {"id": id, "label": row["label"], "state": row["state"]}
    return Added(id, row["state"])


def _refuse_too_many(connection: Connection, code: str, fresh: int, per_hour: int) -> None:
    """Raise `TooManyError` where so many more were too many; it says when the oldest of them are an hour old."""
    now = queries.now()
    recent = (corrections.c.profile_code == code) & (corrections.c.created > now - HOUR)
    count = int(connection.scalar(select(func.count()).select_from(corrections).where(recent)) or 0)
    excess = count + fresh - per_hour
    if not fresh or excess <= 0:
        return
    sent = select(corrections.c.created).where(recent).order_by(corrections.c.created).offset(excess - 1).limit(1)
    leaves = connection.scalar(sent) if excess <= count else None
    raise TooManyError(((leaves or now) + HOUR - now).total_seconds())
