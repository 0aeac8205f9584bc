"""What a list can be asked: one declaration a filter.

The index columns, the query parameters, their documentation, the SQL, the facets, the sorts and the
"did you mean" all come from it. A filter says nothing of SQL; the store knows what each type means.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from marshmallow import fields

from api.kinds import query_fields
from api.text import fold
from schemas import edtf
from schemas.fields import BoundedList, Choice, Edtf, Identifier, Text

Document = Mapping[str, typing.Any]
Field = fields.Field[typing.Any]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One thing to ask for.

    `synonyms` are words that people try for it; `of_article` says that the value stands in the claim's article;
    `nullable` that it may be absent, so that `[exists]` can be asked.
    """

    name: str
    doc: str
    synonyms: tuple[str, ...] = ()
    of_article: bool = False
    nullable: bool = False

    facetable: typing.ClassVar[bool] = False
    sort_column: typing.ClassVar[str | None] = None

    @property
    def filter_name(self) -> str:
        """The filter that asks for a value of this facet."""
        return self.name

    @property
    def columns(self) -> dict[str, type]:
        """The index columns beside the document: name and type, str, int or bool."""
        return {}

    def values(self, document: Document) -> dict[str, typing.Any]:
        """What stands in those columns for a document (of the article, where `of_article`)."""
        return {}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        """Operator, parameter name and field of every parameter that this filter gives."""
        raise NotImplementedError

    def _existence(self) -> Iterator[tuple[str, str, Field]]:
        if self.nullable:
            doc = f"Whether `{self.name}` is stated."
            yield "exists", f"{self.name}[exists]", query_fields.Flag(metadata={"description": doc})

    def _range(self, field_type: type[Field], **meanings: str) -> Iterator[tuple[str, str, Field]]:
        for operator, meaning in meanings.items():
            told = {"description": f"`{self.name}` {meaning}."}
            yield operator, f"{self.name}[{operator}]", field_type(metadata=told)


# More than this are a batch: ask for it in several.
_MOST_VALUES = 100


def _any_of(item: Field, doc: str) -> fields.List[typing.Any]:
    return BoundedList(item, length_min=1, length_max=_MOST_VALUES, metadata={"description": doc})


FOLDING = "Case, diacritics, the stops of initialisms and a leading English article are ignored."


@dataclass(frozen=True, kw_only=True)
class KeywordFilter(Filter):
    """One word or phrase of the record: a vocabulary's, a slug, an id. Repeat it for any-of; `[not]` excludes.

    `folded` compares folded names; `within` names the part of a nested field that is meant;
    `excludable` gives it a `[not]`.
    """

    value: Callable[[], Field] = field(repr=False)
    folded: bool = False
    within: str | None = None
    excludable: bool = True
    facetable: typing.ClassVar[bool] = True

    @property
    def key(self) -> str:
        """The column that is compared."""
        return f"{self.name}_key" if self.folded else self.name

    @property
    def columns(self) -> dict[str, type]:
        return {self.name: str, self.key: str}

    def values(self, document: Document) -> dict[str, typing.Any]:
        value = document[self.name][self.within] if self.within else document[self.name]
        return {self.name: value, self.key: fold(value) if self.folded and value is not None else value}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        how = f"{FOLDING} " if self.folded else ""
        yield "is", self.name, _any_of(self.value(), f"{self.doc} {how}Repeat for any of several.")
        if self.excludable:
            yield "not", f"{self.name}[not]", _any_of(self.value(), f"None of these as `{self.name}`.")
        yield from self._existence()


def id_filter(name: str, doc: str, **more: typing.Any) -> KeywordFilter:
    """A filter on the id of a record."""
    return KeywordFilter(name=name, doc=doc, value=Identifier, excludable=False, **more)


def keyword_filter(vocabulary: typing.Sequence[str], name: str, doc: str, **more: typing.Any) -> KeywordFilter:
    """A filter on a closed vocabulary."""
    return KeywordFilter(name=name, doc=doc, value=lambda: Choice(vocabulary), **more)


def place_filter(doc: str) -> KeywordFilter:
    """Return the filter on the place that a claim names."""
    return KeywordFilter(
        name="place", doc=doc, value=lambda: Text(300), folded=True, nullable=True, synonyms=("location", "where")
    )


@dataclass(frozen=True, kw_only=True)
class DateFilter(Filter):
    """A date: a bare value or a range matches where the possible days overlap; an absent date matches nothing."""

    @property
    def sort_column(self) -> str:  # type: ignore[override]
        return f"{self.name}_from"

    @property
    def columns(self) -> dict[str, type]:
        return {f"{self.name}_from": str, f"{self.name}_to": str}

    def values(self, document: Document) -> dict[str, typing.Any]:
        value = document[self.name]
        if isinstance(value, Mapping):
            known, days = value["basis"] is not None, edtf.Days(value["earliest"], value["latest"])
        else:
            known, days = value is not None, edtf.days(value) if value else edtf.Days(None, None)
        if not known:
            return {f"{self.name}_from": None, f"{self.name}_to": None}
        # An open end is open: no range lies beyond it.
        return {
            f"{self.name}_from": days.earliest or edtf.DAY_MIN,
            f"{self.name}_to": days.latest or edtf.DAY_MAX,
        }

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, Edtf(metadata={"description": f"{self.doc} An EDTF date or interval."})
        yield from self._range(
            query_fields.Date, gte="may be on or after this date", lte="may be on or before this date"
        )
        yield from self._existence()


@dataclass(frozen=True, kw_only=True)
class CalendarFilter(Filter):
    """A facet of a date: how many fall into each year, month or day; its filter is the date's.

    `of` names the date, `digits` says how much of an ISO day is told: 4, 7 or 10. What may be of several years, months
    or days is counted in none.
    """

    of: str
    digits: int
    facetable: typing.ClassVar[bool] = True

    @property
    def filter_name(self) -> str:
        return self.of

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield from ()


@dataclass(frozen=True, kw_only=True)
class NumberFilter(Filter):
    """A whole number, and ranges of it; an absent one matches no range."""

    @property
    def sort_column(self) -> str:  # type: ignore[override]
        return self.name

    @property
    def columns(self) -> dict[str, type]:
        return {self.name: int}

    def values(self, document: Document) -> dict[str, typing.Any]:
        return {self.name: document[self.name]}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, query_fields.Number(metadata={"description": self.doc})
        yield from self._range(query_fields.Number, gte="is at least this", lte="is at most this")
        yield from self._existence()


@dataclass(frozen=True, kw_only=True)
class BooleanFilter(Filter):
    """Something that is so or not, worked out of the document."""

    test: Callable[[Document], bool] = field(repr=False)

    @property
    def columns(self) -> dict[str, type]:
        return {self.name: bool}

    def values(self, document: Document) -> dict[str, typing.Any]:
        return {self.name: self.test(document)}

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, query_fields.Flag(metadata={"description": self.doc})


@dataclass(frozen=True, kw_only=True)
class ListFilter(Filter):
    """One entry of a list of words in the record, such as a symbol or the name of an inferred field."""

    list_: str
    value: Callable[[], Field] = field(repr=False)
    facetable: typing.ClassVar[bool] = True

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, _any_of(self.value(), f"{self.doc} Repeat for any of several.")
        yield "not", f"{self.name}[not]", _any_of(self.value(), f"None of these as `{self.name}`.")
        yield from self._existence()


@dataclass(frozen=True, kw_only=True)
class PartyFilter(Filter):
    """A party in a role of the claim, by a property of it; without a role, in any."""

    role: str | None
    facetable: typing.ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class PartyNameFilter(PartyFilter):
    """By its folded name or its `same_as`."""

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        how = f"Its name or its `same_as`. {FOLDING} Repeat for any of several."
        yield "is", self.name, _any_of(query_fields.Name(), f"{self.doc} {how}")
        yield "not", f"{self.name}[not]", _any_of(query_fields.Name(), f"None of these as `{self.name}`.")
        yield from self._existence()


@dataclass(frozen=True, kw_only=True)
class PartyKeywordFilter(PartyFilter):
    """By a word that describes it: its `country` or its `kind`."""

    column: str
    value: Callable[[], Field] = field(repr=False)

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        yield "is", self.name, _any_of(self.value(), f"{self.doc} Repeat for any of several.")
        yield "not", f"{self.name}[not]", _any_of(self.value(), f"None of these as `{self.name}`.")
        yield from self._existence()


@dataclass(frozen=True, kw_only=True)
class SearchFilter(Filter):
    """Words that stand in a record's texts; see `search.parse`."""

    def parameters(self) -> Iterator[tuple[str, str, Field]]:
        # No `example`: Swagger UI would search for it whenever somebody presses Execute.
        told = (
            'All of these have to stand there: words, `"words side by side"`, beginnings of words with `*` '
            '(`ceas*`); `-` before one leaves out what has it: `withdraw* "occupying forces" -immediate`. Case and '
            "diacritics are folded, and all other signs only part words. An unclosed quotation mark quotes to the end."
        )
        yield "is", self.name, query_fields.Query(metadata={"description": f"{self.doc} {told}"})
