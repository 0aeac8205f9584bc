"""Change: one entry of the feed, a record as it stood after it was put, changed, deleted or purged."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import marshmallow as ma
from marshmallow import fields

from schemas.article import Article
from schemas.base import AnyOf, OneOf
from schemas.fields import Address, BoundedList, Choice, Count, Identifier, Instant
from schemas.page import LIMIT_MAX, PageInfo

ACTIONS = ("created", "updated", "deleted", "purged")


class ChangePageInfo(ma.Schema):
    """Where this page stands in the feed."""

    limit = Count(required=True, least=1, most=LIMIT_MAX, metadata={"description": "The most changes a page holds."})
    next = Address(
        required=True,
        allow_none=True,
        metadata={"description": "The changes after these, null when this page reaches the present."},
    )
    since = Count(
        required=True,
        most=2**63 - 1,
        metadata={"description": "The token to ask with next time: all up to it has been told."},
    )

    class Meta:
        unknown = ma.EXCLUDE


def change_of(types: Sequence[str], claim: OneOf) -> type[ma.Schema]:
    """The shape of a change of one of these types, which holds an article or such a claim."""
    members: dict[str, typing.Any] = {
        "sequence": Count(
            required=True,
            least=1,
            most=2**63 - 1,
            metadata={"description": "Its number: later changes have higher ones."},
        ),
        "at": Instant(required=True, metadata={"description": "When it was made."}),
        "action": Choice(
            ACTIONS,
            required=True,
            extensible=True,
            metadata={"description": "What was done; what was purged is nowhere any more, not even in this feed."},
        ),
        "type": Choice(types, required=True, extensible=True, metadata={"description": "What it was done to."}),
        "id": Identifier(required=True),
        "version": Count(required=True, least=1, metadata={"description": "The version that it made."}),
        "document": AnyOf(
            Article,
            claim,
            required=True,
            allow_none=True,
            metadata={"description": "The record as it stood then; null where it was taken off the record."},
        ),
        "__doc__": "A change of one record.",
    }
    return _tolerant("Change", members)


def change_page(change: type[ma.Schema]) -> type[ma.Schema]:
    """The shape of a page of the feed."""
    members: dict[str, typing.Any] = {
        "data": BoundedList(fields.Nested(change), most=LIMIT_MAX, required=True),
        "page": fields.Nested(ChangePageInfo, required=True),
        "__doc__": "A page of the feed.",
    }
    return _tolerant("ChangePage", members)


def version_page(change: type[ma.Schema]) -> type[ma.Schema]:
    """The shape of a page of a record's history."""
    members: dict[str, typing.Any] = {
        "data": BoundedList(fields.Nested(change), most=LIMIT_MAX, required=True),
        "page": fields.Nested(PageInfo, required=True),
        "__doc__": "A page of a record's history, newest first.",
    }
    return _tolerant("VersionPage", members)


def _tolerant(name: str, members: dict[str, typing.Any]) -> type[ma.Schema]:
    meta = type("Meta", (), {"unknown": ma.EXCLUDE})
    return type(name, (ma.Schema,), {**members, "Meta": meta, "__module__": __name__})
