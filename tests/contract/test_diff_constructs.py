"""The diff of constructs that it supports, and its errors for the others."""

from __future__ import annotations

import copy

import pytest

from api.contract.diff.change import Level
from api.contract.diff.documents import differences

TEXT, NUMBER, OBJECT = {"type": "string"}, {"type": "integer"}, {"type": "object"}
SHARED = {"$ref": "#/components/schemas/Shared"}
PARAMETER = {"$ref": "#/components/parameters/Limit"}


def document(
    *, request=None, response=None, shared=True, parameters=(), root=None, path=None, components=None, **operation
):
    """Return a document with one operation."""
    body = {} if request is None else {"requestBody": {"content": {"application/json": {"schema": request}}}}
    ok = {"headers": {"ETag": {"schema": TEXT}}}
    if response is not None:
        ok["content"] = {"application/json": {"schema": response}}
    post = {"responses": {"200": ok}, "parameters": list(parameters), **body, **operation}
    return {
        "openapi": "3.1.1",
        "paths": {"/claims": {"post": post, **(path or {})}},
        "components": {"schemas": {"Shared": shared}, **(components or {})},
        **(root or {}),
    }


def limit(schema, **parameter):
    return {"in": "query", "name": "limit", "schema": schema, **parameter}


def level(old, new):
    return max((change.level for change in differences(old, new)), default=None)


def closed(**properties):
    return {**OBJECT, "additionalProperties": False, "properties": properties}


def lines(schema):
    """Return the schema of a text whose lines are documents."""
    return {"allOf": [SHARED], "contentSchema": schema}


# Pairs of schemas, the second of which allows more, and the component of each.
WIDER = {
    "a field of a closed object": (closed(a=TEXT), closed(a=TEXT, b=TEXT)),
    "additional fields": (closed(a=TEXT), {**OBJECT, "properties": {"a": TEXT}}),
    "any additional field": (
        {**OBJECT, "additionalProperties": TEXT},
        {**OBJECT, "additionalProperties": {"type": ["string", "null"]}},
    ),
    "an enumeration": ({**TEXT, "enum": ["a"]}, {**TEXT, "enum": ["a", "b"]}),
    "an enumeration and any text": ({**TEXT, "enum": ["a", "b"]}, TEXT),
    "an enumeration and a longer text": ({**TEXT, "enum": ["a"]}, {**TEXT, "maxLength": 3}),
    "a pattern that Python cannot read": ({**TEXT, "pattern": "^\\p{L}$"}, TEXT),
    "a value of a pattern that Python cannot read": ({**TEXT, "enum": ["?"]}, {**TEXT, "pattern": "^\\p{P}$"}),
    "excluded values": ({**TEXT, "not": {"enum": ["a"]}}, TEXT),
    "distinct items": ({"type": "array", "uniqueItems": True}, {"type": "array"}),
    "an integer and a number": (NUMBER, {"type": "number"}),
    "everything and nothing": (False, True),
    "an alternative": ({"anyOf": [TEXT]}, {"anyOf": [TEXT, NUMBER]}),
    "the content of a text": (lines(closed(a=TEXT)), lines(OBJECT), TEXT, TEXT),
    "the text of content": (lines(OBJECT), lines(OBJECT), {**TEXT, "maxLength": 3}, {**TEXT, "maxLength": 5}),
    "a tree": (
        SHARED,
        SHARED,
        {**OBJECT, "properties": {"name": {**TEXT, "maxLength": 3}, "parts": {"type": "array", "items": SHARED}}},
        {**OBJECT, "properties": {"name": {**TEXT, "maxLength": 5}, "parts": {"type": "array", "items": SHARED}}},
    ),
}


@pytest.mark.parametrize("pair", WIDER.values(), ids=WIDER.keys())
def test_a_wider_response_and_a_narrower_request_are_breaking(pair):
    narrow, wide, shared, wider = pair if len(pair) == 4 else (*pair, True, True)
    responses = document(response=narrow, shared=shared), document(response=wide, shared=wider)
    requests = document(request=wide, shared=wider), document(request=narrow, shared=shared)
    assert level(*responses) is Level.BREAKING
    assert level(*requests) is Level.BREAKING


def with_path(**path):
    return document(path=path)


def with_links(components=None, /, **links):
    response = {"headers": {"ETag": {"schema": TEXT}}, "links": links}
    return document(components=components, responses={"200": response})


NEXT = {"operationId": "getClaim", "parameters": {"id": "$response.body#/id"}}


CHANGES = {
    "a parameter of the path is required": (
        document(),
        with_path(parameters=[limit(NUMBER, required=True)]),
        Level.BREAKING,
    ),
    "a parameter moves from the operation to the path": (
        document(parameters=[limit(NUMBER)]),
        with_path(parameters=[limit(NUMBER)]),
        None,
    ),
    "an operation overrides a parameter of the path": (
        with_path(parameters=[limit(NUMBER)]),
        document(parameters=[limit(TEXT)], path={"parameters": [limit(NUMBER)]}),
        Level.BREAKING,
    ),
    "the service moves from the root, the default": (
        document(),
        document(root={"servers": [{"url": "/other"}]}),
        Level.BREAKING,
    ),
    "the root is stated": (document(), document(root={"servers": [{"url": "/"}]}), None),
    "a default next to a reference changes": (
        document(parameters=[limit({**SHARED, "default": 20})]),
        document(parameters=[limit({**SHARED, "default": 50})]),
        Level.BREAKING,
    ),
    "the case of a header changes": (
        document(),
        document(responses={"200": {"headers": {"Etag": {"schema": TEXT}}}}),
        None,
    ),
    "a field of responses becomes write-only": (
        document(response={**OBJECT, "properties": {"a": TEXT}}),
        document(response={**OBJECT, "properties": {"a": {**TEXT, "writeOnly": True}}}),
        Level.BREAKING,
    ),
    "a field of responses is no longer write-only": (
        document(response={**OBJECT, "properties": {"a": {**TEXT, "writeOnly": True}}}),
        document(response={**OBJECT, "properties": {"a": TEXT}}),
        Level.SAFE,
    ),
    "a field of requests becomes write-only": (
        document(request={**OBJECT, "properties": {"a": TEXT}}),
        document(request={**OBJECT, "properties": {"a": {**TEXT, "writeOnly": True}}}),
        None,
    ),
    "a minimum length of 0 is stated": (
        document(request=TEXT, response=TEXT),
        document(request={**TEXT, "minLength": 0}, response={**TEXT, "minLength": 0}),
        None,
    ),
    "a field with the name of a text gets a description": (
        document(response={**OBJECT, "properties": {"title": TEXT}}),
        document(response={**OBJECT, "properties": {"title": {**TEXT, "description": "A"}}}),
        Level.TEXT,
    ),
    "an option of a union is deprecated": (
        document(response={"anyOf": [TEXT, NUMBER]}),
        document(response={"anyOf": [TEXT, {**NUMBER, "deprecated": True}]}),
        Level.SAFE,
    ),
    "the target of an option is deprecated": (
        document(response={"anyOf": [SHARED, NUMBER]}, shared=TEXT),
        document(response={"anyOf": [SHARED, NUMBER]}, shared={**TEXT, "deprecated": True}),
        Level.SAFE,
    ),
    "an open enumeration in an option loses a value": (
        document(response={"anyOf": [{**TEXT, "x-extensible-enum": ["a", "b"]}, {"type": "null"}]}),
        document(response={"anyOf": [{**TEXT, "x-extensible-enum": ["a"]}, {"type": "null"}]}),
        Level.BREAKING,
    ),
    "an open enumeration of requests loses a value": (
        document(request={**TEXT, "x-extensible-enum": ["a", "b"]}),
        document(request={**TEXT, "x-extensible-enum": ["b"]}),
        Level.BREAKING,
    ),
    "an open enumeration of requests gets a value": (
        document(request={**TEXT, "x-extensible-enum": ["a"]}),
        document(request={**TEXT, "x-extensible-enum": ["b", "a"]}),
        Level.SAFE,
    ),
    "the order of an open enumeration changes": (
        document(response={**TEXT, "x-extensible-enum": ["a", "b"]}),
        document(response={**TEXT, "x-extensible-enum": ["b", "a"]}),
        None,
    ),
    "a default of null is no longer stated": (
        document(request=closed(a={"type": ["string", "null"], "default": None})),
        document(request=closed(a={"type": ["string", "null"]})),
        Level.SAFE,
    ),
    "a default of null becomes another value": (
        document(request=closed(a={"type": ["string", "null"], "default": None})),
        document(request=closed(a={"type": ["string", "null"], "default": "b"})),
        Level.BREAKING,
    ),
    "a field of requests becomes read-only": (
        document(request=closed(a=TEXT)),
        document(request=closed(a={**TEXT, "readOnly": True})),
        Level.BREAKING,
    ),
    "a read-only field of requests is new": (
        document(request=closed(a=TEXT)),
        document(request=closed(a=TEXT, id={**TEXT, "readOnly": True})),
        Level.SAFE,
    ),
    "an optional key is no longer stated": (
        document(security=[{}, {"key": ["write"]}]),
        document(security=[{}]),
        Level.SAFE,
    ),
    "a response gets links": (document(), with_links(next=NEXT), Level.SAFE),
    "a link is removed": (with_links(next=NEXT), with_links(), Level.BREAKING),
    "a link leads to another operation": (
        with_links(next=NEXT),
        with_links(next={**NEXT, "operationId": "other"}),
        Level.BREAKING,
    ),
    "a link has another parameter": (
        with_links(next=NEXT),
        with_links(next={**NEXT, "parameters": {"id": "$response.body#/other"}}),
        Level.BREAKING,
    ),
    "a link is described": (with_links(next=NEXT), with_links(next={**NEXT, "description": "A"}), Level.TEXT),
    "a link becomes a component": (
        with_links(next=NEXT),
        with_links({"links": {"Next": NEXT}}, next={"$ref": "#/components/links/Next"}),
        None,
    ),
    "a schema becomes a component": (
        document(response={**OBJECT, "description": "A"}),
        document(response={**SHARED, "description": "A"}, shared={**OBJECT, "description": "B"}),
        None,
    ),
    "a schema becomes a component with another description": (
        document(response={**OBJECT, "description": "A"}),
        document(response=SHARED, shared={**OBJECT, "description": "B"}),
        Level.TEXT,
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_has_its_level(old, new, expected):
    assert level(old, new) is expected


@pytest.mark.parametrize("order", [1, -1])
def test_different_parameters_that_become_one_component_are_each_compared_with_it(order):
    def paths(*limits):
        items = [(f"/{index}", {"get": {"parameters": [one], "responses": {}}}) for index, one in enumerate(limits)]
        return dict(items[::order])

    shared = {"parameters": {"Limit": limit({"type": "integer", "maximum": 200})}}
    old = document(components=shared) | {
        "paths": paths(*(limit({"type": "integer", "maximum": maximum}) for maximum in (100, 500)))
    }
    new = document(components=shared) | {"paths": paths(PARAMETER, PARAMETER)}
    assert sorted(change.reason for change in differences(old, new)) == [
        "More requests become valid: `maximum` was 100 and is 200.",
        "Some requests become invalid: `maximum` was 500 and is 200.",
    ]


def test_the_pointer_of_a_change_leads_into_the_component():
    (change,) = differences(
        document(response=SHARED, shared={**TEXT, "maxLength": 3}),
        document(response=SHARED, shared={**TEXT, "maxLength": 4}),
    )
    assert change.pointer == "/components/schemas/Shared/maxLength"
    (change,) = differences(
        document(response=lines(TEXT), shared=TEXT),
        document(response=lines(NUMBER), shared=TEXT),
    )
    assert change.pointer == ("/paths/~1claims/post/responses/200/content/application~1json/schema/contentSchema/type")


@pytest.mark.parametrize("shared", [{"anyOf": [SHARED]}, SHARED, {"allOf": [SHARED], "contentSchema": TEXT}])
def test_a_schema_that_consists_only_of_itself_is_rejected(shared):
    with pytest.raises(ValueError, match="refers only to itself"):
        differences(document(response=SHARED, shared=shared), document(response=TEXT))


def test_the_texts_of_recursive_schemas_are_compared():
    def tree(description, name):
        part = {"$ref": f"#/components/schemas/{name}"}
        properties = {"name": {**TEXT, "description": description}, "parts": {"type": "array", "items": part}}
        return document(response=part, components={"schemas": {name: {**OBJECT, "properties": properties}}})

    assert level(tree("A", "Old"), tree("A", "New")) is None
    (change,) = differences(tree("A", "Old"), tree("B", "New"))
    assert (change.level, change.pointer) == (Level.TEXT, "/components/schemas/New/properties/name/description")


SCHEMA = "/paths/~1claims/post/responses/200/content/application~1json/schema"
UNSUPPORTED = {
    "a keyword": (document(response={**TEXT, "const": "a"}), "`const`", f"{SCHEMA}/const"),
    "a keyword without a type": (document(response={"maxLength": 3}), "`maxLength`", f"{SCHEMA}/maxLength"),
    "a keyword next to a reference": (
        document(response={**SHARED, "maxLength": 3}),
        "`maxLength` next to `$ref`",
        f"{SCHEMA}/maxLength",
    ),
    "a nested keyword": (
        document(response={**OBJECT, "properties": {"a/b": {"anyOf": [True, {"if": True}]}}}),
        "`if`",
        f"{SCHEMA}/properties/a~1b/anyOf/1/if",
    ),
    "a part of a component": (
        document(response={"$ref": "#/components/schemas/Shared/properties/a"}),
        "`#/components/schemas/Shared/properties/a`",
        f"{SCHEMA}/$ref",
    ),
    "a keyword of an unused component": (
        document(shared={**OBJECT, "patternProperties": {}}),
        "`patternProperties`",
        "/components/schemas/Shared/patternProperties",
    ),
    "a combination of schemas": (
        document(response={"allOf": [SHARED, SHARED], "contentSchema": TEXT}),
        "`allOf`",
        f"{SCHEMA}/allOf",
    ),
    "a method": (with_path(head={"responses": {}}), "`head`", "/paths/~1claims/head"),
    "a reference to a path": (with_path(**{"$ref": "#/components/pathItems/A"}), "`$ref`", "/paths/~1claims/$ref"),
    "a server of an operation": (document(servers=[]), "`servers`", "/paths/~1claims/post/servers"),
    "a cookie": (
        document(parameters=[{"in": "cookie", "name": "a", "schema": TEXT}]),
        "`cookie`",
        "/paths/~1claims/post/parameters/0/in",
    ),
    "content of a parameter": (
        document(parameters=[limit(TEXT, content={})]),
        "`content`",
        "/paths/~1claims/post/parameters/0/content",
    ),
    "a reference to a reference": (
        document(components={"parameters": {"Limit": PARAMETER}}),
        "`$ref`",
        "/components/parameters/Limit/$ref",
    ),
    "a link to a URL": (
        with_links(next={"operationRef": "#/paths/~1claims/get"}),
        "`operationRef`",
        "/paths/~1claims/post/responses/200/links/next/operationRef",
    ),
    "a part of the information": (document(root={"info": {"owner": "A"}}), "`owner`", "/info/owner"),
    "a default response": (document(responses={"default": {}}), "`default`", "/paths/~1claims/post/responses/default"),
    "webhooks": (document(root={"webhooks": {}}), "`webhooks`", "/webhooks"),
    "a style": (
        document(parameters=[limit(TEXT, style="deepObject")]),
        "`deepObject`",
        "/paths/~1claims/post/parameters/0/style",
    ),
}


@pytest.mark.parametrize(("unsupported", "name", "pointer"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_a_construct_that_cannot_be_compared_is_named_with_its_place(unsupported, name, pointer):
    for pair in ((unsupported, document()), (document(), unsupported), (unsupported, unsupported)):
        with pytest.raises(ValueError, match="cannot compare") as error:
            differences(*pair)
        assert str(error.value).startswith(f"cannot compare {name} at {pointer}"), error.value


def test_an_extension_without_a_rule_is_breaking_if_it_changes():
    assert level(document(response={**TEXT, "x-order": 1}), document(response={**TEXT, "x-order": 1})) is None
    (change,) = differences(
        document(response={**TEXT, "x-order": 1}),
        document(response={**TEXT, "x-order": 2}),
    )
    assert (change.level, change.pointer) == (Level.BREAKING, f"{SCHEMA}/x-order")
    assert change.reason == "No rule compares the extension `x-order`: it was 1 and is 2."
    assert level(document(), document(root={"x-service": "a"}, **{"x-cost": 3})) is Level.BREAKING


def test_a_name_that_begins_like_an_extension_is_not_one():
    assert level(document(response=closed()), document(response=closed(**{"x-order": TEXT}))) is Level.BREAKING
    old, new = (document(response={**OBJECT, "properties": fields}) for fields in ({}, {"x-order": TEXT}))
    assert level(old, new) is Level.SAFE
    headers = {"ETag": {"schema": TEXT}, "x-request-id": {"schema": TEXT}}
    assert level(document(), document(responses={"200": {"headers": headers}})) is Level.SAFE


WHOLE = document(
    request=OBJECT,
    response={"anyOf": [TEXT, {"type": "integer", "maximum": 3}]},
    parameters=[limit(NUMBER)],
    security=[{}],
)


def places(part, at=()):
    """Yield every place in a document."""
    if at:
        yield at
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, child in inner:
        yield from places(child, (*at, step))


def messages(old, new):
    """Return the changes between two documents, or the error, as text."""
    try:
        return [str(change) for change in differences(old, new)]
    except ValueError as error:
        return [str(error)]


@pytest.mark.parametrize("wrong", [None, 3, "x", [3], [[]], {"a": 3}], ids=str)
def test_an_invalid_document_is_compared_or_rejected_with_a_message(wrong):
    for at in places(WHOLE):
        broken = copy.deepcopy(WHOLE)
        part = broken
        for step in at[:-1]:
            part = part[step]
        part[at[-1]] = wrong
        assert all(message.endswith(".") for message in messages(WHOLE, broken) + messages(broken, WHOLE)), at


def test_an_invalid_part_is_named():
    broken = copy.deepcopy(WHOLE)
    broken["paths"]["/claims"]["post"]["responses"] = ["200"]
    assert messages(WHOLE, broken)[0].startswith("cannot compare `responses` at /paths/~1claims/post/responses: ")
