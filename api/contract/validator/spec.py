"""An OpenAPI document, with its operations by path and with validators for its schemas."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from marshmallow import ValidationError, fields

from api.contract.validator.messages import SchemaError, schema_errors
from api.kinds.query_fields import Date
from schemas.fields import Country, Edtf, Language, UnSymbol

JsonObject = dict[str, typing.Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# A validator ignores these keywords, and would read their values for each schema.
_ANNOTATIONS = frozenset({"description", "example", "examples", "summary"})


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
        # The schema is stored too: if it were deleted, another one could get its id.
        self._validators: dict[int, tuple[JsonObject, typing.Any]] = {}
        self._schemas = {name: _without_annotations(schema) for name, schema in self.schemas.items()}
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
            target: typing.Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def errors(self, schema: JsonObject, value: typing.Any) -> list[SchemaError]:
        """Return the errors of a value under a schema of this document."""
        if id(schema) not in self._validators:
            from jsonschema_rs import validator_for  # noqa: PLC0415 - commands that validate nothing start faster

            components = {"schemas": {name: self._schemas[name] for name in self._referenced_schemas(schema)}}
            whole = {"$schema": _DIALECT, **_without_annotations(schema), "components": components}
            validator = validator_for(whole, validate_formats=True, formats=_FORMATS)
            self._validators[id(schema)] = schema, validator
        _, validator = self._validators[id(schema)]
        return list(schema_errors(validator.iter_errors(value)))

    def _referenced_schemas(self, schema: JsonObject) -> set[str]:
        """Return the names of the schemas that a schema refers to, directly or not."""
        names: set[str] = set()
        queue = [schema]
        while queue:
            new_names = set(_references(queue.pop())) - names
            names |= new_names
            queue += [self._schemas[name] for name in new_names]
        return names

    def _operation(self, path: str, method: str, item: JsonObject) -> SpecOperation:
        node = item[method]
        parameters = [self.resolve(part) for part in (*item.get("parameters", []), *node.get("parameters", []))]
        return SpecOperation(
            node["operationId"],
            method.upper(),
            path,
            tuple({(parameter["in"], parameter["name"]): parameter for parameter in parameters}.values()),
            self.resolve(node.get("requestBody", {})).get("content", {}),
            {status: self.resolve(response) for status, response in node["responses"].items()},
            tuple(scope for security in node.get("security", []) for scopes in security.values() for scope in scopes),
        )


def _without_annotations(node: typing.Any) -> typing.Any:
    if isinstance(node, dict):
        return {
            # A property may be called `description`.
            name: {key: _without_annotations(schema) for key, schema in value.items()}
            if name == "properties"
            else _without_annotations(value)
            for name, value in node.items()
            if name not in _ANNOTATIONS
        }
    return [_without_annotations(item) for item in node] if isinstance(node, list) else node


def _references(node: typing.Any) -> Iterator[str]:
    """Yield the names of the schemas that a node refers to."""
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _references(item)


def _is_valid(field: fields.Field[typing.Any]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            field.deserialize(value)
        except ValidationError:
            return False
        return True

    return check


_FORMATS = {
    "edtf": _is_valid(Edtf()),
    "edtf-date": _is_valid(Date()),
    "iso-3166-1-alpha-3": _is_valid(Country()),
    "bcp47": _is_valid(Language()),
    "un-document-symbol": _is_valid(UnSymbol()),
}
