"""What a list can be asked, and what of it the store is asked.

The schema of a list's query is made from its collection's filters, once; so is the advice for words that people
try in its stead.
"""

from __future__ import annotations

import copy
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from marshmallow import fields

from api.http import cursors
from api.http.cursors import Cursor
from api.http.negotiation import FORMATS
from api.http.problems import InvalidParameters
from api.http.query_params import QuerySchema
from api.http.versions import Version
from api.kinds.collections import COLLECTIONS
from api.kinds.filters import Filter, SearchFilter
from api.kinds.kind import Collection
from api.kinds.query_fields import Flag, Names, Number
from api.store.facets import COUNT_CAP
from api.store.filter_sql import Condition
from api.store.keyset import Sort
from api.store.read import BY_RELEVANCE, RANKED_MAX, ListQuery, position_types
from schemas.fields import Choice
from schemas.page import LIMIT_MAX

LIMIT_DEFAULT = 20
RELEVANCE = "relevance"

# Words of other APIs for what every list has.
_COMMON_ADVICE = {
    **dict.fromkeys(
        ("offset", "page", "skip", "start", "after", "before", "starting_after"),
        "Unknown parameter. Lists are walked by following the links page.next and page.prev.",
    ),
    **dict.fromkeys(("per_page", "page_size", "size", "count_per_page", "max_results", "top"), "limit"),
    **dict.fromkeys(("order", "order_by", "sort_by", "orderby"), "sort"),
    **dict.fromkeys(("expand", "embed", "with"), "include"),
    **dict.fromkeys(("select", "columns", "only"), "fields"),
    **dict.fromkeys(("facet", "group_by", "aggs"), "facets"),
    **dict.fromkeys(("with_total", "include_total"), "total"),
    **dict.fromkeys(("output", "export", "download", "as", "accept"), "format"),
}


def limit_field(description: str = "The most records that a page holds.", default: int = LIMIT_DEFAULT) -> Number:
    """Return the field of the parameter `limit`."""
    return Number(least=1, most=LIMIT_MAX, load_default=default, metadata={"description": description})


def cursor_field() -> fields.String:
    """The parameter that says where a page begins."""
    return fields.String(
        metadata={
            "description": "Where the page begins: taken from the links of another page, never made.",
            "format": "cursor",
            "maxLength": 2000,
        }
    )


@dataclass(frozen=True)
class ListRequest:
    """A list as it was asked for: what the store is asked, and how the answer is laid out."""

    ask: ListQuery
    bound_to: str
    fields: tuple[str, ...]
    facets: tuple[Filter, ...]
    total: str | None
    include_article: bool


@dataclass(frozen=True)
class ListParams:
    """How a version's collection can be asked: `fixed` filters are set by the path and no parameters.

    `sort` is the default.
    """

    version: Version
    collection: Collection
    sort: str
    fixed: tuple[str, ...] = ()
    own_order: str | None = None

    @cached_property
    def _filters(self) -> dict[str, tuple[Filter, str, fields.Field[typing.Any]]]:
        return {
            name: (filter_, operator, field)
            for filter_ in self.collection.filters
            if filter_.name not in self.fixed
            for operator, name, field in filter_.parameters()
        }

    @cached_property
    def _sorts(self) -> dict[str, str]:
        own = {self.own_order: self.own_order} if self.own_order else {}
        return {**own, **self.collection.sorts}

    @cached_property
    def facets(self) -> tuple[str, ...]:
        """The names that `facets` takes."""
        return tuple(name for name in self.collection.facets if name not in self.fixed)

    @cached_property
    def schema(self) -> QuerySchema:
        """The query's parameters."""
        members: dict[str, typing.Any] = {name: field for name, (_, _, field) in self._filters.items()}
        orders = [order for name in self._sorts for order in (name, f"-{name}")]
        by_relevance = ""
        if self._search is not None:
            orders.append(RELEVANCE)
            by_relevance = (
                f" `{RELEVANCE}`, only with `{self._search}` and alone: what has the words more often and among fewer "
                f"others comes first; of more than {RANKED_MAX:,} that match, the list holds the latest on record."
            )
        members |= {
            "sort": Names(
                orders,
                metadata={
                    "description": f"The order, by default `{self.sort}`; `-` descends. Records without the value come "
                    f"last; ties go by id in the same direction. A date sorts by the first day it can be.{by_relevance}"
                },
            ),
            "limit": limit_field(),
            "cursor": cursor_field(),
            "total": Choice(
                ("capped", "exact"),
                metadata={"description": f"Also count what matches: all of it, or up to {COUNT_CAP:,}, which is fast."},
            ),
            "fields": Names(
                self.collection.fields, metadata={"description": "Only these fields of each record, and its id."}
            ),
            "format": Choice(
                tuple(FORMATS),
                metadata={
                    "description": "What `Accept` says in a header, for programs that cannot: `csv` or `ndjson` is the "
                    "whole list as a stream, so that `limit`, `cursor`, `total`, `facets` and `include` are left out. "
                    "It goes before `Accept`."
                },
            ),
            "hxl": Flag(
                metadata={
                    "description": "Only with CSV: a second row of HXL hashtags, which say what each column means."
                }
            ),
            "facets": Names(
                self.facets,
                metadata={"description": "Also count the values of these among what matches, own filters left out."},
            ),
        }
        if self.collection.of_claims:
            members["include"] = Names(
                ("article",), metadata={"description": "Also put each claim's article into it, as `article`."}
            )
        return self._parameters("_".join(self.fixed), {**_COMMON_ADVICE, **self._advice}, members)

    def filters_and(self, **more: fields.Field[typing.Any]) -> QuerySchema:
        """The parameters of a view of all that matches, which has no pages: the filters, and some of its own."""
        members = {name: copy.deepcopy(field) for name, (_, _, field) in self._filters.items()}
        # So that whoever tries the view has something to see.
        conflict = members["conflict"]
        conflict.metadata = {**conflict.metadata, "example": ["nagorno-karabakh"]}
        return self._parameters("view", self._advice, {**members, **more})

    def _parameters(self, name: str, hints: dict[str, str], members: dict[str, typing.Any]) -> QuerySchema:
        schema = type(f"{self.collection.name}_{name}_parameters", (QuerySchema,), {"hints": hints, **members})
        return typing.cast("QuerySchema", schema())

    @cached_property
    def _advice(self) -> dict[str, str]:
        """What to tell those who try a synonym, another API's word, or another list's filter."""
        elsewhere: dict[str, list[str]] = {}
        for other in COLLECTIONS:
            for filter_ in other.filters:
                if filter_.name not in self.collection.by_name:
                    elsewhere.setdefault(filter_.name, []).append(f"{self.version.prefix}/{other.path}")
        foreign = {
            name: f"Unknown parameter. It can be asked of {' and '.join(paths)}." for name, paths in elsewhere.items()
        }
        set_by_path = dict.fromkeys(self.fixed, "Unknown parameter. The path says it already.")
        own = {
            synonym: filter_.name
            for filter_ in self.collection.filters
            if filter_.name not in self.fixed
            for synonym in filter_.synonyms
        }
        return {**foreign, **own, **set_by_path}

    def conditions(self, given: Mapping[str, typing.Any], **fixed: str) -> list[Condition]:
        """The filters among parameters; the same ones in another order are the same."""
        conditions = [Condition(self.collection.by_name[name], "is", [value]) for name, value in fixed.items()]
        for name, value in given.items():
            if name in self._filters:
                filter_, operator, _ = self._filters[name]
                conditions.append(Condition(filter_, operator, value))
        return sorted(conditions, key=lambda condition: (condition.filter.name, condition.operator))

    def parse(self, given: Mapping[str, typing.Any], **fixed: str) -> ListRequest:
        """What parameters, as the schema loaded them, ask; raises InvalidParameters for a cursor not made for them."""
        conditions = self.conditions(given, **fixed)
        sort = self._sort(given)
        bound_to, cursor = self.cursor(given, position_types(self.collection, sort), sort, **fixed)
        return ListRequest(
            ask=ListQuery(
                self.collection,
                tuple(conditions),
                sort,
                given["limit"],
                None if cursor is None else cursor.position,
                cursor is not None and cursor.backward,
            ),
            bound_to=bound_to,
            fields=tuple(given.get("fields", ())),
            facets=tuple(self.collection.by_name[name] for name in given.get("facets", ())),
            total=given.get("total"),
            include_article="article" in given.get("include", ()),
        )

    def cursor(
        self, given: Mapping[str, typing.Any], types: Sequence[type], *order: typing.Any, **fixed: str
    ) -> tuple[str, Cursor | None]:
        """Return what the cursors of a list are bound to, and the cursor that the request sent.

        `types` are those of the values of a position in this order. Raises InvalidParameters for a cursor of another
        list.
        """
        filters = [
            (each.filter.name, each.operator, _unordered(each.value)) for each in self.conditions(given, **fixed)
        ]
        bound_to = cursors.fingerprint(self.collection.name, filters, *order)
        if "cursor" not in given:
            return bound_to, None
        try:
            return bound_to, cursors.decode(given["cursor"], bound_to, types)
        except cursors.InvalidCursor as error:
            raise InvalidParameters([("cursor", str(error))]) from None

    @cached_property
    def _search(self) -> str | None:
        """The filter that searches, where there is one."""
        return next((filter_.name for filter_ in self.collection.filters if isinstance(filter_, SearchFilter)), None)

    def _sort(self, given: Mapping[str, typing.Any]) -> Sort:
        orders = given.get("sort") or [self.sort]
        if RELEVANCE not in orders:
            return tuple((self._sorts[order.removeprefix("-")], order.startswith("-")) for order in orders)
        if self._search not in given:
            told = f"Nothing to be relevant to: give {self._search}, or sort by something else."
        elif len(orders) > 1:
            told = f"{RELEVANCE} stands alone: leave the other orders out, or {RELEVANCE}."
        else:
            return BY_RELEVANCE
        raise InvalidParameters([("sort", told)])


def _unordered(value: typing.Any) -> typing.Any:
    return sorted(value) if isinstance(value, list) else value
