"""Invalid writes return their problem and change nothing."""

import orjson
import pytest

from schemas import strict_json
from tests.support.call_counts import count_calls
from tests.support.factories import ANY, MERGE, changed, feed, report, sent
from tests.support.generated_records import article

DEEP = b'{"a":' * 40 + b"1" + b"}" * 40
BAD = {
    "not JSON": (b"{", 400, "malformed-body"),
    "nothing": (b"", 400, "malformed-body"),
    "too deep": (DEEP, 400, "malformed-body"),
    "a name twice": (b'{"headline": "a", "headline": "b"}', 400, "malformed-body"),
    "NaN": (b'{"headline": NaN}', 400, "malformed-body"),
    "not UTF-8": (b'{"headline": "\xff"}', 400, "malformed-body"),
    "no object": (b"[]", 422, "invalid-record"),
    "an unknown field": (b'{"headline": "a", "headlin": "b"}', 422, "invalid-record"),
    "a read-only field": (b'{"headline": "a", "version": "3"}', 422, "invalid-record"),
    "a reserved id": (b'{"headline": "a", "id": "compare"}', 422, "invalid-record"),
    "a malformed id": (b'{"headline": "a", "id": "A b"}', 422, "invalid-record"),
    "half a surrogate pair": (b'{"headline": "\\ud800"}', 400, "malformed-body"),
    "a name that is half a surrogate pair": (b'{"headline": "a", "\\ud800": 1}', 400, "malformed-body"),
    "half a surrogate pair far inside": (
        b'{"headline": "a", "info_sources": [{"name": "a\\udfff"}]}',
        400,
        "malformed-body",
    ),
    "a number of a thousand digits": (b'{"text_length": 1' + b"0" * 1000 + b"}", 400, "malformed-body"),
    "a thousand wrong fields": (
        b"{" + b",".join(b'"x%d": 1' % number for number in range(1000)) + b"}",
        422,
        "invalid-record",
    ),
    "NUL": (b'{"headline": "a\\u0000"}', 422, "invalid-record"),
    "a number past any database": (b'{"headline": "a", "text_length": 99999999999999999999}', 422, "invalid-record"),
    "a text that is not of its hash": (
        orjson.dumps({"headline": "a", "text": "b", "text_sha256": "0" * 64}),
        422,
        "invalid-record",
    ),
    "a text past a mebibyte": (orjson.dumps({"headline": "a", "text": "é" * 600_000}), 422, "invalid-record"),
    "more than is taken": (b" " * 9_000_000, 413, "content-too-large"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_bad_input_gets_its_problem_and_changes_nothing(editor, name, method):
    body, status, code = BAD[name]
    path = "/v1/articles" if method == "POST" else "/v1/articles/of-my-own"
    response = editor.open(path, method=method, data=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json["code"]) == (status, code), response.text
    assert 10 < len(response.data) < 20_000
    assert feed(editor) == []


def with_a_name_twice(names):
    """Return a JSON object with this many names, of which the last one occurs twice."""
    return b'{%s, "n%d": 1}' % (b",".join(b'"n%d": 1' % number for number in range(names)), names - 1)


def test_the_work_of_finding_a_name_that_occurs_twice_grows_linearly(editor):
    def load(names):
        with pytest.raises(ValueError, match=f"'n{names - 1}' occurs twice"):
            strict_json.loads(with_a_name_twice(names))

    assert count_calls(load, 200_000) < 11 * count_calls(load, 20_000)
    headers = {"Content-Type": "application/json"}
    response = editor.post("/v1/articles", data=with_a_name_twice(200_000), headers=headers)
    assert (response.status_code, "'n199999' occurs twice" in response.json["detail"]) == (400, True)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/articles/a%00b", "/v1/quotes/a%00b", "/v1/articles/a%00b/text"])
def test_an_id_that_databases_cannot_store_is_rejected(editor, method, path):
    if (method, path) == ("PATCH", "/v1/articles/a%00b/text"):
        return
    types = {"PATCH": MERGE["Content-Type"], "PUT": "text/plain" if path.endswith("text") else "application/json"}
    headers = {"Content-Type": types.get(method), **ANY}
    response = editor.open(path, method=method, data=b'{"headline": "a"}', headers=headers)
    assert response.status_code in (404, 422)


def test_an_invalid_body_with_an_idempotency_key_is_rejected(editor):
    for body in (b'{"headline": "a", "text_length": 99999999999999999999}', b'{"headline": 1e999}'):
        headers = {"Content-Type": "application/json", "Idempotency-Key": "x"}
        assert editor.post("/v1/articles", data=body, headers=headers).status_code == 422


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json"]
)
def test_another_media_type_is_rejected(editor, content_type):
    response = editor.post("/v1/articles", data=b'{"headline": "a"}', headers={"Content-Type": content_type})
    assert (response.status_code, response.json["code"]) == (415, "unsupported-media-type")
    assert "application/json" in response.json["detail"]


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json-patch+json"])
def test_a_patch_with_another_media_type_is_rejected(editor, content_type):
    assert editor.put("/v1/articles/of-my-own", json={"headline": "a"}).status_code == 201
    headers = {"Content-Type": content_type, **ANY}
    response = editor.patch("/v1/articles/of-my-own", data=b'{"headline": "b"}', headers=headers)
    assert (response.status_code, response.json["code"]) == (415, "unsupported-media-type")
    assert editor.get("/v1/articles/of-my-own").json["headline"] == "a"


def test_an_unsupported_encoding_is_rejected(editor):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert editor.post("/v1/articles", data=b"", headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"article_id": "there-is-none"}, "/article_id"), ({"restates": "there-is-none"}, "/restates")],
)
def test_a_reference_to_a_missing_record_is_rejected(client_with_article, changes, pointer):
    response = client_with_article.post("/v1/casualty-reports", json=report(**changes))
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_claim_never_comes_to_restate_itself(client_with_article):
    for name, restated in (("one", None), ("two", "one"), ("three", "two")):
        client_with_article.put(f"/v1/casualty-reports/{name}", json=report(place=name, restates=restated))
    response = changed(client_with_article, "/v1/casualty-reports/one", {"restates": "three"})
    assert "one → three → two → one" in response.json["detail"]
    assert (
        client_with_article.put("/v1/casualty-reports/four", json=report(place="four", restates="four")).status_code
        == 422
    )


@pytest.mark.parametrize("id_", ["A-B", "ab", "compare", "x" * 81, "a_b"])
def test_an_invalid_id_is_rejected(editor, id_):
    response = editor.put(f"/v1/articles/{id_}", json=sent(article("x")))
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/id")


def test_the_id_of_the_path_and_of_the_record_are_one(editor):
    response = editor.put("/v1/articles/one", json={**sent(article("x")), "id": "another"})
    assert response.json["errors"][0]["pointer"] == "/id"
