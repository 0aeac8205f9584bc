"""The diff of the contract reports every change, with its level and its place."""

from __future__ import annotations

import copy

import orjson
import pytest

from api.contract import snapshots
from api.contract.diff.change import Level
from api.contract.diff.documents import differences
from api.openapi.parameters import ACCEPTED_PARAMETERS
from schemas.json_pointer import lookup
from tests.support.contract_changes import BREAKING, SAFE, TEXTS, discriminated, flatten_kinds, parameter

pytestmark = pytest.mark.slow

CONTRACT = orjson.loads(snapshots.document())
CHANGES = (
    [pytest.param(change, Level.BREAKING, id=name) for name, change in BREAKING.items()]
    + [pytest.param(change, Level.SAFE, id=name) for name, change in SAFE.items()]
    + [pytest.param(change, Level.TEXT, id=name) for name, change in TEXTS.items()]
)


def changed(change, document=CONTRACT):
    result = copy.deepcopy(document)
    change(result)
    return result


@pytest.mark.parametrize(("change", "level"), CHANGES)
def test_a_change_is_reported_with_its_level_and_its_place(change, level):
    new = changed(change)
    reported = differences(CONTRACT, new)
    assert reported
    assert max(one.level for one in reported) is level, "\n".join(map(str, reported))
    for one in reported:
        # The pointer to a removed part leads into the older document.
        assert any(leads(document, one.pointer) for document in (new, CONTRACT)), one
        assert one.reason.endswith(".")


def leads(document, pointer):
    """Return whether a pointer leads to a part. Its last step may be a keyword that is absent."""
    try:
        return lookup(document, pointer.rpartition("/")[0]) is not None
    except ValueError:
        return False


def test_a_changed_discriminator_is_reported_by_its_property():
    reasons = {change.reason for change in differences(CONTRACT, changed(BREAKING["the discriminator changes"]))}
    assert reasons == {"`discriminator` was type and is kind."}


def test_a_changed_mapping_is_reported_by_its_value():
    change = BREAKING["the discriminator maps a value to another schema"]
    (reported,) = differences(CONTRACT, changed(change))
    assert reported.reason == (
        "The discriminator's mapping of `quote` was #/components/schemas/Quote and is #/components/schemas/Ceasefire."
    )


def test_a_union_within_a_union_is_equal_if_it_accepts_the_same_claims():
    flat = changed(flatten_kinds)
    assert differences(flat, CONTRACT) == []
    assert differences(CONTRACT, flat) == []
    unmapped = changed(lambda d: discriminated(d)["discriminator"]["mapping"].pop("quote"))
    assert [change.breaking for change in differences(flat, unmapped)] == [True]
    fewer = changed(lambda d: discriminated(d)["oneOf"].pop(0))
    assert {change.level for change in differences(flat, fewer)} == {Level.SAFE}


def test_a_changed_component_is_reported_once():
    (change,) = differences(CONTRACT, changed(BREAKING["maxLength of a response field is higher"]))
    assert change.pointer == "/components/schemas/Quote/properties/text/maxLength"
    assert "5000" in change.reason
    assert "6000" in change.reason


def test_the_reverse_of_a_safe_change_is_breaking():
    longer = changed(SAFE["maxLength of a request field is higher"])
    assert [change.level for change in differences(CONTRACT, longer)] == [Level.SAFE]
    assert [change.level for change in differences(longer, CONTRACT)] == [Level.BREAKING]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d: d["components"]["parameters"]["IfMatch"].update(name="if-match"), id="case of a header"),
        pytest.param(lambda d: parameter(d, "mode").pop("explode"), id="default is not stated"),
        pytest.param(lambda d: parameter(d, "limit").update(explode=True, style="form"), id="default is stated"),
        pytest.param(lambda d: d["info"].update(version="1.99.0"), id="version"),
    ],
)
def test_an_equivalent_document_has_no_change(change):
    assert differences(CONTRACT, changed(change)) == []


def test_a_removed_path_is_breaking_and_a_new_one_is_safe():
    fewer = changed(BREAKING["a path is removed"])
    assert [(change.pointer, change.breaking) for change in differences(CONTRACT, fewer)] == [
        ("/paths/~1v1~1quotes~1{id}", True)
    ]
    assert [(change.pointer, change.breaking) for change in differences(fewer, CONTRACT)] == [
        ("/paths/~1v1~1quotes~1{id}", False)
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"openapi": "3.0.3", "paths": {}}, r"3\.1"),
        ({"openapi": "3.1.1"}, "paths"),
        ({"swagger": "2.0", "paths": {}}, r"3\.1"),
    ],
)
def test_a_document_that_is_not_openapi_3_1_is_rejected(document, message):
    with pytest.raises(ValueError, match=message):
        differences(CONTRACT, document)


def test_a_reference_without_a_target_is_named():
    broken = changed(lambda d: d["components"]["schemas"].pop("Quote"))
    with pytest.raises(ValueError, match="does not have the part #/components/schemas/Quote"):
        differences(CONTRACT, broken)


# --- Parameters under `components/parameters`.


def inline(document):
    """Replace every reference to a parameter by the parameter."""

    def inlined(parameter):
        if "$ref" in parameter:
            return copy.deepcopy(lookup(document, parameter["$ref"].removeprefix("#")))
        return parameter

    for part, listed in _parameter_lists(document):
        part[listed] = [inlined(parameter) for parameter in part[listed]]
    document["components"].pop("parameters")


def share(document):
    """Move every parameter to the components, equal ones to the same."""
    inline(document)
    shared = document["components"]["parameters"] = {}

    def reference(parameter):
        name = next((name for name, other in shared.items() if other == parameter), f"P{len(shared)}")
        shared[name] = parameter
        return {"$ref": f"#/components/parameters/{name}"}

    for part, listed in _parameter_lists(document):
        part[listed] = [reference(parameter) for parameter in part[listed]]


def _parameter_lists(document):
    """Yield each path and operation with the name of a list of its parameters."""
    for path in document["paths"].values():
        for part in (path, *path.values()):
            yield from ((part, listed) for listed in ("parameters", ACCEPTED_PARAMETERS) if listed in part)


INLINE, SHARED = changed(inline), changed(share)


def test_parameters_are_equal_inline_and_as_references():
    assert len(orjson.dumps(SHARED)) < len(orjson.dumps(INLINE)) - 100_000
    for old, new in ((INLINE, SHARED), (SHARED, INLINE), (CONTRACT, SHARED), (SHARED, CONTRACT), (CONTRACT, INLINE)):
        assert differences(old, new) == []


PARAMETER_CHANGES = {
    "a keyword of its schema": (lambda p: p["schema"].update(maximum=100), Level.BREAKING),
    "its default": (lambda p: p["schema"].update(default=7), Level.BREAKING),
    "required": (lambda p: p.update(required=True), Level.BREAKING),
    "a safe one": (lambda p: p["schema"].update(maximum=500), Level.SAFE),
    "its description": (lambda p: p.update(description="Another text."), Level.TEXT),
}


@pytest.mark.parametrize(("change", "level"), PARAMETER_CHANGES.values(), ids=PARAMETER_CHANGES)
@pytest.mark.parametrize("old", [INLINE, SHARED], ids=["from inline", "from shared"])
def test_a_change_of_a_shared_parameter_is_reported_once(old, change, level):
    new = changed(lambda document: change(parameter(document, "limit")), SHARED)
    (reported,) = differences(old, new)
    assert reported.level is level
    assert reported.pointer.startswith("/components/parameters/P")


@pytest.mark.parametrize(("change", "level"), PARAMETER_CHANGES.values(), ids=PARAMETER_CHANGES)
def test_a_change_of_a_parameter_that_is_no_longer_shared_is_reported_at_its_operation(change, level):
    new = changed(lambda document: change(parameter(document, "limit")), INLINE)
    (reported,) = differences(SHARED, new)
    assert reported.level is level
    assert reported.pointer.startswith("/paths/~1v1~1quotes/get/parameters/")


def test_a_removed_reference_to_a_parameter_is_reported_at_its_operation():
    (reported,) = differences(SHARED, changed(BREAKING["a parameter is removed"], SHARED))
    assert reported.breaking
    assert reported.pointer.startswith("/paths/~1v1~1quotes/get/parameters/")
    assert reported.reason == "The query parameter claimant was removed."


def test_the_order_of_parameters_does_not_matter():
    other = changed(lambda d: d["paths"]["/v1/quotes"]["get"]["parameters"].reverse())
    assert differences(CONTRACT, other) == []


@pytest.mark.parametrize("group", ["parameters", "schemas", "responses", "headers"])
def test_an_unused_component_changes_nothing(group):
    unused = {
        "parameters": {"in": "query", "name": "unused", "required": True, "schema": {"type": "string"}},
        "schemas": {"type": "string"},
        "responses": {"description": "Unused."},
        "headers": {"schema": {"type": "string"}},
    }
    more = changed(lambda d: d["components"][group].update(Unused=unused[group]))
    assert differences(CONTRACT, more) == []
    assert differences(more, CONTRACT) == []
