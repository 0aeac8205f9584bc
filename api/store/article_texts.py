"""Texts: what an article's claims were taken from, held or let go."""

from __future__ import annotations

import hashlib
import typing

from sqlalchemy import Select, bindparam, select

from api.kinds.article import ARTICLES
from api.store import errors, read
from api.store.database import Store
from api.store.errors import TextMismatch
from api.store.lookup import RecordLookup
from api.store.prepare import Prepared, Record, article_with_text
from api.store.read import Versions
from api.store.statement_cache import Reader
from api.store.tables import article_text
from api.store.write import Precondition, absent, carry_out


class Text(typing.NamedTuple):
    """The text of an article, and the version of the article that it was read with."""

    text: str
    versions: Versions


def get(reader: Reader, article_id: str) -> Text:
    """The text of an article; raises NotFound where there is no such article, or its text is not held."""
    versions = read.versions(reader, ARTICLES, article_id, with_article=False)
    for (text,) in reader.rows(_text, id=article_id):
        return Text(text, versions)
    raise errors.NotFound(f"The text of the article {article_id!r} is not held here.")


def put(store: Store, article_id: str, text: str, precondition: Precondition, *, keep: bool = True) -> Prepared:
    """Store an article's text if it supports every claim of the article.

    Raises NotFound, TextMismatch, NotGrounded with the claims that it does not support, ConcurrentWrite, or the errors
    of the precondition.
    """

    def prepare_text(known: RecordLookup) -> list[Prepared]:
        stored = _stored(known, article_id, precondition)
        refuse_another(text, stored)
        return article_with_text(known, {**stored, "text_sha256": _sha256(text), "text_length": len(text)}, text)

    return carry_out(store, prepare_text, keep=keep)


def delete(store: Store, article_id: str, precondition: Precondition, *, keep: bool = True) -> Prepared:
    """Delete an article's text. Its hash and length stay, and its claims become unverified.

    Raises NotFound, ConcurrentWrite, or the errors of the precondition.
    """

    def prepare_article(known: RecordLookup) -> list[Prepared]:
        stored = _stored(known, article_id, precondition)
        if known.text(article_id) is None:
            raise errors.NotFound(f"The text of the article {article_id!r} is not held here.")
        return article_with_text(known, stored, None)

    return carry_out(store, prepare_article, keep=keep)


def refuse_another(text: str, article: Record) -> None:
    """Raise TextMismatch where a text is not the one that an article says it has."""
    actual = _sha256(text)
    if article["text_sha256"] not in (None, actual):
        raise TextMismatch(actual, article["text_sha256"])


def _stored(known: RecordLookup, article_id: str, precondition: Precondition) -> Record:
    stored = known.article(article_id)
    if stored is None:
        raise absent(known, ARTICLES, article_id)
    precondition(Versions(stored["version"], stored["updated_at"]))
    return stored


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text() -> tuple[Select[typing.Any]]:
    return (select(article_text.c.text).where(article_text.c.article_id == bindparam("id")),)
