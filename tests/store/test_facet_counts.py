"""The stored counts of facets are those of the documents after every kind of write, and the same as in a condition."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import orjson
import pytest
from sqlalchemy import select

from api.kinds.article import ARTICLES
from api.kinds.collections import CLAIMS, COLLECTIONS, KIND_BY_NAME
from api.kinds.filters import CalendarFilter, KeywordFilter, ListFilter, PartyNameFilter
from api.store import errors, write
from api.store.errors import RecordRejected
from api.store.facet_counts import record_values
from api.store.imports import import_lines
from api.store.tables import article, claim, facet_count, party, table_of, term
from api.text import fold
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.generated_records import article as an_article
from tests.support.histories import History, anything

STEPS = 400
# The facets that have counts for all claims together.
MANY_VALUES = ("article_id", "restates", "on_record_year", "on_record_month", "on_record_day")


def values_of(facet, collection, document, owner):
    """Return the label of each value of a record, by the value."""
    filter_ = collection.by_name[facet.filter_name]
    if isinstance(facet, KeywordFilter | CalendarFilter):
        columns = filter_.values(owner if filter_.of_article else document)
        if isinstance(facet, KeywordFilter):
            value, label = columns[facet.key], columns[facet.name]
        else:
            first, last = (day and day[: facet.digits] for day in columns.values())
            value = label = first if first == last else None
        return {} if value is None else {value: label}
    if isinstance(facet, ListFilter):
        return {value: value for value in document[facet.list_]}
    labels = {}
    for role, of_role in KIND_BY_NAME[document["type"]].parties(document):
        if facet.role in (None, role):
            if isinstance(facet, PartyNameFilter):
                value, label = of_role["same_as"] or fold(of_role["name"]), of_role["name"]
            else:
                value = label = of_role[facet.column]
            if value is not None:
                labels[value] = min(label, labels.get(value, label))
    return labels


def counted(store):
    """Return the counts that the stored documents require."""
    documents = {name: orjson.loads(document) for name, document in stored_documents(store).items()}
    counts = Counter()
    for (type_, _), document in documents.items():
        own = ARTICLES if type_ == "article" else KIND_BY_NAME[type_].collection
        owner = documents.get(("article", document.get("article_id")), document)
        for collection in (own,) if own is ARTICLES else (CLAIMS, own):
            for name in collection.facets:
                if collection is own or name not in own.facets:
                    labels = values_of(collection.by_name[name], collection, document, owner)
                    counts.update((name, type_, value, label) for value, label in labels.items())
                    if own is not ARTICLES and name in MANY_VALUES:
                        counts.update((name, "claim", value, label) for value, label in labels.items())
    return dict(counts)


def stored(store):
    with store.engine.connect() as connection:
        return {tuple(key): count for *key, count in connection.execute(select(facet_count))}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_those_of_the_documents_after_each_write(store, seed):
    history = History(store, seed, purges=0.02)
    for step in range(STEPS):
        history.step()
        before = stored(store)
        for record in (history._article(), history._claim(history.chance.choice(history.claims))):
            with suppress(RecordRejected, errors.NotFound, errors.Gone):
                write.put(store, record["type"], record["id"], lambda record=record: record, anything, keep=False)
            if step % 20 == 0:
                import_lines(store, [("lines", [orjson.dumps(record)])], keep=False)
        assert stored(store) == before
        assert stored(store) == counted(store), f"step {step}"
    assert {*history.done} == {act.__name__ for act in history.acts}
    assert_sound(store)


@pytest.mark.slow
def test_facets_of_all_records_are_those_of_a_condition_that_all_records_match(store, client):
    history = History(store, 3, purges=0)
    while history.done.total() < 2 * STEPS:
        history.step()
    without_values = {name for collection in COLLECTIONS for name in collection.facets}
    for collection in COLLECTIONS:
        for name in collection.facets:
            other = "publisher" if name == "conflict" else "conflict"
            path = f"/v1/{collection.path}?facets={name}&limit=1"
            facets = client.get(path).json["facets"]
            assert facets == client.get(f"{path}&{other}[not]=no-such-value").json["facets"]
            without_values -= {name} if facets[name]["values"] else set()
    assert without_values <= {"subgroups", "ceasefire", "form", "purpose", "mediator"}


@pytest.mark.slow
def test_a_facet_of_more_records_than_are_counted_for_a_condition_is_exact(store, client):
    lines = (an_article(f"article-{number:05}", publisher=f"Paper {number % 2}") for number in range(10_003))
    assert import_lines(store, [("lines", map(orjson.dumps, lines))]).stored
    facet = client.get("/v1/articles?facets=publisher&limit=1").json["facets"]["publisher"]
    assert [value["count"] for value in facet["values"]] == [5002, 5001]
    assert not facet["capped"]
    assert client.get("/v1/articles?facets=publisher&limit=1&language=en").json["facets"]["publisher"]["capped"]


def test_a_facet_with_more_values_than_a_response_says_so(store, client):
    lines = (an_article(f"article-{number:03}", publisher=f"Paper {number:03}") for number in range(101))
    assert import_lines(store, [("lines", map(orjson.dumps, lines))]).stored
    facet = client.get("/v1/articles?facets=publisher&limit=1").json["facets"]["publisher"]
    assert [value["label"] for value in facet["values"]] == [f"Paper {number:03}" for number in range(100)]
    assert facet["capped"]


def test_facets_with_the_same_name_count_the_same_values():
    """The counts of all claims are the sums of those of each kind."""
    statements = {}
    for collection in COLLECTIONS:
        table = table_of(collection)
        for name in collection.facets:
            statement = record_values(collection.by_name[name], table, party, term)
            compiled = str(statement.compile(compile_kwargs={"literal_binds": True}))
            assert statements.setdefault((table.name, name), compiled) == compiled
    assert {table for table, _ in statements} == {article.name, claim.name}
