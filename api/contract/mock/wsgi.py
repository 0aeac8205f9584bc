"""The WSGI application of the mock, and handlers: functions from a request to a response."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from io import BytesIO
from urllib.parse import urlencode

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request, Response

from api.contract.mock.report import Report
from api.contract.validator.validator import Validator

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The mock's own paths, which are not part of the contract.
PREFIX = "/_contract"

Handler = Callable[[Request], Response]


class MockApp:
    """A WSGI application that calls a handler, and reports violations by the client and the server."""

    def __init__(self, handler: Handler, validator: Validator, report: Report):
        self._handler = handler
        self._validator = validator
        self._report = report

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _buffered(environ)
        response = self._handler(request)
        if request.method == "HEAD":
            response.response = []
        if not request.path.startswith(f"{PREFIX}/"):
            operation = self._validator.spec.operation(request.method, request.path)
            self._report.add(request, response, operation, self._validator.validate(request, response))
        return response(environ, start_response)


def app_handler(app: WSGIApplication) -> Handler:
    """Return a handler that calls a WSGI application and buffers its response.

    It sends HEAD as GET, because chaos changes the body and therefore Content-Length. `MockApp` removes the body.
    """

    def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        body = BytesIO(request.get_data())
        environ = {**request.environ, "REQUEST_METHOD": method, "wsgi.input": body}
        response = _AppResponse.from_app(app, environ, buffered=True)
        # This sets Content-Length, which a streamed response does not have.
        response.set_data(response.get_data())
        return response

    return handle


def change_target(request: Request, path: str | None = None, **parameters: str | None) -> Request:
    """Return a GET request with another path or other parameters. None removes a parameter."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in parameters]
    added = [(name, value) for name, value in parameters.items() if value is not None]
    target = (path or request.path).encode().decode("latin-1")
    environ = {**request.environ, "PATH_INFO": target, "QUERY_STRING": urlencode([*kept, *added])}
    return Request(environ, populate_request=False)


class _AppResponse(Response):
    """A response that gets no default Content-Type."""

    default_mimetype = None


def _buffered(environ: WSGIEnvironment) -> Request:
    """Return a request whose body is in memory, so that it can be handled twice."""
    try:
        body = Request(environ, populate_request=False).get_data()
    except (ClientDisconnected, OSError):
        # The app rejects an incomplete body, which an empty one is.
        body = b""
    environ = {**environ, "wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
    return Request(environ, populate_request=False)
