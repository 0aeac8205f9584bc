"""Health checks and metrics."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from sqlalchemy import text

from tests.conftest import app_on
from tests.support.live_server import ONRECORD, environment, free_port, run_server

OURS = ("/healthz", "/readyz", "/metrics")


def samples(exposition):
    """Return the samples of a metrics response: values by names with labels."""
    actual = re.findall(r"^(onrecord_\w+)\{(.*?)\} ([0-9.e+-]+)$", exposition, re.MULTILINE)
    return {(name, labels): float(value) for name, labels, value in actual}


def counted(exposition, **expected):
    """Return the number of requests with these labels."""
    return sum(
        value
        for (name, labels), value in samples(exposition).items()
        if name == "onrecord_requests_total" and all(f'{label}="{one}"' in labels for label, one in expected.items())
    )


@pytest.fixture
def fresh(databases):
    """Return a client of an app without previous requests."""
    app = app_on(databases.new("seeded"))
    yield app.test_client()
    app.extensions["onrecord"].close()


def test_a_database_with_its_tables_is_ready(seeded):
    for path in ("/healthz", "/readyz"):
        response = seeded.get(path)
        assert (response.status_code, response.json["status"]) == (200, "ok")
        assert response.headers["Cache-Control"] == "no-store"
        assert seeded.head(path).status_code == 200


def test_a_health_check_with_a_key_does_not_need_the_database():
    client = app_on("sqlite:////no/such/folder/of/onrecord.db").test_client()
    headers = {"Authorization": "Bearer onrecord_of_the_probe"}
    assert client.get("/readyz", headers=headers).status_code == 503
    assert client.get("/healthz", headers=headers).status_code == 200


def test_an_outdated_database_is_not_ready_and_names_the_command_to_run(databases):
    app = app_on(databases.new("empty"))
    with app.extensions["onrecord"].writing() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    client = app.test_client()
    response = client.get("/readyz")
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert "onrecord db upgrade" in response.json["detail"]
    assert int(response.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200
    app.extensions["onrecord"].close()


@pytest.mark.parametrize("address", ["postgresql://u:p@127.0.0.1:{port}/x", "sqlite:////no/such/folder/onrecord.db"])
def test_without_a_database_the_process_is_well_and_not_ready(address):
    client = app_on(address.format(port=free_port())).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json["code"] == "unavailable"
    assert client.get("/metrics").status_code == 200


def test_health_checks_are_neither_logged_nor_counted_nor_limited(databases, capsys):
    app = app_on(databases.new("empty"), rate_limit="1/minute")
    client = app.test_client()
    for path in OURS * 3:
        assert client.get(path).status_code == 200
    assert capsys.readouterr().err == ""
    assert not samples(client.get("/metrics").text)
    app.extensions["onrecord"].close()


def test_requests_are_counted_by_operation_method_and_status_and_timed(fresh):
    tag = fresh.get("/v1/quotes").headers["ETag"]
    fresh.get("/v1/quotes", headers={"If-None-Match": tag})
    fresh.head("/v1/quotes")
    fresh.get("/v1/quotes/nothing")
    fresh.get("/docs")
    fresh.get("/nothing")
    response = fresh.get("/metrics")
    assert response.mimetype == "text/plain"
    for labels, count in (
        ({"operation": "listQuotes"}, 3),
        ({"operation": "listQuotes", "method": "GET", "status": "200"}, 1),
        ({"operation": "listQuotes", "method": "GET", "status": "304"}, 1),
        ({"operation": "listQuotes", "method": "HEAD"}, 1),
        ({"operation": "getQuote", "status": "404"}, 1),
        ({"operation": "page"}, 2),
    ):
        assert counted(response.text, **labels) == count, labels
    reported = samples(response.text)
    assert reported["onrecord_request_seconds_count", 'operation="listQuotes",version="v1"'] == 3
    assert reported["onrecord_request_seconds_sum", 'operation="listQuotes",version="v1"'] > 0
    assert reported["onrecord_request_seconds_bucket", 'le="+Inf",operation="listQuotes",version="v1"'] == 3


def test_clients_cannot_add_time_series(fresh):
    for number in range(5):
        fresh.open(f"/made/up/{number}", method=f"MADEUP{number}")
        fresh.get(f"/v1/quotes/made-up-{number}?x={number}")
    reported = fresh.get("/metrics").text
    assert "MADEUP" not in reported
    assert "made" not in reported
    assert counted(reported, method="other") == 5
    assert len([name for name, _ in samples(reported) if name == "onrecord_requests_total"]) == 2


def test_each_app_counts_for_itself(databases):
    apps = [app_on(databases.new("empty")) for _ in range(2)]
    for _ in range(3):
        apps[0].test_client().get("/v1/quotes")
    assert [counted(app.test_client().get("/metrics").text) for app in apps] == [3, 0]
    for app in apps:
        app.extensions["onrecord"].close()


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_processes_of_one_server_count_together(tmp_path, databases, workers):
    port, log = free_port(), tmp_path / "log"
    env = environment(database_url=databases.new("seeded"), rate_limit="")
    command = (*ONRECORD, "serve", "--port", str(port), "--workers", workers)
    with run_server(command, tmp_path, port, env, log) as root:

        def get(path):
            with urllib.request.urlopen(f"{root}{path}") as response:
                return response.read().decode()

        assert json.loads(get("/readyz"))["status"] == "ok"
        for _ in range(40):
            get("/v1/quotes?limit=1")
        for _ in range(10):
            assert counted(get("/metrics"), operation="listQuotes", status="200") == 40
    assert "Traceback" not in log.read_text()
    assert len([line for line in log.read_text().splitlines() if '"listQuotes"' in line]) == 40
