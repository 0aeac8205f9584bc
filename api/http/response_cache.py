"""Cache of finished responses: WSGI middleware that repeats a response until the database changes.

It stores responses of the app, and knows nothing about their content. A repeated response is charged, counted and
logged like one of the app.
"""

from __future__ import annotations

import itertools
import threading
import time
import typing
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from contextlib import closing

from flask import Flask
from werkzeug.wsgi import ClosingIterator

from api.http import access_log, rate_limit
from api.http.access_log import OUTCOME, Outcome
from api.http.headers import request_id
from api.http.metrics import Metrics
from api.http.rate_limit import RateLimiter
from api.store.database import Store

# The maximum bytes of all stored responses of a process, and of the body of one.
_TOTAL_MAX = 12_000_000
_BODY_MAX = 262_144
# The bytes of the objects of a stored response, without their characters, rounded up.
_OVERHEAD = 5_500

# The number of keys that are remembered after their first request.
_KEYS_MAX = 20_000

_METHODS = frozenset({"GET", "HEAD"})
_STATUSES = frozenset({200, 304})
# Responses depend on these request headers, so their values are part of the key.
KEY_HEADERS = ("HTTP_HOST", "HTTP_ACCEPT", "HTTP_ORIGIN", "HTTP_IF_NONE_MATCH")
# A request with one of these variables goes to the app: keys are checked for each request, and the others are rare.
BYPASS = frozenset(
    {
        "CONTENT_LENGTH",
        "CONTENT_TYPE",
        "HTTP_AUTHORIZATION",
        "HTTP_EXPECT",
        "HTTP_IF_MATCH",
        "HTTP_RANGE",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_UPGRADE",
    }
)

# The variable of the WSGI environment with the result of `find` for a request without a stored response.
_MISS = "onrecord.cache_miss"

Environ = dict[str, typing.Any]
Headers = list[tuple[str, str]]
EncodedHeaders = list[tuple[bytes, bytes]]
_Key = tuple[str | None, ...]


def encode_headers(headers: Headers) -> EncodedHeaders:
    """Return headers as an ASGI server sends them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


class _Stored(typing.NamedTuple):
    """A response of the app to requests with the key. `changes` is the value of the change counter before it.

    `request_id_at` and `quota_at` are the positions of the headers with another value in each response.
    """

    key: _Key
    changes: Hashable
    outcome: Outcome
    status: str
    headers: Headers
    encoded_headers: EncodedHeaders
    request_id_at: int
    quota_at: int | None
    body: bytes
    size: int


class Hit(typing.NamedTuple):
    """A stored response, with the values of the current request."""

    stored: _Stored
    request_id: str
    quota: str

    @property
    def headers(self) -> Headers:
        """The headers of the response."""
        headers = self.stored.headers.copy()
        headers[self.stored.request_id_at] = ("X-Request-Id", self.request_id)
        if self.stored.quota_at is not None:
            headers[self.stored.quota_at] = (rate_limit.HEADER, self.quota)
        return headers

    @property
    def encoded_headers(self) -> EncodedHeaders:
        """The headers of the response as an ASGI server sends them."""
        headers = self.stored.encoded_headers.copy()
        headers[self.stored.request_id_at] = (b"x-request-id", self.request_id.encode())
        if self.stored.quota_at is not None:
            headers[self.stored.quota_at] = (b"ratelimit", self.quota.encode())
        return headers


class _Responses:
    """The stored responses of a process by their keys, the least recently used first."""

    def __init__(self) -> None:
        # The hashes of keys that were requested. Two equal hashes only mean that a response is stored earlier.
        self._requested: set[int] = set()
        self._lock = threading.Lock()
        self._stored: OrderedDict[_Key, _Stored] = OrderedDict()
        self._size = 0

    def was_requested(self, key: _Key) -> bool:
        """Return whether this is not the first request with a key."""
        hash_ = hash(key)
        if hash_ in self._requested:
            return True
        if len(self._requested) >= _KEYS_MAX:
            self._requested.clear()
        self._requested.add(hash_)
        return False

    def get(self, key: _Key, changes: Hashable) -> _Stored | None:
        """Return a response that is stored under a value of the change counter."""
        with self._lock:
            stored = self._stored.get(key)
            if stored is None or stored.changes != changes:
                return None
            self._stored.move_to_end(key)
            return stored

    def put(self, stored: _Stored) -> None:
        """Store a response, and remove others above the maximum."""
        with self._lock:
            if (previous := self._stored.pop(stored.key, None)) is not None:
                self._size -= previous.size
            self._stored[stored.key] = stored
            self._size += stored.size
            while self._size > _TOTAL_MAX:
                self._size -= self._stored.popitem(last=False)[1].size


class ResponseCache:
    """WSGI middleware in front of an app, which it calls for each response that it has not stored."""

    def __init__(self, app: Flask, metrics: Metrics, limiter: RateLimiter | None):
        self._app, self._respond = app, app.wsgi_app
        self._metrics, self._limiter = metrics, limiter
        self._responses = _Responses()

    @property
    def waits(self) -> bool:
        """Whether `find` waits for another process."""
        return self._store.changes.waits or (self._limiter is not None and self._limiter.waits)

    @property
    def _store(self) -> Store:
        return typing.cast("Store", self._app.extensions["onrecord"])

    def find(self, environ: Environ, read_changes: Callable[[], Hashable | None] | None = None) -> Hit | None:
        """Return the stored response to a request, or None. The app then has to respond.

        `read_changes` returns the value of the change counter. By default, each request reads it.
        """
        started = time.perf_counter()
        environ[_MISS] = None
        key = _key(environ)
        # Most URLs are requested once. To store their responses would take a third of the time of a request.
        if key is None or not self._responses.was_requested(key):
            return None
        # The counter is read before the app reads the database. A later commit makes the response unusable.
        changes = (read_changes or self._store.changes.read)()
        if changes is None:
            return None
        environ[_MISS] = key, changes
        stored = self._responses.get(key, changes)
        if stored is None:
            return None
        quota = ""
        if self._limiter is not None:
            charge = self._limiter.charge(rate_limit.client_at(environ.get("REMOTE_ADDR")), stored.outcome.cost)
            # The app responds with a 429, or without the remaining quota.
            if charge.allowance is None or not charge.allowance.granted:
                return None
            quota = self._limiter.remaining(charge, charge.allowance, stored.outcome.status)
        id_ = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        access_log.record(self._metrics, stored.outcome, started, id_)
        self._metrics.repeated.inc()
        return Hit(stored, id_, quota)

    def __call__(self, environ: Environ, start_response: typing.Any) -> Iterable[bytes]:
        # The gateway has called `find` if it does not wait.
        hit = None if _MISS in environ else self.find(environ)
        if hit is not None:
            start_response(hit.stored.status, hit.headers)
            return [hit.stored.body]
        if environ[_MISS] is None:
            return self._respond(environ, start_response)
        started: list[typing.Any] = []

        def start(*arguments: typing.Any) -> typing.Any:
            started[:] = arguments
            return start_response(*arguments)

        parts = self._respond(environ, start)
        status, headers = started[:2]
        if not self._can_store(environ.get(OUTCOME), dict(headers)):
            return parts
        with closing(ClosingIterator(parts)):
            body = b"".join(parts)
        self._responses.put(_stored(environ, status, headers, body))
        return [body]

    def _can_store(self, outcome: Outcome | None, headers: dict[str, str]) -> bool:
        """Return whether a response depends only on the key and the database, and is small enough."""
        return (
            outcome is not None
            # The tag of a file, such as a style sheet, does not depend on the database.
            and outcome.operation is not None
            and not outcome.deprecated
            and outcome.status in _STATUSES
            and "ETag" in headers
            and (outcome.status == 304 or int(headers.get("Content-Length", _BODY_MAX + 1)) <= _BODY_MAX)
            and (self._limiter is None or rate_limit.HEADER in headers)
        )


def _stored(environ: Environ, status: str, headers: Headers, body: bytes) -> _Stored:
    key, changes = environ[_MISS]
    names = [name for name, _ in headers]
    length = sum(len(part) for part in (*key, *itertools.chain(*headers)) if part)
    return _Stored(
        key,
        changes,
        environ[OUTCOME],
        status,
        headers,
        encode_headers(headers),
        names.index("X-Request-Id"),
        names.index(rate_limit.HEADER) if rate_limit.HEADER in names else None,
        body,
        size=len(body) + 2 * length + _OVERHEAD,
    )


def _key(environ: Environ) -> _Key | None:
    """Return the key of a request, or None if its response is never stored."""
    get = environ.get
    if get("REQUEST_METHOD") not in _METHODS or not BYPASS.isdisjoint(environ):
        return None
    return get("REQUEST_METHOD"), get("PATH_INFO"), get("QUERY_STRING"), *[get(name) for name in KEY_HEADERS]
