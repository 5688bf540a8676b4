"""All that one database holds, put into another one, as from SQLite into PostgreSQL where a machine is outgrown."""

from typing import Final

from sqlalchemy import Connection, Table, exists, insert, select, text

from digits.store.database import Database
from digits.store.tables import classes, corrections, profiles

TABLES: Final = (classes, profiles, corrections)
"""In the order in which their rows refer to each other."""

CHUNK: Final = 1000
"""Rows that are held at a time."""

AS_OF_NOW: Final = {"sqlite": "BEGIN", "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"}
"""Whatever others write meanwhile, all tables are read as they were at one moment."""

ALONE: Final = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "LOCK TABLE classes, profiles, corrections IN SHARE ROW EXCLUSIVE MODE",
}
"""Nobody else writes meanwhile."""

LAST_NUMBER: Final = {
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = 'corrections'",
    "postgresql": "SELECT last_value FROM corrections_id_seq WHERE is_called",
}
SET_LAST_NUMBER: Final = {
    "sqlite": ("DELETE FROM sqlite_sequence", "INSERT INTO sqlite_sequence VALUES ('corrections', :last)"),
    "postgresql": ("SELECT setval('corrections_id_seq', :last)",),
}
"""The number of a correction that was given last, which may have been deleted since: none is ever given twice."""


class NotEmptyError(RuntimeError):
    """The other database holds something already."""


def copy_all(source: Database, target: Database) -> dict[str, int]:
    """Copy every row as it is, codes and numbers too, all or nothing; how many, by the table's name.

    Raises:
        NotEmptyError: the target holds something.
        StoreError: one of them cannot be used.

    """
    with source.transaction() as reading, target.transaction(makes=True) as writing:
        reading.exec_driver_sql(AS_OF_NOW[reading.dialect.name])
        writing.exec_driver_sql(ALONE[writing.dialect.name])
        if any(writing.scalar(select(exists(select(table)))) for table in TABLES):
            raise NotEmptyError("the other database is not empty")
        copied = {table.name: _copy(table, reading, writing) for table in TABLES}
        if last := reading.scalar(text(LAST_NUMBER[reading.dialect.name])):
            for statement in SET_LAST_NUMBER[writing.dialect.name]:
                writing.execute(text(statement), {"last": last} if ":last" in statement else {})
    return copied


def _copy(table: Table, reading: Connection, writing: Connection) -> int:
    columns = [column for column in table.columns if column.computed is None]
    rows = reading.execute(select(*columns).order_by(*table.primary_key), execution_options={"yield_per": CHUNK})
    count = 0
    for chunk in rows.mappings().partitions():
        writing.execute(insert(table), [dict(row) for row in chunk])
        count += len(chunk)
    return count
