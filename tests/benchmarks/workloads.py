"""The requests of each workload. A hot workload repeats its URLs, a cold one requests no URL twice."""

from __future__ import annotations

import random
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from tests.benchmarks import data
from tests.benchmarks.contenders import (
    CONTENDERS,
    DATASETTE,
    FASTAPI,
    LITESTAR,
    ONRECORD,
    SMOREST,
    Contender,
    PageQuery,
)
from tests.benchmarks.load import Request
from tests.benchmarks.servers import Connection

HOT_URLS = 20
# The claimants whose pages are requested. Each has more claims than a page.
CLAIMANTS = [claimant["name"] for claimant in data.CLAIMANTS[:HOT_URLS]]
FIELDS = "claimant,harm,count,qualifier,on_record"
COLLECTION = ONRECORD.page(PageQuery("")).partition("?")[0]
LAST_DAYS = [(data.FIRST_DAY + timedelta(day)).isoformat() for day in range(data.DAYS // 4, data.DAYS)]


@dataclass(frozen=True)
class Stored:
    """The database: the ids of its claims in a random order, and cursor URLs deep in the list of all claims."""

    ids: Sequence[str]
    deep: Sequence[str]

    @property
    def conflicts(self) -> int:
        return data.conflicts(len(self.ids))


Requests = Callable[[Contender, Stored, Connection], list[Request]]


def _half(requests: Requests, number: int) -> Requests:
    """Return every second request, so that two cold workloads do not share a URL."""
    return lambda *arguments: requests(*arguments)[number::2]


@dataclass(frozen=True)
class Workload:
    """Requests that are sent to some servers. A workload with `connections` is sent over so many of them."""

    name: str
    title: str
    requests: Requests
    hot: bool
    contenders: Sequence[Contender] = (ONRECORD,)
    status: int = 200
    connections: int = 8


def _shuffled(values: list[str]) -> list[Request]:
    random.Random(data.SEED).shuffle(values)
    return [(value, None) for value in values]


def _hot_items(contender: Contender, stored: Stored, _: Connection) -> list[Request]:
    return [(contender.item(id_), None) for id_ in stored.ids[:HOT_URLS]]


def _cold_items(contender: Contender, stored: Stored, _: Connection) -> list[Request]:
    return [(contender.item(id_), None) for id_ in stored.ids[HOT_URLS:]]


def _hot_pages(limit: int, more: str = "") -> Requests:
    return lambda contender, *_: [
        (contender.page(PageQuery(claimant, limit=limit)) + more, None) for claimant in CLAIMANTS
    ]


def _cold_pages(limit: int, more: str = "") -> Requests:
    return lambda contender, *_: _shuffled(
        [contender.page(PageQuery(claimant, day, limit)) + more for claimant in CLAIMANTS for day in LAST_DAYS]
    )


def _unchanged(contender: Contender, stored: Stored, connection: Connection) -> list[Request]:
    paths = [path for path, _ in _hot_items(contender, stored, connection)]
    return [(path, connection.expect(path).headers["etag"]) for path in paths]


def _unchanged_pages(contender: Contender, stored: Stored, connection: Connection) -> list[Request]:
    paths = [path for path, _ in _hot_pages(20)(contender, stored, connection)]
    return [(path, connection.expect(path).headers["etag"]) for path in paths]


def _search(_contender: Contender, *_: typing.Any) -> list[Request]:
    terms = [f"{place} {harm}" for place in data.PLACES for harm in ("killed", "injured", "soldiers", "residents")]
    return _shuffled([f"{COLLECTION}?{urlencode({'q': term})}" for term in terms])


def _facets(_contender: Contender, *_: typing.Any) -> list[Request]:
    params = [
        {"facets": facet, "on_record[gte]": day, "fields": "id"}
        for facet in ("harm", "claimant", "place")
        for day in LAST_DAYS
    ]
    return _shuffled([f"{COLLECTION}?{urlencode(param)}" for param in params])


def _compare(_contender: Contender, stored: Stored, _: Connection) -> list[Request]:
    params = [
        {"conflict": f"conflict-{number:04}", "at": day}
        for number in range(stored.conflicts)
        for day in LAST_DAYS[-10:]
    ]
    return _shuffled([f"{COLLECTION}/compare?{urlencode(param)}" for param in params])


_FILTERING = (ONRECORD, LITESTAR, FASTAPI, SMOREST, DATASETTE)
_MORE_FIELDS = f"&fields={FIELDS}"

WORKLOADS = (
    Workload("item_hot", "an item, hot", _hot_items, True, CONTENDERS),
    Workload("item_cold", "an item, cold", _half(_cold_items, 0), False, CONTENDERS),
    Workload("page_hot", "a page of 20, hot", _hot_pages(20), True, CONTENDERS),
    Workload("page_cold", "a page of 20, cold", _half(_cold_pages(20), 0), False, CONTENDERS),
    Workload("page_100_hot", "a page of 100, hot", _hot_pages(100), True, CONTENDERS),
    Workload("page_100_cold", "a page of 100, cold", _cold_pages(100), False, CONTENDERS),
    Workload("fields_hot", "a page of 20 with `fields=`, hot", _hot_pages(20, _MORE_FIELDS), True),
    Workload("fields_cold", "a page of 20 with `fields=`, cold", _cold_pages(20, _MORE_FIELDS), False),
    Workload("unchanged", "304 for an item", _unchanged, True, status=304),
    Workload("unchanged_page", "304 for a page of 20", _unchanged_pages, True, status=304),
    Workload("deep", "a page of 20 deep in the list, cold", lambda _c, stored, _: _shuffled([*stored.deep]), False),
    Workload("search", "text search, cold", _search, False),
    Workload("facets", "a page with a facet, cold", _facets, False),
    Workload("compare", "compare of 200 claims, cold", _compare, False),
    Workload("item_hot_64", "an item, hot", _hot_items, True, connections=64),
    Workload("item_cold_64", "an item, cold", _half(_cold_items, 1), False, connections=64),
    Workload("page_hot_64", "a page of 20, hot", _hot_pages(20), True, connections=64),
    Workload("page_cold_64", "a page of 20, cold", _half(_cold_pages(20), 1), False, connections=64),
)
BY_NAME = {workload.name: workload for workload in WORKLOADS}
