"""Chaos that changes JSON bodies by their schemas, and add-fields, which adds a field to each object."""

from __future__ import annotations

import csv
import io
import typing
from dataclasses import dataclass

import orjson
from werkzeug.wrappers import Request, Response

from api.contract.mock.handlers import Handler
from api.contract.validator.spec import NDJSON, PROBLEM, JsonObject, Spec, SpecOperation, body_schema

JSON, CSV, _JSON_LD = "application/json", "text/csv", "application/ld+json"

FIELD = "a_field_to_come"
_VALUE = {"of": "a later version"}
_CELL = "of a later version"


@dataclass(frozen=True)
class Context:
    """The document, the base URL of the mock, and the names of all active kinds of chaos."""

    spec: Spec
    base_url: str
    names: frozenset[str]

    def operation(self, request: Request) -> SpecOperation | None:
        """Return the operation of a request."""
        return self.spec.operation(request.method, request.path)


class BodyRewriter:
    """A handler that changes the JSON body of another one, or each line of its NDJSON, by its schema."""

    def __init__(self, context: Context, handler: Handler):
        self.context, self.spec = context, context.spec
        self.handler = handler

    def __call__(self, request: Request) -> Response:
        response = self.handler(request)
        body, schema = response.get_data(), self._schema(request, response)
        if body and schema is not None:
            if response.mimetype == NDJSON:
                lines = [self.rewrite(schema, orjson.loads(line)) for line in body.splitlines()]
                response.set_data(b"".join(b"%s\n" % orjson.dumps(line) for line in lines))
            else:
                response.set_data(orjson.dumps(self.rewrite(schema, orjson.loads(body))))
        return response

    def rewrite(self, schema: JsonObject, value: typing.Any) -> typing.Any:
        """Return the changed value of a schema."""
        raise NotImplementedError

    def _schema(self, request: Request, response: Response) -> JsonObject | None:
        """Return the schema of a JSON body or of an NDJSON line. Return None for other media types and for JSON-LD."""
        operation, media_type = self.context.operation(request), response.mimetype or ""
        if operation is None or media_type == _JSON_LD or not (response.is_json or media_type == NDJSON):
            return None
        if media_type == PROBLEM:
            return typing.cast("JsonObject", self.spec.schemas["Problem"])
        content = operation.responses.get(str(response.status_code), {}).get("content", {})
        return body_schema(content, media_type, selected="fields" in request.args) if media_type in content else None

    def resolve(self, schema: JsonObject, value: typing.Any) -> JsonObject:
        """Return the schema that applies to a value: follow references, and choose between alternatives."""
        schema = self.spec.resolve(schema)
        for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            if not any(self.spec.violations("", branch, value)):
                return self.resolve(branch, value)
        return schema


class AddFields(BodyRewriter):
    """Adds an unknown field to each object in a response, and an unknown column to each table. Both come first.

    It changes JSON, NDJSON, problems and CSV. It does not change JSON-LD, which has its own context.
    """

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        if response.mimetype == CSV and (body := response.get_data()):
            rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
            # A column without an HXL tag has an empty cell in the row of tags.
            has_tags = len(rows) > 1 and request.args.get("hxl") == "true"
            cells = [FIELD, *([""] if has_tags else [])]
            cells += [_CELL] * (len(rows) - len(cells))
            text = io.StringIO(newline="")
            csv.writer(text).writerows([cell, *row] for cell, row in zip(cells, rows, strict=True))
            response.set_data(text.getvalue())
        return response

    def rewrite(self, schema: JsonObject, value: typing.Any) -> typing.Any:
        """Return the value with a new field in each object that may get one."""
        schema = self.resolve(schema, value)
        if isinstance(value, list):
            return [self.rewrite(schema["items"], item) for item in value] if "items" in schema else value
        if not isinstance(value, dict):
            return value
        properties, additional = schema.get("properties", {}), schema.get("additionalProperties", True)
        default = additional if isinstance(additional, dict) else {}
        changed = {name: self.rewrite(properties.get(name, default), field) for name, field in value.items()}
        # In a map, such as that of facets, a new name would be a new entry.
        return {FIELD: _VALUE, **changed} if properties and additional is True else changed
