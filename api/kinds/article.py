"""Articles as the service sees them."""

from __future__ import annotations

import typing
from collections.abc import Mapping

from marshmallow import fields

from api.kinds.filters import BooleanFilter, DateFilter, Document, KeywordFilter, ListFilter, id_filter
from api.kinds.kind import Collection
from schemas.article import Article, ArticleInput
from schemas.fields import Choice, Language, Slug, Text
from schemas.inferred import inferable

ARTICLES = Collection(
    name="article",
    path="articles",
    title="article",
    doc="The sources: news articles that put things on record.",
    item=fields.Nested(Article),
    fields=tuple(Article._declared_fields),
    default_sort="-published_on",
    filters=(
        id_filter("id", "The article's id.", synonyms=("ids", "article", "article_id")),
        KeywordFilter(name="conflict", doc="The conflict that it reports on, as a slug.", value=Slug, nullable=True),
        KeywordFilter(
            name="publisher",
            doc="Who published it.",
            value=lambda: Text(300),
            folded=True,
            nullable=True,
            synonyms=("outlet", "newspaper"),
        ),
        KeywordFilter(name="language", doc="Its language, BCP 47.", value=Language, synonyms=("lang",)),
        DateFilter(
            name="published_on",
            doc="The day it was published.",
            nullable=True,
            synonyms=("published", "pubdate", "date", "on_record"),
        ),
        BooleanFilter(
            name="text_held",
            doc="Whether its text is stored here.",
            test=lambda article: bool(article["text_held"]),
        ),
        ListFilter(
            name="inferred",
            doc="A field whose value the article does not state.",
            list_="inferred",
            value=lambda: Choice(inferable(ArticleInput)),
        ),
    ),
)

INPUT_SCHEMA = ArticleInput()


def article_document(article: Document, stamp: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
    """The article as clients get it, from what the input shape loaded and its version and times."""
    whole = {**article, "text_held": article["text"] is not None, **stamp}
    return {name: whole[name] for name in ARTICLES.fields}
