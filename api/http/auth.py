"""Authentication by API key: a bearer token in the header `Authorization`, never in the URL."""

from __future__ import annotations

from flask import Flask, Request

from api.http.context import current_operation, current_request, current_store
from api.http.problems import InvalidParameters, Problem
from api.http.scopes import OPEN
from api.store import keys

# Query parameters in which other APIs accept a key.
_KEY_PARAMETERS = frozenset({"access_token", "api_key", "api-key", "apikey", "auth", "key", "token"})

_KEY_IN_URL = (
    "A key in a URL ends up in logs and browser histories. Send it in the header Authorization: Bearer, and revoke "
    "this one."
)


def register(app: Flask) -> None:
    """Authenticate every request before it is handled."""
    app.before_request(authenticate)


def authenticate() -> None:
    """Set the key of the request. Raise Problem if the key is invalid, or does not have the scope of the operation."""
    request = current_request()
    if request.query_string:
        _reject_key_in_url(request)
    operation = current_operation()
    header = request.environ.get("HTTP_AUTHORIZATION")
    # A health check responds even if the database, which has the keys, does not.
    if header is not None and request.endpoint != "healthz":
        request.key = _bearer(header)
    if operation is not None and operation.scope != OPEN:
        require_scope(operation.scope, "this operation")


def require_scope(scope: str, subject: str) -> None:
    """Raise Problem if the request has no key with a scope. The detail states that the subject requires it."""
    key = current_request().key
    if key is None:
        raise _unauthorized(f"{subject[0].upper()}{subject[1:]} requires a key.", "")
    if scope not in key.scopes:
        detail = f"The key {key.id} does not have the scope {scope}, which {subject} requires."
        challenge = f'Bearer realm="onrecord", error="insufficient_scope", scope="{scope}"'
        raise Problem(detail, slug="scope-required", headers={"WWW-Authenticate": challenge})


def _bearer(header: str) -> keys.Key:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthorized("Send the key as Authorization: Bearer. Other schemes are not supported.", "")
    with current_store().reading() as reader:
        key = keys.bearer(reader, token.strip())
    if key is None:
        raise _unauthorized("This key is unknown, expired or revoked.", ', error="invalid_token"')
    return key


def _unauthorized(detail: str, error: str) -> Problem:
    return Problem(detail, slug="key-required", headers={"WWW-Authenticate": f'Bearer realm="onrecord"{error}'})


def _reject_key_in_url(request: Request) -> None:
    invalid = [
        (name, _KEY_IN_URL)
        for name, value in request.args.items(multi=True)
        if name.lower() in _KEY_PARAMETERS or value.startswith(keys.PREFIX)
    ]
    if invalid:
        raise InvalidParameters(invalid)
