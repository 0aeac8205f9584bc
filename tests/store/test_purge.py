"""Purges: a purged record is deleted everywhere, with its history, and the feed reports its deletion."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from api.cli import onrecord
from api.store.database import Store
from api.store.errors import DatabaseInUse, InUse, NotFound
from api.store.purge import purge
from api.store.read import feed_position
from tests.support.factories import ANY, changed, feed, report, sent
from tests.support.generated_records import article

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
    assert purge(store, [id_]) == {("casualty_report", id_): 2}
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


def test_a_purged_record_is_not_left_in_the_files_of_the_database(libel, store):
    client, path = libel
    client.delete(path, headers=ANY)
    purge(store, [path.rpartition("/")[2]])
    if store.is_sqlite:
        files = [Path(f"{store.url.database}{suffix}") for suffix in ("", "-wal")]
        assert all(LIBEL.encode() not in file.read_bytes() for file in files if file.exists())
    else:
        with store.engine.connect() as connection:
            for table in inspect(connection).get_table_names():
                assert LIBEL not in repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


def test_a_purge_that_leaves_text_in_a_file_warns(libel, store):
    client, path = libel
    impatient = Store(store.url.render_as_string(hide_password=False), seconds=0.2)
    id_ = path.rpartition("/")[2]
    if not impatient.is_sqlite:
        # There, a file is written anew when nobody reads it any more, and the command waits for that.
        assert purge(impatient, [id_])
        return
    with store.reading() as reader:
        feed_position(reader)
        with pytest.raises(DatabaseInUse):
            purge(impatient, [id_])
    assert client.get(path).status_code == 410
    assert LIBEL.encode() in Path(f"{store.url.database}-wal").read_bytes()
    purge(impatient, [id_])
    assert LIBEL.encode() not in Path(f"{store.url.database}-wal").read_bytes()
    impatient.close()


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
    assert {purged for _, purged in purge(store, [id_, other])} == {id_, other}


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
