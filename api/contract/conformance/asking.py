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
from api.version import API_VERSION

JSON = "application/json"

# As often is a request sent that is answered "wait so long, and ask again", if it is not to wait longer than this.
_TRIES = 5
_LONGEST_WAIT = 65
# After so many requests in a row without any answer, the server is taken to be gone.
_SILENCES = 3
# No answer that is asked for here comes near.
_LONGEST_BODY = 32 * 1_048_576
# Nothing comes after the headers if it has not within so many seconds.
_LULL = 3.0

# None leaves out a header that would be sent.
Headers = Mapping[str, str | None]


class Unreachable(Exception):
    """There is nobody to ask; the message says why."""


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
        # What is packed has questions of its own, so that not all of them fail where packing does.
        self._usual = {
            "User-Agent": f"onrecord-conformance/{API_VERSION}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
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
        usual = {name: value for name, value in self._usual.items() if name.lower() not in dropped}
        return self._patiently(lambda: self._once(method, target, sent, {**usual, **sent}, content))

    def bare(self, method: str, target: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """Ask over a connection of its own, and take for the body whatever comes until it is closed.

        Clients leave unread what may not be there, and so does `httpx`.
        """
        return self._patiently(lambda: self._over_a_socket(method, target, dict(headers or {})))

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
        self, method: str, target: str, told: Mapping[str, str], headers: Mapping[str, str], content: bytes | None
    ) -> Exchange:
        if self._silences >= _SILENCES:
            raise NotAsked("the server has ceased to answer")
        raw, until = bytearray(), time.monotonic() + 4 * self._timeout
        try:
            with self._client.stream(method, self.root + target, headers=headers, content=content) as response:
                for chunk in response.iter_raw():
                    raw += chunk
                    if len(raw) > _LONGEST_BODY or time.monotonic() > until:
                        raise httpx.ReadTimeout("the answer does not come to an end")
        except httpx.HTTPError as error:
            self._silences += 1
            silent = Exchange(method, target, told, 0, httpx.Headers(), b"")
            raise Broken(silent.asked, "an answer", f"none: {str(error) or type(error).__name__}") from None
        self._silences = 0
        return Exchange(method, target, told, response.status_code, response.headers, bytes(raw))

    def _over_a_socket(self, method: str, target: str, sent: dict[str, str]) -> Exchange:
        parts = urlsplit(self.root)
        host, port = parts.hostname or "", parts.port or (443 if self._tls else 80)
        lines = {"Host": parts.netloc, **self._usual, **sent, "Connection": "close"}
        request = "\r\n".join([f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())])
        came = bytearray()
        try:
            with socket.create_connection((host, port), self._timeout) as plain:
                stream = self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain
                with stream:
                    stream.sendall(f"{request}\r\n\r\n".encode("ascii"))
                    with contextlib.suppress(TimeoutError):
                        while len(came) < _LONGEST_BODY and (chunk := stream.recv(65_536)):
                            came += chunk
                            if b"\r\n\r\n" in came:
                                # Some keep connections open that they were asked to close.
                                stream.settimeout(_LULL)
        except OSError as error:
            # Who has to go through a proxy to get out cannot do this.
            raise NotAsked(f"no connection of its own could be made and read to its end: {error}") from None
        head, _, body = bytes(came).partition(b"\r\n\r\n")
        line, _, fields = head.decode("latin-1").partition("\r\n")
        words = line.split(" ", 2)
        if len(words) < 2 or not words[1].isdecimal():
            raise Broken(f"{method} {target}", "an answer in HTTP", line[:100] or "nothing")
        headers = httpx.Headers(email.message_from_string(fields).items())
        return Exchange(method, target, sent, int(words[1]), headers, body)
