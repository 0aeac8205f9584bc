"""Documents of an earlier version: served in the current shape at once, and rewritten by `onrecord db render`."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path

import orjson
import pytest
from sqlalchemy import MetaData, Table, func, insert, select

from api.kinds.casualty_report import CASUALTY_REPORT
from api.kinds.collections import COLLECTIONS
from api.kinds.rendering import render, render_fields
from api.seed import files
from api.store import rewrite as rewriting
from api.store.changes import VERSION_DOCUMENT
from api.store.imports import import_lines
from api.store.rewrite import rewrite
from api.store.tables import change, claim, party
from schemas.base import schema_of
from tests.conftest import editing
from tests.store.test_migrations import REPORTS, ROWS, written_by_1_0_0
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.demo import FOLDER
from tests.support.factories import ANY, MERGE, feed
from tests.support.live_server import ONRECORD, environment
from tests.support.openapi import DOCUMENT
from tests.support.writers import running_server, wait_until

pytestmark = pytest.mark.slow

ARTICLE_URL, PARTY_URL = "https://news.example/1?a|b#c#d", "https://parties.example/{norland}"
ENCODED_ARTICLE_URL, ENCODED_PARTY_URL = (
    "https://news.example/1?a%7Cb#c%23d",
    "https://parties.example/%7Bnorland%7D",
)
PATCH = b'{"place": "Ashford", "inferred": ["since", "place"]}'
PATHS = [
    "/v1/articles/the-article",
    f"{REPORTS}/wounded?include=article",
    f"{REPORTS}/wounded/versions",
    "/v1/claims?include=article",
    "/v1/claims?fields=evidence,claimant",
    "/v1/articles?format=ndjson",
    "/v1/export",
    "/v1/claims?q=nobody&sort=relevance",
    "/v1/claims?format=ndjson",
    f"{REPORTS}?format=csv",
    "/v1/articles/the-article/claims",
    "/v1/changes",
    f"{REPORTS}/compare?conflict=hill-war",
    "/v1/ceasefires/timeline?conflict=hill-war",
]


def with_invalid_urls(rows):
    """Return rows of version 1.0.0 with an article and a party whose URLs that version accepted."""
    rows = copy.deepcopy(rows)
    for row in (*rows["article"], *rows["change"], *rows["claim"]):
        if document := row.get("document"):
            # The URL has a fragment, so the links to its text begin with another character.
            document = document.replace("https://news.example/1#:~:", f"{ARTICLE_URL}:~:")
            row["document"] = document.replace('"https://news.example/1"', f'"{ARTICLE_URL}"')
        if row["id"] == "wounded":
            row["document"] = row["document"].replace('"same_as":null', f'"same_as":"{PARTY_URL}"')
            if "said" in row:
                row["said"] = CASUALTY_REPORT.content_hash({**orjson.loads(row["document"]), "subgroups": []}).hex()
    for row in rows["party"]:
        if row["claim_id"] == "wounded":
            row["same_as"] = PARTY_URL
    return rows


@pytest.fixture
def old(databases):
    """Yield an upgraded store with the documents of version 1.0.0."""
    store = written_by_1_0_0(databases, with_invalid_urls(ROWS))
    store.upgrade()
    yield store
    store.close()


@pytest.fixture
def reader(old):
    """Return a client with write access, of an app on the store."""
    with editing(old) as client:
        yield client


def stale(store):
    """Return the number of stored documents of changes that do not have the current shape."""
    with store.snapshot() as connection:
        stored = connection.execute(select(VERSION_DOCUMENT).where(VERSION_DOCUMENT.is_not(None))).scalars()
        return sum(render(document) != document for document in stored)


def responses(client):
    """Return body and ETag of each path."""
    sent = {path: client.get(path) for path in PATHS}
    assert {response.status_code for response in sent.values()} == {200}
    return {path: (response.data, response.headers.get("ETag")) for path, response in sent.items()}


def test_documents_have_the_current_shape_before_and_after(old, reader):
    assert old.render_due()
    before = responses(reader)
    document = reader.get(f"{REPORTS}/wounded").json
    assert (document["subgroups"], document["claimant"]["same_as"]) == ([], ENCODED_PARTY_URL)
    assert reader.get("/v1/articles/the-article").json["url"] == ENCODED_ARTICLE_URL
    assert document["evidence"][0]["source"].startswith(f"{ENCODED_ARTICLE_URL}:~:text=")
    total = stale(old)
    assert total >= 7
    assert rewrite(old) == total
    assert not old.render_due()
    assert responses(reader) == before
    assert not reader.application.extensions["onrecord"].render_due()
    assert_sound(old)


def test_a_rewrite_keeps_versions_and_adds_nothing_to_the_feed(old, reader):
    def heads():
        return [{**entry, "document": None} for entry in feed(reader)]

    before = heads()
    rewrite(old)
    assert heads() == before
    with old.snapshot() as connection:
        for document, version in connection.execute(select(claim.c.document, claim.c.version)):
            assert orjson.loads(document)["version"] == version
            assert render(document) == document
    assert rewrite(old) == 0


def test_the_columns_follow_the_rewritten_documents(old, reader):
    rewrite(old)
    with old.snapshot() as connection:
        assert connection.execute(select(party.c.same_as).where(party.c.claim_id == "wounded")).scalar() == (
            ENCODED_PARTY_URL
        )
    found = reader.get("/v1/claims", query_string={"claimant": ENCODED_PARTY_URL}).json["data"]
    assert [item["id"] for item in found] == ["wounded"]
    assert reader.get("/v1/articles/the-article").json["text_held"] is True


@pytest.mark.parametrize("rewritten", [False, True])
def test_a_record_with_an_invalid_url_can_be_changed(old, reader, rewritten):
    if rewritten:
        rewrite(old)
    patched = reader.patch(f"{REPORTS}/wounded", data=PATCH, headers={**ANY, **MERGE})
    assert (patched.status_code, patched.json["claimant"]["same_as"]) == (200, ENCODED_PARTY_URL)
    patched = reader.patch("/v1/articles/the-article", data=b'{"byline": "A. Berg"}', headers={**ANY, **MERGE})
    assert (patched.status_code, patched.json["url"]) == (200, ENCODED_ARTICLE_URL)
    rewrite(old)
    assert_sound(old)


@pytest.mark.parametrize("rewritten", [False, True])
def test_a_repeated_record_stays_unchanged(old, reader, rewritten):
    if rewritten:
        rewrite(old)
    stored = reader.get(f"{REPORTS}/wounded").json
    names = ("article_id", "claimant", "harm", "population", "count", "qualifier", "since", "inferred")
    report = {name: stored[name] for name in names} | {"evidence": [{"exact": stored["evidence"][0]["exact"]}]}
    article = {"headline": "Invented letter", "published_on": "2031-05-03", "conflict": "hill-war"}
    lines = [
        {"type": "casualty_report", "id": "wounded", **report},
        {"type": "article", "id": "the-letter", **article},
    ]
    assert import_lines(old, [("lines", map(orjson.dumps, lines))]).counts == {"unchanged": 2}


def test_a_rewrite_that_ends_early_goes_on_where_it_ended(old, monkeypatch):
    monkeypatch.setattr(rewriting, "_BATCH", 3)
    total = stale(old)

    def end(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewrite(old, end)
    assert old.render_due()
    left = stale(old)
    assert 0 < left < total
    assert rewrite(old) == left
    assert not old.render_due()
    assert_sound(old)


def test_other_writers_write_between_two_transactions(old, reader, monkeypatch):
    monkeypatch.setattr(rewriting, "_BATCH", 3)
    writes = []

    def write(_):
        writes.append(reader.post("/v1/articles", json={"headline": "Meanwhile"}).status_code)

    # The new articles have the current shape, and are read, too.
    rewrite(old, lambda read: write(read) if len(writes) < 4 else None)
    assert writes == [201] * 4
    assert_sound(old)


@pytest.mark.parametrize("patch", [PATCH, None], ids=["change", "delete"])
def test_a_record_that_changes_after_it_was_read_keeps_its_change(old, reader, monkeypatch, patch):
    read = rewriting._batch

    def read_then_change(store, position):
        rows = read(store, position)
        if position == 0:
            path = f"{REPORTS}/wounded"
            if patch is None:
                assert reader.delete(path, headers=ANY).status_code == 204
            else:
                assert reader.patch(path, data=patch, headers={**ANY, **MERGE}).status_code == 200
        return rows

    monkeypatch.setattr(rewriting, "_batch", read_then_change)
    rewrite(old)
    assert_sound(old)
    response = reader.get(f"{REPORTS}/wounded")
    assert response.status_code == 410 if patch is None else response.json["place"] == "Ashford"


def test_a_killed_command_is_repeated_and_start_up_announces_it(databases, tmp_path):
    store = written_by_1_0_0(databases, with_invalid_urls(ROWS))
    (row,) = [row for row in ROWS["change"] if row["id"] == "killed" and row["version"] == 2]
    with store.engine.begin() as connection:
        table = Table("change", MetaData(), autoload_with=connection)
        many = [{**row, "id": "another", "sequence": 1000 + number, "version": number} for number in range(6_000)]
        connection.execute(insert(table), many)
    url = store.url.render_as_string(hide_password=False)

    def run(*command):
        done = subprocess.run(
            [*ONRECORD, *command], check=False, cwd=tmp_path, env=environment(database_url=url), capture_output=True
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    def rendered():
        with store.snapshot() as connection:
            is_rendered = change.c.document.contains('"subgroups":[]')
            return connection.execute(select(func.count()).select_from(change).where(is_rendered)).scalar()

    assert "until you run: onrecord db render" in run("db", "upgrade")[1]
    message = "Error: Documents are stored in the shape of an earlier version. Run: onrecord db render\n"
    assert run("db", "check") == (1, message)
    command = subprocess.Popen([*ONRECORD, "db", "render"], cwd=tmp_path, env=environment(database_url=url))
    wait_until(lambda: rendered() > 500)
    command.kill()
    command.wait()
    done = rendered()
    assert 500 < done < 6_000
    with running_server(url, tmp_path, workers=1):
        assert "until you run: onrecord db render" in (tmp_path / "log").read_text()
    documents = sum("document" in change for change in ROWS["change"]) + 6_000
    status, output = run("db", "render")
    assert status == 0
    (count,) = [int(word.replace(",", "")) for word in output.split() if word[0].isdigit()]
    assert documents - done - 10 <= count <= documents - done
    assert "db render" not in run("db", "upgrade")[1]
    assert run("db", "render") == (0, "Rewritten: 0 documents.\n")
    store.close()


def test_a_new_database_needs_no_rewrite(store):
    assert not store.render_due()
    import_lines(store, [(name, file.read_bytes().splitlines()) for name, file in files()])
    assert not store.render_due()


def test_documents_of_this_version_are_rendered_to_the_same_bytes(store):
    for folder in (files(), [(path.name, path) for path in sorted(FOLDER.glob("*.ndjson"))]):
        assert import_lines(store, [(name, file.read_bytes().splitlines()) for name, file in folder]).stored
    documents = stored_documents(store).values()
    assert len(documents) > 90
    for document in documents:
        assert orjson.dumps(render_fields(orjson.loads(document))).decode() == document


RELEASED = orjson.loads((Path(__file__).parents[2] / "schemas/contract/v1/1.0.0.json").read_bytes())


@pytest.mark.parametrize("collection", [item for item in COLLECTIONS if item.writes], ids=lambda item: item.name)
def test_each_field_that_was_added_since_the_first_release_has_a_value(collection):
    name = schema_of(collection.item).__name__
    released = RELEASED["components"]["schemas"][name]["properties"]
    current = DOCUMENT["components"]["schemas"][name]["properties"].keys() - {"article"}
    stored = {field: None for field in released if field != "article"}
    if collection.of_claims:
        stored["type"] = collection.name
    assert render_fields(stored).keys() == current
