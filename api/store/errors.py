"""Errors of the store, and functions that return frequent ones."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import marshmallow as ma

from api.grounding.spans import Failure
from api.kinds.collections import KIND_BY_NAME
from schemas.fields import truncate
from schemas.json_pointer import flatten_messages

Part = dict[str, typing.Any]

# The maximum number of problems in a message, and of parts for programs.
MESSAGES_MAX, PARTS_MAX = 10, 100


class RecordRejected(ValueError):
    """A record that cannot be stored as it is.

    `parts` has one entry for each problem: a `pointer` into the record, a `detail`, and values that help to fix it.
    """

    def __init__(self, *problems: tuple[str, str]):
        messages = [f"{pointer}: {detail}" if pointer else detail for pointer, detail in problems[:MESSAGES_MAX]]
        more = [f"And {len(problems) - MESSAGES_MAX:,} more."] if len(problems) > MESSAGES_MAX else []
        super().__init__(truncate(" ".join(dict.fromkeys([*messages, *more]))))
        self.parts: list[Part] = [
            {"pointer": truncate(pointer), "detail": truncate(detail)} for pointer, detail in problems[:PARTS_MAX]
        ]


def invalid(error: ma.ValidationError) -> RecordRejected:
    """Return a RecordRejected for a record that its schema rejects."""
    return RecordRejected(*flatten_messages(error.messages))


def circle(pointer: str, ids: Sequence[str]) -> RecordRejected:
    """Return a RecordRejected for claims that restate one another in a circle. `ids` are its steps."""
    return RecordRejected((pointer, f"Claims restate one another in a circle: {' → '.join(ids)}. Change one of them."))


class NotGrounded(RecordRejected):
    """Claims that their evidence, or the text of their article, does not support.

    `failures` are the failed checks. If an article's text was sent, each has the id of its claim.
    """

    def __init__(self, failures: Sequence[tuple[str | None, Failure]]):
        super().__init__(*((failure.pointer, failure.detail) for _, failure in failures))
        self.failures = failures
        self.parts = [
            failure.to_dict() if claim is None else {**failure.to_dict(), "claim": claim}
            for claim, failure in failures[:PARTS_MAX]
        ]


class TextMismatch(RecordRejected):
    """A text that is not the text of the article."""

    def __init__(self, actual: str, expected: str):
        message = (
            f"The SHA-256 of the text is {actual}, but the article has {expected}. "
            "It must be exactly the text that the claims were taken from, including whitespace and the last line break."
        )
        super().__init__(("", message))


class Conflict(RecordRejected):
    """A record that conflicts with others. Each of `parts` has one of them as `other`: its type and id."""

    def __init__(self, pointer: str, detail: str, others: Sequence[tuple[str, str]] = ()):
        super().__init__((pointer, detail))
        self.parts = [{**self.parts[0], "other": other} for other in others] or self.parts


class IdTaken(Conflict):
    """Another record has the id."""


class Duplicate(Conflict):
    """A stored claim has the same content."""


class InUse(Conflict):
    """Other records refer to this one."""


def duplicate(type_: str, id_: str) -> Duplicate:
    """Return the error for a claim with the same content as the claim of this type and id."""
    detail = f"The {KIND_BY_NAME[type_].title} {id_!r} has the same content. Use it, or correct the claim."
    return Duplicate("", detail, [(type_, id_)])


class ConcurrentWrite(Exception):
    """The records changed in each attempt to write. A retry may succeed."""


class NotFound(LookupError):
    """The record does not exist. The message names it, and the path of a claim of another kind with the id."""


class Gone(LookupError):
    """The record was deleted. The message has the time."""


class KeyReused(Exception):
    """The idempotency key belongs to another request."""


class Unavailable(Exception):
    """The database cannot be used, or does not respond in time. The message has the reason and the fix."""


class QueryTimeout(Unavailable):
    """A query took longer than the limit."""


class UnknownTables(Unavailable):
    """The tables of the database belong to no version that this program knows."""


class BackupError(Exception):
    """A backup that cannot be written or restored. The message has the reason and the fix."""


class FilesNotOverwritten(Exception):
    """Purged records are deleted, but files of the database can still contain them. The message has the reason."""
