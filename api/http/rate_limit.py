"""Rate limits, and the headers with the remaining quota (draft-ietf-httpapi-ratelimit-headers).

The library `limits` counts. This module adds the headers and the 429.
"""

from __future__ import annotations

import ipaddress
import threading
import time
import typing
from functools import lru_cache
from urllib.parse import urlsplit

import limits
from flask import Flask, Response
from limits.errors import ConfigurationError
from limits.storage import RedisStorage
from werkzeug.middleware.proxy_fix import ProxyFix

from api.http import negotiation, problems
from api.http.charge import Allowance, Charge
from api.http.context import current_operation, current_request
from api.http.logs import log
from api.http.operations import Operation
from api.settings import Settings, variable

_RATE = variable("rate_limit")
_STORAGE = variable("rate_limit_storage")

# The timeout of the storage in seconds. It is short, because a request without a response from it waits this long.
_STORAGE_TIMEOUT = 0.5
# The seconds for which a storage that did not respond is not used.
_PAUSE = 5.0

HEADER = "RateLimit"

# The counts of the previous and the current window, each with the seconds until it no longer matters.
_Windows = tuple[int, float, int, float]


class RateLimiter:
    """A rate limit for each client over a sliding window. Raises ValueError for invalid settings."""

    def __init__(self, rate: str, storage: str):
        self._counts, self._failures = _open_storage(storage)
        self._paused_until = 0.0
        # Whether a charge waits for another process.
        self.waits = not isinstance(self._counts, _MemoryCounts)
        self.quota, self.window = _parse_rate(rate)
        # Services with other limits can share a Redis.
        self._prefix = f"{self.quota}/{self.window}/"
        self.policy = f'"default";q={self.quota};w={self.window}'

    def take(self, client: str, cost: int) -> Allowance | None:
        """Charge a client if its quota allows it. Return None if the storage does not respond."""
        if self._paused_until and time.monotonic() < self._paused_until:
            return None
        client = self._prefix + client
        # A cost above the quota is charged as the quota. Otherwise the request would never be granted.
        cost = min(cost, self.quota)
        try:
            granted, counts = self._counts.charge(client, self.quota, self.window, cost)
        except self._failures as error:
            self._pause(error)
            return None
        return self._allowance(granted, cost, counts)

    def charge(self, client: str, cost: int) -> Charge:
        """Charge a client if its quota allows it, and return the charge."""
        return Charge(client, cost, self.take(client, cost))

    def remaining(self, charge: Charge, allowance: Allowance, status: int) -> str:
        """Return the header with the remaining quota after a response. A 304 costs nothing, so it is given back."""
        remaining = allowance.remaining
        if status == 304:
            self.give_back(charge.client, charge.cost)
            remaining = min(self.quota, remaining + charge.cost)
        return f'"default";r={remaining};t={allowance.seconds}'

    def give_back(self, client: str, cost: int) -> None:
        """Undo a charge."""
        try:
            self._counts.charge(self._prefix + client, self.quota, self.window, -min(cost, self.quota))
        except self._failures as error:
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        # Requests are granted meanwhile: rejecting readers is worse than a temporary overload.
        self._paused_until = time.monotonic() + _PAUSE
        log.error("requests are not limited: the storage of the limits does not respond", error=str(error))

    def _allowance(self, granted: bool, cost: int, counts: _Windows) -> Allowance:
        """Return the allowance from the counts of both windows, each with its remaining seconds."""
        previous, previous_left, current, current_left = counts
        used = int(previous * previous_left / self.window + current)
        # A window counts in full until its end. Its weight then falls to 0 over the next window.
        ends_in = max(0.0, current_left - self.window)
        seconds = ends_in if granted else _wait(self.quota - cost + 1, self.window, previous, current, ends_in)
        return Allowance(granted, max(0, self.quota - used), int(seconds) + 1)


def _wait(room: int, window: int, previous: int, current: int, ends_in: float) -> float:
    """Return the seconds until the count is less than `room`, without further requests.

    >>> _wait(room=100, window=60, previous=0, current=100, ends_in=20)
    20.0
    >>> _wait(room=50, window=60, previous=60, current=20, ends_in=40)
    10.0
    """
    if current >= room:
        return ends_in + window * (1 - room / current)
    return max(0.0, ends_in - window * (room - current) / previous) if previous else 0.0


def _parse_rate(rate: str) -> tuple[int, int]:
    """Return the quota and the seconds of its window."""
    message = f"{_RATE} must be one rate such as 6000/minute, or empty for no limit, not {rate!r}."
    try:
        (item,) = limits.parse_many(rate)
    except ValueError:
        raise ValueError(message) from None
    if not item.amount:
        raise ValueError(message)
    return item.amount, item.get_expiry()


def _open_storage(
    url: str,
) -> tuple[_MemoryCounts | _RedisCounts, type[Exception] | tuple[type[Exception], ...]]:
    """Return the storage at a URL, and the exceptions that it raises if it does not respond."""
    scheme = urlsplit(url).scheme
    if scheme not in ("memory", "redis", "rediss"):
        # The message omits the URL, because it can contain a password.
        actual = f"{scheme}://" if scheme else "a URL without a scheme"
        raise ValueError(f"{_STORAGE} must be memory:// or redis://HOST:PORT (rediss:// with TLS), not {actual}.")
    if scheme == "memory":
        return _MemoryCounts(), ()
    try:
        from redis.backoff import NoBackoff  # noqa: PLC0415 - an optional dependency
        from redis.retry import Retry  # noqa: PLC0415

        # Retry once at once, because a connection can be stale.
        options: dict[str, typing.Any] = {"retry": Retry(NoBackoff(), 1)}
        options |= {"socket_timeout": _STORAGE_TIMEOUT, "socket_connect_timeout": _STORAGE_TIMEOUT}
        storage = RedisStorage(url, key_prefix="onrecord", **options)
    except (ImportError, ConfigurationError):
        raise ValueError(
            f"{_STORAGE} requires a library that is not installed. In the checkout, run: "
            ".venv/bin/python -m pip install --no-build-isolation --editable '.[redis]'"
        ) from None
    except ValueError as error:
        raise ValueError(f"{_STORAGE} is not the URL of a Redis: {error}.") from None
    return _RedisCounts(storage), storage.base_exceptions


def trust_proxies(app: typing.Any, settings: Settings) -> typing.Any:
    """Return a WSGI app behind the trusted proxies. The remote address of a request is then that of its client."""
    # Only the IP address is used. The host and the scheme come from the settings.
    return ProxyFix(app, x_for=settings.proxy_count, x_proto=0, x_host=0) if settings.proxy_count else app


def register(app: Flask, settings: Settings) -> RateLimiter | None:
    """Limit the requests of each client, and add the headers with the remaining quota. Return the limiter, if any.

    Raises ValueError for invalid settings.
    """
    if not settings.rate_limit.strip():
        return None
    limiter = RateLimiter(settings.rate_limit, settings.rate_limit_storage)

    @app.before_request
    def charge() -> None:
        if (operation := current_operation()) is not None:
            _check_granted(limiter, _charge(limiter, operation))

    @app.after_request
    def add_headers(response: Response) -> Response:
        charge = current_request().charge
        if charge is None:
            operation = current_operation()
            if operation is None:
                return response
            # A request that is rejected before it is charged, such as one with an invalid key, still costs.
            charge = _charge(limiter, operation)
            try:
                _check_granted(limiter, charge)
            except problems.Problem as problem:
                response = problems.respond(problem)
        response.headers.add("RateLimit-Policy", limiter.policy)
        if charge.allowance is not None:
            response.headers.add(HEADER, limiter.remaining(charge, charge.allowance, response.status_code))
        return response

    return limiter


def _charge(limiter: RateLimiter, operation: Operation) -> Charge:
    """Charge the client of this request, and return the charge."""
    request, cost = current_request(), operation.cost
    if not isinstance(cost, int):
        cost = cost(request.args, negotiation.best_media_type(*operation.media_types))
    client = client_at(request.remote_addr) if request.key is None else f"key:{request.key.id}"
    request.charge = charge = limiter.charge(client, cost)
    return charge


def _check_granted(limiter: RateLimiter, charge: Charge) -> None:
    """Raise Problem if the client exceeds its rate limit."""
    allowance = charge.allowance
    if allowance is not None and not allowance.granted:
        raise problems.Problem(
            f"Rate limit exceeded: {limiter.quota:,} requests per {limiter.window:,} seconds. "
            f"Retry in {allowance.seconds:,} seconds.",
            slug="too-many-requests",
            headers={"Retry-After": str(allowance.seconds)},
        )


def client_at(address: str | None) -> str:
    """Return the client to charge for a request without a key: its IP address or its network."""
    return f"address:{_network(address or '')}"


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    """Return an IPv4 address unchanged, and the network of 64 bits for an IPv6 address.

    A client of IPv6 usually has a whole network.

    >>> _network("2001:db8:1:2:3::4"), _network("203.0.113.7"), _network("::ffff:203.0.113.7")
    ('2001:db8:1:2::/64', '203.0.113.7', '203.0.113.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
        if isinstance(parsed, ipaddress.IPv4Address):
            return address
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    except ValueError:
        return address


class _RedisCounts:
    """The counts of each client in the current and the previous window, which processes share."""

    def __init__(self, storage: RedisStorage):
        self.storage = storage

    def charge(self, client: str, quota: int, window: int, cost: int) -> tuple[bool, _Windows]:
        """Add a cost to the count of a client, as `_MemoryCounts.charge` does."""
        granted = self.storage.acquire_sliding_window_entry(client, quota, window, cost)
        return granted, self.storage.get_sliding_window(client, window)


class _MemoryCounts:
    """The counts of each client in the current and the previous window, in this process.

    The memory storage of `limits` starts a thread 100 times a second to look through all clients. This takes longer
    than the rest of a request. This class drops old clients once a window.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._previous: dict[str, int] = {}
        self._current: dict[str, int] = {}

    def charge(self, client: str, quota: int, window: int, cost: int) -> tuple[bool, _Windows]:
        """Add a cost to the count of a client, unless it would exceed the quota. A negative cost is refunded.

        Return whether it was added, and the counts.
        """
        with self._lock:
            now = time.time()
            number = int(now // window)
            if number != self._window:
                self._previous = self._current if number == self._window + 1 else {}
                self._current = {}
                self._window = number
            left = (number + 1) * window - now
            previous, current = self._previous.get(client, 0), self._current.get(client, 0)
            granted = int(previous * left / window) + current + cost <= quota
            if granted:
                self._current[client] = current = current + cost
            return granted, (previous, left, current, left + window)
