"""Change: one entry of the change feed, with the record after it."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from enum import StrEnum

import marshmallow as ma
from marshmallow import fields

from schemas.article import Article
from schemas.base import AnyOf, OneOf, OutputSchema
from schemas.fields import BoundedList, Choice, Count, Identifier, Instant, OutputUrl
from schemas.page import LIMIT_MAX, PageInfo

Action = StrEnum("Action", ["CREATED", "UPDATED", "DELETED", "PURGED"])


class ChangePageInfo(OutputSchema):
    """The position of a page in the change feed."""

    limit = Count(required=True, minimum=1, maximum=LIMIT_MAX, description="The maximum number of changes on a page.")
    next = OutputUrl(required=True, allow_none=True, description="The URL of the next page. Null on the last page.")
    since = Count(
        required=True,
        maximum=2**63 - 1,
        description="Send this as `since` in the next request, to continue after this page.",
    )


def change_of(types: Sequence[str], claim: OneOf) -> type[ma.Schema]:
    """Build the schema of a change of an article or a claim."""
    members: dict[str, typing.Any] = {
        "sequence": Count(
            required=True,
            minimum=1,
            maximum=2**63 - 1,
            description="The sequence number of the change. Later changes have higher numbers.",
        ),
        "at": Instant(required=True, description="The time of the change."),
        "action": Choice(
            Action,
            required=True,
            extensible=True,
            description="The action. `purged` also removes the record's earlier content from the feed.",
        ),
        "type": Choice(types, required=True, extensible=True, description="The type of the record."),
        "id": Identifier(required=True),
        "version": Count(required=True, minimum=1, description="The version of the record after the change."),
        "document": AnyOf(
            Article,
            claim,
            required=True,
            allow_none=True,
            description="The record after the change. Null if it was deleted or purged.",
        ),
        "__doc__": "A change of a record.",
    }
    return _output_class("Change", members)


def change_page(change: type[ma.Schema]) -> type[ma.Schema]:
    """Build the schema of a page of the change feed."""
    members: dict[str, typing.Any] = {
        "data": BoundedList(fields.Nested(change), length_max=LIMIT_MAX, required=True),
        "page": fields.Nested(ChangePageInfo, required=True),
        "__doc__": "A page of the change feed.",
    }
    return _output_class("ChangePage", members)


def version_page(change: type[ma.Schema]) -> type[ma.Schema]:
    """Build the schema of a page of a record's history."""
    members: dict[str, typing.Any] = {
        "data": BoundedList(fields.Nested(change), length_max=LIMIT_MAX, required=True),
        "page": fields.Nested(PageInfo, required=True),
        "__doc__": "A page of a record's history, newest first.",
    }
    return _output_class("VersionPage", members)


def _output_class(name: str, members: dict[str, typing.Any]) -> type[ma.Schema]:
    return type(name, (OutputSchema,), {**members, "__module__": __name__})
