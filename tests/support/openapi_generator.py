"""Generated OpenAPI documents with every supported keyword, edits of them, and values of their schemas."""

from __future__ import annotations

import copy

from hypothesis import strategies as st

NAMES = ("claimant", "count", "via", "mode")
WORDS = ("direct", "mixed", "indirect", "killed")
COMPONENTS = ("Party", "Span")

_bounds = st.integers(0, 6)
_enums = st.lists(st.sampled_from(WORDS), min_size=1, unique=True)
_strings = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda maximum: {"type": "string", "maxLength": maximum}, _bounds),
    st.builds(lambda minimum: {"type": "string", "minLength": minimum}, _bounds),
    st.sampled_from([{"type": "string", "pattern": "^[a-z]*$"}, {"type": ["string", "null"]}]),
    st.builds(lambda values: {"type": "string", "enum": values}, _enums),
    st.builds(lambda values: {"type": ["string", "null"], "enum": [*values, None]}, _enums),
    st.builds(lambda values: {"type": "string", "x-extensible-enum": values}, _enums),
    st.builds(lambda values: {"type": "string", "not": {"enum": values}}, _enums),
)
_numbers = st.one_of(
    st.sampled_from([{"type": "integer"}, {"type": "number"}, {"type": ["integer", "null"]}, {"type": "boolean"}]),
    st.builds(lambda maximum: {"type": "integer", "maximum": maximum}, _bounds),
    st.builds(lambda minimum: {"type": "number", "minimum": minimum}, _bounds),
)
_references = st.sampled_from(COMPONENTS).map(lambda name: {"$ref": f"#/components/schemas/{name}"})
_additional = st.sampled_from([{}, {"additionalProperties": False}, {"additionalProperties": {"type": "string"}}])


def _objects(inner):
    def build(properties, required, additional):
        present = [name for name in required if name in properties]
        return {"type": "object", "properties": properties, "required": present, **additional}

    properties = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    return st.builds(build, properties, st.lists(st.sampled_from(NAMES), unique=True), _additional)


def _composed(inner):
    return st.one_of(
        st.builds(_array, inner, _bounds, st.booleans()),
        _objects(inner),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"oneOf": parts}, st.lists(inner, min_size=1, max_size=2)),
    )


def _array(items, maximum, unique):
    return {"type": "array", "items": items, "maxItems": maximum, "uniqueItems": unique}


plain_schemas = st.recursive(_strings | _numbers, _composed, max_leaves=4)
_embedding = st.builds(lambda text, content: {"allOf": [text], "contentSchema": content}, _references, plain_schemas)
schemas = st.recursive(_strings | _numbers | _references | _embedding, _composed, max_leaves=6)
components = st.fixed_dictionaries(dict.fromkeys(COMPONENTS, plain_schemas))


def _document(request, response, components, parameters):
    return {
        "openapi": "3.1.1",
        "paths": {
            "/claims": {
                "post": {
                    "parameters": [
                        {"in": "query", "name": name, "required": required, "schema": schema}
                        for name, (schema, required) in parameters.items()
                    ],
                    "requestBody": {"content": {"application/json": {"schema": request}}},
                    "responses": {"200": {"content": {"application/json": {"schema": response}}}},
                }
            }
        },
        "components": {"schemas": components},
    }


documents = st.builds(
    _document,
    schemas,
    schemas,
    components,
    st.dictionaries(st.sampled_from(NAMES), st.tuples(_strings | _numbers, st.booleans()), max_size=2),
)


def request_schema(document):
    return document["paths"]["/claims"]["post"]["requestBody"]["content"]["application/json"]["schema"]


def response_schema(document):
    return document["paths"]["/claims"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]


def _schemas_in(schema):
    yield schema
    keywords = ("items", "additionalProperties", "contentSchema")
    for part in (*schema.get("properties", {}).values(), *map(schema.get, keywords)):
        if isinstance(part, dict):
            yield from _schemas_in(part)
    for key in ("anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from _schemas_in(part)


@st.composite
def edited(draw, document):
    """Return a document with one change, which the promise allows in most cases."""
    document = copy.deepcopy(document)
    operation = document["paths"]["/claims"]["post"]
    if draw(st.integers(0, 5)) == 0:
        name = draw(st.sampled_from(["new", *NAMES]))
        parameter = {"in": "query", "name": name, "required": draw(st.booleans()), "schema": draw(_strings)}
        others = [other for other in operation["parameters"] if other["name"] != name]
        operation["parameters"] = [*others, parameter]
        return document
    roots = [request_schema(document), response_schema(document), *document["components"]["schemas"].values()]
    schema = draw(st.sampled_from(list(_schemas_in(draw(st.sampled_from(roots))))))
    draw(st.sampled_from(_EDITS))(draw, schema)
    return document


def _raise_limits(draw, schema):
    schema |= {key: schema[key] + 1 for key in ("maxLength", "maximum", "maxItems") if key in schema}


def _lower_limits(draw, schema):
    schema |= {key: max(schema[key] - 1, 0) for key in ("maxLength", "maximum", "minLength") if key in schema}


def _add_field(draw, schema):
    if "properties" in schema:
        schema["properties"]["new"] = draw(_strings)


def _change_required(draw, schema):
    if schema.get("properties"):
        schema["required"] = draw(st.lists(st.sampled_from(list(schema["properties"])), unique=True))


def _remove_limits(draw, schema):
    for key in ("maxLength", "minLength", "pattern", "maxItems", "maximum"):
        schema.pop(key, None)


def _allow_null(draw, schema):
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]


def _change_enum(draw, schema):
    for key in {"enum", "x-extensible-enum"} & schema.keys():
        schema[key] = draw(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))


def _replace(draw, schema):
    new = draw(plain_schemas)
    schema.clear()
    schema.update(new)


_EDITS = (
    _raise_limits,
    _lower_limits,
    _add_field,
    _change_required,
    _remove_limits,
    _allow_null,
    _change_enum,
    _replace,
)


_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 8), st.sampled_from([0.5, "", "a", "abcdefgh", "A1", *WORDS, [], {}])
)


def values(schema, components):
    """Return values, most of which are valid for a schema."""
    if "$ref" in schema:
        return values(components[schema["$ref"].rpartition("/")[2]], components)
    keyword = next((key for key in _VALUES if key in schema), schema.get("type"))
    return _VALUES.get(keyword if isinstance(keyword, str) else None, lambda *_: _ANY)(schema, components)


def _of_any(keyword):
    return lambda schema, components: st.one_of([values(part, components) for part in schema[keyword]])


def _of_object(schema, components):
    fields = {name: values(part, components) for name, part in schema["properties"].items()}
    required = {name: fields[name] for name in schema["required"]}
    return st.fixed_dictionaries(required, optional={name: fields[name] for name in fields.keys() - required.keys()})


_VALUES = {
    "anyOf": _of_any("anyOf"),
    "oneOf": _of_any("oneOf"),
    "allOf": _of_any("allOf"),
    "enum": lambda schema, _: st.sampled_from(schema["enum"]),
    "array": lambda schema, components: st.lists(values(schema["items"], components), max_size=3),
    "object": _of_object,
}
