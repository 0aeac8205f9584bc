"""Processes that prepare the claims of a large import: the result is that of one process, and they end with it."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from api.kinds import record_input
from api.store import imports, prepare, workers
from api.store.imports import import_lines
from api.store.workers import Workers
from tests.support.generated_records import article, casualty_report, casualty_reports
from tests.support.generated_texts import texts

# It starts a process, and prints its id.
STARTS_A_WORKER = """
import multiprocessing, time
from api.store.workers import Workers

for _ in Workers(2, 0).map(str, [([], [(1,)])]):
    print(multiprocessing.active_children()[0].pid, flush=True)
time.sleep(60)
"""


def lines():
    """Return valid and invalid records, some of which restate others."""
    records = [*casualty_reports(40), casualty_report("no-article", "absent"), casualty_report("circle", "article-01")]
    for text in texts(4):
        records.append(article(text.id, text=text.words))
        for claim in text.claims:
            wrong = {"count": 61} if claim.get("count") else {}
            again = {**claim, "id": f"{claim['id']}-again", "restates": claim["id"], "inferred": ["restates"]}
            records += [claim, {**again, **wrong}]
    records[-2]["restates"] = records[-1]["id"]
    unreadable = [
        b"{",
        b"",
        b'{"type": "quote"}',
        orjson.dumps(casualty_report("one-more", "article-01", colour="red")),
    ]
    return [*map(orjson.dumps, records), *unreadable]


def outcome(report):
    return report.counts, report.rejected_lines, report.stored


def documents(client):
    """Return the documents of all claims, without their times."""
    claims = client.get("/v1/claims?limit=200&sort=id").json["data"]
    return [{name: value for name, value in claim.items() if not name.endswith("_at")} for claim in claims]


@pytest.fixture
def parallel(monkeypatch):
    """Start a process also for a small import, wait until it is ready, and let it prepare a few claims at once.

    The process of the test checks no chunks itself, unless a test limits the chunks of the other process.
    """
    monkeypatch.setattr(imports, "_PARALLEL_MIN", 1)
    monkeypatch.setattr(imports, "_CHUNK", 7)
    monkeypatch.setattr(imports, "_BATCH", 7)
    monkeypatch.setattr(workers, "_CHUNKS_OF_WORKER_MAX", 1000)
    start = Workers._start_if_large

    def start_and_wait(self, tasks):
        start(self, tasks)
        for worker in self._workers:
            worker._ready.exception()

    monkeypatch.setattr(Workers, "_start_if_large", start_and_wait)


@pytest.mark.usefixtures("parallel")
def test_several_processes_have_the_result_of_one(store, client, monkeypatch):
    results, parsed_here, grounded_here = [], [], []
    parse, ground = record_input.parse_record, prepare.ground
    for processes in (1, 2, 3):
        dry = import_lines(store, [("file", lines())], atomic=False, keep=False, processes=processes)
        results.append(outcome(dry))
    assert results[0] == results[1] == results[2]
    monkeypatch.setattr(prepare, "ground", lambda claim, *rest: grounded_here.append(claim) or ground(claim, *rest))
    monkeypatch.setattr(record_input, "parse_record", lambda *line: parsed_here.append(line) or parse(*line))
    stored = import_lines(store, [("file", lines())], atomic=False, processes=2)
    assert stored.stored
    # This process parses only the lines before the start of the other, and the rejected ones.
    assert len(parsed_here) == 1 + 2
    # This process checks only the rejected claims, to report their errors.
    assert 5 < len(grounded_here) <= stored.counts["refused"] < stored.counts["created"]
    before = documents(client)
    again = import_lines(store, [("file", lines())], atomic=False)
    assert (again.counts["unchanged"], again.counts["created"]) == (stored.counts["created"], 0)
    assert documents(client) == before


@pytest.mark.usefixtures("parallel")
def test_this_process_checks_lines_while_the_other_one_has_enough(store, client, monkeypatch):
    expected = import_lines(store, [("file", lines())], atomic=False)
    before = documents(client)
    monkeypatch.setattr(workers, "_CHUNKS_OF_WORKER_MAX", 1)
    processes, call = set(), workers._results
    monkeypatch.setattr(workers, "_results", lambda *chunk: processes.add(os.getpid()) or call(*chunk))
    again = import_lines(store, [("file", lines())], atomic=False, processes=2)
    assert processes == {os.getpid()}
    assert again.rejected_lines == expected.rejected_lines
    assert again.counts["unchanged"] == expected.counts["created"]
    assert documents(client) == before


@pytest.mark.usefixtures("parallel")
def test_few_chunks_are_pending_and_they_keep_their_order(monkeypatch):
    """A slow chunk of the other process must not let this process read the whole import."""
    monkeypatch.setattr(workers, "_CHUNKS_OF_WORKER_MAX", 1)
    monkeypatch.setattr(workers, "_CHUNKS_PENDING_MAX", 4)
    read = []

    def chunks():
        for number in range(40):
            read.append(number)
            yield number, [(0 if number else 1,)]

    with Workers(2, 0) as started:
        ahead = {number: read[-1] - number for number, _ in started.map(time.sleep, chunks())}
    assert list(ahead) == list(range(40))
    # The chunks 1 to 4 wait for the first one.
    assert ahead[0] == 4


@pytest.mark.usefixtures("parallel")
def test_an_import_does_not_wait_for_a_process_that_is_not_ready(store, monkeypatch):
    expected = outcome(import_lines(store, [("file", lines())], atomic=False, keep=False))
    monkeypatch.setattr(workers._Worker, "is_ready", False)
    assert outcome(import_lines(store, [("file", lines())], atomic=False, keep=False, processes=2)) == expected


@pytest.mark.usefixtures("parallel")
def test_an_import_survives_the_end_of_its_workers(store):
    expected = outcome(import_lines(store, [("file", lines())], atomic=False, keep=False))

    def kill(_):
        for process in multiprocessing.active_children():
            process.kill()

    report = import_lines(store, [("file", lines())], atomic=False, keep=False, processes=2, progress=kill)
    assert outcome(report) == expected
    assert not multiprocessing.active_children()


def test_a_small_import_starts_no_process(store, monkeypatch):
    def fail(*_):
        raise AssertionError("a process was started")

    monkeypatch.setattr(workers, "_Worker", fail)
    assert import_lines(store, [("file", lines())], atomic=False, processes=2).stored


def test_a_worker_ends_with_the_process_that_started_it():
    with subprocess.Popen([sys.executable, "-c", STARTS_A_WORKER], stdout=subprocess.PIPE, text=True) as script:
        worker = int(script.stdout.readline())
        script.kill()
    deadline = time.monotonic() + 60
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(worker)


def is_running(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # A process that nobody waits for is in the table of processes, too.
    return stat.rpartition(")")[2].split()[0] != "Z"
