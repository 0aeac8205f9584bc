"""The change counter of each database: its value changes with each commit, and is unknown if it cannot be read."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time

import pytest
import uvloop
from sqlalchemy import text

from api.store import change_counter, keys
from api.store.change_counter import SharedReads
from api.store.database import Store
from api.store.memory_database import MemoryDatabase
from tests.support.live_server import free_port


@pytest.fixture
def other(store):
    """Yield another store of the same database, as another process has."""
    other = Store(store.url.render_as_string(hide_password=False))
    yield other
    other.close()


def write(store, *, keep=True):
    with store.writing(keep=keep) as connection:
        keys.create(connection, "of a test", (), None)


def test_reads_do_not_change_the_value(store, other):
    value = store.changes.read()
    assert value is not None
    for reading in (store, other):
        with reading.reading() as reader:
            keys.every(reader)
        assert store.changes.read() == value


@pytest.mark.parametrize("writer", ["store", "other"])
def test_each_commit_changes_the_value(store, other, writer):
    values = [store.changes.read()]
    for _ in range(3):
        write({"store": store, "other": other}[writer])
        values.append(store.changes.read())
    assert len(set(values)) == 4
    assert store.changes.read() == values[-1]


def test_the_value_changes_with_the_commit_and_not_with_the_write(store):
    value = store.changes.read()
    with store.writing() as connection:
        keys.create(connection, "of a test", (), None)
        assert store.changes.read() == value
    assert store.changes.read() != value


def test_a_read_leaves_no_transaction_open(store):
    assert store.changes.read() is not None
    write(store)
    if not store.is_sqlite:
        with store.engine.connect() as connection:
            rows = connection.execute(text("SELECT state FROM pg_stat_activity WHERE datname = current_database()"))
            assert {state for (state,) in rows} <= {"idle", "active"}
        return
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        # Only without readers, the write-ahead log becomes empty.
        assert connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one() == (0, 0, 0)
        connection.exec_driver_sql("BEGIN")


def test_the_values_of_two_connections_differ(store, other):
    value = store.changes.read()
    assert other.changes.read() != value
    store.changes.close()
    assert store.changes.read() not in (None, value)


def test_a_closed_store_has_another_connection_when_it_is_used_again(store):
    value = store.changes.read()
    store.close()
    assert store.changes.read() not in (None, value)


def test_concurrent_reads_are_possible(store):
    values = []
    threads = [threading.Thread(target=lambda: values.append(store.changes.read())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == 20
    assert len(set(values)) == 1
    assert None not in values


# The servers' event loops.
LOOPS = pytest.mark.parametrize(
    "loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)


@LOOPS
def test_requests_that_have_arrived_share_a_read(store, monkeypatch, loop_factory):
    values = []

    async def requests():
        loop, reads = asyncio.get_running_loop(), SharedReads(store.changes)
        read, count = store.changes.read, 0

        def counted():
            nonlocal count
            count += 1
            return read()

        monkeypatch.setattr(store.changes, "read", counted)
        for expected in (1, 2):
            for _ in range(5):
                loop.call_soon(lambda: values.append(reads.read()))
            await asyncio.sleep(0.01)
            assert count == expected

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(requests())
    assert len(values) == 10
    assert set(values) == {store.changes.read()}


@LOOPS
@pytest.mark.parametrize("during_read", [True, False])
def test_a_request_after_a_commit_does_not_share_an_earlier_read(store, monkeypatch, loop_factory, during_read):
    async def requests():
        loop, reads, read = asyncio.get_running_loop(), SharedReads(store.changes), store.changes.read
        values, ended = [], loop.create_future()

        def second():
            values.append(reads.read())
            ended.set_result(None)

        def commit_and_request():
            write(store)
            loop.call_soon_threadsafe(second)

        def read_and_commit():
            monkeypatch.setattr(store.changes, "read", read)
            value = read()
            in_another_thread(commit_and_request)
            return value

        def first():
            if during_read:
                monkeypatch.setattr(store.changes, "read", read_and_commit)
            values.append(reads.read())
            # The second request arrives while the loop still runs this callback.
            if not during_read:
                in_another_thread(commit_and_request)
            assert reads.read() == values[0]

        loop.call_soon(first)
        await ended
        return values

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        before, after = runner.run(requests())
    assert None not in (before, after)
    assert before != after


def in_another_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_in_memory_the_value_is_unknown():
    for store in (Store("sqlite://"), Store("sqlite:///:memory:"), MemoryDatabase()):
        assert store.changes.read() is None
        store.close()


@pytest.fixture
def file(tmp_path):
    """Yield a store in a file of SQLite."""
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    store.upgrade()
    yield store
    store.close()


def test_after_the_file_was_replaced_the_value_is_unknown(file, tmp_path):
    assert file.changes.read() is not None
    shutil.copy(tmp_path / "a.db", tmp_path / "b.db")
    (tmp_path / "b.db").replace(tmp_path / "a.db")
    assert file.changes.read() is None


def test_after_the_file_was_moved_the_value_is_unknown_until_it_is_back(file, tmp_path):
    value = file.changes.read()
    (tmp_path / "a.db").rename(tmp_path / "b.db")
    assert file.changes.read() is None
    assert not (tmp_path / "a.db").exists()
    (tmp_path / "b.db").rename(tmp_path / "a.db")
    assert file.changes.read() == value


def test_without_a_usable_file_the_value_is_unknown(tmp_path):
    (tmp_path / "text.db").write_text("This is a text." * 100)
    for name in ("text.db", "missing.db", "missing/a.db"):
        store = Store(f"sqlite:///{tmp_path / name}")
        assert store.changes.read() is None
        store.close()
    assert not (tmp_path / "missing.db").exists()


def test_a_locked_file_is_no_wait(file, tmp_path):
    file.close()
    with file.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA locking_mode = EXCLUSIVE")
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert file.changes.read() is None
        assert file.changes._cursor.execute("PRAGMA busy_timeout").fetchone() == (0,)


@pytest.mark.postgresql
def test_without_postgresql_the_value_is_unknown_and_the_next_reads_do_not_wait():
    store = Store(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    attempts = []
    store.engine.dialect.create_connect_args = lambda url: (
        attempts.append(url) or ([], {"host": "127.0.0.1", "port": 1})
    )
    assert [store.changes.read() for _ in range(3)] == [None] * 3
    assert len(attempts) == 1
    store.close()


def test_a_postgresql_that_accepts_a_connection_and_does_not_respond_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as hung_server:
        store = Store(f"postgresql://nobody@127.0.0.1:{hung_server.getsockname()[1]}/nothing")
        reading = threading.Thread(target=store.changes.read, daemon=True)
        reading.start()
        reading.join(30)
        assert not reading.is_alive()
        assert store.changes.read() is None
        # The second read did not connect again.
        hung_server.setblocking(False)
        hung_server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            hung_server.accept()
        store.close()


def test_after_postgresql_ended_the_connection_another_one_is_opened(store, monkeypatch):
    if store.is_sqlite:
        return
    monkeypatch.setattr(change_counter, "_PAUSE", 0.05)
    value = store.changes.read()
    with store.engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(:pid)"), {"pid": store.changes._connection.info.backend_pid}
        )
    assert store.changes.read() is None
    time.sleep(0.1)
    assert store.changes.read() not in (None, value)
