"""Asking over HTTP as a client does that keeps the promise's advice: in no hurry, waiting where it is told to."""

from __future__ import annotations

import contextlib
import email
import socket
import time
import typing
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx
import orjson

from api.contract.conformance.exchange import Exchange
from api.contract.conformance.questions import Broken, NotAsked
from api.version import PACKAGE_VERSION

JSON = "application/json"

# As often is a request sent that is answered "wait so long, and ask again", if it is not to wait longer than this.
_TRIES = 5
_LONGEST_WAIT = 65
# After so many requests in a row without any answer, the server is taken to be gone.
_SILENCES = 3
# No answer that is asked for here comes near.
_LONGEST_BODY = 32 * 1_048_576
# Nothing comes after the headers if it has not within so many seconds.
_LULL = 1.0

# What may be sent again where a kept connection turns out to be closed (RFC 9110, section 9.2.2).
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_LOST = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

# What is packed has questions of its own, so that not all of them fail where packing does.
_USUAL = {"User-Agent": f"onrecord-conformance/{PACKAGE_VERSION}", "Accept": "*/*", "Accept-Encoding": "identity"}

# None leaves out a header that would be sent.
Headers = Mapping[str, str | None]


class Unreachable(Exception):
    """There is nobody to ask; the message says why."""


class Line:
    """A connection to the server, with what goes over it byte by byte; `closed` once the server closed it."""

    def __init__(self, stream: socket.socket, host: str):
        self._stream, self._host = stream, host
        self.closed = False

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def send(self, method: str, target: str, headers: Mapping[str, str]) -> None:
        """Send a request, or the beginning of one; a connection that is closed takes it, too."""
        told = "".join(f"{name}: {value}\r\n" for name, value in {"Host": self._host, **_USUAL, **headers}.items())
        self.send_more(f"{method} {target} HTTP/1.1\r\n{told}\r\n".encode("latin-1"))

    def send_more(self, content: bytes) -> None:
        """Send what belongs to the request before."""
        with contextlib.suppress(OSError):
            self._stream.sendall(content)

    def answer(self, method: str, target: str, sent: Mapping[str, str]) -> Exchange:
        """What comes until the connection is closed, or nothing more does; Broken where it is no answer."""
        came = bytearray()
        try:
            while len(came) < _LONGEST_BODY and (chunk := self._stream.recv(65_536)):
                came += chunk
                if b"\r\n\r\n" in came:
                    # Some keep connections open that they were asked to close.
                    self._stream.settimeout(_LULL)
            self.closed = True
        except TimeoutError:
            pass
        except OSError:
            self.closed = True
        head, _, body = bytes(came).partition(b"\r\n\r\n")
        line, _, fields = head.decode("latin-1").partition("\r\n")
        words = line.split(" ", 2)
        if len(words) < 2 or not words[1].isdecimal():
            asked = Exchange(method, target, sent, 0, httpx.Headers(), b"").asked
            raise Broken(asked, "an answer", f"none: {line[:100] or 'nothing came'}")
        headers = httpx.Headers(email.message_from_string(fields).items())
        return Exchange(method, target, sent, int(words[1]), headers, body)


class Asking:
    """A client of one server; `seen` are all exchanges there were."""

    def __init__(self, root: str, *, key: str | None = None, timeout: float = 30.0):
        self.root, self.key = root, key
        self.seen: list[Exchange] = []
        self._silences = 0
        self._timeout = timeout
        # Nothing is followed from http to https, and to read all certificates takes longer than most questions.
        self._tls = httpx.create_ssl_context() if root.startswith("https:") else None
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, verify=self._tls or False)
        self._client.headers = httpx.Headers()

    def close(self) -> None:
        self._client.close()

    def __call__(
        self,
        method: str,
        target: str,
        headers: Headers | None = None,
        *,
        json: typing.Any = None,
        content: bytes | None = None,
        keyed: bool = False,
    ) -> Exchange:
        """Ask, and wait as long as the server asks for; `keyed` sends the key."""
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        if json is not None:
            content = orjson.dumps(json)
            sent.setdefault("Content-Type", JSON)
        if keyed:
            if self.key is None:
                raise NotAsked("no key was given")
            sent["Authorization"] = f"Bearer {self.key}"
        dropped = {name.lower() for name in headers or {}}
        usual = {name: value for name, value in _USUAL.items() if name.lower() not in dropped}
        return self._patiently(lambda: self._once(method, target, sent, {**usual, **sent}, content))

    def bare(self, method: str, target: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """Ask over a connection of its own, and take for the body whatever comes after the headers.

        Clients leave unread what may not be there, and so does `httpx`.
        """

        def once() -> Exchange:
            with self.line() as line:
                line.send(method, target, {**(headers or {}), "Connection": "close"})
                return line.answer(method, target, headers or {})

        return self._patiently(once)

    def line(self) -> Line:
        """A connection of its own; NotAsked where none can be had."""
        parts = urlsplit(self.root)
        host, port = parts.hostname or "", parts.port or (443 if self._tls else 80)
        try:
            plain = socket.create_connection((host, port), self._timeout)
            return Line(self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain, parts.netloc)
        except OSError as error:
            # Who has to go through a proxy to get out cannot do this.
            raise NotAsked(f"no connection of its own could be made: {error}") from None

    def _patiently(self, once: Callable[[], Exchange]) -> Exchange:
        for _ in range(_TRIES):
            exchange = once()
            self.seen.append(exchange)
            seconds = exchange.seconds_to_wait
            if seconds is None:
                return exchange
            if seconds > _LONGEST_WAIT:
                raise NotAsked(f"{exchange.status}: the server wants to be asked again in {seconds} seconds")
            time.sleep(seconds)
        raise NotAsked(f"{exchange.status} {_TRIES} times, however long was waited")

    def _once(
        self,
        method: str,
        target: str,
        told: Mapping[str, str],
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> Exchange:
        if self._silences >= _SILENCES:
            raise NotAsked("the server has ceased to answer")
        try:
            try:
                exchange = self._exchange(method, target, told, headers, content)
            except _LOST:
                if method not in _IDEMPOTENT:
                    raise
                exchange = self._exchange(method, target, told, headers, content)
        except httpx.HTTPError as error:
            self._silences += 1
            silent = Exchange(method, target, told, 0, httpx.Headers(), b"")
            raise Broken(silent.asked, "an answer", f"none: {str(error) or type(error).__name__}") from None
        self._silences = 0
        return exchange

    def _exchange(
        self, method: str, target: str, told: Mapping[str, str], headers: Mapping[str, str], content: bytes | None
    ) -> Exchange:
        raw, until = bytearray(), time.monotonic() + 4 * self._timeout
        with self._client.stream(method, self.root + target, headers=headers, content=content) as response:
            for chunk in response.iter_raw():
                raw += chunk
                if len(raw) > _LONGEST_BODY or time.monotonic() > until:
                    raise httpx.ReadTimeout("the answer does not come to an end")
        return Exchange(method, target, told, response.status_code, response.headers, bytes(raw))
