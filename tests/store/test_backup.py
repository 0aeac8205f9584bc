"""Backups of a database that others write to, and their restore, with the real commands on both databases."""

from __future__ import annotations

import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from sqlalchemy import create_engine, make_url, text

from api.store.database import CONNECTION_LOCK, Store
from api.store.errors import Unavailable
from api.store.imports import import_lines
from api.store.read import feed_position
from tests.conftest import SECONDS_MAX, PostgresDatabases, app_on
from tests.store.test_migrations import written_by_1_0_0
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.generated_records import article, casualty_report
from tests.support.live_server import ONRECORD, environment, onrecord
from tests.support.writers import app_client, create_key, put, running_server, wait_until

pytestmark = pytest.mark.slow

IN_USE = "Error: Another process uses the database. Stop the server and other commands, and try again.\n"


@pytest.fixture(autouse=True)
def _programs_on_path(databases, monkeypatch):
    """Put the programs of PostgreSQL, which the test extra has, on PATH."""
    if isinstance(databases, PostgresDatabases):
        monkeypatch.setenv("PATH", f"{databases.server.bin_path}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def url(databases):
    """Return the URL of a new database with the fixtures."""
    return databases.new("seeded")


@pytest.fixture
def run(url, tmp_path):
    """Return a function that runs a command on the database, and returns its status, output and error message."""

    def run(*arguments, status=0, database_url=url):
        done = onrecord(*map(str, arguments), cwd=tmp_path, database_url=database_url)
        assert done.returncode == status, done.stderr
        return done.stderr if status else done.stdout

    return run


def content(url):
    """Return all documents of a database, the epoch of its feed and its last sequence number."""
    store = Store(url, seconds=SECONDS_MAX)
    with store.engine.connect() as connection:
        epoch = connection.execute(text("SELECT epoch FROM feed")).scalar_one()
        sequence = connection.execute(text("SELECT max(sequence) FROM change")).scalar_one()
    documents = stored_documents(store)
    assert_sound(store)
    store.close()
    return documents, epoch, sequence


def write(url, *ids):
    """Put articles with these ids."""
    app = app_on(url)
    ask = app_client(app, create_key(app.extensions["onrecord"]))
    for id_ in ids:
        assert put(ask, f"/v1/articles/{id_}", article(id_)).status == 201
    app.extensions["onrecord"].close()


def fill(url, claims):
    """Store an article with many claims."""
    store = Store(url)
    records = [
        article("large"),
        *(casualty_report(f"claim-{number}", "large") for number in range(claims)),
    ]
    report = import_lines(store, [("lines", [orjson.dumps(record) for record in records])])
    assert not report.rejected_lines
    store.close()


def files(folder):
    return {path.name for path in folder.iterdir()} - {"log"}


def test_a_restored_backup_has_the_records_of_its_time_and_another_epoch(url, run, tmp_path):
    before, epoch, _ = content(url)
    assert run("backup", "backup") == "Written and verified: backup, with 4 articles, 25 claims, 29 changes.\n"
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    write(url, "after-the-backup")
    assert run("restore", "backup") == "Restored and verified: backup, with 4 articles, 25 claims, 29 changes.\n"
    documents, renewed, _ = content(url)
    assert (documents, files(tmp_path)) == (before, {"backup"})
    assert renewed != epoch


def test_a_follower_of_a_restored_feed_starts_again_and_misses_nothing(url, run, databases):
    run("backup", "backup")
    write(url, "lost")
    app = app_on(url)
    token = app.test_client().get("/v1/changes?limit=200").json["page"]
    app.extensions["onrecord"].close()
    run("restore", "backup")
    write(url, "another", "the-third")
    client = app.test_client()
    # Without the epoch, the follower would only get the last change.
    assert len(client.get(f"/v1/changes?since={token['since']}").json["data"]) == 1
    rejected = client.get(f"/v1/changes?since={token['since']}&epoch={token['epoch']}")
    assert (rejected.status_code, rejected.json["code"]) == (410, "resync-required")
    replayed = {item["id"] for item in client.get("/v1/changes?limit=200").json["data"]}
    assert {"another", "the-third"} <= replayed
    assert "lost" not in replayed
    app.extensions["onrecord"].close()


def test_a_backup_restores_into_a_new_database(url, run, databases):
    run("backup", "backup")
    other = databases.bare()
    run("restore", "backup", database_url=other)
    assert content(other)[0] == content(url)[0]


def test_a_backup_beside_writers_is_one_snapshot(url, run, databases, tmp_path):
    fill(url, 3000)
    _, _, first = content(url)
    app, stopped, written = app_on(url), threading.Event(), []
    token = create_key(app.extensions["onrecord"])

    def keep_writing():
        ask = app_client(app, token)
        while not stopped.is_set():
            id_ = f"written-{len(written)}"
            assert put(ask, f"/v1/articles/{id_}", article(id_)).status == 201
            written.append(id_)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    wait_until(lambda: len(written) > 2)
    before = len(written)
    run("backup", "backup")
    stopped.set()
    writer.join()
    app.extensions["onrecord"].close()
    other = databases.bare()
    run("restore", "backup", database_url=other)
    documents, _, last = content(other)
    copied = {id_ for _, id_ in documents if id_.startswith("written-")}
    # All writes before the backup, some of those during it, and no gap.
    assert copied == {f"written-{number}" for number in range(len(copied))}
    assert before <= len(copied) == last - first


def test_a_backup_and_a_writer_do_not_wait_for_each_other(url, run, databases):
    store = Store(url)
    with store.writing() as connection:
        connection.execute(text("DELETE FROM term"))
        run("backup", "backup")
    store.close()
    other = databases.bare()
    run("restore", "backup", database_url=other)
    # The deletion was not committed.
    content(other)


def test_a_backup_does_not_overwrite_a_file(run, tmp_path):
    (tmp_path / "backup").write_text("of another day")
    assert run("backup", "backup", status=1) == "Error: backup exists. Choose another name, or delete it first.\n"
    assert (tmp_path / "backup").read_text() == "of another day"
    assert "No such file" in run("backup", "no/folder/backup", status=1)


def limited(*arguments, url, folder, bytes_max):
    """Run a command that cannot write files longer than a limit, as on a full disk."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

    return subprocess.run(
        [*ONRECORD, *arguments], cwd=folder, env=environment(database_url=url), preexec_fn=limit,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_full_disk_leaves_no_backup(url, tmp_path):
    done = limited("backup", "backup", url=url, folder=tmp_path, bytes_max=4096)
    assert (done.returncode, files(tmp_path)) == (1, set())
    assert re.fullmatch(r"Error: .+\n", done.stderr), done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_backup_leaves_no_file(url, tmp_path, number):
    fill(url, 3000)
    process = subprocess.Popen(
        [*ONRECORD, "backup", "backup"], cwd=tmp_path, env=environment(database_url=url), stderr=subprocess.DEVNULL
    )
    wait_until(lambda: any(tmp_path.iterdir()), every=0.0005)
    process.send_signal(number)
    assert process.wait(60) == (143 if number == signal.SIGTERM else -signal.SIGKILL)
    left = files(tmp_path)
    assert "backup" not in left
    assert number == signal.SIGKILL or not left


def test_a_restore_beside_a_server_is_rejected(url, run, tmp_path):
    run("backup", "backup")
    before = content(url)
    folder = tmp_path / "server"
    folder.mkdir()
    # It has had no request.
    with running_server(url, folder, workers=1):
        assert run("restore", "backup", status=1) == IN_USE
    assert content(url) == before
    run("restore", "backup")


def test_a_restore_beside_another_command_is_rejected(url, run):
    run("backup", "backup")
    other = Store(url)
    with other.reading():
        assert run("restore", "backup", status=1) == IN_USE
    other.close()
    run("restore", "backup")


def test_a_process_that_connects_during_a_restore_waits(url):
    """A restore holds the exclusive lock on the connections."""
    if url.startswith("sqlite"):
        restoring = sqlite3.connect(make_url(url).database, isolation_level=None)
        restoring.execute("PRAGMA locking_mode = EXCLUSIVE")
        restoring.execute("BEGIN EXCLUSIVE")
    else:
        restoring = create_engine(url).connect()
        restoring.execute(text(f"SELECT pg_advisory_lock({CONNECTION_LOCK})"))
    store = Store(url, seconds=0.5)
    with pytest.raises(Unavailable), store.reading():
        raise AssertionError("a connection during a restore")
    restoring.close()
    if not store.is_sqlite:
        restoring.engine.dispose()
    with store.reading() as reader:
        assert feed_position(reader).sequence == 29
    store.close()


def damaged(path, cut):
    data = bytearray(path.read_bytes())
    if cut:
        path.write_bytes(data[: len(data) // 2])
    else:
        middle = len(data) // 2
        # More than a page of SQLite, because the middle of a page can be empty.
        end = middle + 10_000
        data[middle:end] = bytes(255 - byte for byte in data[middle:end])
        path.write_bytes(data)


@pytest.mark.parametrize("cut", [True, False])
def test_a_damaged_backup_is_rejected_and_changes_nothing(url, run, tmp_path, cut):
    run("backup", "backup")
    write(url, "after-the-backup")
    before = content(url)
    damaged(tmp_path / "backup", cut)
    assert re.fullmatch(r"Error: .+\n", run("restore", "backup", status=1))
    assert content(url) == before


def test_other_files_are_rejected(url, run, tmp_path):
    (tmp_path / "text").write_text("of another program")
    assert "is not a backup of" in run("restore", "text", status=1)
    assert "No such file" in run("restore", "missing", status=1)
    with closing(sqlite3.connect(tmp_path / "of-others")) as connection:
        connection.execute("CREATE TABLE other (x)")
    message = "has no tables of onrecord" if url.startswith("sqlite") else "is not a backup of PostgreSQL"
    assert message in run("restore", "of-others", status=1)


def test_a_restore_that_fails_midway_changes_nothing(url, run, tmp_path):
    run("backup", "backup")
    write(url, "after-the-backup")
    before = content(url)
    if url.startswith("sqlite"):
        # The copy fits, the journal of the old content does not: it has one more page and a header for each.
        bytes_max = (tmp_path / "backup").stat().st_size
        done = limited("restore", "backup", url=url, folder=tmp_path, bytes_max=bytes_max)
        assert done.returncode == 1
        message = done.stderr
    else:
        store = Store(url)
        with store.engine.begin() as connection:
            # The backup has an index of this name, which is created after all rows.
            connection.execute(text("DROP INDEX ix_claim_place_key_on_record_from_id"))
            connection.execute(text("CREATE TABLE ix_claim_place_key_on_record_from_id (x integer)"))
        store.close()
        message = run("restore", "backup", status=1)
    assert re.fullmatch(r"Error: .+\n", message), message
    assert content(url) == before


def test_a_killed_restore_leaves_the_old_content_or_the_new_one(url, run, tmp_path):
    fill(url, 2000)
    run("backup", "backup")
    write(url, "after-the-backup")
    old, new = content(url)[0], None
    for step in range(6):
        process = subprocess.Popen([*ONRECORD, "restore", "backup"], cwd=tmp_path, env=environment(database_url=url))
        if step:
            # From before the start of the restore to its end.
            try:
                process.wait(0.3 + 0.2 * step)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait(60)
        store = Store(url)
        if not store.is_sqlite:
            wait_until(lambda store=store: is_alone(store))
        store.close()
        documents, _, _ = content(url)
        new = new or documents
        assert documents in (old, new)
    assert new != old


def is_alone(store):
    """Return whether no other client is connected."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with store.engine.connect() as connection:
        return connection.execute(text(others)).scalar() == 0


def test_an_older_backup_is_restored_and_upgraded(databases, url, run, tmp_path):
    old = written_by_1_0_0(databases)
    documents = stored_documents_of_1_0_0(old)
    old_url = old.url.render_as_string(hide_password=False)
    old.close()
    run("backup", "backup", database_url=old_url)
    assert run("restore", "backup").endswith("The backup is of an older version. Run: onrecord db upgrade\n")
    run("db", "upgrade")
    run("db", "render")
    assert content(url)[0].keys() == documents


def stored_documents_of_1_0_0(store):
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT type, id FROM claim UNION SELECT 'article', id FROM article")).all()
    return {(type_, id_) for type_, id_ in rows}


def test_a_backup_of_a_later_version_is_rejected(databases, url, run):
    later = databases.new("seeded")
    run("backup", "backup", database_url=later)
    before = content(url)
    store = Store(later)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9'"))
    store.close()
    run("backup", "later", database_url=later)
    assert "belong to another version of onrecord" in run("restore", "later", status=1)
    assert content(url) == before


ON_SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize(
    "databases", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


@ON_SQLITE
@pytest.mark.parametrize("alone", [False, True])
def test_a_restore_is_not_mixed_with_the_write_ahead_log_of_the_old_database(url, run, alone):
    run("backup", "backup")
    before, _, _ = content(url)
    database = Path(make_url(url).database)
    write_and_be_killed = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode = WAL'); "
        "c.execute(\"UPDATE article SET document = 'of the old database'\"); c.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", write_and_be_killed, database], check=True)
    log = Path(f"{database}-wal")
    assert log.stat().st_size > 0
    if alone:
        database.unlink()
    run("restore", "backup")
    assert content(url)[0] == before


@ON_SQLITE
def test_a_file_that_is_no_database_is_not_replaced(url, run):
    run("backup", "backup")
    database = Path(make_url(url).database)
    database.write_bytes(b"no database" * 1000)
    message = run("restore", "backup", status=1)
    assert message.endswith(f"file is not a database. Move it away with {database.name}-*, and try again.\n")
    assert database.read_bytes() == b"no database" * 1000
    database.unlink()
    run("restore", "backup")
    assert database.stat().st_mode & 0o777 == 0o600


@ON_SQLITE
def test_a_backup_of_a_missing_database_is_rejected(run, tmp_path):
    missing = f"sqlite:///{tmp_path}/missing.db"
    assert run("backup", "backup", status=1, database_url=missing).startswith("Error: The database has no tables.")
    assert "in memory" in run("restore", ONRECORD[0], status=1, database_url="sqlite://")


@ON_POSTGRESQL
def test_no_program_gets_the_password_as_an_argument(databases, url, run, tmp_path, monkeypatch):
    log, wrappers = tmp_path / "log", tmp_path / "wrappers"
    wrappers.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        real = databases.server.bin_path / name
        wrapper = wrappers / name
        wrapper.write_text(f'#!/bin/sh\necho "$0 $* password=$PGPASSWORD" >> {log}\nexec {real} "$@"\n')
        wrapper.chmod(0o700)
    monkeypatch.setenv("PATH", f"{wrappers}{os.pathsep}{os.environ['PATH']}")
    secret = make_url(url).set(password="a-secret").render_as_string(hide_password=False)
    run("backup", "backup", database_url=secret)
    run("restore", "backup", database_url=secret)
    calls = [line.partition(" password=") for line in log.read_text().splitlines() if "--version" not in line]
    assert {Path(call.split()[0]).name for call, _, _ in calls} == {"pg_dump", "pg_restore", "psql"}
    assert {password for _, _, password in calls} == {"a-secret"}
    assert not [call for call, _, _ in calls if "a-secret" in call]


@ON_POSTGRESQL
def test_missing_programs_and_those_of_another_version_are_named(url, run, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    fix = r"Install the client programs of PostgreSQL \d+, and put them on PATH\.\n"
    assert re.fullmatch(rf"Error: pg_dump is not on PATH\. {fix}", run("backup", "backup", status=1))
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o700)
    expected = rf"Error: {old} has the version 9, but the server has \d+\. {fix}"
    assert re.fullmatch(expected, run("backup", "backup", status=1))
    assert not (tmp_path / "backup").exists()
