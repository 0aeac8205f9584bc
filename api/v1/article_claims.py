"""/v1/articles/{id}/claims: what an article puts on record, of all kinds, in reading order."""

from __future__ import annotations

import typing
from functools import partial

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.http.scopes import OPEN
from api.http.versions import Version
from api.kinds.article import ARTICLES
from api.kinds.collections import CLAIMS
from api.openapi.examples import page_example
from api.openapi.responses import cacheable_responses
from api.openapi.smorest import Blueprint
from api.store import read
from api.v1 import exports, lists
from api.v1.list_params import ListParams
from api.v1.paths import path_id
from schemas.page import selection_or


def blueprint(version: Version, claim_page: type[ma.Schema]) -> Blueprint:
    """The claims of one article, on pages of the shape that all claims have."""
    blp = Blueprint("article-claims", description="The claims of one article, in reading order.")
    example = partial(page_example, CLAIMS, of_article=True)
    asking = ListParams(version, CLAIMS, "position", fixed=("article_id",), own_order="position")

    class ArticleClaims(MethodView):
        @blp.arguments(asking.schema, location="query")
        @blp.operation(
            "listArticleClaims",
            scope=OPEN,
            responses=(
                *cacheable_responses(selection_or(claim_page), example, link=True),
                *exports.answers(CLAIMS, of_article=True),
            ),
            problems=("not-found", "gone"),
            cost=exports.cost,
        )
        def get(self, given: dict[str, typing.Any], id: str) -> Response:
            """List what an article puts on record, in reading order.

            Its claims of all kinds, by where the first words of their evidence stand in the text, a page at a time:
            follow `page.next` until it is null. As `text/csv` or `application/x-ndjson`, all of it at once.
            """
            with lists.the_store().reading() as reader:
                read.versions(reader, ARTICLES, id, with_article=False)
            return exports.listed(asking, given, article_id=id)

    blp.add_url_rule("/articles/<id>/claims", "claims", ArticleClaims, parameters=[path_id(ARTICLES)])
    return blp
