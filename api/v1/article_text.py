"""The text of an article, against which its claims are checked: /v1/articles/{id}/text."""

from __future__ import annotations

import typing
from functools import partial

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.http import etags, request_body
from api.http.context import current_store
from api.http.etags import item_etag, not_modified, with_etag
from api.http.problems import Problem
from api.http.scopes import CLAIMS_WRITE, TEXTS_READ
from api.kinds.article import ARTICLES
from api.openapi.examples import article_to_lose_its_text, article_with_text, example_text
from api.openapi.responses import RequestBodyDoc, ResponseDoc, cacheable_responses
from api.openapi.smorest import Blueprint
from api.store import article_texts
from api.store.errors import RecordRejected
from api.v1 import links, writes
from api.v1.paths import NoParameters, path_id
from api.v1.writes import WriteParameters
from schemas.article import Article, Verbatim
from schemas.fields import NO_NUL, TEXT_MAX

TEXT = "text/plain"

# Each claim of the article is checked and stored again.
_COST = 20


def blueprint() -> Blueprint:
    """Build the endpoints of the texts of articles."""
    blp = Blueprint("article-texts", description="The texts of articles, for keys with the scope `texts:read`.")
    schema = {
        "type": "string",
        "minLength": 1,
        "maxLength": TEXT_MAX,
        "pattern": NO_NUL,
        "description": "The whole text, verbatim, in UTF-8. A byte order mark counts as its first character.",
    }

    requested = links.REQUESTED_ID
    to_article = links.to_record(ARTICLES, requested)

    class ArticleText(MethodView):
        @blp.arguments(NoParameters(), location="query")
        @blp.operation(
            "getArticleText",
            scope=TEXTS_READ,
            responses=cacheable_responses(
                schema, example_text, media_type=TEXT, links=(*to_article, *links.to_text(requested, "put", "delete"))
            ),
            problems=("not-found", "gone"),
        )
        def get(self, params: dict[str, typing.Any], id: str) -> Response:
            """Get the text of an article.

            Returns the text exactly as it was sent, because offsets count in it. Returns 404 if it is not stored.
            """
            with current_store().reading() as reader:
                text, versions = article_texts.get(reader, id)
            etag = item_etag(versions)
            unchanged = not_modified(etag)
            return with_etag(Response(text, mimetype=TEXT), etag) if unchanged is None else unchanged

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            "putArticleText",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(schema, example_text, TEXT),
            headers=("IfMatch",),
            responses=(
                ResponseDoc(
                    200,
                    Article,
                    article_with_text,
                    headers=("ETag?", "Dry-Run"),
                    links=(*links.of_record(ARTICLES), *links.to_text(requested, "get", "delete")),
                ),
            ),
            problems=("not-found", "gone", *writes.BODY, "not-grounded", *writes.PRECONDITIONS),
            cost=_COST,
        )
        def put(self, params: dict[str, typing.Any], id: str) -> Response:
            """Store the text of an article.

            The text must match the hash of the article, if it has one. Each claim of the article is checked against the
            text. If claims fail, the response lists them, and nothing changes.
            """
            load_text = partial(_load_text, request_body.read(TEXT_MAX, TEXT))
            keep = not params["dry_run"]
            prepared = article_texts.put(current_store(), id, load_text, etags.check_if_match, keep=keep)
            return writes.record_response(prepared, dry_run=params["dry_run"])

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            "deleteArticleText",
            scope=CLAIMS_WRITE,
            headers=("IfMatch",),
            path=(path_id(ARTICLES, article_to_lose_its_text),),
            responses=(ResponseDoc(204, headers=("Dry-Run",), links=to_article),),
            problems=("not-found", "gone", *writes.PRECONDITIONS),
            cost=_COST,
        )
        def delete(self, params: dict[str, typing.Any], id: str) -> Response:
            """Delete the text of an article.

            The article keeps the hash and the length of the text. Its claims stay. Their grounding is `unverified`.
            """
            article_texts.delete(current_store(), id, etags.check_if_match, keep=not params["dry_run"])
            return writes.no_content(dry_run=params["dry_run"])

    blp.add_url_rule("/articles/<id>/text", "text", ArticleText, parameters=[path_id(ARTICLES, article_with_text)])
    return blp


def _load_text(raw: bytes) -> str:
    """Return the text of the request, unchanged. Raise Problem or RecordRejected if it is invalid."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Problem(f"Not UTF-8 at byte {error.start}.", slug="malformed-body") from None
    try:
        return Verbatim().deserialize(text)
    except ma.ValidationError as error:
        raise RecordRejected(*(("", message) for message in error.messages)) from None
