"""Each document and each report of checks once: changes have no document of a current version, claims no report."""

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "v1_1_once"
down_revision: str | None = "v1_1_epoch"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHANGE = sa.table("change", *map(sa.column, ("type", "id", "version", "document")))
_ARTICLE = sa.table("article", *map(sa.column, ("id", "version", "document")))
_CLAIM = sa.table("claim", *map(sa.column, ("id", "version", "document", "report", "document_end")))
_REPORT = sa.table("grounding_report", *map(sa.column, ("number", "report")))
_KEY = '"grounding":'
# Documents in memory at one time.
_BATCH = 1000


def upgrade() -> None:
    for table, types in ((_ARTICLE, _CHANGE.c.type == "article"), (_CLAIM, _CHANGE.c.type != "article")):
        op.execute(sa.update(_CHANGE).where(types, sa.exists(_of_record(table))).values(document=None))
    if op.get_bind().dialect.name == "sqlite":
        _copy_changes()
    op.create_table(
        "grounding_report",
        sa.Column("number", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_grounding_report")),
    )
    op.add_column("claim", sa.Column("report", _NUMBER, nullable=False, server_default="0"))
    op.add_column("claim", sa.Column("document_end", sa.Text(), nullable=False, server_default=""))
    _split_documents()


def downgrade() -> None:
    report = sa.select(_REPORT.c.report).where(_REPORT.c.number == _CLAIM.c.report).scalar_subquery()
    whole = sa.cast(_CLAIM.c.document, sa.Text()).concat(report).concat(_CLAIM.c.document_end)
    op.execute(sa.update(_CLAIM).values(document=whole))
    for name in ("report", "document_end"):
        # Alembic would copy the table, and deleting the original would delete all parties with it.
        op.execute(f"ALTER TABLE claim DROP COLUMN {name}")
    op.drop_table("grounding_report")
    for table, types in ((_ARTICLE, _CHANGE.c.type == "article"), (_CLAIM, _CHANGE.c.type != "article")):
        document = _of_record(table)
        copied = sa.update(_CHANGE).where(types, sa.exists(document)).values(document=document.scalar_subquery())
        op.execute(copied)


def _of_record(table: sa.TableClause) -> sa.Select[Any]:
    """Return a SELECT of the document of a change's record if it still has the version of the change."""
    same = (table.c.id == _CHANGE.c.id) & (table.c.version == _CHANGE.c.version)
    return sa.select(table.c.document).where(same).correlate(_CHANGE)


def _copy_changes() -> None:
    """Copy the changes to a new table. SQLite does not use the space that shorter rows leave in the pages of a table."""
    for statement in (
        """
        CREATE TABLE change_copy (
            sequence INTEGER NOT NULL CONSTRAINT pk_change PRIMARY KEY AUTOINCREMENT,
            at VARCHAR NOT NULL, action VARCHAR NOT NULL, type VARCHAR NOT NULL, id VARCHAR NOT NULL,
            version INTEGER NOT NULL, document TEXT
        )
        """,
        "INSERT INTO change_copy SELECT sequence, at, action, type, id, version, document FROM change ORDER BY sequence",
        # A sequence number is never reused.
        "DELETE FROM sqlite_sequence WHERE name = 'change_copy'",
        "INSERT INTO sqlite_sequence SELECT 'change_copy', seq FROM sqlite_sequence WHERE name = 'change'",
        "DROP TABLE change",
        "ALTER TABLE change_copy RENAME TO change",
        "CREATE INDEX ix_change_type_id_version ON change (type, id, version)",
    ):
        op.execute(statement)


def _split_documents() -> None:
    """Move the reports of claims to their own table."""
    connection = op.get_bind()
    documents = sa.select(_CLAIM.c.id, _CLAIM.c.document).order_by(_CLAIM.c.id).limit(_BATCH)
    stored = set[int]()
    rows = connection.execute(documents).all()
    while rows:
        updates, reports = list[dict[str, Any]](), dict[int, str]()
        for id_, document in rows:
            # In JSON, the quotation marks of a text are escaped, so no text can match.
            start, end = document.index(_KEY) + len(_KEY), document.rindex(',"version":')
            report = document[start:end]
            number = int.from_bytes(hashlib.sha256(report.encode()).digest()[:8], signed=True)
            reports[number] = report
            updates.append({"row": id_, "before": document[:start], "number": number, "after": document[end:]})
        if new := [{"number": number, "report": reports[number]} for number in reports.keys() - stored]:
            connection.execute(sa.insert(_REPORT), new)
        stored |= reports.keys()
        parts = {
            "document": sa.bindparam("before"),
            "report": sa.bindparam("number"),
            "document_end": sa.bindparam("after"),
        }
        connection.execute(sa.update(_CLAIM).where(_CLAIM.c.id == sa.bindparam("row")).values(parts), updates)
        rows = connection.execute(documents.where(_CLAIM.c.id > rows[-1][0])).all()
