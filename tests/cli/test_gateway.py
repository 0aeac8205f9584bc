"""The gateway between the event loop of `onrecord serve` and a WSGI app, over real connections."""

from __future__ import annotations

import json
import socket
import sys
import time
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest

from tests.support.live_server import connect, environment, free_port, received, run_server

pytestmark = pytest.mark.slow

THREADS = 2


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("gateway")) as server:
        yield server


@contextmanager
def serving(folder):
    port, log = free_port(), folder / "log"
    with run_server([sys.executable, "-m", "tests.support.gateway_server", str(port)], None, port, environment(), log):
        yield SimpleNamespace(port=port, log=log)


def content(server, head="", path="/"):
    """Return the JSON with which the app responds to a request with these headers."""
    response = received(connect(server.port, f"GET {path} HTTP/1.1\nHost: x\nConnection: close\n{head}\n"))
    assert response.startswith(b"HTTP/1.1 200 "), response
    return json.loads(response.split(b"\r\n\r\n", 1)[1])


def wait_for_closed_streams(server):
    """Wait until the app has closed all its streams."""
    end = time.monotonic() + 30
    while (streamed := content(server, path="/healthz")["streamed"])["opened"] != streamed["closed"]:
        assert time.monotonic() < end, streamed
        time.sleep(0.05)


def wait_for_log(server, text):
    end = time.monotonic() + 30
    while text not in server.log.read_text():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_headers_reach_the_app_as_in_pep_3333(server):
    head = "Accept: a\nACCEPT: b\nCookie: c=1\nCookie: d=2\nContent-Type: text/plain\nX-Latin: \xe9\n"
    environ = content(server, head, "/a%2Fb%FF?q=%C3&r")["environ"]
    values = ["HTTP_HOST", "HTTP_ACCEPT", "HTTP_COOKIE", "CONTENT_TYPE", "HTTP_X_LATIN", "SCRIPT_NAME", "PATH_INFO"]
    assert [environ[name] for name in values] == ["x", "a,b", "c=1; d=2", "text/plain", "\xe9", "", "/a/b\xff"]
    assert environ["QUERY_STRING"] == "q=%C3&r"
    assert environ["SERVER_PORT"] == str(server.port)
    assert (environ["REMOTE_ADDR"], environ["SERVER_PROTOCOL"]) == ("127.0.0.1", "HTTP/1.1")


def test_a_header_with_an_underscore_does_not_pass_for_another_header(server):
    environ = content(server, "X_Forwarded_For: 192.0.2.1\nContent_Length: 5\n")["environ"]
    assert {"HTTP_X_FORWARDED_FOR", "CONTENT_LENGTH"}.isdisjoint(environ)
    environ = content(server, "X-Forwarded-For: 192.0.2.2\nX_Forwarded_For: 192.0.2.1\n")["environ"]
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.2"


def test_an_absolute_target_has_the_path_of_its_url(server):
    environ = content(server, path="http://example.org/a?b")["environ"]
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == ("/a", "b")


def test_an_http_1_0_client_gets_a_response_that_ends_with_the_connection(server):
    response = received(connect(server.port, "GET / HTTP/1.0\n\n"))
    assert response.startswith(b"HTTP/1.0 200 OK\r\n")
    assert json.loads(response.split(b"\r\n\r\n", 1)[1])["environ"]["PATH_INFO"] == "/"


@pytest.mark.parametrize("length", [None, 3])
def test_a_body_over_http_2_reaches_the_app_with_and_without_a_length(server, length):
    headers = {":method": "POST", ":scheme": "http", ":path": "/body", ":authority": "example.org"}
    headers |= {"content-length": str(length)} if length else {}
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, b"", stream=0))
        end_headers, end_stream = 4, 1
        connection.sendall(frame(1, end_headers, b"".join(literal(*header) for header in headers.items())))
        connection.sendall(frame(0, 0, b"ab") + frame(0, end_stream, b"c"))
        data = response_over_http_2(connection.makefile("rb"))
    response = json.loads(data)
    assert response["body"] == "abc"
    assert response["environ"]["HTTP_HOST"] == "example.org"


def frame(type_, flags, payload, stream=1):
    """Return a frame of HTTP/2."""
    return len(payload).to_bytes(3, "big") + bytes([type_, flags]) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    """Return a header of HTTP/2 without compression."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def response_over_http_2(file):
    """Return the body of the first response."""
    data = b""
    while True:
        head = file.read(9)
        payload = file.read(int.from_bytes(head[:3], "big"))
        type_, flags = head[3], head[4]
        if type_ == 0:
            data += payload
        if type_ in (0, 1) and flags & 1:
            return data


def test_an_error_of_the_app_is_a_500_with_a_traceback_in_the_log(server):
    response = received(connect(server.port, "GET /error HTTP/1.1\nHost: x\nConnection: close\n\n"))
    assert response.startswith(b"HTTP/1.1 500 ")
    wait_for_log(server, "ValueError: the app is broken")
    # The threads of the app survive it.
    for _ in range(THREADS * 2):
        assert content(server)["environ"]["PATH_INFO"] == "/"


def test_an_error_in_a_stream_ends_the_connection_without_the_end_of_the_response(server):
    response = received(connect(server.port, "GET /stream/error HTTP/1.1\nHost: x\n\n"))
    assert response.endswith(b"first\n\r\n"), response
    wait_for_closed_streams(server)
    wait_for_log(server, "ValueError: the stream is broken")


def test_a_stream_whose_client_leaves_is_closed_once_although_all_threads_are_busy(server):
    with ExitStack() as stack:
        stream = stack.enter_context(connect(server.port, "GET /stream HTTP/1.1\nHost: x\n\n"))
        assert stream.recv(12) == b"HTTP/1.1 200"
        opened = content(server, path="/healthz")["streamed"]["opened"]
        holds = [
            stack.enter_context(connect(server.port, "GET /hold HTTP/1.1\nHost: x\n\n")) for _ in range(THREADS * 2)
        ]
        stream.close()
        wait_for_closed_streams(server)
        assert content(server, path="/healthz?release")["streamed"] == {"opened": opened, "closed": opened}
        assert [hold.recv(12) for hold in holds] == [b"HTTP/1.1 200"] * len(holds)


def test_more_streams_than_threads_advance_together(server):
    with ExitStack() as stack:
        streams = [
            stack.enter_context(connect(server.port, "GET /stream HTTP/1.1\nHost: x\n\n")) for _ in range(THREADS * 5)
        ]
        for stream in streams:
            size = 0
            while size < 50_000:
                part = stream.recv(65_536)
                assert part
                size += len(part)
    wait_for_closed_streams(server)


def test_a_stop_lets_a_call_end_whose_client_has_left(tmp_path):
    with serving(tmp_path) as server, connect(server.port, "GET /late HTTP/1.1\nHost: x\n\n"):
        wait_for_log(server, "the late call began")
    assert "the late call ended" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
