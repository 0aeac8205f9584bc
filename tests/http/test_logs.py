"""Logs: one line of JSON for each request, errors with traceback and request id, and no secrets."""

from __future__ import annotations

import io
import json
import logging
import sys
import urllib.request
from types import SimpleNamespace

import flask
import pytest
from flask import Response
from flask.testing import FlaskClient

from api.http.logs import log
from tests.conftest import app_on
from tests.support.live_server import ONRECORD, environment, free_port, run_server

SECRET = "onrecord_zqRt7sPw3nVx0kLm5yBd"


@pytest.fixture
def logged(capsys):
    """Return a function that returns the lines since its last call."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.fixture
def breakable(databases, monkeypatch):
    """Return a client of an app with a route that fails with a secret in its error."""
    # As in a server: where pytest listens, Flask adds no handler of its own.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("onrecord"), "handlers", [])
    app = app_on(databases.new("seeded"))

    @app.route("/broken", methods=["GET", "POST"])
    def broken():
        sent = SECRET
        raise RuntimeError(f"cannot use Bearer {sent} at postgresql://someone:hunter2@db.example/x")

    yield FlaskClient(app, Response)
    app.extensions["onrecord"].close()


def test_a_request_is_one_line_with_its_result(seeded, logged):
    response = seeded.get("/v1/quotes?limit=1", headers={"X-Request-Id": "find-me"})
    (line,) = logged()
    assert line.pop("duration_ms") > 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "request",
        "method": "GET",
        "path": "/v1/quotes",
        "status": response.status_code,
        "operation": "listQuotes",
        "request_id": "find-me",
        "key": None,
    }


@pytest.mark.parametrize(
    ("asked", "status", "operation"),
    [
        ("HEAD /v1/quotes/aliyev-no-basis", 200, "getQuote"),
        ("GET /v1/quotes/nothing", 404, "getQuote"),
        ("GET /v1/quotes?nonsense=1", 422, "listQuotes"),
        (f"GET /v1/quotes?claimant={'a' * 40_000}", 414, "listQuotes"),
        ("DELETE /v1/quotes", 405, None),
        ("GET /docs", 200, None),
        ("GET /nothing", 404, None),
    ],
)
def test_every_response_has_a_line(seeded, logged, asked, status, operation):
    method, path = asked.split(" ")
    response = seeded.open(path, method=method)
    (line,) = logged()
    assert (line["method"], line["status"], line["operation"]) == (method, status, operation)
    assert line["path"] == path.partition("?")[0]
    assert line["request_id"] == response.headers["X-Request-Id"]


def test_a_line_names_the_key_by_its_id(databases, logged):
    app = app_on(databases.new("empty"))

    @app.before_request
    def look_at_the_key():
        flask.request.key = SimpleNamespace(id="newsroom", token=SECRET)

    app.test_client().get("/v1/quotes")
    assert logged()[-1]["key"] == "newsroom"
    app.extensions["onrecord"].close()


def test_a_failure_is_logged_with_its_trace_under_the_id_that_the_client_has(breakable, logged):
    response = breakable.get("/broken")
    failure, request = logged()
    assert failure["level"] == "error"
    assert "RuntimeError" in failure["exception"]
    assert "test_logs.py" in failure["exception"]
    assert failure["request_id"] == request["request_id"] == response.json["request_id"]
    assert request["status"] == 500


@pytest.mark.parametrize("path", ["/v1/quotes", "/v1/quotes/nothing", "/nothing", "/broken", f"/v1/quotes/{SECRET}"])
@pytest.mark.parametrize("terminal", [False, True], ids=["lines", "terminal"])
def test_logs_have_no_keys_passwords_or_bodies(breakable, monkeypatch, path, terminal):
    stderr = io.StringIO()
    stderr.isatty = lambda: terminal
    monkeypatch.setattr(sys, "stderr", stderr)
    headers = {"Authorization": f"Bearer {SECRET}", "X-Request-Id": "find-me", "Cookie": "session=inside"}
    where = {"REMOTE_ADDR": "192.0.2.250"}
    for method in "GET POST":
        breakable.open(
            f"{path}?key={SECRET}&claimant=inside&x=inside",
            method=method,
            headers=headers,
            json={"text": "inside"},
            environ_base=where,
        )
    logged = stderr.getvalue()
    assert logged.count("find-me") >= 2
    for word in (SECRET, SECRET.removeprefix("onrecord_"), "hunter2", "inside", "192.0.2.250"):
        assert word not in logged


def test_a_request_cannot_forge_a_line(seeded, logged, monkeypatch):
    path = '/v1/quotes/a%0a{"event":"forged"}%1b[31mred'
    seeded.get(path)
    (line,) = logged()
    assert line["path"] == "/v1/quotes/a%0A%7B%22event%22%3A%22forged%22%7D%1B%5B31mred"
    stderr = io.StringIO()
    stderr.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stderr)
    seeded.get(path)
    assert len(stderr.getvalue().splitlines()) == 1
    assert "[31mred" not in stderr.getvalue()


def test_a_path_as_long_as_a_server_takes_is_cut(seeded, logged):
    seeded.get(f"/v1/quotes/{'x' * 9000}")
    assert len(logged()[0]["path"]) == 500


def test_flask_logs_to_the_same_log(breakable, logged):
    breakable.application.logger.warning("about %s", f"Bearer {SECRET}")
    (line,) = logged()
    assert (line["level"], line["event"]) == ("warning", "about Bearer onrecord_…")


def test_on_a_terminal_a_line_is_readable_and_a_trace_shows_no_values(monkeypatch):
    stderr = io.StringIO()
    stderr.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stderr)
    inside = "a value"
    try:
        raise RuntimeError("broken")
    except RuntimeError as error:
        log.error("failed", path="/v1/quotes", exc_info=error)
    reported = stderr.getvalue()
    assert not reported.startswith("{")
    for word in ("failed", "/v1/quotes", "RuntimeError: broken"):
        assert word in reported
    assert inside not in reported.replace('inside = "a value"', "")


@pytest.mark.slow
def test_the_server_logs_to_stderr(tmp_path, databases):
    port, file = free_port(), tmp_path / "log"
    env = environment(database_url=databases.new("seeded"))
    with run_server((*ONRECORD, "serve", "--port", str(port)), tmp_path, port, env, file) as root:
        for number in range(5):
            request = urllib.request.Request(f"{root}/v1/quotes?key={SECRET}x{number}&limit=1")
            with pytest.raises(urllib.error.HTTPError) as rejected:
                urllib.request.urlopen(request)
            assert rejected.value.headers["RateLimit"]
            rejected.value.close()
    lines = [json.loads(line) for line in file.read_text().splitlines() if line.startswith("{")]
    assert [line["status"] for line in lines if line["operation"] == "listQuotes"] == [422] * 5
    assert SECRET not in file.read_text()
