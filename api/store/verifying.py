"""Verifying: what the checks make of an article's stored claims, against a text that need not be stored."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import orjson
from sqlalchemy import Select, bindparam, select

from api.grounding.case import Source
from api.grounding.checks import Grounding, ground
from api.kinds.article import ARTICLES
from api.kinds.collections import KIND_BY_NAME
from api.store import read
from api.store.article_texts import refuse_another
from api.store.database import Store
from api.store.tables import claim


def verify(store: Store, article_id: str, text: str) -> Iterator[tuple[str, Grounding]]:
    """Each claim of an article, in reading order, with what the checks say of it against this text.

    Stores nothing. Raises NotFound where there is no such article, and TextMismatch where the text is not its own.
    """
    with store.reading() as reader:
        article = orjson.loads(read.item(reader, ARTICLES, article_id, with_article=False).document)
        documents = [orjson.loads(document) for (document,) in reader.rows(_claims, article=article_id)]
    refuse_another(text, article)
    source = Source(text, len(text), article["language"], article["published_on"])
    for document in documents:
        kind = KIND_BY_NAME[document["type"]]
        yield document["id"], ground(document, kind.sent_fields(document), kind.checked, source)


def _claims() -> tuple[Select[typing.Any]]:
    wanted = select(claim.c.document).where(claim.c.article_id == bindparam("article"))
    return (wanted.order_by(claim.c.position, claim.c.id),)
