"""Profiles and their corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "profiles",
        sa.Column("code", sa.String(14), primary_key=True),
        sa.Column("created", time, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("profile_code", sa.String(14), sa.ForeignKey("profiles.code", ondelete="CASCADE"), nullable=False),
        sa.Column("picture", sa.LargeBinary),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("strokes", sa.JSON),
        sa.Column("suggested", sa.SmallInteger),
        sa.Column("confidence", sa.Float),
        sa.Column("label", sa.SmallInteger, nullable=False),
        sa.Column(
            "misread",
            sa.Boolean,
            sa.Computed("suggested IS NULL OR suggested <> label", persisted=True),
            nullable=False,
        ),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("held_out", sa.Boolean, nullable=False),
        sa.Column("distance", sa.Float, nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("created", time, nullable=False),
        sa.CheckConstraint("label BETWEEN 0 AND 10", "label_is_a_class"),
        sa.CheckConstraint("suggested BETWEEN 0 AND 10", "suggestion_is_a_class"),
        sqlite_autoincrement=True,
    )
    op.create_index("corrections_once", "corrections", ["profile_code", "fingerprint"], unique=True)
    op.create_index(
        "corrections_taught", "corrections", ["profile_code", "active", "label", "misread", "created", "id"]
    )
    op.create_index("corrections_sent", "corrections", ["profile_code", "created"])
    op.create_index("corrections_to_review", "corrections", ["state", "distance"])
