"""A database: found by its address, migrated, a file made on demand, faults put into words."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.schema import CreateTable

from digits.store.records import Kind, StoreError
from digits.store.tables import metadata

DRIVERS: Final[dict[str, tuple[Kind, str]]] = {
    "sqlite": ("sqlite", "sqlite+pysqlite"),
    "postgresql": ("postgresql", "postgresql+psycopg"),
    "postgres": ("postgresql", "postgresql+psycopg"),
    "postgresql+psycopg": ("postgresql", "postgresql+psycopg"),
}

LOCK_SECONDS: Final = 10
"""How long a transaction waits for another one to end."""

GLANCE_SECONDS: Final = 0.02
"""Between two looks whether a file is free."""

CONNECT_SECONDS: Final = 5
"""How long PostgreSQL may take to answer."""

MIGRATION_LOCK: Final = 0x4449474954530000
"""Number of PostgreSQL's advisory lock that whoever migrates holds."""

PRAGMAS: Final = (
    f"busy_timeout={LOCK_SECONDS * 1000}",
    "synchronous=FULL",  # in WAL mode NORMAL would lose what was committed last when the power fails
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten
)


class Database:
    """SQLite in a file or PostgreSQL. A file that is not there reads as an empty database, and is made on demand."""

    def __init__(self, address: str) -> None:
        url, self.kind = _known(address)
        self._file = Path(url.database or "") if self.kind == "sqlite" else None
        self._engine = _sqlite(url) if self.kind == "sqlite" else _postgresql(url)
        self._empty = _empty()
        self._migrated: os.stat_result | bool = False
        self._lock = Lock()

    def close(self) -> None:
        """Close all connections; the next transaction opens new ones."""
        self._engine.dispose()
        self._empty.dispose()

    @contextmanager
    def transaction(self, makes: bool = False) -> Iterator[Connection]:
        """All of it or nothing, on disk when this ends; `makes` the file where there is none.

        Raises:
            StoreError: the database cannot be used.

        """
        with _faults_in_words(), self._ready(makes).begin() as connection:
            yield connection

    def forget_deleted(self) -> None:
        """Of what was deleted nothing stays in SQLite's log either, unless another transaction is under way."""
        if self._file:
            with _faults_in_words(), self._ready(False).connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _ready(self, makes: bool) -> Engine:
        """The engine of the migrated database, or of an empty one."""
        if self._is_migrated():
            return self._engine
        with self._lock:
            if self._is_migrated():
                return self._engine
            if self._file and not self._file.exists():
                if not makes:
                    return self._empty
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # who has a code has the profile
            self._engine.dispose()
            _migrate(self._engine)
            self._migrated = self._file.stat() if self._file else True
        return self._engine

    def _is_migrated(self) -> bool:
        """Whether this was done, to the file that lies there now: one that was removed would take writes in silence."""
        if not self._file or isinstance(self._migrated, bool):
            return bool(self._migrated)
        try:
            return os.path.samestat(self._migrated, self._file.stat())
        except FileNotFoundError:
            return False


def _known(address: str) -> tuple[URL, Kind]:
    try:
        url = make_url(address)
        kind, driver = DRIVERS[url.drivername]
    except (ArgumentError, KeyError) as error:
        raise StoreError("no address of a database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME") from error
    if kind == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError("the address of SQLite names no file: sqlite:///FILE")
    return url.set(drivername=driver), kind


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_SECONDS})
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _postgresql(url: URL) -> Engine:
    """Text goes as UTF-8 whatever the database was made for: of one for plain ASCII psycopg would give bytes."""
    options = {"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"}
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=options)
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs psycopg: pip install -r deploy/requirements-postgresql.txt") from error


def _empty() -> Engine:
    """Of an empty database in memory, one for each connection."""
    engine = create_engine("sqlite://", poolclass=QueuePool, connect_args={"check_same_thread": False})
    tables = [str(CreateTable(table).compile(engine)) for table in metadata.sorted_tables]

    @event.listens_for(engine, "connect")
    def make_tables(connection: Any, _: object) -> None:
        for table in tables:
            connection.execute(table)

    return engine


def _set_pragmas(connection: Any, _: object) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    _log_ahead(connection)


def _log_ahead(connection: Any) -> None:
    """WAL mode; while another one makes the file, SQLite says that it is locked at once, whatever its timeout."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(GLANCE_SECONDS)
        else:
            return


def _migrate(engine: Engine) -> None:
    """Bring the tables up to date in one transaction, while nobody else does."""
    from alembic import command  # 0.2 s that whoever has no database saves
    from alembic.util import CommandError

    from digits.store.migrations import configuration

    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        try:
            command.upgrade(configuration(connection), "head")
        except CommandError as error:
            raise StoreError(f"the database is of another version of the program ({error})") from error


@contextmanager
def _faults_in_words() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except DBAPIError as error:
        raise StoreError(" ".join(str(error.orig).split())) from error
    except (NoConnectionError, OSError) as error:
        raise StoreError(str(error)) from error
