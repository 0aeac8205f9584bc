"""Validation of a response against its operation: status, headers, media type, body."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import orjson
from werkzeug.wrappers import Response

from api.contract.validator.spec import JsonObject, Spec, SpecOperation

PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"

# Each response has these headers, whether they are documented or not.
_COMMON_HEADERS = ("API-Version", "X-Request-Id")

Violations = Iterator[tuple[str, str]]


def response_violations(
    spec: Spec,
    operation: SpecOperation | None,
    response: Response,
    *,
    closed: bool,
    selected: bool,
    head: bool,
    has_headers: bool,
) -> Violations:
    """Yield the place and the message of each violation.

    `selected` means that the request had `fields`, `head` that its method was HEAD. Without `has_headers` the headers
    are unknown, except for the media type. A minor version may add problems, so an undocumented 4xx is a violation
    only if `closed`. Without an operation, only an error response is checked: it must be a problem.
    """
    status = response.status_code
    if has_headers:
        yield from ((f"header {name}", _missing(name)) for name in _COMMON_HEADERS if name not in response.headers)
    if operation is not None and str(status) in operation.responses:
        documented = operation.responses[str(status)]
        content = documented.get("content", {})
        if has_headers:
            yield from _header_violations(spec, documented.get("headers", {}), response)
    elif operation is not None and (closed or not 400 <= status < 500):
        statuses = ", ".join(operation.responses)
        yield "status", f"{operation.id} does not document {status}. It documents {statuses}."
        return
    elif status >= 400:
        content = {PROBLEM: {"schema": spec.schemas["Problem"]}}
    else:
        return
    if head or not content:
        if response.get_data():
            yield "body", "A body is not allowed here."
        return
    yield from _body_violations(spec, content, response, selected=selected)


def _missing(name: str) -> str:
    return f"{name} is missing."


def _header_violations(spec: Spec, headers: JsonObject, response: Response) -> Violations:
    for name, reference in headers.items():
        header = spec.resolve(reference)
        if name in response.headers:
            for error in spec.errors(header["schema"], response.headers[name]):
                yield f"header {name}", error.message
        elif header.get("required") and name not in _COMMON_HEADERS:
            yield f"header {name}", _missing(name)


def _body_violations(spec: Spec, content: JsonObject, response: Response, *, selected: bool) -> Violations:
    media_type, body = response.mimetype or "", response.get_data()
    if media_type not in content:
        yield (
            "header Content-Type",
            f"{media_type or 'none'} is not documented here. It must be one of: {', '.join(content)}.",
        )
        return
    schema = content[media_type]["schema"]
    if media_type == NDJSON:
        if body and not body.endswith(b"\n"):
            yield "body", "The last line does not end with a newline."
        schema = representation(schema["contentSchema"], selected=selected)
        for number, line in enumerate(body.splitlines(), 1):
            yield from _json_violations(spec, schema, line, f"line {number}")
    elif response.is_json:
        yield from _json_violations(spec, representation(schema, selected=selected), body, "body")
    else:
        try:
            text = body.decode()
        except ValueError as error:
            yield "body", f"Not valid UTF-8: {error}."
            return
        for schema_error in spec.errors(schema, text):
            yield "body", schema_error.message


def _json_violations(spec: Spec, schema: JsonObject, text: bytes, place: str) -> Violations:
    try:
        value = orjson.loads(text)
    except ValueError as error:
        yield place, f"Not valid JSON: {error}."
        return
    for schema_error in spec.errors(schema, value):
        yield f"{place} {schema_error.pointer}".rstrip(), schema_error.message


def representation(schema: JsonObject, *, selected: bool) -> JsonObject:
    """Return the schema of whole records, or of selected fields if the request had `fields`."""
    return typing.cast("JsonObject", schema["anyOf"][selected]) if "anyOf" in schema else schema
