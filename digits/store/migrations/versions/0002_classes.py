"""Classes, and which pupil of which class a profile is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table and two columns; profiles that there are belong to no class."""
    op.create_table(
        "classes",
        sa.Column("code", sa.String(14), primary_key=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column(
        "profiles",
        sa.Column("class_code", sa.String(14), sa.ForeignKey("classes.code", ondelete="CASCADE")),
        inline_references=True,
    )
    op.add_column("profiles", sa.Column("number", sa.SmallInteger))
    op.create_index("profiles_of_class", "profiles", ["class_code", "number"], unique=True)
