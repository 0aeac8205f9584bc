"""Handlers of the mock: functions from a request to a response."""

from __future__ import annotations

import typing
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Handler = Callable[[Request], Response]


class _AppResponse(Response):
    """A response that gets no default Content-Type."""

    default_mimetype = None


def app_handler(app: WSGIApplication) -> Handler:
    """Return a handler that calls a WSGI application and buffers its response.

    It sends HEAD as GET, because chaos changes the body and therefore Content-Length. `MockApp` removes the body.
    """

    def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        environ = {**request.environ, "REQUEST_METHOD": method, "wsgi.input": BytesIO(request.get_data())}
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
