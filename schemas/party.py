"""Party: a person, state, force, organisation or medium that says something or has something happen to it."""

from __future__ import annotations

from schemas.base import InputSchema, output_schema, patch_schema
from schemas.countries import CODE_LISTS
from schemas.fields import OPTIONAL, Choice, Country, Text, Url

PARTY_KINDS = ("person", "government", "armed_force", "organisation", "media", "group", "article")


class PartyInput(InputSchema):
    """A party as the article prints it. Without `same_as`, parties are one by name, kind and country."""

    name = Text(300, required=True, metadata={"description": "The name as printed.", "hxl": "#org+name"})
    kind = Choice(
        PARTY_KINDS,
        required=True,
        extensible=True,
        metadata={"description": "What it is; `article` where the article speaks in its own voice."},
    )
    country = Country(
        **OPTIONAL,
        metadata={
            "description": f"The state it belongs to: {CODE_LISTS}. "
            "Null if it does not belong to a state: “ethnic Armenian forces” are not Armenia."
        },
    )
    title = Text(300, **OPTIONAL, metadata={"description": "Title or role as printed.", "hxl": "#contact+title"})
    same_as = Url(
        **OPTIONAL,
        metadata={
            "description": "A URI of the same party elsewhere, such as Wikidata's: "
            "how “the US” and “United States” become one."
        },
    )


Party = output_schema(PartyInput, "Party")
PartyPatch = patch_schema(PartyInput, "PartyPatch")
