"""Declarations of the filters of lists.

Index columns, query parameters with their documentation, SQL, facets, sorts and suggestions follow from them.
A filter does not contain SQL. The store implements each type of filter.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from marshmallow import fields

from api.kinds import query_fields
from api.text import fold
from schemas import edtf
from schemas.documents import Fields
from schemas.fields import BoundedList, Choice, Edtf, Identifier, Text

Field = fields.Field[typing.Any]

# The maximum number of values of a filter in one request.
_VALUES_MAX = 100


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A filter of a list.

    Unknown parameters with a name in `synonyms` get a suggestion for this filter. If `of_article` is set, the value
    comes from the claim's article. If `nullable` is set, the value can be null, and the filter supports `[exists]`.
    """

    name: str
    doc: str
    synonyms: tuple[str, ...] = ()
    of_article: bool = False
    nullable: bool = False

    facetable: typing.ClassVar[bool] = False

    @property
    def has_many_values(self) -> bool:
        """Whether new records bring new values of this facet, such as ids and days. Each is its own label."""
        return False

    @property
    def filter_name(self) -> str:
        """The name of the filter for a value of this facet."""
        return self.name

    @cached_property
    def columns(self) -> dict[str, type]:
        """The names and types (str, int or bool) of the index columns."""
        return {}

    def values(self, document: Fields) -> dict[str, typing.Any]:
        """Return the values of the index columns for a document. If `of_article` is set, it is the article's."""
        return {name: document[name] for name in self.columns}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        """Return the operator, name and field of each query parameter of this filter."""
        return iter(())

    def _any_of(
        self, value: Callable[[], Field], hint: str = "", *, excludable: bool = True
    ) -> Iterator[tuple[str, str, Field]]:
        """Yield the parameters of a filter that matches any of several values."""
        docs = {
            self.name: f"{self.doc} {hint}Repeat the parameter to match any of several values.",
            f"{self.name}[not]": f"Excludes records with any of these values of `{self.name}`.",
        }
        for operator, (name, doc) in zip(("is", "not") if excludable else ("is",), docs.items(), strict=False):
            yield operator, name, BoundedList(value(), length_min=1, length_max=_VALUES_MAX, description=doc)
        yield from self._existence()

    def _existence(self) -> Iterator[tuple[str, str, Field]]:
        if self.nullable:
            doc = f"`true` for records with `{self.name}`, `false` for records without it."
            yield "exists", f"{self.name}[exists]", query_fields.Flag(description=doc)

    def _range(self, field_type: Callable[..., Field], **meanings: str) -> Iterator[tuple[str, str, Field]]:
        for operator, meaning in meanings.items():
            description = f"The value of `{self.name}` {meaning}."
            yield operator, f"{self.name}[{operator}]", field_type(description=description)


FOLDING = "Case, diacritics, periods in initialisms and a leading English article are ignored."


@dataclass(frozen=True, kw_only=True)
class KeywordFilter(Filter):
    """A filter on a string such as a vocabulary value, a slug or an id. Repeated parameters match any of the values.

    If `folded` is set, values are compared after folding. `within` names the compared part of a nested field.
    If `excludable` is set, the filter supports `[not]`.
    """

    value: Callable[[], Field] = field(repr=False)
    folded: bool = False
    within: str | None = None
    excludable: bool = True
    facetable: typing.ClassVar[bool] = True

    @property
    def has_many_values(self) -> bool:
        return self.value is Identifier

    @property
    def key(self) -> str:
        """The name of the compared column."""
        return f"{self.name}_key" if self.folded else self.name

    @cached_property
    def columns(self) -> dict[str, type]:
        return {self.name: str, self.key: str}

    def values(self, document: Fields) -> dict[str, typing.Any]:
        value = document[self.name][self.within] if self.within else document[self.name]
        return {self.name: value, self.key: fold(value) if self.folded and value is not None else value}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield from self._any_of(self.value, f"{FOLDING} " if self.folded else "", excludable=self.excludable)


def id_filter(name: str, doc: str, **more: typing.Any) -> KeywordFilter:
    """Return a filter on the id of a record."""
    return KeywordFilter(name=name, doc=doc, value=Identifier, excludable=False, **more)


def keyword_filter(vocabulary: Iterable[str], name: str, doc: str, **more: typing.Any) -> KeywordFilter:
    """Return a filter on a vocabulary."""
    return KeywordFilter(name=name, doc=doc, value=lambda: Choice(vocabulary), **more)


def folded_filter(name: str, doc: str, **more: typing.Any) -> KeywordFilter:
    """Return a filter on a name, which is compared after folding."""
    return KeywordFilter(name=name, doc=doc, value=lambda: Text(300), folded=True, nullable=True, **more)


def place_filter(doc: str) -> KeywordFilter:
    """Return a filter on the place of a claim."""
    return folded_filter("place", doc, synonyms=("location", "where"))


@dataclass(frozen=True, kw_only=True)
class DateFilter(Filter):
    """A filter on a date. Values and ranges match if the possible days overlap. They never match a null date."""

    @cached_property
    def columns(self) -> dict[str, type]:
        return {f"{self.name}_from": str, f"{self.name}_to": str}

    def values(self, document: Fields) -> dict[str, typing.Any]:
        value = document[self.name]
        if value is None or (isinstance(value, Mapping) and value["basis"] is None):
            return dict.fromkeys(self.columns)
        days = edtf.Days(value["earliest"], value["latest"]) if isinstance(value, Mapping) else edtf.days(value)
        # An open end has the first or last possible day, so every range reaches it.
        ends = (days.earliest or edtf.DAY_MIN, days.latest or edtf.DAY_MAX)
        return dict(zip(self.columns, ends, strict=True))

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, Edtf(description=f"{self.doc} An EDTF date or interval.")
        yield from self._range(
            query_fields.Date, gte="can be on or after this date", lte="can be on or before this date"
        )
        yield from self._existence()


@dataclass(frozen=True, kw_only=True)
class CalendarFilter(Filter):
    """A facet that counts a date by year, month or day. The filter for its values is that of the date `of`.

    Its values are the first `digits` characters of an ISO day: 4, 7 or 10. Dates that can be in several years,
    months or days are not counted.
    """

    of: str
    digits: int
    facetable: typing.ClassVar[bool] = True

    @property
    def has_many_values(self) -> bool:
        return True

    @property
    def filter_name(self) -> str:
        return self.of


@dataclass(frozen=True, kw_only=True)
class NumberFilter(Filter):
    """A filter on a whole number. Ranges never match null."""

    @cached_property
    def columns(self) -> dict[str, type]:
        return {self.name: int}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, query_fields.Number(description=self.doc)
        yield from self._range(query_fields.Number, gte="is at least this", lte="is at most this")
        yield from self._existence()


@dataclass(frozen=True, kw_only=True)
class BooleanFilter(Filter):
    """A filter on a condition that is computed from the document."""

    test: Callable[[typing.Any], bool] = field(repr=False)

    @cached_property
    def columns(self) -> dict[str, type]:
        return {self.name: bool}

    def values(self, document: Fields) -> dict[str, typing.Any]:
        return {self.name: self.test(document)}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, query_fields.Flag(description=self.doc)


@dataclass(frozen=True, kw_only=True)
class ListFilter(Filter):
    """A filter on the entries of a list, such as symbols or names of inferred fields."""

    list_: str
    value: Callable[[], Field] = field(repr=False)
    facetable: typing.ClassVar[bool] = True

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield from self._any_of(self.value)


@dataclass(frozen=True, kw_only=True)
class PartyFilter(Filter):
    """A filter on a party in a role of the claim, or in any role if `role` is None."""

    role: str | None
    facetable: typing.ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class PartyNameFilter(PartyFilter):
    """A filter on a party's folded name or its `same_as`."""

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield from self._any_of(query_fields.Name, f"Matches the name or `same_as`. {FOLDING} ")


@dataclass(frozen=True, kw_only=True)
class PartyKeywordFilter(PartyFilter):
    """A filter on a party's `country` or `kind`."""

    column: str
    value: Callable[[], Field] = field(repr=False)

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield from self._any_of(self.value)


@dataclass(frozen=True, kw_only=True)
class SearchFilter(Filter):
    """A full-text filter. See `search.parse`."""

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        # Without an example, because Swagger UI would send it as the default value.
        syntax = (
            'A record must have all terms: words, `"phrases"` and prefixes with `*`, such as `ceas*`. A `-` before a '
            'term excludes records with it. Example: `withdraw* "occupying forces" -immediate`. Case and diacritics '
            "are ignored. Other characters separate words. A quotation without an end extends to the end of the query."
        )
        yield "is", self.name, query_fields.Query(description=f"{self.doc} {syntax}")
