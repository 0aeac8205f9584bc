"""The request that the app is handling, with its operation, and the store of the app."""

from __future__ import annotations

import typing
from collections.abc import Callable
from functools import cached_property

import flask
from werkzeug.datastructures import MultiDict

from api.http.charge import Charge
from api.http.operations import Operation
from api.store.database import Store
from api.store.keys import Key


class Request(flask.Request):
    """A request of the app, with the results of the hooks before its view."""

    # The value of `time.perf_counter` at its start.
    started = 0.0
    id = ""
    key: Key | None = None
    charge: Charge | None = None

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the query. Werkzeug's property takes a call for each access, too."""
        return super().args

    @cached_property
    def operation(self) -> Operation | None:
        """Its operation, or None if the path is unknown or its page declares none. Read it after the routing."""
        method = "GET" if self.method == "HEAD" else self.method
        operations: dict[tuple[str, str], Operation] = current_app().extensions["operations"]
        return operations.get((self.endpoint or "", method))


# Flask's proxies look up the request and the app again for each attribute. These functions return them.
current_request: Callable[[], Request] = typing.cast("typing.Any", flask.request)._get_current_object
current_app: Callable[[], flask.Flask] = typing.cast("typing.Any", flask.current_app)._get_current_object


def current_store() -> Store:
    """Return the store of the app."""
    return typing.cast("Store", current_app().extensions["onrecord"])


def current_operation() -> Operation | None:
    """Return the operation of this request, or None if the path is unknown or its page declares none."""
    return current_request().operation
