"""The tables, the same in SQLite and PostgreSQL; `migrations/` makes them."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
)

CODE_LENGTH: Final = 14
"""Characters of a code with its dashes."""

DIGEST_LENGTH: Final = 64
"""Hexadecimal digits of a SHA-256."""

MISREAD: Final = "suggested IS NULL OR suggested <> label"

metadata: Final = MetaData()


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC; SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The time as the database takes it."""
        return value.replace(tzinfo=None) if value and dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time as Python has it, with its time zone."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


classes: Final = Table(
    "classes",
    metadata,
    Column("code", String(CODE_LENGTH), primary_key=True),
    Column("created", UtcTime, nullable=False),
)

profiles: Final = Table(
    "profiles",
    metadata,
    Column("code", String(CODE_LENGTH), primary_key=True),
    Column("created", UtcTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("class_code", String(CODE_LENGTH), ForeignKey("classes.code", ondelete="CASCADE")),
    Column("number", SmallInteger),
    Index("profiles_of_class", "class_code", "number", unique=True),
)
"""`revision` grows with each change of what a profile teaches."""

corrections: Final = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("profile_code", String(CODE_LENGTH), ForeignKey("profiles.code", ondelete="CASCADE"), nullable=False),
    Column("picture", LargeBinary),
    Column("fingerprint", String(DIGEST_LENGTH)),
    Column("strokes", JSON(none_as_null=True)),
    Column("suggested", SmallInteger),
    Column("confidence", Float),
    Column("label", SmallInteger, nullable=False),
    Column("misread", Boolean, Computed(MISREAD, persisted=True), nullable=False),
    Column("source", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("held_out", Boolean, nullable=False),
    Column("distance", Float, nullable=False),
    Column("model_sha256", String(DIGEST_LENGTH), nullable=False),
    Column("created", UtcTime, nullable=False),
    CheckConstraint("label BETWEEN 0 AND 10", "label_is_a_class"),
    CheckConstraint("suggested BETWEEN 0 AND 10", "suggestion_is_a_class"),
    Index("corrections_once", "profile_code", "fingerprint", unique=True),
    Index("corrections_taught", "profile_code", "active", "label", "misread", "created", "id"),
    Index("corrections_sent", "profile_code", "created"),
    Index("corrections_to_review", "state", "distance"),
    sqlite_autoincrement=True,
)
"""What a person said (`label`) beside what had been answered (`suggested`). `picture`, `fingerprint` and `strokes` are
NULL once it is withdrawn. A number is never given twice, so that none who looks at an old list decides on another."""
