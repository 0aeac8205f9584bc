"""An exchange: what was asked, and what came; with what a question can say of it."""

from __future__ import annotations

import typing
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import httpx
import orjson

from api.contract.conformance.check import Broken

PROBLEM = "application/problem+json"
# What a body may unpack to; no answer that is asked for here comes near.
_LONGEST = 64 * 1_048_576
_LONGEST_LINE = 300
_EXCERPT = 200


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; `raw` is the body as it came, before anything was unpacked."""

    method: str
    target: str
    sent: Mapping[str, str]
    status: int
    headers: httpx.Headers
    raw: bytes = field(repr=False)

    @property
    def asked(self) -> str:
        """The request line, and the headers that matter."""
        return "\n".join([f"{self.method} {_short(self.target)}", *_lines(self.sent)])

    @property
    def came(self) -> str:
        """The status, and what else tells what this is."""
        more = [self.media_type or "no Content-Type"]
        if 300 <= self.status < 400:
            more = [f"Location: {self.headers.get('Location', 'none')}"]
        excerpt = self._excerpt if self.status >= 400 else ""
        return f"{self.status} ({', '.join(more)})" + (f": {excerpt}" if excerpt else "")

    @property
    def _excerpt(self) -> str:
        """The beginning of the body, without the key, should that stand in it."""
        text = self.raw[: 10 * _EXCERPT].decode("utf-8", "replace")
        key = self.sent.get("Authorization", "").removeprefix("Bearer ")
        return " ".join((text.replace(key, "…") if key else text).split())[:_EXCERPT]

    @property
    def media_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def tag(self) -> str:
        """The entity tag; Broken where there is none."""
        self.must("ETag" in self.headers, "an ETag", f"{self.status} without one")
        return self.headers["ETag"]

    @property
    def seconds_to_wait(self) -> int | None:
        """For how long the client is asked to wait before it asks again, if it is."""
        told = self.headers.get("Retry-After", "")
        return int(told) if self.status in (429, 503) and told.isdecimal() else None

    @cached_property
    def body(self) -> bytes:
        """The body, unpacked."""
        encoding = self.headers.get("Content-Encoding", "identity").lower()
        if encoding == "identity" or not self.raw:
            return self.raw
        self.must(encoding in ("gzip", "x-gzip"), "a Content-Encoding that was asked for", encoding)
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(self.raw, _LONGEST)
        except zlib.error as error:
            raise self.broken("a body that is gzip, as its Content-Encoding says", str(error)) from None

    @cached_property
    def json(self) -> typing.Any:
        """The JSON in the body; Broken where it is none."""
        try:
            return orjson.loads(self.body)
        except ValueError as error:
            told = f"{self.status}, and {error}: {self._excerpt!r}"
            raise self.broken("a body of JSON", told) from None

    def of(self, *path: str | int) -> typing.Any:
        """What stands in the JSON under these names; Broken where nothing does."""
        found = self.json
        for name in path:
            try:
                found = found[name]
            except (KeyError, IndexError, TypeError):
                told = "/".join(map(str, path))
                raise self.broken(f"{told} in the body", f"{self.status} without it") from None
        return found

    def words(self, name: str) -> set[str]:
        """The members of a header that is a list."""
        return {word.strip() for word in self.headers.get(name, "").split(",") if word.strip()}

    def told(self, name: str) -> str:
        """A header as it came."""
        return f"{name}: {self.headers.get(name, 'none')}"

    def must(self, holds: bool, expected: str, came: str = "") -> None:
        """Raise Broken where it does not hold."""
        if not holds:
            raise self.broken(expected, came)

    def status_is(self, *statuses: int) -> Exchange:
        """This exchange; Broken where its status is another one."""
        self.must(self.status in statuses, " or ".join(map(str, statuses)))
        return self

    def is_problem(self, status: int, code: str) -> Exchange:
        """This exchange; Broken where it is not this problem."""
        self.status_is(status)
        self.must(self.media_type == PROBLEM, PROBLEM)
        self.must(self.of("code") == code, f"the code {code}", str(self.of("code")))
        return self

    def broken(self, expected: str, came: str = "") -> Broken:
        return Broken(self.asked, expected, came or self.came)


def _lines(sent: Mapping[str, str]) -> list[str]:
    hidden = {"authorization": "Bearer …"}
    return [_short(f"{name}: {hidden.get(name.lower(), value)}") for name, value in sent.items()]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"
