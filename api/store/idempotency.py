"""Idempotency: the answer to a request that came with a key of its own, for when the same request comes again."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from sqlalchemy import Connection, delete, insert, select

from api.store.preparing import now
from api.store.tables import idempotency

_KEPT = timedelta(days=1)


class KeyReused(Exception):
    """The key came with another request."""


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Request:
    """A request that is to be carried out once: whose it is, the key that came with it, and a hash of it."""

    api_key_id: str
    key: str
    sha256: str


def recall(connection: Connection, request: Request) -> Answer | None:
    """What this request was answered, or None where it is new; raises KeyReused where another one had its key.

    Asked for in the transaction that stores the answer: of twenty that arrive at once, nineteen wait and find it.
    """
    oldest = (datetime.now(UTC) - _KEPT).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    connection.execute(delete(idempotency).where(idempotency.c.at < oldest))
    columns = idempotency.c
    found = connection.execute(
        select(columns.request, columns.status, columns.headers, columns.body).where(
            columns.api_key_id == request.api_key_id, columns.key == request.key
        )
    ).one_or_none()
    if found is None:
        return None
    sha256, status, headers, body = found
    if sha256 != request.sha256:
        raise KeyReused
    return Answer(status, typing.cast("Mapping[str, str]", orjson.loads(headers)), body)


def remember(connection: Connection, request: Request, record_id: str, answer: Answer) -> None:
    """Keep the answer to a request, which made this record, for a day."""
    row = {
        "api_key_id": request.api_key_id,
        "key": request.key,
        "request": request.sha256,
        "record_id": record_id,
        "status": answer.status,
        "headers": orjson.dumps(dict(answer.headers)).decode(),
        "body": answer.body,
        "at": now(),
    }
    connection.execute(insert(idempotency).values(row))
