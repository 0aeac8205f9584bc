"""The document that the app serves, read before any test runs, for tests that run once an operation."""

from __future__ import annotations

import orjson

from api import create_app
from api.settings import Settings

_BYTES = create_app(Settings(database_url="sqlite://")).config["OPENAPI"]
DOCUMENT = orjson.loads(_BYTES)
OPERATIONS = {item["get"]["operationId"]: (path, item) for path, item in DOCUMENT["paths"].items()}


def parameters(item):
    """All parameters of a path's operation."""
    return [*item.get("parameters", []), *item["get"].get("parameters", [])]


def pressed(path, item):
    """The address that a form pre-filled with the examples asks for."""
    for parameter in parameters(item):
        if parameter.get("required"):
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    return path
