"""/v1/{collection}/{id}/versions: what a record said before, and when it was changed."""

from __future__ import annotations

import typing
from functools import partial

import marshmallow as ma
import orjson
from flask import Response
from flask.views import MethodView

from api.http import cursors
from api.http.etags import list_etag, not_modified, with_etag
from api.http.problems import InvalidParameters
from api.http.query_params import QuerySchema
from api.http.scopes import OPEN
from api.kinds.kind import Collection
from api.openapi.examples import versions_example
from api.openapi.responses import cacheable_responses
from api.openapi.smorest import Blueprint, text_response
from api.store import changes, read
from api.v1 import lists
from api.v1.changes import rendered
from api.v1.list_params import cursor_field, limit_field
from api.v1.paths import camel, item_path, path_id


class VersionsParameters(QuerySchema):
    """What a record's history can be asked."""

    limit = limit_field()
    cursor = cursor_field()


def add_to(blp: Blueprint, collection: Collection, page: type[ma.Schema]) -> None:
    """Add the histories of a collection's records, on pages of this shape."""

    class Versions(MethodView):
        @blp.arguments(VersionsParameters(), location="query")
        @blp.operation(
            f"list{camel(collection.name)}Versions",
            scope=OPEN,
            responses=cacheable_responses(page, partial(versions_example, collection), link=True),
            problems=("not-found",),
        )
        def get(self, given: dict[str, typing.Any], id: str) -> Response:
            bound_to = cursors.fingerprint("versions", collection.name, id)
            cursor = _cursor(given.get("cursor"), bound_to)
            with lists.the_store().reading() as reader:
                tag = list_etag(read.feed_position(reader))
                if (unchanged := not_modified(tag)) is not None:
                    return unchanged
                position = None if cursor is None else typing.cast("int", cursor.position[0])
                backward = cursor is not None and cursor.backward
                found, more = changes.history(reader, collection, id, given["limit"], position, backward=backward)
                if not found and cursor is None:
                    raise read.absent(reader, collection, id)
            more_before, more_after = (more, True) if backward else (cursor is not None, more)
            links = {
                "next": _link(found[-1], bound_to, backward=False) if found and more_after else None,
                "prev": _link(found[0], bound_to, backward=True) if found and more_before else None,
            }
            info = orjson.dumps({"limit": given["limit"], **links})
            body = b'{"data":[%s],"page":%s}' % (b",".join(rendered(change) for change in found), info)
            response = with_etag(text_response(body), tag)
            lists.link_header(response, links)
            return response

    Versions.get.__doc__ = (
        f"List the versions of one {collection.title}, newest first.\n\n"
        "What it said after each change, and when. A deleted record keeps its history, a purged one has none."
    )
    blp.add_url_rule(f"{item_path(collection)}/versions", "versions", Versions, parameters=[path_id(collection)])


def _cursor(text: str | None, bound_to: str) -> cursors.Cursor | None:
    try:
        return None if text is None else cursors.decode(text, bound_to, (int,))
    except cursors.InvalidCursor as error:
        raise InvalidParameters([("cursor", str(error))]) from None


def _link(change: changes.Change, bound_to: str, *, backward: bool) -> str:
    return lists.public_url(cursor=cursors.encode(cursors.Cursor((change.sequence,), backward), bound_to))
