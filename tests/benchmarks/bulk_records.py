"""Large databases of records with realistic distributions, written without the checks of an import.

Shares of common values stay the same at each size, and each rare value has three records. The records of the first
tenth of the period have names of their own, such as those of an earlier war. So some common values never meet.
"""

from __future__ import annotations

import random
import typing
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, islice

from sqlalchemy import insert

from api.kinds import KINDS
from api.kinds.article import ARTICLES
from api.kinds.filters import (
    BooleanFilter,
    DateFilter,
    Filter,
    KeywordFilter,
    ListFilter,
    NumberFilter,
)
from api.kinds.kind import Collection, Kind
from api.store import facet_counts
from api.store.database import Store
from api.store.tables import article, claim, metadata, party, search, term
from schemas.fields import Choice

Row = dict[str, typing.Any]
Rows = dict[str, list[Row]]

FIRST_DAY, DAYS = date(2005, 1, 1), 7300
# The last day of the earlier war.
OLD_DAYS = DAYS // 10
COUNTRIES = ("AZE", "ARM", "UKR", "RUS", "ISR", "PSE", "SDN", "SYR", "YEM", "MMR", "ETH", "COD")
OLD_COUNTRY, RARE_COUNTRY = "YUG", "TUV"
RARE_RECORDS = 3
_NAMES = 200
_WORDS = tuple(f"word{rank}" for rank in range(_NAMES))
_BATCH = 5000
# The part of documents that claims share, and the text of a record, with the usual length of the rest.
_PART = 1
_TEXT = "a report of a claim " * 60


def zipf(count: int) -> list[float]:
    """Return the cumulative weights of a number of values. The second occurs half as often as the first, and so on."""
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


_WEIGHTS = {count: zipf(count) for count in range(1, _NAMES + 1)}


@lru_cache
def vocabulary(filter_: typing.Any) -> tuple[str, ...] | None:
    """Return the values of a filter on a vocabulary, or None for another filter."""
    field = filter_.value()
    return field.values if isinstance(field, Choice) else None


@lru_cache
def choices(filter_: typing.Any) -> tuple[str, ...]:
    """Return the values of a filter on a vocabulary, or the names that stand for those of another filter."""
    return vocabulary(filter_) or tuple(f"{filter_.name}-{rank}" for rank in range(40))


class _Record:
    """The choice of the values of one record: `number` of `total`."""

    def __init__(self, number: int, total: int):
        self.chance = random.Random(number)
        # The ids are not in the order of the days.
        self.day = self.chance.randrange(DAYS)
        self.is_old = self.day < OLD_DAYS
        # Spread over the period, because the number does not depend on the day.
        self.is_rare = number % (total // RARE_RECORDS) == total // 10
        self.id = f"record-{number:08}"

    def pick(self, values: typing.Sequence[str]) -> str:
        return self.chance.choices(values, cum_weights=_WEIGHTS[len(values)])[0]

    def keyword(self, filter_: KeywordFilter) -> str | None:
        values = choices(filter_)
        if vocabulary(filter_):
            return values[-1] if self.is_rare else self.pick(values[:-1] or values)
        if filter_.nullable and self.chance.random() < 0.1:
            return None
        if self.is_rare:
            return f"{filter_.name}-rare"
        return self.pick([f"{filter_.name}-old"] if self.is_old else values)

    def columns(self, filter_: Filter) -> Row:
        """Return the values of the index columns of a filter."""
        if isinstance(filter_, KeywordFilter):
            return dict.fromkeys(filter_.columns, self.keyword(filter_))
        if isinstance(filter_, DateFilter):
            return dict(zip(filter_.columns, self.days(), strict=True))
        if isinstance(filter_, NumberFilter):
            number = 5000 if self.is_rare else int(10 ** (self.chance.random() * 3.5))
            return {filter_.name: None if filter_.nullable and self.chance.random() < 0.2 else number}
        return {filter_.name: self.chance.random() < 0.2} if isinstance(filter_, BooleanFilter) else {}

    def days(self) -> tuple[str | None, str | None]:
        if self.chance.random() < 0.1:
            return None, None
        first = FIRST_DAY + timedelta(days=self.day + self.chance.randrange(-20, 20))
        return first.isoformat(), (first + timedelta(days=self.chance.choice((0, 0, 0, 30)))).isoformat()

    def party(self) -> Row:
        rank = self.chance.choices(range(_NAMES), cum_weights=_WEIGHTS[_NAMES])[0]
        name, country = f"party {rank}", COUNTRIES[rank % len(COUNTRIES)]
        if self.is_rare or self.is_old:
            name, country = ("rare party", RARE_COUNTRY) if self.is_rare else (f"old {name}", OLD_COUNTRY)
        return {
            "name": name.title(),
            "name_key": name,
            "same_as": f"https://parties.example/{name.replace(' ', '-')}" if rank % 3 == 0 else None,
            "kind": ("government", "armed_force", "agency", "observer")[rank % 4],
            "country": None if rank % 5 == 4 else country,
        }


def _columns(record: _Record, collection: Collection) -> Row:
    row: Row = {}
    for filter_ in collection.filters:
        row |= record.columns(filter_)
    stamp = f"2025-01-01T00:00:{record.chance.randrange(60):02}.000Z"
    times = {"created_at": stamp, "updated_at": stamp}
    return row | times | {"id": record.id, "version": 1, "document": f'{{"id":"{record.id}","text":"{_TEXT}"}}'}


def _terms(record: _Record, collection: Collection, owner: str, day: str | None) -> list[Row]:
    values = {
        (filter_.list_, record.pick(choices(filter_)))
        for filter_ in collection.filters
        if isinstance(filter_, ListFilter)
        for _ in range(record.chance.choice((0, 0, 1, 2)))
    }
    row = {"owner": owner, "record_id": record.id, "day": day}
    return [row | {"list": list_, "value": value} for list_, value in sorted(values)]


def _claim_rows(record: _Record, kind: Kind, article_id: str) -> Rows:
    row = dict.fromkeys(claim.c.keys()) | _columns(record, kind.collection)
    row |= {
        "type": kind.name,
        "article_id": article_id,
        "said": record.id.encode(),
        "part": _PART,
        "position": record.chance.randrange(9000),
    }
    row["restates"] = record.id if record.chance.random() < 0.01 else None
    if record.chance.random() < 0.01:
        row |= {"on_record_from": None, "on_record_to": None}
    else:
        day = (FIRST_DAY + timedelta(days=record.day)).isoformat()
        row |= {"on_record_from": day, "on_record_to": day}
    many = [
        role for role, is_list in kind.party_roles.items() for _ in range(record.chance.randrange(3) if is_list else 1)
    ]
    roles = [role for role in many if role == "claimant" or record.chance.random() < 0.4]
    parties = [
        record.party() | {"claim_id": record.id, "role": role, "ordinal": index, "day": row["on_record_from"]}
        for index, role in enumerate(roles)
    ]
    words = " ".join(record.pick(_WORDS) for _ in range(8))
    terms = _terms(record, kind.collection, "claim", row["on_record_from"])
    return {
        "claim": [row],
        "party": parties,
        "term": terms,
        "search": [{"claim_id": record.id, "words": f" {words}{' rare' if record.is_rare else ''} "}],
    }


def _rows(claims: int) -> Iterator[Rows]:
    yield {"document_part": [{"number": _PART, "text": '"basis":null'}]}
    articles = max(10, claims // 10)
    for number in range(articles):
        record = _Record(number, articles)
        row = _columns(record, ARTICLES)
        yield {"article": [row], "term": _terms(record, ARTICLES, "article", row["published_on_from"])}
    shares = [kind for kind, share in zip(KINDS, (3, 1, 1, 5), strict=True) for _ in range(share)]
    for number in range(claims):
        record = _Record(number, claims)
        yield _claim_rows(record, shares[number % len(shares)], f"record-{record.chance.randrange(articles):08}")


def fill(store: Store, claims: int) -> None:
    """Add a number of claims, and a tenth as many articles, to an empty database."""
    indexes = [index for table in (article, claim, party, term, search) for index in table.indexes]
    indexes = [index for index in indexes if store.is_sqlite is False or index.name != "ix_search_words"]
    rows = _rows(claims)
    with store.aside() as connection, connection.begin():
        for index in indexes:
            index.drop(connection)
        while batch := list(islice(rows, _BATCH)):
            for table in metadata.sorted_tables:
                if values := [row for record in batch for row in record.get(table.name, ())]:
                    connection.execute(insert(table), values)
        for index in indexes:
            index.create(connection)
        facet_counts.recount(connection)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As the autovacuum of PostgreSQL does.
        connection.exec_driver_sql("PRAGMA optimize" if store.is_sqlite else "VACUUM ANALYZE")
