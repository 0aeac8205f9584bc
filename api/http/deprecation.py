"""Deprecation of operations and parameters: headers (RFC 9745, RFC 8594) for at least a year, then 410.

`Deprecated` is declared with the operation. The document, the metrics and the log follow from it.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flask import Flask, Response
from werkzeug.http import http_date

from api.http.context import current_operation, current_request
from api.http.operations import Deprecated, Operation, function_of
from api.http.problems import Problem


def now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def register(app: Flask) -> None:
    """Send deprecation headers, and reject requests after a sunset.

    Raises ValueError if an operation deprecates a parameter that it does not have.
    """
    operations: Mapping[tuple[str, str], Operation] = app.extensions["operations"]
    deprecated = {route: operation for route, operation in operations.items() if operation.deprecated}
    for (endpoint, method), operation in deprecated.items():
        _check_parameters(operation, function_of(app.view_functions[endpoint], method))
    if not deprecated:
        return

    @app.before_request
    def reject() -> None:
        removed = [item for item in current_deprecations(current_operation()) if item.sunset <= now()]
        if removed:
            errors = [{"parameter": item.parameter, "detail": item.rejection} for item in removed if item.parameter]
            raise Problem(" ".join(item.rejection for item in removed), slug="sunset", errors=errors)

    @app.after_request
    def announce(response: Response) -> Response:
        if deprecated := current_deprecations(current_operation()):
            _add_headers(response, deprecated)
        return response


def current_deprecations(operation: Operation | None) -> tuple[Deprecated, ...]:
    """Return the deprecations that apply to this request."""
    if operation is None or not operation.deprecated:
        return ()
    query = current_request().args
    return tuple(item for item in operation.deprecated if not item.parameter or item.parameter in query)


def _add_headers(response: Response, deprecated: Sequence[Deprecated]) -> None:
    headers = response.headers
    # Each header has one value, so the earliest of several counts.
    headers["Deprecation"] = f"@{int(min(item.since for item in deprecated).timestamp())}"
    headers["Sunset"] = http_date(min(item.sunset for item in deprecated))
    links = [
        f'<{link}>; rel="{relation}"; type="text/html"'
        for link in dict.fromkeys(item.link for item in deprecated)
        for relation in ("deprecation", "sunset")
    ]
    headers["Link"] = ", ".join([*headers.getlist("Link"), *links])


def _check_parameters(operation: Operation, view: typing.Any) -> None:
    parameters = {
        name
        for arguments in view._apidoc["arguments"]["parameters"]
        if isinstance(arguments, Mapping) and arguments["in"] == "query"
        for name in arguments["schema"].fields
    }
    for item in operation.deprecated:
        if item.parameter and item.parameter not in parameters:
            raise ValueError(f"{operation.id} deprecates the parameter {item.parameter!r}, which it does not have.")
