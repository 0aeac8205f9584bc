"""A response of the deployment, with its request and with assertions for checks."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import httpx
import orjson

from api.contract.conformance.errors import CheckFailed

PROBLEM = "application/problem+json"
_LINE_LENGTH_MAX = 300
_EXCERPT_LENGTH = 200


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
