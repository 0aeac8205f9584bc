"""Function calls and SQL statements of requests, which are the same in each run on each machine.

`python -m tests.support.request_counts --write` writes the figures that tests/http/test_request_counts.py compares.
"""

from __future__ import annotations

import json
import sys
import tempfile
import typing
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path

import orjson
from sqlalchemy import event
from werkzeug.test import EnvironBuilder

from tests import conftest
from tests.support.call_counts import count_calls
from tests.support.generated_records import casualty_reports

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# The function calls of each workload on SQLite, and its SQL statements by database.
Figures = dict[str, dict[str, int]]

FIGURES = Path(__file__).with_name("request_counts.json")
REPORTS = "/v1/casualty-reports"
# Each has a path and the header If-None-Match, which is the ETag if it is True. The last one is repeated by the cache.
REPEATED = "repeated item"
WORKLOADS = {
    "item": (f"{REPORTS}/report-00007", False),
    "page of 20": (REPORTS, False),
    "page of 20 with filters": (f"{REPORTS}?conflict=hill-war&count[gte]=5", False),
    "page of 20 with fields": (f"{REPORTS}?fields=id,count,harm", False),
    "page of 20, not modified": (REPORTS, True),
    "facets": (f"{REPORTS}?facets=claimant,harm&limit=1", False),
    REPEATED: (f"{REPORTS}/report-00008", False),
}
conftest.HELD["counted"] = lambda: [("generated", list(map(orjson.dumps, casualty_reports(300))))]


@contextmanager
def counted_app(databases, workload: str):
    """Yield an app on a database with hundreds of claims, and a function that counts its SQL statements so far."""
    cache = "on" if workload == REPEATED else "off"
    app = conftest.app_on(databases.new("counted"), rate_limit="1000000/minute", cache=cache)
    with closing(app.extensions["onrecord"]) as store, tempfile.TemporaryFile("w+") as trace:
        statements = []

        @event.listens_for(store.engine, "connect")
        def listen(connection, _):
            if store.is_sqlite:
                connection.set_trace_callback(statements.append)
            else:
                connection.pgconn.trace(trace.fileno())

        def count():
            trace.seek(0)
            # The messages of the protocol that execute a statement.
            messages = [line.split("\t")[1:4:2] for line in trace if line.count("\t") >= 3]
            return len(statements) + sum(message in (["F", "Query"], ["F", "Execute"]) for message in messages)

        yield app, count


def measure(app, count_statements: Callable[[], int], workload: str) -> tuple[int, int]:
    """Return the number of function calls of a request, and the number of its SQL statements."""
    url, conditional = WORKLOADS[workload]
    headers = {"If-None-Match": send(app, environ(url))[1]["ETag"]} if conditional else {}
    # The first requests compile statements, and load libraries.
    for _ in range(3):
        status, _ = send(app, environ(url, headers))
        assert status == (304 if conditional else 200), (workload, status)
    request, before = environ(url, headers), count_statements()
    calls = count_calls(send, app, request)
    return calls, count_statements() - before


def environ(url: str, headers: dict[str, str] | None = None) -> WSGIEnvironment:
    """Return the WSGI environment of a request."""
    path, _, query = url.partition("?")
    return EnvironBuilder(path, query_string=query, headers=headers).get_environ()


def send(app, request: WSGIEnvironment) -> tuple[int, dict[str, str]]:
    """Send a request. Return the status and the headers of the response."""
    responses = []
    body = app(request, lambda status, headers: responses.append((int(status[:3]), dict(headers))))
    b"".join(body)
    return responses[0]


def read() -> Figures:
    """Return the committed figures."""
    return json.loads(FIGURES.read_text())


def write() -> None:
    """Measure all workloads on both databases, and write the figures."""
    figures: Figures = {workload: {} for workload in WORKLOADS}
    for name, type_ in (("sqlite", conftest.SqliteDatabases), ("postgresql", conftest.PostgresDatabases)):
        # PostgreSQL's socket has to have a short path.
        folder = Path(tempfile.mkdtemp(prefix="or-"))
        with closing(type_(folder)) as databases:
            for workload, figure in figures.items():
                with counted_app(databases, workload) as (app, count_statements):
                    calls, statements = measure(app, count_statements, workload)
                # The driver of PostgreSQL is Python code that other projects change.
                figure.update({"calls": calls, name: statements} if name == "sqlite" else {name: statements})
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("Usage: python -m tests.support.request_counts --write")
    write()
