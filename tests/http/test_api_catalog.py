"""The API catalog (RFC 9727) and the promise at /contract, as JSON and as HTML."""

from __future__ import annotations

import pytest

from api.app import create_app
from api.promise import CLAUSES, EXCEPTED_CHANGES, MAY, NEVER
from api.settings import Settings
from tests.http.test_http_semantics import problem
from tests.support.openapi import DOCUMENT

ROOT = "http://127.0.0.1:8000"
CATALOG = "/.well-known/api-catalog"
MEDIA_TYPE = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
HERE = f'<{ROOT}{CATALOG}>; rel="api-catalog"'


def test_the_catalog_is_a_linkset_of_its_profile(seeded):
    response = seeded.get(CATALOG)
    assert (response.status_code, response.headers["Content-Type"]) == (200, MEDIA_TYPE)
    assert response.headers.getlist("Link") == [HERE, '<https://www.rfc-editor.org/info/rfc9727>; rel="profile"']
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    # RFC 9264, section 4.2: contexts with an anchor, whose other members are relations, each with a list of targets.
    assert list(response.json) == ["linkset"]
    for context in response.json["linkset"]:
        targets = [target for relation, links in context.items() if relation != "anchor" for target in links]
        assert targets
        assert all(isinstance(target["href"], str) for target in targets)


def test_the_catalog_links_to_the_document_and_the_documentation_of_each_version(seeded):
    own, version = seeded.get(CATALOG).json["linkset"]
    assert own["anchor"] == f"{ROOT}{CATALOG}"
    assert version["anchor"] == f"{ROOT}/v1"
    assert version.keys() == {"anchor", "service-desc", "service-doc", "service-meta", "status"}
    (document,) = version["service-desc"]
    assert seeded.get(document["href"].removeprefix(ROOT)).json == DOCUMENT
    assert {target["href"].removeprefix(ROOT) for target in own["item"]} < DOCUMENT["paths"].keys()


def test_each_link_of_the_catalog_returns_its_media_type(seeded):
    for context in seeded.get(CATALOG).json["linkset"]:
        for relation, targets in context.items():
            for target in targets if relation != "anchor" else ():
                path = target["href"].removeprefix(ROOT)
                response = seeded.get(path, headers={"Accept": target["type"]})
                assert (response.status_code, response.mimetype) == (200, target["type"]), path


def test_head_of_the_catalog_has_the_link_and_no_body(seeded):
    get, head = seeded.get(CATALOG), seeded.head(CATALOG)
    assert (head.status_code, head.data, head.headers["Content-Type"]) == (200, b"", MEDIA_TYPE)
    assert head.headers.getlist("Link") == get.headers.getlist("Link")


def test_an_unchanged_catalog_returns_304(seeded):
    tag = seeded.get(CATALOG).headers["ETag"]
    response = seeded.get(CATALOG, headers={"If-None-Match": tag})
    assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", tag)
    assert HERE in response.headers.getlist("Link")


@pytest.mark.parametrize(
    "accept", ["application/linkset+json", MEDIA_TYPE, "application/*", "*/*", "text/html, */*;q=0.1"]
)
def test_the_catalog_is_returned_if_accept_allows_it(seeded, accept):
    assert seeded.get(CATALOG, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/linkset", MEDIA_TYPE + ";q=0"])
def test_the_catalog_in_another_media_type_is_rejected(seeded, accept):
    body = problem(seeded.get(CATALOG, headers={"Accept": accept}), 406, "not-acceptable")
    assert "application/linkset+json" in body["detail"]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_the_front_page_links_to_the_catalog(seeded, accept):
    for method in ("GET", "HEAD"):
        assert seeded.open("/", method=method, headers={"Accept": accept}).headers["Link"] == HERE
    assert seeded.get("/").json["api_catalog"] == f"{ROOT}{CATALOG}"


def test_the_catalog_has_the_public_url_for_every_requested_host():
    client = create_app(Settings(database_url="sqlite://", public_url="https://a.example")).test_client()
    text = client.get(CATALOG, headers={"Host": "evil.example"}).text
    assert "https://a.example/v1/openapi.json" in text
    assert not {"evil.example", "127.0.0.1"} & set(text.replace("/", " ").split())


def test_the_promise_as_json_has_each_clause_by_its_code(seeded):
    promise = seeded.get("/contract").json
    assert [clause["code"] for clause in promise["may_change"]] == [clause.slug for clause in MAY]
    assert [clause["code"] for clause in promise["never_changes"]] == [clause.slug for clause in NEVER]
    for clause in (*promise["may_change"], *promise["never_changes"]):
        assert (clause["text"], clause.get("advice", "")) == (
            CLAUSES[clause["code"]].text,
            CLAUSES[clause["code"]].advice,
        )
        assert clause["url"] == f"{ROOT}/contract#{clause['code']}"
    assert promise["version"] == DOCUMENT["info"]["version"]
    assert promise["numbers"].keys() == {"major", "minor", "patch"}
    assert promise["exceptions"] == [
        {
            "pointer": excepted.pointer,
            "since": excepted.since,
            "clause": excepted.clause,
            "text": excepted.reason,
        }
        for excepted in EXCEPTED_CHANGES
    ]


def test_the_promise_as_html_has_an_anchor_for_each_clause(seeded):
    response = seeded.get("/contract", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.mimetype == "text/html"
    for clause in CLAUSES.values():
        (after,) = response.text.split(f'id="{clause.slug}"')[1:]
        first = clause.text.split("`")[0]
        assert first in after.split("</div>")[0]
    exceptions = response.text.split('id="exceptions"')[1]
    for excepted in EXCEPTED_CHANGES:
        assert f"Since {excepted.since}" in exceptions
        assert f'href="#{excepted.clause}"' in exceptions
        assert excepted.pointer in exceptions


def test_the_front_page_and_the_document_link_to_the_promise(seeded):
    assert seeded.get("/").json["contract"] == f"{ROOT}/contract"
    for page in ("/", "/docs"):
        assert 'href="/contract"' in seeded.get(page, headers={"Accept": "text/html"}).text
    assert "(/contract)" in DOCUMENT["info"]["description"]
