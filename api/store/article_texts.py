"""Texts of articles: read, stored, deleted, and compared with the article's claims."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Callable, Iterator

from sqlalchemy import Select, bindparam, select

from api.grounding.case import Source
from api.grounding.checks import Grounding, ground
from api.kinds.article import ARTICLES
from api.kinds.collections import KIND_BY_NAME
from api.store import errors, read
from api.store.database import Store
from api.store.lookup import STORED, RecordLookup
from api.store.prepare import Prepared, article_with_text
from api.store.read import Versions
from api.store.statement_cache import Reader
from api.store.tables import article_text
from api.store.write import Precondition, carry_out, require
from schemas.documents import Fields


def get(reader: Reader, article_id: str) -> tuple[str, Versions]:
    """Return the text and the version of an article.

    Raises NotFound or Gone without the article, and NotFound without its text.
    """
    versions = read.item(reader, ARTICLES, article_id).versions
    for (text,) in reader.rows(_text, id=article_id):
        return text, versions
    raise _not_held(article_id)


def put(
    store: Store, article_id: str, load_text: Callable[[], str], precondition: Precondition, *, keep: bool = True
) -> Prepared:
    """Store an article's text if it supports every claim of the article.

    Raises NotFound, Gone or the errors of the precondition first. Then raises the errors of `load_text`, TextMismatch,
    NotGrounded with the claims that the text does not support, or ConcurrentWrite.
    """

    def prepare_text(lookup: RecordLookup) -> list[Prepared]:
        stored = require(lookup, ARTICLES, article_id, precondition)
        text = load_text()
        described = {"text_sha256": _checked_hash(text, stored), "text_length": len(text)}
        return article_with_text(lookup, {**stored, **described}, text)

    return carry_out(store, prepare_text, keep=keep)


def delete(store: Store, article_id: str, precondition: Precondition, *, keep: bool = True) -> Prepared:
    """Delete an article's text. Its hash and length stay, and its claims become unverified.

    Raises NotFound, ConcurrentWrite, or the errors of the precondition.
    """

    def prepare_article(lookup: RecordLookup) -> list[Prepared]:
        stored = require(lookup, ARTICLES, article_id, precondition)
        if lookup.text(article_id) is None:
            raise _not_held(article_id)
        return article_with_text(lookup, stored, None)

    return carry_out(store, prepare_article, keep=keep)


def verify(store: Store, article_id: str, text: str) -> Iterator[tuple[str, Grounding]]:
    """Check each claim of an article against a text, in reading order. Yield the claim's id and the result.

    Stores nothing. Raises NotFound, Gone, or TextMismatch if the text is not the text of the article.
    """
    with store.snapshot() as connection:
        lookup = RecordLookup(connection, STORED)
        article, documents = require(lookup, ARTICLES, article_id), lookup.claims_of(article_id)
    _checked_hash(text, article)
    source = Source(text, len(text), article["language"], article["published_on"])
    for document in documents:
        kind = KIND_BY_NAME[document["type"]]
        yield document["id"], ground(document, kind.sent_fields(document), kind.checked, source)


def _checked_hash(text: str, article: Fields) -> str:
    """Return the hash of a text. Raise TextMismatch if an article has the hash of another text."""
    actual = hashlib.sha256(text.encode()).hexdigest()
    if article["text_sha256"] not in (None, actual):
        raise errors.TextMismatch(actual, article["text_sha256"])
    return actual


def _not_held(article_id: str) -> errors.NotFound:
    return errors.NotFound(f"The text of the article {article_id!r} is not stored.")


def _text() -> tuple[Select[typing.Any]]:
    return (select(article_text.c.text).where(article_text.c.article_id == bindparam("id")),)
