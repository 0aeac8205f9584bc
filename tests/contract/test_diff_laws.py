"""Laws of the diff, tested with generated documents: a safe change breaks nobody, also after another safe change."""

from __future__ import annotations

import copy
import functools
import operator
import os
import random

import jsonschema_rs
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.contract import snapshots
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


# --- Every change is reported. This document has every construct that the diff supports.


REF = {"$ref": "#/components/schemas/Quote"}
EVERYTHING = {
    "openapi": "3.1.1",
    "info": {
        "title": "Claims",
        "version": "1.0.0",
        "summary": "A",
        "description": "A",
        "termsOfService": "https://example.org/terms",
        "contact": {"name": "A"},
        "license": {"name": "MIT"},
    },
    "servers": [{"url": "/api", "description": "A", "x-internal": False}],
    "tags": [{"name": "claims", "description": "A"}],
    "security": [{"key": ["read"]}],
    "paths": {
        "/claims": {
            "parameters": [{"in": "header", "name": "Prefer", "required": True, "schema": {"type": "string"}}],
            "post": {
                "operationId": "createClaim",
                "summary": "A",
                "description": "A",
                "tags": ["claims"],
                "deprecated": True,
                "parameters": [
                    {"$ref": "#/components/parameters/Limit"},
                    {
                        "in": "query",
                        "name": "mode",
                        "description": "A",
                        "required": True,
                        "deprecated": True,
                        "explode": False,
                        "example": ["direct"],
                        "schema": {
                            "type": "array",
                            "items": {"type": "string", "enum": ["direct", "mixed"]},
                            "minItems": 1,
                            "maxItems": 5,
                            "uniqueItems": True,
                        },
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "title": "A",
                                "required": ["text"],
                                "properties": {
                                    "text": {
                                        "type": "string",
                                        "pattern": "^[a-z]+$",
                                        "minLength": 1,
                                        "maxLength": 9,
                                        "description": "A",
                                        "example": "a",
                                        "examples": ["a"],
                                    },
                                    "form": {"type": "string", "default": "other", "x-extensible-enum": ["other", "a"]},
                                    "day": {"type": ["string", "null"], "format": "date"},
                                    "id": {"type": "string", "readOnly": True},
                                    "new": {"type": "integer", "deprecated": True},
                                },
                                "additionalProperties": False,
                            },
                            "example": {"text": "a"},
                        },
                        "application/x-ndjson": {
                            "schema": {"allOf": [{"$ref": "#/components/schemas/Lines"}], "contentSchema": REF}
                        },
                    },
                },
                "responses": {
                    "200": {
                        "description": "A",
                        "headers": {
                            "ETag": {"required": True, "description": "A", "schema": {"type": "string"}},
                            "Link": {"$ref": "#/components/headers/Link"},
                        },
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Claim"},
                                "examples": {"one": {"summary": "A", "value": {"type": "quote"}}},
                            }
                        },
                        "links": {
                            "self": {
                                "operationId": "getClaim",
                                "parameters": {"id": "$response.body#/id"},
                                "requestBody": "$request.body",
                                "description": "A",
                            },
                            "other": {"$ref": "#/components/links/Other"},
                        },
                    },
                    "404": {"$ref": "#/components/responses/NotFound"},
                },
                "security": [{"key": ["write"]}, {}],
            },
            "get": {"responses": {"204": {"description": "A"}}},
        }
    },
    "components": {
        "schemas": {
            "Claim": {
                "oneOf": [
                    {"$ref": "#/components/schemas/KnownClaim"},
                    {
                        "type": "object",
                        "deprecated": True,
                        "properties": {"type": {"not": {"enum": ["quote"]}, "type": "string"}},
                    },
                ],
            },
            "KnownClaim": {
                "oneOf": [REF],
                "discriminator": {"propertyName": "type", "mapping": {"quote": "#/components/schemas/Quote"}},
            },
            "Quote": {
                "type": "object",
                "properties": {
                    "type": {"type": "string", "enum": ["quote"]},
                    "harm": {"type": "string", "x-extensible-enum": ["killed", "injured"]},
                    "count": {"type": "integer", "minimum": 0, "maximum": 9},
                    "secret": {"type": "string", "writeOnly": True},
                    "addressee": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "wait": {"type": "number"},
                    "more": {"type": "object", "additionalProperties": {"type": "boolean"}},
                },
                "required": ["type"],
            },
            "Lines": {"type": "string", "contentMediaType": "application/x-ndjson"},
        },
        "parameters": {"Limit": {"in": "query", "name": "limit", "schema": {"type": "integer", "default": 20}}},
        "headers": {"Link": {"schema": {"type": "string"}, "description": "A"}},
        "links": {"Other": {"operationId": "listClaims"}},
        "responses": {
            "NotFound": {
                "description": "A",
                "content": {
                    "application/problem+json": {"schema": {"type": "object"}, "example": {"code": "not_found"}}
                },
            }
        },
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A"}},
    },
}
# The number of the document's version, which changes nothing for an app.
WITHOUT_EFFECT = {("info",), ("info", "version")}
# A document may state a default value or omit it.
STATED_DEFAULTS = {"explode": True, "style": "form", "required": False, "deprecated": False}


def places(part, at=()):
    """Yield the path to every part of a document."""
    for step, child in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield (*at, step)
        yield from places(child, (*at, step))


def mutated(document, at, kind):
    """Return a document with one part that was removed or changed, or that has keywords without a rule."""
    result = copy.deepcopy(document)
    parent = functools.reduce(operator.getitem, at[:-1], result)
    value = parent[at[-1]]
    if kind == "removed":
        del parent[at[-1]]
    elif kind == "extended":
        parent[at[-1]] = {**value, "x-future": 1} if isinstance(value, dict) else [*value, "future"]
    else:
        parent[at[-1]] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}x"
    return result


def mutations(document):
    """Yield every place of a document with each kind of mutation that is possible there."""
    for at in places(document):
        part = functools.reduce(operator.getitem, at, document)
        yield from ((at, kind) for kind in ("removed", "extended" if isinstance(part, dict | list) else "changed"))


def is_reported(old, new):
    """Return whether the diff lists a change, or names a construct that it cannot compare."""
    try:
        return bool(differences(old, new))
    except ValueError:
        return True


def is_stated_default(document, at):
    return at[-1] in STATED_DEFAULTS and functools.reduce(operator.getitem, at, document) == STATED_DEFAULTS[at[-1]]


def test_every_mutation_is_reported_in_both_directions():
    every = [(at, kind, mutated(EVERYTHING, at, kind)) for at, kind in mutations(EVERYTHING)]
    assert len(every) > 400
    silent = {at for at, _, new in every if not is_reported(EVERYTHING, new) or not is_reported(new, EVERYTHING)}
    assert silent == WITHOUT_EFFECT


def test_mutations_of_the_contract_are_reported():
    contract = orjson.loads(snapshots.document())
    every = [(at, kind) for at, kind in mutations(contract) if kind != "removed" or not is_stated_default(contract, at)]
    sample = random.Random(14).sample(every, EXAMPLES // 3)
    assert [(at, kind) for at, kind in sample if not is_reported(contract, mutated(contract, at, kind))] == []
