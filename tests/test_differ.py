"""The differ: every change of the contract is told, and told rightly to be safe or breaking."""

from __future__ import annotations

import copy

import orjson
import pytest

from api.contract import frozen
from api.contract.differ.change import Level
from api.contract.differ.documents import differences
from api.contract.differ.spots import target
from tests.mutations import BREAKING, SAFE, WORDS, parameter

pytestmark = pytest.mark.slow

CONTRACT = orjson.loads(frozen.document())
MUTATIONS = (
    [pytest.param(change, Level.BREAKING, id=name) for name, change in BREAKING.items()]
    + [pytest.param(change, Level.SAFE, id=name) for name, change in SAFE.items()]
    + [pytest.param(change, Level.WORDS, id=name) for name, change in WORDS.items()]
)


def mutated(mutate):
    changed = copy.deepcopy(CONTRACT)
    mutate(changed)
    return changed


@pytest.mark.parametrize(("mutate", "level"), MUTATIONS)
def test_a_change_is_told_for_what_it_is_and_where_it_is(mutate, level):
    changed = mutated(mutate)
    changes = differences(CONTRACT, changed)
    assert changes
    assert max(change.level for change in changes) is level, "\n".join(map(str, changes))
    for change in changes:
        # What is gone stands in the older document.
        assert any(leads(document, change.pointer) for document in (changed, CONTRACT)), change
        assert change.reason.endswith(".")


def leads(document, pointer):
    """Whether a pointer leads somewhere, but for its last step, which may be a keyword that is not there."""
    above = pointer.rpartition("/")[0]
    try:
        return not above or target(document, f"#{above}") is not None
    except ValueError:
        return False


def test_what_is_renamed_in_the_contract_differs_where_it_is_used_and_is_told_once():
    (change,) = differences(CONTRACT, mutated(BREAKING["a text of answers may be longer"]))
    assert change.pointer == "/components/schemas/Quote/properties/text/maxLength"
    assert "5000" in change.reason
    assert "6000" in change.reason


def test_back_and_forth_are_each_others_opposites():
    longer = mutated(SAFE["a longer text can be sent"])
    assert [change.level for change in differences(CONTRACT, longer)] == [Level.SAFE]
    assert [change.level for change in differences(longer, CONTRACT)] == [Level.BREAKING]


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(lambda d: d["components"]["parameters"]["IfMatch"].update(name="if-match"), id="case of a header"),
        pytest.param(lambda d: parameter(d, "mode").pop("explode"), id="what is so unless it is said"),
        pytest.param(lambda d: parameter(d, "limit").update(explode=True, style="form"), id="the same, said"),
    ],
)
def test_what_is_the_same_said_otherwise_is_no_change(mutate):
    assert differences(CONTRACT, mutated(mutate)) == []


def test_a_path_that_is_gone_breaks_and_one_that_is_new_does_not():
    fewer = mutated(BREAKING["a path is gone"])
    assert [(change.pointer, change.breaking) for change in differences(CONTRACT, fewer)] == [
        ("/paths/~1v1~1quotes~1{id}", True)
    ]
    assert [(change.pointer, change.breaking) for change in differences(fewer, CONTRACT)] == [
        ("/paths/~1v1~1quotes~1{id}", False)
    ]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"openapi": "3.0.3", "paths": {}}, "3.1"),
        ({"openapi": "3.1.1"}, "paths"),
        ({"swagger": "2.0", "paths": {}}, "3.1"),
    ],
)
def test_what_is_no_openapi_3_1_is_refused(document, told):
    with pytest.raises(ValueError, match=told):
        differences(CONTRACT, document)


def test_a_reference_that_leads_nowhere_is_named():
    broken = mutated(lambda d: d["components"]["schemas"].pop("Quote"))
    with pytest.raises(ValueError, match="#/components/schemas/Quote leads to nothing"):
        differences(CONTRACT, broken)
