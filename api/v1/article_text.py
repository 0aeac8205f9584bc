"""/v1/articles/{id}/text: the text that an article's claims are held against, where it may be kept."""

from __future__ import annotations

import typing

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.http import conditions, request_body
from api.http.conditions import item_tag, not_modified, tagged
from api.http.problems import Problem
from api.http.scopes import CLAIMS_WRITE, TEXTS_READ
from api.kinds.article import ARTICLES
from api.openapi.examples import EXAMPLE_TEXT, article_with_text
from api.openapi.responses import RequestBodyDoc, ResponseDoc, cacheable_responses
from api.openapi.smorest import Blueprint
from api.store import texts
from api.store.refusals import Refused
from api.v1 import answering, writing
from api.v1.naming import NoParameters, path_id
from api.v1.writing import WriteParameters
from schemas.article import Article, Verbatim
from schemas.values import NO_NUL, TEXT_MAX

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
            with answering.the_store().reading() as reader:
                text, versions = texts.get(reader, id)
            tag = item_tag(versions)
            unchanged = not_modified(tag)
            return tagged(Response(text, mimetype=TEXT), tag) if unchanged is None else unchanged

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
            written = texts.put(answering.the_store(), id, text, conditions.to_change, keep=keep)
            return writing.answer(written, dry_run=given["dry_run"])

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
            texts.forget(answering.the_store(), id, conditions.to_change, keep=not given["dry_run"])
            return writing.removed(dry_run=given["dry_run"])

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
        raise Refused(*(("", told) for told in error.messages)) from None
