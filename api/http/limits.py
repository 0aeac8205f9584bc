"""Limits: how much a client may ask in a time, and the headers that say what is left.

The counting is the `limits` library's; ours are the headers (draft-ietf-httpapi-ratelimit-headers) and the 429.
"""

from __future__ import annotations

import ipaddress
import time
import typing
from functools import lru_cache
from urllib.parse import urlsplit

import limits
from flask import Flask, Response, g
from limits.errors import ConfigurationError
from limits.storage import RedisStorage
from limits.storage.base import SlidingWindowCounterSupport
from werkzeug.middleware.proxy_fix import ProxyFix

from api.http import negotiation, operations, problems
from api.http.counting import Counts
from api.http.logs import log
from api.settings import Settings, variable

_RATE = variable("rate_limit")
_STORAGE = variable("rate_limit_storage")

# A storage is beside the server or as good as not there; these seconds are added to a request that finds it gone.
_PATIENCE = 0.5
# For how long a storage that did not answer is then not asked again.
_REST = 5.0


class Allowance(typing.NamedTuple):
    """What a client has left after a request: whether that was within it, how much, and for how many seconds."""

    granted: bool
    remaining: int
    seconds: int


class Limiter:
    """One policy, counted by client over a sliding window. Raises ValueError for settings that cannot be."""

    def __init__(self, rate: str, storage: str):
        self._counts, self._failures = _counted_in(storage)
        self._resting_until = 0.0
        self.quota, self.window = _policy(rate)
        # Two policies that share a Redis each count for themselves.
        self._of = f"{self.quota}/{self.window}/"
        self.policy = f'"default";q={self.quota};w={self.window}'

    def take(self, client: str, cost: int) -> Allowance | None:
        """Charge a client, unless that is more than it has; None where the storage does not answer."""
        if self._resting_until and time.monotonic() < self._resting_until:
            return None
        client = self._of + client
        # What costs more than the quota costs all of it, or it could never be had.
        cost = min(cost, self.quota)
        try:
            granted = self._counts.acquire_sliding_window_entry(client, self.quota, self.window, cost)
            counts = self._counts.get_sliding_window(client, self.window)
        except self._failures as error:
            self._rest(error)
            return None
        return self._allowance(granted, cost, counts)

    def give_back(self, client: str, cost: int) -> None:
        """Undo a charge."""
        try:
            amount = -min(cost, self.quota)
            self._counts.acquire_sliding_window_entry(self._of + client, self.quota, self.window, amount)
        except self._failures as error:
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        # Who cannot be counted is let pass: a reader who is refused because of a counter that is down has lost
        # more than a server that for a while is asked too much.
        self._resting_until = time.monotonic() + _REST
        log.error("requests are not limited: the storage of the limits does not answer", error=str(error))

    def _allowance(self, granted: bool, cost: int, counts: tuple[int, float, int, float]) -> Allowance:
        """What the counts of the window before and of this one, with the seconds that they still matter, come to."""
        before, before_left, now, now_left = counts
        used = int(before * before_left / self.window + now)
        # A window counts in full until its end and then fades over the length of another.
        ends_in = max(0.0, now_left - self.window)
        seconds = ends_in if granted else _wait(self.quota - cost + 1, self.window, before, now, ends_in)
        return Allowance(granted, max(0, self.quota - used), int(seconds) + 1)


def _wait(room: int, window: int, before: int, now: int, ends_in: float) -> float:
    """Seconds until less than `room` is counted, if nobody asks meanwhile.

    >>> _wait(room=100, window=60, before=0, now=100, ends_in=20)
    20.0
    >>> _wait(room=50, window=60, before=60, now=20, ends_in=40)
    10.0
    """
    if now >= room:
        return ends_in + window * (1 - room / now)
    return max(0.0, ends_in - window * (room - now) / before) if before else 0.0


def _policy(rate: str) -> tuple[int, int]:
    """How much in how many seconds."""
    told = f"{_RATE} must be one number of requests in a time, such as 6000/minute, or empty for none, not {rate!r}."
    try:
        (item,) = limits.parse_many(rate)
    except ValueError:
        raise ValueError(told) from None
    if not item.amount:
        raise ValueError(told)
    return item.amount, item.get_expiry()


def _counted_in(address: str) -> tuple[SlidingWindowCounterSupport, type[Exception] | tuple[type[Exception], ...]]:
    """Where is counted, and what that raises when it does not answer."""
    scheme = urlsplit(address).scheme
    if scheme not in ("memory", "redis", "rediss"):
        # The address may hold a password, so it is not said again.
        raise ValueError(f"{_STORAGE} must be memory:// or redis://HOST:PORT (rediss:// with TLS), not {scheme!r}.")
    if scheme == "memory":
        return Counts(), ()
    try:
        from redis.backoff import NoBackoff  # noqa: PLC0415 - an extra, which most do without
        from redis.retry import Retry  # noqa: PLC0415

        # A connection that went stale is worth another one at once, and nothing is worth waiting for.
        options: dict[str, typing.Any] = {"retry": Retry(NoBackoff(), 1)}
        options |= {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
        storage = RedisStorage(address, key_prefix="onrecord", **options)
    except (ImportError, ConfigurationError):
        raise ValueError(
            f"{_STORAGE} needs a library that is not installed. In the checkout, run: pip install '.[redis]'"
        ) from None
    except ValueError as error:
        raise ValueError(f"{_STORAGE} is no address of a Redis: {error}.") from None
    return storage, storage.base_exceptions


def register(app: Flask, settings: Settings) -> None:
    """Charge every operation to the client that asks for it, and tell it what is left.

    Raises ValueError for settings that cannot be.
    """
    if settings.proxies:
        # Addresses only: nothing is ever built from what a proxy says of host or scheme.
        believed = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)
        app.wsgi_app = believed  # type: ignore[method-assign]
    limiter = Limiter(settings.rate_limit, settings.rate_limit_storage) if settings.rate_limit.strip() else None
    if limiter is None:
        return

    @app.before_request
    def charge() -> None:
        if (operation := operations.current()) is not None:
            _charge(limiter, operation)

    @app.after_request
    def tell(response: Response) -> Response:
        charge: _Charge | None = g.get("charge")
        if charge is None:
            operation = operations.current()
            if operation is None:
                return response
            # Refused before it came to be charged, as a request with a wrong key is; that is no way to ask for free.
            try:
                charge = _charge(limiter, operation)
            except problems.Problem as problem:
                charge, response = g.charge, problems.respond(problem)
        response.headers.add("RateLimit-Policy", limiter.policy)
        if charge.allowance is not None:
            remaining = _settled(limiter, charge, charge.allowance, response.status_code)
            response.headers.add("RateLimit", f'"default";r={remaining};t={charge.allowance.seconds}')
        return response


class _Charge(typing.NamedTuple):
    client: str
    cost: int
    allowance: Allowance | None


def _charge(limiter: Limiter, operation: operations.Operation) -> _Charge:
    """Charge whoever sent this request; raises a problem where that is more than it has."""
    client, cost = _client(), _cost(operation)
    allowance = limiter.take(client, cost)
    g.charge = charge = _Charge(client, cost, allowance)
    if allowance is not None and not allowance.granted:
        raise problems.Problem(
            f"More than {limiter.quota:,} in {limiter.window:,} seconds. Come back in {allowance.seconds:,} seconds.",
            slug="too-many-requests",
            headers={"Retry-After": str(allowance.seconds)},
        )
    return charge


def _cost(operation: operations.Operation) -> int:
    """Return the cost of this request to an operation."""
    if isinstance(operation.cost, int):
        return operation.cost
    return operation.cost(operations.asked().args, negotiation.chosen(operation))


def _settled(limiter: Limiter, charge: _Charge, allowance: Allowance, status: int) -> int:
    """What is left once the answer is known: one that the client has already costs nothing."""
    if status != 304:
        return allowance.remaining
    limiter.give_back(charge.client, charge.cost)
    return min(limiter.quota, allowance.remaining + charge.cost)


def _client() -> str:
    """Who is charged: the key, or else the address, the network where one client has very many addresses."""
    key = g.get("key")
    return f"key:{key.id}" if key is not None else f"address:{_network(operations.asked().remote_addr or '')}"


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    """The address that stands for a client: all of an IPv6 network of 64 bits is one household.

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
