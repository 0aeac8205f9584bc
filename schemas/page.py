"""Page: the envelope of every list, with pagination links."""

from __future__ import annotations

import typing

import marshmallow as ma
from marshmallow import fields

from schemas.base import OutputSchema
from schemas.fields import (
    VALUE_FORM,
    Boolean,
    BoundedList,
    Choice,
    Count,
    Dict,
    Identifier,
    Nested,
    OutputUrl,
    String,
    Text,
)

# The maximum number of records on a page and of values in a facet.
LIMIT_MAX = 200
FACET_VALUES = 100


class Total(OutputSchema):
    """The number of matching records: `exact`, or `at_least` if counting stopped at a limit."""

    count = Count()
    qualifier = Choice(("exact", "at_least"), closed=True)


class PageInfo(OutputSchema):
    """The position of a page in its list."""

    limit = Count(minimum=1, maximum=LIMIT_MAX, description="The maximum number of records on a page.")
    next = OutputUrl(allow_none=True, description="The URL of the next page. Null on the last page.")
    prev = OutputUrl(allow_none=True, description="The URL of the previous page. Null on the first page.")
    total = Nested(Total, required=False, description="Present only with `total`.")


class FacetValue(OutputSchema):
    """A value of a facet and the number of records with it."""

    value = Text(
        2000, description="The value for the filter of the facet's name. For years, months and days, use `on_record`."
    )
    label = Text(2000, description="The value as a label for people.")
    count = Count()


class Facet(OutputSchema):
    """The most frequent values of a field in the matching records. The facet's filter itself is not applied."""

    values = BoundedList(Nested(FacetValue), length_max=FACET_VALUES)
    capped = Boolean(description="Whether counting stopped at a limit. The counts are then minimums.")


FACETS = Dict(
    keys=String(),
    values=Nested(Facet),
    required=False,
    description="Present only with `facets`: an entry for each requested field.",
)


def page_of(items: fields.Field[typing.Any], name: str) -> type[ma.Schema]:
    """Build the schema of a page of items."""
    members: dict[str, typing.Any] = {
        "data": BoundedList(items, length_max=LIMIT_MAX),
        "page": Nested(PageInfo),
        "facets": FACETS,
        "__doc__": "A page of a list.",
        "__module__": __name__,
    }
    return type(name, (OutputSchema,), members)


class Selection(ma.Schema):
    """A record with its id and the fields that `fields` selects."""

    id = Identifier(required=True)

    class Meta:
        # Documented as an object with additional properties.
        unknown = ma.INCLUDE


class SelectionPageInfo(PageInfo):
    """The position of a page in its list, and the fields of its records."""

    fields_ = BoundedList(
        String(metadata=VALUE_FORM),
        length_max=100,
        data_key="fields",
        description="The requested fields.",
    )


class SelectionPage(OutputSchema):
    """A page of a list that was requested with `fields`."""

    data = BoundedList(Nested(Selection), length_max=LIMIT_MAX)
    page = Nested(SelectionPageInfo)
    facets = FACETS
