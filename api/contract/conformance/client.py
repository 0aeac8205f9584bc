"""An HTTP client that waits for as long as `Retry-After` says, and can send raw requests."""

from __future__ import annotations

import contextlib
import socket
import time
import typing
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
import orjson

from api.contract.conformance.errors import CheckSkipped
from api.contract.conformance.response import TargetResponse
from api.version import PACKAGE_VERSION

_TRIES = 5
_WAIT_MAX = 65
# After so many requests without a response, the remaining checks are skipped.
_SILENT_MAX = 3
_BODY_MAX = 64 * 1_048_576
# A raw response is complete if nothing arrives for so long.
_IDLE_SECONDS = 1.0
_PAUSE_SECONDS = 0.1

# These methods may be sent again if a persistent connection was closed (RFC 9110, section 9.2.2).
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_CLOSED = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

# Only the checks of compression accept it, so that an error in it does not fail all checks.
_DEFAULTS = {"User-Agent": f"onrecord-conformance/{PACKAGE_VERSION}", "Accept": "*/*", "Accept-Encoding": "identity"}

# None removes a default header.
Headers = Mapping[str, str | None]


class Client:
    """A client of one deployment. `responses` are all that it received."""

    def __init__(self, base_url: str, *, key: str | None = None, timeout: float = 30.0):
        self.base_url, self.key = base_url, key
        self.responses: list[TargetResponse] = []
        self._silent = 0
        self._timeout = timeout
        # Loading the certificates takes longer than most checks, and plain HTTP needs none.
        self._tls = httpx.create_ssl_context() if base_url.startswith("https:") else None
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, verify=self._tls or False)
        self._http.headers = httpx.Headers()

    def close(self) -> None:
        self._http.close()

    def get(self, target: str, headers: Headers | None = None) -> TargetResponse:
        return self.request("GET", target, headers)

    def request(
        self,
        method: str,
        target: str,
        headers: Headers | None = None,
        *,
        json: typing.Any = None,
        content: bytes | None = None,
    ) -> TargetResponse:
        """Send a request. Retry it if the server asks for that."""
        headers = dict(headers or {})
        if json is not None:
            content = orjson.dumps(json)
            headers.setdefault("Content-Type", "application/json")
        sent = _without_none(headers)
        every = _without_none({**_DEFAULTS, **headers})
        for _ in range(_TRIES):
            response = self._send(TargetResponse(method, target, sent), every, content)
            self.responses.append(response)
            seconds = response.retry_after
            if seconds is None:
                return response
            if seconds > _WAIT_MAX:
                raise CheckSkipped(f"{response.status}: the server says to retry in {seconds} seconds")
            time.sleep(seconds)
        raise CheckSkipped(f"{response.status} in each of {_TRIES} tries")

    def send_raw(self, *parts: bytes) -> tuple[bytes, bool]:
        """Send bytes over a new connection, with pauses between the parts.

        Return all bytes of the response, and whether the server closed the connection. httpx hides invalid bytes.
        """
        received, closed = bytearray(), True
        with self._connect() as connection:
            # The server may close the connection early, and its response can still be read.
            with contextlib.suppress(OSError):
                for part in parts:
                    connection.sendall(part)
                    time.sleep(_PAUSE_SECONDS)
            try:
                while len(received) < _BODY_MAX and (chunk := connection.recv(65_536)):
                    received += chunk
                    # Some servers ignore `Connection: close`.
                    connection.settimeout(_IDLE_SECONDS)
            except TimeoutError:
                closed = False
            except OSError:
                pass
        return bytes(received), closed

    def encode(self, method: str, target: str, headers: Mapping[str, str]) -> bytes:
        """Return the bytes of a request without a body."""
        fields = {"Host": urlsplit(self.base_url).netloc, **_DEFAULTS, **headers}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _send(self, request: TargetResponse, headers: Mapping[str, str], content: bytes | None) -> TargetResponse:
        if self._silent >= _SILENT_MAX:
            raise CheckSkipped("the server stopped responding")
        try:
            try:
                response = self._receive(request, headers, content)
            except _CLOSED:
                if request.method not in _IDEMPOTENT:
                    raise
                response = self._receive(request, headers, content)
        except httpx.HTTPError as error:
            self._silent += 1
            raise request.failed("a response", f"none: {str(error) or type(error).__name__}") from None
        self._silent = 0
        return response

    def _receive(self, request: TargetResponse, headers: Mapping[str, str], content: bytes | None) -> TargetResponse:
        body, deadline = bytearray(), time.monotonic() + 4 * self._timeout
        url = self.base_url + request.target
        with self._http.stream(request.method, url, headers=headers, content=content) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _BODY_MAX or time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the response does not end")
        status = response.status_code
        return TargetResponse(request.method, request.target, request.sent, status, response.headers, bytes(body))

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.base_url)
        host, port = parts.hostname or "", parts.port or (443 if self._tls else 80)
        try:
            connection = socket.create_connection((host, port), self._timeout)
            return self._tls.wrap_socket(connection, server_hostname=host) if self._tls else connection
        except OSError as error:
            # This fails behind a proxy for outgoing connections.
            raise CheckSkipped(f"a direct connection is impossible: {error}") from None


def _without_none(headers: Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value is not None}
