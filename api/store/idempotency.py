"""Idempotency keys: the response to a request is stored, and returned if the request is repeated."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import Connection, delete, insert, select

from api.kinds.rendering import render
from api.store import errors
from api.store.prepare import now
from api.store.tables import idempotency

_KEPT = timedelta(days=1)


# Status, headers and body of a response.
Response = tuple[int, dict[str, str], str]
Result = typing.TypeVar("Result")

# The responses to imports have this instead of the id of a record. It is not a valid id.
IMPORT = ""


class Replayed(Exception):
    """The request was carried out before. The argument is the stored response."""


@dataclass(frozen=True)
class Request(typing.Generic[Result]):
    """A request that is carried out once: its API key, its Idempotency-Key, and a hash of it.

    The body of an import is hashed while it is read, so `sha256` is called after that. `response_to` returns the
    response to the request, for its result.
    """

    api_key_id: str
    key: str
    sha256: Callable[[], str]
    response_to: Callable[[Result], Response]


def check(connection: Connection, request: Request[typing.Any]) -> None:
    """Raise Replayed if a request was carried out before, or KeyReused if another request had its key.

    The transaction that stores the response checks it too. Of twenty requests at once, nineteen wait and are replayed.
    """
    columns = idempotency.c
    row = connection.execute(
        select(columns.request, columns.record_id, columns.status, columns.headers, columns.body).where(
            columns.api_key_id == request.api_key_id, columns.key == request.key, columns.at >= now(_KEPT)
        )
    ).one_or_none()
    if row is None:
        return
    sha256, record_id, status, headers, body = row
    if sha256 != request.sha256():
        raise errors.KeyReused
    # The request can precede an update.
    raise Replayed((status, orjson.loads(headers), body if record_id == IMPORT else render(body)))


def remember(connection: Connection, request: Request[Result], result: Result, record_id: str) -> None:
    """Store the response to a request that created a record, or to an import, for a day. Delete older responses."""
    connection.execute(delete(idempotency).where(idempotency.c.at < now(_KEPT)))
    status, headers, body = request.response_to(result)
    row = {
        "api_key_id": request.api_key_id,
        "key": request.key,
        "request": request.sha256(),
        "record_id": record_id,
        "status": status,
        "headers": orjson.dumps(headers).decode(),
        "body": body,
        "at": now(),
    }
    connection.execute(insert(idempotency).values(row))
