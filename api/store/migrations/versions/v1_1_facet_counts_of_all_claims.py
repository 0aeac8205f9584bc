"""Counts of ids and days for all claims together. After each migration, all records are counted again."""

from collections.abc import Sequence

from alembic import op

revision: str = "v1_1_facets_of_all"
down_revision: str | None = "v1_1_facets"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    op.execute("DELETE FROM facet_count WHERE type = 'claim'")
