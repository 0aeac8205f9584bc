"""/v1/articles/{id}/text: the text that an article's claims are held against, where it may be kept."""

from __future__ import annotations

import typing

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.http import etags, request_body
from api.http.etags import item_etag, not_modified, with_etag
from api.http.problems import Problem
from api.http.scopes import CLAIMS_WRITE, TEXTS_READ
from api.kinds.article import ARTICLES
from api.openapi.examples import EXAMPLE_TEXT, article_with_text
from api.openapi.responses import RequestBodyDoc, ResponseDoc, cacheable_responses
from api.openapi.smorest import Blueprint
from api.store import article_texts
from api.store.errors import RecordRejected
from api.v1 import lists, writes
from api.v1.paths import NoParameters, path_id
from api.v1.writes import WriteParameters
from schemas.article import Article, Verbatim
from schemas.fields import NO_NUL, TEXT_MAX

TEXT = "text/plain"

# Every claim of the article is checked and stored anew.
_COST = 20


def blueprint() -> Blueprint:
    """The texts of articles."""
    blp = Blueprint("article-texts", description="The texts of articles, for those who may read them.")
    shape = {
        "type": "string",
        "minLength": 1,
        "maxLength": TEXT_MAX,
        "pattern": NO_NUL,
        "description": "The whole text, verbatim, in UTF-8. A byte order mark is its first character.",
    }

    class ArticleText(MethodView):
        @blp.arguments(NoParameters(), location="query")
        @blp.operation(
            "getArticleText",
            scope=TEXTS_READ,
            responses=cacheable_responses(shape, EXAMPLE_TEXT, media_type=TEXT),
            problems=("not-found", "gone"),
        )
        def get(self, given: dict[str, typing.Any], id: str) -> Response:
            """Get an article's text.

            To the last blank as it was sent, for all offsets count in it. Where it is not held, a 404 says so.
            """
            with lists.the_store().reading() as reader:
                text, versions = article_texts.get(reader, id)
            tag = item_etag(versions)
            unchanged = not_modified(tag)
            return with_etag(Response(text, mimetype=TEXT), tag) if unchanged is None else unchanged

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            "putArticleText",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(shape, EXAMPLE_TEXT, TEXT),
            headers=("IfMatch",),
            responses=(ResponseDoc(200, Article, article_with_text, headers=("ETag?", "Dry-Run")),),
            problems=(
                "not-found",
                "gone",
                "malformed-body",
                "invalid-record",
                "not-grounded",
                "precondition-failed",
                "precondition-required",
                "content-too-large",
                "unsupported-media-type",
            ),
            cost=_COST,
        )
        def put(self, given: dict[str, typing.Any], id: str) -> Response:
            """Hold an article's text from now on.

            It has to be the text that the article's hash is of. Every claim of the article is checked against it; if
            one is not borne out, all that fail are told, and nothing changes.
            """
            text = _text()
            keep = not given["dry_run"]
            written = article_texts.put(lists.the_store(), id, text, etags.check_if_match, keep=keep)
            return writes.answer(written, dry_run=given["dry_run"])

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            "deleteArticleText",
            scope=CLAIMS_WRITE,
            headers=("IfMatch",),
            responses=(ResponseDoc(204, headers=("Dry-Run",)),),
            problems=("not-found", "gone", "precondition-failed", "precondition-required"),
            cost=_COST,
        )
        def delete(self, given: dict[str, typing.Any], id: str) -> Response:
            """Forget an article's text.

            Its hash and length stay. Its claims stay too, and are no longer said to be verified.
            """
            article_texts.delete(lists.the_store(), id, etags.check_if_match, keep=not given["dry_run"])
            return writes.no_content(dry_run=given["dry_run"])

    blp.add_url_rule("/articles/<id>/text", "text", ArticleText, parameters=[path_id(ARTICLES)])
    return blp


def _text() -> str:
    """The text that was sent, as it is."""
    raw = request_body.read(TEXT, TEXT_MAX)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Problem(f"Not UTF-8 at byte {error.start}.", slug="malformed-body") from None
    try:
        return Verbatim().deserialize(text)
    except ma.ValidationError as error:
        raise RecordRejected(*(("", told) for told in error.messages)) from None
