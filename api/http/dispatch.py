"""Flask, without the steps of a request that this service does not use.

Flask offers sessions, signals, asynchronous views, hooks of blueprints and teardown functions. To look for them takes
half as long as all other work for a small response. tests/http/test_http_semantics.py pins each override.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from functools import lru_cache

import flask
from flask import Flask, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import Map, MapAdapter
from werkzeug.wsgi import get_host

from api.http.context import Request, current_operation, current_request

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_HOSTS_MAX = 256


class _NoSessions(SessionInterface):
    """Requests without sessions: the service sets no cookies."""

    _session = NullSession()

    def open_session(self, app: Flask, request: flask.Request) -> NullSession:
        """Return a session that cannot be changed."""
        return self._session


class CompleteResponse(Response):
    """A response to a read whose headers are complete, except for the type of its body."""

    default_mimetype = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response. Flask would copy and check all headers again."""
        method, status = environ["REQUEST_METHOD"], self.status_code
        if method not in ("GET", "HEAD") or status not in (200, 304):
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return typing.cast("list[bytes]", self.response) if method == "GET" and status == 200 else ()


class App(Flask):
    """An app whose hooks are all hooks of the app, in the order of their registration."""

    request_class = Request
    session_interface = _NoSessions()

    def ensure_sync(self, func: Callable[..., typing.Any]) -> Callable[..., typing.Any]:
        """Return the function. No function of this service is asynchronous."""
        return func

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        """Return the adapter that matches the path of a request. Raises BadHost for an invalid host."""
        if request is None or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        host = _server_name(self.url_map, request.scheme, request.environ.get("HTTP_HOST"), request.server)
        script = request.environ.get("SCRIPT_NAME") or "/"
        return MapAdapter(self.url_map, host, script, "", request.scheme, request.path, request.method)

    def full_dispatch_request(self) -> Response:
        """Run the hooks and the view of a request, and return the response."""
        try:
            response = self.preprocess_request()
            if response is None:
                response = self.dispatch_request()
        except Exception as error:
            response = self.handle_user_exception(error)
        return self.finalize_request(response)

    def dispatch_request(self) -> typing.Any:
        """Return the response of the view. Without an operation, Flask finds the view, or the error."""
        operation = current_operation()
        if operation is None:
            return super().dispatch_request()
        return operation.view(**(current_request().view_args or {}))

    def preprocess_request(self) -> typing.Any:
        """Run the hooks before the view. Return the response of the first one that has a response."""
        for hook in self.before_request_funcs[None]:
            if (response := hook()) is not None:
                return response
        return None

    def process_response(self, response: Response) -> Response:
        """Run the hooks after the view, the last one first."""
        for hook in reversed(self.after_request_funcs[None]):
            response = hook(response)
        return response

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Do nothing. The app has no teardown functions."""

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """Do nothing. The app has no teardown functions."""


@lru_cache(maxsize=_HOSTS_MAX)
def _server_name(map_: Map, scheme: str, host: str | None, server: tuple[str, int | None] | None) -> str:
    """Return the host of a request, as Flask checks it."""
    environ: dict[str, typing.Any] = {"wsgi.url_scheme": scheme}
    if host is not None:
        environ["HTTP_HOST"] = host
    if server is not None:
        environ |= {"SERVER_NAME": server[0], "SERVER_PORT": server[1]}
    return map_.bind(get_host(environ)).server_name
