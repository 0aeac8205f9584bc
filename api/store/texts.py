"""Texts: what an article's claims were taken from, held or let go."""

from __future__ import annotations

import hashlib
import typing

from sqlalchemy import Connection, Select, bindparam, select

from api.kinds.article import ARTICLES
from api.store import reading
from api.store.known import STORED, Known
from api.store.preparing import Prepared, Record, article_with_text
from api.store.reading import Versions
from api.store.refusals import OtherText
from api.store.statements import Reader
from api.store.tables import article_text
from api.store.writing import Precondition, absent, write


class Text(typing.NamedTuple):
    """The text of an article, and the version of the article that it was read with."""

    text: str
    versions: Versions


def get(reader: Reader, article_id: str) -> Text:
    """The text of an article; raises NotFound where there is no such article, or its text is not held."""
    versions = reading.versions(reader, ARTICLES, article_id, with_article=False)
    for (text,) in reader.rows(_text, id=article_id):
        return Text(text, versions)
    raise reading.NotFound(f"The text of the article {article_id!r} is not held here.")


def put(connection: Connection, article_id: str, text: str, precondition: Precondition) -> Prepared:
    """Hold an article's text from now on, once every claim of it is borne out by it.

    Raises NotFound, OtherText, NotGrounded with the claims that are not, or what the precondition raises.
    """
    known, stored = _stored(connection, article_id, precondition)
    refuse_another(text, stored)
    whole = {**stored, "text_sha256": _sha256(text), "text_length": len(text)}
    return write(connection, article_with_text(known, whole, text))


def forget(connection: Connection, article_id: str, precondition: Precondition) -> Prepared:
    """Hold an article's text no longer; its hash and length stay, and its claims say that they are unverified.

    Raises NotFound, or what the precondition raises.
    """
    known, stored = _stored(connection, article_id, precondition)
    if known.text(article_id) is None:
        raise reading.NotFound(f"The text of the article {article_id!r} is not held here.")
    return write(connection, article_with_text(known, stored, None))


def refuse_another(text: str, article: Record) -> None:
    """Raise OtherText where a text is not the one that an article says it has."""
    actual = _sha256(text)
    if article["text_sha256"] not in (None, actual):
        raise OtherText(actual, article["text_sha256"])


def _stored(connection: Connection, article_id: str, precondition: Precondition) -> tuple[Known, Record]:
    known = Known(connection, STORED)
    stored = known.article(article_id)
    if stored is None:
        raise absent(known, ARTICLES, article_id)
    precondition(Versions(stored["version"], stored["updated_at"]))
    return known, stored


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text() -> tuple[Select[typing.Any]]:
    return (select(article_text.c.text).where(article_text.c.article_id == bindparam("id")),)
