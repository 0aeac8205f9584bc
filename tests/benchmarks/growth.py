"""Cost of items, pages and facets by the number of claims: `python -m tests.benchmarks.growth`.

It asks the store, without HTTP. It asks each list for each filter and operator, with common, rare and absent values,
and for random pairs of them. It requests the first page and pages at three depths. The default sizes are 1,000, 100,000
and 1,000,000 claims. With `--write`, the results are written into docs/performance.md.

The cost is counted in instructions of SQLite's virtual machine, which no other process disturbs. The time is the
processor's, the least of three.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import tempfile
import time
import typing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from sqlalchemy import event

from api.kinds import search
from api.kinds.collections import COLLECTIONS
from api.kinds.filters import (
    BooleanFilter,
    DateFilter,
    Filter,
    ListFilter,
    NumberFilter,
    PartyKeywordFilter,
    PartyNameFilter,
    SearchFilter,
)
from api.kinds.kind import Collection
from api.store import facets, read
from api.store.database import Store
from api.store.filter_sql import Condition
from api.store.keyset import Sort
from tests.benchmarks.bulk_records import COUNTRIES, OLD_COUNTRY, RARE_COUNTRY, choices, fill, vocabulary
from tests.benchmarks.report import table, write

SIZES = (1_000, 100_000, 1_000_000)
# The growth that a page may have from the smallest to the largest size.
GROWTH_MAX = 1.3
# The seconds of a fast request.
FAST = 0.01
# The instructions between two calls of the counter.
_UNIT = 100
_ITEMS = 20
_SECONDS = 60
_DATES: dict[str, typing.Sequence[typing.Any]] = {
    "is": ("2015-06-01", "2015", "1990"),
    "gte": ("2010-01-01", "2024-12-20", "2090"),
    "lte": ("2020-01-01", "2005-01-20", "1990"),
}
_NUMBERS: dict[str, typing.Sequence[typing.Any]] = {
    "is": (10, 5000, 999_999),
    "gte": (10, 3000, 4990, 999_999),
    "lte": (100, 1, 0),
}
_PARTIES = ("party 0", "party 120", "old party 0", "rare party", "nobody", "https://parties.example/party-0")
# The first page, a page in the middle, one near the end, and one that ends in the middle.
_PAGES = ((None, False), (("2015-01-01", "m"), False), (("2005-02-01", "m"), False), (("2015-01-01", "m"), True))


@dataclass(frozen=True)
class Case:
    """A request for a page, or for a facet or the item with an id of its collection, and its name in the output."""

    name: str
    query: read.ListQuery
    facet: Filter | None = None
    id: str | None = None


@dataclass
class Cost:
    """Instructions, seconds of the processor, and records of a response. A request that timed out has no records."""

    steps: int
    seconds: float
    records: int | None


def values(filter_: Filter, operator: str) -> typing.Sequence[typing.Any]:
    """Return common, rare and absent values of a filter."""
    if operator == "exists" or isinstance(filter_, BooleanFilter):
        return True, False
    if isinstance(filter_, (DateFilter, NumberFilter)):
        return (_DATES if isinstance(filter_, DateFilter) else _NUMBERS)[operator]
    if isinstance(filter_, SearchFilter):
        return tuple(search.parse(words) for words in ("word0", "word150", "rare", "nothing"))
    return [sorted(names.split(",")) for names in _names(filter_)]


def _names(filter_: Filter) -> typing.Sequence[str]:
    if isinstance(filter_, PartyNameFilter):
        return _PARTIES
    if isinstance(filter_, PartyKeywordFilter):
        countries = (COUNTRIES[0], OLD_COUNTRY, RARE_COUNTRY, "FRA")
        return ("government", "observer", "person") if filter_.column == "kind" else countries
    if filter_.name in ("id", "article_id", "restates"):
        return "record-00000010", "nothing"
    words = choices(filter_)
    if isinstance(filter_, ListFilter) or vocabulary(filter_):
        return words[0], f"{words[0]},{words[1]}", words[-1], "nothing"
    return [f"{filter_.name}-{end}" for end in ("0", "20", "old", "rare", "nothing")]


def conditions(collection: Collection) -> list[Condition]:
    """Return a condition for each filter, operator and value of a collection."""
    return [
        Condition(filter_, operator, value)
        for filter_ in collection.filters
        for operator, _, _ in filter_.parameters()
        for value in values(filter_, operator)
    ]


def cases(collection: Collection, pairs_max: int) -> typing.Iterator[Case]:
    """Yield the requests of a collection: without filters, with one, and with two."""
    chance = random.Random(collection.name)
    single = conditions(collection)
    pairs = [pair for pair in combinations(single, 2) if pair[0].filter is not pair[1].filter]
    chosen = [(), *((condition,) for condition in single), *chance.sample(pairs, min(pairs_max, len(pairs)))]
    order = _order(collection)
    for combined in chosen:
        name = " ".join(
            f"{condition.filter.name}[{condition.operator}]={_written(condition.value)}" for condition in combined
        )
        for position, backward in _PAGES:
            query = read.ListQuery(collection, combined, order, 20, position, backward)
            yield Case(
                f"/{collection.path}?{name} {'before' if backward else 'after'} {position and position[0]}", query
            )
    for facet in collection.facets:
        query = read.ListQuery(collection, (), order)
        yield Case(f"/{collection.path}?facets={facet}", query, collection.by_name[facet])


def _order(collection: Collection) -> Sort:
    """Return the default order of a collection."""
    return ((next(iter(collection.by_name[collection.default_sort[1:]].columns)), True),)


def items(store: Store) -> typing.Iterator[Case]:
    """Yield requests for items of each collection of a database."""
    with store.reading() as reader:
        for collection in COLLECTIONS:
            query = read.ListQuery(collection, (), _order(collection), _ITEMS)
            for position in map(read.page(reader, query).position, range(_ITEMS)):
                yield Case(f"/{collection.path}/{position[-1]}", query, id=position[-1])


def _written(value: typing.Any) -> str:
    if isinstance(value, tuple):
        return " ".join(" ".join(term.words) for term in value)
    return ",".join(value) if isinstance(value, list) else str(value)


class Meter:
    """A store whose statements are counted."""

    def __init__(self, path: Path):
        self._units = 0
        self.store = Store(f"sqlite:///{path}", seconds=_SECONDS)
        event.listen(self.store.engine, "connect", self._watch)

    def _watch(self, connection: typing.Any, _record: object) -> None:
        connection.set_progress_handler(self._count, _UNIT)

    def _count(self) -> bool:
        self._units += 1
        return False

    def cost(self, case: Case, repeats: int = 3) -> Cost:
        """Return the cost of a request."""
        best = Cost(0, float("inf"), None)
        for number in range(repeats):
            self._units, start = 0, time.process_time()
            with self.store.reading() as reader:
                if case.id is not None:
                    records = len([read.item(reader, case.query.collection, case.id)])
                elif case.facet is None:
                    records = len(read.page(reader, case.query).rows)
                else:
                    records = len(facets.facet_counts(reader, case.query, case.facet)[0])
            seconds = time.process_time() - start
            best = Cost(self._units * _UNIT, min(best.seconds, seconds), records)
            # The first time, the statements are compiled.
            if seconds > (0.05 if number else 0.2):
                break
        return best


def database(folder: Path, claims: int) -> Path:
    """Return the path of a database with a number of claims. It is made if it does not exist."""
    path = folder / f"claims-{claims}.db"
    if not path.exists():
        store = Store(f"sqlite:///{path}", seconds=3600)
        store.upgrade()
        fill(store, claims)
        store.close()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=SIZES)
    parser.add_argument("--pairs", type=int, default=250, help="pairs of conditions of each list")
    parser.add_argument("--folder", type=Path, help="keep the databases there")
    parser.add_argument("--worst", type=int, default=15, help="lines of each table")
    parser.add_argument("--json", type=Path, help="also write all costs to this file")
    parser.add_argument("--write", action="store_true", help="write the results into docs/performance.md")
    arguments = parser.parse_args()
    gc.disable()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        meters = {size: Meter(database(folder, size)) for size in arguments.sizes}
        all_cases = list(items(meters[min(meters)].store))
        all_cases += [case for collection in COLLECTIONS for case in cases(collection, arguments.pairs)]
        costs = {case.name: [meter.cost(case) for meter in meters.values()] for case in all_cases}
        for meter in meters.values():
            meter.store.close()
    for title, names in (
        ("Items and pages", [case.name for case in all_cases if case.facet is None]),
        ("Facets", [case.name for case in all_cases if case.facet is not None]),
    ):
        print(report(title, arguments.sizes, {name: costs[name] for name in names}, arguments.worst))
    if arguments.write:
        write({"growth": block(arguments.sizes, all_cases, costs)})
    if arguments.json:
        arguments.json.write_text(json.dumps({name: [vars(cost) for cost in row] for name, row in costs.items()}))


def block(sizes: typing.Sequence[int], cases: typing.Sequence[Case], costs: dict[str, list[Cost]]) -> str:
    """Return the results as Markdown."""
    pages = [costs[case.name] for case in cases if case.facet is None]
    slowest_facets = [max(costs[case.name][n].seconds for case in cases if case.facet) for n in range(len(sizes))]
    rows = []
    for number, (size, slowest_facet) in enumerate(zip(sizes, slowest_facets, strict=True)):
        seconds = sorted(row[number].seconds for row in pages)
        chosen = (seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100], seconds[-1], slowest_facet)
        rows.append([f"{size:,}", *(f"{1000 * value:,.{2 if value < 0.01 else 0}f} ms" for value in chosen)])
    fast = sum(1 for row in pages if row[-1].seconds < FAST)
    within = sum(1 for row in pages if row[-1].seconds <= GROWTH_MAX * row[0].seconds)
    worst = max(pages, key=lambda row: row[-1].seconds / row[0].seconds)
    first, last = (1000 * worst[number].seconds for number in (0, -1))
    return (
        f"{table(['claims', 'median', '99 % of requests', 'slowest', 'slowest facet'], rows)}\n\n"
        f"Measured on {datetime.now(UTC):%Y-%m-%d}. Of {len(pages):,} items and pages, {fast:,} take less than "
        f"{1000 * FAST:.0f} ms of processor time with {sizes[-1]:,} claims. {within:,} take at most {GROWTH_MAX} × as "
        f"long as with {sizes[0]:,} claims. Worst: {last / first:.4g} ×, from {first:.2f} to {last:,.0f} ms."
    )


def report(title: str, sizes: typing.Sequence[int], costs: dict[str, list[Cost]], worst: int) -> str:
    """Return a table of the requests that cost most at the largest size."""
    lines = [f"{title}: {len(costs)} requests", ""]
    for number, size in enumerate(sizes):
        seconds = sorted(row[number].seconds for row in costs.values())
        parts = (seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100], seconds[-1])
        lines.append(
            f"{size:>9,} claims: "
            + ", ".join(
                f"{name} {1000 * part:.2f} ms" for name, part in zip(("median", "p99", "worst"), parts, strict=True)
            )
        )
    growth = {name: row[-1].seconds / row[0].seconds for name, row in costs.items()}
    within = sum(1 for ratio in growth.values() if ratio <= GROWTH_MAX)
    lines += [f"growth ≤ {GROWTH_MAX}: {within} of {len(costs)}; worst {max(growth.values()):.1f}", ""]
    header = "".join(f"{f'{size:,}':>22}" for size in sizes)
    lines.append(f"{header}{'growth':>9}  request")
    for name, row in sorted(costs.items(), key=lambda item: -item[1][-1].seconds)[:worst]:
        cells = "".join(f"{cost.steps:>11,} {1000 * cost.seconds:>7.2f} ms" for cost in row)
        lines.append(f"{cells}{growth[name]:>9.1f}  {name} ({row[-1].records})")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
