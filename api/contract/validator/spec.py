"""Described: an OpenAPI document, to be asked for its operations and what they take and answer."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from marshmallow import ValidationError, fields

from api.contract.validator.messages import Fault, faults
from api.kinds.parameters import Date
from schemas.values import Country, Edtf, Language, UnSymbol

Part = dict[str, typing.Any]

METHODS = ("get", "post", "put", "patch", "delete")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What a validator has no use for, and would have to read for each schema.
_TOLD = frozenset({"description", "example", "examples", "summary"})


@dataclass(frozen=True)
class Operation:
    """One operation as it is documented, its references to other parts resolved; methods are in capitals."""

    id: str
    method: str
    path: str
    parameters: tuple[Part, ...]
    content: Part
    answers: Part
    scopes: tuple[str, ...]

    def takes(self, place: str) -> dict[str, Part]:
        """The parameters in a place (query, header, path), by their names."""
        return {each["name"]: each for each in self.parameters if each["in"] == place}


class Described:
    """An OpenAPI document. Its validators are made when they are first needed."""

    def __init__(self, document: Part):
        self.document = document
        self.schemas: Part = document["components"]["schemas"]
        self.operations: dict[str, Operation] = {}
        self._paths: list[tuple[re.Pattern[str], str, dict[str, Operation]]] = []
        # With the schemas themselves, whose ids would be somebody else's if they were gone.
        self._validators: dict[int, tuple[Part, typing.Any]] = {}
        self._bare: Part = {name: _bare(schema) for name, schema in self.schemas.items()}
        # What is written out goes before what a pattern stands for.
        for path in sorted(document["paths"], key=lambda path: (path.count("{"), path)):
            item = document["paths"][path]
            there = {method.upper(): self._operation(path, method, item) for method in METHODS if method in item}
            self.operations |= {operation.id: operation for operation in there.values()}
            pattern = re.compile(re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(path)))
            self._paths.append((pattern, path, there))

    @property
    def paths(self) -> list[str]:
        """The paths there are, as templates."""
        return [path for _, path, _ in self._paths]

    def at(self, path: str) -> dict[str, Operation] | None:
        """The operations of a path by method, None where there is no such path."""
        return next((there for pattern, _, there in self._paths if pattern.fullmatch(path)), None)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a request asks for, HEAD being a GET, or None."""
        return (self.at(path) or {}).get("GET" if method == "HEAD" else method)

    def resolved(self, part: Part) -> Part:
        """A part of the document, or the one that it refers to."""
        while "$ref" in part:
            target: typing.Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            part = target
        return part

    def faults(self, schema: Part, value: typing.Any) -> list[Fault]:
        """What is wrong with a value by one of the document's own schemas."""
        if id(schema) not in self._validators:
            from jsonschema_rs import validator_for  # noqa: PLC0415 - a server that checks nothing loads no checker

            schemas = {name: self._bare[name] for name in self._referred(schema)}
            whole = {"$schema": _DIALECT, **_bare(schema), "components": {"schemas": schemas}}
            validator = validator_for(whole, validate_formats=True, formats=_FORMATS)
            self._validators[id(schema)] = schema, validator
        _, validator = self._validators[id(schema)]
        return list(faults(validator.iter_errors(value)))

    def _referred(self, schema: Part) -> set[str]:
        """The names of the schemas that a schema refers to, and that these do."""
        found: set[str] = set()
        left = [schema]
        while left:
            names = set(_references(left.pop())) - found
            found |= names
            left += [self._bare[name] for name in names]
        return found

    def _operation(self, path: str, method: str, item: Part) -> Operation:
        told = item[method]
        both = [self.resolved(part) for part in (*item.get("parameters", []), *told.get("parameters", []))]
        return Operation(
            told["operationId"],
            method.upper(),
            path,
            tuple({(part["in"], part["name"]): part for part in both}.values()),
            self.resolved(told.get("requestBody", {})).get("content", {}),
            {status: self.resolved(answer) for status, answer in told["responses"].items()},
            tuple(scope for needed in told.get("security", []) for scopes in needed.values() for scope in scopes),
        )


def _bare(part: typing.Any) -> typing.Any:
    """A schema without what only people read."""
    if isinstance(part, dict):
        return {
            # Under `properties` stand names, of which one may be `description`.
            name: {each: _bare(inner) for each, inner in value.items()} if name == "properties" else _bare(value)
            for name, value in part.items()
            if name not in _TOLD
        }
    return [_bare(inner) for inner in part] if isinstance(part, list) else part


def _references(part: typing.Any) -> Iterator[str]:
    """The names of the schemas that a part of a schema refers to."""
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.rpartition("/")[2]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _by(field: fields.Field[typing.Any]) -> Callable[[str], bool]:
    def holds(value: str) -> bool:
        try:
            field.deserialize(value)
        except ValidationError:
            return False
        return True

    return holds


_FORMATS = {
    "edtf": _by(Edtf()),
    "edtf-date": _by(Date()),
    "iso-3166-1-alpha-3": _by(Country()),
    "bcp47": _by(Language()),
    "un-document-symbol": _by(UnSymbol()),
}
