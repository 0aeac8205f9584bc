"""Queries and locks have timeouts, and an unavailable database returns 503."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import time
from contextlib import ExitStack, contextmanager, nullcontext

import pytest
from sqlalchemy import BigInteger, cast, create_engine, func, select, text

from api.app import create_app
from api.settings import Settings
from api.store import errors, postgresql_timeouts, read
from api.store.database import Store
from api.store.statement_cache import Reader
from api.store.timeouts import translate_errors, unlimited
from tests.conftest import app_on
from tests.support.live_server import free_port, onrecord
from tests.support.openapi import READS


def count_query(to):
    """Return a query that counts up to a number."""
    numbers = select(cast(1, BigInteger).label("n")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < to))
    return select(func.count()).select_from(numbers)


def slow_query():
    # Half a minute, so that a test of a limit that does not hold fails and does not hang.
    return (count_query(50_000_000),)


def fast_query():
    return (count_query(1000),)


@pytest.fixture
def store(databases):
    """Yield a store with a timeout of a fifth of a second for queries."""
    store = Store(databases.new("seeded"), seconds=0.2)
    yield store
    store.close()


@contextmanager
def locked_for_writing(store):
    """Hold the write lock on another connection."""
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
    """Hold an exclusive lock of the tables on another connection."""
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
    with pytest.raises(errors.QueryTimeout, match="query timed out"), store.reading() as reader:
        reader.rows(slow_query)
    with store.reading() as reader:
        assert read.feed_position(reader).sequence == 29


def test_each_query_has_its_own_time_and_not_all_of_a_reader_together(store):
    with store.reading() as reader:
        for _ in range(4):
            time.sleep(0.1)
            assert reader.rows(fast_query) == [(1000,)]


def test_a_query_of_a_writer_times_out_and_its_transaction_is_rolled_back(store):
    def write():
        with store.writing() as connection:
            connection.execute(text("DELETE FROM change"))
            time.sleep(0.3)
            connection.execute(text("DELETE FROM term"))
            connection.execute(*slow_query())

    with pytest.raises(errors.QueryTimeout):
        write()
    with store.reading() as reader:
        assert read.feed_position(reader).sequence == 29


@pytest.mark.slow
def test_bringing_tables_to_their_newest_form_takes_as_long_as_it_takes(store):
    with store.engine.connect() as connection:
        query = count_query(8_000_000 if store.is_sqlite else 3_000_000)
        unlimited(connection).execute(query)
    with pytest.raises(errors.QueryTimeout), store.reading() as reader:
        reader.rows(lambda: (query,))
    store.upgrade()
    with pytest.raises(errors.QueryTimeout), store.writing() as connection:
        connection.execute(*slow_query())


def test_a_write_waits_for_locks_until_its_timeout(store):
    with (
        locked_for_writing(store),
        pytest.raises(errors.Unavailable, match="locked by other writers"),
        store.writing(),
    ):
        raise AssertionError("two writers at once")
    with store.writing() as connection:
        connection.execute(text("DELETE FROM term"))


def test_a_read_waits_for_a_locked_database_until_its_timeout(store):
    def read_once():
        with store.reading() as reader:
            read.feed_position(reader)

    with locked_for_reading(store), pytest.raises(errors.Unavailable, match="locked by other writers"):
        read_once()
    with store.reading() as reader:
        assert read.feed_position(reader).sequence == 29


def test_a_wait_for_a_connection_times_out(store):
    with ExitStack() as stack:
        for _ in range(store.engine.pool.size() + store.engine.pool._max_overflow):
            stack.enter_context(store.reading())
        with pytest.raises(errors.Unavailable, match="in use"):
            stack.enter_context(store.reading())


def test_a_closed_connection_is_reported_once_and_then_replaced(store):
    def cut():
        """Close every connection as a restart of PostgreSQL does. SQLite has no server."""
        if not store.is_sqlite:
            other = create_engine(store.url)
            with other.connect() as connection:
                pids = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({pids}) AS others"))
            other.dispose()

    def read_while_it_is_cut():
        with store.reading() as reader:
            cut()
            read.feed_position(reader)

    with nullcontext() if store.is_sqlite else pytest.raises(errors.Unavailable, match="cannot be used"):
        read_while_it_is_cut()
    for _ in range(2):
        with store.reading() as reader:
            assert read.feed_position(reader).sequence == 29
        cut()


@contextmanager
def hung(pids):
    """Stop processes as a machine that hangs does."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def hung_connection(store):
    """Read once, then stop the process of PostgreSQL that responded. SQLite has no server that could hang."""
    with store.reading() as reader:
        pids = [] if store.is_sqlite else [reader._connection.info.backend_pid]
        read.feed_position(reader)
    with hung(pids):
        yield


def test_an_idle_connection_that_hangs_is_replaced(store):
    with hung_connection(store):
        for _ in range(2):
            with store.reading() as reader:
                assert read.feed_position(reader).sequence == 29


def test_a_query_whose_connection_hangs_is_given_up(store):
    def read_while_it_hangs():
        with store.reading() as reader:
            read.feed_position(reader)
            with hung_connection(store) if store.is_sqlite else hung([reader._connection.info.backend_pid]):
                read.feed_position(reader)

    with nullcontext() if store.is_sqlite else pytest.raises(errors.Unavailable, match="cannot be used"):
        read_while_it_hangs()
    with store.reading() as reader:
        assert read.feed_position(reader).sequence == 29


@pytest.mark.parametrize(("pause", "connections"), [(60, 1), (0, 2)], ids=["during the pause", "after it"])
def test_after_a_connection_timed_out_further_ones_fail_at_once(monkeypatch, pause, connections):
    monkeypatch.setattr(postgresql_timeouts, "_PAUSE", pause)
    # A PostgreSQL whose processes are all stopped: the system accepts connections, and nobody responds.
    with socket.create_server(("127.0.0.1", 0)) as hung_server:
        store = Store(f"postgresql://someone@127.0.0.1:{hung_server.getsockname()[1]}/x", seconds=0.2)
        for _ in range(2):
            with pytest.raises(errors.Unavailable, match="cannot be used"), store.reading():
                pass
        hung_server.setblocking(False)
        for _ in range(connections):
            hung_server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            hung_server.accept()


@pytest.fixture(scope="module")
def hurried(databases):
    """Return a client of an app with a timeout of a twentieth of a second for queries."""
    app = app_on(databases.new("seeded"), query_seconds="0.05")
    yield app.test_client()
    app.extensions["onrecord"].close()


@pytest.mark.parametrize("name", READS)
def test_every_operation_returns_503_if_its_query_times_out(hurried, monkeypatch, capsys, name):
    rows = Reader.rows
    monkeypatch.setattr(Reader, "rows", lambda self, *_, **__: rows(self, slow_query))
    response = hurried.get(READS[name].url)
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert "timed out. Request fewer facets, no exact total, or use narrower filters." in response.json["detail"]
    assert '"the database did not respond"' in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    ["postgresql://someone:hunter2@127.0.0.1:{port}/x", "sqlite:////no/such/folder/of/onrecord.db"],
    ids=["postgresql", "sqlite"],
)
def test_an_unavailable_database_returns_503_and_its_reason_is_logged_without_the_password(address, capsys, tmp_path):
    address = address.format(port=free_port())
    app = app_on(address)
    response = app.test_client().get("/v1/quotes")
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    logged = capsys.readouterr().err
    assert "refused" in logged or "unable to open" in logged
    assert "hunter2" not in logged + response.text
    result = onrecord("import", __file__, cwd=tmp_path, database_url=address)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: The database cannot be used")
    assert "hunter2" not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_full_disk_is_reported(store):
    statement = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$"
    with store.engine.connect() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            statement = "CREATE TABLE larger AS SELECT zeroblob(100000000)"
        message = "disk of the database or of its temporary files is full"
        with pytest.raises(errors.Unavailable, match=message), translate_errors():
            connection.exec_driver_sql(statement)


def test_an_invalid_query_does_not_return_503(store):
    with pytest.raises(Exception, match="no_such_table") as rejected, store.writing() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(rejected.value, errors.Unavailable)


def test_stored_values_are_not_part_of_an_error(store):
    with pytest.raises(Exception, match="no_such_table") as rejected, store.writing() as connection:
        connection.execute(text("SELECT * FROM no_such_table WHERE a = :value"), {"value": "inside"})
    assert "inside" not in str(rejected.value)


@pytest.mark.parametrize("value", ["", "0", "-1", "soon", "1e9", "nan", "99999"])
def test_an_invalid_timeout_stops_the_start(value):
    with pytest.raises(ValueError, match="ONRECORD_QUERY_SECONDS must be"):
        create_app(Settings(database_url="sqlite://", query_seconds=value))
