"""Gateway: the WSGI app behind an event loop, so that slow clients occupy no thread.

The event loop waits for clients, with timeouts. Threads run the app and compute the parts of streamed responses.
"""

from __future__ import annotations

import asyncio
import sys
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from multiprocessing.util import Finalize
from queue import SimpleQueue
from threading import Event, Thread
from urllib.parse import unquote_to_bytes

from werkzeug.wsgi import ClosingIterator

from api.http import logs
from api.http.response_cache import EncodedHeaders, Hit, encode_headers
from api.http.slow_clients import CUT, TooManyUploads

# A client must send or receive so many bytes within the timeout.
_PART = 65_536
# The maximum of requests in one process whose body is longer than one part. Each occupies a thread and a connection.
_UPLOADS_MAX = 8
# More streams than this compute their parts in turns.
_STREAM_THREADS = 3

# The variables of the WSGI environment that are the same for all requests.
_CONSTANTS = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    # The end of the input is the end of the body, which Werkzeug has to know for chunked bodies.
    "wsgi.input_terminated": True,
}

_Result = typing.TypeVar("_Result")
_Message = dict[str, typing.Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Coroutine[typing.Any, typing.Any, None]]
_Environ = dict[str, typing.Any]
# Status, headers, the first part of the body, and the rest of a body of unknown length.
_Response = tuple[int, EncodedHeaders, bytes, ClosingIterator | None]
Find = Callable[[_Environ], Hit | None]


class _Body:
    """The request body. A thread reads it, and the event loop receives it."""

    def __init__(self, receive: _Receive, seconds: float):
        self._receive, self._seconds = receive, seconds
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self.complete = False
        self.error: OSError | None = None

    async def receive_part(self) -> None:
        """Receive the next part. Set `error` if the client is too slow or disconnects."""
        part = bytearray(self._received)
        end = len(part) + _PART
        try:
            async with asyncio.timeout(self._seconds):
                while not self.complete and len(part) < end:
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionResetError
                    part += message["body"]
                    self.complete = not message["more_body"]
        except OSError as error:
            self.error = error
        self._received = bytes(part)

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, or the whole rest. Raise OSError if the client is too slow or disconnects."""
        while not self.complete and not self.error and (size < 0 or not self._received):
            asyncio.run_coroutine_threadsafe(self.receive_part(), self._loop).result()
        if self.error and (size < 0 or not self._received):
            raise self.error
        end = len(self._received) if size < 0 else size
        data, self._received = self._received[:end], self._received[end:]
        return data


class _Threads:
    """Threads that run functions for the event loop. They need half the CPU time of a ThreadPoolExecutor."""

    def __init__(self, number: int):
        # A future, the function that returns its result, and the arguments. None ends a thread.
        self._calls: SimpleQueue[
            tuple[asyncio.Future[typing.Any], Callable[..., typing.Any], tuple[typing.Any, ...]] | None
        ]
        self._calls = SimpleQueue()
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(number)]
        for thread in self._threads:
            thread.start()
        # The server does not wait for a request whose client has left. Its call ends before the database closes.
        Finalize(None, self._end, exitpriority=1)

    def call(self, function: Callable[..., _Result], *arguments: typing.Any) -> asyncio.Future[_Result]:
        """Call the function in the next free thread."""
        future: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        self._calls.put((future, function, arguments))
        return future

    def _run(self) -> None:
        while call := self._calls.get():
            future, function, arguments = call
            try:
                end, outcome = future.set_result, function(*arguments)
            except BaseException as error:
                end, outcome = future.set_exception, error
            # The loop is closed if the server has stopped.
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(end, outcome)
            # A waiting thread keeps no response in memory.
            del call, future, function, arguments, end, outcome

    def _end(self) -> None:
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()


class Gateway:
    """An ASGI app that calls a WSGI app.

    - `threads` is the number of threads that run the app.
    - `seconds` is the time in which a client must send or receive one part of a body.
    - `find` returns the stored response to a request without a body, and never waits. The app is then not called.
    """

    def __init__(self, app: typing.Any, *, threads: int, seconds: float, find: Find | None = None):
        self._app, self._seconds, self._find = app, seconds, find
        self._threads = _Threads(threads)
        self._upload_threads = _Threads(_UPLOADS_MAX)
        # A stream whose client leaves releases its resources, although all other threads are busy.
        self._stream_threads = _Threads(_STREAM_THREADS)
        # Health checks do not wait for other requests.
        self._health_thread = _Threads(1)
        self._uploads = 0

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Respond to one request."""
        environ = _environ(scope)
        body = await self._receive_body(environ, receive) if _has_body(environ) else None
        hit = None
        # A log line that waits for its reader waits in a thread.
        if self._find is not None and body is None and not logs.would_wait():
            hit = self._find(environ)
        if hit is not None:
            status, headers, first, rest = hit.stored.outcome.status, hit.encoded_headers, hit.stored.body, None
        else:
            status, headers, first, rest = await self._respond(environ, body)
        start = {"type": "http.response.start", "status": status, "headers": headers}
        if rest is None:
            await send(start)
            await send({"type": "http.response.body", "body": first})
            return
        try:
            await send(start)
            await self._stream(first, rest, environ.get(CUT) or Event(), receive, send)
        finally:
            await asyncio.shield(self._stream_threads.call(rest.close))

    async def _receive_body(self, environ: _Environ, receive: _Receive) -> _Body:
        """Return the request body with its first part."""
        body = environ["wsgi.input"] = _Body(receive, self._seconds)
        # A client that expects a 100 sends nothing if the app rejects the headers.
        if "HTTP_EXPECT" not in environ:
            await body.receive_part()
        return body

    async def _respond(self, environ: _Environ, body: _Body | None) -> _Response:
        """Call the app in a thread."""
        if body is None or body.complete or body.error:
            threads = self._health_thread if environ["PATH_INFO"] == "/healthz" else self._threads
            return await threads.call(self._call, environ)
        if self._uploads >= _UPLOADS_MAX:
            body.error = TooManyUploads()
            return await self._threads.call(self._call, environ)
        self._uploads += 1
        try:
            return await self._upload_threads.call(self._call, environ)
        finally:
            self._uploads -= 1

    def _call(self, environ: _Environ) -> _Response:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        parts = ClosingIterator(self._app(environ, lambda *arguments: started.append(arguments[:2])))
        rest: ClosingIterator | None = None
        try:
            first = next(filter(None, parts), b"")
            status, pairs = started[-1]
            headers = encode_headers(pairs)
            if first and b"content-length" not in dict(headers):
                rest = parts
            else:
                first = b"".join([first, *parts])
            return int(status[:3]), headers, first, rest
        finally:
            if rest is None:
                parts.close()

    async def _stream(self, first: bytes, rest: Iterator[bytes], cut: Event, receive: _Receive, send: _Send) -> None:
        """Send a response of unknown length until the client leaves. If it receives too slowly, cut the response."""
        loop, disconnected = asyncio.get_running_loop(), asyncio.ensure_future(_disconnect(receive))
        last: asyncio.Future[bytes] | None = None

        def end_early() -> None:
            """Let the app release its resources. Its last words wait for the client without a thread."""
            nonlocal last
            cut.set()
            last = self._stream_threads.call(next, rest, b"")

        try:
            async for part in self._parts(first, rest):
                # A timer takes a tenth of the time of a task. If the client leaves, the server ends the wait.
                timer = loop.call_later(self._seconds, end_early)
                try:
                    await send(_body_message(part))
                finally:
                    timer.cancel()
                if last is not None:
                    await send(_body_message(await last))
                if last is not None or disconnected.done():
                    # Without its end, the response is incomplete for the client, too.
                    return
            await send({"type": "http.response.body", "body": b""})
        finally:
            disconnected.cancel()

    async def _parts(self, first: bytes, rest: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Yield a response in parts of limited length."""
        chunk: bytes | None = first
        while chunk is not None:
            for start in range(0, len(chunk), _PART):
                yield chunk[start : start + _PART]
            chunk = await self._stream_threads.call(next, rest, None)


async def _disconnect(receive: _Receive) -> None:
    """Return when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _has_body(environ: _Environ) -> bool:
    """Return whether a request has a body."""
    if length := environ.get("CONTENT_LENGTH"):
        return bool(length != "0")
    # HTTP/2 marks the end of a body without a header.
    return "HTTP_TRANSFER_ENCODING" in environ or environ["SERVER_PROTOCOL"] == "HTTP/2"


def _body_message(part: bytes) -> _Message:
    return {"type": "http.response.body", "body": part, "more_body": True}


@lru_cache(maxsize=1024)
def _variable(name: bytes) -> str:
    """Return the name of a header in the WSGI environment."""
    variable = name.decode("latin-1").upper().replace("-", "_")
    return variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}"


def _environ(scope: _Message) -> _Environ:
    """Return the WSGI environment of a request (PEP 3333)."""
    path = scope["raw_path"]
    environ = {
        **_CONSTANTS,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0],
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": scope["server"][1],
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
    }
    for name, value in scope["headers"]:
        # X_Forwarded_For has the variable of X-Forwarded-For, but proxies do not check it.
        if b"_" not in name:
            variable, text = _variable(name), value.decode("latin-1")
            separator = "; " if variable == "HTTP_COOKIE" else ","
            environ[variable] = f"{environ[variable]}{separator}{text}" if variable in environ else text
    return environ
