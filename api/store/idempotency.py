"""Idempotency: the answer to a request that came with a key of its own, for when the same request comes again."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from sqlalchemy import Connection, delete, insert, select

from api.store import errors
from api.store.prepare import Prepared, now
from api.store.tables import idempotency

_KEPT = timedelta(days=1)


class Answered(Exception):
    """The request was carried out before; `answer` is the response that it got."""

    def __init__(self, answer: Answer):
        super().__init__()
        self.answer = answer


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Request:
    """A request that is carried out once: its API key, its Idempotency-Key, and a hash of it.

    `answer_of` returns the response to the request, for the record that it created.
    """

    api_key_id: str
    key: str
    sha256: str
    answer_of: Callable[[Prepared], Answer]


def check(connection: Connection, request: Request) -> None:
    """Raise Answered if a request was carried out before, or KeyReused if another request had its key.

    The transaction that stores the response checks it too: of twenty requests at once, nineteen wait and are replayed.
    """
    columns = idempotency.c
    kept = connection.execute(
        select(columns.request, columns.status, columns.headers, columns.body).where(
            columns.api_key_id == request.api_key_id, columns.key == request.key, columns.at >= _oldest()
        )
    ).one_or_none()
    if kept is None:
        return
    sha256, status, headers, body = kept
    if sha256 != request.sha256:
        raise errors.KeyReused
    raise Answered(Answer(status, typing.cast("Mapping[str, str]", orjson.loads(headers)), body))


def remember(connection: Connection, request: Request, record: Prepared) -> None:
    """Keep the response to a request, which created this record, for a day. Delete older responses."""
    connection.execute(delete(idempotency).where(idempotency.c.at < _oldest()))
    answer = request.answer_of(record)
    row = {
        "api_key_id": request.api_key_id,
        "key": request.key,
        "request": request.sha256,
        "record_id": record.id,
        "status": answer.status,
        "headers": orjson.dumps(dict(answer.headers)).decode(),
        "body": answer.body,
        "at": now(),
    }
    connection.execute(insert(idempotency).values(row))


def _oldest() -> str:
    """Return the time before which responses are no longer kept."""
    return (datetime.now(UTC) - _KEPT).isoformat(timespec="milliseconds").replace("+00:00", "Z")
