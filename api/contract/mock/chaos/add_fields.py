"""add-fields: each object in a response has an unknown field, each table an unknown column. Both come first."""

from __future__ import annotations

import csv
import io
import typing

from werkzeug.wrappers import Request, Response

from api.contract.mock.chaos.middleware import CSV, BodyRewriter
from api.contract.mock.wsgi import Handler
from api.contract.validator.spec import JsonObject

FIELD = "a_field_to_come"
_VALUE = {"of": "a later version"}
_CELL = "of a later version"


class AddFields(BodyRewriter):
    """Changes JSON, NDJSON, problems and CSV. It does not change JSON-LD, which has its own context."""

    def __call__(self, request: Request, handler: Handler) -> Response:
        response = super().__call__(request, handler)
        body = response.get_data()
        if response.mimetype == CSV and body:
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
