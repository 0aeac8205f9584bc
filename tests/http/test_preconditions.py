"""Order of the checks of a write: limits, then preconditions, then the record."""

import orjson
import pytest

from tests.http.test_http_semantics import problem
from tests.support.factories import ANY, feed, report

ARTICLE, REPORT = "/v1/articles/the-article", "/v1/casualty-reports/a-report"
JSON, PATCH, PLAIN = "application/json", "application/merge-patch+json", "text/plain"
INVALID = {
    "not JSON": b"{",
    "no object": b"[]",
    "an unknown field": b'{"headlin": "a"}',
    "another id": b'{"id": "another"}',
    "a changed version": b'{"version": 99}',
}
WRITES = [
    *(("PUT", path, JSON, body) for path in (ARTICLE, REPORT) for body in INVALID.values()),
    *(
        ("PATCH", path, type_, body)
        for path in (ARTICLE, REPORT)
        for type_ in (JSON, PATCH)
        for body in INVALID.values()
    ),
    *(("PUT", f"{ARTICLE}/text", PLAIN, body) for body in (b"", b"\xff", b"a\x00b", b"another text")),
    ("DELETE", ARTICLE, None, b""),
    ("DELETE", f"{ARTICLE}/text", None, b""),
]
STALE = {"If-Match": '"v99.20200101000000000.r1"'}


@pytest.fixture
def with_report(client_with_article):
    assert client_with_article.put(REPORT, json=report()).status_code == 201
    return client_with_article


@pytest.mark.parametrize("dry_run", ["", "?dry_run=true"])
def test_a_stale_precondition_is_reported_before_an_invalid_body(with_report, dry_run):
    before = feed(with_report)
    for method, path, type_, body in WRITES:
        headers = {"Content-Type": type_} if type_ else {}
        for preconditions, status, code in (
            (STALE, 412, "precondition-failed"),
            ({}, 428, "precondition-required"),
        ):
            response = with_report.open(f"{path}{dry_run}", method=method, data=body, headers=headers | preconditions)
            assert problem(response, status, code), (method, path, body)
        response = with_report.open(f"{path}{dry_run}", method=method, data=body, headers=headers | ANY)
        assert response.status_code in (400, 409, 422) or method == "DELETE", (method, path, body)
    assert feed(with_report)[: len(before)] == before


def test_a_failed_precondition_of_a_put_is_reported_before_an_invalid_body(with_report):
    headers = {"Content-Type": JSON}
    for path, more in ((REPORT, {"If-None-Match": "*"}), ("/v1/quotes/no-quote", ANY), ("/v1/quotes/no-quote", STALE)):
        for body in INVALID.values():
            response = with_report.put(path, data=body, headers=headers | more)
            assert problem(response, 412, "precondition-failed")


@pytest.mark.parametrize("path", [ARTICLE, REPORT, f"{ARTICLE}/text"])
def test_limits_are_checked_before_preconditions(with_report, path):
    type_ = PLAIN if path.endswith("text") else JSON
    too_long = with_report.put(path, data=b" " * 9_000_000, headers={"Content-Type": type_, **STALE})
    assert problem(too_long, 413, "content-too-large")
    another = with_report.put(path, data=b"{}", headers={"Content-Type": "image/png", **STALE})
    assert problem(another, 415, "unsupported-media-type")


@pytest.mark.parametrize("type_", [JSON, PATCH])
def test_a_merge_patch_has_either_media_type(with_report, type_):
    response = with_report.patch(
        REPORT, data=orjson.dumps({"same_as": ["https://a.example/1"]}), headers={**ANY, "Content-Type": type_}
    )
    assert (response.status_code, response.json["same_as"]) == (200, ["https://a.example/1"])
    removed = with_report.patch(REPORT, data=b'{"same_as": null}', headers={**ANY, "Content-Type": type_})
    assert (removed.status_code, removed.json["same_as"]) == (200, [])


def test_another_media_type_of_a_patch_is_rejected_with_the_accepted_ones(with_report):
    response = with_report.patch(REPORT, data=b"{}", headers={**ANY, "Content-Type": "application/json-patch+json"})
    assert f"{PATCH} or {JSON}" in problem(response, 415, "unsupported-media-type")["detail"]


@pytest.mark.parametrize(
    ("path", "patch", "pointer", "detail"),
    [
        (REPORT, {"wordng": None}, "/wordng", "Unknown field. Did you mean wording?"),
        (REPORT, {"claimant": {"nam": None}}, "/claimant/nam", "Unknown field. Did you mean name?"),
        (REPORT, {"wordng": {"a": None}}, "/wordng", "Unknown field. Did you mean wording?"),
        (REPORT, {"via": [{"name": "A", "kind": "media", "titel": None}]}, "/via/0/titel", "Did you mean title?"),
        (ARTICLE, {"headlin": None}, "/headlin", "Unknown field. Did you mean headline?"),
        (ARTICLE, {"info_sources": [{"name": "A", "role": "b", "rol": None}]}, "/info_sources/0/rol", "role?"),
        (ARTICLE, {"version": None}, "/version", "Read-only"),
        (ARTICLE, {"text": None}, "/text", "Cannot be null"),
        (ARTICLE, {"text_length": None}, "/text_length", "Cannot be null"),
    ],
)
def test_a_name_is_checked_at_each_depth_even_if_its_value_is_null(with_report, path, patch, pointer, detail):
    before = feed(with_report)
    response = with_report.patch(path, data=orjson.dumps(patch), headers={**ANY, "Content-Type": PATCH})
    (part,) = problem(response, 422, "invalid-record")["errors"]
    assert (part["pointer"], detail in part["detail"]) == (pointer, True), part
    assert feed(with_report) == before


def test_the_error_for_a_weak_tag_of_the_stored_version_has_the_fix(with_report):
    tag = with_report.get(REPORT).headers["ETag"]
    weak = with_report.delete(REPORT, headers={"If-Match": f"W/{tag}"})
    assert "Send it without W/." in problem(weak, 412, "precondition-failed")["detail"]
    stale = with_report.delete(REPORT, headers={"If-Match": f"W/{STALE['If-Match']}"})
    assert "is at version 1" in problem(stale, 412, "precondition-failed")["detail"]
    assert with_report.delete(REPORT, headers={"If-Match": tag}).status_code == 204
