"""Server for tests: a WSGI app with the faults that onrecord's app does not have, behind the gateway.

python -m tests.support.gateway_server PORT
"""

from __future__ import annotations

import json
import sys
import threading
import time

from granian import Granian
from granian.constants import Interfaces

from api.cli.gateway import Gateway

STREAMED = {"opened": 0, "closed": 0}
RELEASED = threading.Event()


class Stream:
    """A response body without an end, or with an error."""

    def __init__(self, *, fails):
        self._fails = fails
        STREAMED["opened"] += 1

    def __iter__(self):
        yield b"first\n"
        if self._fails:
            raise ValueError("the stream is broken")
        while True:
            time.sleep(0.01)
            yield b"x" * 1000

    def close(self):
        STREAMED["closed"] += 1


def app(environ, start_response):
    """Respond to the paths that the tests use."""
    path, headers = environ["PATH_INFO"], [("Content-Type", "text/plain")]
    if path == "/error":
        raise ValueError("the app is broken")
    if path.startswith("/stream"):
        start_response("200 OK", headers)
        return Stream(fails=path.endswith("/error"))
    if path == "/hold":
        RELEASED.wait(60)
    if path == "/late":
        log("the late call began")
        time.sleep(2)
        log("the late call ended")
    if environ["QUERY_STRING"] == "release":
        RELEASED.set()
    body = environ["wsgi.input"].read().decode() if path == "/body" else ""
    texts = {name: value for name, value in environ.items() if isinstance(value, str)}
    content = json.dumps({"environ": texts, "body": body, "streamed": STREAMED}).encode()
    return late(start_response, [*headers, ("Content-Length", str(len(content)))], content)


def log(line):
    print(line, file=sys.stderr, flush=True)


def late(start_response, headers, content):
    """Yield the parts of a response whose status comes late."""
    yield b""
    start_response("200 OK", headers)
    yield content[:10]
    yield content[10:]


def main():
    Granian(
        "gateway",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGINL,
        log_access=False,
        websockets=False,
    ).serve(target_loader=lambda: Gateway(app, threads=2, seconds=30), wrap_loader=False)


if __name__ == "__main__":
    main()
