"""Columns: a record as one row of a table, a column for each leaf of its shape.

Which columns there are follows from the shape alone, never from the records, so that rows can be written as they come.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from marshmallow import fields

from api.formats import hxl
from api.kinds.kind import Collection
from schemas import edtf
from schemas.base import OneOf
from schemas.fields import Edtf

Field = fields.Field[typing.Any]


@dataclass(frozen=True)
class Column:
    """One leaf: `path` leads to it, `bound` is the first or last day that a date there allows.

    `tag` is its HXL tag. The value of each field in `tagged_by` is added to it if all rows have the same.
    """

    path: tuple[str, ...]
    tag: str
    by_type: str
    tagged_by: tuple[str, ...] = ()
    bound: str | None = None

    @property
    def name(self) -> str:
        return ".".join((*self.path, *([self.bound] if self.bound else [])))

    def value(self, record: Mapping[str, typing.Any]) -> typing.Any:
        """What a record has there; a list where the path leads through one."""
        found = _follow(record, self.path)
        return found if self.bound is None or found is None else getattr(edtf.days(found), self.bound)


@lru_cache(maxsize=64)
def columns_of(collection: Collection) -> tuple[Column, ...]:
    """The columns of a collection's records in the order of their fields; of claims of all kinds, of any kind's."""
    item: typing.Any = collection.item
    shapes = tuple(item.schemas.values()) if isinstance(item, OneOf) else (item.nested,)
    found: dict[str, Column] = {}
    for name in collection.fields:
        for shape in shapes:
            if name in shape._declared_fields:
                for column in _columns(shape._declared_fields[name], (name,)):
                    known = found.setdefault(column.name, column)
                    if known.tag != column.tag:
                        found[column.name] = replace(known, tag=known.by_type, tagged_by=())
    return tuple(found.values())


def _columns(field: Field, path: tuple[str, ...], *, in_list: bool = False) -> Iterator[Column]:
    if isinstance(field, fields.List):
        field, in_list = field.inner, True
    if isinstance(field, fields.Nested):
        shape: typing.Any = field.nested
        for name, inner in shape._declared_fields.items():
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
            return [_follow(each, path[depth:]) for each in value]
        if value is None:
            return None
        value = value.get(name)
    return value
