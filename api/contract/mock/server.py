"""Serving: a small HTTP server with a thread a connection, which it keeps open, until it is told to end."""

from __future__ import annotations

import signal
import socketserver
import threading
import typing

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from api.contract.mock.wsgi import Environ

Application = typing.Callable[[Environ, typing.Callable[..., object]], typing.Iterable[bytes]]


class _Handler(WSGIRequestHandler):
    """Werkzeug's, with connections kept: the bodies of requests are read to their end here, and answers are whole."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "onrecord-mock"
    sys_version = ""

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        answer: list[typing.Any] = []
        app = typing.cast("Application", self.server.app)
        try:
            chunks = app(self.make_environ(), lambda status, headers: answer.extend((status, headers)))
        except Exception:
            # What was promised cannot be sent, and who waits for it has to see that.
            self.close_connection = True
            raise
        status, headers = answer
        body = b"".join(chunks)
        code, phrase = status.split(" ", 1)
        self.send_response(int(code), phrase)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD" and "content-length" not in names and code not in ("204", "304"):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection and "connection" not in names:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        """Nothing: the report has it."""


def _starting(*_: object) -> typing.Iterable[bytes]:
    """What a server has for an application until it is told of one; nobody is answered before."""
    return ()


def listen(host: str, port: int) -> BaseWSGIServer:
    """A server that has its port, 0 being any that is free, and waits for its application."""
    server = make_server(host, port, _starting, threaded=True, request_handler=_Handler)
    typing.cast("socketserver.ThreadingMixIn", server).daemon_threads = True
    return server


def serve(server: BaseWSGIServer, app: Application, ready: typing.Callable[[], None]) -> None:
    """Serve an application until SIGTERM or SIGINT; `ready` is called when both will be heard."""
    server.app = app

    def end(*_: object) -> None:
        # The loop is ended from beside it: it waits for whoever ends it from within.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    ready()
    # Werkzeug's own way ends on Ctrl+C with a line of its own.
    socketserver.BaseServer.serve_forever(server, poll_interval=0.1)
    server.server_close()
