"""The day of parties and terms, so that their indexes have claims in the default order of lists, and more indexes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "v1_1_indexes"
down_revision: str | None = "v1_1_once"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WORD = sa.String().with_variant(sa.String(collation="C"), "postgresql")
# The columns of the indexes of parties and terms before and after, and the column that can be null.
_ORDERED = {
    "party": [
        (
            ("name_key", "role", "claim_id"),
            ("name_key", "role", "day", "claim_id", "country"),
            None,
        ),
        (("same_as", "role", "claim_id"), ("same_as", "role", "day", "claim_id"), "same_as"),
        (("kind", "role", "claim_id"), ("kind", "role", "day", "claim_id"), None),
        (("country", "role", "claim_id"), ("country", "role", "day", "claim_id"), "country"),
    ],
    "term": [(("owner", "list", "value", "record_id"), ("owner", "list", "value", "day", "record_id"), None)],
}
# The indexes of claims in the default order of lists, which get the last day.
_IN_ORDER = (("type", "on_record_from", "id"), ("on_record_from", "id"))
# The dates, whose last days have an index of those with several days.
_DATES = {
    "claim": (
        "on_record",
        "claimed_on",
        "published_on",
        "as_of",
        "since",
        "agreed_on",
        "effective_on",
        "ended_on",
        "adopted_on",
    ),
    "article": ("published_on",),
}
# The indexes of articles, and the column that can be null.
_OF_ARTICLES = (
    (("published_on_from", "id", "published_on_to"), None),
    (("conflict", "published_on_from", "id"), "conflict"),
    (("publisher_key", "published_on_from", "id"), "publisher_key"),
    (("language", "published_on_from", "id"), "language"),
)


def upgrade() -> None:
    for table in _ORDERED:
        op.add_column(table, sa.Column("day", _WORD, nullable=True))
    op.execute("UPDATE party SET day = (SELECT on_record_from FROM claim WHERE claim.id = party.claim_id)")
    for owner, day in (("claim", "on_record_from"), ("article", "published_on_from")):
        op.execute(
            f"UPDATE term SET day = (SELECT {day} FROM {owner} WHERE {owner}.id = term.record_id) "  # noqa: S608
            f"WHERE owner = '{owner}'"
        )
    for table, indexes in _ORDERED.items():
        for before, after, nullable in indexes:
            _drop(table, before)
            _create(table, after, nullable)
    for columns in _IN_ORDER:
        _drop("claim", columns)
        _create("claim", (*columns, "on_record_to"), None)
    for table, dates in _DATES.items():
        for date in dates:
            where, columns = sa.text(f"{date}_from < {date}_to"), _last_day(date)
            options = {"unique": False, "sqlite_where": where, "postgresql_where": where}
            op.create_index(_name(table, columns), table, columns, **options)
    for columns, nullable in _OF_ARTICLES:
        _create("article", columns, nullable)


def downgrade() -> None:
    for columns, _ in _OF_ARTICLES:
        _drop("article", columns)
    for table, dates in _DATES.items():
        for date in dates:
            _drop(table, _last_day(date))
    for columns in _IN_ORDER:
        _drop("claim", (*columns, "on_record_to"))
        _create("claim", columns, None)
    for table, indexes in _ORDERED.items():
        for before, after, nullable in indexes:
            _drop(table, after)
            _create(table, before, nullable)
        op.execute(f"ALTER TABLE {table} DROP COLUMN day")


def _last_day(date: str) -> tuple[str, ...]:
    return f"{date}_to", f"{date}_from", "id"


def _name(table: str, columns: Sequence[str]) -> str:
    return op.f(f"ix_{table}_{'_'.join(columns)}")


def _create(table: str, columns: Sequence[str], nullable: str | None) -> None:
    where = None if nullable is None else sa.text(f"{nullable} IS NOT NULL")
    op.create_index(_name(table, columns), table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def _drop(table: str, columns: Sequence[str]) -> None:
    op.drop_index(_name(table, columns), table)
