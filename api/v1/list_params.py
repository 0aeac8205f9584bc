"""Parameters of lists: their schema, made from the filters of a collection, and the list request that they form."""

from __future__ import annotations

import copy
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import request
from marshmallow import fields

from api.http import cursors
from api.http.negotiation import CSV, JSON, NDJSON, negotiate
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
from api.store.read import BY_RELEVANCE, RANKED_MAX, ListQuery, Position, sort_types
from schemas.fields import Choice, String
from schemas.page import LIMIT_MAX

LIMIT_DEFAULT = 20
RELEVANCE = "relevance"

# Parameters of a page, which an export does not have.
_OF_PAGES = ("limit", "cursor", "total", "facets", "include")
# The parameters of each list. The others are filters.
NO_FILTERS = (*_OF_PAGES, "sort", "fields", "format", "hxl")
_WHOLE_LIST = "An export has the whole list. Omit this parameter, or request JSON."

_FORMAT_HINTS = dict.fromkeys(("output", "export", "download", "as", "accept"), "format")
# Names of other APIs for the parameters that each list has.
_COMMON_HINTS = {
    **_FORMAT_HINTS,
    **dict.fromkeys(
        ("offset", "page", "skip", "start", "after", "before", "starting_after"),
        "Unknown parameter. Follow the links page.next and page.prev to get other pages.",
    ),
    **dict.fromkeys(("per_page", "page_size", "size", "count_per_page", "max_results", "top"), "limit"),
    **dict.fromkeys(("order", "order_by", "sort_by", "orderby"), "sort"),
    **dict.fromkeys(("expand", "embed", "with"), "include"),
    **dict.fromkeys(("select", "columns", "only"), "fields"),
    **dict.fromkeys(("facet", "group_by", "aggs"), "facets"),
    **dict.fromkeys(("with_total", "include_total"), "total"),
}
# An export has the other parameters, and no pages.
_EXPORT_HINTS = {
    **{
        name: hint if hint in ("sort", "fields", "format") else f"Unknown parameter. {_WHOLE_LIST}"
        for name, hint in _COMMON_HINTS.items()
    },
    **dict.fromkeys(_OF_PAGES, f"Unknown parameter. {_WHOLE_LIST}"),
}
# The export of all records has filters only.
_FULL_EXPORT_HINTS = dict.fromkeys(
    (*_COMMON_HINTS, *NO_FILTERS),
    "Unknown parameter. This export has all fields of all matching records, as NDJSON and sorted by id. Use the export "
    "of a list, such as /v1/claims/export, to change that.",
)


def limit_field(description: str = "The maximum number of records on a page.", default: int = LIMIT_DEFAULT) -> Number:
    """Return the field of the parameter `limit`."""
    return Number(minimum=1, maximum=LIMIT_MAX, load_default=default, description=description)


def cursor_field() -> fields.String:
    """Return the field of the parameter `cursor`."""
    return String(
        description="The start of the page. Take it from the links of another page.",
        metadata={"format": "cursor", "maxLength": 2000},
    )


def read_cursor(
    params: Mapping[str, typing.Any], cursor_key: str, types: Sequence[type]
) -> tuple[Position | None, bool]:
    """Return the position in the cursor of a request, or None, and whether the page ends before it.

    `types` are those of the values of the position. Raises InvalidParameters for a cursor of another list.
    """
    if "cursor" not in params:
        return None, False
    try:
        cursor = cursors.decode(params["cursor"], cursor_key, types)
    except cursors.InvalidCursor as error:
        raise InvalidParameters([("cursor", str(error))]) from None
    return cursor.position, cursor.backward


@dataclass(frozen=True)
class ListRequest:
    """A request for a list: the query for the store, and the form of the response.

    Cursors of the list carry `cursor_key`.
    """

    query: ListQuery
    media_type: str
    cursor_key: str
    facets: tuple[Filter, ...]
    total: str | None
    include_article: bool
    hxl: bool


@dataclass(frozen=True)
class ListParams:
    """The parameters of a list. `fixed` filters are set by the path, `sort` is the default order.

    `own_order` is a column that only this list can be sorted by.
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
    def schema(self) -> QuerySchema:
        """The schema of the parameters of the list."""
        members = self._members()
        if self._search is not None:
            members["sort"] = self._order(
                RELEVANCE,
                more=f" `{RELEVANCE}` requires `{self._search}` and excludes other orders. Records with more of the "
                f"words, among fewer others, come first. If more than {RANKED_MAX:,} records match, the list has the "
                "latest.",
            )
        members |= {
            "limit": limit_field(),
            "cursor": cursor_field(),
            "total": Choice(
                ("capped", "exact"), description=f"Also count the matches: all, or fast, up to {COUNT_CAP:,}."
            ),
            "format": Choice(
                ("json", "csv", "ndjson"),
                description=(
                    "The format, for programs that cannot send `Accept`. `csv` and `ndjson` stream the "
                    "whole list, without `limit`, `cursor`, `total`, `facets` and `include`. It overrides `Accept`."
                ),
            ),
            "facets": Names(
                [name for name in self.collection.facets if name not in self.fixed],
                description="Also count the values of these fields among the matches, without their own filters.",
            ),
        }
        if self.collection.of_claims:
            members["include"] = Names(("article",), description="Also embed the article of each claim, as `article`.")
        return self._parameters("_".join(self.fixed), {**_COMMON_HINTS, **self._hints}, members)

    @cached_property
    def export_schema(self) -> QuerySchema:
        """The schema of the parameters of an export: those of the list without those of its pages."""
        description = "The format, for programs that cannot send `Accept`. It overrides `Accept`."
        members = {**self._members(), "format": Choice(("ndjson", "csv"), description=description)}
        return self._parameters("_".join((*self.fixed, "export")), {**_EXPORT_HINTS, **self._hints}, members)

    def _members(self) -> dict[str, fields.Field[typing.Any]]:
        """Return the parameters that pages and exports of the list share."""
        return {
            **{name: field for name, (_, _, field) in self._filters.items()},
            "sort": self._order(),
            "fields": Names(self.collection.fields, description="Only these fields of each record, and its id."),
            "hxl": Flag(description="Only with CSV: adds a second row of HXL hashtags, which describe the columns."),
        }

    def _order(self, *orders: str, more: str = "") -> Names:
        """Return the parameter `sort`. `more` describes the additional orders."""
        return Names(
            [*(order for name in self._sorts for order in (name, f"-{name}")), *orders],
            description=(
                f"The order, by default `{self.sort}`. `-` descends. Records without the value come "
                f"last. Ties are ordered by id in the same direction. A date is ordered by its earliest day.{more}"
            ),
        )

    def view_schema(self, **more: fields.Field[typing.Any]) -> QuerySchema:
        """Return the schema of a view of all matches: the filters, and more parameters."""
        members = {name: copy.deepcopy(field) for name, (_, _, field) in self._filters.items()}
        # With this example, trying the view in Swagger UI returns claims.
        conflict = members["conflict"]
        conflict.metadata = {**conflict.metadata, "example": ["nagorno-karabakh"]}
        picture = Choice(
            ("json", "svg"),
            description="The format, for programs that cannot send `Accept`: `svg` is a picture. Overrides `Accept`.",
        )
        return self._parameters("view", {**_FORMAT_HINTS, **self._hints}, {**members, "format": picture, **more})

    def filter_schema(self, **more: fields.Field[typing.Any]) -> QuerySchema:
        """Return the schema of the filters, and more parameters."""
        members = {name: field for name, (_, _, field) in self._filters.items()}
        return self._parameters("filter", {**_FULL_EXPORT_HINTS, **self._hints}, {**members, **more})

    def _parameters(self, name: str, hints: dict[str, str], members: dict[str, typing.Any]) -> QuerySchema:
        schema = type(f"{self.collection.name}_{name}_parameters", (QuerySchema,), {"hints": hints, **members})
        return typing.cast("QuerySchema", schema())

    @cached_property
    def _hints(self) -> dict[str, str]:
        """The hints for synonyms, names of other APIs, and filters of other lists."""
        elsewhere: dict[str, list[str]] = {}
        for other in COLLECTIONS:
            for filter_ in other.filters:
                if filter_.name not in self.collection.by_name:
                    elsewhere.setdefault(filter_.name, []).append(f"{self.version.prefix}/{other.path}")
        foreign = {name: f"Unknown parameter. Use it with {' and '.join(paths)}." for name, paths in elsewhere.items()}
        set_by_path = dict.fromkeys(self.fixed, "Unknown parameter. The path sets this filter.")
        own = {
            synonym: filter_.name
            for filter_ in self.collection.filters
            if filter_.name not in self.fixed
            for synonym in filter_.synonyms
        }
        return {**foreign, **own, **set_by_path}

    def conditions(self, params: Mapping[str, typing.Any], **fixed: str) -> tuple[Condition, ...]:
        """Return the filters among the parameters, sorted. Their lists of values are sorted too."""
        conditions = [Condition(self.collection.by_name[name], "is", [value]) for name, value in fixed.items()]
        for name, value in params.items():
            if name in self._filters:
                filter_, operator, _ = self._filters[name]
                conditions.append(Condition(filter_, operator, sorted(value) if isinstance(value, list) else value))
        return tuple(sorted(conditions, key=lambda condition: (condition.filter.name, condition.operator)))

    def parse(
        self, params: Mapping[str, typing.Any], media_types: Sequence[str] = (JSON, CSV, NDJSON), **fixed: str
    ) -> ListRequest:
        """Return the list request of parameters that the schema of the list, or of its export, loaded.

        The response has one of the media types, by default the first.

        Raises InvalidParameters for parameters that exclude each other, and for the cursor of another list. Raises
        Problem if `Accept` allows no format of a list.
        """
        media_type = negotiate(*media_types)
        if errors := list(_format_errors(params, media_type)):
            raise InvalidParameters(errors)
        sort = self._sort(params)
        conditions = self.conditions(params, **fixed)
        cursor_key = self.cursor_key(conditions, sort)
        types = [*(self._sort_types[column] for column, _ in sort), str]
        position, backward = read_cursor(params, cursor_key, types)
        requested = {"id", *params["fields"]} if params.get("fields") else ()
        names = tuple(name for name in self.collection.fields if name in requested) if requested else ()
        limit = params.get("limit", LIMIT_DEFAULT)
        return ListRequest(
            query=ListQuery(self.collection, conditions, sort, limit, position, backward, names),
            media_type=media_type,
            cursor_key=cursor_key,
            facets=tuple(self.collection.by_name[name] for name in params.get("facets", ())),
            total=params.get("total"),
            include_article="article" in params.get("include", ()),
            hxl=bool(params.get("hxl")),
        )

    def cursor_key(self, conditions: Sequence[Condition], *order: typing.Any) -> str:
        """Return the key of the cursors of a list with these filters in this order."""
        filters = [(condition.filter.name, condition.operator, condition.value) for condition in conditions]
        return cursors.fingerprint(self.collection.name, filters, *order)

    @cached_property
    def _sort_types(self) -> dict[str, type]:
        return sort_types(self.collection)

    @cached_property
    def _search(self) -> str | None:
        """The name of the search filter, if the collection has one."""
        return next((filter_.name for filter_ in self.collection.filters if isinstance(filter_, SearchFilter)), None)

    def _sort(self, params: Mapping[str, typing.Any]) -> Sort:
        orders = params.get("sort") or [self.sort]
        if RELEVANCE not in orders:
            return tuple((self._sorts[order.removeprefix("-")], order.startswith("-")) for order in orders)
        if self._search not in params:
            message = f"`sort={RELEVANCE}` requires `{self._search}`."
        elif len(orders) > 1:
            message = f"`{RELEVANCE}` cannot be combined with other orders. Omit them, or omit `{RELEVANCE}`."
        else:
            return BY_RELEVANCE
        raise InvalidParameters([("sort", message)])


def _format_errors(params: Mapping[str, typing.Any], media_type: str) -> Iterator[tuple[str, str]]:
    """Yield the errors of parameters that the format of the response does not have."""
    if params.get("hxl") and media_type != CSV:
        yield "hxl", "HXL tags are a row of CSV. Send `format=csv`, or omit `hxl`."
    if media_type != JSON:
        for name in _OF_PAGES:
            if name in request.args:
                yield name, _WHOLE_LIST
        if RELEVANCE in params.get("sort", ()):
            yield "sort", "An export has all matches, and only some of them are ranked. Choose another order."
