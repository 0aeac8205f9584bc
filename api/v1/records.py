"""The endpoints of a collection: its list, its items, their versions and, for one type of record, its writes."""

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
from api.openapi.examples import linked_data_example, record_example
from api.openapi.responses import NOT_MODIFIED, ResponseDoc, cacheable_responses
from api.openapi.smorest import Blueprint
from api.v1 import exports, history, items, links, lists, writes
from api.v1.list_params import ListParams
from api.v1.paths import NoParameters, camel, item_path, path_id
from schemas.base import schema_of
from schemas.fields import EXPORT, URL_MAX


class _ItemParameters(QuerySchema):
    include = Names(("article",), description="Also embed the article of the claim, as `article`.")


def _linked_data(version: Version, collection: Collection) -> ResponseDoc:
    schema = {
        "type": "object",
        "description": "Linked data in the vocabulary of schema.org, with a context for each name.",
        "properties": {
            "@context": {"type": "object"},
            "@id": {"type": "string", "format": "uri", "maxLength": URL_MAX},
            "@type": {},
        },
        "required": ["@context", "@id", "@type"],
    }
    example = partial(linked_data_example, collection, version.prefix)
    return ResponseDoc(200, schema, example, headers=("ETag",), media_type=JSON_LD, by_request=True)


def blueprint(
    version: Version, collection: Collection, page: type[ma.Schema], versions_page: type[ma.Schema]
) -> Blueprint:
    """Build the endpoints of a collection, with the schemas of their pages."""
    blp = Blueprint(collection.path, description=collection.doc)
    list_params = ListParams(version, collection, collection.default_sort)
    item_parameters = _ItemParameters() if collection.of_claims else NoParameters()

    class Many(MethodView):
        @blp.arguments(list_params.schema, location="query")
        @blp.operation(
            f"list{camel(collection.path)}", scope=OPEN, responses=lists.responses(collection, page), cost=lists.cost
        )
        def get(self, params: dict[str, typing.Any]) -> Response:
            return lists.respond(list_params, params)

    class One(MethodView):
        @blp.arguments(item_parameters, location="query")
        @blp.operation(
            f"get{camel(collection.name)}",
            scope=OPEN,
            responses=(
                *cacheable_responses(
                    schema_of(collection.item), partial(record_example, collection), links=links.of_record(collection)
                ),
                _linked_data(version, collection),
            ),
            problems=("not-found", "gone"),
        )
        def get(self, params: dict[str, typing.Any], id: str) -> Response:
            return items.respond(collection, id, include_article="article" in params.get("include", ()))

    class Export(MethodView):
        @blp.arguments(list_params.export_schema, location="query")
        @blp.operation(
            f"export{camel(collection.path)}",
            scope=OPEN,
            responses=(*exports.responses(collection), NOT_MODIFIED),
            cost=exports.cost,
        )
        def get(self, params: dict[str, typing.Any]) -> Response:
            return exports.respond(list_params.parse(params, exports.MEDIA_TYPES))

    Many.get.__doc__ = (
        f"List {collection.path.replace('-', ' ')}.\n\n"
        f"Returns a page of the records that match all filters, by default in the order `{collection.default_sort}`. "
        "Follow `page.next` until it is null. With `format` or `Accept`, the whole list is returned as CSV or NDJSON, "
        f"as by `export{camel(collection.path)}`."
    )
    Export.get.__doc__ = (
        f"Export {collection.path.replace('-', ' ')}.\n\n"
        "Returns all records that match all filters, as of one point in time. The format is NDJSON or, with "
        f"`format=csv` or `Accept`, CSV. The default order is `{collection.default_sort}`."
    )
    One.get.__doc__ = (
        f"Get one {collection.title}.\n\n"
        "Returns the stored record, or 410 if it was deleted. `application/ld+json` returns linked data in the "
        "vocabulary of schema.org."
    )
    blp.add_url_rule(f"/{collection.path}", "many", Many)
    blp.add_url_rule(f"/{collection.path}/{EXPORT}", "export", Export)
    blp.add_url_rule(item_path(collection), "one", One, parameters=[path_id(collection)])
    history.add_endpoint(blp, collection, versions_page)
    if collection.writes is not None:
        writes.add_endpoints(blp, collection)
    return blp
