"""Documents are stored once: in the record while they are current, then in their change."""

from __future__ import annotations

import threading
from itertools import pairwise

import orjson
import pytest
from sqlalchemy import delete, func, select

from api.kinds.casualty_report import CASUALTY_REPORT
from api.store import changes
from api.store.check import check
from api.store.imports import import_lines
from api.store.purge import purge
from api.store.rewrite import rewrite
from api.store.tables import GONE, change, claim, document_part
from tests.support.db_invariants import assert_sound
from tests.support.factories import ANY, TEXT, changed, feed, report
from tests.support.generated_records import article, casualty_report
from tests.support.writers import before_writing

PATH = "/v1/casualty-reports/a-report"
VERSIONS = 40


@pytest.fixture
def client(client_with_article):
    """Return a client of an app with one claim."""
    assert client_with_article.put(PATH, json=report()).status_code == 201
    return client_with_article


def documents_of_changes(store):
    """Return action, version, and whether the change has a document, for each change of the claim."""
    with store.snapshot() as connection:
        rows = connection.execute(select(change).where(change.c.id == "a-report").order_by(change.c.sequence)).all()
        return [(row.action, row.version, row.document is not None) for row in rows]


def test_a_change_has_a_document_once_its_version_is_not_the_current_one(client, store):
    sent = [client.get(PATH).data]
    assert documents_of_changes(store) == [("created", 1, False)]
    sent += [changed(client, PATH, {"place": place}).data for place in ("here", "there")]
    assert documents_of_changes(store) == [("created", 1, True), ("updated", 2, True), ("updated", 3, False)]
    assert client.delete(PATH, headers=ANY).status_code == 204
    sent.append(b"null")
    assert documents_of_changes(store)[2:] == [("updated", 3, True), ("deleted", 4, False)]
    sent.append(client.put(PATH, json=report()).data)
    assert documents_of_changes(store)[3:] == [("deleted", 4, False), ("created", 5, False)]
    history = client.get(f"{PATH}/versions").json["data"]
    of_feed = [entry for entry in feed(client) if entry["id"] == "a-report"]
    assert [orjson.dumps(entry["document"]) for entry in of_feed] == sent
    assert history == of_feed[::-1]
    assert_sound(store)


@pytest.mark.parametrize(
    "query", ["sort=id", "sort=-claimed_on", "claimant={claimant}", "q={sentence}&sort=relevance", "format=ndjson"]
)
def test_fields_before_the_shared_part_are_read_without_it(client, store, query):
    record = client.get(PATH).json
    query = query.format(claimant=record["claimant"]["name"], sentence=record["evidence"][0]["exact"])
    fields = [name for name in record if name not in ("on_record", "grounding", "version", "created_at", "updated_at")]
    with store.writing() as connection:
        connection.execute(delete(document_part))
    expected = orjson.dumps({name: record[name] for name in fields})
    response = client.get(f"/v1/casualty-reports?{query}&fields={','.join(fields)}")
    assert (response.status_code, response.data.count(expected)) == (200, 1), response.text


def test_an_import_and_an_article_keep_the_documents_that_they_replace(client, store):
    before = client.get(PATH).json
    path = f"/v1/articles/{before['article_id']}"
    line = {**report(), "type": "casualty_report", "id": "a-report", "place": "here"}
    imported = import_lines(store, [("lines", [orjson.dumps(line)])])
    assert (imported.stored, imported.counts["replaced"]) == (True, 1), imported.rejected_lines
    after_import = client.get(PATH).json
    assert client.delete(f"{path}/text", headers=ANY).status_code == 204
    history = client.get(f"{PATH}/versions").json["data"]
    assert [entry["document"] for entry in history[1:]] == [after_import, before]
    assert documents_of_changes(store) == [("created", 1, True), ("updated", 2, True), ("updated", 3, False)]
    # The grounding has changed, and so has the part that it shares with others.
    assert client.get(PATH).json["grounding"]["status"] == "unverified"
    # A claim that only follows its article keeps its version.
    assert changed(client, path, {"publisher": "Another Post"}).status_code == 200
    assert documents_of_changes(store)[2:] == [("updated", 3, False)]
    assert_sound(store)


def test_readers_of_history_and_feed_never_miss_a_document(client, store):
    """A reader has one snapshot, so a document is in the record or in its change."""
    ended, errors = threading.Event(), []

    def read():
        while not ended.is_set():
            with store.reading() as reader:
                of_feed, _ = changes.since(reader, 0, 200, ["casualty_report"])
                history, _ = changes.history(reader, CASUALTY_REPORT.collection, "a-report", 200)
            if history != of_feed[::-1]:
                errors.append("The feed and the history differ.")
            for entry in of_feed:
                document = orjson.loads(entry.document or "{}")
                if (document.get("version") == entry.version) == (entry.action in GONE):
                    errors.append(f"The version {entry.version} has the document {document}.")
            errors.extend(
                f"{second.version} follows {first.version}."
                for first, second in pairwise(of_feed)
                if second.version != first.version + 1
            )

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for number in range(VERSIONS):
            if number % 10 == 9:
                assert client.delete(PATH, headers=ANY).status_code == 204
                assert client.put(PATH, json=report()).status_code == 201
            assert changed(client, PATH, {"place": f"place {number}"}).status_code == 200
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    assert errors == []
    assert len(documents_of_changes(store)) == 1 + VERSIONS + 2 * (VERSIONS // 10)
    assert_sound(store)


def test_a_version_that_is_purged_before_it_is_rendered_stays_without_a_document(client, store, monkeypatch):
    """The render reads the version of another article before it is purged, and writes after it."""
    other = {"type": "article", "id": "another", "headline": "Another", "text": TEXT}
    assert import_lines(store, [("lines", [orjson.dumps(other)])]).stored
    first = client.get(PATH).json["article_id"]
    assert changed(client, PATH, {"article_id": "another"}).status_code == 200
    with store.writing() as connection:
        shorter = func.replace(change.c.document, '"subgroups":[],', "")
        connection.execute(change.update().where(change.c.document.is_not(None)).values(document=shorter))
    before_writing(monkeypatch, store, lambda attempt: attempt == 1 and purge(store, [first]))
    rewrite(store)
    assert [row for row in documents_of_changes(store) if row[2]] == []
    assert list(check(store)) == []


def test_claims_share_the_reports_of_their_checks_until_all_are_purged(store):
    records = [article("an-article"), *(casualty_report(f"claim-{number}", "an-article") for number in range(50))]
    records += [article("abroad", language="x-klingon"), casualty_report("a-foreign-claim", "abroad")]
    assert import_lines(store, [("lines", map(orjson.dumps, records))]).stored
    with store.snapshot() as connection:
        assert connection.execute(select(func.count()).select_from(document_part)).scalar_one() == 2
        documents = connection.execute(select(claim.c.document)).scalars().all()
    assert all(list(orjson.loads(document))[-3:] == ["version", "created_at", "updated_at"] for document in documents)
    purge(store, ["abroad"])
    with store.snapshot() as connection:
        (part,) = connection.execute(select(document_part.c.text)).scalars()
    assert "klingon" not in part
    assert_sound(store)
