"""Imports of records as one JSON object. Errors have the index and the JSON Pointer of the record."""

from __future__ import annotations

import gzip

import orjson
import pytest

from api.http import request_body
from api.kinds.record_input import RECORDS_MAX
from api.openapi.examples import import_body
from tests.support.factories import feed
from tests.support.generated_records import article, casualty_report, casualty_reports

HERE = "http://127.0.0.1:8000"
JSON = {"Content-Type": "application/json"}
EXAMPLE = import_body()


def sent(client, records, query="", **headers):
    body = records if isinstance(records, bytes) else orjson.dumps({"records": records})
    return client.post(f"/v1/imports{query}", data=body, headers={**JSON, **headers})


def counts(response):
    return tuple(response.json["counts"][name] for name in ("created", "replaced", "unchanged", "refused"))


def test_records_are_stored_in_any_order_and_their_repetition_changes_nothing(editor):
    records = casualty_reports(60)
    assert counts(sent(editor, records[::-1])) == (len(records), 0, 0, 0)
    before = feed(editor)
    assert counts(sent(editor, records)) == (0, 0, len(records), 0)
    assert feed(editor) == before


def test_json_and_ndjson_store_the_same(editor):
    assert counts(sent(editor, EXAMPLE["records"])) == (2, 0, 0, 0)
    lines = b"\n".join(map(orjson.dumps, EXAMPLE["records"]))
    response = editor.post("/v1/imports", data=lines, headers={"Content-Type": "application/x-ndjson"})
    assert counts(response) == (0, 0, 2, 0)


def test_a_gzip_body_is_unpacked(editor):
    packed = gzip.compress(orjson.dumps(EXAMPLE))
    assert counts(sent(editor, packed, **{"Content-Encoding": "gzip"})) == (2, 0, 0, 0)


def test_an_empty_import_stores_nothing(editor):
    response = sent(editor, [])
    assert (response.status_code, counts(response)) == (200, (0, 0, 0, 0))


def test_a_rejected_record_is_reported_with_its_index_and_pointer(editor):
    wrong = {**EXAMPLE["records"][1], "count": 4}
    response = sent(editor, [EXAMPLE["records"][0], wrong])
    assert (response.status_code, response.json["code"], counts(response)) == (422, "import-refused", (0, 0, 0, 1))
    (error,) = response.json["errors"]
    assert (error["index"], error["id"], error["pointer"]) == (1, "norland-three-soldiers", "/records/1/count")
    assert "line" not in error
    assert (error["check"], error["looked_for"], error["found"]) == ("number", "4", "3")
    assert feed(editor) == []
    assert counts(sent(editor, [EXAMPLE["records"][0], wrong], "?atomic=false")) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("record", "pointer", "message"),
    [
        (5, "/records/1", "must be one JSON object"),
        (None, "/records/1", "must be one JSON object"),
        ({"type": "quot"}, "/records/1/type", "Did you mean quote?"),
        ({}, "/records/1/type", "Must be one of article, quote"),
        ({"type": "article", "headline": "a"}, "/records/1/id", "Required"),
        ({**article("first")}, "/records/1/id", "'first' is in /records/0 already. Send it once."),
        ({**article("another"), "headlin": "a"}, "/records/1/headlin", "Did you mean headline?"),
    ],
    ids=["number", "null", "type", "no type", "no id", "repeated id", "field"],
)
def test_an_invalid_record_is_reported(editor, record, pointer, message):
    response = sent(editor, [article("first"), record])
    (error,) = response.json["errors"]
    assert (response.json["code"], error["index"], error["pointer"]) == ("import-refused", 1, pointer)
    assert message in error["detail"]
    assert feed(editor) == []


def test_a_duplicate_has_the_url_of_its_original_in_the_same_import(editor):
    first = casualty_report("one", "the-article")
    records = [article("the-article"), first, {**first, "id": "two"}]
    (error,) = sent(editor, records).json["errors"]
    assert (error["index"], error["address"]) == (2, f"{HERE}/v1/casualty-reports/one")


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        (b'{"records": []', 400, "malformed-body", "Not JSON"),
        (b'{"records": [], "records": []}', 400, "malformed-body", "'records' occurs twice"),
        (b'{"records": [{"type": "article", "type": "quote"}]}', 400, "malformed-body", "'type' occurs twice"),
        (b'{"records": [{"count": NaN}]}', 400, "malformed-body", "NaN is not a JSON number"),
        (b'{"records": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "malformed-body", "Nested more than 32 levels deep"),
        (b'{"records": ["\xff"]}', 400, "malformed-body", "Not UTF-8"),
        (b"[]", 422, "invalid-record", "The body must be one JSON object"),
        (b"{}", 422, "invalid-record", "/records: Missing data"),
        (b'{"records": {}}', 422, "invalid-record", "/records: Not a valid list"),
        (b'{"record": []}', 422, "invalid-record", "Did you mean records?"),
        (b'{"records": [], "atomic": false}', 422, "invalid-record", "/atomic: Unknown field"),
    ],
    ids=["cut off", "records twice", "name twice", "NaN", "deep", "bytes", "list", "none", "object", "typo", "more"],
)
def test_an_invalid_body_is_rejected(editor, body, status, code, message):
    response = sent(editor, body)
    assert (response.status_code, response.json["code"]) == (status, code)
    assert message in response.json["detail"]


def test_a_body_has_limits_that_are_checked_before_its_records(editor, monkeypatch):
    def fail(*_):
        raise AssertionError("a record was read")

    monkeypatch.setattr("api.v1.imports.import_lines", fail)
    response = sent(editor, [{}] * (RECORDS_MAX + 1))
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/records")
    assert f"at most {RECORDS_MAX} entries" in response.json["detail"]
    large = b" " * (request_body.JSON_BYTES_MAX + 1)
    for body, encoding in ((large, {}), (gzip.compress(large, 1), {"Content-Encoding": "gzip"})):
        assert sent(editor, body, **encoding).status_code == 413
