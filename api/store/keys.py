"""API keys. Only the hash of a key's secret is stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import typing
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from api.store.prepare import now
from api.store.statement_cache import Reader
from api.store.tables import api_key

PREFIX = "onrecord_"

# By the prefix, people and scanners recognize a leaked key. The id identifies it.
_TOKEN = re.compile(rf"{PREFIX}(?P<id>[0-9a-f]{{12}})_(?P<secret>[0-9a-f]{{64}})")


@dataclass(frozen=True)
class Key:
    """An API key without its secret."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: str
    expires_at: str | None
    revoked_at: str | None

    @property
    def state(self) -> str:
        """State of the key: valid, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now() else "valid"


def create(connection: Connection, name: str, scopes: Iterable[str], expires_at: str | None) -> str:
    """Create a key and return its token. The token cannot be read again."""
    token = f"{PREFIX}{secrets.token_hex(6)}_{secrets.token_hex(32)}"
    take(connection, token, name, scopes, expires_at)
    return token


def take(connection: Connection, token: str, name: str, scopes: Iterable[str], expires_at: str | None) -> None:
    """Create the key of an existing token. Raises ValueError for a malformed token."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ValueError(f"The token is malformed. Use {PREFIX}, 12 hex digits, an underscore and 64 hex digits.")
    row = {
        "id": match["id"],
        "name": name,
        "sha256": _sha256(match["secret"]),
        "scopes": " ".join(sorted(scopes)),
        "created_at": now(),
        "expires_at": expires_at,
    }
    connection.execute(insert(api_key).values(row))


def revoke(connection: Connection, id_: str) -> bool:
    """Revoke a key. Return False if it does not exist."""
    valid = (api_key.c.id == id_) & api_key.c.revoked_at.is_(None)
    connection.execute(update(api_key).where(valid).values(revoked_at=now()))
    return connection.execute(select(api_key.c.id).where(api_key.c.id == id_)).first() is not None


def every(reader: Reader) -> list[Key]:
    """Return all keys, including expired and revoked ones, in the order of their creation."""
    return [_key(row) for row in reader.rows(_every)]


def bearer(reader: Reader, token: str) -> Key | None:
    """Return the key of a token, or None if it does not exist or is not valid."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    for sha256, *row in reader.rows(_one, id=match["id"]):
        key = _key(row)
        if hmac.compare_digest(sha256, _sha256(match["secret"])) and key.state == "valid":
            return key
    return None


def _sha256(secret: str) -> str:
    # A random secret of 256 bits needs neither a salt nor a slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: typing.Sequence[typing.Any]) -> Key:
    id_, name, scopes, *times = row
    return Key(id_, name, frozenset(scopes.split()), *times)


_COLUMNS = tuple(api_key.c[name] for name in Key.__annotations__)


def _every() -> tuple[Select[typing.Any]]:
    return (select(*_COLUMNS).order_by(api_key.c.created_at, api_key.c.id),)


def _one() -> tuple[Select[typing.Any]]:
    return (select(api_key.c.sha256, *_COLUMNS).where(api_key.c.id == bindparam("id")),)
