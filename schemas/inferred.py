"""`inferred`: the names of a record's fields whose value the text does not state."""

from __future__ import annotations

import typing

import marshmallow as ma

from schemas.fields import BoundedList, Choice

# These fields do not describe the article, so they cannot be inferred from it.
_NOT_STATEMENTS = ("id", "type", "article_id", "evidence", "inferred", "text_sha256", "text_length")
_READ_ONLY = ("article", "on_record", "grounding", "text_held", "version", "created_at", "updated_at")


class Inferred(BoundedList):
    """A list of names of fields of its schema. Repeated names are dropped."""

    def __init__(self, **kwargs: typing.Any):
        super().__init__(Choice(()), length_max=50, load_default=list, **kwargs)

    def _bind_to_schema(self, field_name: str, parent: typing.Any) -> None:
        self.inner = Choice(inferable(type(parent)))
        super()._bind_to_schema(field_name, parent)

    def clean(self, values: list[typing.Any]) -> list[typing.Any]:
        return list(dict.fromkeys(values))


def inferable(schema: type[ma.Schema]) -> tuple[str, ...]:
    """Return the fields of a schema that `inferred` may name, in schema order."""
    return tuple(
        name
        for name, field in schema._declared_fields.items()
        if name not in _NOT_STATEMENTS + _READ_ONLY and not field.metadata.get("writeOnly")
    )
