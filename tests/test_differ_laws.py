"""The laws of the differ, on documents that were made up: what it calls safe is safe, also after what is safe."""

from __future__ import annotations

import os

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.contract.differ.documents import differences
from tests.generated_documents import answered, documents, edited, sent, values

pytestmark = pytest.mark.slow

# `make fuzz` asks for more.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6")) * 20
lawful = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
# How often a law was put to the test, so that none holds for want of a case.
tried = {"chain": 0, "sent": 0, "answered": 0}


def breaks(old, new):
    return [change for change in differences(old, new) if change.breaking]


@lawful
@given(documents)
def test_nothing_differs_from_itself(document):
    assert differences(document, document) == []


@lawful
@given(st.data())
def check_chains(data):
    first = data.draw(documents)
    second = data.draw(edited(first))
    third = data.draw(edited(second))
    if not breaks(first, second) and not breaks(second, third):
        tried["chain"] += 1
        assert breaks(first, third) == []


def test_what_is_safe_after_what_is_safe_is_safe():
    check_chains()
    assert tried["chain"] > EXAMPLES / 10


@lawful
@given(st.data())
def check_values(data):
    old = data.draw(documents)
    new = data.draw(edited(old))
    if breaks(old, new):
        return
    for role, before, after in (("sent", old, new), ("answered", new, old)):
        schema_of = sent if role == "sent" else answered
        value = data.draw(values(schema_of(before), before["components"]["schemas"]))
        if validator(before, schema_of).is_valid(value):
            tried[role] += 1
            assert validator(after, schema_of).is_valid(value), value


def validator(document, schema_of):
    return jsonschema_rs.validator_for({**schema_of(document), "components": document["components"]})


def test_after_a_safe_change_what_could_be_sent_still_can_and_nothing_unheard_of_is_answered():
    check_values()
    assert tried["sent"] > EXAMPLES / 10
    assert tried["answered"] > EXAMPLES / 10


@lawful
@given(st.data())
def test_what_differs_one_way_differs_the_other_way(data):
    old = data.draw(documents)
    new = data.draw(edited(old))
    assert bool(differences(old, new)) == bool(differences(new, old))
