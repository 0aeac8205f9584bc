"""A write is prepared without the write lock, and its result is correct if its records change in the meantime."""

from __future__ import annotations

import threading

import orjson
import pytest
from sqlalchemy import event

from api.store import article_texts, prepare, write
from api.store.imports import import_lines
from tests.http.test_imports_concurrent import delete, lines, patch, put
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.factories import ANY, MERGE, SENTENCE, TEXT, report, sent
from tests.support.generated_records import article, casualty_report
from tests.support.histories import anything
from tests.support.writers import before_writing, run_concurrently

ARTICLE, CLAIM = "/v1/articles/the-article", "/v1/casualty-reports/a-claim"
TEXT_PATH, PLAIN = f"{ARTICLE}/text", {"Content-Type": "text/plain", **ANY}
# The evidence of a claim can have 100,000 code points, here of dates that need all checks.
LONG = ("Feb 30, one to two billion, " * 72)[:2000]
PATHOLOGICAL = [{"exact": LONG, "start": 0, "end": 2000}] * 50

NEW = report(place="Here", evidence=[{"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}])
# Its offsets are accepted only while the text of the article is not stored.
MISPLACED = casualty_report("misplaced", "another")
FAR, NEAR = casualty_report("far", "the-third"), casualty_report("near", "the-third")


@pytest.fixture
def client(client_with_article, store):
    """Return a client with all scopes. Its database has an article with its text and a claim."""
    assert client_with_article.put(CLAIM, json=report()).status_code == 201
    for record in (article("another"), article("the-third"), FAR, NEAR):
        put(store, record)
    return client_with_article


def patched(client, path, **changes):
    return client.patch(path, data=orjson.dumps(changes), headers={**MERGE, **ANY})


WRITES = {
    "POST a claim": lambda client: client.post("/v1/casualty-reports", json=report(place="Here")),
    "POST a claim that is expensive to check": lambda client: client.post(
        "/v1/casualty-reports", json=report(place="Here", article_id="another", evidence=PATHOLOGICAL)
    ),
    "PUT a claim": lambda client: client.put(CLAIM, json=report(place="Here"), headers=ANY),
    "PATCH a claim": lambda client: patched(client, CLAIM, place="Here"),
    "dry run of a claim": lambda client: client.put(f"{CLAIM}?dry_run=true", json=report(place="Here"), headers=ANY),
    "PUT an article": lambda client: client.put(ARTICLE, json=sent(article("the-article"), language="de"), headers=ANY),
    "PATCH an article": lambda client: patched(client, ARTICLE, language="en-GB"),
    "PUT a text": lambda client: (
        client.delete(TEXT_PATH, headers=ANY),
        client.put(TEXT_PATH, data=TEXT.encode(), headers=PLAIN),
    )[1],
    "DELETE a text": lambda client: client.delete(TEXT_PATH, headers=ANY),
}


@pytest.mark.parametrize("name", WRITES)
def test_other_writers_do_not_wait_while_a_claim_is_checked(client, store, monkeypatch, name):
    ground, checked, failed = prepare.ground, [], []

    def write_elsewhere():
        try:
            put(store, article("elsewhere", publisher=f"Publisher {len(checked)}"))
        except Exception as error:
            failed.append(error)

    def ground_beside_a_writer(*arguments):
        # A writer that waits for the lock gives up after the time limit of the store, which `failed` shows.
        writer = threading.Thread(target=write_elsewhere)
        writer.start()
        writer.join()
        checked.append(1)
        return ground(*arguments)

    monkeypatch.setattr(prepare, "ground", ground_beside_a_writer)
    response = WRITES[name](client)
    assert response.status_code in (200, 201, 204, 422), response.text
    assert (response.status_code == 422) is ("expensive" in name)
    assert (len(checked) > 0, failed) == (True, [])
    assert_sound(store)


def on_day(client, path):
    return client.get(path).json["on_record"]["earliest"]


OVERTAKEN = {
    "the text of the article is deleted": (
        lambda store: article_texts.delete(store, "the-article", anything),
        lambda client: client.put("/v1/casualty-reports/new", json=NEW),
        201,
        lambda client: client.get("/v1/casualty-reports/new").json["grounding"]["status"] == "unverified",
    ),
    "the language of the article is changed": (
        lambda store: patch(store, "article", "the-article", language="fr"),
        lambda client: client.put("/v1/casualty-reports/new", json=NEW),
        201,
        lambda client: (
            "not_run"
            in {check["outcome"] for check in client.get("/v1/casualty-reports/new").json["grounding"]["checks"]}
        ),
    ),
    "the day of the article is changed": (
        lambda store: patch(store, "article", "the-article", published_on="2031-07-01"),
        lambda client: patched(client, CLAIM, place="Here"),
        200,
        lambda client: on_day(client, CLAIM) == "2031-07-01",
    ),
    "the article gets a text that does not support the claim": (
        lambda store: put(store, article("another", text="Nothing of that.")),
        lambda client: client.put("/v1/casualty-reports/new", json={**NEW, "article_id": "another"}),
        422,
        lambda client: client.get("/v1/casualty-reports/new").status_code == 404,
    ),
    "the article of a new claim is deleted": (
        lambda store: delete(store, "article", "another"),
        lambda client: client.put("/v1/casualty-reports/new", json={**NEW, "article_id": "another"}),
        422,
        lambda client: client.get("/v1/casualty-reports/new").status_code == 404,
    ),
    "the claim is changed": (
        lambda store: patch(store, "casualty_report", "a-claim", claimed_on="2031-04-01"),
        lambda client: client.patch(
            CLAIM, data=b'{"place": "Here"}', headers={**MERGE, "If-Match": client.get(CLAIM).headers["ETag"]}
        ),
        412,
        lambda client: client.get(CLAIM).json["claimed_on"] == "2031-04-01",
    ),
    "the claim is changed, and the client takes any version": (
        lambda store: patch(store, "casualty_report", "a-claim", claimed_on="2031-04-01"),
        lambda client: patched(client, CLAIM, place="Here"),
        200,
        lambda client: (
            [client.get(CLAIM).json[name] for name in ("claimed_on", "place", "version")] == ["2031-04-01", "Here", 3]
        ),
    ),
    "the claim is deleted": (
        lambda store: delete(store, "casualty_report", "a-claim"),
        lambda client: patched(client, CLAIM, place="Here"),
        410,
        lambda client: client.get(CLAIM).status_code == 410,
    ),
    "the claim that is replaced is deleted": (
        lambda store: delete(store, "casualty_report", "a-claim"),
        lambda client: client.put(CLAIM, json=NEW, headers=ANY),
        412,
        lambda client: client.get(CLAIM).status_code == 410,
    ),
    "another writer takes the id": (
        lambda store: put(store, MISPLACED | {"id": "new", "article_id": "another"}),
        lambda client: client.post("/v1/casualty-reports", json={**NEW, "id": "new"}),
        409,
        lambda client: client.get("/v1/casualty-reports/new").json["article_id"] == "another",
    ),
    "a deleted id is used and deleted again": (
        lambda store: (
            put(store, MISPLACED | {"id": "new", "article_id": "another"}),
            delete(store, "casualty_report", "new"),
        ),
        lambda client: client.put("/v1/casualty-reports/new", json=NEW),
        201,
        lambda client: client.get("/v1/casualty-reports/new").json["version"] == 3,
    ),
    "another writer makes the same claim": (
        lambda store: put(store, {**NEW, "type": "casualty_report", "id": "same"}),
        lambda client: client.put("/v1/casualty-reports/new", json=NEW),
        409,
        lambda client: client.get("/v1/casualty-reports/new").status_code == 404,
    ),
    "the restated claim comes to restate this one": (
        lambda store: (
            patch(store, "casualty_report", "far", restates="a-claim"),
            patch(store, "casualty_report", "near", restates="far"),
        ),
        lambda client: patched(client, CLAIM, restates="near"),
        422,
        lambda client: client.get(CLAIM).json["restates"] is None,
    ),
    "a claim comes to the article": (
        lambda store: put(store, {**NEW, "type": "casualty_report", "id": "new"}),
        lambda client: patched(client, ARTICLE, published_on="2031-07-01"),
        200,
        lambda client: on_day(client, "/v1/casualty-reports/new") == "2031-07-01",
    ),
    "a claim leaves the article": (
        lambda store: patch(store, "casualty_report", "a-claim", article_id="another"),
        lambda client: patched(client, ARTICLE, published_on="2031-07-01"),
        200,
        lambda client: on_day(client, CLAIM) is None,
    ),
    "a claim of the article is changed": (
        lambda store: patch(store, "casualty_report", "a-claim", place="Here"),
        lambda client: patched(client, ARTICLE, published_on="2031-07-01"),
        200,
        lambda client: (on_day(client, CLAIM), client.get(CLAIM).json["place"]) == ("2031-07-01", "Here"),
    ),
    "a claim that the text does not support comes to the article": (
        lambda store: put(store, MISPLACED | {"article_id": "another"}),
        lambda client: client.put("/v1/articles/another/text", data=b"Nothing of that.", headers=PLAIN),
        422,
        lambda client: client.get("/v1/articles/another").json["text_held"] is False,
    ),
    "the article is deleted": (
        lambda store: delete(store, "article", "another"),
        lambda client: patched(client, "/v1/articles/another", publisher="Other"),
        410,
        lambda client: client.get("/v1/articles/another").status_code == 410,
    ),
}


@pytest.mark.parametrize("name", OVERTAKEN)
def test_a_write_that_was_overtaken_is_prepared_again_and_ends_right(client, store, monkeypatch, name):
    act, write, status, right = OVERTAKEN[name]
    attempts = before_writing(monkeypatch, store, lambda attempt: act(store) if attempt == 1 else None)
    response = write(client)
    assert response.status_code == status, response.text
    assert attempts in ([1], [1, 2])
    assert right(client)
    assert_sound(store)


def test_the_same_request_that_was_carried_out_in_the_meantime_is_replayed(client, store, monkeypatch):
    def post():
        return client.post("/v1/casualty-reports", json=NEW, headers={"Idempotency-Key": "the-key"})

    first = []
    before_writing(monkeypatch, store, lambda _: first.append(post()))
    second = post()
    assert (second.status_code, second.data) == (201, first[0].data)
    assert (first[0].headers.get("Idempotent-Replayed"), second.headers["Idempotent-Replayed"]) == (None, "true")


def test_a_write_that_is_overtaken_again_and_again_gets_a_503_and_changes_nothing(client, store, monkeypatch):
    def act(attempt):
        patch(store, "article", "the-article", publisher=f"Publisher {attempt}")

    attempts = before_writing(monkeypatch, store, act)
    response = client.put("/v1/casualty-reports/new", json=NEW)
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert len(attempts) == write.ATTEMPTS_MAX
    assert ("casualty_report", "new") not in stored_documents(store)


def test_a_write_is_not_prepared_again_for_changes_of_other_records(client, store, monkeypatch):
    attempts = before_writing(monkeypatch, store, lambda _: patch(store, "article", "the-third", publisher="Other"))
    assert client.put("/v1/casualty-reports/new", json=NEW).status_code == 201
    assert attempts == [1]


def test_a_write_is_prepared_again_after_more_changes_than_are_compared(client, store, monkeypatch):
    monkeypatch.setattr("api.store.lookup._CHANGES_MAX", 1)

    def act(attempt):
        if attempt == 1:
            patch(store, "article", "the-third", publisher="Other")

    attempts = before_writing(monkeypatch, store, act)
    assert client.put("/v1/casualty-reports/new", json=NEW).status_code == 201
    assert attempts == [1, 2]


def test_writers_that_take_any_version_of_one_claim_all_succeed(app, client):
    def write(number):
        return patched(type(client)(app, app.response_class, use_cookies=False), CLAIM, place=f"Place {number}")

    responses = run_concurrently([lambda number=number: write(number) for number in range(4)])
    assert {response.status_code for response in responses} == {200}
    assert client.get(CLAIM).json["version"] == 5


@pytest.mark.slow
def test_the_claims_of_an_article_are_written_with_few_statements(client, store):
    """A change of an article with 500 claims holds the lock only for a few SQL statements."""
    claims = [casualty_report(f"claim-{number:04}", "another", affected=[], subgroups=[]) for number in range(1200)]
    assert import_lines(store, [("claims", lines(*claims))]).stored
    statements = []

    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", count)
    try:
        assert patched(client, "/v1/articles/another", published_on="2031-07-01").status_code == 200
    finally:
        event.remove(store.engine, "before_cursor_execute", count)
    assert len(statements) < 60
    assert on_day(client, "/v1/casualty-reports/claim-1199") == "2031-07-01"
    assert_sound(store)
