"""Page: the envelope of every list, with pagination links."""

from __future__ import annotations

import typing

import marshmallow as ma
from marshmallow import fields

from schemas.fields import BoundedList, Choice, Count, Identifier, OutputUrl, Text

# The maximum number of records on a page and of values in a facet.
LIMIT_MAX = 200
FACET_VALUES = 100


class Total(ma.Schema):
    """The number of matching records: `exact`, or `at_least` if counting stopped at a limit."""

    count = Count(required=True)
    qualifier = Choice(("exact", "at_least"), required=True)

    class Meta:
        unknown = ma.EXCLUDE


class PageInfo(ma.Schema):
    """The position of a page in its list."""

    limit = Count(
        required=True,
        minimum=1,
        maximum=LIMIT_MAX,
        metadata={"description": "The maximum number of records on a page."},
    )
    next = OutputUrl(
        required=True, allow_none=True, metadata={"description": "The URL of the next page. Null on the last page."}
    )
    prev = OutputUrl(
        required=True,
        allow_none=True,
        metadata={"description": "The URL of the previous page. Null on the first page."},
    )
    total = fields.Nested(Total, metadata={"description": "Present only with `total`."})

    class Meta:
        unknown = ma.EXCLUDE


class FacetValue(ma.Schema):
    """A value of a facet and the number of records with it."""

    value = Text(
        2000,
        required=True,
        metadata={
            "description": "The value for the filter of the facet's name. For years, months and days, use `on_record`."
        },
    )
    label = Text(2000, required=True, metadata={"description": "The value as a label for people."})
    count = Count(required=True)

    class Meta:
        unknown = ma.EXCLUDE


class Facet(ma.Schema):
    """The most frequent values of a field in the matching records. The facet's filter itself is not applied."""

    values = BoundedList(fields.Nested(FacetValue), length_max=FACET_VALUES, required=True)
    capped = fields.Boolean(
        required=True, metadata={"description": "Whether counting stopped at a limit. The counts are then minimums."}
    )

    class Meta:
        unknown = ma.EXCLUDE


FACETS = fields.Dict(
    keys=fields.String(),
    values=fields.Nested(Facet),
    metadata={"description": "Present only with `facets`: an entry for each requested field."},
)


def page_of(items: fields.Field[typing.Any], name: str) -> type[ma.Schema]:
    """Build the schema of a page of items."""
    members: dict[str, typing.Any] = {
        "data": BoundedList(items, length_max=LIMIT_MAX, required=True),
        "page": fields.Nested(PageInfo, required=True),
        "facets": FACETS,
        "__doc__": "A page of a list.",
        "__module__": __name__,
        "Meta": type("Meta", (), {"unknown": ma.EXCLUDE}),
    }
    return type(name, (ma.Schema,), members)


class Selection(ma.Schema):
    """A record with its id and the fields that `fields` selects."""

    id = Identifier(required=True)

    class Meta:
        # Documented as an object with additional properties.
        unknown = ma.INCLUDE


class SelectionPageInfo(PageInfo):
    """The position of a page in its list, and the fields of its records."""

    fields_ = BoundedList(
        fields.String(metadata={"maxLength": 80, "pattern": "^[a-z][a-z0-9_]*$"}),
        length_max=100,
        required=True,
        data_key="fields",
        metadata={"description": "The requested fields."},
    )


class SelectionPage(ma.Schema):
    """A page of a list that was requested with `fields`."""

    data = BoundedList(fields.Nested(Selection), length_max=LIMIT_MAX, required=True)
    page = fields.Nested(SelectionPageInfo, required=True)
    facets = FACETS

    class Meta:
        unknown = ma.EXCLUDE


def selection_or(page: type[ma.Schema]) -> dict[str, list[type[ma.Schema]]]:
    """Return the schema of a list response: a page of full records or, with `fields`, of selections."""
    return {"anyOf": [page, SelectionPage]}
