"""The mock: the real app with the fixtures, a fixed key, chaos, a report, and the mock's own paths."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request

from api.app import create_app
from api.contract import snapshots
from api.contract.mock.chaos import CHAOS
from api.contract.mock.chaos.bodies import Context
from api.contract.mock.chaos.requests import PROBLEM
from api.contract.mock.handlers import Handler, app_handler
from api.contract.mock.report import Report
from api.contract.validator.validator import Validator
from api.http.scopes import SCOPES
from api.seed import sources
from api.settings import Settings
from api.store import keys
from api.store.imports import import_lines
from api.store.memory_database import MemoryDatabase

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# A well-formed key. It need not be secret, because only mocks accept it.
KEY = f"{keys.PREFIX}{'c0de' * 3}_{'c0de' * 16}"
# The mock's own paths, which are not part of the contract.
_PREFIX = "/_contract"


class MockApp:
    """A WSGI application that calls a handler, and reports violations by the client and the server."""

    def __init__(self, make_handler: Callable[[], Handler], validator: Validator):
        self._make_handler = make_handler
        self._validator = validator
        self.reset()

    def reset(self) -> None:
        """Forget all requests."""
        self._handler = self._make_handler()
        self.report = Report(self._validator.spec.operations)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request, report = _buffered(environ), self.report
        response = self._handler(request)
        if request.method == "HEAD":
            response.response = []
        if not request.path.startswith(f"{_PREFIX}/"):
            operation = self._validator.spec.operation(request.method, request.path)
            report.add(request, response, operation, self._validator.validate(request, response))
        return response(environ, start_response)


@contextmanager
def open_mock(base_url: str, chaos: Iterable[str] = ()) -> Iterator[MockApp]:
    """Yield a mock at a base URL, with the chaos of these names. Close its database at the end."""
    validator = Validator(orjson.loads(snapshots.document()))
    app = create_app(Settings(database_url="sqlite://", public_url=base_url, rate_limit=""))
    context = Context(validator.spec, base_url, frozenset(chaos))

    def make_handler() -> Handler:
        handler = app_handler(app)
        for name, make in CHAOS.items():
            handler = make(context, handler) if name in context.names else handler
        return handler

    with closing(MemoryDatabase()) as store:
        result = import_lines(store, sources())
        if result.rejected_lines:
            raise RuntimeError(f"A fixture is rejected: {result.rejected_lines[0]}")
        with store.writing() as connection:
            keys.take(connection, KEY, "of the mock", SCOPES, None)
        store.save()
        app.extensions["onrecord"] = store
        mock = MockApp(make_handler, validator)
        _add_routes(app, store, mock)
        yield mock


def _add_routes(app: Flask, store: MemoryDatabase, mock: MockApp) -> None:
    @app.post(f"{_PREFIX}/reset", endpoint="contract_reset")
    def reset() -> Response:
        store.restore()
        mock.reset()
        return Response(status=204)

    @app.get(f"{_PREFIX}/report", endpoint="contract_report")
    def get_report() -> Response:
        body = orjson.dumps(mock.report.to_dict(), option=orjson.OPT_INDENT_2)
        return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})

    @app.before_request
    def reject_by_chaos() -> None:
        if (problem := request.environ.get(PROBLEM)) is not None:
            raise problem


def _buffered(environ: WSGIEnvironment) -> Request:
    """Return a request whose body is in memory, so that it can be handled twice."""
    try:
        body = Request(environ, populate_request=False).get_data()
    except (ClientDisconnected, OSError):
        # The app rejects an incomplete body, which an empty one is.
        body = b""
    environ = {**environ, "wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
    return Request(environ, populate_request=False)
