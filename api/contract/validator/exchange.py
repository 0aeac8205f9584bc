"""Exchange: a request and its answer, and what of them departs from the contract."""

from __future__ import annotations

import typing
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

By = typing.Literal["client", "server"]


@dataclass(frozen=True)
class Departure:
    """One thing that is not as the contract has it: who broke it, where, and what is wrong, in plain words."""

    by: By
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.detail}"


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; `path` is decoded and `query` is not."""

    method: str
    path: str
    status: int
    headers: Headers
    body: bytes
    query: str = ""
    sent: Headers = field(default_factory=Headers)
    sent_body: bytes = b""

    @cached_property
    def parameters(self) -> dict[str, list[str]]:
        """The values of each parameter of the query."""
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values


def media_type(headers: Headers) -> str:
    """The media type that headers name, without its parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def is_json(type_: str) -> bool:
    """Whether bodies of a media type are one JSON value.

    >>> [is_json(type_) for type_ in ("application/json", "application/problem+json", "application/x-ndjson")]
    [True, True, False]
    """
    return type_ == "application/json" or type_.endswith("+json")
