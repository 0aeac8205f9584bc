"""Counts of ids and days for all claims together, and the counts of a type next to each other.

After each migration, all records are counted again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "v1_1_facets_of_all"
down_revision: str | None = "v1_1_facets"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WORD = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    _create(("facet", "type", "value", "label"))


def downgrade() -> None:
    _create(("facet", "value", "type", "label"))


def _create(key: Sequence[str]) -> None:
    op.drop_table("facet_count")
    op.create_table(
        "facet_count",
        *(sa.Column(name, _WORD, nullable=False) for name in key),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_facet_count")),
        sqlite_with_rowid=False,
    )
    unused = sa.text("count = 0")
    name = op.f("ix_facet_count_count")
    op.create_index(name, "facet_count", ["count"], sqlite_where=unused, postgresql_where=unused)
