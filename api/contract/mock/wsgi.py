"""Calling a WSGI application: a request whose body was read, and an answer that is all there."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from io import BytesIO
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import EnvironHeaders, Headers

Environ = dict[str, typing.Any]


@dataclass(frozen=True)
class Asked:
    """A request."""

    environ: Environ
    body: bytes

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"]).upper()

    @property
    def path(self) -> str:
        # WSGI hands over the bytes of a path as if each were a character.
        return str(self.environ["PATH_INFO"]).encode("latin-1").decode(errors="replace")

    @property
    def query(self) -> str:
        return str(self.environ["QUERY_STRING"])

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The names and values of the query, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def headers(self) -> Headers:
        return Headers(EnvironHeaders(self.environ))

    def value(self, name: str) -> str | None:
        """The first value of a parameter, or None."""
        return next((value for known, value in self.parameters if known == name), None)

    def to(self, path: str | None = None, **parameters: str | None) -> Asked:
        """The same request of another path, or with these parameters; None leaves one out."""
        kept = [(name, value) for name, value in self.parameters if name not in parameters]
        given = [(name, value) for name, value in parameters.items() if value is not None]
        target = self.path if path is None else path
        changed = {"PATH_INFO": target.encode().decode("latin-1"), "QUERY_STRING": urlencode([*kept, *given])}
        return replace(self, environ={**self.environ, **changed})


@dataclass(frozen=True)
class Answered:
    """An answer; `status` has its phrase behind it."""

    status: str
    headers: Headers
    body: bytes

    @property
    def code(self) -> int:
        return int(self.status.partition(" ")[0])

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    def holding(self, body: bytes) -> Answered:
        """The same answer with another body, and what its headers say of that."""
        headers = Headers(self.headers)
        headers["Content-Length"] = str(len(body))
        return replace(self, headers=headers, body=body)


Ask = Callable[[Asked], Answered]


def caller(app: typing.Any) -> Ask:
    """What asks a WSGI application."""

    def ask(asked: Asked) -> Answered:
        started: list[typing.Any] = []

        def start(status: str, headers: list[tuple[str, str]], _failure: object = None) -> Callable[[bytes], object]:
            started[:] = [status, Headers(headers)]
            return started.append

        chunks: Iterable[bytes] = app({**asked.environ, "wsgi.input": BytesIO(asked.body)}, start)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        status, headers = started
        answered = Answered(status, headers, body)
        # What the app streams is whole here.
        return answered.holding(body) if body else answered

    return ask
