"""Every plan of a list has the same result: the records that match, in order, forward and backward."""

from __future__ import annotations

import random
from itertools import combinations

import orjson
import pytest

from api.kinds.collections import CLAIMS, COLLECTIONS, KIND_BY_NAME
from api.kinds.filters import (
    CalendarFilter,
    DateFilter,
    KeywordFilter,
    ListFilter,
    NumberFilter,
    PartyFilter,
    PartyKeywordFilter,
    PartyNameFilter,
    SearchFilter,
)
from api.seed import sources
from api.store import facets, plan, read
from api.store.database import Store
from api.store.exports import everything
from api.store.filter_sql import Condition, bind_values
from api.store.imports import import_lines
from api.store.streams import streams
from api.text import fold
from schemas import edtf
from tests.conftest import SECONDS_MAX
from tests.support.generated_records import article, casualty_report, casualty_reports

PAIRS = 50
# No condition has few matches, some have, all have.
FEW = (0, 4, 10_000)


@pytest.fixture(scope="module")
def library(databases):
    """Return a store with records of all kinds, and the documents of claims and articles by id."""
    store = Store(databases.new("empty"), seconds=SECONDS_MAX)
    lines = [orjson.dumps(record) for record in casualty_reports(150)]
    assert not import_lines(store, [*sources(), ("generated", lines)]).rejected_lines
    with store.reading() as reader:
        documents = [orjson.loads(text) for batch in everything(reader, ()) for text in batch]
    yield store, {(record["type"], record["id"]): record for record in documents}
    store.close()


def owner(records, record, filter_):
    return records["article", record["article_id"]] if filter_.of_article and "article_id" in record else record


def parties(record, filter_):
    return [party for role, party in KIND_BY_NAME[record["type"]].parties(record) if filter_.role in (None, role)]


def values_of(records, record, filter_):
    """Return the values of a record that an equality compares. A party has a folded name and an identity."""
    if isinstance(filter_, ListFilter):
        return list(record[filter_.list_])
    if isinstance(filter_, PartyKeywordFilter):
        return [party[filter_.column] for party in parties(record, filter_) if party[filter_.column] is not None]
    if isinstance(filter_, PartyNameFilter):
        pairs = [(fold(party["name"]), party["same_as"]) for party in parties(record, filter_)]
        return [value for pair in pairs for value in pair if value is not None]
    columns = filter_.values(owner(records, record, filter_))
    value = columns[filter_.key if isinstance(filter_, KeywordFilter) else next(iter(columns))]
    return [] if value is None else [value]


def matches(records, record, condition):
    """Return whether a record matches a condition, from its document."""
    filter_, operator, value = condition.filter, condition.operator, condition.value
    if operator == "exists":
        stored = parties(record, filter_) if isinstance(filter_, PartyNameFilter) else None
        return bool(values_of(records, record, filter_) if stored is None else stored) is value
    if isinstance(filter_, DateFilter):
        days, (first, last) = edtf.days(value), filter_.values(owner(records, record, filter_)).values()
        low, high = days.earliest or edtf.DAY_MIN, days.latest or edtf.DAY_MAX
        return first is not None and (operator == "gte" or first <= high) and (operator == "lte" or last >= low)
    stored = values_of(records, record, filter_)
    if isinstance(filter_, NumberFilter):
        return any({"is": one == value, "gte": one >= value, "lte": one <= value}[operator] for one in stored)
    if not isinstance(filter_, (KeywordFilter, ListFilter, PartyFilter)):
        return stored == [value]
    names = {fold(one) for one in value} if getattr(filter_, "folded", False) else set(value)
    if isinstance(filter_, PartyNameFilter):
        names |= {fold(one) for one in value}
    return bool(names & set(stored)) is (operator == "is")


def conditions(records, listed, collection, chance):
    """Yield conditions with stored and absent values for each filter and operator."""
    for filter_ in collection.filters:
        if isinstance(filter_, (SearchFilter, CalendarFilter)):
            continue
        stored = sorted({value for record in listed for value in values_of(records, record, filter_)})
        for operator, _, _ in filter_.parameters():
            if operator == "exists":
                yield from (Condition(filter_, operator, exists) for exists in (True, False))
            elif isinstance(filter_, DateFilter):
                values = [*chance.sample(stored, min(2, len(stored))), "1500", "2031-05/2031-06", "2900"]
                yield from (
                    Condition(filter_, operator, value) for value in values if operator == "is" or "/" not in value
                )
            elif isinstance(filter_, NumberFilter):
                values = [*chance.sample(stored, min(2, len(stored))), 999_999]
                yield from (Condition(filter_, operator, value) for value in values)
            elif isinstance(filter_, (KeywordFilter, ListFilter, PartyFilter)):
                several = sorted(chance.sample(stored, min(3, len(stored))))
                lists = [several, several[:1], several[-1:], [*several[:1], "zz-nothing"], ["zz-nothing"]]
                yield from (Condition(filter_, operator, values) for values in lists if values)
            else:
                yield from (Condition(filter_, operator, value) for value in (True, False))


def in_order(records, matching, collection, sort):
    """Return ids in the order of a list, with nulls last."""
    (column, descends), *_ = sort

    def key(record):
        for filter_ in collection.filters:
            if column in filter_.columns:
                return filter_.values(owner(records, record, filter_))[column]
        return record[column]

    ordered = sorted(matching, key=lambda record: (key(record) or "", record["id"]), reverse=descends)
    return [record["id"] for record in (*filter(key, ordered), *(one for one in ordered if not key(one)))]


def walk(reader, query, backward):
    """Return the ids of all pages from one end of a list to the other."""
    ids, position = [], None
    while True:
        page = read.page(reader, read.ListQuery(*query, position, backward))
        ids += [row[-1] for row in page.rows[:: -1 if backward else 1]]
        if not (page.more_before if backward else page.more_after):
            return ids
        position = page.rows[0 if backward else -1][2:]


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_every_filter_and_pair_has_the_matching_records_in_order(library, collection, monkeypatch):
    store, records = library
    chance = random.Random(collection.name)
    listed = [
        record
        for (type_, _), record in records.items()
        if (type_ == collection.type if collection.type else (type_ != "article") is collection.of_claims)
    ]
    single = list(conditions(records, listed, collection, chance))
    assert len(single) > 2 * len(collection.filters)
    pairs = [pair for pair in combinations(single, 2) if pair[0].filter is not pair[1].filter]
    day = next(iter(collection.by_name[collection.default_sort[1:]].columns))
    for combined in [*((condition,) for condition in single), *chance.sample(pairs, PAIRS)]:
        few = chance.choice(FEW)
        monkeypatch.setattr(plan, "few_of", lambda _, few=few: few)
        store._frequent.clear()
        sort = chance.choice(
            (((day, True),), ((day, True),), ((day, False),), (("created_at", True),), (("id", False),))
        )
        matching = [record for record in listed if all(matches(records, record, one) for one in combined)]
        expected = in_order(records, matching, collection, sort)
        query = (collection, combined, sort, chance.choice((3, 20, 200)))
        for backward in (False, True):
            with store.reading() as reader:
                ids = walk(reader, query, backward)
            assert ids[:: -1 if backward else 1] == expected, (combined, sort, few, backward)
        with store.reading() as reader:
            assert facets.total(reader, read.ListQuery(*query), exact=False) == (len(expected), True), combined


@pytest.mark.parametrize(
    "combined",
    [
        {"affected_country[is]": ["SWE"]},
        {"affected[is]": ["https://parties.example/norland"]},
        {"party_country[is]": ["NOR", "SWE"]},
        {"claimant[is]": ["hill fighters"], "claimant_country[not]": ["SWE"]},
        {"claimant[is]": ["Norland"], "claimant_country[exists]": True},
        {"claimant[is]": ["hill fighters"], "claimant_country[exists]": False},
    ],
    ids=str,
)
def test_a_claim_with_several_such_parties_or_none_is_listed_once(library, combined, monkeypatch):
    store, records = library
    monkeypatch.setattr(plan, "few_of", lambda _: 0)
    collection = KIND_BY_NAME["casualty_report"].collection
    chosen = tuple(
        Condition(collection.by_name[name.partition("[")[0]], name.rstrip("]").partition("[")[2], value)
        for name, value in combined.items()
    )
    listed = [record for (type_, _), record in records.items() if type_ == "casualty_report"]
    matching = [record for record in listed if all(matches(records, record, one) for one in chosen)]
    assert len(matching) > 3
    sort = (("on_record_from", True),)
    with store.reading() as reader:
        ids = walk(reader, (collection, chosen, sort, 3), False)
    assert ids == in_order(records, matching, collection, sort)


def test_claims_move_in_the_list_of_their_claimant_with_the_date_of_their_article(editor, monkeypatch):
    monkeypatch.setattr(plan, "few_of", lambda _: 0)
    for id_, day in (("first", "2031-05-01"), ("second", "2031-05-02")):
        assert editor.put(f"/v1/articles/{id_}", json=article(id_, published_on=day)).status_code == 201
        record = casualty_report(f"report-{id_}", id_)
        assert editor.post("/v1/casualty-reports", json=record).status_code == 201
    lists = ["/v1/claims?claimant=Norland", "/v1/claims?inferred=claimant"]

    def ids():
        return [[claim["id"] for claim in editor.get(url).json["data"]] for url in lists]

    assert ids() == [["report-second", "report-first"]] * 2
    moved = {"headers": {"If-Match": "*"}, "json": article("first", published_on="2031-05-03")}
    assert editor.put("/v1/articles/first", **moved).status_code == 200
    assert ids() == [["report-first", "report-second"]] * 2


@pytest.mark.parametrize(
    "name", ["type", "conflict", "publisher", "claimant", "claimant_kind", "party_country", "inferred"]
)
def test_an_index_has_the_matches_of_a_value_in_the_order_of_the_list(name):
    filter_ = CLAIMS.by_name[name]
    shapes, _ = bind_values([Condition(filter_, "is", ["value"])])
    assert 0 < len(streams(CLAIMS, shapes, 0)) <= 16
