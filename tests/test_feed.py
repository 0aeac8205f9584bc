"""The feed: replayed from anywhere it gives what is on record, and nothing in it is ever passed over."""

from __future__ import annotations

import os
import random
import threading

import orjson
import pytest
from sqlalchemy import event, insert

from api.kinds.collections import COLLECTIONS
from api.store.purging import purge
from api.store.tables import change
from tests.consistency import assert_sound, on_record
from tests.generated import article, casualty_report
from tests.histories import History
from tests.writers import key, of_app, put

# Fewer on PostgreSQL, where each takes longer, and what is asked of it is the same. `make soak` carries out more.
OPERATIONS = int(os.environ.get("OPERATIONS", "1000"))
PATHS = {"article": "articles"} | {each.type: each.path for each in COLLECTIONS if each.type is not None}


class Follower:
    """Somebody who keeps a copy of what is on record by reading the feed, a few pages now and then."""

    def __init__(self, client, chance, **asked):
        self.client, self.chance, self.asked = client, chance, asked
        self.token, self.copy, self.seen, self.actions = 0, {}, set(), set()

    def read(self):
        """Read on by one page of some length; gives back whether there is more."""
        query = {"since": self.token, "limit": self.chance.randrange(1, 201), **self.asked}
        page = self.client.get("/v1/changes", query_string=query).json
        for told in page["data"]:
            self.actions.add(told["action"])
            name = told["type"], told["id"]
            self.seen.add(name)
            if told["document"] is None:
                self.copy.pop(name, None)
            else:
                self.copy[name] = orjson.dumps(told["document"]).decode()
        self.token = page["page"]["since"]
        return page["page"]["next"] is not None

    def catch_up(self):
        while self.read():
            pass
        return self.copy


def listed(client, path):
    """All records of a list, byte for byte, by type and id."""
    found, url = {}, f"/v1/{path}?limit=200"
    while url:
        page = client.get(url).json
        for record in page["data"]:
            found[record.get("type", "article"), record["id"]] = orjson.dumps(record).decode()
        url = page["page"]["next"] and page["page"]["next"].removeprefix("http://127.0.0.1:8000")
    return found


@pytest.mark.long
def test_a_feed_of_thousands_of_operations_replays_to_exactly_what_is_on_record(app, client, store):
    """In the order of commits, whoever reads it when, in pages of whatever length."""
    if store.is_sqlite:
        # Nothing here has to outlive a power cut.
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
    stored = on_record(store)
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
    return of_app(app, key(store))


def test_asking_again_costs_a_304_until_something_changes(client, ask):
    put(ask, "/v1/articles/the-article", article("the-article"))
    first = client.get("/v1/changes")
    again = f"/v1/changes?since={first.json['page']['since']}"
    empty = client.get(again)
    assert (empty.json["data"], empty.json["page"]["since"]) == ([], first.json["page"]["since"])
    # The tag of the page before serves as well.
    for answer in (first, empty):
        unchanged = client.get(again, headers={"If-None-Match": answer.headers["ETag"]})
        assert (unchanged.status_code, unchanged.data) == (304, b"")
    put(ask, "/v1/articles/another", article("another"))
    changed = client.get(again, headers={"If-None-Match": empty.headers["ETag"]})
    assert [told["id"] for told in changed.json["data"]] == ["another"]


def test_a_write_that_changes_nothing_is_not_told(client, ask):
    first = put(ask, "/v1/articles/the-article", article("the-article"))
    before = client.get("/v1/changes").data
    again = put(ask, "/v1/articles/the-article", article("the-article"), If_Match=first.headers["ETag"])
    assert (again.status, again.headers["ETag"]) == (200, first.headers["ETag"])
    assert client.get("/v1/changes").data == before


def test_every_token_that_was_ever_given_leads_to_the_same_end(client, store, ask):
    """Also those of changes that a purge took away, the last one among them."""
    put(ask, "/v1/articles/the-article", article("the-article"))
    for name in ("one", "two", "three"):
        put(ask, f"/v1/casualty-reports/{name}", casualty_report(name, "the-article"))
    copies, token = {0: {}}, 0
    for told in client.get("/v1/changes").json["data"]:
        copies[told["sequence"]] = copies[token] | {(told["type"], told["id"]): orjson.dumps(told["document"]).decode()}
        token = told["sequence"]
    purge(store, ["one", "three"])
    purge(store, ["two"])
    put(ask, "/v1/casualty-reports/four", casualty_report("four", "the-article"))
    stored = on_record(store)
    assert {id_ for _, id_ in stored} == {"the-article", "four"}
    for since, copy in copies.items():
        follower = Follower(client, random.Random(since))
        follower.token, follower.copy = since, dict(copy)
        assert follower.catch_up() == stored


def test_a_number_of_the_feed_is_never_given_again(client, store, ask):
    put(ask, "/v1/articles/the-article", article("the-article"))
    put(ask, "/v1/articles/another", article("another"))
    seen = client.get("/v1/changes").json["page"]["since"]
    purge(store, ["another"])
    purge(store, ["another"])
    told = client.get(f"/v1/changes?since={seen}").json["data"]
    assert [(each["action"], each["id"]) for each in told] == [("purged", "another")]
    assert told[0]["sequence"] == seen + 2


def test_a_commit_that_comes_late_is_not_passed_over_by_those_who_follow(client, store):
    """Two writers have begun, and the second would be done first, had it not to wait for the other."""
    begun, done = threading.Event(), threading.Event()

    def told(name):
        return {"at": "2031-01-01T00:00:00.000Z", "action": "deleted", "type": "quote", "id": name, "version": 1}

    def second():
        begun.set()
        with store.writing() as connection:
            connection.execute(insert(change), told("second"))
        done.set()

    follower = Follower(client, random.Random(1))
    seen = []

    def follow():
        page = client.get(f"/v1/changes?since={follower.token}").json
        follower.token = page["page"]["since"]
        seen.extend(each["id"] for each in page["data"])

    other = threading.Thread(target=second)
    with store.writing() as connection:
        connection.execute(insert(change), told("first"))
        other.start()
        begun.wait()
        # Long enough for a writer that does not wait.
        done.wait(0.3)
        follow()
    follow()
    other.join()
    follow()
    assert seen == ["first", "second"]
