"""Concurrent writes are neither lost nor repeated."""

from __future__ import annotations

import os
import random
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import update

from api.store import idempotency as remembered
from api.store.tables import idempotency
from tests.support.generated_records import article, resolution
from tests.support.writers import (
    JSON,
    MERGE_PATCH,
    app_client,
    create_key,
    put,
    run_concurrently,
    running_server,
    server_client,
)

pytestmark = pytest.mark.slow

# `make soak` has each of them count to 50.
WRITERS, INCREMENTS = 8, int(os.environ.get("INCREMENTS", "20"))
COUNTER = "/v1/resolutions/counter"


@pytest.fixture
def token(store):
    return create_key(store)


@pytest.fixture
def ask(app, token):
    return app_client(app, token)


def count_up(ask):
    """Increment the number in a record so many times, each time from its stored value."""
    for _ in range(INCREMENTS):
        tries = 0
        while not counted_up(ask):
            # As clients do that know of one another: those that came too late do not all come again at once.
            tries += 1
            time.sleep(random.uniform(0, 0.02 * tries))


def counted_up(ask):
    seen = ask("GET", COUNTER)
    body = orjson.dumps({"topic": str(int(seen.json["topic"]) + 1)})
    status = ask("PATCH", COUNTER, body, Content_Type=MERGE_PATCH, If_Match=seen.headers["ETag"]).status
    assert status in (200, 412)
    return status == 200


def count_together(clients):
    """Return the number and the versions of a record after these clients have incremented it concurrently."""
    first = clients[0]
    assert put(first, "/v1/articles/the-article", article("the-article")).status == 201
    assert put(first, COUNTER, resolution("counter", "the-article", topic="0")).status == 201
    run_concurrently([lambda ask=ask: count_up(ask) for ask in clients])
    counted = first("GET", COUNTER).json
    return counted["topic"], counted["version"]


def test_eight_writers_to_a_server_of_two_processes_lose_none_of_their_increments(databases, app, token, tmp_path):
    with running_server(app.config["ONRECORD"].database_url, tmp_path, workers=2) as root, ExitStack() as open_:
        reported = count_together([open_.enter_context(server_client(root, token)) for _ in range(WRITERS)])
    assert reported == (str(WRITERS * INCREMENTS), WRITERS * INCREMENTS + 1)


# Two articles may say the same, so that only the key keeps the second from being made.
ARTICLE = orjson.dumps({"headline": "News of the hills"})


def post(ask, body=ARTICLE, name="the-key", path="/v1/articles"):
    return ask("POST", path, body, Content_Type=JSON, Idempotency_Key=name)


def articles(ask):
    return [actual["id"] for actual in ask("GET", "/v1/articles?limit=200").json["data"]]


def test_twenty_identical_concurrent_posts_create_one_record_and_return_the_same_response(app, token, tmp_path):
    with running_server(app.config["ONRECORD"].database_url, tmp_path, workers=2) as root, ExitStack() as open_:
        clients = [open_.enter_context(server_client(root, token)) for _ in range(20)]
        responses = run_concurrently([lambda ask=ask: post(ask) for ask in clients])
        assert len(articles(clients[0])) == 1
    assert {response.status for response in responses} == {201}
    for reported in ("ETag", "Location"):
        assert len({response.headers[reported] for response in responses}) == 1
    assert len({response.body for response in responses}) == 1
    replayed = [response.headers.get("Idempotent-Replayed") for response in responses]
    assert sorted(replayed, key=str) == [None, *["true"] * 19]


def test_a_later_retry_of_a_post_returns_the_first_response_even_if_the_record_changed(ask):
    first = post(ask)
    path = f"/v1/articles/{first.json['id']}"
    patch = orjson.dumps({"publisher": "Other"})
    assert ask("PATCH", path, patch, Content_Type=MERGE_PATCH, If_Match=first.headers["ETag"]).status == 200
    again = post(ask)
    assert (again.status, again.body, again.headers["ETag"]) == (201, first.body, first.headers["ETag"])
    assert ask("DELETE", path, If_Match="*").status == 204
    assert post(ask).body == first.body
    assert articles(ask) == []


@pytest.mark.parametrize(
    "other",
    [
        {"body": orjson.dumps({"headline": "News of the lakes"})},
        {"body": orjson.dumps({"headline": "News of the hills", "publisher": "Other"})},
        {"path": "/v1/quotes", "body": b"{}"},
    ],
    ids=["another value", "another field", "another path"],
)
def test_another_request_with_the_same_key_is_rejected(ask, other):
    first = post(ask)
    if "path" in other:
        other = {**other, "body": quote_of(first.json["id"])}
    rejected = post(ask, **other)
    assert (rejected.status, rejected.json["code"]) == (422, "idempotency-key-reused")
    assert articles(ask) == [first.json["id"]]
    assert ask("GET", "/v1/claims?total=exact").json["page"]["total"]["count"] == 0
    assert post(ask).body == first.body


def quote_of(article_id):
    claimant = {"name": "Norland", "kind": "government"}
    evidence = [{"exact": "three", "start": 0, "end": 5}]
    fields = {"mode": "indirect", "text": "three", "inferred": ["claimant"]}
    return orjson.dumps({"article_id": article_id, "claimant": claimant, "evidence": evidence, **fields})


def test_the_same_json_in_other_bytes_is_the_same_request(ask):
    first = post(ask, orjson.dumps({"headline": "News", "publisher": "One"}))
    again = post(ask, b'{ "publisher": "One",\n"headline": "\\u004eews" }')
    assert (again.status, again.body) == (201, first.body)


def test_a_rejected_post_does_not_use_its_key(ask):
    assert post(ask, b'{"headline": 7}').status == 422
    assert post(ask).status == 201


def test_a_dry_run_leaves_its_key_free(ask):
    tried = ask("POST", "/v1/articles?dry_run=true", ARTICLE, Content_Type=JSON, Idempotency_Key="the-key")
    assert tried.status == 200
    made = post(ask)
    assert (made.status, made.headers.get("Idempotent-Replayed")) == (201, None)


def test_the_key_of_another_sender_is_another_key(app, store, ask):
    other = app_client(app, create_key(store, "other"))
    first, second = post(ask), post(other)
    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] != second.json["id"]
    assert post(other).body == second.body
    assert post(ask).body == first.body


@pytest.mark.parametrize(
    ("age", "kept"), [(timedelta(hours=23, minutes=58), True), (timedelta(days=1, seconds=1), False)]
)
def test_a_response_is_stored_for_a_day(store, ask, age, kept):
    first = post(ask)
    then = (datetime.now(UTC) - age).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with store.writing() as connection:
        assert connection.execute(update(idempotency).values(at=then)).rowcount == 1
    again = post(ask)
    assert (again.body == first.body) is kept
    assert len(articles(ask)) == (1 if kept else 2)


def test_a_record_is_not_created_if_its_response_cannot_be_stored(app, ask, monkeypatch):
    def fail(*_):
        raise RuntimeError("no room")

    monkeypatch.setattr(remembered, "remember", fail)
    monkeypatch.setattr(app, "testing", True)
    with pytest.raises(RuntimeError, match="no room"):
        post(ask)
    assert articles(ask) == []
    monkeypatch.undo()
    assert post(ask).status == 201
