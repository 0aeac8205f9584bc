"""Answers, held against what an operation is documented to answer: status, headers, media type, body."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from werkzeug.datastructures import Headers

from api.contract.validator.exchange import is_json, media_type
from api.contract.validator.spec import Described, Operation, Part

PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"

# What every answer has, documented or not.
_EVERYWHERE = ("API-Version", "X-Request-Id")

Unlike = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """An answer as it came, or as it was kept: without `headers`, only the rest is judged.

    `selected` says that it was asked for with `fields`, `head` that only its headers were asked for.
    """

    status: int
    media_type: str
    body: bytes
    headers: Headers | None = None
    selected: bool = False
    head: bool = False


def unlike(described: Described, operation: Operation | None, answer: Answer, *, closed: bool) -> Unlike:
    """Where an answer departs from the document, and how.

    A problem that is not documented is one that a minor version may add, unless the document is taken as `closed`.
    Where no operation is documented, a failure has to be a problem, and anything else is let pass.
    """
    if answer.headers is not None:
        yield from ((f"header {name}", f"no {name}.") for name in _EVERYWHERE if name not in answer.headers)
    if operation is not None and str(answer.status) in operation.answers:
        told = operation.answers[str(answer.status)]
        yield from _unlike_headers(described, told.get("headers", {}), answer)
        yield from _unlike_content(described, told.get("content", {}), answer)
        return
    if operation is not None and (closed or not 400 <= answer.status < 500):
        known = ", ".join(operation.answers)
        yield "status", f"{answer.status} is not an answer of {operation.id}, which has {known}."
        return
    if answer.status >= 400:
        yield from _unlike_content(described, {PROBLEM: {"schema": described.schemas["Problem"]}}, answer)


def _unlike_headers(described: Described, headers: Part, answer: Answer) -> Unlike:
    if answer.headers is None:
        return
    for name, reference in headers.items():
        header = described.resolved(reference)
        if name in answer.headers:
            for fault in described.faults(header["schema"], answer.headers[name]):
                yield f"header {name}", fault.detail
        elif header.get("required") and name not in _EVERYWHERE:
            yield f"header {name}", f"no {name}."


def _unlike_content(described: Described, content: Part, answer: Answer) -> Unlike:
    if answer.head or not content:
        if answer.body:
            yield "body", "a body where there is none to be."
        return
    if answer.media_type not in content:
        yield (
            "header Content-Type",
            f"{answer.media_type or 'none'} is not documented here. It is one of: {', '.join(content)}.",
        )
        return
    schema = content[answer.media_type]["schema"]
    if answer.media_type == NDJSON:
        yield from _unlike_lines(described, schema["contentSchema"], answer)
        return
    try:
        body = orjson.loads(answer.body) if is_json(answer.media_type) else answer.body.decode()
    except ValueError as error:
        yield "body", f"no {'JSON' if is_json(answer.media_type) else 'UTF-8'}: {error}."
        return
    for fault in described.faults(asked_for(schema, selected=answer.selected), body):
        yield f"body {fault.pointer}".rstrip(), fault.detail


def _unlike_lines(described: Described, schema: Part, answer: Answer) -> Unlike:
    line_schema = asked_for(schema, selected=answer.selected)
    if answer.body and not answer.body.endswith(b"\n"):
        yield "body", "the last line has no end."
    for number, line in enumerate(answer.body.splitlines(), 1):
        try:
            record = orjson.loads(line)
        except ValueError as error:
            yield f"line {number}", f"no JSON: {error}."
            continue
        for fault in described.faults(line_schema, record):
            yield f"line {number} {fault.pointer}".rstrip(), fault.detail


def asked_for(schema: Part, *, selected: bool) -> Part:
    """Whole records, unless `fields` asked for less: which it has to be is known here."""
    return typing.cast("Part", schema["anyOf"][selected]) if "anyOf" in schema else schema


def answer_of(status: int, headers: Headers, body: bytes, *, selected: bool, head: bool) -> Answer:
    """An answer as it came."""
    return Answer(status, media_type(headers), body, headers, selected, head)
