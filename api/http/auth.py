"""Keys over HTTP: who asks, and whether they may. Bearer tokens in a header, never in an address."""

from __future__ import annotations

import typing

from flask import Flask, current_app, g, request

from api.http.operations import current_operation
from api.http.problems import InvalidParameters, Problem
from api.http.scopes import OPEN
from api.store import keys
from api.store.database import Store

# What other APIs call a key in an address.
_NAMES = frozenset({"access_token", "api_key", "api-key", "apikey", "auth", "key", "token"})

_ADVICE = (
    "A key in an address ends up in logs and histories. Send it as the header Authorization: Bearer, and have this "
    "one revoked."
)


def register(app: Flask) -> None:
    """Look at the key of every request before anything else is done."""
    app.before_request(authenticate)


def authenticate() -> None:
    g.key = None
    _refuse_in_the_address()
    operation = current_operation()
    header = request.headers.get("Authorization")
    if header is not None:
        g.key = _bearer(header)
    if operation is None or operation.scope == OPEN:
        return
    if g.key is None:
        raise _unauthorized("This operation needs a key.", "")
    if operation.scope not in g.key.scopes:
        detail = f"The key {g.key.id} has not the scope {operation.scope}, which this operation needs."
        challenge = f'Bearer realm="onrecord", error="insufficient_scope", scope="{operation.scope}"'
        raise Problem(detail, slug="scope-required", headers={"WWW-Authenticate": challenge})


def _bearer(header: str) -> keys.Key:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthorized("Send the key as Authorization: Bearer, not by another scheme.", "")
    store = typing.cast("Store", current_app.extensions["onrecord"])
    with store.reading() as reader:
        key = keys.bearer(reader, token.strip())
    if key is None:
        raise _unauthorized("This key is not valid here: mistyped, expired or revoked.", ', error="invalid_token"')
    return key


def _unauthorized(detail: str, error: str) -> Problem:
    return Problem(detail, slug="key-required", headers={"WWW-Authenticate": f'Bearer realm="onrecord"{error}'})


def _refuse_in_the_address() -> None:
    if not request.query_string:
        return
    wrong = [
        (name, _ADVICE)
        for name, value in request.args.items(multi=True)
        if name.lower() in _NAMES or value.startswith(keys.PREFIX)
    ]
    if wrong:
        raise InvalidParameters(wrong)
