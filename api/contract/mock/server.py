"""A small HTTP server that keeps connections open, with one thread per connection."""

from __future__ import annotations

import signal
import socketserver
import threading
import typing
from collections.abc import Callable

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _RequestHandler(WSGIRequestHandler):
    """Werkzeug's handler with persistent connections. The app must read each request body to its end."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "onrecord-mock"
    sys_version = ""

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not self.headers.get("Content-Length", "0").isdecimal():
            # The start of the next request is unknown.
            self.close_connection = True
        body, status, headers = run_wsgi_app(self.server.app, self.make_environ(), buffered=True)
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection and "Connection" not in headers:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"".join(body))

    def log_request(self, *_: object) -> None:
        """Log nothing. The report lists requests."""


def listen(host: str, port: int) -> BaseWSGIServer:
    """Return a server that listens on a port, 0 for any free one. It does not respond before `serve`."""
    return make_server(host, port, Response(), threaded=True, request_handler=_RequestHandler)


def serve(server: BaseWSGIServer, app: WSGIApplication, on_ready: Callable[[], None]) -> None:
    """Serve an application until SIGTERM or SIGINT. Call `on_ready` when the signal handlers are installed."""
    server.app = app

    def stop(*_: object) -> None:
        # `shutdown` waits for the loop, so it must run in another thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    on_ready()
    # Werkzeug's own `serve_forever` would print a line on Ctrl+C.
    socketserver.BaseServer.serve_forever(server, poll_interval=0.1)
    server.server_close()
