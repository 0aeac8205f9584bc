"""An import next to other writers: its checks block no write, and its result includes their changes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import count
from pathlib import Path

import orjson
import pytest

from api.store import write
from api.store.database import Store
from api.store.errors import ConcurrentWrite, Unavailable
from api.store.imports import import_lines
from api.store.staging import Staging
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.generated_records import article, casualty_report, casualty_reports, resolution
from tests.support.histories import anything
from tests.support.live_server import environment
from tests.support.writers import NDJSON, before_writing, create_key, running_server, server_client
from tests.support.writers import put as put_over_http

# `make soak` imports more.
LINES = int(os.environ.get("LINES_IMPORTED", "5000"))


def lines(*records) -> list[bytes]:
    return [orjson.dumps(record) for record in records]


def put(store, record) -> None:
    """Put a record without a precondition."""
    write.put(store, record["type"], record["id"], lambda: record, anything)


def patch(store, type_: str, id_: str, **changes) -> None:
    write.patch(store, type_, id_, lambda: changes, anything)


def delete(store, type_: str, id_: str) -> None:
    with store.writing() as connection:
        write.delete_record(connection, type_, id_, anything)


@pytest.fixture
def before(store):
    """Store two articles, and some claims of the first, before every import."""
    records = [article("the-article", published_on="2031-05-01"), article("another"), article("of-nobody")]
    records += [casualty_report("there", "the-article"), casualty_report("by-itself", "another")]
    assert not import_lines(store, [("before", lines(*records))]).rejected_lines


# The concurrent write, the import, and a check that distinguishes the stored result from a wrong one.
NEW = casualty_report("new", "the-article")
SAME = NEW | {"id": "the-same"}
CHANGED = article("the-article", published_on="2031-06-01")
OVERTAKEN = {
    "the article of a line is changed": (
        lambda store: patch(store, "article", "the-article", published_on="2031-07-01"),
        [NEW],
        {"new": "2031-07-01", "there": "2031-07-01"},
    ),
    "the article that a line is is changed": (
        lambda store: patch(store, "article", "the-article", published_on="2031-07-01", publisher="Other"),
        [CHANGED],
        {"there": "2031-06-01"},
    ),
    "a claim that a line is is changed": (
        lambda store: patch(store, "casualty_report", "there", place="Elsewhere"),
        [casualty_report("there", "the-article", claimed_on="2031-04-01")],
        {"there": "2031-04-01"},
    ),
    "a claim that a line is is deleted": (
        lambda store: delete(store, "casualty_report", "there"),
        [casualty_report("there", "the-article", claimed_on="2031-04-01")],
        {"there": "2031-04-01"},
    ),
    "a claim that a line only repeats is deleted": (
        lambda store: delete(store, "casualty_report", "there"),
        [casualty_report("there", "the-article")],
        {"there": "2031-05-01"},
    ),
    "the claim that a line is is put": (
        lambda store: put(store, NEW | {"place": "Elsewhere"}),
        [NEW],
        {"new": "2031-05-01"},
    ),
    "a claim is put of an article that a line is": (lambda store: put(store, NEW), [CHANGED], {"new": "2031-06-01"}),
    "a claim that moves with a line's article is changed": (
        lambda store: patch(store, "casualty_report", "there", place="Elsewhere"),
        [CHANGED],
        {"there": "2031-06-01"},
    ),
    "a claim that moves with a line's article is deleted": (
        lambda store: delete(store, "casualty_report", "there"),
        [CHANGED],
        {"there": None},
    ),
    "a claim comes to an article that a line is": (
        lambda store: patch(store, "casualty_report", "by-itself", article_id="the-article"),
        [CHANGED],
        {"by-itself": "2031-06-01"},
    ),
    "a claim leaves an article that a line is": (
        lambda store: patch(store, "casualty_report", "there", article_id="another"),
        [CHANGED],
        {"there": None, "the-article": "2031-06-01"},
    ),
}
REFUSED = {
    "the article of a line is deleted": (
        lambda store: delete(store, "article", "of-nobody"),
        [casualty_report("new", "of-nobody")],
        "The article 'of-nobody' does not exist",
    ),
    "the claim that a line restates is deleted": (
        lambda store: delete(store, "casualty_report", "by-itself"),
        [NEW | {"restates": "by-itself"}],
        "The claim 'by-itself' does not exist",
    ),
    "somebody else says the same": (lambda store: put(store, SAME), [NEW], "'the-same' has the same content"),
    "somebody else takes the id": (
        lambda store: put(store, resolution("new", "another")),
        [NEW],
        "'new' is a resolution",
    ),
    "the article gets a text that does not say so": (
        lambda store: put(store, article("of-nobody", text="Nothing of that.")),
        [casualty_report("new", "of-nobody")],
        "not 'three'",
    ),
    "the restated claim comes to restate the line's": (
        lambda store: patch(store, "casualty_report", "by-itself", restates="there"),
        [casualty_report("there", "the-article", restates="by-itself")],
        "in a circle",
    ),
}


@pytest.mark.parametrize("what", OVERTAKEN)
def test_an_import_that_was_overtaken_is_made_ready_anew_and_ends_right(store, before, monkeypatch, what):
    act, records, days = OVERTAKEN[what]
    times = before_writing(monkeypatch, store, lambda time: act(store) if time == 1 else None, of_import=True)
    report = import_lines(store, [("given", lines(*records))])
    assert (report.rejected_lines, report.stored, times) == ([], True, [1, 2])
    assert_sound(store)
    stored = {id_: orjson.loads(document) for (_, id_), document in stored_documents(store).items()}
    for id_, day in days.items():
        record = stored.get(id_)
        on_day = record and (record["on_record"]["earliest"] if "on_record" in record else record["published_on"])
        assert on_day == day


@pytest.mark.parametrize("what", REFUSED)
def test_an_import_that_another_write_made_invalid_is_rejected(store, before, monkeypatch, what):
    act, records, reported = REFUSED[what]
    times = before_writing(monkeypatch, store, lambda time: act(store) if time == 1 else None, of_import=True)
    report = import_lines(store, [("given", lines(*records))])
    assert (report.stored, times) == (False, [1])
    assert reported in " ".join(str(rejection) for rejection in report.rejected_lines)
    assert_sound(store)


def test_concurrent_imports_never_create_a_cycle_of_restatements(store, before, monkeypatch):
    """A line restates a claim, which restates another, which restates the line's claim."""
    put(store, resolution("far", "of-nobody"))
    patch(store, "casualty_report", "by-itself", restates="far")
    before_writing(
        monkeypatch,
        store,
        lambda time: patch(store, "resolution", "far", restates="there") if time == 1 else None,
        of_import=True,
    )
    report = import_lines(store, [("given", lines(casualty_report("there", "the-article", restates="by-itself")))])
    assert "in a circle" in " ".join(str(rejection) for rejection in report.rejected_lines)


def test_an_import_is_not_delayed_by_writes_of_other_records(store, before, monkeypatch):
    times = before_writing(
        monkeypatch, store, lambda _: patch(store, "article", "another", publisher="Other"), of_import=True
    )
    assert import_lines(store, [("given", lines(NEW))]).stored
    assert times == [1]


def test_an_import_with_repeated_conflicts_fails_and_stores_nothing(store, before, monkeypatch):
    def act(time):
        patch(store, "article", "the-article", publisher=f"Publisher {time}")

    times = before_writing(monkeypatch, store, act, of_import=True)
    with pytest.raises(ConcurrentWrite):
        import_lines(store, [("given", lines(NEW, CHANGED))])
    assert len(times) > 1
    assert ("casualty_report", "new") not in stored_documents(store)
    assert_sound(store)


@contextmanager
def counted_work(connection):
    """Yield a list that gets the work of a block: steps of SQLite, or rows of sequential scans of PostgreSQL."""
    work: list[int] = []
    if connection.dialect.name == "sqlite":
        calls = count()
        connection.connection.driver_connection.set_progress_handler(lambda: next(calls) < 0, 10)
        yield work
        work.append(10 * next(calls))
    else:
        statement = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relid = 'staged_line'::regclass"
        before = connection.exec_driver_sql(statement).scalar_one()
        yield work
        work.append(connection.exec_driver_sql(statement).scalar_one() - before)


@pytest.mark.slow
def test_the_changes_of_others_are_not_compared_with_every_line_of_an_import(store, before, monkeypatch):
    overtaken, works = Staging.overtaken, []

    def counted(staging, since):
        with counted_work(staging.connection) as work:
            result = overtaken(staging, since)
        works.extend(work)
        return result

    def act(_):
        for number in range(200):
            put(store, casualty_report(f"other-{number:03}", "another"))

    before_writing(monkeypatch, store, act, of_import=True)
    monkeypatch.setattr(Staging, "overtaken", counted)
    assert import_lines(store, [("given", lines(*casualty_reports(2000)))]).stored
    # To compare 200 changes with 2,007 lines takes at least 400,000.
    (work,) = works
    assert work < 100_000


@pytest.mark.long
def test_an_import_of_20000_lines_next_to_writers_is_stored(app):
    """Other writers get a 503 if they wait for the merge longer than their limit, and the import gets none."""
    url, done = app.config["ONRECORD"].database_url, threading.Event()

    def write_until_done(number):
        written = 0
        while not done.is_set():
            with suppress(Unavailable):
                put(store, casualty_report(f"by-{number}-{written}", f"of-{number}"))
                written += 1
        return written

    with closing(Store(url)) as store, ThreadPoolExecutor() as pool:
        for number in range(3):
            put(store, article(f"of-{number}"))
        writing = [pool.submit(write_until_done, number) for number in range(3)]
        try:
            report = import_lines(store, [("given", lines(*casualty_reports(20_000)))])
        finally:
            done.set()
        assert (report.stored, report.counts["created"]) == (True, 20_007)
        assert min(future.result() for future in writing) > 0


@pytest.mark.slow
def test_writes_do_not_wait_for_the_checks_of_an_import(store, before, monkeypatch):
    """At every step of the check, another client writes before the import continues."""
    number, failed = 0, []

    def elsewhere():
        try:
            put(store, article("of-nobody", publisher=f"Publisher {number}"))
        except Exception as error:
            failed.append(error)

    def progress(_):
        nonlocal number
        number += 1
        if number % 50 == 0 or number > 1000:
            writer = threading.Thread(target=elsewhere)
            writer.start()
            # A writer that waits for the import gives up after the store's time limit, which `failed` shows.
            writer.join()

    def act(time):
        if time == 1:
            patch(store, "article", "article-00", publisher="Other")

    import_lines(store, [("before", lines(article("article-00")))])
    times = before_writing(monkeypatch, store, act, of_import=True)
    report = import_lines(store, [("given", lines(*casualty_reports(1000)))], progress=progress)
    assert (report.stored, times, failed) == (True, [1, 2], [])


@pytest.mark.slow
def test_a_writer_to_the_same_server_waits_for_a_small_part_of_an_import(app, store, tmp_path):
    token, body = create_key(store), b"\n".join(lines(*casualty_reports(1000)))
    with running_server(app.config["ONRECORD"].database_url, tmp_path, workers=1) as root, ExitStack() as opened:
        ask, other = (opened.enter_context(server_client(root, token)) for _ in range(2))
        pool = opened.enter_context(ThreadPoolExecutor())
        assert put_over_http(other, "/v1/articles/mine", article("mine")).status == 201
        began = time.monotonic()
        importing = pool.submit(ask, "POST", "/v1/imports", body, Content_Type=NDJSON)
        waits = []
        while not importing.done():
            requests = time.monotonic()
            mine = article("mine", publisher=f"Publisher {len(waits)}")
            assert put_over_http(other, "/v1/articles/mine", mine, If_Match="*").status == 200
            waits.append(time.monotonic() - requests)
        took = time.monotonic() - began
        assert importing.result().json["counts"]["created"] == 1007
    print(f"{len(waits)} writes beside an import of {took:.2f} s, the longest {max(waits):.3f} s")
    # Ten writes one after the other within the import: half of them took a fifth of its time or less.
    assert len(waits) >= 10


MEASURED = """
import sys
from pathlib import Path
from api.cli import main
try:
    main()
finally:
    (peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(peak.split()[1], file=sys.stderr)
"""


def peak_of_import(folder: Path, how_many: int) -> float:
    """Return the peak memory, in MiB, of an import of so many claims, in its own process and database."""
    file = folder / f"{how_many}.ndjson"
    with file.open("wb") as opened:
        opened.writelines(orjson.dumps(record) + b"\n" for record in casualty_reports(how_many))
    env = environment(database_url=f"sqlite:///{folder}/{how_many}.db", rate_limit="")
    for command in (["db", "upgrade"], ["import", str(file)]):
        result = subprocess.run(
            [sys.executable, "-c", MEASURED, *command], env=env, capture_output=True, text=True, check=True
        )
    assert f"Stored: {how_many + 7:,} created" in result.stdout
    return int(result.stderr.split()[-1]) / 1024


@pytest.mark.long
def test_an_import_of_five_times_as_many_lines_takes_no_more_memory(tmp_path):
    few, many = peak_of_import(tmp_path, LINES // 5), peak_of_import(tmp_path, LINES)
    print(f"{few:.1f} MiB for {LINES // 5:,} lines, {many:.1f} MiB for {LINES:,}")
    assert many - few < 8
