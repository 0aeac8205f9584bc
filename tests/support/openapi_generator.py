"""Small OpenAPI documents of every shape, edits of them, and values that keep to their schemas."""

from __future__ import annotations

import copy

from hypothesis import strategies as st

NAMES = ("claimant", "count", "via", "mode")
WORDS = ("direct", "mixed", "indirect", "killed")
COMPONENTS = ("Party", "Span")

_bounds = st.integers(0, 6)
_strings = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda most: {"type": "string", "maxLength": most}, _bounds),
    st.builds(lambda least: {"type": "string", "minLength": least}, _bounds),
    st.sampled_from([{"type": "string", "pattern": "^[a-z]*$"}, {"type": ["string", "null"]}, {"const": "direct"}]),
    st.builds(lambda words: {"enum": words}, st.lists(st.sampled_from(WORDS), min_size=1, unique=True)),
    st.builds(
        lambda words: {"type": "string", "x-extensible-enum": words},
        st.lists(st.sampled_from(WORDS), min_size=1, unique=True),
    ),
    st.builds(
        lambda words: {"type": "string", "not": {"enum": words}},
        st.lists(st.sampled_from(WORDS), min_size=1, unique=True),
    ),
)
_numbers = st.one_of(
    st.sampled_from([{"type": "integer"}, {"type": "number"}, {"type": ["integer", "null"]}, {"type": "boolean"}]),
    st.builds(lambda most: {"type": "integer", "maximum": most}, _bounds),
    st.builds(lambda least: {"type": "number", "minimum": least}, _bounds),
)
_references = st.sampled_from(COMPONENTS).map(lambda name: {"$ref": f"#/components/schemas/{name}"})
_open = st.sampled_from([{}, {"additionalProperties": False}, {"additionalProperties": {"type": "string"}}])


def _objects(inner):
    def made(properties, required, more):
        needed = [name for name in required if name in properties]
        return {"type": "object", "properties": properties, "required": needed, **more}

    properties = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    return st.builds(made, properties, st.lists(st.sampled_from(NAMES), unique=True), _open)


def _composed(inner):
    return st.one_of(
        st.builds(lambda items, most: {"type": "array", "items": items, "maxItems": most}, inner, _bounds),
        _objects(inner),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"oneOf": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda parts: {"allOf": parts}, st.lists(_objects(inner), min_size=1, max_size=2)),
    )


plain_schemas = st.recursive(_strings | _numbers, _composed, max_leaves=4)
schemas = st.recursive(_strings | _numbers | _references, _composed, max_leaves=6)
components = st.fixed_dictionaries(dict.fromkeys(COMPONENTS, plain_schemas))


def _document(sent, answered, shapes, parameters):
    return {
        "openapi": "3.1.1",
        "paths": {
            "/claims": {
                "post": {
                    "parameters": [
                        {"in": "query", "name": name, "required": needed, "schema": schema}
                        for name, (schema, needed) in parameters.items()
                    ],
                    "requestBody": {"content": {"application/json": {"schema": sent}}},
                    "responses": {"200": {"content": {"application/json": {"schema": answered}}}},
                }
            }
        },
        "components": {"schemas": shapes},
    }


documents = st.builds(
    _document,
    schemas,
    schemas,
    components,
    st.dictionaries(st.sampled_from(NAMES), st.tuples(_strings | _numbers, st.booleans()), max_size=2),
)


def sent(document):
    return document["paths"]["/claims"]["post"]["requestBody"]["content"]["application/json"]["schema"]


def answered(document):
    return document["paths"]["/claims"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]


def _schemas_in(schema):
    yield schema
    for part in (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            yield from _schemas_in(part)
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, ()):
            yield from _schemas_in(part)


@st.composite
def edited(draw, document):
    """A document in which one thing was changed, most often in a way that the promise allows."""
    document = copy.deepcopy(document)
    operation = document["paths"]["/claims"]["post"]
    if draw(st.integers(0, 5)) == 0:
        name = draw(st.sampled_from(["new", *NAMES]))
        parameter = {"in": "query", "name": name, "required": draw(st.booleans()), "schema": draw(_strings)}
        others = [each for each in operation["parameters"] if each["name"] != name]
        operation["parameters"] = [*others, parameter]
        return document
    roots = [sent(document), answered(document), *document["components"]["schemas"].values()]
    schema = draw(st.sampled_from(list(_schemas_in(draw(st.sampled_from(roots))))))
    draw(st.sampled_from(_EDITS))(draw, schema)
    return document


def _more(draw, schema):
    schema |= {key: schema[key] + 1 for key in ("maxLength", "maximum", "maxItems") if key in schema}


def _fewer(draw, schema):
    schema |= {key: max(schema[key] - 1, 0) for key in ("maxLength", "maximum", "minLength") if key in schema}


def _new_field(draw, schema):
    if "properties" in schema:
        schema["properties"]["new"] = draw(_strings)


def _other_needs(draw, schema):
    if schema.get("properties"):
        schema["required"] = draw(st.lists(st.sampled_from(list(schema["properties"])), unique=True))


def _wider(draw, schema):
    for key in ("maxLength", "minLength", "pattern", "maxItems", "maximum"):
        schema.pop(key, None)


def _null(draw, schema):
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]


def _other_words(draw, schema):
    for key in {"enum", "x-extensible-enum"} & schema.keys():
        schema[key] = draw(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))


def _another(draw, schema):
    new = draw(plain_schemas)
    schema.clear()
    schema.update(new)


_EDITS = (_more, _fewer, _new_field, _other_needs, _wider, _null, _other_words, _another)


_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 8), st.sampled_from([0.5, "", "a", "abcdefgh", "A1", *WORDS, [], {}])
)


def values(schema, shapes):
    """Values that keep to a schema, or nearly."""
    if "$ref" in schema:
        return values(shapes[schema["$ref"].rpartition("/")[2]], shapes)
    keyword = next((key for key in _VALUES if key in schema), schema.get("type"))
    return _VALUES.get(keyword if isinstance(keyword, str) else None, lambda *_: _ANY)(schema, shapes)


def _of_any(keyword):
    return lambda schema, shapes: st.one_of([values(part, shapes) for part in schema[keyword]])


def _of_all(schema, shapes):
    objects = st.tuples(*(values(part, shapes) for part in schema["allOf"]))
    return objects.map(lambda parts: {name: part[name] for part in parts if isinstance(part, dict) for name in part})


def _of_object(schema, shapes):
    fields = {name: values(part, shapes) for name, part in schema["properties"].items()}
    needed = {name: fields[name] for name in schema["required"]}
    return st.fixed_dictionaries(needed, optional={name: fields[name] for name in fields.keys() - needed.keys()})


_VALUES = {
    "anyOf": _of_any("anyOf"),
    "oneOf": _of_any("oneOf"),
    "allOf": _of_all,
    "enum": lambda schema, _: st.sampled_from(schema["enum"]),
    "const": lambda schema, _: st.just(schema["const"]),
    "array": lambda schema, shapes: st.lists(values(schema["items"], shapes), max_size=3),
    "object": _of_object,
}
