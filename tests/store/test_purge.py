"""Purges: a purged record is deleted everywhere, with its history, and the feed reports its deletion."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from api.cli import onrecord
from api.store.database import Store
from api.store.errors import FilesNotOverwritten, InUse, NotFound
from api.store.imports import import_lines
from api.store.purge import Erased, overwrite_files, purge
from api.store.read import feed_position
from api.store.tables import metadata
from tests.conftest import PostgresDatabases
from tests.support.db_invariants import assert_sound
from tests.support.factories import ANY, changed, feed, report, sent
from tests.support.generated_records import article, casualty_report
from tests.support.live_server import ONRECORD, environment
from tests.support.live_server import onrecord as onrecord_in_a_process
from tests.support.writers import before_writing

LIBEL = "a-libellous-name-that-stands-nowhere-else"


@pytest.fixture
def libel(client_with_article):
    """Return a client, and the path of a claim whose second version has the text to purge."""
    made = client_with_article.post("/v1/casualty-reports", json=report(), headers={"Idempotency-Key": "x"})
    path = made.headers["Location"].partition(":8000")[2]
    assert changed(client_with_article, path, {"place": LIBEL}).status_code == 200
    return client_with_article, path


def test_a_purged_record_exists_only_as_a_marker_in_the_feed(libel, store):
    client, path = libel
    id_ = path.rpartition("/")[2]
    before = len(feed(client))
    assert purge(store, [id_]) == [Erased("casualty_report", id_, 2)]
    assert client.get(path).status_code == 410
    after = feed(client)
    assert len(after) == before - 2 + 1
    assert (after[-1]["action"], after[-1]["id"], after[-1]["version"], after[-1]["document"]) == (
        "purged",
        id_,
        3,
        None,
    )
    assert LIBEL not in client.get("/v1/changes").text
    assert [change["action"] for change in client.get(f"{path}/versions").json["data"]] == ["purged"]
    # The response stored for its Idempotency-Key is deleted, too.
    again = client.post("/v1/casualty-reports", json=report(), headers={"Idempotency-Key": "x"})
    assert "Idempotent-Replayed" not in again.headers


def files_of(store):
    """Return the files of a database. On PostgreSQL, all rows are written to them before."""
    if store.is_sqlite:
        return list(Path(store.url.database).parent.glob(f"{Path(store.url.database).name}*"))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        oid = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    return [file for file in Path(folder, "base", str(oid)).iterdir() if file.is_file()]


def in_files(store, words):
    """Return the names of the files that contain these words."""
    return [file.name for file in files_of(store) if words.encode() in file.read_bytes()]


@contextmanager
def older_snapshot(store):
    """Hold a snapshot of the database that was made before."""
    with store.reading() as reader:
        feed_position(reader)
        yield


@contextmanager
def impatient(store):
    """Yield a store that waits for a fifth of a second."""
    other = Store(store.url.render_as_string(hide_password=False), seconds=0.2)
    yield other
    other.close()


def test_a_purged_record_is_not_left_in_the_files_of_the_database(libel, store):
    client, path = libel
    client.delete(path, headers=ANY)
    assert in_files(store, LIBEL)
    purge(store, [path.rpartition("/")[2]])
    overwrite_files(store)
    assert in_files(store, LIBEL) == []


def test_a_purged_record_is_not_left_in_the_statistics_of_the_database(store):
    """The statistics of PostgreSQL have values of columns that occur often."""
    articles = [article(f"article-{number}", publisher=LIBEL) for number in range(3)]
    assert import_lines(store, [("lines", map(orjson.dumps, articles))]).stored
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            connection.execute(text("ANALYZE article"))
            values = connection.execute(text("SELECT most_common_vals FROM pg_stats WHERE tablename = 'article'"))
            assert any(LIBEL in (value or "") for value in values.scalars())
    purge(store, [item["id"] for item in articles])
    overwrite_files(store)
    assert in_files(store, LIBEL) == []


def test_a_purge_next_to_an_older_snapshot_is_finished_after_it(libel, store):
    client, path = libel
    assert in_files(store, LIBEL)
    with impatient(store) as other:
        with older_snapshot(store):
            purge(other, [path.rpartition("/")[2]])
            with pytest.raises(FilesNotOverwritten):
                overwrite_files(other)
            assert client.get(path).status_code == 410
            # So the error is true.
            assert in_files(store, LIBEL)
        overwrite_files(other)
        assert in_files(store, LIBEL) == []
        overwrite_files(other)


def test_the_files_are_overwritten_as_soon_as_an_older_snapshot_has_ended(libel, store):
    _, path = libel
    begun = threading.Event()

    def read():
        with older_snapshot(store):
            begun.set()
            time.sleep(0.5)

    with ThreadPoolExecutor() as pool:
        reading = pool.submit(read)
        assert begun.wait(10)
        purge(store, [path.rpartition("/")[2]])
        overwrite_files(store)
        reading.result()
    assert in_files(store, LIBEL) == []


@pytest.mark.slow
def test_a_purge_that_was_killed_while_it_overwrote_the_files_is_finished_later(libel, store, tmp_path):
    client, path = libel
    settings = environment(database_url=store.url.render_as_string(hide_password=False), query_seconds="60")
    command = [*ONRECORD, "purge", "--yes", path.rpartition("/")[2]]
    with (
        older_snapshot(store),
        subprocess.Popen(command, env=settings, cwd=tmp_path, stdout=subprocess.PIPE) as process,
    ):
        # The command waits for the snapshot after this line.
        assert process.stdout.readline().startswith(b"Deleted the casualty report")
        process.kill()
    assert client.get(path).status_code == 410
    assert in_files(store, LIBEL)
    overwrite_files(store)
    assert in_files(store, LIBEL) == []


@contextmanager
def locked(store):
    """Hold a lock that conflicts with the overwriting of the files."""
    with store.writing() as connection:
        if not store.is_sqlite:
            connection.execute(text("LOCK TABLE claim IN ACCESS SHARE MODE"))
        yield


def test_files_that_another_process_locks_are_reported_as_not_overwritten(store):
    with impatient(store) as other:
        with locked(store), pytest.raises(FilesNotOverwritten):
            overwrite_files(other)
        overwrite_files(other)


def test_rewriting_the_files_may_take_longer_than_a_query(libel, store):
    """On PostgreSQL, an index that sleeps makes the rewriting slow."""
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            body = "SELECT pg_sleep(1.5); SELECT $1"
            function = f"CREATE FUNCTION slow(varchar) RETURNS varchar IMMUTABLE LANGUAGE sql AS '{body}'"
            connection.execute(text(function))
            connection.execute(text("CREATE INDEX slow ON article (slow(id))"))
    with impatient(store) as other:
        overwrite_files(other)
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION slow CASCADE"))


@pytest.mark.parametrize("databases", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_files_that_the_role_may_not_overwrite_are_reported(store):
    """Only the owner of the database may rewrite its statistics, and only that of a table drop them."""
    with store.engine.begin() as connection:
        connection.execute(text("CREATE ROLE guest LOGIN"))
        connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest"))
    guest = Store(store.url.set(username="guest").render_as_string(hide_password=False), seconds=0.2)
    try:
        with pytest.raises(FilesNotOverwritten, match="must be owner of table"):
            overwrite_files(guest)
        with store.engine.begin() as connection:
            for name in metadata.tables:
                connection.execute(text(f"ALTER TABLE {name} OWNER TO guest"))
        with pytest.raises(FilesNotOverwritten, match='permission denied to vacuum "pg_statistic"'):
            overwrite_files(guest)
        with store.engine.begin() as connection:
            connection.execute(text(f'ALTER DATABASE "{store.url.database}" OWNER TO guest'))
        overwrite_files(guest)
        # The owner sees the transactions of other roles, but not their queries.
        with older_snapshot(store), pytest.raises(FilesNotOverwritten, match="Older transactions"):
            overwrite_files(guest)
    finally:
        guest.close()
        with store.engine.begin() as connection:
            connection.execute(text("REASSIGN OWNED BY guest TO CURRENT_USER"))
            connection.execute(text("DROP OWNED BY guest"))
            connection.execute(text("DROP ROLE guest"))


@pytest.fixture
def preparing():
    """Yield a store on a PostgreSQL server of its own that allows a prepared transaction."""
    databases = PostgresDatabases(Path(tempfile.mkdtemp(prefix="or-")))
    with databases.admin.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET max_prepared_transactions = 1"))
    databases.admin.dispose()
    databases.server.stop()
    databases.server.start()
    store = Store(databases.new("empty"))
    yield store
    store.close()
    databases.close()


@pytest.mark.postgresql
@pytest.mark.slow
def test_rows_that_a_prepared_transaction_needs_are_reported(preparing):
    """No session has it, so nothing shows in advance that the files keep the rows."""
    with preparing.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN; CREATE TABLE other (id int); PREPARE TRANSACTION 'older'")
        assert import_lines(preparing, [("lines", [orjson.dumps(article("libel", headline=LIBEL))])]).stored
        purge(preparing, ["libel"])
        with pytest.raises(FilesNotOverwritten, match="cannot be removed yet"):
            overwrite_files(preparing)
        assert in_files(preparing, LIBEL)
        connection.exec_driver_sql("ROLLBACK PREPARED 'older'")
    overwrite_files(preparing)
    assert in_files(preparing, LIBEL) == []


def moved(client, **more):
    """Create a claim of the article that has the text to purge, and move it to another article. Return its path."""
    client.put("/v1/articles/another", json=sent(article("another")))
    fields = report(place=LIBEL, **more)
    path = client.post("/v1/casualty-reports", json=fields, headers={"Idempotency-Key": "moved"}).headers["Location"]
    path = path.partition(":8000")[2]
    assert changed(client, path, {"article_id": "another", "place": None}).status_code == 200
    return path


def test_a_claim_that_was_moved_loses_the_versions_of_the_purged_article(client_with_article, store):
    client, path = client_with_article, moved(client_with_article)
    id_ = path.rpartition("/")[2]
    token = client.get("/v1/changes").json["page"]["since"]
    assert purge(store, ["the-article"]) == [
        Erased("article", "the-article", 1),
        Erased("casualty_report", id_, 1, remains=True),
    ]
    assert client.get(path).json["article_id"] == "another"
    versions = client.get(f"{path}/versions").json["data"]
    assert [(item["version"], item["action"], item["document"] is None) for item in versions] == [
        (2, "updated", False),
        (1, "purged", True),
    ]
    assert [item["id"] for item in client.get(f"/v1/changes?since={token}").json["data"]] == ["the-article"]
    assert_sound(store)
    overwrite_files(store)
    assert in_files(store, LIBEL) == []


def test_a_deleted_claim_that_was_moved_keeps_the_versions_of_other_articles(client_with_article, store):
    client, path = client_with_article, moved(client_with_article)
    client.delete(path, headers=ANY)
    purge(store, ["the-article"])
    actions = [item["action"] for item in client.get(f"{path}/versions").json["data"]]
    assert actions == ["deleted", "updated", "purged"]
    assert LIBEL not in client.get("/v1/changes").text
    purge(store, ["another"])
    assert [item["action"] for item in client.get(f"{path}/versions").json["data"]] == ["purged"]
    assert_sound(store)


def test_a_claim_that_was_moved_to_the_purged_article_is_purged(client_with_article, store):
    client, path = client_with_article, moved(client_with_article)
    purge(store, ["another"])
    assert client.get(path).status_code == 410
    assert [item["action"] for item in client.get(f"{path}/versions").json["data"]] == ["purged"]
    assert client.get("/v1/articles/the-article").status_code == 200
    assert_sound(store)


def test_a_claim_that_comes_to_an_article_during_its_purge_is_purged(client_with_article, store, monkeypatch):
    client, path = client_with_article, moved(client_with_article)
    before_writing(monkeypatch, store, lambda _: changed(client, path, {"article_id": "the-article", "place": LIBEL}))
    purge(store, ["the-article"])
    assert client.get(path).status_code == 410
    assert LIBEL not in client.get("/v1/changes").text
    assert_sound(store)


def test_an_article_is_purged_with_all_claims_it_ever_had(libel, store):
    client, path = libel
    deleted = client.post("/v1/casualty-reports", json=report(place="deleted before")).headers["Location"]
    client.delete(deleted.partition(":8000")[2], headers=ANY)
    client.put("/v1/articles/another", json=sent(article("x")))
    assert len(purge(store, ["the-article"])) == 3
    assert client.get("/v1/articles/the-article").status_code == 410
    assert client.get(path).status_code == 410
    assert client.get("/v1/articles/another").status_code == 200
    assert "deleted before" not in client.get("/v1/changes").text
    assert "ministry" not in client.get("/v1/changes").text


def test_a_claim_that_another_restates_is_purged_only_with_it(libel, store):
    client, path = libel
    id_ = path.rpartition("/")[2]
    other = client.post("/v1/casualty-reports", json=report(place="x", restates=id_)).json["id"]
    with pytest.raises(InUse, match=other):
        purge(store, [id_])
    assert client.get(path).status_code == 200
    assert {erased.id for erased in purge(store, [id_, other])} == {id_, other}


def test_a_claim_that_many_others_restate_is_purged_only_with_all_of_them(store):
    """The order of the ids puts the claim that is not purged last."""
    restating = [casualty_report(f"claim-{number:02}", "the-article", restates="restated") for number in range(12)]
    restating[-1]["article_id"] = "another"
    lines = [article("the-article"), article("another"), casualty_report("restated", "the-article"), *restating]
    assert import_lines(store, [("lines", map(orjson.dumps, lines))]).stored
    with pytest.raises(InUse, match="'restated' is restated by claim-11"):
        purge(store, ["the-article"])
    assert_sound(store)
    assert len(purge(store, ["the-article", "claim-11"])) == 14
    assert_sound(store)


def test_a_purged_record_can_be_created_again_as_a_later_version(libel, store):
    client, path = libel
    purge(store, [path.rpartition("/")[2]])
    response = client.put(path, json=report())
    assert (response.status_code, response.json["version"]) == (201, 4)


def test_a_missing_record_cannot_be_purged(store):
    with pytest.raises(NotFound, match="never existed"):
        purge(store, ["there-is-none"])


def test_the_command_asks_and_reports_the_purged_records(writer):
    runner = writer.application.test_cli_runner()
    unasked = runner.invoke(onrecord, ["purge", "aliyev-go-to-the-end"], input="n\n")
    assert (unasked.exit_code, "Deleted" in unasked.stdout) == (1, False)
    done = runner.invoke(onrecord, ["purge", "--yes", "aliyev-go-to-the-end"])
    assert done.stdout == "Deleted the quote aliyev-go-to-the-end, 1 version.\n"
    never = runner.invoke(onrecord, ["purge", "--yes", "there-is-none"])
    assert (never.exit_code, "never existed" in never.stderr) == (1, True)
    for arguments in ([], ["--finish", "aliyev-go-to-the-end"]):
        usage = runner.invoke(onrecord, ["purge", *arguments])
        assert (usage.exit_code, "or --finish" in usage.stderr) == (2, True)


def test_the_command_reports_a_moved_claim(client_with_article):
    id_ = moved(client_with_article).rpartition("/")[2]
    done = client_with_article.application.test_cli_runner().invoke(onrecord, ["purge", "--yes", "the-article"])
    assert done.stdout.splitlines() == [
        "Deleted the article the-article, 1 version.",
        f"Deleted 1 version of the casualty report {id_}. Its other versions are of another article.",
    ]


def test_the_command_reports_files_that_are_not_overwritten_and_finishes_them(libel, store, tmp_path):
    _, path = libel
    settings = {"database_url": store.url.render_as_string(hide_password=False), "query_seconds": "0.2"}
    id_ = path.rpartition("/")[2]
    with older_snapshot(store):
        result = onrecord_in_a_process("purge", "--yes", id_, cwd=tmp_path, **settings)
        assert (result.returncode, result.stdout) == (3, f"Deleted the casualty report {id_}, 2 versions.\n")
        assert "The records are deleted, but the files of the database can still contain them." in result.stderr
        assert result.stderr.endswith("run: onrecord purge --finish\n")
    finished = onrecord_in_a_process("purge", "--finish", cwd=tmp_path, **settings)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert in_files(store, LIBEL) == []
