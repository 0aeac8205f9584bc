"""An OpenAPI document, with its operations by path and with validators for its schemas."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import orjson
from jsonschema_rs import Registry, validator_for
from marshmallow import ValidationError, fields

from api.contract.validator.messages import schema_errors
from api.kinds.query_fields import Date
from api.openapi.parameters import ACCEPTED_PARAMETERS
from api.openapi.responses import BY_REQUEST
from schemas.fields import Country, Edtf, Language, UnSymbol
from schemas.json_pointer import lookup

JsonObject = dict[str, typing.Any]
# The place and the message of each violation.
Violations = Iterator[tuple[str, str]]

PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"

_METHODS = ("get", "post", "put", "patch", "delete")
# The URI of the document in the registry, for references from other schemas.
_URI = "urn:openapi"


@dataclass(frozen=True)
class SpecOperation:
    """A documented operation with resolved references. `content` is that of its request body."""

    id: str
    method: str
    path: str
    parameters: tuple[JsonObject, ...]
    content: JsonObject
    responses: JsonObject
    scopes: tuple[str, ...]

    def parameters_in(self, location: str) -> dict[str, JsonObject]:
        """Return the parameters in a location (query, header, path) by name."""
        return {parameter["name"]: parameter for parameter in self.parameters if parameter["in"] == location}


class Spec:
    """An OpenAPI document. The validator of a schema is built when it is first used."""

    def __init__(self, document: JsonObject):
        self.document = document
        self.schemas: JsonObject = document["components"]["schemas"]
        self.operations: dict[str, SpecOperation] = {}
        self.paths: dict[str, dict[str, SpecOperation]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._registry = Registry([(_URI, document)])
        # The schema is stored too: if it were deleted, another one could get its id.
        self._validators: dict[int, tuple[JsonObject, typing.Any]] = {}
        # A literal path comes before a template that also matches it.
        for path in sorted(document["paths"], key=lambda path: (path.count("{"), path)):
            item = document["paths"][path]
            operations = {method.upper(): self._operation(path, method, item) for method in _METHODS if method in item}
            self.operations |= {operation.id: operation for operation in operations.values()}
            self.paths[path] = operations
            self._patterns[path] = re.compile(re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(path)))

    def operations_at(self, path: str) -> dict[str, SpecOperation]:
        """Return the operations of a path by method. The result is empty if the document has no such path."""
        return next((self.paths[name] for name, pattern in self._patterns.items() if pattern.fullmatch(path)), {})

    def operation(self, method: str, path: str) -> SpecOperation | None:
        """Return the operation of a request, or None. HEAD counts as GET."""
        return self.operations_at(path).get("GET" if method == "HEAD" else method)

    def resolve(self, node: JsonObject) -> JsonObject:
        """Return a node of the document, or the node that it refers to."""
        while "$ref" in node:
            node = lookup(self.document, node["$ref"].removeprefix("#"))
        return node

    def violations(self, place: str, schema: JsonObject, value: typing.Any) -> Violations:
        """Yield the violations of a schema of this document by a value. `place` is the place of the value."""
        if id(schema) not in self._validators:
            absolute = orjson.loads(orjson.dumps(schema).replace(b'"#/', b'"%b#/' % _URI.encode()))
            validator = validator_for(absolute, registry=self._registry, validate_formats=True, formats=_FORMATS)
            self._validators[id(schema)] = schema, validator
        _, validator = self._validators[id(schema)]
        for pointer, message in schema_errors(validator.iter_errors(value)):
            yield f"{place} {pointer}".rstrip(), message

    def _operation(self, path: str, method: str, item: JsonObject) -> SpecOperation:
        node = item[method]
        lists = item.get("parameters", []), node.get("parameters", []), node.get(ACCEPTED_PARAMETERS, [])
        parameters = [self.resolve(part) for part in chain(*lists)]
        return SpecOperation(
            node["operationId"],
            method.upper(),
            path,
            tuple({(parameter["in"], parameter["name"]): parameter for parameter in parameters}.values()),
            _with_all_content(self.resolve(node.get("requestBody", {}))).get("content", {}),
            {status: _with_all_content(self.resolve(response)) for status, response in node["responses"].items()},
            tuple(scope for security in node.get("security", []) for scopes in security.values() for scope in scopes),
        )


def _with_all_content(part: JsonObject) -> JsonObject:
    """Return a response or request body with all of its media types as content."""
    content = {**part.get("content", {}), **part.get(BY_REQUEST, {})}
    return {**part, "content": content} if content else part


def body_schema(content: JsonObject, media_type: str, *, selected: bool) -> JsonObject:
    """Return the schema of a body, or of a line of NDJSON.

    It is the schema of whole records, or of selected fields if the request had `fields`.
    """
    schema: JsonObject = content[media_type]["schema"]
    schema = schema["contentSchema"] if media_type == NDJSON else schema
    return typing.cast("JsonObject", schema["anyOf"][selected]) if "anyOf" in schema else schema


def _check(field: fields.Field[typing.Any]) -> Callable[[str], bool]:
    def is_valid(value: str) -> bool:
        try:
            field.deserialize(value)
        except ValidationError:
            return False
        return True

    return is_valid


_FORMATS = {
    "edtf": _check(Edtf()),
    "edtf-date": _check(Date()),
    "iso-3166-1-alpha-3": _check(Country()),
    "bcp47": _check(Language()),
    "un-document-symbol": _check(UnSymbol()),
}
