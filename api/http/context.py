"""The request that the app is handling, and the store of the app."""

from __future__ import annotations

import typing
from collections.abc import Callable
from functools import cached_property

import flask
from flask import current_app

from api.store.database import Store

if typing.TYPE_CHECKING:
    from api.http.operations import Operation


class Request(flask.Request):
    """A request of the app."""

    @cached_property
    def operation(self) -> Operation | None:
        """Its operation, or None if the path is unknown or its page declares none. Read it after the routing."""
        method = "GET" if self.method == "HEAD" else self.method
        operations: dict[tuple[str, str], Operation] = current_app.extensions["operations"]
        return operations.get((self.endpoint or "", method))


# Flask's proxy looks up the request again for each attribute. This function returns the request itself.
current_request: Callable[[], Request] = typing.cast("typing.Any", flask.request)._get_current_object
_current_app: Callable[[], flask.Flask] = typing.cast("typing.Any", current_app)._get_current_object


def current_store() -> Store:
    """Return the store of the app."""
    return typing.cast("Store", _current_app().extensions["onrecord"])
