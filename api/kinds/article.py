"""The collection of articles."""

from __future__ import annotations

import typing

from api.kinds.filters import BooleanFilter, DateFilter, KeywordFilter, ListFilter, folded_filter, id_filter
from api.kinds.kind import Collection
from schemas.article import Article, ArticleInput
from schemas.documents import ArticleDocument, Fields, Stamp
from schemas.fields import Choice, Language, Nested, Slug
from schemas.inferred import inferable

ARTICLES = Collection(
    name="article",
    path="articles",
    title="article",
    doc="News articles, the sources of claims.",
    item=Nested(Article),
    fields=tuple(Article._declared_fields),
    default_sort="-published_on",
    filters=(
        id_filter("id", "The article's id.", synonyms=("ids", "article", "article_id")),
        KeywordFilter(
            name="conflict", doc="The slug of the conflict that the article reports on.", value=Slug, nullable=True
        ),
        folded_filter("publisher", "The publisher of the article.", synonyms=("outlet", "newspaper")),
        KeywordFilter(name="language", doc="The article's language, a BCP 47 tag.", value=Language, synonyms=("lang",)),
        DateFilter(
            name="published_on",
            doc="The publication date.",
            nullable=True,
            synonyms=("published", "pubdate", "date", "on_record"),
        ),
        BooleanFilter(
            name="text_held",
            doc="Whether the article's text is stored.",
            test=lambda article: bool(article["text_held"]),
        ),
        ListFilter(
            name="inferred",
            doc="The name of a field that the article does not state.",
            list_="inferred",
            value=lambda: Choice(inferable(ArticleInput)),
        ),
    ),
)

INPUT_SCHEMA = ArticleInput()


def article_document(article: Fields, stamp: Stamp) -> ArticleDocument:
    """Return an article as the API returns it. `article` is the loaded input, `stamp` has its version and times."""
    whole = {**article, "type": ARTICLES.name, "text_held": article["text"] is not None, **stamp}
    return typing.cast("ArticleDocument", {name: whole[name] for name in ARTICLES.fields})
