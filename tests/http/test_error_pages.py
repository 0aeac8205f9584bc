"""Errors as pages for browsers, and as problems for all other clients."""

from __future__ import annotations

import re

import orjson
import pytest

from api.app import create_app
from api.http.problem_types import PROBLEMS
from api.settings import Settings
from tests.conftest import app_on
from tests.support.openapi import OPERATIONS
from tests.support.problem_requests import PROVOKED, ProblemRequests, failing, provoke

__all__ = ["failing"]

# The headers `Accept` of browsers that open a URL, and of a person who wants HTML.
BROWSERS = {
    "Chromium": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        "application/signed-exchange;v=b3;q=0.7"
    ),
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTML": "text/html",
    "HTML, else a problem": "application/problem+json;q=0.5, text/html;charset=utf-8",
}
# Those of other clients: none, curl and fetch, axios, an image, and clients that prefer JSON or do not care.
OTHERS = (
    None,
    "*/*",
    "application/json, text/plain, */*",
    "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8",
    "application/json",
    "application/problem+json, text/html;q=0.9",
    "text/html;q=0.5, application/json;q=0.9",
    "text/html, application/json",
    "text/html;q=0, */*",
    "text/csv",
)
# Headers that differ between two responses, or describe only the representation.
OWN_HEADERS = {
    "Content-Type",
    "Content-Length",
    "Content-Security-Policy",
    "Referrer-Policy",
    "X-Request-Id",
    "RateLimit",
}


def rest_of(response):
    """Return the headers of a response without those of its representation, and without seconds that pass."""
    headers = ((name, "" if name == "Retry-After" else value) for name, value in response.headers)
    return [(name, value) for name, value in headers if name not in OWN_HEADERS]


def check_page(page, problem):
    """Check that a page is the same error as a problem."""
    assert (page.status_code, page.content_type) == (problem.status_code, "text/html; charset=utf-8")
    assert rest_of(page) == rest_of(problem)
    assert "Accept" in page.vary
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Request-Id"] in page.text
    assert f'<a href="/problems/{problem.json["code"]}">' in page.text
    assert f"<h1>{problem.json['title']}</h1>" in page.text
    assert f"<code>{problem.status_code}</code>" in page.text
    assert "Traceback" not in page.text


ERRORS = {
    "unknown path": ("GET", "/nothing", {}, 404),
    "unknown record": ("GET", "/v1/quotes/there-is-no-such-id", {}, 404),
    "unknown page": ("GET", "/articles/there-is-no-such-id", {}, 404),
    "unknown problem": ("GET", "/problems/nothing", {}, 404),
    "method": ("PUT", "/v1/quotes", {}, 405),
    "method of a page": ("POST", "/docs", {}, 405),
    "parameters": ("GET", "/v1/quotes?nonsense=1&limit=x", {}, 422),
    "key": ("GET", "/v1/articles/karabakh-2020-11-01/text", {}, 401),
    "key in the URL": ("GET", "/v1/quotes?token=onrecord_1", {}, 422),
    "precondition": ("DELETE", "/v1/quotes/aliyev-no-basis", {}, 401),
    "long query": ("GET", f"/v1/quotes?a={'1' * 40_000}", {}, 414),
    # Werkzeug raises these before it finds the view.
    "host": ("GET", "/v1/quotes", {"Host": "a" * 64}, 400),
    "host of an unknown path": ("GET", "/nothing", {"Host": "a" * 64}, 400),
}


@pytest.mark.parametrize(("method", "path", "headers", "status"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_a_page_for_browsers_and_a_problem_for_others(seeded, method, path, headers, status):
    problem = seeded.open(path, method=method, headers=headers)
    assert problem.status_code == status
    for accept in OTHERS:
        response = seeded.open(path, method=method, headers={**headers, **({"Accept": accept} if accept else {})})
        if response.status_code != 406:
            assert (response.status_code, response.json["code"]) == (status, problem.json["code"]), accept
        assert response.mimetype == "application/problem+json"
        assert "Accept" in response.vary
    for accept in BROWSERS.values():
        page = seeded.open(path, method=method, headers={**headers, "Accept": accept})
        if page.status_code == 406:
            problem = seeded.open(path, method=method, headers={**headers, "Accept": "image/png"})
        check_page(page, problem)


# The requests of these have no `Accept`, or cannot be repeated. The test below deletes a record.
NOT_REPEATED = {"idempotency-key-reused", "request-timeout", "gone"}


@pytest.mark.parametrize("slug", sorted(PROVOKED.keys() - NOT_REPEATED))
def test_each_problem_has_a_page(request, databases, slug):
    operation = OPERATIONS[PROVOKED[slug][0]]
    problem = provoke(slug, operation, request.getfixturevalue)
    fixture = request.getfixturevalue

    class FromBrowser(ProblemRequests):
        def send(self, query="", **more):
            # Without `*/*`, no operation can return a success, so a 406 comes first.
            accept = "text/html" if slug == "not-acceptable" else BROWSERS["Firefox"]
            return super().send(query, **{**more, "Accept": accept})

    browser, clients = FromBrowser(operation, fixture), fixture("failing")
    page = browser.send(client=clients[slug]) if slug in clients else getattr(browser, slug.replace("-", "_"))()
    check_page(page, problem)
    assert page.status_code == PROBLEMS[slug].status


def test_a_deleted_record_has_a_page(writer):
    path = "/v1/ceasefires/ceasefire-1994"
    assert writer.delete(path, headers={"If-Match": "*"}).status_code == 204
    problem, page = (writer.get(path, headers={"Accept": accept}) for accept in ("*/*", BROWSERS["Chromium"]))
    assert problem.status_code == 410
    check_page(page, problem)


def test_the_page_of_a_failure_says_nothing_of_its_cause(databases, capsys):
    app = app_on(databases.new("empty"))
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    page = app.test_client().get("/broken", headers={"Accept": BROWSERS["Firefox"]})
    assert page.status_code == 500
    assert "ZeroDivisionError" not in page.text
    assert "division" not in page.text
    assert "The server failed to handle the request." in page.text
    assert "ZeroDivisionError" in capsys.readouterr().err
    app.extensions["onrecord"].close()


def test_the_page_of_several_errors_lists_them_with_their_links(seeded):
    browser = {"Accept": BROWSERS["Chromium"]}
    path = "/v1/casualty-reports/series?conflict=nagorno-karabakh"
    problem, page = seeded.get(path).json, seeded.get(path, headers=browser).text
    links = re.findall(r'<a href="([^"]+)">', page)
    for error in problem["errors"]:
        assert error["address"] in [link.replace("&amp;", "&") for link in links]
    page = seeded.get("/v1/quotes?nonsense=1&limit=x", headers=browser).text
    assert "<dt><code>nonsense</code></dt>" in page
    assert "<dt><code>limit</code></dt>" in page


def test_a_value_of_the_request_is_text_on_the_page(seeded):
    path = "/v1/quotes?<script>=<b>&limit=<script>alert(1)</script>"
    page = seeded.get(path, headers={"Accept": BROWSERS["Firefox"]})
    assert page.status_code == 422
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


def test_head_has_the_headers_of_the_page(seeded):
    headers = {"Accept": BROWSERS["Firefox"], "X-Request-Id": "mine"}
    got, head = (seeded.open("/nothing", method=method, headers=headers) for method in ("GET", "HEAD"))
    assert (head.status_code, head.data) == (404, b"")
    assert list(head.headers) == list(got.headers)


def test_an_unlimited_service_without_a_database_has_error_pages_too():
    app = create_app(Settings(database_url="sqlite:////no/such/folder/of/onrecord.db", rate_limit=""))
    page = app.test_client().get("/readyz", headers={"Accept": BROWSERS["Firefox"]})
    assert (page.status_code, page.mimetype, page.headers["Retry-After"]) == (503, "text/html", "5")
    assert orjson.loads(app.test_client().get("/readyz").data)["code"] == "unavailable"


def test_a_request_that_is_rejected_before_it_is_charged_gets_the_page_of_a_429(databases):
    app = app_on(databases.new("seeded"), rate_limit="1/day")
    client, headers = app.test_client(), {"Authorization": "Bearer mistyped"}
    assert client.get("/v1/quotes", headers=headers).status_code == 401
    problem = client.get("/v1/quotes", headers=headers)
    assert problem.status_code == 429
    check_page(client.get("/v1/quotes", headers={**headers, "Accept": BROWSERS["Firefox"]}), problem)
    app.extensions["onrecord"].close()
