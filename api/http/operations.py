"""Operations: the declarations of the views, which authentication, rate limits, logs and metrics read."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flask import Flask
from werkzeug.datastructures import MultiDict

from api.http.scopes import OPEN, SCOPES

# The promise gives a year of notice (api/promise.py, a-year-of-notice).
NOTICE = timedelta(days=365)

# The cost of a request from its query and the media type of its response. None means that no type is acceptable.
RequestCost = Callable[[MultiDict[str, str], str | None], int]


@dataclass(frozen=True)
class Deprecated:
    """An operation that is deprecated, or one of its query parameters.

    It is deprecated from `since` on, and rejected from `sunset` on. The sentence `instead` has the alternative. The
    page at the URL `link` has details.

    Raises ValueError for times without a zone or less than a year apart.
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
    """A view: its id, the scope that it requires, and its cost against the rate limit.

    A record or a page of a list costs 1. Other costs are proportional to the work, as
    tests/http/test_costs.py measures. `media_types` are those of its responses. Its id is the same in each version.
    `view` takes the variables of the path and returns the response.
    """

    id: str
    scope: str
    cost: int | RequestCost = 1
    media_types: tuple[str, ...] = ()
    deprecated: tuple[Deprecated, ...] = ()
    version: str = ""
    view: Callable[..., typing.Any] = field(default=lambda: None, compare=False)

    def __post_init__(self) -> None:
        if self.scope not in (OPEN, *SCOPES):
            raise ValueError(f"{self.id} declares the scope {self.scope!r}. Scopes are {OPEN}, {', '.join(SCOPES)}.")


def register(app: Flask, versions: Iterable[str]) -> None:
    """Collect the operations of all routes. Raises ValueError if a route of a version declares none.

    So every route of a version has a scope.
    """
    operations: dict[tuple[str, str], Operation] = {}
    names = frozenset(versions)
    for rule in app.url_map.iter_rules():
        version = rule.rule[1:].partition("/")[0]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            view = function_of(app.view_functions[rule.endpoint], method)
            operation: Operation | None = getattr(view, "_operation", None)
            if operation is not None:
                own_version = version if version in names else ""
                operations[rule.endpoint, method] = replace(operation, version=own_version, view=view)
            elif version in names:
                raise ValueError(f"{method} {rule.rule} declares no scope. Declare one in its operation, or {OPEN!r}.")
    app.extensions["operations"] = operations


def function_of(view: typing.Any, method: str) -> typing.Any:
    """Return the function of an HTTP method: the view, or the method of an instance of its class."""
    view_class = getattr(view, "view_class", None)
    return view if view_class is None else getattr(view_class(), method.lower(), None)
