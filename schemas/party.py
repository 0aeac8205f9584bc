"""Party: a person, state, armed force, organisation or medium in a claim."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import InputSchema, output_schema, patch_schema
from schemas.countries import CODE_LISTS
from schemas.fields import OPTIONAL, Choice, Country, Text, Url

PartyKind = StrEnum("PartyKind", "PERSON GOVERNMENT ARMED_FORCE ORGANISATION MEDIA GROUP ARTICLE")


class PartyInput(InputSchema):
    """A party as the article prints it. Without `same_as`, name, kind and country identify it."""

    name = Text(300, required=True, description="The name as printed.", metadata={"hxl": "#org+name"})
    kind = Choice(
        PartyKind,
        required=True,
        description="The kind of party. `article` means that the article itself makes the statement.",
    )
    country = Country(
        **OPTIONAL,
        description=(
            f"The state that the party belongs to: {CODE_LISTS}. "
            "Null if it does not belong to a state: “ethnic Armenian forces” are not Armenia."
        ),
    )
    title = Text(300, **OPTIONAL, description="The title or role as printed.", metadata={"hxl": "#contact+title"})
    same_as = Url(
        **OPTIONAL,
        description=(
            "A URI that identifies the party, such as its Wikidata URI. "
            "It joins different names, such as “the US” and “United States”."
        ),
    )


Party = output_schema(PartyInput)
PartyPatch = patch_schema(PartyInput)
