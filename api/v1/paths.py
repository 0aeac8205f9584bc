"""Names and parameters that the endpoints of version 1 share."""

from __future__ import annotations

import re
import typing

from werkzeug.routing import BaseConverter, Map

from api.http.query_params import QuerySchema
from api.kinds.kind import Collection
from api.openapi.examples import record_example
from schemas.fields import ID_PATTERN, RESERVED_IDS


class NoParameters(QuerySchema):
    """None at all."""


def camel(name: str) -> str:
    """A name as operations and schemas have it.

    >>> camel("casualty-reports")
    'CasualtyReports'
    """
    return "".join(part.capitalize() for part in re.split("[-_]", name))


def with_article(title: str) -> str:
    """A title behind its article.

    >>> a("article"), a("quote")
    ('an article', 'a quote')
    """
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"


class RecordId(BaseConverter):
    """An id in a path, but none of these words, which are views beside the records: no method of a record is theirs."""

    def __init__(self, map: Map, *views: str):
        super().__init__(map)
        self.regex = rf"(?!(?:{'|'.join(views)})\Z)[^/]+"


def item_path(collection: Collection) -> str:
    """The path of a record of a collection."""
    converter = f"record({', '.join(map(repr, collection.views))}):" if collection.views else ""
    return f"/{collection.path}/<{converter}id>"


def path_id(collection: Collection) -> dict[str, typing.Any]:
    """The documentation of the id in a record's path."""
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": f"The {collection.title}'s id.",
        # Under these are the views.
        "schema": {
            "type": "string",
            "minLength": 3,
            "maxLength": 80,
            "pattern": ID_PATTERN,
            "not": {"enum": sorted(RESERVED_IDS)},
        },
        "example": lambda: record_example(collection)["id"],
    }
