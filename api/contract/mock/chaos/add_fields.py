"""add-fields: every object of an answer has a field that nobody knows, every table a column; both come first."""

from __future__ import annotations

import csv
import io
import typing

from api.contract.mock.chaos.middleware import CSV, Rewriting
from api.contract.mock.wsgi import Answered, Ask, Asked
from api.contract.validator.spec import Part

FIELD = "a_field_to_come"
_VALUE = {"of": "a later version"}
_CELL = "of a later version"


class MoreFields(Rewriting):
    """Adds to JSON, lines of JSON, problems and tables; linked data, which has its own context, is left as it is."""

    def __call__(self, asked: Asked, ask: Ask) -> Answered:
        answered = super().__call__(asked, ask)
        if answered.media_type != CSV or not answered.body:
            return answered
        rows = list(csv.reader(io.StringIO(answered.body.decode(), newline="")))
        # A row of tags has none for a column that has none.
        tagged = len(rows) > 1 and asked.value("hxl") == "true"
        firsts = [FIELD, *([""] if tagged else [])]
        firsts += [_CELL] * (len(rows) - len(firsts))
        text = io.StringIO(newline="")
        csv.writer(text).writerows([first, *row] for first, row in zip(firsts, rows, strict=True))
        return answered.holding(text.getvalue().encode())

    def rewrite(self, schema: Part, value: typing.Any) -> typing.Any:
        """The value, with a field more in each object of a shape that is open to them."""
        schema = self.meant(schema, value)
        if isinstance(value, list):
            return [self.rewrite(schema["items"], each) for each in value] if "items" in schema else value
        if not isinstance(value, dict):
            return value
        told, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        inner = {
            name: self.rewrite(told.get(name, others if isinstance(others, dict) else {}), each)
            for name, each in value.items()
        }
        # Where all names are names of one thing, such as facets, another would be one more of these.
        return {FIELD: _VALUE, **inner} if told and others is True else inner
