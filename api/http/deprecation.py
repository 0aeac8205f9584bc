"""Deprecation: what is to go says so for at least a year (RFC 9745, RFC 8594), and from that day on answers 410.

Said once, in its operation; the document, the headers, the metrics and the log follow.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import marshmallow as ma
from flask import Flask, Response
from werkzeug.http import http_date

from api.http import operations
from api.http.context import current_request
from api.http.operations import Operation, current_operation
from api.http.problems import Problem

# What the promise gives: api/contract/promise.py, a-year-of-notice.
NOTICE = timedelta(days=365)


@dataclass(frozen=True)
class Deprecated:
    """An operation that is to go or, by name, one of its query parameters.

    It is deprecated `since` then and refused from `sunset` on. `instead` is a sentence that says what to do, and `link`
    the address of a page about it. Raises ValueError for times without a zone, or less than a year apart.
    """

    since: datetime
    sunset: datetime
    instead: str
    link: str
    parameter: str = ""

    def __post_init__(self) -> None:
        if self.since.utcoffset() is None or self.sunset.utcoffset() is None:
            raise ValueError("Say in what time zone: since and sunset are moments, the same wherever they are read.")
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"{self.since} to {self.sunset} is less than the {NOTICE.days} days that were promised.")

    @property
    def told(self) -> str:
        """What the document says of it."""
        return (
            f"**Deprecated** since {_instant(self.since)}; from {_instant(self.sunset)} on, it is answered 410. "
            f"{self.instead} See <{self.link}>."
        )

    @property
    def refused(self) -> str:
        """What the problem says of it after its sunset."""
        what = f"The parameter {self.parameter}" if self.parameter else "This operation"
        return f"{what} was there until {_instant(self.sunset)}. {self.instead}"


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def now() -> datetime:
    """The time by which things are over."""
    return datetime.now(UTC)


def register(app: Flask) -> None:
    """Tell whoever uses what is deprecated, and refuse what is past its sunset.

    Raises ValueError where an operation has not the parameter that it deprecates.
    """
    known: Mapping[tuple[str, str], Operation] = app.extensions["operations"]
    deprecated = {place: operation for place, operation in known.items() if operation.deprecated}
    for (endpoint, method), operation in deprecated.items():
        _check(operation, operations.function_of(app.view_functions[endpoint], method))
    if not deprecated:
        return

    @app.before_request
    def refuse() -> None:
        over = [each for each in used(current_operation()) if each.sunset <= now()]
        if over:
            errors = [{"parameter": each.parameter, "detail": each.refused} for each in over if each.parameter]
            raise Problem(" ".join(each.refused for each in over), slug="sunset", errors=errors)

    @app.after_request
    def tell(response: Response) -> Response:
        if found := used(current_operation()):
            _tell(response, found)
        return response


def used(operation: Operation | None) -> tuple[Deprecated, ...]:
    """What this request uses that is deprecated."""
    if operation is None or not operation.deprecated:
        return ()
    given = current_request().args
    return tuple(each for each in operation.deprecated if not each.parameter or each.parameter in given)


def _tell(response: Response, found: Sequence[Deprecated]) -> None:
    headers = response.headers
    # There is one of each: of several, what comes first.
    headers["Deprecation"] = f"@{int(min(each.since for each in found).timestamp())}"
    headers["Sunset"] = http_date(min(each.sunset for each in found))
    links = [
        f'<{link}>; rel="{relation}"; type="text/html"'
        for link in dict.fromkeys(each.link for each in found)
        for relation in ("deprecation", "sunset")
    ]
    headers["Link"] = ", ".join([*headers.getlist("Link"), *links])


def documented_headers(deprecated: Sequence[Deprecated]) -> dict[str, typing.Any]:
    """The headers of a good answer of an operation; where all of it is deprecated, they are always there."""
    text = {"required": True} if any(not each.parameter for each in deprecated) else {}
    return {
        "Deprecation": {
            "description": "Since when what was asked for is deprecated (RFC 9745).",
            "schema": {"type": "string", "pattern": "^@[0-9]+$"},
            **text,
        },
        "Sunset": {
            "description": "From when on it is answered 410 (RFC 8594).",
            "schema": {"type": "string", "pattern": "^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$"},
            **text,
        },
        "Link": {
            "description": "What to do instead (`deprecation`, `sunset`), behind the links that there are without.",
            "schema": {"type": "string"},
            **text,
        },
    }


def mark_parameters(schema: ma.Schema, deprecated: Sequence[Deprecated]) -> None:
    """Mark those parameters that are deprecated, in a schema that is there to be documented."""
    for each in deprecated:
        if (field := schema.fields.get(each.parameter)) is not None:
            told = f"{field.metadata.get('description', '')} {each.told}".strip()
            field.metadata = {**field.metadata, "deprecated": True, "description": told}


def _check(operation: Operation, view: typing.Any) -> None:
    parameters = {
        name
        for each in view._apidoc["arguments"]["parameters"]
        if isinstance(each, Mapping) and each["in"] == "query"
        for name in each["schema"].fields
    }
    for each in operation.deprecated:
        if each.parameter and each.parameter not in parameters:
            raise ValueError(f"{operation.id} has no parameter {each.parameter!r} that could be deprecated.")
