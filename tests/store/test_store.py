"""The store: tables as the migrations create them, consistent snapshots for readers, one writer at a time."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import ExitStack

import orjson
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from api.kinds.collections import COLLECTIONS
from api.kinds.filters import KeywordFilter, NumberFilter
from api.store import database, errors
from api.store.changes import since
from api.store.database import Store
from api.store.exports import everything
from api.store.imports import import_lines
from api.store.read import Condition, ListQuery, feed_position, page
from api.store.tables import change, claim, metadata
from tests.conftest import app_on
from tests.support.db_invariants import stored_documents
from tests.support.factories import report
from tests.support.generated_records import article
from tests.support.stored import overwrite

ROW = {"at": "2031-01-01T00:00:00.000Z", "action": "created", "type": "article", "id": "abc", "version": 1}


def test_migrations_make_exactly_the_tables(store):
    with store.engine.connect() as connection:
        # SQLite indexes words by FTS5, in tables of its own that the next test sees, and PostgreSQL by an index.
        others = ("search_index", "ix_search_words") if store.is_sqlite else ()

        def ours(_object, name, *_):
            return not name.startswith(others)

        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": ours})
        assert compare_metadata(context, metadata) == []
    assert store.at_head()


def test_migrations_create_the_same_index_conditions():
    """Alembic does not compare the conditions of indexes."""

    def declared(engine):
        with engine.connect() as connection:
            made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql NOT LIKE 'CREATE TABLE %'"))
            return {name: " ".join(sql.replace('"', "").split()) for name, sql in made}

    migrated, created = Store("sqlite://"), create_engine("sqlite://")
    migrated.upgrade()
    metadata.create_all(created)
    assert declared(migrated.engine) == declared(created)
    migrated.close()
    created.dispose()


def test_a_database_without_tables_is_not_at_head(store):
    with store.writing() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert not store.at_head()


def test_tables_of_an_unknown_version_are_reported_before_any_change(databases):
    store = Store(databases.new("empty"))
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9'"))
    for use in (store.at_head, store.upgrade):
        with pytest.raises(errors.UnknownTables, match="another version of onrecord"):
            use()
    store.close()


def test_only_the_owner_can_read_a_new_sqlite_file(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    store.upgrade()
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        assert len(files := list(tmp_path.glob("new.db*"))) > 1
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    store.close()


def test_a_second_upgrade_changes_nothing(store):
    store.upgrade()
    assert store.at_head()


def test_a_stream_returns_utf_8_and_other_reads_of_its_connection_return_text(databases):
    store = Store(databases.new("seeded"))
    with store.reading() as reader:
        batches = everything(reader, ())
        assert {type(document) for document in next(batches)} == {bytes}
        batches.close()
        assert type(feed_position(reader).at) is str
    store.close()


def test_a_stream_has_a_larger_cache_of_sqlite_until_it_ends(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/a.db")
    store.upgrade()
    import_lines(store, [("x", [orjson.dumps(article("some-article"))])])

    def kibibytes():
        return -reader._connection.execute("PRAGMA cache_size").fetchone()[0]

    with store.reading() as reader:
        usual, batches = kibibytes(), everything(reader, ())
        next(batches)
        assert kibibytes() > usual
        batches.close()
        assert kibibytes() == usual
    store.close()


def test_a_failed_write_leaves_nothing(store):
    def write_and_fail():
        with store.writing() as connection:
            connection.execute(insert(change).values(ROW))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with store.reading() as connection:
        assert feed_position(connection).sequence == 0


def test_a_reader_sees_one_snapshot(store):
    with store.reading() as reader:
        before = feed_position(reader)
        with store.writing() as writer:
            writer.execute(insert(change).values(ROW))
        assert feed_position(reader) == before
    with store.reading() as reader:
        assert feed_position(reader) != before


def test_writers_wait_for_one_another_and_lose_nothing(store):
    def add_up():
        for _ in range(25):
            with store.writing() as connection:
                highest = connection.execute(select(func.max(change.c.version))).scalar() or 0
                connection.execute(insert(change).values({**ROW, "version": highest + 1}))

    writers = [threading.Thread(target=add_up) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with store.engine.connect() as connection:
        assert connection.execute(select(func.max(change.c.version))).scalar() == 100
        assert connection.execute(select(func.count(change.c.version.distinct()))).scalar() == 100


def test_the_feed_waits_for_an_earlier_uncommitted_writer(store):
    started, done = threading.Event(), threading.Event()

    def second():
        started.set()
        with store.writing() as connection:
            connection.execute(insert(change).values({**ROW, "id": "second"}))
        done.set()

    other = threading.Thread(target=second)
    with store.writing() as connection:
        connection.execute(insert(change).values({**ROW, "id": "first"}))
        other.start()
        started.wait()
        assert not done.wait(0.3)
        with store.reading() as reader:
            assert feed_position(reader).sequence == 0
    other.join()
    with store.reading() as reader:
        assert [reported.id for reported in since(reader, 0, 10)[0]] == ["first", "second"]


def test_a_page_and_an_item_are_stored_texts_and_nothing_is_built_from_them(databases):
    app = app_on(databases.new("seeded"))
    client, store = app.test_client(), app.extensions["onrecord"]
    text_ = client.get("/v1/quotes/aliyev-no-basis").text.replace('"mode":"mixed"', '"mode" :  "mixed"')
    with store.writing() as connection:
        overwrite(connection, text_)
    for path in ("/v1/quotes", "/v1/claims?limit=200", "/v1/claims/aliyev-no-basis"):
        assert text_ in client.get(path).text
    store.close()


@pytest.mark.parametrize("field", ["reason", "outcome"])
def test_a_claim_is_unchanged_if_only_the_reason_of_a_check_was_reworded(client_with_article, field):
    """A release may reword a reason. A check with another outcome is a change."""
    client, path = client_with_article, "/v1/casualty-reports/a-report"
    store = client.application.extensions["onrecord"]
    created = client.put(path, json=report())
    assert (created.status_code, created.json["version"]) == (201, 1)
    document = orjson.loads(created.data)
    result = next(result for result in document["grounding"]["checks"] if result["reason"] is not None)
    result[field] = "A reason of an earlier release." if field == "reason" else "passed"
    with store.writing() as connection:
        overwrite(connection, orjson.dumps(document).decode())
    before = client.get("/v1/changes").json["data"]
    earlier = client.get(path)
    assert earlier.json == document
    response = client.put(path, json=report(), headers={"If-Match": earlier.headers["ETag"]})
    assert response.status_code == 200
    if field == "reason":
        assert response.json == document
        assert client.get(path).json == document
        assert response.headers["ETag"] == earlier.headers["ETag"]
        assert client.get("/v1/changes").json["data"] == before
    else:
        assert response.json["version"] == 2
        assert response.json["grounding"] == created.json["grounding"]
        assert len(client.get("/v1/changes").json["data"]) == len(before) + 1


def test_sqlite_is_configured_for_concurrent_readers_and_power_failures(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/a.db")
    with store.engine.connect() as connection:
        reported = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
        assert reported == ["wal", 1]
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_a_record_cannot_reference_a_missing_article(store):
    def write():
        with store.writing() as connection:
            row = {"id": "abc", "type": "quote", "article_id": "nothing", "version": 1, "position": 0}
            connection.execute(insert(claim).values(**row, document="{}", created_at="", updated_at=""))

    with pytest.raises(IntegrityError):
        write()


@pytest.mark.parametrize("kind", [item for item in COLLECTIONS if item.type], ids=lambda kind: kind.name)
def test_sqlite_uses_the_index_of_a_filter_and_does_not_scan_the_kind(kind):
    """SQLite estimates equal costs, and prefers the index that was created last."""
    store, requests = Store("sqlite://"), {NumberFilter: 3, KeywordFilter: ["x"]}
    store.upgrade()
    looked_up = [item for item in kind.filters if type(item) in requests and item.name not in ("id", "article_id")]
    assert len(looked_up) >= 5
    for filter_ in looked_up:
        conditions = (Condition(filter_, "is", requests[type(filter_)]),)
        statements: list[str] = []
        with store.reading() as reader:
            reader._connection.set_trace_callback(statements.append)
            page(reader, ListQuery(kind, conditions, (("on_record_from", True),)))
            reader._connection.set_trace_callback(None)
            steps = [row[3] for sql in statements for row in reader._connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
        column = filter_.key if isinstance(filter_, KeywordFilter) else filter_.name
        # For a filter of several kinds, its matches and those of the kind are counted in their indexes first.
        reads = [
            step for step in steps if step.startswith(("SEARCH claim ", "SEARCH indexed ", "SCAN claim", "USE TEMP"))
        ]
        by_filter = [step for step in reads if f"ix_claim_{column}_on_record" in step]
        counts_of_kind = [step for step in reads if "SEARCH indexed USING COVERING INDEX ix_claim_type" in step]
        assert by_filter, (filter_.name, steps)
        assert len(by_filter) + len(counts_of_kind) == len(reads), (filter_.name, steps)
    store.close()


@pytest.mark.parametrize("template", ["empty", "seeded"])
def test_a_database_of_a_test_has_nothing_of_the_test_before(databases, template):
    with databases.lent(template) as store:
        url, before = store.url, stored_documents(store)
        import_lines(store, [("lines", [orjson.dumps(article("of-another-test"))])])
        with store.engine.connect() as connection:
            numbered = connection.execute(text("SELECT max(sequence) FROM change")).scalar_one()
        assert stored_documents(store) != before
    with databases.lent(template) as store:
        assert (store.url, stored_documents(store)) == (url, before)
        import_lines(store, [("lines", [orjson.dumps(article("of-this-test"))])])
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT max(sequence) FROM change")).scalar_one() == numbered


def test_readers_of_a_file_use_idle_connections_again(store):
    """PostgreSQL's pool checks each connection, because the server can have closed it."""

    def use(number):
        with ExitStack() as stack:
            readers = [stack.enter_context(store.reading()) for _ in range(number)]
            return {id(reader._connection) for reader in readers}

    most = database._IDLE_MAX
    first = use(most)
    if store.is_sqlite:
        assert use(most) == first
        use(most + 2)
        assert len(store._idle) == most
    assert store.engine.pool.checkedout() == len(store._idle)
    store.close()
    assert store.engine.pool.checkedout() == len(store._idle) == 0


def test_a_connection_with_an_error_is_not_idle(store):
    def read_badly():
        with store.reading() as reader:
            reader.rows(lambda: (select(text("no_such_column")),))

    with store.reading():
        pass
    idle = len(store._idle)
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedColumn)):
        read_badly()
    assert len(store._idle) == max(0, idle - 1)
    with store.reading() as reader:
        assert feed_position(reader).sequence == 0


def test_an_idle_connection_has_no_open_snapshot(store):
    with store.reading() as reader:
        assert feed_position(reader).sequence == 0
    with store.writing() as connection:
        connection.execute(insert(change).values(ROW))
    with store.reading() as reader:
        assert feed_position(reader).sequence == 1
