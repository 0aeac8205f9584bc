"""Search: claims are found by their words, with the same results on both databases, after every type of write."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote as escaped

import orjson
import pytest
from sqlalchemy import inspect, select, update

from api.kinds import search
from api.kinds.search import GAP, Term, indexed, parse
from api.store import plan, read
from api.store.filter_sql import SCAN
from api.store.imports import import_lines
from api.store.purge import overwrite_files, purge
from api.store.tables import search as stored
from tests.conftest import app_on
from tests.http.test_pagination import pages
from tests.support.db_invariants import assert_sound
from tests.support.factories import ANY, changed, feed, report, sent
from tests.support.generated_records import article, resolution

NORLAND = {"name": "Norland", "kind": "government"}


def quote(id_, text_, article_id="the-article", **more):
    """Return a quote with a text, in its one span. `more` changes it."""
    whole = {
        "type": "quote",
        "id": id_,
        "article_id": article_id,
        "claimant": NORLAND,
        "mode": "indirect",
        "text": text_,
        "evidence": [{"exact": text_, "start": 0, "end": len(text_)}],
        "inferred": ["addressee", "claimant", "claimed_on", "via"],
    }
    return whole | more


def put(client, record):
    """Put a record."""
    path = {"quote": "quotes", "resolution": "resolutions", "article": "articles"}[record["type"]]
    response = client.put(f"/v1/{path}/{record['id']}", json=sent(record), headers={"If-None-Match": "*"})
    assert response.status_code == 201, response.text


def ids(client, query, path="claims", **more):
    """Return the ids of the results of a query, in order."""
    response = client.get(f"/v1/{path}", query_string={"q": query, "limit": 200, "fields": "id", **more})
    assert response.status_code == 200, response.text
    return [record["id"] for record in response.json["data"]]


@pytest.fixture
def printed(editor):
    """Return a client with all scopes. Its database has one article."""
    put(editor, article("the-article", headline="A plain headline"))
    return editor


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("Ceasefire", [Term(("ceasefire",))]),
        ("peace now peace", [Term(("now",)), Term(("peace",))]),
        ('"no  basis, yet"', [Term(("no", "basis", "yet"))]),
        ("“no basis” «yet»", [Term(("no", "basis")), Term(("yet",))]),
        ('truce "to the end', [Term(("to", "the", "end")), Term(("truce",))]),
        ("withdraw*", [Term(("withdraw",), begun=True)]),
        ("S/RES/82*", [Term(("s", "res", "82"), begun=True)]),
        ('"withdraw*"', [Term(("withdraw",))]),
        ("peace -war -ba*", [Term(("peace",)), Term(("ba",), True, True), Term(("war",), False, True)]),
        ('peace -"no basis"', [Term(("peace",)), Term(("no", "basis"), False, True)]),
        ("well-known", [Term(("well", "known"))]),
        ("Gədəbəy", [Term(("gadabay",))]),
        ("x" * 60, [Term(("x" * 40,))]),
    ],
)  # fmt: skip
def test_a_query_has_words_phrases_prefixes_and_exclusions(query, terms):
    assert sorted(parse(query)) == sorted(terms)


@pytest.mark.parametrize(
    ("query", "fix"),
    [
        ("", "The query has no words. Send a word"),
        ("  ", "The query has no words. Send a word"),
        ('"" - * _ …', "The query has no words. Send a word"),
        ("-war", "only exclusions. Add a word without a minus."),
        ('-"no basis" -war*', "only exclusions. Add a word without a minus."),
        ("a*", "needs at least 2 letters before *"),
        ("x" * 501, "at most 500 characters"),
        (" ".join(f"w{number}" for number in range(33)), "more than 32 words. Shorten it."),
        ("a\0b", "NUL"),
    ],
)
@pytest.mark.parametrize("path", ["claims", "quotes", "articles/karabakh-2020-11-01/claims"])
def test_an_invalid_query_is_rejected_with_a_fix(seeded, path, query, fix):
    response = seeded.get(f"/v1/{path}", query_string={"q": query})
    assert (response.status_code, response.json["code"]) == (422, "invalid-parameters")
    (error,) = response.json["errors"]
    assert error["parameter"] == "q"
    assert fix in error["detail"]


def test_articles_cannot_be_searched_and_the_error_names_the_lists_that_can(seeded):
    assert "/v1/claims" in seeded.get("/v1/articles?q=peace").json["detail"]
    assert "Use q." in seeded.get("/v1/claims?search=peace").json["detail"]


def test_each_text_of_a_claim_is_searched(printed):
    via = [{"name": "Hilltop Agency", "kind": "media"}]
    put(printed, quote("one", "they spoke", via=via, addressee={"name": "Südmark", "kind": "government"}))
    exact = 'he called it "wholly baseless" then'
    put(
        printed,
        quote(
            "two", "it was wholly baseless", mode="mixed", quoted=["wholly baseless"],
            evidence=[{"exact": f"{exact}, it was wholly baseless", "start": 0, "end": len(exact) + 24}],
        ),
    )  # fmt: skip
    words = "the Council called for an immediate withdrawal"
    demand = {"demand": "an immediate withdrawal", "evidence": [{"exact": words, "start": 0, "end": len(words)}]}
    put(printed, resolution("three", "the-article", **demand))
    assert ids(printed, "spoke") == ["one"]
    assert ids(printed, "wholly", "quotes") == ["two"]
    assert ids(printed, "immediate withdrawal", "resolutions") == ["three"]
    for query, actual in (("hilltop", ["one"]), ("sudmark", ["one"]), ("then", ["two"]), ("council called", ["three"])):
        assert ids(printed, query) == actual
        assert ids(printed, query, "articles/the-article/claims") == actual
    assert set(ids(printed, "headline norland")) == {"one", "two", "three"}


def test_a_phrase_does_not_go_on_from_one_text_into_another(printed):
    put(printed, quote("one", "they spoke of peace"))
    assert ids(printed, '"plain headline"') == ["one"]
    assert ids(printed, "peace plain norland") == ["one"]
    for phrase in ('"peace a plain"', '"headline norland"', '"norland they"', f'"peace {GAP} a"'):
        assert ids(printed, phrase) == [], phrase


@pytest.mark.parametrize(
    "query", ["Gadabay", "Gədəbəy", "GƏDƏBƏY", "gadab*", '"in gədəbəy"', "cavusoglu", "Łódź", "tel"]
)
def test_case_and_diacritics_are_folded(printed, query):
    put(printed, quote("one", "in Gədəbəy, Çavuşoğlu and Lodz: ℡"))
    assert ids(printed, query) == ["one"]


RAW = (
    "NEAR(peace, 2)", "peace AND truce", "peace OR truce", "peace NOT truce", "words:peace", "words : peace", "^peace",
    "peace' OR '1'='1", "peace & truce", "peace | truce", "! peace", "peace <-> truce", "peace <2> truce", "peace:*",
    "peace:AB", "{words} : peace", "+ peace", "(peace", "peace)", "peace \\", "peace;--", "%peace%", "peace ? :c0_0",
    '"peace" + "truce"', "'peace'", "peace''", 'peace""truce', '-"', '*"peace', "peace\u2028truce", "peace ** truce*",
)  # fmt: skip


@pytest.mark.parametrize("query", RAW)
def test_operators_of_databases_are_plain_words(printed, query):
    everything = "near peace 2 and or not truce words peace ab 1 1 c0 0"
    put(printed, quote("all", everything))
    put(printed, quote("none", "something else"))
    response = printed.get("/v1/claims", query_string={"q": query, "total": "exact", "facets": "claimant"})
    assert response.status_code in (200, 422)
    if query == '-"':
        assert response.status_code == 422
        return
    assert [claim["id"] for claim in response.json["data"]] == ["all"]
    assert response.json["page"]["total"]["count"] == 1


VOCABULARY = (
    "peace", "peaceful", "Peace.", "truce", "the", "the", "the", "of", "Gədəbəy", "gadabay", "S/RES/822", "822",
    "1e5", "-5", "3.14", "x@y.example", "http://a.example/b?c=d", "和平", "سلام", "мир", "½", "℡", "a_b", "😀",
    "Straße", "strasse", "well-known", "known", "na\u0308ive", "\u0301", "'quoted'", "back\\slash", "a&b|c!", "ﬁre",
    "don't", "İstanbul",
)  # fmt: skip
PIECES = (
    *VOCABULARY,
    "pe*",
    "truc*",
    "gad*",
    "str*",
    "na*",
    "nothing",
    '"the truce"',
    '"peace the"',
    '"of the"',
    "s/res*",
)


def made_up(chance, how_many):
    """Yield articles and claims of random words."""

    def some(most):
        return " ".join(chance.choice(VOCABULARY) for _ in range(chance.randrange(1, most)))

    records = [article(f"article-{number}", headline=some(5)) for number in range(6)]
    for number in range(how_many):
        said = f"{some(12)} {number}"
        via = [{"name": some(3), "kind": "media"} for _ in range(chance.randrange(2))]
        named = {"claimant": {"name": some(3), "kind": "group"}, "via": via, "claimed_on": f"20{number % 30 + 10}"}
        records.append(quote(f"quote-{number:03}", said, chance.choice(records[:6])["id"], **named))
    return records


@pytest.fixture(scope="module")
def library(databases):
    """Return a client of an app with hundreds of claims of random words, and their texts by id."""
    app = app_on(databases.new("empty"))
    records = made_up(random.Random(7), 400)
    reported = import_lines(app.extensions["onrecord"], [("made up", map(orjson.dumps, records))])
    assert not reported.rejected_lines, reported.rejected_lines[:3]
    headlines = {record["id"]: record["headline"] for record in records if record["type"] == "article"}
    texts = {
        record["id"]: [
            record["text"],
            headlines[record["article_id"]],
            record["claimant"]["name"],
            *(party["name"] for party in record["via"]),
            *(span["exact"] for span in record["evidence"]),
        ]
        for record in records
        if record["type"] == "quote"
    }
    yield app.test_client(), texts
    app.extensions["onrecord"].close()


def has(term, text_):
    """Return whether a text has the words of a term next to each other, by comparing each position."""
    words, requests = search.tokenize(text_), list(term.words)
    for start in range(len(words) - len(requests) + 1):
        here = words[start : start + len(requests)]
        if here == requests or (term.begun and here[:-1] == requests[:-1] and here[-1].startswith(requests[-1])):
            return True
    return False


def answers(query, texts):
    """Return whether texts match a query."""
    return all(any(has(term, item) for item in texts) != term.without for term in parse(query))


def random_query(chance):
    """Return a random valid query."""
    while True:
        query = " ".join(
            chance.choice(("", "", "", "-")) + chance.choice(PIECES) for _ in range(chance.randrange(1, 5))
        )
        try:
            parse(query)
        except search.EmptySearch:
            continue
        return query


# `make fuzz` makes up more.
QUERIES = int(os.environ.get("QUERIES", "50"))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["is", SCAN, None])
def test_both_databases_return_the_same_as_a_scan_of_the_texts(library, monkeypatch, how):
    """With the index, with a scan, and with the chosen one of both."""
    client, texts = library
    if how is not None:
        monkeypatch.setattr(plan, "_plan_search", lambda _, condition, __: replace(condition, operator=how))
    chance, sizes = random.Random(11), set()
    for _ in range(QUERIES):
        query = random_query(chance)
        expected = {id_ for id_, said in texts.items() if answers(query, said)}
        actual = [record["id"] for page in pages(client, url(query)) for record in page["data"]]
        assert len(actual) == len(set(actual))
        assert set(actual) == expected, query
        if len(expected) <= read.RANKED_MAX:
            assert set(ids(client, query, sort="relevance")) <= expected
        sizes.add(len(expected))
    assert len(sizes) > 20
    assert max(sizes) > 200


def url(query, **more):
    """Return the URL of the quotes that match a query."""
    requests = "&".join(f"{name}={value}" for name, value in more.items())
    return f"/v1/quotes?limit=200&fields=id&q={escaped(query)}&{requests}"


@pytest.mark.parametrize("query", ["the", "the -truce", "peace*", "和平 the"])
def test_totals_facets_filters_and_sorts_work_with_a_query(library, query):
    client, texts = library
    expected = {id_ for id_, said in texts.items() if answers(query, said)}
    assert len(expected) > 10
    for total in ("capped", "exact"):
        assert client.get(url(query, total=total)).json["page"]["total"] == {
            "count": len(expected),
            "qualifier": "exact",
        }
    values = client.get(url(query, facets="mode")).json["facets"]["mode"]["values"]
    assert [value["count"] for value in values] == [len(expected)]
    narrowed = {record["id"] for page in pages(client, url(query, claimed_on="2015")) for record in page["data"]}
    assert narrowed == {id_ for id_ in expected if int(id_[-3:]) % 30 == 5}
    for sort in ("id", "-claimed_on", "on_record"):
        small = url(query, sort=sort).replace("limit=200", "limit=7")
        walked = [record["id"] for page in pages(client, small) for record in page["data"]]
        every = [record["id"] for page in pages(client, f"/v1/quotes?limit=200&sort={sort}") for record in page["data"]]
        assert walked == [id_ for id_ in every if id_ in expected]


@pytest.mark.parametrize("query", ["the", "truce", "peace* the", '"of the"'])
def test_a_list_by_relevance_is_walked_in_both_directions_and_has_everything_once(library, query):
    client, texts = library
    expected = {id_ for id_, said in texts.items() if answers(query, said)}
    small = url(query, sort="relevance").replace("limit=200", "limit=9")
    forward = list(pages(client, small))
    walked = [record["id"] for page in forward for record in page["data"]]
    assert (set(walked), len(walked)) == (expected, len(expected))
    backward = list(pages(client, forward[-1]["page"]["prev"], "prev"))
    back = [record["id"] for page in reversed(backward) for record in page["data"]]
    assert back == walked[: len(back)]
    assert len(back) == 9 * (len(forward) - 1)


def test_more_frequent_terms_and_shorter_texts_rank_higher(printed):
    for id_, said in (
        ("long", "they spoke of a truce and of many other things that have nothing to do with it at all"),
        ("often", "truce after truce and truce"),
        ("once", "truce after war and peace"),
        ("without", "nothing of it"),
    ):
        put(printed, quote(id_, said))
    assert ids(printed, "truce", sort="relevance") == ["often", "once", "long"]
    assert ids(printed, "truce -war", sort="relevance") == ["often", "long"]


def test_only_the_latest_of_many_matches_are_ranked(library, monkeypatch):
    client, _ = library
    monkeypatch.setattr(read, "RANKED_MAX", 20)
    # Statements are cached by shape, and this number is not part of the shape.
    client.application.extensions["onrecord"]._prepare.cache_clear()
    every = [record["id"] for page in pages(client, url("the")) for record in page["data"]]
    for how in ("is", SCAN):
        planned = lambda _, condition, __, how=how: replace(condition, operator=how)  # noqa: E731
        monkeypatch.setattr(plan, "_plan_search", planned)
        assert sorted(ids(client, "the", "quotes", sort="relevance")) == sorted(every[:20])
    client.application.extensions["onrecord"]._prepare.cache_clear()


@pytest.mark.parametrize(
    ("query", "fix"),
    [
        ("sort=relevance", "requires `q`"),
        ("q=peace&sort=relevance,id", "cannot be combined with other orders"),
        ("q=a&sort=-relevance", "relevance"),
    ],
)
def test_sort_by_relevance_requires_a_query_and_no_other_key(seeded, query, fix):
    response = seeded.get(f"/v1/claims?{query}")
    assert response.status_code == 422
    assert response.json["errors"][0]["parameter"] == "sort"
    assert fix in response.json["detail"]


def test_a_cursor_is_bound_to_the_query_and_not_to_how_it_is_written(library):
    client, _ = library
    cursor = client.get("/v1/quotes?limit=2&q=the -truce").json["page"]["next"].partition("cursor=")[2]
    assert client.get(f"/v1/quotes?limit=2&q=-Truce  THE&cursor={cursor}").status_code == 200
    for other in ("q=the", "q=the truce", "q=the -truce&sort=relevance", ""):
        assert client.get(f"/v1/quotes?{other}&cursor={cursor}").status_code == 422


def test_the_words_of_a_claim_follow_it(printed, store):
    put(printed, quote("one", "they spoke of peace"))
    assert ids(printed, "peace") == ["one"]
    span = {"exact": "they spoke of war", "start": 0, "end": 17}
    assert changed(printed, "/v1/quotes/one", {"text": "they spoke of war", "evidence": [span]}).status_code == 200
    assert (ids(printed, "peace"), ids(printed, "war")) == ([], ["one"])
    assert_sound(store)
    assert printed.delete("/v1/quotes/one", headers=ANY).status_code == 204
    assert ids(printed, "war") == []
    put(printed, quote("one", "they spoke of peace"))
    assert ids(printed, "peace") == ["one"]
    assert_sound(store)


def test_a_new_headline_is_found_and_its_claims_are_as_they_were(printed, store):
    put(printed, quote("one", "they spoke"))
    before = printed.get("/v1/quotes/one")
    changes = len(feed(printed))
    assert changed(printed, "/v1/articles/the-article", {"headline": "Truce at last"}).status_code == 200
    assert (ids(printed, "plain"), ids(printed, '"truce at last"')) == ([], ["one"])
    after = printed.get("/v1/quotes/one")
    assert (after.json, after.headers["ETag"]) == (before.json, before.headers["ETag"])
    assert len(feed(printed)) == changes + 1
    assert_sound(store)


def test_imports_bring_change_and_keep_words(printed, store):
    def bring(*records):
        reported = import_lines(store, [("lines", map(orjson.dumps, records))])
        assert not reported.rejected_lines, reported.rejected_lines
        assert_sound(store)

    bring(quote("one", "they spoke of peace"), quote("two", "they spoke of war"))
    assert ids(printed, "they spoke", sort="id") == ["one", "two"]
    bring(quote("one", "they spoke of hills"), quote("three", "they spoke of lakes"))
    assert (ids(printed, "peace"), ids(printed, "hills"), ids(printed, "lakes")) == ([], ["one"], ["three"])
    bring(article("the-article", headline="Truce at last"), quote("two", "they spoke of war"))
    assert ids(printed, "truce", sort="id") == ["one", "three", "two"]
    assert ids(printed, "plain") == []


def test_a_text_that_comes_and_goes_leaves_the_words(client_with_article, store):
    id_ = client_with_article.post("/v1/casualty-reports", json=report()).json["id"]
    assert ids(client_with_article, '"three people died"') == [id_]
    assert client_with_article.delete("/v1/articles/the-article/text", headers=ANY).status_code == 204
    assert ids(client_with_article, '"three people died"') == [id_]
    assert_sound(store)


def test_words_that_were_purged_are_in_no_file(printed, store):
    put(printed, quote("one", "they spoke of peace"))
    put(printed, quote("libel", "an unspeakableword was said"))
    put(printed, quote("other", "they spoke of unspeakableword2 and war"))
    changed(printed, "/v1/quotes/other", {"text": "and war"})
    if not store.is_sqlite:
        # The statistics of PostgreSQL contain values of columns.
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    purge(store, ["libel", "other"])
    overwrite_files(store)
    assert ids(printed, "unspeakable*") == []
    assert ids(printed, "spoke") == ["one"]
    assert_sound(store)
    if store.is_sqlite:
        files = [Path(f"{store.url.database}{suffix}") for suffix in ("", "-wal")]
        assert all(b"unspeakable" not in file.read_bytes() for file in files if file.exists())
    else:
        with store.engine.connect() as connection:
            for table in [*inspect(connection).get_table_names(), "pg_statistic"]:
                assert "unspeakable" not in repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


def test_a_claim_of_very_many_words_is_found_by_the_first_of_them(printed, store):
    """Both databases index a limited number of words of a claim. PostgreSQL's limit cannot be raised."""
    often = " ".join(["again"] * 300)
    spans = [f"{often} thelast"]
    spans += [" ".join(f"w{number}x{place}" for place in range(250)) for number in range(20)]
    evidence = [
        {"exact": words[:2000], "start": 3000 * place, "end": 3000 * place + len(words[:2000])}
        for place, words in enumerate(spans)
    ]
    put(
        printed, quote("one", "they spoke", evidence=[*evidence, {"exact": "they spoke", "start": 90000, "end": 90010}])
    )
    assert ids(printed, "again spoke") == ["one"]
    assert ids(printed, '"again thelast"') == []
    assert ids(printed, "w0x0 w10x0") == ["one"]
    kept = indexed([" ".join(f"w{number}" for number in range(5000))]).split()
    assert (len(kept), kept[-1]) == (4000, "w3999")
    assert indexed([often]).split().count("again") == 255
    assert_sound(store)


def test_the_longest_words_have_room(printed, store):
    """A tsvector can have one MiB. A claim is indexed by at most 4,000 words of 40 letters of 4 bytes."""
    put(printed, quote("one", "they spoke"))
    longest = [" ".join(chr(0x20000 + number) * 40 for number in range(5000))]
    with store.writing(keep=False) as connection:
        connection.execute(update(stored).values(words=indexed(longest)))
        assert len(connection.execute(select(stored.c.words)).scalar_one().split()) == 4000
