"""Incomplete request bodies, over a real server: the response is 400, and nothing is stored."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import uuid
from contextlib import closing
from http.client import HTTPResponse
from types import SimpleNamespace
from urllib.parse import urlsplit

import orjson
import pytest

from api.store.database import Store
from tests.support.generated_records import article
from tests.support.openapi import OPERATIONS
from tests.support.writers import create_key, put, running_server, server_client, wait_until

PATH = "/v1/articles/an-article-without-a-hash"
TEXT = b"The text of an article. It has two sentences."
LINE_IDS = ("first-line", "second-line")
LINES = [orjson.dumps(article(name)) + b"\n" for name in LINE_IDS]
IMPORT = OPERATIONS["importRecords"]
NDJSON = {"Content-Type": "application/x-ndjson"}

# A request of each operation that takes a body: its target, its headers, and its body in two parts.
# The first part is valid without the second, so only the length shows that the body is incomplete.
REQUESTS = {
    name: (operation.method, operation.url, operation.headers, operation.body, b"\n" * 20)
    for name, operation in OPERATIONS.items()
    if operation.body is not None
} | {
    "putArticleText": ("put", f"{PATH}/text", OPERATIONS["putArticleText"].headers, TEXT[:23], TEXT[23:]),
    "importRecords, lines": ("post", IMPORT.url, NDJSON, *LINES),
    "importRecords, each line, not atomic": ("post", f"{IMPORT.url}?atomic=false", NDJSON, *LINES),
    "importRecords, gzip": (
        "post",
        IMPORT.url,
        {**NDJSON, "Content-Encoding": "gzip"},
        *map(gzip.compress, LINES),
    ),
}


@pytest.fixture(scope="module")
def server(databases, tmp_path_factory):
    """Start a server on a database with the fixtures and an article without a hash."""
    url, folder = databases.new("seeded"), tmp_path_factory.mktemp("incomplete")
    store = Store(url)
    token = create_key(store)
    store.close()
    with running_server(url, folder, workers=1) as root, server_client(root, token) as ask:
        assert put(ask, PATH, article("an-article-without-a-hash")).status == 201
        yield SimpleNamespace(address=urlsplit(root), token=token, ask=ask, log=folder / "log")


@pytest.fixture(params=REQUESTS)
def sent(request):
    """Send a request with a body in two parts."""
    method, url, headers, first, second = REQUESTS[request.param]
    return SimpleNamespace(method=method.upper(), url=url, headers=headers, first=first, second=second)


def connect(server, sent, **headers):
    """Return a connection on which the server waits for the body of a request."""
    connection = socket.create_connection((server.address.hostname, server.address.port), timeout=60)
    sent_headers = {
        "Host": server.address.netloc,
        "Authorization": f"Bearer {server.token}",
        **sent.headers,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{sent.method} {sent.url} HTTP/1.1", *(f"{name}: {value}" for name, value in sent_headers.items())]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def response(connection):
    """Return the response on a connection."""
    reply = HTTPResponse(connection)
    reply.begin()
    return reply.status, orjson.loads(reply.read())


def chunk(body):
    return b"%x\r\n%s\r\n" % (len(body), body)


def stored(server, sent):
    """Return the feed, and the responses for the records that the request is about."""
    record = sent.url.partition("?")[0].removesuffix("/text")
    records = [f"/v1/articles/{name}" for name in LINE_IDS] if record == "/v1/imports" else [record]
    # A problem has the id of its request.
    return [server.ask("GET", path, X_Request_Id="same").body for path in ("/v1/changes?limit=200", *records)]


def test_a_body_with_fewer_bytes_than_announced_is_rejected(server, sent):
    before = stored(server, sent)
    for part in (sent.first, sent.first[: len(sent.first) // 2], b""):
        with closing(connect(server, sent, Content_Length=str(len(sent.first + sent.second)))) as connection:
            connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            status, problem = response(connection)
        assert (status, problem["code"]) == (400, "malformed-body"), part
    assert stored(server, sent) == before


def test_a_chunked_body_without_its_end_is_rejected(server, sent):
    before = stored(server, sent)
    for part in (
        chunk(sent.first),
        chunk(sent.first + sent.second),
        chunk(sent.first) + chunk(sent.second)[:-12],
        chunk(sent.first) + b"no length\r\n",
        b"",
    ):
        with closing(connect(server, sent, Transfer_Encoding="chunked")) as connection:
            connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            status, problem = response(connection)
        assert (status, problem["code"]) == (400, "malformed-body"), part
    assert stored(server, sent) == before


@pytest.mark.parametrize("framing", ["Content-Length", "chunked"])
def test_a_body_on_a_connection_that_is_reset_is_rejected(server, sent, framing):
    before = stored(server, sent)
    id_ = uuid.uuid4().hex
    headers = {"X_Request_Id": id_, "Expect": "100-continue"}
    if framing == "chunked":
        headers["Transfer_Encoding"], part = "chunked", chunk(sent.first)
    else:
        headers["Content_Length"], part = str(len(sent.first + sent.second)), sent.first
    with closing(connect(server, sent, **headers)) as connection:
        # The app reads the body from here on.
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(part)
        # A reset deletes bytes that the server has not received.
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: id_ in server.log.read_text())
    (line,) = [line for line in server.log.read_text().splitlines() if id_ in line]
    assert orjson.loads(line)["status"] == 400
    assert stored(server, sent) == before


@pytest.mark.slow
@pytest.mark.parametrize("framing", ["Content-Length", "chunked"])
def test_the_same_body_is_accepted_if_it_is_complete(server, sent, framing):
    dry = SimpleNamespace(**{**vars(sent), "url": f"{sent.url}{'&' if '?' in sent.url else '?'}dry_run=true"})
    if framing == "chunked":
        headers = {"Transfer_Encoding": "chunked"}
        body = chunk(sent.first) + chunk(sent.second) + b"0\r\n\r\n"
    else:
        body = sent.first + sent.second
        headers = {"Content_Length": str(len(body))}
    with closing(connect(server, dry, **headers)) as connection:
        connection.sendall(body)
        status, reply = response(connection)
    assert status == 200, reply
