"""Tests that run once for each kind of claim. They name no kind."""

from __future__ import annotations

import orjson
import pytest

from api.kinds import KINDS
from api.kinds.collections import COLLECTIONS, KIND_BY_NAME
from api.kinds.filters import (
    BooleanFilter,
    DateFilter,
    KeywordFilter,
    ListFilter,
    NumberFilter,
    PartyNameFilter,
    SearchFilter,
)
from api.seed import files
from api.store.imports import import_lines
from schemas import edtf
from schemas.inferred import inferable

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_collection = pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)


def records(client, path, query=""):
    """Return all records of a list."""
    response = client.get(f"/v1/{path}?limit=200{query}")
    assert response.status_code == 200, response.text
    return response.json["data"]


def request_bodies(kind):
    """Return the fixtures of a kind as request bodies."""
    (lines,) = [file.read_bytes().splitlines() for name, file in files() if name == f"{kind.path}.ndjson"]
    return [orjson.loads(line) for line in lines]


@every_kind
def test_its_three_schemas_have_different_names(kind):
    name = kind.output.__name__
    assert (kind.input.__name__, kind.patch.__name__) == (f"{name}Input", f"{name}Patch")


@every_kind
def test_its_fixtures_are_returned_unchanged(seeded, kind):
    answered = {record["id"]: record for record in records(seeded, kind.path)}
    assert len(answered) == len(request_bodies(kind)) > 0
    for sent in request_bodies(kind):
        record = answered[sent["id"]]
        assert list(record) == list(kind.fields)
        assert record["type"] == kind.name
        for field, value in sent.items():
            if field in ("claimant", "addressee"):
                assert value.items() <= record[field].items()
            elif not isinstance(value, list) or not value or not isinstance(value[0], dict):
                assert record[field] == value, field


@every_kind
def test_an_item_is_the_same_in_every_list(seeded, kind):
    all_claims = records(seeded, "claims")
    for record in records(seeded, kind.path):
        assert record in all_claims
        for path in (f"{kind.path}/{record['id']}", f"claims/{record['id']}"):
            assert seeded.get(f"/v1/{path}").json == record
    assert record in records(seeded, f"articles/{record['article_id']}/claims")


@every_kind
def test_the_shared_fields_come_first_and_last_in_one_order(kind):
    shared = [name for name in kind.fields if all(name in other.fields for other in KINDS)]
    assert shared[:5] == list(kind.fields[:5]) == ["id", "type", "article_id", "claimant", "via"]
    assert shared[-5:] == list(kind.fields[-5:]) == ["on_record", "grounding", "version", "created_at", "updated_at"]


@every_kind
def test_a_claim_of_another_kind_is_not_found_under_it(seeded, kind):
    for other in KINDS:
        if other is not kind:
            response = seeded.get(f"/v1/{kind.path}/{request_bodies(other)[0]['id']}")
            assert response.status_code == 404
            assert f"This id belongs to a {other.title}. Request {other.path}/" in response.json["detail"]


@every_kind
def test_each_inferred_name_is_a_field_of_it(kind):
    assert set(inferable(kind.input)) < set(kind.fields)
    sent = request_bodies(kind)[0]
    sent.pop("type")
    assert "inferred" in kind.input_schema.validate({**sent, "inferred": ["nonsense"]})
    assert kind.input_schema.validate({**sent, "inferred": list(inferable(kind.input))}) == {}


@every_collection
def test_each_sort_is_accepted_in_both_directions(seeded, collection):
    for name in collection.sorts:
        rising = [record["id"] for record in records(seeded, collection.path, f"&sort={name}")]
        falling = [record["id"] for record in records(seeded, collection.path, f"&sort=-{name}")]
        assert sorted(rising) == sorted(falling)
    assert rising == falling[::-1]


@every_collection
def test_each_field_can_be_selected(seeded, collection):
    whole = records(seeded, collection.path)
    for name in collection.fields:
        selected = records(seeded, collection.path, f"&fields={name}")
        assert selected == [{key: record[key] for key in record if key in ("id", name)} for record in whole]


@every_collection
def test_each_facet_counts_no_more_than_there_is(seeded, collection):
    whole = len(records(seeded, collection.path))
    for name in collection.facets:
        facet = seeded.get(f"/v1/{collection.path}?facets={name}").json["facets"][name]
        assert all(0 < value["count"] <= whole for value in facet["values"])
        assert not facet["capped"]


def stated(filter_, record, article):
    """Return the values of a record for a filter, as query values."""
    source = article if filter_.of_article else record
    if isinstance(filter_, KeywordFilter):
        value = source[filter_.name]
        value = value[filter_.within] if filter_.within else value
        return [] if value is None else [value]
    if isinstance(filter_, DateFilter):
        value = source[filter_.name]
        first = value["earliest"] if isinstance(value, dict) else value and edtf.days(value).earliest
        return [] if first is None else [first]
    if isinstance(filter_, NumberFilter):
        return [] if source[filter_.name] is None else [source[filter_.name]]
    if isinstance(filter_, (ListFilter, SearchFilter)):
        return (
            source[filter_.list_] if isinstance(filter_, ListFilter) else [span["exact"] for span in source["evidence"]]
        )
    if isinstance(filter_, BooleanFilter):
        return [str(filter_.test(record)).lower()]
    kind = KIND_BY_NAME[record["type"]]
    named = [party for role, party in kind.parties(record) if filter_.role in (None, role)]
    key = "name" if isinstance(filter_, PartyNameFilter) else filter_.column
    return [party[key] for party in named if party[key] is not None]


@every_collection
def test_each_filter_finds_a_record_by_its_values(seeded, collection):
    whole = records(seeded, collection.path, "&include=article" if collection.of_claims else "")
    for filter_ in collection.filters:
        operators = {operator: name for operator, name, _ in filter_.parameters()}
        if not operators:
            # A facet of a field that another filter selects.
            continue
        holders = {}
        for record in whole:
            for value in stated(filter_, record, record.get("article")):
                holders.setdefault(value, set()).add(record["id"])
        with_value = set().union(*holders.values())
        for value, ids in holders.items():
            for operator in operators.keys() & {"is", "gte", "lte", "not"}:
                query = {operators[operator]: value, "limit": 200, "fields": "id"}
                response = seeded.get(f"/v1/{collection.path}", query_string=query)
                actual = {record["id"] for record in response.json["data"]}
                assert not ids & actual if operator == "not" else ids <= actual, query
        if "exists" in operators:
            for value, ids in (("true", with_value), ("false", {record["id"] for record in whole} - with_value)):
                actual = records(seeded, collection.path, f"&{operators['exists']}={value}&fields=id")
                assert {record["id"] for record in actual} == ids, filter_.name


@every_kind
def test_importing_its_fixtures_again_changes_nothing(client, store, kind):
    sources = [(name, file.read_bytes().splitlines()) for name, file in files()]
    assert import_lines(store, sources).rejected_lines == []
    before = client.get("/v1/changes?limit=200").json
    result = import_lines(store, [("again", [orjson.dumps(record) for record in request_bodies(kind)])])
    assert result.counts == {"unchanged": len(request_bodies(kind))}
    assert client.get("/v1/changes?limit=200").json == before


@every_kind
def test_an_unknown_field_is_rejected_with_a_suggestion(store, kind):
    sent = {**request_bodies(kind)[0], "claimnt": "x"}
    (rejected,) = import_lines(store, [("sent", [orjson.dumps(sent)])]).rejected_lines
    assert (rejected.part["pointer"], rejected.part["detail"]) == (
        "/claimnt",
        "Unknown field. Did you mean claimant?",
    )
