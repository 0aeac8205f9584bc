"""Clients with a key that write to an app in this process, or to a real server over HTTP."""

from __future__ import annotations

import http.client
import threading
import time
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from api.store.database import Store
from api.store.keys import create
from tests.support.live_server import ONRECORD, environment, free_port, run_server

JSON, MERGE_PATCH, NDJSON, TEXT = (
    "application/json",
    "application/merge-patch+json",
    "application/x-ndjson",
    "text/plain",
)
Result = typing.TypeVar("Result")


def before_writing(
    monkeypatch: pytest.MonkeyPatch, store: Store, act: Callable[[int], object], *, of_import: bool = False
) -> list[int]:
    """Call `act` when a write is checked and is about to acquire the lock. Return the list of attempts.

    With `of_import`, only the transaction in which an import stores its lines counts: it has its own connection.
    """
    original, attempts = store.writing, list[int]()

    @contextmanager
    def overtaken(connection: typing.Any = None, **options: typing.Any) -> Iterator[typing.Any]:
        if connection is not None or not of_import:
            attempts.append(len(attempts) + 1)
            with monkeypatch.context() as undone:
                undone.setattr(store, "writing", original)
                act(attempts[-1])
        with original(connection, **options) as opened:
            yield opened

    monkeypatch.setattr(store, "writing", overtaken)
    return attempts


@dataclass(frozen=True)
class ClientResponse:
    """The status, headers and body of a response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> typing.Any:
        return orjson.loads(self.body)


# Function that sends a request: method, path, body and headers. It returns the response.
Client = Callable[..., ClientResponse]


def create_key(store: Store, name: str = "tests") -> str:
    """Create a key with all scopes."""
    with store.writing() as connection:
        return create(connection, name, {"claims:write", "texts:read"}, None)


def app_client(app, token: str) -> Client:
    """Return a client of an app in this process. Each thread needs another one."""
    client = app.test_client()

    def ask(method: str, path: str, body: bytes | None = None, **headers: str | None) -> ClientResponse:
        got = client.open(path, method=method, data=body, headers=_named(token, headers))
        return ClientResponse(got.status_code, got.headers, got.get_data())

    return ask


@contextmanager
def server_client(root: str, token: str) -> Iterator[Client]:
    """Return a client of a real server, on one connection. Each thread needs another one."""
    connection = http.client.HTTPConnection(urlsplit(root).netloc, timeout=60)

    def ask(method: str, path: str, body: bytes | None = None, **headers: str | None) -> ClientResponse:
        connection.request(method, path, body, _named(token, headers))
        got = connection.getresponse()
        return ClientResponse(got.status, got.headers, got.read())

    try:
        yield ask
    finally:
        connection.close()


def _named(token: str, headers: Mapping[str, str | None]) -> dict[str, str]:
    """Return headers by names in which underscores are replaced by hyphens, without those that are None."""
    named = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return {name: value for name, value in named.items() if value is not None}


@contextmanager
def running_server(url: str, folder: Path, *, workers: int) -> Iterator[str]:
    """Start a real server on a database, with so many worker processes."""
    port, log = free_port(), folder / "log"
    command = (*ONRECORD, "serve", "--port", str(port), "--workers", str(workers))
    with run_server(command, folder, port, environment(database_url=url, rate_limit=""), log) as root:
        # The first process responds before the others have started, and those lose a signal that comes too early.
        wait_until(lambda: log.read_text().count("Started worker") == workers)
        yield root


def wait_until(done: Callable[[], bool], *, every: float = 0.02) -> None:
    """Poll until a condition is true, at most for a minute."""
    last = time.monotonic() + 60
    while time.monotonic() < last:
        if done():
            return
        time.sleep(every)
    raise AssertionError("still not so after a minute")


def run_concurrently(tasks: Iterable[Callable[[], Result]]) -> list[Result]:
    """Run tasks concurrently, each in a thread, and return their results."""
    waiting = list(tasks)
    barrier = threading.Barrier(len(waiting))

    def run(task: Callable[[], Result]) -> Result:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


def put(ask: Client, path: str, fields: Mapping[str, typing.Any], **headers: str) -> ClientResponse:
    """PUT a record without the type that a line of an import has."""
    body = {name: value for name, value in fields.items() if name != "type"}
    return ask("PUT", path, orjson.dumps(body), Content_Type=JSON, **headers)
