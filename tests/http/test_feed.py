"""The feed of changes: a replay from any position returns the stored records, and no change is lost."""

from __future__ import annotations

import os
import random
import threading

import orjson
import pytest
from sqlalchemy import event, insert

from api.kinds.collections import COLLECTIONS
from api.store.changes import renew_epoch
from api.store.purge import purge
from api.store.tables import change
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.generated_records import article, casualty_report
from tests.support.histories import History
from tests.support.writers import app_client, create_key, put

# Fewer on PostgreSQL, because each takes longer there and tests the same. `make soak` carries out more.
OPERATIONS = int(os.environ.get("OPERATIONS", "1000"))
PATHS = {"article": "articles"} | {each.type: each.path for each in COLLECTIONS if each.type is not None}


class Follower:
    """A client that keeps a copy of all records by reading a few pages of the feed at a time."""

    def __init__(self, client, chance, **requests):
        self.client, self.chance, self.requests = client, chance, requests
        self.token, self.copy, self.seen, self.actions = 0, {}, set(), set()

    def read(self):
        """Read one page of a random length. Return whether another page exists."""
        query = {"since": self.token, "limit": self.chance.randrange(1, 201), **self.requests}
        page = self.client.get("/v1/changes", query_string=query).json
        for reported in page["data"]:
            self.actions.add(reported["action"])
            name = reported["type"], reported["id"]
            self.seen.add(name)
            if reported["document"] is None:
                self.copy.pop(name, None)
            else:
                self.copy[name] = orjson.dumps(reported["document"]).decode()
        self.token = page["page"]["since"]
        return page["page"]["next"] is not None

    def catch_up(self):
        while self.read():
            pass
        return self.copy


def listed(client, path):
    """Return all records of a list by type and id, byte for byte."""
    actual, url = {}, f"/v1/{path}?limit=200"
    while url:
        page = client.get(url).json
        for record in page["data"]:
            actual[record.get("type", "article"), record["id"]] = orjson.dumps(record).decode()
        url = page["page"]["next"] and page["page"]["next"].removeprefix("http://127.0.0.1:8000")
    return actual


@pytest.mark.long
def test_a_replay_of_thousands_of_operations_returns_the_stored_records(app, client, store):
    """The changes are in the order of commits, for all page sizes and at all times."""
    if store.is_sqlite:
        # The data need not survive a power failure.
        event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        store.engine.dispose()
    operations = OPERATIONS if store.is_sqlite else max(OPERATIONS // 10, 800)
    history, chance = History(store, seed=1, purges=0.005), random.Random(1)
    followers = [Follower(client, chance) for _ in range(3)]
    of_one_type = Follower(client, chance, type="ceasefire")
    while history.done.total() < operations:
        history.step()
        if chance.random() < 0.01:
            chance.choice([*followers, of_one_type]).read()
    assert min(history.done[act.__name__] for act in history.acts) > 0

    assert_sound(store)
    stored = stored_documents(store)
    fresh = Follower(client, chance)
    assert fresh.catch_up() == stored
    for follower in followers:
        assert 0 < follower.token < fresh.token
        assert follower.catch_up() == stored
        assert follower.actions == {"created", "updated", "deleted", "purged"}
    assert of_one_type.catch_up() == {name: text for name, text in stored.items() if name[0] == "ceasefire"}

    assert listed(client, "articles") | listed(client, "claims") == stored
    for type_, path in PATHS.items():
        assert listed(client, path) == {name: text for name, text in stored.items() if name[0] == type_}
    for (type_, id_), text in stored.items():
        assert client.get(f"/v1/{PATHS[type_]}/{id_}").data == text.encode()
    gone = fresh.seen - stored.keys()
    assert gone
    for type_, id_ in gone:
        assert client.get(f"/v1/{PATHS[type_]}/{id_}").status_code in (404, 410)


@pytest.fixture
def ask(app, store):
    return app_client(app, create_key(store))


def test_asking_again_costs_a_304_until_something_changes(client, ask):
    put(ask, "/v1/articles/the-article", article("the-article"))
    first = client.get("/v1/changes")
    again = f"/v1/changes?since={first.json['page']['since']}"
    empty = client.get(again)
    assert (empty.json["data"], empty.json["page"]["since"]) == ([], first.json["page"]["since"])
    # The ETag of the previous page is also valid.
    for response in (first, empty):
        unchanged = client.get(again, headers={"If-None-Match": response.headers["ETag"]})
        assert (unchanged.status_code, unchanged.data) == (304, b"")
    put(ask, "/v1/articles/another", article("another"))
    changed = client.get(again, headers={"If-None-Match": empty.headers["ETag"]})
    assert [reported["id"] for reported in changed.json["data"]] == ["another"]


def test_a_write_without_a_change_is_not_in_the_feed(client, ask):
    first = put(ask, "/v1/articles/the-article", article("the-article"))
    before = client.get("/v1/changes").data
    again = put(ask, "/v1/articles/the-article", article("the-article"), If_Match=first.headers["ETag"])
    assert (again.status, again.headers["ETag"]) == (200, first.headers["ETag"])
    assert client.get("/v1/changes").data == before


def test_every_token_leads_to_the_same_end(client, store, ask):
    """Tokens of purged changes are valid, too, also the last one."""
    put(ask, "/v1/articles/the-article", article("the-article"))
    for name in ("one", "two", "three"):
        put(ask, f"/v1/casualty-reports/{name}", casualty_report(name, "the-article"))
    copies, token = {0: {}}, 0
    for reported in client.get("/v1/changes").json["data"]:
        copies[reported["sequence"]] = copies[token] | {
            (reported["type"], reported["id"]): orjson.dumps(reported["document"]).decode()
        }
        token = reported["sequence"]
    purge(store, ["one", "three"])
    purge(store, ["two"])
    put(ask, "/v1/casualty-reports/four", casualty_report("four", "the-article"))
    stored = stored_documents(store)
    assert {id_ for _, id_ in stored} == {"the-article", "four"}
    for since, copy in copies.items():
        follower = Follower(client, random.Random(since))
        follower.token, follower.copy = since, dict(copy)
        assert follower.catch_up() == stored


def test_a_number_of_the_feed_is_never_used_again(client, store, ask):
    put(ask, "/v1/articles/the-article", article("the-article"))
    put(ask, "/v1/articles/another", article("another"))
    seen = client.get("/v1/changes").json["page"]["since"]
    purge(store, ["another"])
    purge(store, ["another"])
    reported = client.get(f"/v1/changes?since={seen}").json["data"]
    assert [(item["action"], item["id"]) for item in reported] == [("purged", "another")]
    assert reported[0]["sequence"] == seen + 2


def test_a_token_of_another_epoch_is_rejected(client, store, ask):
    for name in ("the-article", "another", "the-third"):
        put(ask, f"/v1/articles/{name}", article(name))
    first = client.get("/v1/changes?limit=2")
    token, next_ = first.json["page"], first.json["page"]["next"]
    assert f"since=2&epoch={token['epoch']}" in next_
    export = client.get("/v1/articles?format=ndjson")
    monitor = export.headers["Link"].partition("<")[2].partition(">")[0]
    assert export.headers["Change-Epoch"] == token["epoch"]
    assert [client.get(url).status_code for url in (next_, monitor)] == [200, 200]
    lists = ["/v1/articles", "/v1/articles?format=csv", "/v1/changes", "/v1/articles/another/versions"]
    tags = [client.get(path).headers["ETag"] for path in lists]
    cursor = client.get("/v1/articles?limit=2").json["page"]["next"]

    with store.writing() as connection:
        renew_epoch(connection)
    for url in (next_, monitor, f"/v1/changes?since=0&epoch={token['epoch']}"):
        rejected = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
        assert (rejected.status_code, rejected.json["code"]) == (410, "resync-required")
        assert "since=0" in rejected.json["detail"]
    # A page or an export of the other epoch is never current, although the sequence number is the same.
    for path, tag in zip(lists, tags, strict=True):
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    # Clients of version 1.0.0 know no epoch, and a cursor is a position in the order of records.
    again = client.get("/v1/changes?since=2")
    assert [reported["id"] for reported in again.json["data"]] == ["the-third"]
    assert again.json["page"]["epoch"] != token["epoch"]
    assert len(client.get(cursor).json["data"]) == 1


def test_clients_that_follow_the_feed_do_not_miss_a_late_commit(client, store):
    """Of two concurrent writes, the second waits for the first. Without that, it would commit before it."""
    begun, done = threading.Event(), threading.Event()

    def change_of(name):
        return {"at": "2031-01-01T00:00:00.000Z", "action": "deleted", "type": "quote", "id": name, "version": 1}

    def second():
        begun.set()
        with store.writing() as connection:
            connection.execute(insert(change), change_of("second"))
        done.set()

    follower = Follower(client, random.Random(1))
    seen = []

    def follow():
        page = client.get(f"/v1/changes?since={follower.token}").json
        follower.token = page["page"]["since"]
        seen.extend(item["id"] for item in page["data"])

    other = threading.Thread(target=second)
    with store.writing() as connection:
        connection.execute(insert(change), change_of("first"))
        other.start()
        begun.wait()
        # Enough time for a writer that does not wait.
        done.wait(0.3)
        follow()
    follow()
    other.join()
    follow()
    assert seen == ["first", "second"]
