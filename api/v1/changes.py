"""/v1/changes: what changed since, in order, for ever resumable."""

from __future__ import annotations

import typing
from functools import partial

import marshmallow as ma
import orjson
from flask import Response
from flask.views import MethodView

from api.http.etags import list_etag, not_modified, with_etag
from api.http.problems import InvalidParameters
from api.http.query_params import QuerySchema
from api.http.scopes import OPEN
from api.http.versions import Version
from api.kinds.collections import RECORD_TYPES
from api.kinds.query_fields import Number
from api.openapi.examples import changes_example
from api.openapi.responses import cacheable_responses
from api.openapi.smorest import Blueprint, text_response
from api.store import changes, read
from api.v1 import lists
from api.v1.list_params import limit_field
from schemas.change import change_page
from schemas.fields import BoundedList, Choice


class ChangesParameters(QuerySchema):
    """What the feed can be asked."""

    since = Number(
        maximum=2**63 - 1,
        load_default=0,
        metadata={"description": "Only what came after this: `page.since` of the answer before; 0 is the beginning."},
    )
    type = BoundedList(
        Choice(RECORD_TYPES),
        length_max=len(RECORD_TYPES),
        load_default=list,
        metadata={"description": "Only changes of these types. Repeat for several."},
    )
    limit = limit_field()


def blueprint(version: Version, change: type[ma.Schema]) -> Blueprint:
    """The feed of changes of this shape."""
    blp = Blueprint("changes", description="The feed of changes: replaying it gives what is on record.")

    class Changes(MethodView):
        @blp.arguments(ChangesParameters(), location="query")
        @blp.operation(
            "listChanges",
            scope=OPEN,
            responses=cacheable_responses(change_page(change), partial(changes_example, version.prefix), link=True),
        )
        def get(self, given: dict[str, typing.Any]) -> Response:
            """List what changed, oldest first.

            Ask again with `since` set to `page.since`, or follow `page.next`; with the ETag of the last answer,
            asking again costs a 304 as long as nothing changed.
            """
            with lists.the_store().reading() as reader:
                moment = read.feed_position(reader)
                tag = list_etag(moment)
                if (unchanged := not_modified(tag)) is not None:
                    return unchanged
                if given["since"] > moment.sequence:
                    reason = f"The feed ends at {moment.sequence}: this token is another database's. Begin again at 0."
                    raise InvalidParameters([("since", reason)])
                told, more = changes.since(reader, given["since"], given["limit"], given["type"])
            reached = told[-1].sequence if more else moment.sequence
            next_ = lists.public_url(since=str(reached)) if more else None
            page = orjson.dumps({"limit": given["limit"], "next": next_, "since": reached})
            body = b'{"data":[%s],"page":%s}' % (b",".join(rendered(each) for each in told), page)
            response = with_etag(text_response(body), tag)
            lists.link_header(response, {"next": next_})
            return response

    blp.add_url_rule("/changes", "changes", Changes)
    return blp


def rendered(change: changes.Change) -> bytes:
    """A change with its document as it stood then."""
    head = orjson.dumps(
        {
            "sequence": change.sequence,
            "at": change.at,
            "action": change.action,
            "type": change.type,
            "id": change.id,
            "version": change.version,
        }
    )
    return b'%s,"document":%s}' % (head[:-1], (change.document or "null").encode())
