"""An HTTP client for checks, its responses and errors: it retries as `Retry-After` says, and can send raw requests."""

from __future__ import annotations

import contextlib
import socket
import time
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlsplit

import httpx
import orjson

from api.version import PACKAGE_VERSION

PROBLEM = "application/problem+json"
_LINE_LENGTH_MAX = 300
_EXCERPT_LENGTH = 200

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
_DEFAULTS = {"User-Agent": f"onrecord-conformance/{PACKAGE_VERSION}", "Accept-Encoding": "identity"}

# A header with the value None is not sent.
Headers = Mapping[str, str | None]


class CheckFailed(Exception):
    """A response differs from the expected one."""

    def __init__(self, request: str, expected: str, received: str):
        super().__init__(f"{request}: expected {expected}, received {received}")
        self.parts = {"request": request, "expected": expected, "received": received}


class CheckSkipped(Exception):
    """The check cannot run here. The message is the reason."""


@dataclass(frozen=True)
class TargetResponse:
    """A response and its request. The status is 0 if the server did not respond."""

    method: str
    target: str
    sent: Mapping[str, str]
    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""

    @property
    def request(self) -> str:
        """The request line and the headers that a check sent, without the key."""
        headers = {name: "Bearer …" if name == "Authorization" else value for name, value in self.sent.items()}
        lines = [f"{self.method} {self.target}", *(f"{name}: {value}" for name, value in headers.items())]
        return "\n".join(line if len(line) <= _LINE_LENGTH_MAX else f"{line[:_LINE_LENGTH_MAX]}…" for line in lines)

    @property
    def summary(self) -> str:
        """The status, the media type or the redirect, and the beginning of an error."""
        redirect = f"Location: {self.headers.get('Location', 'none')}" if 300 <= self.status < 400 else ""
        excerpt = f": {self._excerpt}" if self.status >= 400 and self._excerpt else ""
        return f"{self.status} ({redirect or self.media_type or 'no Content-Type'}){excerpt}"

    @property
    def _excerpt(self) -> str:
        text = self.body[: 10 * _EXCERPT_LENGTH].decode("utf-8", "replace")
        key = self.sent.get("Authorization", "").removeprefix("Bearer ")
        return " ".join((text.replace(key, "…") if key else text).split())[:_EXCERPT_LENGTH]

    @property
    def media_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def retry_after(self) -> int | None:
        """The seconds after which the request may be retried, if the server asks for that."""
        value = self.headers.get("Retry-After", "")
        return int(value) if self.status in (429, 503) and value.isdecimal() else None

    @property
    def etag(self) -> str:
        self.require("ETag" in self.headers, "an ETag", f"{self.status} without ETag")
        return str(self.headers["ETag"])

    @cached_property
    def json(self) -> typing.Any:
        try:
            return orjson.loads(self.body)
        except ValueError as error:
            raise self.failed("a JSON body", f"{self.status} with a body that is not JSON ({error})") from None

    def field(self, *path: str) -> typing.Any:
        """Return a field of the JSON body."""
        value = self.json
        for name in path:
            try:
                value = value[name]
            except (KeyError, TypeError):
                raise self.failed(f"the field {'/'.join(path)}", f"{self.status} without it") from None
        return value

    def members(self, name: str) -> set[str]:
        """Return the members of a header that is a comma-separated list, in lower case."""
        return {member.strip().lower() for member in self.headers.get(name, "").split(",") if member.strip()}

    def header(self, name: str) -> str:
        """Return a header line for a message."""
        return f"{name}: {self.headers.get(name, 'none')}"

    def require(self, condition: bool, expected: str, received: str = "") -> None:
        """Raise CheckFailed if a condition is false. `received` defaults to the summary."""
        if not condition:
            raise self.failed(expected, received)

    def require_members(self, name: str, members: set[str]) -> None:
        """Raise CheckFailed if a list header lacks a member."""
        self.require(members <= self.members(name), f"{name}: {', '.join(sorted(members))}", self.header(name))

    def require_status(self, *statuses: int) -> TargetResponse:
        """Raise CheckFailed if the status differs. Return this response."""
        self.require(self.status in statuses, " or ".join(map(str, statuses)))
        return self

    def require_problem(self, status: int, code: str) -> TargetResponse:
        """Raise CheckFailed if this is not a problem with a status and a code. Return this response."""
        self.require_status(status)
        self.require(self.media_type == PROBLEM, PROBLEM)
        self.require(self.field("code") == code, f"the code {code}", str(self.field("code")))
        return self

    def failed(self, expected: str, received: str = "") -> CheckFailed:
        return CheckFailed(self.request, expected, received or self.summary)


class Client:
    """A client of one deployment. `responses` are all that it received."""

    def __init__(self, base_url: str, *, timeout: float):
        self.base_url = base_url
        self.responses: list[TargetResponse] = []
        self._silent = 0
        self._timeout = timeout
        # Loading the certificates takes longer than most checks, and plain HTTP needs none.
        self._tls = httpx.create_ssl_context() if base_url.startswith("https:") else None
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, verify=self._tls or False)
        self._http.headers = httpx.Headers(_DEFAULTS)

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
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        if json is not None:
            content = orjson.dumps(json)
            sent.setdefault("Content-Type", "application/json")
        for _ in range(_TRIES):
            response = self._send(TargetResponse(method, target, sent), content)
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

    def _send(self, request: TargetResponse, content: bytes | None) -> TargetResponse:
        if self._silent >= _SILENT_MAX:
            raise CheckSkipped("the server stopped responding")
        try:
            try:
                response = self._receive(request, content)
            except _CLOSED:
                if request.method not in _IDEMPOTENT:
                    raise
                response = self._receive(request, content)
        except httpx.HTTPError as error:
            self._silent += 1
            raise request.failed("a response", f"none: {str(error) or type(error).__name__}") from None
        self._silent = 0
        return response

    def _receive(self, request: TargetResponse, content: bytes | None) -> TargetResponse:
        body, deadline = bytearray(), time.monotonic() + 4 * self._timeout
        url = self.base_url + request.target
        with self._http.stream(request.method, url, headers=request.sent, content=content) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _BODY_MAX or time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the response does not end")
        return replace(request, status=response.status_code, headers=response.headers, body=bytes(body))

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.base_url)
        host, port = parts.hostname or "", parts.port or (443 if self._tls else 80)
        try:
            connection = socket.create_connection((host, port), self._timeout)
            return self._tls.wrap_socket(connection, server_hostname=host) if self._tls else connection
        except OSError as error:
            # This fails behind a proxy for outgoing connections.
            raise CheckSkipped(f"a direct connection is impossible: {error}") from None
