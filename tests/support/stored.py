"""Documents that a test puts into the database, past all checks."""

from __future__ import annotations

import typing

import orjson
from sqlalchemy import Connection, update

from api.store.document_text import split
from api.store.tables import claim, document_part
from api.store.write import insert_missing


def overwrite(connection: Connection, document: str, **columns: typing.Any) -> None:
    """Replace the stored document of a claim, and values of its columns. The document ends with its times."""
    record = orjson.loads(document)
    times = {name: record[name] for name in ("created_at", "updated_at")}
    beginning, number, part = split(document, **times)
    insert_missing(connection, document_part, [{"number": number, "text": part}])
    values = {"document": beginning, "part": number, **times, **columns}
    connection.execute(update(claim).where(claim.c.id == record["id"]).values(**values))
