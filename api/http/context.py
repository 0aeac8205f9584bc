"""The request that the app is handling, and the store of the app."""

from __future__ import annotations

import typing
from collections.abc import Callable

import flask

from api.store.database import Store

# Flask's proxies look up the request and the app again for each attribute. These functions return them.
current_request: Callable[[], flask.Request] = typing.cast("typing.Any", flask.request)._get_current_object
current_app: Callable[[], flask.Flask] = typing.cast("typing.Any", flask.current_app)._get_current_object


def current_store() -> Store:
    """Return the store of the app."""
    return typing.cast("Store", current_app().extensions["onrecord"])
