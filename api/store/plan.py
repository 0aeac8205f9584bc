"""Plan of a list: the condition that its records are looked up by, so that the cost does not grow with the data.

The matches of each condition are counted in an index, up to a maximum. If a condition has few, each of them is compared
with the other conditions. A stream has its matches in the order of the list, and is read until the page is full.
The plan decides only the cost, and not the result.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isqrt

from sqlalchemy import bindparam, func, select

from api.kinds import KINDS
from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.filters import Filter, KeywordFilter, ListFilter, PartyKeywordFilter, SearchFilter
from api.kinds.kind import Collection
from api.store import fulltext
from api.store.filter_sql import SCAN, AnySelect, Condition, Shape, bind_values, binder
from api.store.index_ranges import Drive, index_ranges, range_of
from api.store.statement_cache import Reader
from api.store.streams import is_day, streams
from api.store.tables import table_of
from schemas.fields import Choice

# If a condition has at most this number of matches, they are looked up one by one. The number grows with the database.
_FEW = 512
_FEW_MAX = 8_192
# The maximum number of matches that are counted. Of two conditions with more, any can be read.
_COUNT_MAX = 10_000
# The maximum number of conditions whose count is remembered. One with many matches seldom has few later.
_FREQUENT_MAX = 10_000
_TYPE = Drive(-1, 0)
# The maximum number of shapes of conditions that are cached.
_SHAPES_MAX = 512
# The maximum number of values and roles by which a condition is read.
_STREAMS_MAX = 16


@dataclass(frozen=True)
class Plan:
    """The shapes and values of conditions, and the index by which their records are found.

    If `is_empty` is set, no record matches. Without `drive`, an index of all records is read in the order of the list.
    """

    shapes: tuple[Shape, ...]
    values: dict[str, typing.Any] = field(default_factory=dict)
    drive: Drive | None = None
    is_empty: bool = False


def plan(
    reader: Reader, collection: Collection, conditions: Sequence[Condition], rows_max: int, *, in_order: bool = False
) -> Plan:
    """Return the plan of a query of a number of rows. `in_order` is set if they have the default order of the list.

    A search with many matches becomes a SCAN.
    """
    conditions = [
        _plan_search(reader, condition, rows_max) if isinstance(condition.filter, SearchFilter) else condition
        for condition in conditions
    ]
    shapes, values = bind_values(conditions)
    if not shapes or any(_uses_search_index(condition) for condition in conditions):
        return Plan(shapes, values)
    ways = _ways(collection.name, shapes, in_order)
    if in_order and ways.streamed and len(ways.ranges) == 1:
        return Plan(shapes, values, Drive(ways.streamed[0]))
    few = few_of(_balance(reader, rows_max))
    keys = {
        range_: collection.type if range_ == _TYPE else (few, *_key(ways, conditions, range_)) for range_ in ways.ranges
    }
    counts = {range_: reader.frequent[key] for range_, key in keys.items() if key in reader.frequent}
    uncounted = tuple(range_ for range_ in ways.ranges if range_ not in counts)
    if uncounted and uncounted != (_TYPE,):
        # In the order of the list, the matches of a day are near one another.
        most = {range_: min(few, _FEW) if range_ in ways.of_day else few for range_ in uncounted}
        limits = {"few": few + 1, "near": min(few, _FEW) + 1, "many": _COUNT_MAX}
        (row,) = reader.rows(_counts, collection.name, shapes, in_order, uncounted, **values, **limits)
        counts |= zip(uncounted, row, strict=True)
        frequent = {range_ for range_ in uncounted if counts[range_] > most[range_]}
        _remember(reader.frequent, {keys[range_]: counts[range_] for range_ in frequent})
        fewest = min(uncounted, key=lambda range_: (range_ in frequent, counts[range_]))
        # In the order of the list, a stream has the matches at the same cost, and ends with the page.
        is_stream = in_order and fewest.condition in (_TYPE.condition, *ways.streamed)
        if not counts[fewest] or not (is_stream or fewest in frequent):
            return Plan(shapes, {**values, "few": few}, fewest, is_empty=not counts[fewest])
    if not in_order:
        return Plan(shapes, values)
    # The claims of the type are read without a condition.
    in_order_of = [*(Drive(condition, 0) for condition in ways.streamed), *([_TYPE] if _TYPE in counts else [])]
    best = min(in_order_of, key=lambda range_: counts[range_], default=_TYPE)
    return Plan(shapes, values, None if best == _TYPE else Drive(best.condition))


def few_of(balance: int) -> int:
    """Return the number of matches that are looked up one by one: a power of two, so that it seldom changes.

    >>> few_of(0), few_of(1500), few_of(1_000_000)
    (512, 1024, 8192)
    """
    return 1 << min(max(_FEW, balance), _FEW_MAX).bit_length() - 1


def _balance(reader: Reader, rows_max: int) -> int:
    """Return the number of matches to look up in the time that it takes to find so many rows in the order of a list.

    With more matches, fewer records of the list have to be read.
    """
    ((size,),) = reader.rows(claims_size)
    return isqrt(rows_max * (size or 0))


def _remember(frequent: dict[typing.Hashable, int], counts: dict[typing.Hashable, int]) -> None:
    if len(frequent) >= _FREQUENT_MAX:
        frequent.clear()
    frequent.update(counts)


def _uses_search_index(condition: Condition) -> bool:
    return isinstance(condition.filter, SearchFilter) and condition.operator != SCAN


def _key(ways: _Ways, conditions: Sequence[Condition], range_: Drive) -> tuple[typing.Hashable, ...]:
    """Return the key of the count of a range. Collections with the same table share it."""
    condition = conditions[range_.condition]
    value = tuple(condition.value) if isinstance(condition.value, list) else condition.value
    return ways.table, condition.filter.name, condition.operator, range_.range, value, ways.maximum(range_)


class _Ways(typing.NamedTuple):
    """The name of the table, the conditions that have streams, and the ranges to count.

    Of the conditions, those with few values of which each has many matches are last. `of_day` are the ranges of the
    date that the list is sorted by. Without this order, no condition has streams or such ranges.
    """

    table: str
    streamed: tuple[int, ...]
    ranges: tuple[Drive, ...]
    of_day: tuple[Drive, ...]

    def maximum(self, range_: Drive) -> str:
        """Return the name of the maximum up to which the records of a range are counted.

        It is `many` for streams and for the type, which are compared, `near` for days, and `few` for others.
        """
        if range_.condition in (_TYPE.condition, *self.streamed):
            return "many"
        return "near" if range_ in self.of_day else "few"


@lru_cache(maxsize=_SHAPES_MAX)
def _ways(name: str, shapes: tuple[Shape, ...], in_order: bool) -> _Ways:
    """Return the ways to find the records that match.

    A condition that limits the range of the index that is read `in_order` needs no count: the range has only matches.
    """
    collection = COLLECTION_BY_NAME[name]
    filters = [collection.by_name[filter_name] for filter_name, *_ in shapes]
    counts = [len(streams(collection, shapes, index)) if in_order else 0 for index in range(len(shapes))]
    streamed = [index for index, count in enumerate(counts) if 0 < count <= _STREAMS_MAX]
    ranges = [
        Drive(index, number)
        for index in range(len(shapes))
        for number in range(len(index_ranges(collection, shapes, index)))
        if not (in_order and shapes[index][1] == "lte" and is_day(collection, shapes[index][0]))
    ]
    of_day = tuple(range_ for range_ in ranges if in_order and is_day(collection, shapes[range_.condition][0]))
    if collection.type is not None and any(map(is_shared, filters)):
        ranges.append(_TYPE)
    by_breadth = sorted(streamed, key=lambda index: _breadth(filters[index]))
    return _Ways(table_of(collection).name, tuple(by_breadth), tuple(ranges), of_day)


def is_shared(filter_: Filter) -> bool:
    """Return whether claims of several types have a filter. The others limit a list to its type."""
    return sum(filter_.name in kind.collection.by_name for kind in KINDS) > 1


def _breadth(filter_: Filter) -> int:
    """Return a rank that is higher for filters with fewer different values, and so with more matches for each."""
    if not isinstance(filter_, (KeywordFilter, ListFilter, PartyKeywordFilter)):
        return 0
    return 2 if isinstance(filter_.value(), Choice) else 1 if isinstance(filter_, PartyKeywordFilter) else 0


def _counts(name: str, shapes: tuple[Shape, ...], in_order: bool, ranges: tuple[Drive, ...]) -> tuple[AnySelect]:
    """Select the number of records in ranges of indexes, each up to a maximum."""
    collection, ways = COLLECTION_BY_NAME[name], _ways(name, shapes, in_order)
    selects = [range_of(collection, shapes, range_).limit(bindparam(ways.maximum(range_))) for range_ in ranges]
    return (select(*(select(func.count()).select_from(ids.subquery()).scalar_subquery() for ids in selects)),)


def _plan_search(reader: Reader, condition: Condition, rows_max: int) -> Condition:
    # The index costs as much as the number of matches. A scan costs less if there are more matches.
    matches_max = _balance(reader, rows_max)
    _, arguments = fulltext.bind_values(condition.value)
    values = {f"c0_{number}": value for number, value in enumerate(arguments)}
    ((count,),) = reader.rows(_frequency, count_max=matches_max + 1, **values)
    return replace(condition, operator=SCAN) if count > matches_max else condition


def claims_size() -> tuple[AnySelect]:
    """Select the number of claims. Deleted claims are included."""
    return (select(fulltext.size()),)


def _frequency() -> tuple[AnySelect]:
    return (select(fulltext.frequency(binder(0), bindparam("count_max"))),)
