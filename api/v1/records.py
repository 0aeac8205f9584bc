"""What every collection has: its list, its items, their histories and, of one type of record, the writing of it."""

from __future__ import annotations

import typing
from functools import partial

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.http.negotiation import JSON_LD
from api.http.query_params import QuerySchema
from api.http.scopes import OPEN
from api.http.versions import Version
from api.kinds.kind import Collection
from api.kinds.query_fields import Names
from api.openapi.examples import linked_data_example, page_example, record_example
from api.openapi.responses import ResponseDoc, cacheable_responses
from api.openapi.smorest import Blueprint
from api.v1 import editing, exports, history, lists
from api.v1.list_params import ListParams
from api.v1.paths import NoParameters, camel, item_path, path_id
from schemas.base import schema_of
from schemas.fields import URL_MAX
from schemas.page import selection_or


class _ItemParameters(QuerySchema):
    include = Names(("article",), metadata={"description": "Also put the claim's article into it, as `article`."})


def _linked(version: Version, collection: Collection) -> ResponseDoc:
    shape = {
        "type": "object",
        "description": "schema.org's word for it, with a context that maps every name in it.",
        "properties": {
            "@context": {"type": "object"},
            "@id": {"type": "string", "format": "uri", "maxLength": URL_MAX},
            "@type": {},
        },
        "required": ["@context", "@id", "@type"],
    }
    return ResponseDoc(
        200, shape, partial(linked_data_example, collection, version.prefix), headers=("ETag",), media_type=JSON_LD
    )


def blueprint_of(
    version: Version, collection: Collection, page: type[ma.Schema], versions_page: type[ma.Schema]
) -> Blueprint:
    """A collection under its path: list, items, histories, on pages of these shapes; and the writing of it."""
    blp = Blueprint(collection.path, description=collection.doc)
    asking = ListParams(version, collection, collection.default_sort)
    name = camel(collection.name)
    plural = camel(collection.path)
    item_parameters = _ItemParameters() if collection.of_claims else NoParameters()

    class Many(MethodView):
        @blp.arguments(asking.schema, location="query")
        @blp.operation(
            f"list{plural}",
            scope=OPEN,
            responses=(
                *cacheable_responses(selection_or(page), partial(page_example, collection), link=True),
                *exports.answers(collection),
            ),
            cost=exports.cost,
        )
        def get(self, given: dict[str, typing.Any]) -> Response:
            return exports.listed(asking, given)

    class One(MethodView):
        @blp.arguments(item_parameters, location="query")
        @blp.operation(
            f"get{name}",
            scope=OPEN,
            responses=(
                *cacheable_responses(schema_of(collection.item), partial(record_example, collection)),
                _linked(version, collection),
            ),
            problems=("not-found", "gone"),
        )
        def get(self, given: dict[str, typing.Any], id: str) -> Response:
            return lists.item(collection, id, include_article="article" in given.get("include", ()))

    Many.get.__doc__ = (
        f"List {collection.path.replace('-', ' ')}.\n\n"
        f"What matches all filters, by default in the order `{collection.default_sort}`, a page at a time: follow "
        "`page.next` until it is null. As `text/csv` or `application/x-ndjson`, all of it at once."
    )
    One.get.__doc__ = (
        f"Get one {collection.title}.\n\n"
        "The record as it stands now, or a 410 where it was deleted. As `application/ld+json`, in the words of "
        "schema.org."
    )
    blp.add_url_rule(f"/{collection.path}", "many", Many)
    blp.add_url_rule(item_path(collection), "one", One, parameters=[path_id(collection)])
    history.add_to(blp, collection, versions_page)
    if collection.writes is not None:
        editing.add_to(blp, collection)
    return blp
