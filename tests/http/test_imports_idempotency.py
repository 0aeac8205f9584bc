"""Idempotency keys of imports. They work as on POST: a retry returns the first response."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from sqlalchemy import func, select, text

from api.openapi.examples import import_body
from api.store.database import Store
from api.store.purge import purge
from api.store.tables import idempotency
from tests.conftest import key_of
from tests.support.factories import ANY, feed
from tests.support.generated_records import article, casualty_report
from tests.support.writers import create_key, running_server, server_client

KEY = {"Idempotency-Key": "of-the-morning"}
RECORDS = import_body()["records"]
FORMATS = {
    "application/json": lambda records: orjson.dumps({"records": records}),
    "application/x-ndjson": lambda records: b"\n".join(map(orjson.dumps, records)),
}
both_formats = pytest.mark.parametrize("media_type", FORMATS)


def sent(client, media_type, records=RECORDS, query="", **headers):
    headers = {"Content-Type": media_type, **KEY, **headers}
    return client.post(f"/v1/imports{query}", data=FORMATS[media_type](records), headers=headers)


def stored_keys(client):
    with client.application.extensions["onrecord"].snapshot() as connection:
        return connection.execute(select(func.count()).select_from(idempotency)).scalar()


@both_formats
def test_a_repeated_import_returns_the_first_response_and_changes_nothing(editor, media_type):
    first = sent(editor, media_type)
    assert (first.status_code, first.json["counts"]["created"]) == (200, 2)
    assert "Idempotent-Replayed" not in first.headers
    assert editor.delete("/v1/casualty-reports/norland-three-soldiers", headers=ANY).status_code == 204
    before = feed(editor)
    again = sent(editor, media_type)
    assert (again.status_code, again.data, again.mimetype) == (200, first.data, "application/json")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert feed(editor) == before
    assert stored_keys(editor) == 1


def test_the_order_of_members_and_gzip_do_not_matter(editor):
    assert sent(editor, "application/json").json["counts"]["created"] == 2
    reordered = orjson.dumps({"records": RECORDS}, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", **KEY}
    again = editor.post("/v1/imports", data=gzip.compress(reordered), headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "lines"}
    lines = FORMATS["application/x-ndjson"](RECORDS)
    assert editor.post("/v1/imports", data=lines, headers=headers).status_code == 200
    packed = editor.post("/v1/imports", data=gzip.compress(lines), headers={**headers, "Content-Encoding": "gzip"})
    assert packed.headers["Idempotent-Replayed"] == "true"


@both_formats
def test_a_key_identifies_one_request_of_one_key_for_a_day(editor, media_type):
    assert sent(editor, media_type).status_code == 200
    others = (
        sent(editor, media_type, [*RECORDS, article("another")]),
        sent(editor, media_type, query="?atomic=false"),
        editor.post("/v1/articles", json={"headline": "A headline"}, headers=KEY),
    )
    for other in others:
        assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
    assert len(feed(editor)) == 2
    other_key = f"Bearer {key_of(editor.application, 'claims:write')}"
    assert sent(editor, media_type, [article("another")], Authorization=other_key).status_code == 200
    with editor.application.extensions["onrecord"].writing() as connection:
        connection.execute(text("UPDATE idempotency SET at = '2020-01-01T00:00:00.000Z'"))
    assert sent(editor, media_type, [article("third")]).status_code == 200


@both_formats
@pytest.mark.parametrize("query", ["?dry_run=true", "?dry_run=true&atomic=false"])
def test_a_dry_run_does_not_use_its_key(editor, media_type, query):
    assert sent(editor, media_type, query=query).json["stored"] is False
    assert sent(editor, media_type).json["counts"]["created"] == 2


@both_formats
def test_a_rejected_import_does_not_use_its_key(editor, media_type):
    for wrong in ({"type": "article"}, casualty_report("one", "missing")):
        assert sent(editor, media_type, [*RECORDS, wrong]).json["code"] == "import-refused"
    assert stored_keys(editor) == 0
    assert sent(editor, media_type).status_code == 200


@both_formats
def test_the_errors_of_a_partial_import_are_returned_again(editor, media_type):
    records = [*RECORDS, {"type": "article"}, casualty_report("one", "missing")]
    first = sent(editor, media_type, records, "?atomic=false")
    assert (first.status_code, first.json["counts"]["refused"]) == (200, 2)
    # The second record would be stored now.
    assert editor.put("/v1/articles/missing", json={"headline": "It exists now"}).status_code == 201
    again = sent(editor, media_type, records, "?atomic=false")
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    assert editor.get("/v1/claims/one").status_code == 404


@pytest.mark.parametrize("key", ["", "with space", "x" * 256])
def test_an_invalid_key_is_rejected(editor, key):
    for media_type in FORMATS:
        response = sent(editor, media_type, **{"Idempotency-Key": key})
        assert (response.status_code, response.json["errors"][0]["parameter"]) == (422, "Idempotency-Key")
    assert feed(editor) == []


@both_formats
def test_an_incomplete_body_does_not_use_its_key(editor, media_type):
    body = FORMATS[media_type](RECORDS)
    packed = gzip.compress(body)[:-4]
    headers = {"Content-Type": media_type, "Content-Encoding": "gzip", **KEY}
    assert editor.post("/v1/imports", data=packed, headers=headers).status_code == 400
    assert sent(editor, media_type).status_code == 200


def test_a_response_is_not_stored_if_the_import_is_not(editor, monkeypatch):
    def fail(*_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("api.store.idempotency.remember", fail)
    assert sent(editor, "application/json").status_code == 500
    assert (feed(editor), stored_keys(editor)) == ([], 0)


def test_a_purge_erases_the_responses_that_quote_a_record(editor):
    wrong = {**RECORDS[1], "evidence": [{"exact": "the ministry of Norland said that four soldiers were killed"}]}
    assert "said that three soldiers" in sent(editor, "application/json", [RECORDS[0], wrong], "?atomic=false").text
    purge(editor.application.extensions["onrecord"], [RECORDS[0]["id"]])
    assert stored_keys(editor) == 0


@both_formats
def test_concurrent_imports_with_one_key_are_carried_out_once(databases, tmp_path, media_type):
    url = databases.new("empty")
    records = [article("the-article"), *(casualty_report(f"claim-{number}", "the-article") for number in range(100))]
    store = Store(url)
    token = create_key(store)
    body = FORMATS[media_type](records)
    with running_server(url, tmp_path, workers=2) as root:

        def send(_):
            with server_client(root, token) as ask:
                return ask("POST", "/v1/imports", body, Content_Type=media_type, Idempotency_Key="one")

        with ThreadPoolExecutor(8) as pool:
            responses = list(pool.map(send, range(8)))
        assert {response.status for response in responses} == {200}, responses[0].body
        assert {response.json["counts"]["created"] for response in responses} == {101}
        replayed = [response.headers.get("Idempotent-Replayed") for response in responses]
        assert sorted(map(str, replayed)) == ["None", *["true"] * 7]
    with store.snapshot() as connection:
        assert connection.execute(text("SELECT count(*) FROM change")).scalar() == 101
    store.close()
