"""The differ on what OpenAPI has and the contract makes no use of, and on what is no OpenAPI."""

from __future__ import annotations

import copy

import pytest

from api.contract.diff.change import Level
from api.contract.diff.documents import differences

TEXT, NUMBER, OBJECT = {"type": "string"}, {"type": "integer"}, {"type": "object"}
SHAPE = {"$ref": "#/components/schemas/Shape"}
PARAMETER = {"$ref": "#/components/parameters/Limit"}


def document(
    *, sent=None, answered=None, shape=True, parameters=(), root=None, item=None, components=None, **operation
):
    """A document of one operation."""
    content = {} if sent is None else {"requestBody": {"content": {"application/json": {"schema": sent}}}}
    answer = {"headers": {"ETag": {"schema": TEXT}}}
    if answered is not None:
        answer["content"] = {"application/json": {"schema": answered}}
    post = {"responses": {"200": answer}, "parameters": list(parameters), **content, **operation}
    return {
        "openapi": "3.1.1",
        "paths": {"/claims": {"post": post, **(item or {})}},
        "components": {"schemas": {"Shape": shape}, **(components or {})},
        **(root or {}),
    }


def limit(schema, **said):
    return {"in": "query", "name": "limit", "schema": schema, **said}


def level(old, new):
    return max((change.level for change in differences(old, new)), default=None)


def closed(**said):
    return {**OBJECT, "additionalProperties": False, **said}


# Pairs of schemas, the second of which allows more, and what `Shape` is in either.
WIDER = {
    "entries that are told one by one": ({"items": TEXT}, {"items": TEXT, "prefixItems": [NUMBER]}),
    "fields of a pattern in a closed object": (closed(), closed(patternProperties={"^x": {}})),
    "fields of a pattern beside those of a type": (
        {**OBJECT, "additionalProperties": TEXT},
        {**OBJECT, "additionalProperties": TEXT, "patternProperties": {"^x": NUMBER}},
    ),
    "an entry that need not be there": ({"contains": TEXT}, {"contains": TEXT, "minContains": 0}),
    "fields beyond what was evaluated": (
        {**OBJECT, "properties": {"a": TEXT}, "unevaluatedProperties": False},
        {**OBJECT, "properties": {"a": TEXT, "b": TEXT}, "unevaluatedProperties": False},
    ),
    "one word and several": ({"enum": ["a", "b"], "const": "a"}, {"enum": ["a", "b"]}),
    "a pattern that Python cannot read": ({"type": "string", "pattern": "^\\p{L}$"}, TEXT),
    "a word for a pattern that Python cannot read": ({"const": "?"}, {"type": "string", "pattern": "^\\p{P}$"}),
    "fields that need each other": ({**OBJECT, "dependentRequired": {"a": ["b"]}}, OBJECT),
    "what a name of a field has to be": (
        {**OBJECT, "propertyNames": SHAPE},
        {**OBJECT, "propertyNames": SHAPE},
        {"maxLength": 3},
        {"maxLength": 5},
    ),
    "a part of a component": (
        {"$ref": "#/components/schemas/Shape/properties/a"},
        {"$ref": "#/components/schemas/Shape/properties/a"},
        {"properties": {"a": {"maxLength": 3}}},
        {"properties": {"a": {"maxLength": 5}}},
    ),
    "a limit beside a reference": ({**SHAPE, "maxLength": 3}, {**SHAPE, "maxLength": 5}),
    "a tree": (
        SHAPE,
        SHAPE,
        {**OBJECT, "properties": {"name": {"maxLength": 3}, "under": {"type": "array", "items": SHAPE}}},
        {**OBJECT, "properties": {"name": {"maxLength": 5}, "under": {"type": "array", "items": SHAPE}}},
    ),
}


@pytest.mark.parametrize("pair", WIDER.values(), ids=WIDER.keys())
def test_an_answer_that_may_hold_more_and_a_request_that_may_hold_less_break(pair):
    less, more, shape, wider = pair if len(pair) == 4 else (*pair, True, True)
    answers = document(answered=less, shape=shape), document(answered=more, shape=wider)
    requests = document(sent=more, shape=wider), document(sent=less, shape=shape)
    assert level(*answers) is Level.BREAKING
    assert level(*requests) is Level.BREAKING


def of_path(**item):
    return document(item=item)


def of_components(operation):
    """A document whose path stands among its components."""
    item = {"post": operation} if operation else {}
    other = document(components={"pathItems": {"Claims": item}})
    return {**other, "paths": {"/claims": {"$ref": "#/components/pathItems/Claims"}}}


def with_header(header):
    return document(responses={"200": {"headers": {"ETag": header}}})


AS_JSON = {"content": {"application/json": {"schema": TEXT}}}
CHANGES = {
    "a path among the components loses an operation": (
        of_components({"responses": {}}),
        of_components(None),
        Level.BREAKING,
    ),
    "a parameter of the whole path is needed": (
        document(),
        of_path(parameters=[limit(NUMBER, required=True)]),
        Level.BREAKING,
    ),
    "a path moves to another server": (document(), of_path(servers=[{"url": "/other"}]), Level.BREAKING),
    "an operation moves to another server": (document(), document(servers=[{"url": "/other"}]), Level.BREAKING),
    "an operation says where it is all the same": (document(), document(servers=[{"url": "/"}]), None),
    "the service moves from the root, which was not said": (
        document(),
        document(root={"servers": [{"url": "/other"}]}),
        Level.BREAKING,
    ),
    "the service says that it is at the root": (document(), document(root={"servers": [{"url": "/"}]}), None),
    "a webhook is gone": (document(root={"webhooks": {"new": {}}}), document(), Level.BREAKING),
    "a webhook is new": (document(), document(root={"webhooks": {"new": {}}}), Level.SAFE),
    "a parameter comes to be JSON": (
        document(parameters=[limit(TEXT)]),
        document(parameters=[{"in": "query", "name": "limit", **AS_JSON}]),
        Level.BREAKING,
    ),
    "a default beside a reference changes": (
        document(parameters=[limit({**SHAPE, "default": 20})]),
        document(parameters=[limit({**SHAPE, "default": 50})]),
        Level.BREAKING,
    ),
    "a header comes to be JSON": (with_header({"schema": TEXT}), with_header(AS_JSON), Level.BREAKING),
    "the JSON of a header changes": (
        with_header(AS_JSON),
        with_header({"content": {"application/json": {"schema": NUMBER}}}),
        Level.BREAKING,
    ),
    "a header is spelled in other cases": (
        document(),
        document(responses={"200": {"headers": {"Etag": {"schema": TEXT}}}}),
        None,
    ),
    "a field can no longer be sent, for it is read only": (
        document(sent={"properties": {"a": TEXT}}),
        document(sent={"properties": {"a": {**TEXT, "readOnly": True}}}),
        Level.BREAKING,
    ),
    "a field can be sent, for it is read-only no more": (
        document(sent={"properties": {"a": {**TEXT, "readOnly": True}}}),
        document(sent={"properties": {"a": TEXT}}),
        Level.SAFE,
    ),
    "a field is no longer answered, for it is write-only": (
        document(answered={"properties": {"a": TEXT}}),
        document(answered={"properties": {"a": {**TEXT, "writeOnly": True}}}),
        Level.BREAKING,
    ),
    "what a pattern's fields are is worded anew": (
        document(answered={"patternProperties": {"^x": {"description": "A"}}}),
        document(answered={"patternProperties": {"^x": {"description": "B"}}}),
        Level.WORDS,
    ),
}


@pytest.mark.parametrize(("old", "new", "wanted"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_told_for_what_it_is(old, new, wanted):
    assert level(old, new) is wanted


@pytest.mark.parametrize("order", [1, -1])
def test_what_differed_and_comes_to_be_shared_is_compared_with_each_that_it_was(order):
    def paths(*limits):
        named = [(f"/{at}", {"get": {"parameters": [each], "responses": {}}}) for at, each in enumerate(limits)]
        return dict(named[::order])

    shared = {"parameters": {"Limit": limit({"type": "integer", "maximum": 200})}}
    old = document(components=shared) | {
        "paths": paths(*(limit({"type": "integer", "maximum": most}) for most in (100, 500)))
    }
    new = document(components=shared) | {"paths": paths(PARAMETER, PARAMETER)}
    assert sorted(change.reason for change in differences(old, new)) == [
        "More can be sent: `maximum` was 100 and is 200.",
        "What could be sent may be refused: `maximum` was 500 and is 200.",
    ]


def test_a_change_points_to_where_it_is_said():
    def merged(most):
        parts = [{**OBJECT, "properties": {"a": TEXT}}, {**OBJECT, "properties": {"a": {"maxLength": most}}}]
        return document(answered={"allOf": parts})

    (change,) = differences(merged(3), merged(4))
    assert change.pointer.endswith("/schema/allOf/1/properties/a/maxLength")

    def body(schema):
        shared = {"requestBodies": {"Claim": {"content": {"application/json": {"schema": schema}}}}}
        return document(requestBody={"$ref": "#/components/requestBodies/Claim"}, components=shared)

    (change,) = differences(body(TEXT), body(NUMBER))
    assert change.pointer == "/components/requestBodies/Claim/content/application~1json/schema/type"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (document(answered=SHAPE, shape={"allOf": [SHAPE]}), document(answered=TEXT), "without an end"),
        (document(answered=SHAPE, shape=SHAPE), document(answered=TEXT), "refers to itself"),
        (
            document(parameters=[PARAMETER], components={"parameters": {"Limit": PARAMETER}}),
            document(),
            "refers to itself",
        ),
    ],
)
def test_what_refers_to_itself_and_to_nothing_else_is_refused(old, new, told):
    with pytest.raises(ValueError, match=told):
        differences(old, new)


WHOLE = document(
    sent=OBJECT,
    answered={"anyOf": [TEXT, {"type": "integer", "maximum": 3}]},
    parameters=[limit(NUMBER)],
    security=[{}],
)


def places(part, at=()):
    """Every place in a document."""
    if at:
        yield at
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, each in inner:
        yield from places(each, (*at, step))


def told(old, new):
    """What is said of two documents, changes or a refusal."""
    try:
        return [str(change) for change in differences(old, new)]
    except ValueError as error:
        return [str(error)]


@pytest.mark.parametrize("wrong", [None, 3, "x", [3], [[]], {"a": 3}], ids=str)
def test_what_is_not_as_openapi_has_it_is_told_of_or_refused_and_never_fails_otherwise(wrong):
    for at in places(WHOLE):
        broken = copy.deepcopy(WHOLE)
        part = broken
        for step in at[:-1]:
            part = part[step]
        part[at[-1]] = wrong
        assert all(said.endswith(".") for said in told(WHOLE, broken) + told(broken, WHOLE)), at


def test_what_is_not_as_openapi_has_it_is_named():
    broken = copy.deepcopy(WHOLE)
    broken["paths"]["/claims"]["post"]["responses"] = ["200"]
    assert told(WHOLE, broken)[0].startswith("/paths/~1claims/post is not as OpenAPI 3.1 has it")
