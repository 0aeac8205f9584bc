"""Documents that a test puts into the database, past all checks."""

from __future__ import annotations

import typing

import orjson
from sqlalchemy import Connection, update

from api.store import facet_counts
from api.store.document_text import split
from api.store.tables import claim, document_part
from api.store.write import insert_missing


def overwrite(connection: Connection, document: str, **columns: typing.Any) -> None:
    """Replace the stored document of a claim, values of its columns, and their counts. It ends with its times."""
    record = orjson.loads(document)
    times = {name: record[name] for name in ("created_at", "updated_at")}
    beginning, number, part = split(document, **times)
    insert_missing(connection, document_part, [{"number": number, "text": part}])
    values = {"document": beginning, "part": number, **times, **columns}
    facet_counts.subtract(connection, claim.c.id, [record["id"]])
    connection.execute(update(claim).where(claim.c.id == record["id"]).values(**values))
    facet_counts.add(connection, claim.c.id, [record["id"]])
