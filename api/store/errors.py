"""Errors of the store.

LookupError
├── NotFound         the record does not exist
└── Gone             the record was deleted
RecordRejected       the record cannot be stored as it is
├── NotGrounded      the evidence does not support the claims
├── TextMismatch     the text is not the text of the article
└── Conflict         the record contradicts stored records
    ├── IdTaken      another record has the id
    ├── Duplicate    a stored claim has the same content
    └── InUse        other records refer to it
ConcurrentWrite      the records changed in each attempt to write
KeyReused            the idempotency key belongs to another request
Unavailable          the database does not respond
└── QueryTimeout     a query takes too long
UnknownTables        the tables belong to no known version
DatabaseInUse        readers keep purged records in the files of the database
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

import marshmallow as ma

from api.grounding.spans import Failure
from schemas.fields import truncate as cut
from schemas.json_pointer import flatten_messages

Part = dict[str, typing.Any]

# How many things that are wrong are said in a sentence each, and how many are told to programs.
SAID, TOLD = 10, 100


class RecordRejected(ValueError):
    """A record that cannot be stored as it is; `parts` say of each thing that is wrong where it is and what it is.

    A part has a `pointer` into the record and a `detail`, and what else a program can use for mending it.
    """

    def __init__(self, *problems: tuple[str, str]):
        told = [f"{pointer}: {detail}" if pointer else detail for pointer, detail in problems[:SAID]]
        more = [f"And {len(problems) - SAID:,} more."] if len(problems) > SAID else []
        super().__init__(cut(" ".join(dict.fromkeys([*told, *more]))))
        self.parts: list[Part] = [
            {"pointer": cut(pointer), "detail": cut(detail)} for pointer, detail in problems[:TOLD]
        ]


def invalid(error: ma.ValidationError) -> RecordRejected:
    """The refusal of what its shape does not admit."""
    return RecordRejected(*flatten_messages(error.messages))


def circle(pointer: str, ids: Sequence[str]) -> RecordRejected:
    """The refusal of claims that would, by the steps of these ids, restate one another in a circle."""
    return RecordRejected((pointer, f"Claims would restate one another in a circle: {' → '.join(ids)}."))


class NotGrounded(RecordRejected):
    """Claims that their article's text, or their own evidence, does not bear out.

    `failures` are the checks that were not passed; where an article's text was sent, each with the id of its claim.
    """

    def __init__(self, failures: Sequence[tuple[str | None, Failure]]):
        super().__init__(*((failure.pointer, failure.detail) for _, failure in failures))
        self.failures = failures
        self.parts = [
            failure.told() if claim is None else {**failure.told(), "claim": claim}
            for claim, failure in failures[:TOLD]
        ]


class TextMismatch(RecordRejected):
    """A text that is not the one which the article's claims were taken from."""

    def __init__(self, actual: str, wanted: str):
        told = (
            f"The text has the SHA-256 {actual}, the article's is {wanted}. "
            "Give the text as it was when the claims were taken from it, to the last space."
        )
        super().__init__(("", told))


class Conflict(RecordRejected):
    """A record that cannot stand beside what is stored; `others` are the types and ids of what it collides with."""

    def __init__(self, pointer: str, detail: str, others: Sequence[tuple[str, str]] = ()):
        super().__init__((pointer, detail))
        self.others = others


class IdTaken(Conflict):
    """Another record has the id."""


class Duplicate(Conflict):
    """A stored claim says exactly this."""


class InUse(Conflict):
    """Other records need this one as it is."""


class ConcurrentWrite(Exception):
    """What is stored is not, or not for long enough, what the writer saw; trying again may help."""


class NotFound(LookupError):
    """The record does not exist. The message names it, and the right path if there is one."""


class Gone(LookupError):
    """The record was deleted. The message says when."""


class KeyReused(Exception):
    """The idempotency key came with another request."""


class Unavailable(Exception):
    """The database did not respond in time, or at all. The message says which, and what to do."""


class QueryTimeout(Unavailable):
    """A query took longer than the limit."""


class UnknownTables(Exception):
    """The tables of the database belong to no version that this program knows."""


class DatabaseInUse(Exception):
    """Purged records are deleted but still in a file, because readers used the database all the time."""
