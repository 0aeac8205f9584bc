"""The cost of a request against the rate limit is proportional to its work."""

from __future__ import annotations

import hashlib
import re
import statistics
from dataclasses import dataclass, field

import orjson
import pytest
from sqlalchemy import event
from werkzeug.test import EnvironBuilder, run_wsgi_app

from api.app import create_app
from api.http.scopes import SCOPES
from api.seed import files
from api.settings import Settings
from api.store.database import Store
from api.store.imports import import_lines
from tests.conftest import key_of
from tests.support.call_counts import count_calls
from tests.support.conflict_generator import CLAIMANTS, CONFLICT, dispute, truces
from tests.support.factories import SENTENCE, TEXT
from tests.support.generated_records import article, casualty_report, resolution
from tests.support.openapi import OPERATIONS

pytestmark = pytest.mark.slow

# SQLite's steps that take about as long as one call of a function.
STEPS = 25

QUERIES = [
    "limit=1",
    "limit=200",
    "limit=200&fields=id,claimant",
    "include=article&limit=200",
    "total=capped",
    "total=exact",
    "q=norland&total=exact",
    "q=norland",
    "q=norland&sort=relevance",
    "facets=claimant",
    "facets=claimant,type,conflict,on_record_month&total=capped",
    "facets=claimant,type,conflict,on_record_month&published_on[gte]=1900",
    "facets="
    + ",".join(
        next(each for each in OPERATIONS["listClaims"].parameters if each["name"] == "facets")["schema"]["items"][
            "enum"
        ]
    ),
    "limit=100&" + "&".join(f"id=report-{number:05}" for number in range(100)),
]
LIMIT = 100_000_000


def records():
    """Return hundreds of records of each type."""
    yield article("article-without-claims")
    yield article("article-with-text", text=TEXT)
    reports, _ = dispute(300)
    ceasefires, _ = truces(200)
    yield from (*reports, *ceasefires)
    hashed = hashlib.sha256(TEXT.encode()).hexdigest()
    yield article("article-with-hash", text_sha256=hashed, text_length=len(TEXT))
    span = {"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}
    for number in range(20):
        for id_ in ("article-with-text", "article-with-hash"):
            yield casualty_report(f"{id_}-{number}", id_, evidence=[span])
    for number in range(200):
        yield article(f"article-{number:03}", conflict="lake-war", published_on="2031-05-01")
        yield resolution(f"resolution-{number:03}", f"article-{number:03}", topic=f"topic {number}")
        figure = {"exact": str(number), "start": 10 * number, "end": 10 * number + len(str(number))}
        more = {"claimant": CLAIMANTS[number % 5], "as_of": f"2031-05-{1 + number % 28:02}", "evidence": [figure]}
        yield casualty_report(f"lake-{number:03}", "article-000", place="the lake", count=number, **more)
        words = f"we said {number}"
        yield {
            "type": "quote",
            "id": f"quote-{number:03}",
            "article_id": "article-000",
            "claimant": {"name": "Norland", "kind": "government"},
            "mode": "direct",
            "text": words,
            "quoted": [words],
            "evidence": [{"exact": words, "start": 100 * number, "end": 100 * number + len(words)}],
            "inferred": ["claimant"],
        }


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Yield an app with hundreds of records and a high rate limit. SQL work counts as calls."""
    url = f"sqlite:///{tmp_path_factory.mktemp('costs') / 'onrecord.db'}"
    store = Store(url)
    store.upgrade()
    store.close()
    app = create_app(Settings(database_url=url, rate_limit=f"{LIMIT}/year"))
    store = app.extensions["onrecord"]
    event.listen(store.engine, "connect", lambda connection, _: connection.set_progress_handler(lambda: 0, STEPS))
    sources = [
        *((name, file.read_bytes().splitlines()) for name, file in files()),
        ("made", map(orjson.dumps, records())),
    ]
    report = import_lines(store, sources)
    assert not report.rejected_lines, report.rejected_lines[:3]
    yield app
    store.close()


@dataclass(frozen=True)
class Case:
    """A request with a name."""

    name: str
    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


# Requests for operations whose example is too little work to measure, or needs a record that is not stored here.
URLS = {
    "getCasualtyReportComparison": f"/v1/casualty-reports/compare?conflict={CONFLICT}",
    "getCasualtyReportSeries": "/v1/casualty-reports/series?conflict=lake-war",
    "getCeasefireTimeline": f"/v1/ceasefires/timeline?conflict={CONFLICT}",
    "deleteArticle": "/v1/articles/article-without-claims",
    "deleteQuote": "/v1/quotes/quote-001",
    "putArticleText": "/v1/articles/article-with-hash/text",
    **dict.fromkeys(("getArticleText", "deleteArticleText"), "/v1/articles/article-with-text/text"),
}


def cases():
    """Return a request for each operation and media type, lists with all facets and ranks, and an HTML page."""
    for name, operation in OPERATIONS.items():
        url = URLS.get(name, operation.url)
        if operation.method != "get":
            body = TEXT.encode() if name == "putArticleText" else operation.body
            yield Case(name, f"{url}?dry_run=true", operation.method.upper(), operation.headers, body)
        else:
            for media_type in operation.successes[200]["content"]:
                yield Case(f"{name} as {media_type}", url, headers={"Accept": media_type})
    for query in QUERIES:
        yield Case(query[:60], f"/v1/claims?{query}")
    yield Case("the document", "/v1/openapi.json")
    yield Case("the page of an article", "/articles/karabakh-2020-11-01")


def exchange(app, case, key):
    """Return the number of function calls of a request, and the status and headers of its response."""
    path, _, query = case.url.partition("?")
    headers = {"Authorization": f"Bearer {key}", **case.headers}
    environ = EnvironBuilder(path, None, query, case.method, headers=headers, data=case.body).get_environ()
    responses = []
    calls = count_calls(lambda: responses.append(run_wsgi_app(app.wsgi_app, environ, buffered=True)))
    ((_, status, headers),) = responses
    return calls, int(status[:3]), headers


def test_a_cost_is_in_proportion_to_the_work_of_a_request(app):
    key = key_of(app, *SCOPES)
    measured, left = {}, LIMIT
    for case in cases():
        # The first of two requests builds statements and loads libraries.
        for _ in range(2):
            calls, status, headers = exchange(app, case, key)
            assert status < 300, (case, status)
            before, left = left, int(re.search("r=([0-9]+)", headers["RateLimit"])[1])
        measured[case.name] = calls, before - left
    work = {name: calls / cost for name, (calls, cost) in measured.items()}
    middle = statistics.median(work.values())
    wrong = {name: measured[name] for name, item in work.items() if not middle / 10 <= item <= middle * 10}
    assert not wrong, f"The median of calls per unit of cost is {middle:,.0f}. Calls and cost: {wrong}"


def test_a_request_past_the_limit_makes_no_work(app):
    scarce = create_app(Settings(database_url=app.config["ONRECORD"].database_url, rate_limit="1/year"))
    key = key_of(app, *SCOPES)
    item = Case("an item", "/v1/quotes/quote-000")
    assert exchange(scarce, item, key)[1] == 200
    rejected = {case.name: exchange(scarce, case, key)[:2] for _ in range(2) for case in cases()}
    scarce.extensions["onrecord"].close()
    assert {status for _, status in rejected.values()} == {429}
    # The rest is parsing the query, of up to a hundred parameters, and looking up the key.
    assert {name: calls for name, (calls, _) in rejected.items() if calls > 5000} == {}
