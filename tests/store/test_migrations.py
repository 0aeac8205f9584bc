"""Migrations of a database that an earlier release wrote. `released/` has rows as that release stored them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import orjson
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, func, insert, select, text, update

from api.store import migrations
from api.store.changes import VERSION_DOCUMENT
from api.store.check import check
from api.store.database import Store
from api.store.rewrite import rewrite
from api.store.tables import change, claim, document_part, idempotency, search
from tests.conftest import editing
from tests.support.db_invariants import assert_sound

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ROWS = orjson.loads((Path(__file__).parent / "released" / "rows_of_1_0_0.json").read_bytes())
REPORTS = "/v1/casualty-reports"
MANY = 2500


def written_by_1_0_0(databases, tables=ROWS):
    """Return a store with the tables and rows of version 1.0.0."""
    store = Store(databases.bare())
    with store.engine.begin() as connection:
        command.upgrade(migrations._config(connection), "v1")
        for name, rows in tables.items():
            # How the words of a search are stored depends on the database.
            table = search if name == "search" else Table(name, MetaData(), autoload_with=connection)
            for row in rows:
                connection.execute(insert(table).values(row))
        if not store.is_sqlite:
            for name, column in (("change", "sequence"), ("search", "number")):
                connection.execute(text(f"SELECT setval('{name}_{column}_seq', max({column})) FROM {name}"))
    return store


@pytest.fixture
def old(databases):
    """Return a store as version 1.0.0 left it."""
    store = written_by_1_0_0(databases)
    yield store
    store.close()


def upgraded_concurrently(url):
    """Return the results of four concurrent upgrades, each in a process."""
    program = (
        "import sys; from api.store.database import Store; store = Store(sys.argv[1], seconds=0.2); "
        "print('ready', flush=True); sys.stdin.readline(); store.upgrade(); store.close()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, url], text=True, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return [(process.communicate(timeout=60)[1], process.returncode) for process in processes]


def test_the_newest_version_is_that_of_the_last_migration():
    assert ScriptDirectory.from_config(migrations._config(None)).get_current_head() == migrations.head()


def test_concurrent_upgrades_of_a_new_database_succeed(databases):
    url = databases.bare()
    assert upgraded_concurrently(url) == [("", 0)] * 4
    store = Store(url)
    assert store.at_head()
    store.close()


def test_concurrent_upgrades_of_an_old_database_succeed(old):
    url = old.url.render_as_string(hide_password=False)
    assert upgraded_concurrently(url) == [("", 0)] * 4
    assert old.at_head()


@pytest.fixture
def upgraded(old):
    """Return a client with write access, of an app on the upgraded database."""
    old.upgrade()
    with editing(old) as client:
        yield client


def documents(rows):
    return {
        (row["type"], row["id"], row["version"]): orjson.loads(row["document"]) for row in rows if "document" in row
    }


def as_rendered(document):
    """Return a document of version 1.0.0 as version 1.1.0 renders it."""
    fields = list(document.items())
    if document.get("type") == "casualty_report":
        position = list(document).index("population") + 1
        fields.insert(position, ("subgroups", []))
    if "headline" in document:
        fields.insert(1, ("type", "article"))
    return fields


def test_documents_of_an_earlier_shape_agree_with_their_rows(old):
    old.upgrade()
    assert old.render_due()
    assert list(check(old)) == []


def test_the_rows_are_those_that_this_version_writes(old):
    old.upgrade()
    assert old.at_head()
    rewrite(old)
    assert_sound(old)


def test_every_record_and_its_history_have_the_new_field_at_its_place(upgraded):
    sent = documents(ROWS["change"])
    assert {type_ for type_, *_ in sent} == {"article", "casualty_report", "quote", "ceasefire"}
    for (type_, id_, version), document in sent.items():
        path = {"article": "articles", "casualty_report": "casualty-reports"}.get(type_, f"{type_}s")
        history = upgraded.get(f"/v1/{path}/{id_}/versions?limit=200").json["data"]
        (entry,) = [entry for entry in history if entry["version"] == version]
        assert list(entry["document"].items()) == as_rendered(document)
    for (_, id_, _), document in documents(ROWS["claim"]).items():
        assert list(upgraded.get(f"/v1/claims/{id_}").json.items()) == as_rendered(document)
    for (_, id_, _), document in documents([{"type": "article", **row} for row in ROWS["article"]]).items():
        assert list(upgraded.get(f"/v1/articles/{id_}").json.items()) == as_rendered(document)
    feed = upgraded.get("/v1/changes?limit=200").json["data"]
    assert [(entry["sequence"], entry["action"], entry["version"], entry["at"]) for entry in feed] == [
        (row["sequence"], row["action"], row["version"], row["at"]) for row in ROWS["change"]
    ]


def test_a_copy_of_a_migrated_claim_is_a_duplicate(upgraded):
    stored = upgraded.get(f"{REPORTS}/wounded").json
    names = ("article_id", "claimant", "harm", "population", "count", "qualifier", "since", "inferred")
    again = {name: stored[name] for name in names} | {"evidence": [{"exact": stored["evidence"][0]["exact"]}]}
    rejected = upgraded.post(REPORTS, json=again)
    assert (rejected.status_code, rejected.json["code"]) == (409, "duplicate")
    assert "wounded" in rejected.json["detail"]
    assert upgraded.put(f"{REPORTS}/wounded", json=again, headers={"If-Match": "*"}).json["version"] == 1
    officers = {**again, "subgroups": ["officers"], "inferred": ["since", "subgroups"]}
    assert upgraded.post(REPORTS, json=officers).status_code == 201


def test_a_response_that_is_kept_for_a_repeated_request_has_the_new_field(upgraded, old):
    stored = upgraded.get(f"{REPORTS}/wounded").json
    names = ("article_id", "claimant", "harm", "population", "count", "qualifier", "since", "inferred")
    # The name of a place cannot be taken for a field.
    report = {name: stored[name] for name in names} | {"place": '"population":"civilian",'}
    report["evidence"] = [{"exact": stored["evidence"][0]["exact"]}]
    article = {"headline": ',"headline":'}
    requests = ((REPORTS, report, "subgroups"), ("/v1/articles", article, "type"))
    created = [upgraded.post(path, json=body, headers={"Idempotency-Key": path}) for path, body, _ in requests]
    assert [response.status_code for response in created] == [201, 201]
    with old.engine.begin() as connection:
        command.downgrade(migrations._config(connection), "v1")
        for (path, _, new), response in zip(requests, created, strict=True):
            body = {name: value for name, value in response.json.items() if name != new}
            kept = update(idempotency).where(idempotency.c.key == path)
            connection.execute(kept.values(body=orjson.dumps(body).decode()))
    old.upgrade()
    for (path, body, _), response in zip(requests, created, strict=True):
        replayed = upgraded.post(path, json=body, headers={"Idempotency-Key": path})
        assert (replayed.status_code, replayed.headers["Idempotent-Replayed"]) == (201, "true")
        assert list(replayed.json.items()) == list(response.json.items())


def test_migrated_places_can_be_filtered(upgraded):
    def found(path, query):
        return sorted(item["id"] for item in upgraded.get(f"/v1/{path}?{query}").json["data"])

    assert found("casualty-reports", "place=GANCA") == ["killed"]
    assert found("quotes", "place=gənçə") == ["the-quote"]
    assert found("quotes", "place[exists]=false") == ["without-place"]
    assert found("casualty-reports", "subgroups[exists]=true") == []


def test_stored_names_are_folded_as_those_of_queries(upgraded):
    def found(query):
        return sorted(item["id"] for item in upgraded.get(f"/v1/claims?{query}").json["data"])

    assert found("claimant=the mayor") == found("claimant=MAYOR") == found("party=mayor") == ["the-quote"]
    assert found("claimant=ministry of Norland") == ["killed"]


def test_a_downgrade_folds_names_as_version_1_0_0_did(old):
    def keys(connection):
        party = Table("party", MetaData(), autoload_with=connection)
        return sorted(connection.execute(select(party.c.claim_id, party.c.role, party.c.name_key)).all())

    with old.engine.connect() as connection:
        before = keys(connection)
    old.upgrade()
    with old.engine.begin() as connection:
        assert keys(connection) != before
        command.downgrade(migrations._config(connection), "v1")
        assert keys(connection) == before


def test_no_etag_of_version_1_0_0_matches_the_new_document(upgraded):
    response = upgraded.get(f"{REPORTS}/killed")
    old_tag = response.headers["ETag"].replace(".r2", ".r1")
    assert old_tag != response.headers["ETag"]
    assert upgraded.get(f"{REPORTS}/killed", headers={"If-None-Match": old_tag}).status_code == 200
    # Only the version counts for a write.
    patched = upgraded.patch(
        f"{REPORTS}/killed",
        data=orjson.dumps({"subgroups": ["children"]}),
        headers={"If-Match": old_tag, "Content-Type": "application/merge-patch+json"},
    )
    assert (patched.status_code, patched.json["subgroups"]) == (200, ["children"])


def test_a_downgrade_gives_back_the_rows_of_version_1_0_0(old):
    before = {name: {row["id"]: row["document"] for row in ROWS[name]} for name in ("claim", "article")}
    old.upgrade()
    with old.engine.begin() as connection:
        command.downgrade(migrations._config(connection), "v1")
    with old.engine.connect() as connection:
        table = Table("claim", MetaData(), autoload_with=connection)
        assert set(table.c.keys()) == set(claim.c.keys()) - {"place", "place_key", "part"}
        for name, rows_before in before.items():
            stored = Table(name, MetaData(), autoload_with=connection).c
            assert dict(map(tuple, connection.execute(select(stored.id, stored.document)))) == rows_before
        party = Table("party", MetaData(), autoload_with=connection)
        assert connection.execute(select(func.count()).select_from(party)).scalar() == len(ROWS["party"])


def test_an_upgrade_stores_each_document_once_and_changes_none(old):
    old.upgrade()
    with old.engine.connect() as connection:
        whole = dict(connection.execute(select(change.c.sequence, VERSION_DOCUMENT)).all())
        own = connection.execute(select(change.c.id, change.c.version).where(change.c.document.is_not(None))).all()
        parts = connection.execute(select(func.count()).select_from(document_part)).scalar_one()
    assert whole == {row["sequence"]: row.get("document") for row in ROWS["change"]}
    # The others are current.
    assert sorted(map(tuple, own)) == [("deleted", 1), ("killed", 1)]
    assert 1 < parts < len(ROWS["claim"])


def test_the_numbers_of_purged_changes_are_not_used_again_after_an_upgrade(old):
    last = ROWS["change"][-1]["sequence"]
    with old.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM claim WHERE id = '{ROWS['change'][-1]['id']}'"))
        connection.execute(text(f"DELETE FROM change WHERE sequence = {last}"))
    old.upgrade()
    with old.engine.begin() as connection:
        row = {"at": "2031-01-01T00:00:00.000Z", "action": "purged", "type": "article", "id": "another", "version": 2}
        connection.execute(insert(change).values(row))
        assert connection.execute(select(func.max(change.c.sequence))).scalar_one() == last + 1


def test_more_rows_than_a_batch_are_all_rewritten(old):
    (row,) = [row for row in ROWS["change"] if row["id"] == "killed" and row["version"] == 2]
    with old.engine.begin() as connection:
        connection.execute(
            insert(change),
            [{**row, "sequence": 1000 + number, "version": 3 + number} for number in range(MANY)],
        )
    old.upgrade()
    assert rewrite(old) > MANY
    with old.engine.connect() as connection:
        rows = connection.execute(select(change.c.document).where(change.c.type == "casualty_report"))
        stored = [orjson.loads(document) for (document,) in rows if document is not None]
    assert len(stored) > MANY
    assert all(document["subgroups"] == [] for document in stored)
