"""The feed of changes since a position, resumable at any time: /v1/changes."""

from __future__ import annotations

import typing
from functools import partial

import marshmallow as ma
import orjson
from flask import Response
from flask.views import MethodView

from api.http import urls
from api.http.context import current_store
from api.http.etags import list_etag, not_modified
from api.http.problems import InvalidParameters, Problem
from api.http.query_params import QuerySchema
from api.http.scopes import OPEN
from api.http.versions import Version
from api.kinds.collections import RECORD_TYPES
from api.kinds.query_fields import Number
from api.openapi.examples import changes_example
from api.openapi.responses import Link, cacheable_responses
from api.openapi.smorest import Blueprint
from api.store import changes, read
from api.v1.links import LATER_CHANGES
from api.v1.list_params import limit_field
from api.v1.lists import json_page
from schemas.change import epoch_field
from schemas.fields import BoundedList, Choice

_RESTORED = (
    "The database was restored from a backup, so `since` is a position of another feed. Replace your copy: begin with "
    "an export, or with since=0 and without `epoch`."
)


class ChangesParameters(QuerySchema):
    """The parameters of the feed."""

    since = Number(
        maximum=2**63 - 1,
        load_default=0,
        description="Only changes after this position: `page.since` of the last response. 0 is the start.",
    )
    epoch = epoch_field(
        "`page.epoch` of the response that `since` is from. If the database was restored from a backup since then, the "
        "response is 410."
    )
    type = BoundedList(
        Choice(RECORD_TYPES),
        length_max=len(RECORD_TYPES),
        load_default=list,
        description="Only changes of these types. Repeat for several.",
    )
    limit = limit_field()


def blueprint(version: Version, page: type[ma.Schema]) -> Blueprint:
    """Build the endpoint of the feed, with the schema of a page."""
    blp = Blueprint("changes", description="The feed of changes. Replaying it gives the stored records.")

    id_ = {"path.id": "$response.body#/data/0/id"}
    items = (
        Link("getArticle", id_, "If the first change is of an article."),
        Link("getClaim", id_, "If the first change is of a claim."),
    )

    class Changes(MethodView):
        @blp.arguments(ChangesParameters(), location="query")
        @blp.operation(
            "listChanges",
            scope=OPEN,
            responses=cacheable_responses(
                page, partial(changes_example, version.prefix), link=True, links=(LATER_CHANGES, *items)
            ),
            problems=("resync-required",),
        )
        def get(self, params: dict[str, typing.Any]) -> Response:
            """List changes, oldest first.

            To poll, set `since` to `page.since` and `epoch` to `page.epoch`, or follow `page.next`. With
            `If-None-Match` and the last ETag, the response is 304 as long as nothing changed.
            """
            with current_store().reading() as reader:
                position = read.feed_position(reader)
                if params.get("epoch", position.epoch) != position.epoch:
                    raise Problem(_RESTORED, slug="resync-required")
                etag = list_etag(position)
                if (unchanged := not_modified(etag)) is not None:
                    return unchanged
                if params["since"] > position.sequence:
                    message = f"The feed ends at {position.sequence}. This position is of another database. Start at 0."
                    raise InvalidParameters([("since", message)])
                page_changes, more = changes.since(reader, params["since"], params["limit"], params["type"])
            last = page_changes[-1].sequence if more else position.sequence
            next_ = urls.request_url(since=str(last), epoch=position.epoch) if more else None
            info = {"limit": params["limit"], "next": next_, "since": last, "epoch": position.epoch}
            return json_page(etag, {"data": list(map(to_content, page_changes)), "page": info})

    blp.add_url_rule("/changes", "changes", Changes)
    return blp


def to_content(change: changes.Change) -> dict[str, typing.Any]:
    """Return a change as a response has it, with the document of that version as stored text."""
    return {**vars(change), "document": orjson.Fragment(change.document or "null")}
