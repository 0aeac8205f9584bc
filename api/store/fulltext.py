"""Searching: what a query for words means in SQL, by the index or claim by claim, and how well a claim answers it."""

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

# What of a query shapes its SQL: of each term, whether it is to be without it.
Shape = tuple[bool, ...]
Bind = Callable[[int], typing.Any]

_index = table("search_index", column("rowid"), column("search_index"))
# The values of a query: for FTS5, for PostgreSQL, the same without what is not to stand there, and its terms.
_FTS5, _TSQUERY, _WANTED, _TERMS = range(4)
# Of so many claims it is seen how many have what is asked.
_SAMPLE = 1000


def bind_values(terms: Sequence[Term]) -> tuple[Shape, list[str]]:
    """The shape of a query, and the values that go into its SQL."""
    wanted = [term for term in terms if not term.without]
    unwanted = [term for term in terms if term.without]
    fts5 = " AND ".join(map(_fts5, wanted)) + "".join(f" NOT {_fts5(term)}" for term in unwanted)
    tsquery = " & ".join(map(_tsquery, wanted))
    whole = tsquery + "".join(f" & !({_tsquery(term)})" for term in unwanted)
    return tuple(term.without for term in terms), [fts5, whole, tsquery, *map(_as_stored, terms)]


def match_by_index(bind: Bind) -> typing.Any:
    """Whether a claim has what is asked, by the index: best where few claims do."""
    listed = search.c.number.in_(select(_index.c.rowid).where(_index.c.search_index.op("MATCH")(bind(_FTS5))))
    ids = select(search.c.claim_id).where(Either(sqlite=listed, postgresql=_matches(bind, _TSQUERY)))
    return claim.c.id.in_(ids)


def match_by_scan(shape: Shape, bind: Bind) -> typing.Any:
    """Whether a claim has what is asked, by its own words: best where most claims do."""
    places = [func.instr(search.c.words, bind(_TERMS + number)) for number in range(len(shape))]
    told = and_(*(place == 0 if without else place > 0 for place, without in zip(places, shape, strict=True)))
    return _of_claim(claim.c.id, Either(sqlite=told, postgresql=_matches(bind, _TSQUERY)))


def size() -> typing.Any:
    """How many claims there are, or were at most: without counting them."""
    return select(func.max(search.c.number)).scalar_subquery()


def frequency(bind: Bind, most: typing.Any) -> ColumnElement[int]:
    """How many claims have what is asked: counted up to `most` or, by PostgreSQL, reckoned from the newest.

    Its index tells of all that match or of none, which of a word in every claim takes longer than the page.
    """
    listed = select(_index.c.rowid).where(_index.c.search_index.op("MATCH")(bind(_FTS5))).limit(most)
    counted = select(func.count()).select_from(listed.subquery()).scalar_subquery()
    newest = select(search.c.words).order_by(search.c.number.desc()).limit(_SAMPLE).subquery()
    seen = select(func.count()).select_from(newest).where(_asked_of(newest.c.words, bind, _TSQUERY)).scalar_subquery()
    reckoned = cast(seen * func.greatest(size(), _SAMPLE) / _SAMPLE, BigInteger)
    return Either(sqlite=counted, postgresql=reckoned)


def relevance(id_: ColumnElement[str], shape: Shape, bind: Bind) -> typing.Any:
    """How well the claim with an id answers, in millionths.

    What stands there more often, and among fewer words, counts for more.
    """
    words, length = search.c.words, func.length(search.c.words, type_=Integer)
    worth: ColumnElement[float] = literal(0.0, Float)
    for number, without in enumerate(shape):
        if not without:
            term = bind(_TERMS + number)
            rest = func.length(func.replace(words, term, ""), type_=Integer)
            times = cast(length - rest, Float) / func.length(term, type_=Integer)
            # Each time more counts for less, and the sooner so the fewer words there are.
            worth += times / (times + 0.3 + length / 700.0)
    rank = func.ts_rank(words, cast(bind(_WANTED), TSQUERY), 1, type_=Float)
    sqlite, postgresql = cast(worth * 1_000_000, Integer), cast(rank * 1_000_000, BigInteger)
    return _of_claim(id_, Either(sqlite=sqlite, postgresql=postgresql))


def _of_claim(id_: ColumnElement[str], told: ColumnElement[typing.Any]) -> typing.Any:
    """What is told of the words of the claim with an id."""
    wanted: Select[typing.Any] = select(told).select_from(search).where(search.c.claim_id == id_)
    return wanted.correlate_except(search).scalar_subquery()


def _matches(bind: Bind, which: int) -> ColumnElement[bool]:
    return _asked_of(search.c.words, bind, which)


def _asked_of(words: ColumnElement[str], bind: Bind, which: int) -> ColumnElement[bool]:
    return words.bool_op("@@")(cast(bind(which), TSQUERY))


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"{"*" if term.begun else ""}'


def _tsquery(term: Term) -> str:
    # Words are letters and digits alone: nothing in them has to be escaped.
    return " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.begun else "")


def _as_stored(term: Term) -> str:
    return f" {' '.join(term.words)}{'' if term.begun else ' '}"
