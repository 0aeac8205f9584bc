"""Exports by operations of their own, and the id `export`, which was valid in 1.0.0."""

from __future__ import annotations

import orjson
import pytest

from api.contract import snapshots
from api.contract.validator.validator import Validator
from api.kinds.collections import COLLECTIONS
from api.store.imports import import_lines
from schemas.fields import EXPORT
from tests.http.test_every_kind import every_collection
from tests.http.test_http_semantics import problem
from tests.support.generated_records import article, casualty_report
from tests.support.openapi import OPERATIONS

CSV, JSON, NDJSON = "text/csv", "application/json", "application/x-ndjson"
ARTICLE_CLAIMS = "articles/karabakh-2020-11-01/claims"
PATHS = [*(collection.path for collection in COLLECTIONS), ARTICLE_CLAIMS]
# Headers that differ in each response.
OWN = ("X-Request-Id", "Date")


def content(response):
    """Return the body of an export and its headers."""
    assert response.status_code == 200, response.text
    return response.data, [header for header in response.headers if header[0] not in OWN]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "&sort=-updated_at,id", "&fields=inferred", "&id=russia-both-sides"])
def test_an_export_is_the_list_in_its_format(seeded, path, query):
    for format_, more in (("ndjson", ""), ("csv", ""), ("csv", "&hxl=true")):
        of_list = seeded.get(f"/v1/{path}?format={format_}{query}{more}")
        assert content(seeded.get(f"/v1/{path}/export?format={format_}{query}{more}")) == content(of_list)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [(None, NDJSON), ("*/*", NDJSON), ("application/*", NDJSON), ("text/csv", CSV), (f"{NDJSON};q=0.1, text/*", CSV)],
)
def test_accept_selects_the_format_and_the_default_is_ndjson(seeded, path, accept, media_type):
    response = seeded.get(f"/v1/{path}/export", headers={} if accept is None else {"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert seeded.get(f"/v1/{path}/export?format=ndjson", headers={"Accept": "text/csv"}).mimetype == NDJSON


def test_a_format_without_an_export_is_rejected(seeded):
    reported = problem(seeded.get("/v1/quotes/export", headers={"Accept": JSON}), 406, "not-acceptable")
    assert reported["detail"] == f"This path returns {NDJSON}, {CSV}, not {JSON}."
    problem(seeded.get("/v1/articles/no-such-article/claims/export"), 404, "not-found")


@pytest.mark.parametrize(
    ("query", "parameter", "message"),
    [
        ("limit=5", "limit", "An export has the whole list. Omit this parameter"),
        ("cursor=x", "cursor", "An export has the whole list."),
        ("include=article", "include", "An export has the whole list."),
        ("per_page=5", "per_page", "An export has the whole list."),
        ("order=id", "order", "Use sort."),
        ("format=json", "format", "Must be one of ndjson, csv."),
        ("hxl=true", "hxl", "Send `format=csv`"),
        ("sort=relevance&q=peace", "sort", "'relevance' is not one of"),
        ("speaker=x", "speaker", "Use claimant."),
    ],
)
def test_a_parameter_that_an_export_lacks_is_rejected_with_a_fix(seeded, query, parameter, message):
    (part,) = problem(seeded.get(f"/v1/quotes/export?{query}"), 422, "invalid-parameters")["errors"]
    assert part["parameter"] == parameter
    assert message in part["detail"]


def test_a_list_documents_one_type_and_its_export_the_others():
    lists = [item for item in OPERATIONS.values() if item.method == "get" and f"{item.path}/export" in PATHS_OF]
    assert len(lists) == len(COLLECTIONS) + 1
    for operation in lists:
        response = operation.successes[200]
        assert set(response["content"]) == {JSON}
        exported = OPERATIONS[PATHS_OF[f"{operation.path}/export"]].successes[200]["content"]
        schemas = {media_type: part["schema"] for media_type, part in exported.items()}
        assert {name: part["schema"] for name, part in response["x-content-by-request"].items()} == schemas


@pytest.mark.parametrize("path", PATHS)
def test_a_list_returns_the_formats_that_1_0_0_documents(seeded, path):
    first = Validator(orjson.loads(snapshots.released()["1.0.0"]))
    for media_type, format_ in ((CSV, "csv"), (NDJSON, "ndjson")):
        for url, accept in ((f"/v1/{path}?format={format_}", "*/*"), (f"/v1/{path}", media_type)):
            response = seeded.get(url, headers={"Accept": accept})
            assert (response.status_code, response.mimetype) == (200, media_type)
            assert response.data
            assert first.validate_response(response.request, response) == []


PATHS_OF = {operation.path: name for name, operation in OPERATIONS.items() if name.startswith("export")}


@every_collection
def test_the_path_of_an_export_is_not_the_path_of_a_record(writer, collection):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        response = writer.open(f"/v1/{collection.path}/export", method=method, json={}, headers={"If-Match": "*"})
        problem(response, 405, "method-not-allowed")
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_new_record_cannot_get_the_id_of_the_path(editor):
    reported = problem(editor.post("/v1/articles", json={"id": EXPORT, "headline": "News"}), 422, "invalid-record")
    assert reported["errors"] == [{"pointer": "/id", "detail": "The id export is reserved. Choose another id."}]


def test_records_with_this_id_stay_usable(editor, store):
    """1.0.0 accepted the id, so imports accept it too. Otherwise a copy of such a database could not be imported."""
    records = [article(EXPORT), casualty_report(EXPORT, EXPORT), casualty_report("other", EXPORT, restates=EXPORT)]
    # Three claims of the same content would be duplicates.
    records[2]["place"] = "the lake"
    assert import_lines(store, [("x", map(orjson.dumps, records))]).stored
    assert editor.get("/v1/articles?id=export").json["data"][0]["id"] == EXPORT
    assert editor.get("/v1/articles/export/claims").json["data"][0]["article_id"] == EXPORT
    assert editor.get("/v1/claims?restates=export&article_id=export").json["data"][0]["id"] == "other"
    patched = editor.patch(
        "/v1/casualty-reports/other",
        data=b'{"place": "the hill"}',
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    assert (patched.status_code, patched.json["article_id"], patched.json["restates"]) == (200, EXPORT, EXPORT)
    ids = [orjson.loads(line)["id"] for line in editor.get("/v1/claims/export").data.splitlines()]
    assert sorted(ids) == [EXPORT, "other"]
