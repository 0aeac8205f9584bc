"""Paths, names and parameters that several endpoints share."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping

from werkzeug.routing import BaseConverter, Map

from api.http.query_params import QuerySchema
from api.kinds.kind import Collection
from api.openapi.examples import record_example
from schemas.fields import EXPORT, ID_PATTERN, RESERVED_IDS


class NoParameters(QuerySchema):
    """The parameters of an operation without any."""


def camel(name: str) -> str:
    """Return a name in the form of operation ids and schemas.

    >>> camel("casualty-reports")
    'CasualtyReports'
    """
    return "".join(part.capitalize() for part in re.split("[-_]", name))


def with_article(title: str) -> str:
    """Return a title with its article.

    >>> with_article("article"), with_article("quote")
    ('an article', 'a quote')
    """
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"


class RecordId(BaseConverter):
    """An id in a path, except the names of the views and the export of the collection."""

    def __init__(self, map: Map, *views: str):
        super().__init__(map)
        self.regex = rf"(?!(?:{'|'.join(views)})\Z)[^/]+"


def item_path(collection: Collection) -> str:
    """Return the path of a record of a collection."""
    return f"/{collection.path}/<record({', '.join(map(repr, (*collection.views, EXPORT)))}):id>"


def path_id(
    collection: Collection, example: Callable[[], Mapping[str, typing.Any]] | None = None
) -> dict[str, typing.Any]:
    """Return the documentation of the id in the path of a record. `example` returns a record other than the first."""
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": f"The id of the {collection.title}.",
        # The excluded ids are names of views.
        "schema": {
            "type": "string",
            "minLength": 3,
            "maxLength": 80,
            "pattern": ID_PATTERN,
            "not": {"enum": sorted(RESERVED_IDS)},
        },
        "example": lambda: (record_example(collection) if example is None else example())["id"],
    }
