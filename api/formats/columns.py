"""Columns: a table with one row for each record and one column for each leaf field of the schema.

The columns follow only from the schema, not from the records, so that rows can be streamed.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from marshmallow import fields

from api.formats import hxl
from api.kinds.kind import Collection
from schemas import edtf
from schemas.base import OneOf
from schemas.documents import Fields
from schemas.fields import Edtf

Field = fields.Field[typing.Any]


@dataclass(frozen=True)
class Column:
    """A leaf field at a path. If `bound` is set, its value is the first or last day of the date.

    `tag` is its HXL tag. The value of each field in `tagged_by` is added to it if it is equal in all rows.
    """

    path: tuple[str, ...]
    tag: str
    by_type: str
    tagged_by: tuple[str, ...] = ()
    bound: str | None = None

    @property
    def name(self) -> str:
        return ".".join((*self.path, *([self.bound] if self.bound else [])))

    def value(self, record: Fields) -> typing.Any:
        """Return the value of a record, which is a list if the path has a list."""
        value = _follow(record, self.path)
        return value if self.bound is None or value is None else getattr(edtf.days(value), self.bound)


@lru_cache(maxsize=64)
def columns_of(collection: Collection) -> tuple[Column, ...]:
    """Return the columns of a collection, in field order. All claims have the columns of every kind."""
    item: typing.Any = collection.item
    schemas = tuple(item.schemas.values()) if isinstance(item, OneOf) else (item.nested,)
    columns: dict[str, Column] = {}
    for name in collection.fields:
        for schema in schemas:
            if name in schema._declared_fields:
                for column in _columns(schema._declared_fields[name], (name,)):
                    first = columns.setdefault(column.name, column)
                    if first.tag != column.tag:
                        columns[column.name] = replace(first, tag=first.by_type, tagged_by=())
    return tuple(columns.values())


def _columns(field: Field, path: tuple[str, ...], *, in_list: bool = False) -> Iterator[Column]:
    if isinstance(field, fields.List):
        field, in_list = field.inner, True
    if isinstance(field, fields.Nested):
        schema: typing.Any = field.nested
        for name, inner in schema._declared_fields.items():
            yield from _columns(inner, (*path, name), in_list=in_list)
        return
    tag, by_type = hxl.tag(field, path, in_list=in_list), hxl.by_type(field, path, in_list=in_list)
    column = Column(path, tag, by_type, field.metadata.get("hxl_with", ()))
    yield column
    if isinstance(field, Edtf):
        for bound, tag in hxl.bounds(path, in_list=in_list).items():
            yield replace(column, tag=tag, by_type=tag, bound=bound)


def _follow(value: typing.Any, path: tuple[str, ...]) -> typing.Any:
    for depth, name in enumerate(path):
        if isinstance(value, list):
            return [_follow(item, path[depth:]) for item in value]
        if value is None:
            return None
        value = value.get(name)
    return value
