"""The claims of one article, of all kinds, in reading order: /v1/articles/{id}/claims."""

from __future__ import annotations

import typing

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.http.context import current_store
from api.http.scopes import OPEN
from api.http.versions import Version
from api.kinds.article import ARTICLES
from api.kinds.collections import CLAIMS
from api.openapi.responses import NOT_MODIFIED
from api.openapi.smorest import Blueprint
from api.store import read
from api.v1 import exports, lists
from api.v1.list_params import ListParams
from api.v1.paths import path_id
from schemas.fields import EXPORT


def blueprint(version: Version, claim_page: type[ma.Schema]) -> Blueprint:
    """Build the endpoint of the claims of one article, with the schema of its pages."""
    blp = Blueprint("article-claims", description="The claims of one article, in reading order.")
    list_params = ListParams(version, CLAIMS, "position", fixed=("article_id",), own_order="position")

    class ArticleClaims(MethodView):
        @blp.arguments(list_params.schema, location="query")
        @blp.operation(
            "listArticleClaims",
            scope=OPEN,
            responses=lists.responses(CLAIMS, claim_page, of_article=True),
            problems=("not-found", "gone"),
            cost=lists.cost,
        )
        def get(self, params: dict[str, typing.Any], id: str) -> Response:
            """List the claims of an article in reading order.

            Returns a page of claims of all kinds, ordered by the place of their first evidence in the text. Follow
            `page.next` until it is null. With `format` or `Accept`, the whole list is returned as CSV or NDJSON, as by
            `exportArticleClaims`.
            """
            _check_article(id)
            return lists.respond(list_params, params, article_id=id)

    class ArticleClaimsExport(MethodView):
        @blp.arguments(list_params.export_schema, location="query")
        @blp.operation(
            "exportArticleClaims",
            scope=OPEN,
            responses=(*exports.responses(CLAIMS, of_article=True), NOT_MODIFIED),
            problems=("not-found", "gone"),
            cost=exports.cost,
        )
        def get(self, params: dict[str, typing.Any], id: str) -> Response:
            """Export the claims of an article in reading order.

            Returns all claims of the article that match all filters, as of one point in time. The format is NDJSON or,
            with `format=csv` or `Accept`, CSV.
            """
            _check_article(id)
            return exports.respond(list_params.parse(params, exports.MEDIA_TYPES, article_id=id))

    parameters = [path_id(ARTICLES)]
    blp.add_url_rule("/articles/<id>/claims", "claims", ArticleClaims, parameters=parameters)
    blp.add_url_rule(f"/articles/<id>/claims/{EXPORT}", "export", ArticleClaimsExport, parameters=parameters)
    return blp


def _check_article(id_: str) -> None:
    """Raise NotFound or Gone if the article does not exist."""
    with current_store().reading() as reader:
        read.item(reader, ARTICLES, id_)
