"""The release date of prisoner exchanges as a filter."""

import sqlalchemy as sa
from alembic import op

revision = "v1_2"
down_revision = "v1_1_facets_of_all"
branch_labels = None
depends_on = None

# The index of first days, and that of the last days of dates with several days.
INDEXES = {
    ("released_on_from", "id"): "released_on_from IS NOT NULL",
    ("released_on_to", "released_on_from", "id"): "released_on_from < released_on_to",
}


def upgrade() -> None:
    for name in ("released_on_from", "released_on_to"):
        day = sa.String().with_variant(sa.String(collation="C"), "postgresql")
        op.add_column("claim", sa.Column(name, day, nullable=True))
    for columns, condition in INDEXES.items():
        name, where = op.f(f"ix_claim_{'_'.join(columns)}"), sa.text(condition)
        op.create_index(name, "claim", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for columns in INDEXES:
        op.drop_index(op.f(f"ix_claim_{'_'.join(columns)}"), "claim")
    for name in ("released_on_from", "released_on_to"):
        op.execute(f"ALTER TABLE claim DROP COLUMN {name}")
