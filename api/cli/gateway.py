"""Gateway: the WSGI app behind an event loop, so that slow clients occupy no thread.

The event loop waits for clients, with timeouts. Threads run the app and compute the parts of streamed responses.
"""

from __future__ import annotations

import asyncio
import sys
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event
from urllib.parse import unquote_to_bytes

from api.http.slow_clients import CUT, TooManyUploads

# A client must send or receive so many bytes within the timeout.
_PART = 65_536
# The maximum of requests in one process whose body is longer than one part. Each occupies a thread and a connection.
_UPLOADS_MAX = 8

_Message = dict[str, typing.Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Coroutine[typing.Any, typing.Any, None]]
_Environ = dict[str, typing.Any]
_Headers = list[tuple[bytes, bytes]]
# Status, headers, the first part of the body, and the rest of a body of unknown length.
_Response = tuple[int, _Headers, bytes, Iterator[bytes] | None]


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


class Gateway:
    """An ASGI app that calls a WSGI app.

    - `threads` is the number of threads that run the app.
    - `seconds` is the time in which a client must send or receive one part of a body.
    """

    def __init__(self, app: typing.Any, *, threads: int, seconds: float):
        self._app, self._seconds = app, seconds
        self._threads = ThreadPoolExecutor(threads)
        self._upload_threads = ThreadPoolExecutor(_UPLOADS_MAX)
        # Health checks do not wait for other requests.
        self._health_thread = ThreadPoolExecutor(1)
        self._uploads = 0

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Respond to one request."""
        environ = _environ(scope)
        cut = environ[CUT] = Event()
        body = await self._receive_body(environ, receive)
        status, headers, first, rest = await self._respond(environ, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if rest is None:
            await send({"type": "http.response.body", "body": first})
            return
        try:
            await self._stream(first, rest, cut, receive, send)
        finally:
            if close := getattr(rest, "close", None):
                await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, close))

    async def _receive_body(self, environ: _Environ, receive: _Receive) -> _Body | None:
        """Return the request body, if there is one, with its first part."""
        if environ.get("CONTENT_LENGTH", "0") == "0" and "HTTP_TRANSFER_ENCODING" not in environ:
            environ["wsgi.input"] = BytesIO()
            return None
        body = environ["wsgi.input"] = _Body(receive, self._seconds)
        # A client that expects a 100 sends nothing if the app rejects the headers.
        if "HTTP_EXPECT" not in environ:
            await body.receive_part()
        return body

    async def _respond(self, environ: _Environ, body: _Body | None) -> _Response:
        """Call the app in a thread."""
        loop = asyncio.get_running_loop()
        if body is None or body.complete or body.error:
            threads = self._health_thread if environ["PATH_INFO"] == "/healthz" else self._threads
            return await loop.run_in_executor(threads, self._call, environ)
        if self._uploads >= _UPLOADS_MAX:
            body.error = TooManyUploads()
            return await loop.run_in_executor(self._threads, self._call, environ)
        self._uploads += 1
        try:
            return await loop.run_in_executor(self._upload_threads, self._call, environ)
        finally:
            self._uploads -= 1

    def _call(self, environ: _Environ) -> _Response:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        result = self._app(environ, lambda *arguments: started.append(arguments[:2]))
        streamed = False
        try:
            parts = iter(result)
            first = next(filter(None, parts), b"")
            status, pairs = int(started[-1][0][:3]), started[-1][1]
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
            streamed = bool(first) and not any(name.lower() == "content-length" for name, _ in pairs)
            return (status, headers, first, parts) if streamed else (status, headers, b"".join([first, *parts]), None)
        finally:
            if not streamed and (close := getattr(result, "close", None)):
                close()

    async def _stream(self, first: bytes, rest: Iterator[bytes], cut: Event, receive: _Receive, send: _Send) -> None:
        """Send a response of unknown length until the client leaves. If it receives too slowly, cut the response."""
        loop = asyncio.get_running_loop()
        disconnected = asyncio.ensure_future(_disconnect(receive))
        try:
            async for part in self._parts(first, rest):
                sending = asyncio.ensure_future(send(_body_message(part)))
                await asyncio.wait({sending, disconnected}, timeout=self._seconds, return_when="FIRST_COMPLETED")
                if not sending.done() and not disconnected.done():
                    # The app releases its resources. Its last words wait for the client without a thread.
                    cut.set()
                    last = await loop.run_in_executor(self._threads, next, rest, b"")
                    await asyncio.wait({sending, disconnected}, return_when="FIRST_COMPLETED")
                    if sending.done():
                        await send(_body_message(last))
                if cut.is_set() or disconnected.done():
                    sending.cancel()
                    # Without its end, the response is incomplete for the client, too.
                    return
            await send({"type": "http.response.body", "body": b""})
        finally:
            disconnected.cancel()

    async def _parts(self, first: bytes, rest: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Yield a response in parts of limited length."""
        loop = asyncio.get_running_loop()
        chunk: bytes | None = first
        while chunk is not None:
            for start in range(0, len(chunk), _PART):
                yield chunk[start : start + _PART]
            chunk = await loop.run_in_executor(self._threads, next, rest, None)


async def _disconnect(receive: _Receive) -> None:
    """Return when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _body_message(part: bytes) -> _Message:
    return {"type": "http.response.body", "body": part, "more_body": True}


def _environ(scope: _Message) -> _Environ:
    """Return the WSGI environment of a request (PEP 3333)."""
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0],
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": scope["server"][1],
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        # The end of the input is the end of the body, which Werkzeug has to know for chunked bodies.
        "wsgi.input_terminated": True,
    }
    for name, value in scope["headers"]:
        variable = name.decode("latin-1").upper().replace("-", "_")
        if variable not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            variable = f"HTTP_{variable}"
        text = value.decode("latin-1")
        environ[variable] = f"{environ[variable]},{text}" if variable in environ else text
    return environ
