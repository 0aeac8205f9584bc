"""Rate limits by key or IP address, counted in memory or in Redis, and their headers in every response."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import request

from api.app import create_app
from api.http.rate_limit import RateLimiter
from api.http.scopes import TEXTS_READ
from api.settings import Settings
from tests.conftest import app_on, key_of
from tests.support.live_server import free_port
from tests.support.openapi import OPERATIONS

pytestmark = pytest.mark.slow

LIST = "/v1/quotes"
ITEM = "/v1/quotes/aliyev-no-basis"


@pytest.fixture
def clock(monkeypatch):
    """Return the clock of the counts in memory, at the start of a window. Add to `now` to advance it."""
    clock = SimpleNamespace(now=1_000_000 * 60.0)
    monkeypatch.setattr("api.http.rate_limit.time", SimpleNamespace(time=lambda: clock.now, monotonic=time.monotonic))
    return clock


@pytest.fixture
def limited(databases):
    """Return a function that creates apps with a rate limit on the fixtures."""
    made = []
    with databases.lent("seeded") as store:

        def make(rate, **settings):
            made.append(app_on(store.url.render_as_string(hide_password=False), rate_limit=rate, **settings))
            return made[-1]

        yield make
        for app in made:
            app.extensions["onrecord"].close()


def left(response):
    """Return the remaining requests by the headers of a response."""
    return int(re.fullmatch('"default";r=([0-9]+);t=[0-9]+', response.headers["RateLimit"])[1])


def weigh(app, operation_id, cost):
    """Set another cost for an operation."""
    operations = app.extensions["operations"]
    operations.update({place: replace(one, cost=cost) for place, one in operations.items() if one.id == operation_id})


def test_every_response_has_the_remaining_quota(limited, clock):
    client = limited("10/minute").test_client()
    clock.now += 18.5
    responses = [
        client.get(LIST),
        client.head(LIST),
        client.get(f"{LIST}/there-is-none"),
        client.get(f"{LIST}?nonsense=1"),
        client.get(LIST, headers={"Accept": "image/png"}),
        client.get(f"{LIST}?claimant={'a' * 40_000}"),
        client.get("/v1/openapi.json"),
    ]
    assert [response.status_code for response in responses] == [200, 200, 404, 422, 406, 414, 200]
    assert [left(response) for response in responses] == [9, 8, 7, 6, 5, 4, 3]
    for response in responses:
        assert response.headers["RateLimit-Policy"] == '"default";q=10;w=60'
        assert response.headers["RateLimit"].endswith(";t=42")
        assert "Retry-After" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/docs",
        "/docs/swagger-ui.css",
        "/static/pages.css",
        "/contract",
        "/problems",
        "/problems/too-many-requests",
        "/.well-known/api-catalog",
        "/healthz",
        "/readyz",
        "/metrics",
        "/no/such/path",
    ],
)
def test_documentation_health_and_files_cost_nothing(limited, path):
    client = limited("1/day").test_client()
    for _ in range(3):
        with client.get(path) as response:
            assert response.status_code == (404 if path == "/no/such/path" else 200)
            assert "RateLimit" not in response.headers
    assert client.options(LIST).status_code == 204
    assert client.get(LIST).status_code == 200


def test_the_page_of_an_article_costs_as_much_as_its_claims(limited):
    client = limited("25/day").test_client()
    path = "/articles/karabakh-2020-11-01"
    response = client.get(path)
    assert (response.status_code, left(response)) == (200, 15)
    assert left(client.get(path, headers={"If-None-Match": response.headers["ETag"]})) == 15
    assert client.get(path).status_code == 200
    rejected = client.get(path)
    assert (rejected.status_code, rejected.json["code"]) == (429, "too-many-requests")
    assert rejected.headers["Retry-After"]


CLAIMS, VIEW = "/v1/claims?", "/v1/casualty-reports/compare?conflict=nagorno-karabakh"
SVG = {"Accept": "image/svg+xml"}


@pytest.mark.parametrize(
    ("path", "headers", "cost"),
    [
        (f"{CLAIMS}limit=200", {}, 1),
        (f"{CLAIMS}facets=claimant&limit=1&sort=id&fields=id", {}, 2),
        (f"{CLAIMS}facets=claimant,type&total=exact", {}, 5),
        (f"{CLAIMS}facets=claimant,type&total=exact&grounding=verified", {}, 9),
        (f"{CLAIMS}q=civilians&sort=relevance", {}, 3),
        (f"{CLAIMS}{'&'.join(f'id=claim-{number}' for number in range(100))}", {}, 5),
        (f"{CLAIMS}format=csv", {}, 200),
        (CLAIMS, {"Accept": "application/x-ndjson"}, 5),
        (VIEW, {}, 20),
        (VIEW, SVG, 200),
        (f"{VIEW}&format=svg", {}, 200),
        (f"{VIEW}&format=json", SVG, 20),
        ("/v1/casualty-reports/series?conflict=there-is-none", SVG, 200),
        ("/v1/ceasefires/timeline?conflict=nagorno-karabakh", SVG, 200),
    ],
)
def test_the_cost_of_a_request_depends_on_its_parameters(limited, path, headers, cost):
    client = limited("1000/day").test_client()
    response = client.get(path, headers=headers)
    assert (response.status_code, left(response)) == (200, 1000 - cost)
    unchanged = client.get(path, headers={**headers, "If-None-Match": response.headers["ETag"]})
    assert (unchanged.status_code, left(unchanged)) == (304, 1000 - cost)


def test_an_unchanged_response_costs_nothing(limited):
    client = limited("5/day").test_client()
    reported = {"If-None-Match": client.get(LIST).headers["ETag"]}
    for _ in range(10):
        response = client.get(LIST, headers=reported)
        assert (response.status_code, left(response)) == (304, 4)
        assert client.head(LIST, headers=reported).status_code == 304
    assert left(client.get(LIST)) == 3


def test_a_request_over_the_limit_gets_the_time_to_retry(limited, clock):
    client = limited("3/minute").test_client()
    clock.now += 18.5
    assert [client.get(LIST).status_code for _ in range(4)] == [200, 200, 200, 429]
    rejected = client.get(LIST)
    assert rejected.json["code"] == "too-many-requests"
    wait = int(rejected.headers["Retry-After"])
    assert rejected.headers["RateLimit"] == f'"default";r=0;t={wait}'
    assert f"Retry in {wait} seconds." in rejected.json["detail"]
    clock.now += wait - 2
    assert client.get(LIST).status_code == 429
    clock.now += 2
    assert client.get(LIST).status_code == 200
    assert client.get(LIST).status_code == 429


@pytest.mark.parametrize("cost", [1, 3, 7, 10, 50])
@pytest.mark.parametrize("elapsed", [0, 1, 31, 59.5])
def test_a_retry_after_the_given_time_succeeds_and_the_time_is_short(clock, cost, elapsed):
    for used_before in (0, 4, 10):
        limiter = RateLimiter("10/minute", "memory://")
        for _ in range(used_before):
            limiter.take("a", 1)
        clock.now += 60 + elapsed
        allowance = limiter.take("a", cost)
        for _ in range(20):
            if not allowance.granted:
                clock.now += allowance.seconds - 1.01
                assert allowance.seconds == 1 or not limiter.take("a", cost).granted
                clock.now += 1.01
            allowance = limiter.take("a", cost)
        clock.now -= clock.now % 60


def test_nobody_has_the_quota_twice_where_two_minutes_meet(clock):
    limiter = RateLimiter("60/minute", "memory://")
    clock.now += 59
    assert sum(limiter.take("a", 1).granted for _ in range(100)) == 60
    clock.now += 4.5
    assert sum(limiter.take("a", 1).granted for _ in range(100)) == 4


def test_requests_with_more_work_cost_more(limited):
    app = limited("10/day")
    weigh(app, "listQuotes", 4)
    client = app.test_client()
    assert [left(client.get(path)) for path in (LIST, ITEM, LIST)] == [6, 5, 1]
    assert client.get(LIST).status_code == 429
    assert left(client.get(ITEM)) == 0


def test_a_request_above_the_quota_costs_the_whole_quota(limited):
    app = limited("10/day")
    weigh(app, "listQuotes", 50)
    client = app.test_client()
    tag = client.get(LIST).headers["ETag"]
    assert client.get(LIST).status_code == 429
    app = limited("10/day")
    weigh(app, "listQuotes", 50)
    assert left(app.test_client().get(LIST, headers={"If-None-Match": tag})) == 10


def test_keys_and_addresses_are_counted_each_for_itself(limited):
    app = limited("2/day")
    client = app.test_client()
    for who in ({}, *({"Authorization": f"Bearer {key_of(app, TEXTS_READ)}"} for _ in range(2))):
        for address in ("192.0.2.1", "192.0.2.2"):
            where = {"REMOTE_ADDR": address}
            responses = [client.get(LIST, headers=who, environ_base=where).status_code for _ in range(3)]
            assert responses == ([429] * 3 if who and address.endswith("2") else [200, 200, 429])


def test_requests_with_an_invalid_key_count(limited):
    client = limited("2/day").test_client()
    wrong = {"Authorization": "Bearer mistyped"}
    assert [client.get(LIST, headers=wrong).status_code for _ in range(4)] == [401, 401, 429, 429]
    assert client.get(LIST).headers["Retry-After"]


def test_one_network_of_ipv6_is_one_client(limited):
    client = limited("2/day").test_client()
    for address, status in (
        ("2001:db8::1", 200),
        ("2001:db8::ffff:2", 200),
        ("2001:db8::3", 429),
        ("2001:db8:0:1::1", 200),
        ("::ffff:192.0.2.1", 200),
        ("::ffff:192.0.2.2", 200),
        ("192.0.2.1", 200),
        ("::ffff:192.0.2.1", 429),
    ):
        assert client.get(LIST, environ_base={"REMOTE_ADDR": address}).status_code == status, address


@pytest.mark.parametrize(
    ("proxies", "sent", "counted"),
    [
        ("0", "192.0.2.9", "127.0.0.1"),
        ("1", "192.0.2.9", "192.0.2.9"),
        ("1", "198.51.100.1, 192.0.2.9", "192.0.2.9"),
        ("2", "198.51.100.1, 192.0.2.9", "198.51.100.1"),
        ("2", "192.0.2.9", "127.0.0.1"),
        ("1", "", "127.0.0.1"),
    ],
)
def test_behind_proxies_the_ip_address_is_from_the_outermost_trusted_proxy(limited, proxies, sent, counted):
    app = limited("2/day", trusted_proxies=proxies)
    headers = {"X-Forwarded-For": sent, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    seen = []
    app.before_request(lambda: seen.append((request.remote_addr, request.host, request.scheme)))
    response = app.test_client().get(f"{LIST}?limit=1", headers=headers)
    assert seen == [(counted, "localhost", "http")]
    assert response.json["page"]["next"].startswith("http://127.0.0.1:8000/v1/")


def test_without_a_limit_there_are_no_headers(limited):
    client = limited(" ").test_client()
    for _ in range(20):
        response = client.get(LIST)
        assert response.status_code == 200
        assert not [name for name in dict(response.headers) if name.startswith("RateLimit")]


@pytest.fixture(scope="module")
def scarce(databases):
    """Return a client of an app that allows one request for each IP address."""
    app = app_on(databases.new("seeded"), rate_limit="1/day")
    yield app.test_client()
    app.extensions["onrecord"].close()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_returns_429_over_the_limit(scarce, name):
    operation = OPERATIONS[name]
    requests = {"method": operation.method, "headers": operation.headers, "data": operation.body}
    address = {"REMOTE_ADDR": f"192.0.2.{list(OPERATIONS).index(name)}"}
    responses = [scarce.open(operation.url, **requests, environ_base=address) for _ in range(2)]
    # Without a key, the first request is rejected, and still charged.
    assert [response.status_code for response in responses] == [401 if operation.scopes else 200, 429]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate_limit": "many"}, "ONRECORD_RATE_LIMIT must be"),
        ({"rate_limit": "0/minute"}, "ONRECORD_RATE_LIMIT must be"),
        ({"rate_limit": "-1/minute"}, "ONRECORD_RATE_LIMIT must be"),
        ({"rate_limit": "10/fortnight"}, "ONRECORD_RATE_LIMIT must be"),
        ({"rate_limit": "10/minute; 100/hour"}, "ONRECORD_RATE_LIMIT must be one rate"),
        ({"rate_limit_storage": "mongodb://a:secret@b"}, "ONRECORD_RATE_LIMIT_STORAGE must be"),
        ({"rate_limit_storage": "localhost:6379"}, r"ONRECORD_RATE_LIMIT_STORAGE must be .*, not localhost://\."),
        ({"rate_limit_storage": "6379"}, r"ONRECORD_RATE_LIMIT_STORAGE must be .*, not a URL without a scheme\."),
        ({"rate_limit_storage": "redis://localhost:port"}, "ONRECORD_RATE_LIMIT_STORAGE is not the URL"),
        ({"trusted_proxies": "-1"}, "ONRECORD_TRUSTED_PROXIES must be an integer"),
        ({"trusted_proxies": "yes"}, "ONRECORD_TRUSTED_PROXIES must be an integer"),
    ],
)
def test_limits_that_cannot_be_stop_the_start(settings, message):
    with pytest.raises(ValueError, match=message) as rejected:
        create_app(Settings(database_url="sqlite://", **settings))
    assert "secret" not in str(rejected.value)


@pytest.fixture
def redis(redis_server):
    """Start an empty Redis and return its URL, and a function that stops and starts it."""
    RateLimiter("1/second", redis_server.url)._counts.storage.reset()
    return redis_server


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    running = []

    def start():
        process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
        running.append(process)
        limiter = RateLimiter("1/second", f"redis://127.0.0.1:{port}")
        for _ in range(200):
            if limiter._counts.storage.check():
                return
            time.sleep(0.05)
        raise AssertionError("redis-server does not answer")

    def stop():
        process = running.pop()
        process.terminate()
        process.wait(10)

    start()
    yield SimpleNamespace(url=f"redis://127.0.0.1:{port}", start=start, stop=stop)
    while running:
        stop()


@pytest.mark.external
def test_in_redis_all_servers_count_together(limited, redis):
    one, other = (limited("6/hour", rate_limit_storage=redis.url).test_client() for _ in range(2))
    responses = [client.get(LIST) for client in (one, other, one, other)]
    assert [left(response) for response in responses] == [5, 4, 3, 2]
    tag = responses[0].headers["ETag"]
    assert left(other.get(LIST, headers={"If-None-Match": tag})) == 2
    assert [client.get(LIST).status_code for client in (one, other, one, other)] == [200, 200, 429, 429]
    rejected = one.get(LIST)
    assert 3590 <= int(rejected.headers["Retry-After"]) <= 2 * 3600
    assert rejected.headers["RateLimit"] == f'"default";r=0;t={rejected.headers["Retry-After"]}'


@pytest.mark.external
def test_in_redis_a_retry_after_the_given_time_succeeds(redis):
    limiter = RateLimiter("4/second", redis.url)
    for cost in (1, 3, 4, 2):
        allowance = limiter.take("waiting", cost)
        while allowance.granted:
            allowance = limiter.take("waiting", cost)
        # Redis counts milliseconds, and a request over a network takes longer than one.
        time.sleep(allowance.seconds + 0.02)
        assert limiter.take("waiting", cost).granted


@pytest.mark.parametrize("storage", ["memory", pytest.param("redis", marks=pytest.mark.external)])
def test_many_at_once_never_have_more_than_the_quota(request, storage):
    limiter = RateLimiter("50/hour", "memory://" if storage == "memory" else request.getfixturevalue("redis").url)
    with ThreadPoolExecutor(8) as pool:
        allowances = list(pool.map(lambda _: limiter.take("crowd", 1), range(400)))
    assert sum(allowance.granted for allowance in allowances) <= 50
    assert not limiter.take("crowd", 50).granted


@pytest.mark.external
def test_without_redis_requests_pass_and_a_warning_is_logged(limited, redis, capsys, monkeypatch):
    client = limited("2/hour", rate_limit_storage=redis.url).test_client()
    monkeypatch.setattr("api.http.rate_limit._PAUSE", 0.3)
    client.get(LIST, environ_base={"REMOTE_ADDR": "192.0.2.77"})
    redis.stop()
    for _ in range(5):
        response = client.get(LIST)
        assert response.status_code == 200
        assert response.headers["RateLimit-Policy"] == '"default";q=2;w=3600'
        assert "RateLimit" not in response.headers
    reported = [line for line in capsys.readouterr().err.splitlines() if "requests are not limited" in line]
    assert len(reported) >= 1
    assert '"level":"error"' in reported[0]
    redis.start()
    time.sleep(0.4)
    assert [client.get(LIST).status_code for _ in range(3)] == [200, 200, 429]


def test_a_redis_that_never_was_there_stops_nothing(limited):
    client = limited("2/hour", rate_limit_storage=f"redis://127.0.0.1:{free_port()}").test_client()
    assert [client.get(LIST).status_code for _ in range(3)] == [200] * 3
