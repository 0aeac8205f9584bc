"""The text of an article is stored, checked against the claims, returned only to authorized clients, and deleted."""

import hashlib
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.conftest import key_of
from tests.support.factories import ANY, SENTENCE, TEXT, feed, report, sent
from tests.support.generated_records import article
from tests.support.writers import running_server

TEXT_PATH = "/v1/articles/the-article/text"
PLAIN = {"Content-Type": "text/plain; charset=utf-8", "If-Match": "*"}


@pytest.fixture
def hashed(editor):
    """Return a client with all scopes. Its database has an article with the hash of its text."""
    text_fields = {"text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "text_length": len(TEXT)}
    editor.put("/v1/articles/the-article", json=sent(article("x"), **text_fields))
    return editor


def test_a_text_comes_later_and_goes_again(hashed):
    good = report(evidence=[{"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}])
    path = f"/v1/casualty-reports/{hashed.post('/v1/casualty-reports', json=good).json['id']}"
    assert hashed.get(path).json["grounding"]["status"] == "unverified"
    assert hashed.get(TEXT_PATH).status_code == 404
    put = hashed.put(TEXT_PATH, data=TEXT.encode(), headers=PLAIN)
    assert (put.status_code, put.json["text_held"], put.json["version"]) == (200, True, 2)
    got = hashed.get(TEXT_PATH)
    assert (got.text, got.mimetype, got.headers["ETag"]) == (TEXT, "text/plain", put.headers["ETag"])
    assert hashed.get(TEXT_PATH, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
    assert (hashed.get(path).json["grounding"]["status"], hashed.get(path).json["version"]) == ("verified", 2)
    assert [change["type"] for change in feed(hashed)[-2:]] == ["article", "casualty_report"]
    assert hashed.delete(TEXT_PATH, headers={"If-Match": put.headers["ETag"]}).status_code == 204
    left = hashed.get("/v1/articles/the-article").json
    assert (left["text_held"], left["text_length"]) == (False, len(TEXT))
    assert hashed.get(path).json["grounding"]["status"] == "unverified"
    assert hashed.delete(TEXT_PATH, headers=ANY).status_code == 404


def test_a_text_that_does_not_support_claims_is_rejected_with_all_of_them(hashed):
    good = report(evidence=[{"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}])
    wrong = [
        report(place=place, evidence=[{"exact": SENTENCE, "start": 1, "end": len(SENTENCE) + 1}]) for place in "ab"
    ]
    ids = [hashed.post("/v1/casualty-reports", json=claim).json["id"] for claim in (good, *wrong)]
    before = feed(hashed)
    response = hashed.put(TEXT_PATH, data=TEXT.encode(), headers=PLAIN)
    assert (response.status_code, response.json["code"]) == (422, "not-grounded")
    assert {error["claim"] for error in response.json["errors"]} == set(ids[1:])
    assert feed(hashed) == before
    assert hashed.get("/v1/articles/the-article").json["text_held"] is False


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (TEXT.encode() + b"!", {}, 422, "invalid-record"),
        (b"\xff", {}, 400, "malformed-body"),
        (b"", {}, 422, "invalid-record"),
        (b"a\x00", {}, 422, "invalid-record"),
        (b"a" * 1_048_577, {}, 413, "content-too-large"),
        (TEXT.encode(), {"Content-Type": "application/json"}, 415, "unsupported-media-type"),
        (TEXT.encode(), {"Content-Type": "text/plain; charset=latin-1"}, 415, "unsupported-media-type"),
        (TEXT.encode(), {"If-Match": None}, 428, "precondition-required"),
        (TEXT.encode(), {"If-Match": '"v9.1.r1"'}, 412, "precondition-failed"),
    ],
    ids=["of another hash", "not UTF-8", "empty", "NUL", "too long", "media type", "charset", "unseen", "stale"],
)
def test_a_bad_text_gets_its_problem_and_changes_nothing(hashed, body, headers, status, code):
    before = feed(hashed)
    response = hashed.put(TEXT_PATH, data=body, headers={**PLAIN, **headers})
    assert (response.status_code, response.json["code"]) == (status, code), response.text
    assert feed(hashed) == before


@pytest.mark.slow
def test_a_body_without_a_length_is_not_truncated(app, tmp_path):
    key = key_of(app, "claims:write")
    with running_server(app.config["ONRECORD"].database_url, tmp_path, workers=1) as root:
        for path, length, media_type, expected in (
            ("/v1/articles/the-article", 100, "application/json", 201),
            (TEXT_PATH, 1_048_576, "text/plain", 200),
            (TEXT_PATH, 1_048_577, "text/plain", 413),
            ("/v1/articles/another", 8 * 1_048_577, "application/json", 413),
        ):
            body = b'{"headline": "a"}'.ljust(length) if media_type == "application/json" else b"a" * length
            headers = {"Authorization": f"Bearer {key}", "Content-Type": media_type}
            headers |= ANY if path == TEXT_PATH else {}
            with closing(HTTPConnection(root.removeprefix("http://"), timeout=30)) as connection:
                connection.request("PUT", path, iter([body]), headers, encode_chunked=True)
                assert connection.getresponse().status == expected, (path, length)


def test_a_text_may_have_a_mebibyte(editor):
    editor.put("/v1/articles/the-article", json=sent(article("x")))
    long = "é" * 524_288
    assert editor.put(TEXT_PATH, data=long.encode(), headers=PLAIN).status_code == 200
    assert editor.get(TEXT_PATH).text == long


def test_the_text_of_no_article_is_not_found(editor):
    assert editor.get("/v1/articles/there-is-none/text").status_code == 404
    assert editor.put("/v1/articles/there-is-none/text", data=b"a", headers=PLAIN).status_code == 404
