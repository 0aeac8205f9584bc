"""Waiting: no query and no lock takes longer than it may, and a database that does not answer is a 503."""

from __future__ import annotations

import sqlite3
import time
from contextlib import ExitStack, contextmanager, nullcontext

import pytest
from sqlalchemy import BigInteger, cast, create_engine, func, select, text

from api import create_app
from api.settings import Settings
from api.store import reading
from api.store.engine import Store
from api.store.statements import Reader
from api.store.waiting import TooSlow, Unavailable, unlimited
from tests.conftest import app_on
from tests.documented import READS
from tests.serving import free_port, onrecord


def counting(to):
    """A query that takes as long as counting does."""
    numbers = select(cast(1, BigInteger).label("n")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < to))
    return select(func.count()).select_from(numbers)


def for_ever():
    # Half a minute, so that a test of a limit that does not hold fails and does not hang.
    return (counting(50_000_000),)


def a_moment():
    return (counting(1000),)


@pytest.fixture
def store(databases):
    """A store whose queries may take a fifth of a second."""
    store = Store(databases.new("seeded"), seconds=0.2)
    yield store
    store.close()


@contextmanager
def locked_for_writing(store):
    """While somebody else writes."""
    if store.is_sqlite:
        other = sqlite3.connect(store.url.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
    else:
        other = Store(store.url.render_as_string(hide_password=False))
        with other.writing():
            yield
        other.close()


@contextmanager
def locked_for_reading(store):
    """While somebody else has the tables for themselves."""
    if store.is_sqlite:
        store.close()
        other = sqlite3.connect(store.url.database, isolation_level=None)
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.close()
    else:
        other = create_engine(store.url)
        with other.begin() as connection:
            connection.execute(text("LOCK TABLE change, article, claim IN ACCESS EXCLUSIVE MODE"))
            yield
        other.dispose()


def test_a_query_that_takes_too_long_is_ended(store):
    with pytest.raises(TooSlow, match="longer than it may"), store.reading() as reader:
        reader.rows(for_ever)
    with store.reading() as reader:
        assert reading.moment(reader).sequence == 26


def test_each_query_has_its_own_time_and_not_all_of_a_reader_together(store):
    with store.reading() as reader:
        for _ in range(4):
            time.sleep(0.1)
            assert reader.rows(a_moment) == [(1000,)]


def test_a_writers_query_has_its_time_too_and_what_was_written_before_is_undone(store):
    def write():
        with store.writing() as connection:
            connection.execute(text("DELETE FROM change"))
            time.sleep(0.3)
            connection.execute(text("DELETE FROM term"))
            connection.execute(*for_ever())

    with pytest.raises(TooSlow):
        write()
    with store.reading() as reader:
        assert reading.moment(reader).sequence == 26


@pytest.mark.slow
def test_bringing_tables_to_their_newest_form_takes_as_long_as_it_takes(store):
    with store.engine.connect() as connection:
        query = counting(8_000_000 if store.is_sqlite else 3_000_000)
        unlimited(connection).execute(query)
    with pytest.raises(TooSlow), store.reading() as reader:
        reader.rows(lambda: (query,))
    store.upgrade()
    with pytest.raises(TooSlow), store.writing() as connection:
        connection.execute(*for_ever())


def test_who_writes_waits_for_others_only_so_long(store):
    with (
        locked_for_writing(store),
        pytest.raises(Unavailable, match="Others are writing"),
        store.writing(),
    ):
        raise AssertionError("two writers at once")
    with store.writing() as connection:
        connection.execute(text("DELETE FROM term"))


def test_who_reads_waits_for_a_locked_database_only_so_long(store):
    def read():
        with store.reading() as reader:
            reading.moment(reader)

    with locked_for_reading(store), pytest.raises(Unavailable, match="Others are writing"):
        read()
    with store.reading() as reader:
        assert reading.moment(reader).sequence == 26


def test_who_waits_for_a_connection_waits_only_so_long(store):
    with ExitStack() as stack:
        for _ in range(store.engine.pool.size() + 10):
            stack.enter_context(store.reading())
        with pytest.raises(Unavailable, match="in use"):
            stack.enter_context(store.reading())


def test_a_connection_that_was_cut_is_told_once_and_then_there_is_a_new_one(store):
    def cut():
        """Cut every connection, as a PostgreSQL does that is started anew; SQLite has none to be cut."""
        if not store.is_sqlite:
            other = create_engine(store.url)
            with other.connect() as connection:
                pids = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({pids}) AS others"))
            other.dispose()

    def read_while_it_is_cut():
        with store.reading() as reader:
            cut()
            reading.moment(reader)

    with nullcontext() if store.is_sqlite else pytest.raises(Unavailable, match="cannot be used"):
        read_while_it_is_cut()
    for _ in range(2):
        with store.reading() as reader:
            assert reading.moment(reader).sequence == 26
        cut()


@pytest.fixture(scope="module")
def hurried(databases):
    """A client of an app whose queries may take a twentieth of a second."""
    app = app_on(databases.new("seeded"), query_seconds="0.05")
    yield app.test_client()
    app.extensions["onrecord"].close()


@pytest.mark.parametrize("name", READS)
def test_every_operation_answers_503_where_its_query_takes_too_long(hurried, monkeypatch, capsys, name):
    rows = Reader.rows
    monkeypatch.setattr(Reader, "rows", lambda self, *_, **__: rows(self, for_ever))
    answer = hurried.get(READS[name].url)
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "Ask for less" in answer.json["detail"]
    assert '"the database did not answer"' in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    ["postgresql://someone:hunter2@127.0.0.1:{port}/x", "sqlite:////no/such/folder/of/onrecord.db"],
    ids=["postgresql", "sqlite"],
)
def test_a_database_that_is_not_there_is_a_503_and_the_log_says_why_without_its_password(address, capsys, tmp_path):
    address = address.format(port=free_port())
    app = app_on(address)
    answer = app.test_client().get("/v1/quotes")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    logged = capsys.readouterr().err
    assert "refused" in logged or "unable to open" in logged
    assert "hunter2" not in logged + answer.text
    told = onrecord("import", __file__, cwd=tmp_path, database_url=address)
    assert told.returncode == 1
    assert told.stderr.startswith("Error: The database cannot be used")
    assert "hunter2" not in told.stderr
    assert "Traceback" not in told.stderr


def test_what_the_database_does_not_understand_is_no_503(store):
    with pytest.raises(Exception, match="no_such_table") as refused, store.writing() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(refused.value, Unavailable)


def test_what_is_stored_is_not_part_of_an_error(store):
    with pytest.raises(Exception, match="no_such_table") as refused, store.writing() as connection:
        connection.execute(text("SELECT * FROM no_such_table WHERE a = :value"), {"value": "inside"})
    assert "inside" not in str(refused.value)


@pytest.mark.parametrize("value", ["", "0", "-1", "soon", "1e9", "nan", "99999"])
def test_a_time_that_is_none_stops_the_start(value):
    with pytest.raises(ValueError, match="ONRECORD_QUERY_SECONDS must be"):
        create_app(Settings(database_url="sqlite://", query_seconds=value))
