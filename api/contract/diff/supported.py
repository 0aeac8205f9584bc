"""The constructs that can be compared: those of the OpenAPI documents of this project, as a JSON Schema."""

from __future__ import annotations

import typing

from jsonschema_rs import ValidationError, validator_for

from api.contract.diff.node import Document
from api.openapi.parameters import ACCEPTED_PARAMETERS
from api.openapi.responses import BY_REQUEST
from schemas.json_pointer import escape, to_pointer

_Schema = dict[str, typing.Any]
_ANYTHING: _Schema = {}
_BOOLEAN = {"type": "boolean"}
_STRING = {"type": "string"}
_NUMBER = {"type": "number"}
_INTEGER = {"type": "integer"}
_STRINGS = {"type": "array", "items": _STRING}


def check_supported(document: Document) -> None:
    """Raise ValueError for the first construct of a document that cannot be compared."""
    if not str(document.get("openapi", "")).startswith("3.1."):
        raise ValueError("This is not an OpenAPI 3.1 document: `openapi` must be 3.1.x.")
    # A required part is often absent because the part has another form, which is the better message.
    errors = sorted(_VALIDATOR.iter_errors(document), key=lambda error: error.kind.name != "additionalProperties")
    if errors:
        raise ValueError(_message(errors[0]))


def _message(error: ValidationError) -> str:
    pointer = to_pointer(error.instance_path)
    kind = typing.cast("typing.Any", error.kind)
    if kind.name != "additionalProperties":
        name = error.instance if isinstance(error.instance, str) else (error.instance_path or ["document"])[-1]
        return f"cannot compare `{name}` at {pointer or '/'}: {error.message}."
    name = kind.unexpected[0]
    instance = typing.cast("Document", error.instance)
    form = next((f" next to `{key}`" for key in _FORMS if key in instance and name in _FORMS["type"]["properties"]), "")
    return f"cannot compare `{name}`{form} at {pointer}/{escape(name)}."


def _object(*required: str, **properties: _Schema) -> _Schema:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "patternProperties": {"^x-": _ANYTHING},
        "additionalProperties": False,
    }


def _map(of: _Schema, names: str = "") -> _Schema:
    return {"type": "object", "patternProperties": {names: of}, "additionalProperties": False}


def _list(of: _Schema) -> _Schema:
    return {"type": "array", "items": of}


def _or_reference(of: _Schema, group: str) -> _Schema:
    return {"if": {"type": "object", "required": ["$ref"]}, "then": _reference(group), "else": of}


def _reference(group: str, **annotations: _Schema) -> _Schema:
    reference = {"type": "string", "pattern": f"^#/components/{group}/[^/]+$"}
    return _object("$ref", **{"$ref": reference}, **annotations)


_SCHEMA = {"$ref": "#/$defs/schema"}
_ANNOTATIONS = {"title": _STRING, "description": _STRING, "default": _ANYTHING, "example": _ANYTHING}
_ANNOTATIONS |= dict.fromkeys(("deprecated", "readOnly", "writeOnly"), _BOOLEAN)
_ANNOTATIONS |= {"examples": {"type": "array"}, "x-extensible-enum": {"type": "array"}}
_TYPE = {"enum": ["string", "integer", "number", "boolean", "array", "object", "null"]}
_UNION = {**_ANNOTATIONS, "discriminator": _object("propertyName", propertyName=_STRING, mapping=_map(_STRING))}
_SCHEMAS = {**_list(_SCHEMA), "minItems": 1}
# A schema has the form of the first of these keywords that it has. Without one, it allows everything.
_FORMS = {
    "$ref": _reference("schemas", **_ANNOTATIONS),
    "anyOf": _object(anyOf=_SCHEMAS, **_UNION),
    "oneOf": _object(oneOf=_SCHEMAS, **_UNION),
    "allOf": _object(
        "contentSchema",
        allOf={**_list(_reference("schemas")), "minItems": 1, "maxItems": 1},
        contentSchema=_SCHEMA,
        **_ANNOTATIONS,
    ),
    "type": _object(
        type={"if": {"type": "array"}, "then": {**_list(_TYPE), "minItems": 1}, "else": _TYPE},
        enum=_list({"type": ["string", "number", "boolean", "null"]}),
        pattern={"type": "string", "format": "regex"},
        properties=_map(_SCHEMA),
        required=_STRINGS,
        uniqueItems=_BOOLEAN,
        **{"not": _object("enum", enum=_STRINGS)},
        **dict.fromkeys(("items", "additionalProperties"), _SCHEMA),
        **dict.fromkeys(("format", "contentMediaType"), _STRING),
        **dict.fromkeys(("minimum", "maximum"), _NUMBER),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _INTEGER),
        **_ANNOTATIONS,
    ),
}


def _schema() -> _Schema:
    form: _Schema = _object(**_ANNOTATIONS)
    for keyword, schema in reversed(_FORMS.items()):
        form = {"if": {"required": [keyword]}, "then": schema, "else": form}
    return {"if": _BOOLEAN, "else": {"type": "object", **form}}


_EXAMPLES = _map(_object(summary=_STRING, value=_ANYTHING))
_MEDIA_TYPES = _map(_object("schema", schema=_SCHEMA, example=_ANYTHING, examples=_EXAMPLES))
_PARAMETER = _object(
    "in",
    "name",
    "schema",
    **{"in": {"enum": ["query", "path", "header"]}},
    **dict.fromkeys(("name", "description"), _STRING),
    **dict.fromkeys(("required", "deprecated", "explode"), _BOOLEAN),
    style={"const": "form"},
    schema=_SCHEMA,
    example=_ANYTHING,
)
_HEADER = _object("schema", required=_BOOLEAN, schema=_SCHEMA, description=_STRING)
_HEADERS = _map(_or_reference(_HEADER, "headers"))
_LINK = _object(
    "operationId", operationId=_STRING, parameters=_map(_ANYTHING), requestBody=_ANYTHING, description=_STRING
)
_LINKS = _map(_or_reference(_LINK, "links"))
_RESPONSE = _object(
    headers=_HEADERS,
    links=_LINKS,
    description=_STRING,
    **dict.fromkeys(("content", BY_REQUEST), _MEDIA_TYPES),
)
_PARAMETERS = _list(_or_reference(_PARAMETER, "parameters"))
_SECURITY = _list(_map(_STRINGS))
_OPERATION = _object(
    "responses",
    **dict.fromkeys(("operationId", "summary", "description"), _STRING),
    tags=_STRINGS,
    deprecated=_BOOLEAN,
    **dict.fromkeys(("parameters", ACCEPTED_PARAMETERS), _PARAMETERS),
    requestBody=_object("content", required=_BOOLEAN, **dict.fromkeys(("content", BY_REQUEST), _MEDIA_TYPES)),
    responses=_map(_or_reference(_RESPONSE, "responses"), "^[1-5][0-9]{2}$"),
    security=_SECURITY,
)
METHODS = ("get", "put", "post", "delete", "patch")
_VALIDATOR = validator_for(
    {
        **_object(
            "openapi",
            "paths",
            openapi=_STRING,
            info=_object(
                **dict.fromkeys(("title", "version", "summary", "description", "termsOfService"), _STRING),
                **{key: {"type": "object"} for key in ("contact", "license")},
            ),
            servers=_list(_object("url", url=_STRING, description=_STRING)),
            tags=_list(_ANYTHING),
            security=_SECURITY,
            paths=_map(_object(parameters=_PARAMETERS, **dict.fromkeys(METHODS, _OPERATION))),
            components=_object(
                schemas=_map(_SCHEMA),
                parameters=_map(_PARAMETER),
                headers=_map(_HEADER),
                links=_map(_LINK),
                responses=_map(_RESPONSE),
                securitySchemes=_map({"type": "object"}),
            ),
        ),
        "$defs": {"schema": _schema()},
    },
    validate_formats=True,
    mask="value",
)
