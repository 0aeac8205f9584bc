"""Laws of the diff, tested with generated documents: a safe change breaks nobody, also after another safe change."""

from __future__ import annotations

import os

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.contract.diff.documents import differences
from tests.support.openapi_generator import documents, edited, request_schema, response_schema, values

# `make fuzz` runs more examples.
pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6")) * 20
lawful = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
# The number of examples that tested each law. A law without examples would always pass.
tested = {"chain": 0, "request": 0, "response": 0}


def breaking(old, new):
    return [change for change in differences(old, new) if change.breaking]


@lawful
@given(documents)
def test_a_document_does_not_differ_from_itself(document):
    assert differences(document, document) == []


@lawful
@given(st.data())
def check_chains(data):
    first = data.draw(documents)
    second = data.draw(edited(first))
    third = data.draw(edited(second))
    if not breaking(first, second) and not breaking(second, third):
        tested["chain"] += 1
        assert breaking(first, third) == []


def test_two_safe_changes_in_a_row_are_safe():
    check_chains()
    assert tested["chain"] > EXAMPLES / 10


@lawful
@given(st.data())
def check_values(data):
    old = data.draw(documents)
    new = data.draw(edited(old))
    if breaking(old, new):
        return
    for role, before, after in (("request", old, new), ("response", new, old)):
        schema_of = request_schema if role == "request" else response_schema
        value = data.draw(values(schema_of(before), before["components"]["schemas"]))
        if validator(before, schema_of).is_valid(value):
            tested[role] += 1
            assert validator(after, schema_of).is_valid(value), value


def validator(document, schema_of):
    return jsonschema_rs.validator_for({**schema_of(document), "components": document["components"]})


def test_after_a_safe_change_requests_stay_valid_and_responses_have_no_new_values():
    check_values()
    assert tested["request"] > EXAMPLES / 10
    assert tested["response"] > EXAMPLES / 10


@lawful
@given(st.data())
def test_a_change_is_reported_in_both_directions(data):
    old = data.draw(documents)
    new = data.draw(edited(old))
    assert bool(differences(old, new)) == bool(differences(new, old))
