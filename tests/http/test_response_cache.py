"""The cache of finished responses: it repeats a response until the database changes, and nobody can tell."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import text

from api.http import response_cache
from api.http.operations import Deprecated
from api.http.scopes import SCOPES
from api.settings import Settings
from api.store import keys
from tests.conftest import app_on, key_of
from tests.support.factories import ANY, MERGE
from tests.support.openapi import READS

LIST = "/v1/quotes?limit=2"
ITEM = "/v1/quotes/aliyev-no-basis"
# The headers with other values in each response.
VARYING = ("X-Request-Id", "RateLimit")
# Variables that the app reads, and on which no response depends. Those of the server are the same for all requests.
WITHOUT_EFFECT = {
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "wsgi.url_scheme",
    # The address of the client is charged, and the id is repeated, for each request.
    "REMOTE_ADDR",
    "HTTP_X_REQUEST_ID",
    # It matters only with HTTP_UPGRADE.
    "HTTP_CONNECTION",
}


class Repeating:
    """An app with a client that does not validate, and the number of requests that the app handled."""

    def __init__(self, app):
        self.app, self.handled = app, 0
        self.client = FlaskClient(app, Response)
        app.before_request(self._count)

    def _count(self):
        self.handled += 1

    def get(self, url, headers=None, method="GET"):
        return self.client.open(url, method=method, headers=headers or {})

    def get_stored(self, url, headers=None):
        """Return the second response to a request, which the cache stores."""
        self.get(url, headers)
        return self.get(url, headers)

    def is_repeated(self, url, headers=None):
        """Return whether a response comes from the cache."""
        before = self.handled
        assert self.get(url, headers).status_code in (200, 304)
        return self.handled == before


@pytest.fixture
def database(databases):
    """Yield a store of a database with the fixtures."""
    with databases.lent("seeded") as store:
        yield store


@pytest.fixture
def repeating(database):
    """Yield a function that returns a new app on the database of the fixtures."""
    made = []

    def make(**settings):
        made.append(app_on(url_of(database), **settings))
        return Repeating(made[-1])

    yield make
    for app in made:
        app.extensions["onrecord"].close()


@pytest.fixture(scope="module")
def pair(databases):
    """Yield an app with a cache and one without, on one database."""
    url = databases.new("seeded")
    apps = [app_on(url, cache=cache, rate_limit="1000000/minute") for cache in ("on", "off")]
    yield [Repeating(app) for app in apps]
    for app in apps:
        app.extensions["onrecord"].close()


def url_of(store):
    return store.url.render_as_string(hide_password=False)


def seen(response):
    """Return everything of a response that is the same in each one."""
    headers = [(name, "" if name in VARYING else value) for name, value in response.headers]
    return response.status_code, headers, response.data


VARIANTS = [
    {},
    {"Accept": "text/csv"},
    {"Accept": "application/x-ndjson;q=0.5, application/json"},
    {"Accept": "application/ld+json"},
    {"Accept": "image/png"},
    {"Origin": "https://reader.example"},
    {"If-None-Match": "TAG"},
    {"If-None-Match": 'W/"other", TAG'},
    {"If-None-Match": "*"},
    {"Accept-Encoding": "gzip"},
    {"Host": "other.example"},
    {"Host": "not a host"},
    {"Authorization": "Bearer mistyped"},
]
URLS = [
    *(read.url for read in READS.values()),
    "/v1/claims?limit=3&facets=type&total=exact",
    "/v1/claims?q=ceasefire&sort=relevance",
    "/v1/quotes?fields=id,text&include=article",
    "/v1/quotes?format=csv&hxl=true",
    "/v1/quotes?claimant=Nobody",
    "/v1/quotes?limit=none",
    "/v1/quotes/no-such-quote",
    "/v1/openapi.json",
    "/docs",
    "/contract",
    "/articles/no-such-article",
]


@pytest.mark.parametrize("url", URLS)
def test_no_response_differs_from_one_without_the_cache(pair, url):
    cached, uncached = pair
    tag = uncached.get(url).headers.get("ETag", '"none"')
    for headers in VARIANTS:
        sent = {name: value.replace("TAG", tag) for name, value in headers.items()}
        for method in ("GET", "HEAD"):
            responses = [seen(app.get(url, sent, method)) for app in (cached, cached, cached, uncached)]
            first, *others = map(without_ids, responses)
            assert others == [first] * 3, (headers, method)


def without_ids(response):
    """Return a response without the request id, which problems have in their body."""
    status, headers, body = response
    return status, headers, body if status < 400 else {**json.loads(body or b"{}"), "request_id": ""}


@pytest.mark.parametrize("name", READS)
def test_an_operation_is_repeated_unless_it_streams(pair, name):
    cached, _ = pair
    response = cached.get_stored(READS[name].url)
    assert response.status_code == 200
    stored = "ETag" in response.headers and "Content-Length" in response.headers
    assert cached.is_repeated(READS[name].url) == stored
    assert stored != name.startswith("export")


class RecordedEnviron(dict):
    """A WSGI environment that records the variables that are read."""

    def __init__(self, environ):
        super().__init__(environ)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.read.add(name)
        return super().get(name, default)

    def __contains__(self, name):
        self.read.add(name)
        return super().__contains__(name)


@pytest.mark.parametrize("name", READS)
def test_the_key_has_every_variable_that_a_response_depends_on(pair, name):
    _, uncached = pair
    read = set()
    for method in ("GET", "HEAD"):
        for headers in VARIANTS:
            environ = RecordedEnviron(
                uncached.client.application.test_request_context(
                    READS[name].url, method=method, headers=headers
                ).request.environ
            )
            b"".join(uncached.app.wsgi_app(environ, lambda *_: None))
            read |= environ.read
    variables = {variable for variable in read if variable.isupper() or variable == "wsgi.url_scheme"}
    known = {"REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", *response_cache.KEY_HEADERS, *response_cache.BYPASS}
    assert {"HTTP_ACCEPT", "HTTP_AUTHORIZATION", "PATH_INFO"} <= variables
    assert variables - known <= WITHOUT_EFFECT


@pytest.mark.parametrize("header", ["Accept", "Origin", "Host", "If-None-Match"])
def test_each_header_of_the_key_has_responses_of_its_own(repeating, header):
    app = repeating()
    values = {"Accept": "*/*", "Origin": "https://a.example", "Host": "a.example", "If-None-Match": '"a"'}
    for headers in ({}, {header: values[header]}):
        # Most URLs are requested once, so only the response to the second request is stored.
        assert [app.is_repeated(ITEM, headers) for _ in range(4)] == [False, False, True, True]


def test_a_key_is_checked_for_each_request(repeating, database):
    app = repeating()
    token = key_of(app.app, *SCOPES)
    key = {"Authorization": f"Bearer {token}"}
    app.get_stored(ITEM)
    assert [app.is_repeated(ITEM, headers) for headers in (None, key, key, key)] == [True, False, False, False]
    with database.writing() as connection:
        keys.revoke(connection, token.split("_")[1])
    assert app.get(ITEM, key).status_code == 401


@pytest.mark.parametrize("url", [ITEM, "/v1/quotes?limit=200", "/v1/changes?limit=200"])
def test_a_commit_ends_the_repetition(repeating, url):
    app = repeating()
    first = app.get_stored(url)
    assert app.is_repeated(url)
    change_item(app)
    assert app.get(url).data != first.data
    assert app.is_repeated(url)


def test_a_commit_of_another_program_ends_the_repetition(repeating, database):
    app = repeating()
    app.get_stored(ITEM)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE claim SET document = replace(document, 'aliyev', 'ALIYEV')"))
    assert b"ALIYEV" in app.get(ITEM).data
    assert app.is_repeated(ITEM)


def change_item(app):
    """Change the record of ITEM in the app."""
    key = {"Authorization": f"Bearer {key_of(app.app, *SCOPES)}"}
    response = app.client.patch(ITEM, data=orjson.dumps({"place": "elsewhere"}), headers={**key, **MERGE, **ANY})
    assert response.status_code == 200, response.text


def test_a_304_is_not_repeated_after_a_write(repeating):
    app = repeating()
    tag = {"If-None-Match": app.get(ITEM).headers["ETag"]}
    assert app.get_stored(ITEM, tag).status_code == 304
    assert app.is_repeated(ITEM, tag)
    change_item(app)
    assert app.get(ITEM, tag).status_code == 200


def test_a_response_from_before_a_commit_is_not_repeated_after_it(repeating, database):
    app = repeating()
    app.get(ITEM)
    writes = []

    def write(response):
        # The view has read the record, and the response is not stored yet.
        if not writes:
            with database.engine.begin() as connection:
                writes.append(connection.execute(text("UPDATE claim SET version = version + 1")))
        return response

    app.app.after_request_funcs[None].append(write)
    tag = app.get(ITEM).headers["ETag"]
    assert writes
    assert app.get(ITEM).headers["ETag"] != tag


def test_a_repeated_response_has_its_own_id_and_takes_from_the_quota(repeating, capsys):
    app = repeating(rate_limit="10/day")
    app.get(ITEM)
    capsys.readouterr()
    responses = [app.get(ITEM, {"X-Request-Id": id_}) for id_ in ("one", "two", "not valid", "not valid")]
    assert app.handled == 2
    assert [response.headers["X-Request-Id"] for response in responses[:2]] == ["one", "two"]
    ids = [response.headers["X-Request-Id"] for response in responses[2:]]
    assert len(set(ids)) == 2
    assert all(len(id_) == 32 and int(id_, 16) for id_ in ids)
    quotas = [response.headers["RateLimit"].split(";t")[0] for response in responses]
    assert quotas == [f'"default";r={left}' for left in (8, 7, 6, 5)]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [list(line) for line in lines] == [list(lines[0])] * 4
    assert [line["request_id"] for line in lines] == ["one", "two", *ids]
    for line in lines:
        assert line["duration_ms"] > 0
        own = {"timestamp": "", "duration_ms": 0, "request_id": ""}
        assert {**line, **own} == {**lines[0], **own}
    metrics = app.get("/metrics").text
    assert 'onrecord_requests_total{method="GET",operation="getQuote",status="200",version="v1"} 5.0' in metrics
    assert 'onrecord_request_seconds_count{operation="getQuote",version="v1"} 5.0' in metrics
    assert "onrecord_repeated_responses_total 3.0\n" in metrics


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}, {"Origin": "https://a.example"}])
def test_the_headers_of_a_response_that_the_event_loop_sends_are_those_of_the_app(repeating, headers):
    app = repeating(rate_limit="9/day")
    first = app.get_stored(ITEM, headers)
    environ = app.app.test_request_context(ITEM, headers=headers).request.environ
    hit = app.app.extensions["response_cache"].find(environ)
    own = {"X-Request-Id": hit.request_id, "RateLimit": hit.quota}
    assert len(hit.request_id) == 32
    assert hit.quota.startswith('"default";r=')
    expected = [(name.lower(), own.get(name, value)) for name, value in first.headers]
    assert [(name.decode(), value.decode()) for name, value in hit.encoded_headers] == expected
    assert (hit.stored.outcome.status, hit.stored.body) == (first.status_code, first.data)


def test_a_repeated_304_costs_nothing_and_a_429_comes_from_the_app(repeating):
    app = repeating(rate_limit="4/day")
    tag = {"If-None-Match": app.get(ITEM).headers["ETag"]}
    assert [app.get(ITEM, tag).headers["RateLimit"].split(";t")[0] for _ in range(4)] == ['"default";r=3'] * 4
    assert [app.get(ITEM).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert app.get(ITEM).json["code"] == "too-many-requests"
    assert app.get(ITEM, tag).status_code == 429
    # Twice for each of the stored responses. The limiter comes before the hook that counts.
    assert app.handled == 4


def test_an_expensive_request_costs_as_much_when_it_is_repeated(repeating):
    app = repeating(rate_limit="1000/day")
    url = "/v1/claims?total=exact&facets=type"
    left = [int(app.get(url).headers["RateLimit"].split("r=")[1].split(";")[0]) for _ in range(4)]
    assert app.handled == 2
    assert 1 < 1000 - left[0] == left[0] - left[1] == left[1] - left[2] == left[2] - left[3]


def test_without_the_storage_of_the_limits_the_app_responds(repeating, monkeypatch):
    app = repeating(rate_limit="9/day")
    app.get_stored(ITEM)
    monkeypatch.setattr("api.http.rate_limit.RateLimiter.take", lambda *_: None)
    assert not app.is_repeated(ITEM)
    assert "RateLimit" not in app.get(ITEM).headers
    monkeypatch.undo()
    assert "RateLimit" in app.get(ITEM).headers


def test_the_memory_is_bounded_and_the_least_recently_used_response_is_removed(repeating, monkeypatch):
    app = repeating()
    responses = app.app.extensions["response_cache"]._responses
    app.get_stored(LIST)
    monkeypatch.setattr(response_cache, "_TOTAL_MAX", 20 * responses._size)
    urls = [f"/v1/quotes?limit=2&place=place-{number}" for number in range(60)]
    sizes = []
    for url in urls:
        assert app.is_repeated(LIST)
        app.get_stored(url)
        sizes.append(responses._size)
    assert sizes[5] < sizes[10] < max(sizes) <= 20 * sizes[0]
    assert len(responses._stored) < 40
    assert responses._size == sum(stored.size for stored in responses._stored.values())
    assert app.is_repeated(urls[-1])
    assert not app.is_repeated(urls[0])


def test_the_size_of_a_response_covers_its_memory(repeating):
    app = repeating(rate_limit="1000/minute")
    for url in (ITEM, LIST, "/v1/openapi.json"):
        tag = app.get_stored(url).headers["ETag"]
        for value in (tag, f"{tag}, {tag}x" * 50):
            assert app.get_stored(url, {"If-None-Match": value}).status_code == 304
    stored = app.app.extensions["response_cache"]._responses._stored
    # The document is too large.
    assert len(stored) == 8
    for key, response in stored.items():
        assert memory_of(response) <= response.size <= 2 * memory_of(response), key


def memory_of(value):
    """Return the bytes of a stored response with the objects that belong only to it."""
    inner = value if isinstance(value, (tuple, list)) else ()
    return sys.getsizeof(value) + sum(memory_of(part) for part in inner)


def test_a_large_response_is_not_stored(repeating, monkeypatch):
    app = repeating()
    monkeypatch.setattr(response_cache, "_BODY_MAX", 500)
    assert [app.is_repeated(LIST) for _ in range(3)] == [False] * 3
    tag = {"If-None-Match": app.get(LIST).headers["ETag"]}
    assert [app.is_repeated(LIST, tag) for _ in range(3)] == [False, False, True]


def test_the_number_of_remembered_keys_is_bounded(repeating, monkeypatch):
    app = repeating()
    monkeypatch.setattr(response_cache, "_KEYS_MAX", 10)
    requested = app.app.extensions["response_cache"]._responses._requested
    for number in range(1, 30):
        app.get(f"/v1/quotes?limit={number}")
        assert 0 < len(requested) <= 10
    app.get_stored(ITEM)
    assert app.is_repeated(ITEM)


def test_off_stores_nothing(repeating):
    app = repeating(cache="off")
    assert [app.is_repeated(ITEM) for _ in range(3)] == [False] * 3


def test_the_setting_is_on_or_off():
    with pytest.raises(ValueError, match="ONRECORD_CACHE must be on or off, not 'yes'"):
        Settings(cache="yes")


def test_a_deprecated_operation_is_not_repeated_because_it_ends_at_its_sunset(repeating):
    app = repeating()
    deprecated = Deprecated(datetime(2030, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC), "Use another.", "")
    operations = app.app.extensions["operations"]
    route = next(route for route, operation in operations.items() if operation.id == "listQuotes")
    operations[route] = replace(operations[route], deprecated=(replace(deprecated, parameter="place"),))
    assert [app.is_repeated(LIST) for _ in range(3)] == [False, False, True]
    assert [app.is_repeated(f"{LIST}&place=Norland") for _ in range(3)] == [False] * 3
