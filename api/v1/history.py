"""The versions of a record, newest first: /v1/{collection}/{id}/versions."""

from __future__ import annotations

import typing
from functools import partial

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.http import cursors
from api.http.context import current_store
from api.http.etags import list_etag, not_modified
from api.http.query_params import QuerySchema
from api.http.scopes import OPEN
from api.kinds.kind import Collection
from api.openapi.examples import versions_example
from api.openapi.responses import cacheable_responses
from api.openapi.smorest import Blueprint
from api.store import changes, read
from api.v1.changes import to_content
from api.v1.links import REQUESTED_ID, to_record
from api.v1.list_params import cursor_field, limit_field, read_cursor
from api.v1.lists import json_page, page_links
from api.v1.paths import camel, item_path, path_id


class VersionsParameters(QuerySchema):
    """The parameters of a history."""

    limit = limit_field()
    cursor = cursor_field()


def add_endpoint(blp: Blueprint, collection: Collection, page: type[ma.Schema]) -> None:
    """Add the histories of the records of a collection, with the schema of their pages."""

    class Versions(MethodView):
        @blp.arguments(VersionsParameters(), location="query")
        @blp.operation(
            f"list{camel(collection.name)}Versions",
            scope=OPEN,
            responses=cacheable_responses(
                page,
                partial(versions_example, collection),
                link=True,
                links=to_record(collection, REQUESTED_ID, "$response.body#/data/0/document/article_id"),
            ),
            problems=("not-found",),
        )
        def get(self, params: dict[str, typing.Any], id: str) -> Response:
            cursor_key = cursors.fingerprint("versions", collection.name, id)
            position, backward = read_cursor(params, cursor_key, (int,))
            with current_store().reading() as reader:
                etag = list_etag(read.feed_position(reader))
                if (unchanged := not_modified(etag)) is not None:
                    return unchanged
                versions, more = changes.history(
                    reader, collection, id, params["limit"], position[0] if position else None, backward=backward
                )
                if not versions and position is None:
                    raise read.absent(reader, collection, id)
            more_before, more_after = (more, True) if backward else (position is not None, more)
            positions = [(version.sequence,) for version in versions]
            links = page_links(cursor_key, positions, more_before=more_before, more_after=more_after)
            page = {"limit": params["limit"], **links}
            return json_page(etag, {"data": list(map(to_content, versions)), "page": page})

    Versions.get.__doc__ = (
        f"List the versions of one {collection.title}, newest first.\n\n"
        "Returns the record after each change. A deleted record keeps its versions, a purged one does not. A moved "
        "claim loses the versions of a purged article. They have the action `purged`, and no document."
    )
    blp.add_url_rule(f"{item_path(collection)}/versions", "versions", Versions, parameters=[path_id(collection)])
