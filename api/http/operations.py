"""Operations: what the house has to know of each view before it runs."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app
from werkzeug.datastructures import MultiDict

from api.http.context import current_request
from api.http.scopes import OPEN, SCOPES

# The promise gives a year of notice (api/contract/promise.py, a-year-of-notice).
NOTICE = timedelta(days=365)

# The cost of a request from its query and the media type of its response, which is None if none is acceptable.
RequestCost = Callable[[MultiDict[str, str], str | None], int]


@dataclass(frozen=True)
class Deprecated:
    """An operation that is deprecated, or one of its query parameters.

    It is deprecated `since` a time and rejected from `sunset` on. `instead` is a sentence with the alternative, and
    `link` the URL of a page about it. Raises ValueError for times without a zone or less than a year apart.
    """

    since: datetime
    sunset: datetime
    instead: str
    link: str
    parameter: str = ""

    def __post_init__(self) -> None:
        if self.since.utcoffset() is None or self.sunset.utcoffset() is None:
            raise ValueError("`since` and `sunset` require a time zone.")
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"{self.since} to {self.sunset} is less than the promised {NOTICE.days} days.")

    @property
    def description(self) -> str:
        """Its description in the OpenAPI document."""
        return (
            f"**Deprecated** since {_timestamp(self.since)}. From {_timestamp(self.sunset)} on, it returns 410. "
            f"{self.instead} See <{self.link}>."
        )

    @property
    def rejection(self) -> str:
        """The detail of the problem after its sunset."""
        subject = f"The parameter {self.parameter}" if self.parameter else "This operation"
        return f"{subject} was removed at {_timestamp(self.sunset)}. {self.instead}"


def _timestamp(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Operation:
    """A view as the house sees it: its id, the scope that a key needs for it, and its cost against the rate limit.

    A record or a page of a list costs 1. Other costs are about as many times as high as the work is.
    tests/test_costs.py measures that. `media_types` are those of the responses. `deprecated` is what of it is to go.
    Its id is the same in each version that has it, named by `version`.
    """

    id: str
    scope: str
    cost: int | RequestCost = 1
    media_types: tuple[str, ...] = ()
    deprecated: tuple[Deprecated, ...] = ()
    version: str = ""

    def __post_init__(self) -> None:
        if self.scope not in (OPEN, *SCOPES):
            raise ValueError(f"{self.id} declares the scope {self.scope!r}. Scopes are {OPEN}, {', '.join(SCOPES)}.")


def register(app: Flask, versions: Iterable[str]) -> None:
    """Gather the operations of all routes; raises ValueError where one of these versions, by name, declares none.

    So no route is open because somebody forgot to close it.
    """
    found: dict[tuple[str, str], Operation] = {}
    known = frozenset(versions)
    for rule in app.url_map.iter_rules():
        version = rule.rule[1:].partition("/")[0]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            view = function_of(app.view_functions[rule.endpoint], method)
            operation: Operation | None = getattr(view, "_operation", None)
            if operation is not None:
                found[rule.endpoint, method] = replace(operation, version=version if version in known else "")
            elif version in known:
                raise ValueError(f"{method} {rule.rule} declares no scope. Say which, or {OPEN!r}, in its operation.")
    app.extensions["operations"] = found


def function_of(view: typing.Any, method: str) -> typing.Any:
    """The function that answers a method: a view itself, or the method of its class."""
    view_class = getattr(view, "view_class", None)
    return view if view_class is None else getattr(view_class, method.lower(), None)


def current_operation() -> Operation | None:
    """Return the operation of this request, or None for a page that declares none and for an unknown path."""
    request = current_request()
    method = "GET" if request.method == "HEAD" else request.method
    found: dict[tuple[str, str], Operation] = current_app.extensions["operations"]
    return found.get((request.endpoint or "", method))
