"""The limits of lists, fields, parameters and suggestions come before the work that they bound."""

from __future__ import annotations

import gzip

import marshmallow as ma
import orjson
import pytest
from marshmallow import fields

from api.kinds import record_input as records
from api.kinds.collections import RECORD_TYPES
from api.kinds.record_input import input_schema
from schemas.base import FIELDS_MAX
from schemas.fields import SUGGESTIONS_MAX, BoundedList, ChoiceSet
from schemas.inferred import Inferred
from tests.support.call_counts import count_calls
from tests.support.factories import changed, feed, report

LISTS = [
    (type_, name)
    for type_ in RECORD_TYPES
    for name, field in input_schema(type_).fields.items()
    if isinstance(field, fields.List)
]


def messages_of(type_, record):
    """Return the messages of an invalid record."""
    with pytest.raises(ma.ValidationError) as rejected:
        records.parse_record(type_, record)
    return rejected.value.messages


@pytest.mark.parametrize(("type_", "name"), LISTS)
@pytest.mark.parametrize("entry", [{}, "harm", 1], ids=["objects", "words", "numbers"])
def test_a_list_that_is_too_long_is_rejected_before_its_entries_are_read(type_, name, entry):
    few, many = ({name: [entry] * length} for length in (1000, 100_000))
    assert messages_of(type_, many)[name][0].endswith(" entries.")
    assert count_calls(messages_of, type_, many) == count_calls(messages_of, type_, few)


def test_every_list_that_is_sent_has_a_limit():
    assert all(isinstance(input_schema(type_).fields[name], BoundedList) for type_, name in LISTS)


@pytest.mark.parametrize(
    ("field", "word"), [(Inferred(), "harm{}"), (ChoiceSet([f"w{number}" for number in range(50)]), "w{}")]
)
def test_the_work_of_finding_repeated_words_grows_linearly(field, word):
    if isinstance(field, Inferred):
        field.inner = fields.String()
    few, many = ([word.format(number) for number in range(length)] for length in (5, 50))
    assert count_calls(field.deserialize, many) < 11 * count_calls(field.deserialize, few)
    assert field.deserialize(many) == many


def test_an_object_with_too_many_fields_is_rejected_before_they_are_read():
    few, many = ({f"har{number}": 1 for number in range(length)} for length in (FIELDS_MAX + 1, 50_000))
    assert "50,000 fields" in str(messages_of("casualty_report", many))
    assert count_calls(messages_of, "casualty_report", many) == count_calls(messages_of, "casualty_report", few)
    assert "This object has" in str(messages_of("casualty_report", report(claimant=many))["claimant"])


def test_few_words_of_a_record_get_a_suggestion():
    party = {f"name{number}": 1 for number in range(FIELDS_MAX)}
    messages = str(messages_of("casualty_report", report(via=[party] * 50, affected=[party] * 50)))
    assert messages.count("Unknown field.") == 100 * FIELDS_MAX
    assert 0 < messages.count("Did you mean") <= SUGGESTIONS_MAX


def test_few_parameters_of_a_query_get_a_suggestion(client):
    def get(count):
        query = "&".join(f"claimnt{number}=a" for number in range(count))
        response = client.get(f"/v1/quotes?{query}")
        assert (response.status_code, response.json["code"]) == (422, "invalid-parameters")
        return response

    assert "Did you mean" in get(1).text
    errors = get(90).json["errors"]
    assert len(errors) == 90
    assert sum("Did you mean" in error["detail"] for error in errors) <= SUGGESTIONS_MAX
    # The next request has suggestions of its own.
    assert "Did you mean" in get(1).text


@pytest.mark.parametrize(
    "query",
    ["claimant=a&", "facets=harm&", "facets[]=harm&", "harm=kiled&", "sort=count&", "limit=5&", "fields=id&"],
)
def test_the_work_of_a_repeated_parameter_grows_linearly(client, query):
    def get(count):
        assert client.get(f"/v1/casualty-reports?{query * count}").status_code == 422

    get(200)
    # Ten times the parameters are at most ten times the work.
    assert count_calls(get, 2000) < 10 * count_calls(get, 200)


REJECTED = {
    "inferred": {"inferred": ["harm"] * 100_000},
    "evidence": {"evidence": [{}] * 100_000},
    "via": {"via": [{}] * 100_000},
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_claim_with_a_list_that_is_too_long_is_rejected(client_with_article, name):
    before = feed(client_with_article)
    post = client_with_article.post("/v1/casualty-reports", json=report(**REJECTED[name]))
    claim = client_with_article.put("/v1/casualty-reports/a-claim", json=report())
    patch = changed(client_with_article, "/v1/casualty-reports/a-claim", REJECTED[name])
    line = orjson.dumps({**report(**REJECTED[name]), "type": "casualty_report", "id": "another"})
    packed = gzip.compress(line)
    assert len(packed) < len(line) / 100
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    imported = client_with_article.post("/v1/imports", data=packed, headers=headers)
    for response in (post, patch, imported):
        assert response.status_code == 422
        (error,) = response.json["errors"]
        assert (error["pointer"], error["detail"][-9:]) == (f"/{name}", " entries.")
    assert claim.status_code == 201
    assert len(feed(client_with_article)) == len(before) + 1
