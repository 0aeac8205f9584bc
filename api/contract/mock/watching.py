"""Watching: every exchange is held against the contract as the client saw it, and goes into the report."""

from __future__ import annotations

import typing
from collections.abc import Callable

from api.contract.mock.report import Report
from api.contract.mock.wsgi import Answered, Ask, Asked, Environ
from api.contract.validator.exchange import Exchange
from api.contract.validator.validator import Contract

# What is asked of the mock itself, beside the contract.
PREFIX = "/_contract"


class Watching:
    """A WSGI application that asks another and watches."""

    def __init__(self, ask: Ask, contract: Contract, report: Report):
        self._ask = ask
        self._contract = contract
        self._report = report

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> list[bytes]:
        """Answer a request; where an answer breaks off midway, so does this."""
        asked = Asked(environ, _read(environ))
        answered = self._ask(asked)
        if not asked.path.startswith(f"{PREFIX}/"):
            self._watch(asked, answered)
        start_response(answered.status, answered.headers.to_wsgi_list())
        return [answered.body]

    def _watch(self, asked: Asked, answered: Answered) -> None:
        exchange = Exchange(
            asked.method,
            asked.path,
            answered.code,
            answered.headers,
            answered.body,
            asked.query,
            asked.headers,
            asked.body,
        )
        operation = self._contract.described.operation(exchange.method, exchange.path)
        name = None if operation is None else operation.id
        self._report.add(exchange, name, self._contract.judge(exchange))


def _read(environ: Environ) -> bytes:
    given: typing.Any = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        try:
            return bytes(given.read())
        except OSError:
            # The app rejects a chunked body without bytes as incomplete.
            return b""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit():
        raise ValueError(f"The request says that it is {length!r} bytes long, so nobody knows where it ends.")
    return bytes(given.read(int(length)))
