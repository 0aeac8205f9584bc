"""SQL of full-text search: matches by index or by scan, their number, and relevance."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    cast,
    column,
    func,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from api.kinds.search import Term
from api.store.tables import claim, search
from api.store.token_text import Either

# The shape of a search: for each term, whether it is excluded.
Shape = tuple[bool, ...]
Bind = Callable[[int], typing.Any]

_index = table("search_index", column("rowid"), column("search_index"))
# The bound values of a search: for FTS5, for PostgreSQL, for PostgreSQL without excluded terms, and the terms.
_FTS5, _TSQUERY, _INCLUDED, _TERMS = range(4)
# The number of claims that an estimate on PostgreSQL is based on.
_SAMPLE = 1000


def bind_values(terms: Sequence[Term]) -> tuple[Shape, list[str]]:
    """Return the shape of a search, and its bound values."""
    included = [term for term in terms if not term.without]
    excluded = [term for term in terms if term.without]
    fts5 = " AND ".join(map(_fts5, included)) + "".join(f" NOT {_fts5(term)}" for term in excluded)
    tsquery = " & ".join(map(_tsquery, included))
    tsquery_with_excluded = tsquery + "".join(f" & !({_tsquery(term)})" for term in excluded)
    return tuple(term.without for term in terms), [fts5, tsquery_with_excluded, tsquery, *map(_as_stored, terms)]


def match_by_index(bind: Bind) -> typing.Any:
    """Return the condition that a claim matches, by the index. It is fast if few claims match."""
    indexed = search.c.number.in_(select(_index.c.rowid).where(_index.c.search_index.op("MATCH")(bind(_FTS5))))
    ids = select(search.c.claim_id).where(Either(sqlite=indexed, postgresql=_has_tokens(search.c.words, bind)))
    return claim.c.id.in_(ids)


def match_by_scan(shape: Shape, bind: Bind) -> typing.Any:
    """Return the condition that a claim matches, by its own tokens. It is fast if most claims match."""
    places = [func.instr(search.c.words, bind(_TERMS + number)) for number in range(len(shape))]
    matches = and_(*(place == 0 if without else place > 0 for place, without in zip(places, shape, strict=True)))
    return _of_claim(claim.c.id, Either(sqlite=matches, postgresql=_has_tokens(search.c.words, bind)))


def size() -> typing.Any:
    """Return the number of claims, from the highest number. Deleted claims are included."""
    return select(func.max(search.c.number)).scalar_subquery()


def frequency(bind: Bind, count_max: typing.Any) -> ColumnElement[int]:
    """Return the number of claims that match: counted up to a maximum on SQLite, estimated on PostgreSQL.

    The estimate uses the newest claims. PostgreSQL's index cannot stop early, so a count of a word in every claim takes
    longer than the page.
    """
    matches = select(_index.c.rowid).where(_index.c.search_index.op("MATCH")(bind(_FTS5))).limit(count_max)
    counted = select(func.count()).select_from(matches.subquery()).scalar_subquery()
    newest = select(search.c.words).order_by(search.c.number.desc()).limit(_SAMPLE).subquery()
    hits = select(func.count()).select_from(newest).where(_has_tokens(newest.c.words, bind)).scalar_subquery()
    estimated = cast(hits * func.greatest(size(), _SAMPLE) / _SAMPLE, BigInteger)
    return Either(sqlite=counted, postgresql=estimated)


def relevance(id_: ColumnElement[str], shape: Shape, bind: Bind) -> typing.Any:
    """Return the relevance of the claim with an id, in millionths.

    It is higher if a term occurs more often, and in a shorter text.
    """
    words, length = search.c.words, func.length(search.c.words, type_=Integer)
    score: ColumnElement[float] = literal(0.0, Float)
    for number, without in enumerate(shape):
        if not without:
            term = bind(_TERMS + number)
            rest = func.length(func.replace(words, term, ""), type_=Integer)
            times = cast(length - rest, Float) / func.length(term, type_=Integer)
            # Each further occurrence adds less. In a short text, the score saturates sooner.
            score += times / (times + 0.3 + length / 700.0)
    rank = func.ts_rank(words, cast(bind(_INCLUDED), TSQUERY), 1, type_=Float)
    sqlite, postgresql = cast(score * 1_000_000, Integer), cast(rank * 1_000_000, BigInteger)
    return _of_claim(id_, Either(sqlite=sqlite, postgresql=postgresql))


def _of_claim(id_: ColumnElement[str], expression: ColumnElement[typing.Any]) -> typing.Any:
    """Return the value of an expression for the tokens of the claim with an id."""
    statement: Select[typing.Any] = select(expression).select_from(search).where(search.c.claim_id == id_)
    return statement.correlate_except(search).scalar_subquery()


def _has_tokens(words: ColumnElement[str], bind: Bind) -> ColumnElement[bool]:
    return words.bool_op("@@")(cast(bind(_TSQUERY), TSQUERY))


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"{"*" if term.begun else ""}'


def _tsquery(term: Term) -> str:
    # Words contain only letters and digits, so they need no escaping.
    return " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.begun else "")


def _as_stored(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.begun else ' '}"
