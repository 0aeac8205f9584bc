"""The request that the app is handling, and the store of the app."""

from __future__ import annotations

import typing

from flask import Request, current_app, request

from api.store.database import Store


def current_request() -> Request:
    """Return the request itself. Flask's proxy looks it up again for each attribute."""
    return typing.cast("Request", typing.cast("typing.Any", request)._get_current_object())


def current_store() -> Store:
    """Return the store of the app."""
    return typing.cast("Store", current_app.extensions["onrecord"])
