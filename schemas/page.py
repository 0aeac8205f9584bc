"""Page: the frame of every list, with the links that lead on."""

from __future__ import annotations

import typing

import marshmallow as ma
from marshmallow import fields

from schemas.fields import Address, BoundedList, Choice, Count, Identifier, Text

# The most records that a page can be asked for, and the most values that a facet tells.
LIMIT_MAX = 200
FACET_VALUES = 100


class Total(ma.Schema):
    """How many records match, worded as figures are here: `exact`, or `at_least` where counting stopped."""

    count = Count(required=True)
    qualifier = Choice(("exact", "at_least"), required=True)

    class Meta:
        unknown = ma.EXCLUDE


class PageInfo(ma.Schema):
    """Where this page stands in its list."""

    limit = Count(required=True, least=1, most=LIMIT_MAX, metadata={"description": "The most records a page holds."})
    next = Address(required=True, allow_none=True, metadata={"description": "The next page, null on the last."})
    prev = Address(required=True, allow_none=True, metadata={"description": "The page before, null on the first."})
    total = fields.Nested(Total, metadata={"description": "Only with `total=`."})

    class Meta:
        unknown = ma.EXCLUDE


class FacetValue(ma.Schema):
    """One value of a facet and the records that have it."""

    value = Text(
        2000,
        required=True,
        metadata={"description": "What to ask the filter of that name for; of a year, month or day, `on_record`."},
    )
    label = Text(2000, required=True, metadata={"description": "What to show a person."})
    count = Count(required=True)

    class Meta:
        unknown = ma.EXCLUDE


class Facet(ma.Schema):
    """The most frequent values of a field among the records that match, its own filter left out."""

    values = BoundedList(fields.Nested(FacetValue), most=FACET_VALUES, required=True)
    capped = fields.Boolean(
        required=True, metadata={"description": "Whether counting stopped at the cap, so that counts are a floor."}
    )

    class Meta:
        unknown = ma.EXCLUDE


FACETS = fields.Dict(
    keys=fields.String(),
    values=fields.Nested(Facet),
    metadata={"description": "Only with `facets=`: one entry for each field asked for."},
)


def page_of(items: fields.Field[typing.Any], name: str) -> type[ma.Schema]:
    """The shape of a page whose `data` are such items."""
    members: dict[str, typing.Any] = {
        "data": BoundedList(items, most=LIMIT_MAX, required=True),
        "page": fields.Nested(PageInfo, required=True),
        "facets": FACETS,
        "__doc__": "A page of a list.",
        "__module__": __name__,
        "Meta": type("Meta", (), {"unknown": ma.EXCLUDE}),
    }
    return type(name, (ma.Schema,), members)


class Selection(ma.Schema):
    """A record of which only the fields are there that `fields=` asked for, and its id."""

    id = Identifier(required=True)

    class Meta:
        # Documented as an object of any further fields.
        unknown = ma.INCLUDE


class SelectionPageInfo(PageInfo):
    """Where this page stands in its list, and which fields its records have."""

    fields_ = BoundedList(
        fields.String(metadata={"maxLength": 80, "pattern": "^[a-z][a-z0-9_]*$"}),
        most=100,
        required=True,
        data_key="fields",
        metadata={"description": "The fields that were asked for."},
    )


class SelectionPage(ma.Schema):
    """A page of a list that was asked for with `fields=`."""

    data = BoundedList(fields.Nested(Selection), most=LIMIT_MAX, required=True)
    page = fields.Nested(SelectionPageInfo, required=True)
    facets = FACETS

    class Meta:
        unknown = ma.EXCLUDE


def selection_or(page: type[ma.Schema]) -> dict[str, list[type[ma.Schema]]]:
    """What a list answers: whole records, or selections of them where `fields=` asked for that."""
    return {"anyOf": [page, SelectionPage]}
