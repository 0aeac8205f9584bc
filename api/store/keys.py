"""Keys: who may write, and who may read texts. A key's secret is shown once; only its hash is kept."""

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

# The prefix lets people and scanners recognise a key that has got out; the id tells which one it is.
_TOKEN = re.compile(rf"{PREFIX}(?P<id>[0-9a-f]{{12}})_(?P<secret>[0-9a-f]{{64}})")


@dataclass(frozen=True)
class Key:
    """A key, without its secret."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: str
    expires_at: str | None
    revoked_at: str | None

    @property
    def state(self) -> str:
        """Whether it is valid, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now() else "valid"


def create(connection: Connection, name: str, scopes: Iterable[str], expires_at: str | None) -> str:
    """Make a key; gives back what its bearer sends, which is not to be had again."""
    token = f"{PREFIX}{secrets.token_hex(6)}_{secrets.token_hex(32)}"
    take(connection, token, name, scopes, expires_at)
    return token


def take(connection: Connection, token: str, name: str, scopes: Iterable[str], expires_at: str | None) -> None:
    """Make the key that a token is of; raises ValueError for a text that could be none."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ValueError("This is no text of a key.")
    row = {
        "id": match["id"],
        "name": name,
        "sha256": _hashed(match["secret"]),
        "scopes": " ".join(sorted(scopes)),
        "created_at": now(),
        "expires_at": expires_at,
    }
    connection.execute(insert(api_key).values(row))


def revoke(connection: Connection, id_: str) -> bool:
    """Make a key invalid; False where there is no such key."""
    valid = (api_key.c.id == id_) & api_key.c.revoked_at.is_(None)
    connection.execute(update(api_key).where(valid).values(revoked_at=now()))
    return connection.execute(select(api_key.c.id).where(api_key.c.id == id_)).first() is not None


def every(reader: Reader) -> list[Key]:
    """All keys there ever were, in the order they were made."""
    return [_key(row) for row in reader.rows(_every)]


def bearer(reader: Reader, token: str) -> Key | None:
    """The valid key that a token is of, or None."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    for sha256, *row in reader.rows(_one, id=match["id"]):
        key = _key(row)
        if hmac.compare_digest(sha256, _hashed(match["secret"])) and key.state == "valid":
            return key
    return None


def _hashed(secret: str) -> str:
    # A secret of 256 random bits needs no salt, and no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: typing.Sequence[typing.Any]) -> Key:
    id_, name, scopes, *times = row
    return Key(id_, name, frozenset(scopes.split()), *times)


_COLUMNS = tuple(api_key.c[name] for name in ("id", "name", "scopes", "created_at", "expires_at", "revoked_at"))


def _every() -> tuple[Select[typing.Any]]:
    return (select(*_COLUMNS).order_by(api_key.c.created_at, api_key.c.id),)


def _one() -> tuple[Select[typing.Any]]:
    return (select(api_key.c.sha256, *_COLUMNS).where(api_key.c.id == bindparam("id")),)
