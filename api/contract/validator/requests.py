"""Requests, held against what an operation is documented to take: path, method, parameters, headers, key, body."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator

import orjson

from api.contract.validator.exchange import Exchange, is_json, media_type
from api.contract.validator.messages import one_of
from api.contract.validator.spec import Described, Operation, Part
from schemas import strict_json
from schemas.values import closest

# Problems of the request itself, and not of what is on record at the time.
_REFUSED = frozenset(
    {
        "bad-request",
        "content-too-large",
        "invalid-parameters",
        "key-required",
        "malformed-body",
        "method-not-allowed",
        "no-such-path",
        "not-acceptable",
        "precondition-required",
        "scope-required",
        "unsupported-media-type",
        "uri-too-long",
    }
)

Unlike = Iterator[tuple[str, str]]


def unlike(described: Described, exchange: Exchange) -> Unlike:
    """Where a request departs from the document, and how; also where only the server could see that it does."""
    there = described.at(exchange.path)
    operation = described.operation(exchange.method, exchange.path)
    found: list[tuple[str, str]]
    if operation is not None:
        found = [
            *_unlike_query(described, operation, exchange),
            *_unlike_headers(described, operation, exchange),
            *_unlike_body(described, operation, exchange),
        ]
    elif exchange.status < 400 or exchange.method == "OPTIONS":
        # A page, or a preflight: served, and no part of the contract.
        return
    elif there is None:
        meant = closest(exchange.path, described.paths)
        found = [("path", f"There is no {exchange.path}.{f' Did you mean {meant}?' if meant else ''}")]
    else:
        found = [("method", f"{exchange.method} is not {one_of(list(there), exchange.method)}")]
    yield from found or _refused(exchange)


def _unlike_query(described: Described, operation: Operation, exchange: Exchange) -> Unlike:
    known = operation.takes("query")
    for name, texts in exchange.parameters.items():
        where = f"query parameter {name}"
        if name not in known:
            meant = closest(name, known)
            yield where, f"{operation.id} has no such parameter.{f' Did you mean {meant}?' if meant else ''}"
            continue
        told = known[name]
        schema = told["schema"]
        if schema.get("type") == "array":
            # What is separated by commas may be repeated as well: some generated clients do.
            explode = told.get("explode", True)
            items = texts if explode else [item for text in texts for item in text.split(",")]
            value: typing.Any = [_read(schema["items"], item) for item in items]
        elif len(texts) > 1:
            yield where, "It is given more than once, and counts once."
            continue
        else:
            value = _read(schema, texts[0])
        for fault in described.faults(schema, value):
            yield where, fault.detail
    for name, told in known.items():
        if told.get("required") and name not in exchange.parameters:
            yield f"query parameter {name}", "It is missing."


def _read(schema: Part, text: str) -> typing.Any:
    """What a text in a query stands for; the text itself where it stands for nothing of the type that is wanted."""
    type_ = schema.get("type")
    if type_ == "integer" and re.fullmatch("-?[0-9]{1,19}", text):
        return int(text)
    if type_ == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _unlike_headers(described: Described, operation: Operation, exchange: Exchange) -> Unlike:
    for name, told in operation.takes("header").items():
        value = exchange.sent.get(name)
        if value is not None:
            for fault in described.faults(told["schema"], value):
                yield f"header {name}", fault.detail
        elif told.get("required"):
            yield f"header {name}", "It is missing."
    if operation.scopes and "Authorization" not in exchange.sent:
        needed = f"{operation.id} needs a key with the scope {' and '.join(operation.scopes)}, and none was sent."
        yield "header Authorization", f"{needed} Send Authorization: Bearer and the key."


def _unlike_body(described: Described, operation: Operation, exchange: Exchange) -> Unlike:
    if not operation.content:
        return
    media_types = ", ".join(operation.content)
    sent = media_type(exchange.sent)
    if sent not in operation.content:
        named = f"{sent} is not a media type of" if sent else "No media type is named, as is needed for"
        yield "header Content-Type", f"{named} {operation.id}, which takes {media_types}."
        return
    if not exchange.sent_body:
        yield "body", f"There is none, and {operation.id} needs one."
        return
    if exchange.sent.get("Content-Encoding", "identity") != "identity":
        return
    try:
        body = strict_json.loads(exchange.sent_body) if is_json(sent) else _text(exchange)
    except ValueError as error:
        yield "body", str(error)
        return
    for fault in described.faults(operation.content[sent]["schema"], body):
        yield f"body {fault.pointer}".rstrip(), fault.detail


def _text(exchange: Exchange) -> str:
    try:
        return exchange.sent_body.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"The body is not UTF-8: byte {error.start}.") from None


def _refused(exchange: Exchange) -> Unlike:
    """What the server says is wrong with the request itself, where the document says it only in words."""
    if not 400 <= exchange.status < 500 or exchange.method == "HEAD":
        return
    try:
        problem = orjson.loads(exchange.body)
    except ValueError:
        return
    if isinstance(problem, dict) and problem.get("code") in _REFUSED:
        yield "request", f"It was refused ({problem['code']}): {problem.get('detail', '')}"
