"""Claim: the fields that all kinds share. A claim states that article X reports that party Y says Z, with evidence."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from enum import StrEnum

import marshmallow as ma
from marshmallow import fields

from schemas.article import Article
from schemas.base import Field, InputSchema, OutputSchema, output_schema
from schemas.evidence import SpanInput
from schemas.fields import (
    OPTIONAL,
    VALUE_FORM,
    BoundedList,
    Choice,
    Day,
    Edtf,
    Identifier,
    Nested,
    String,
    Text,
    Url,
    versioned_fields,
)
from schemas.inferred import Inferred
from schemas.party import PartyInput

GroundingStatus = StrEnum("GroundingStatus", "VERIFIED PARTIAL UNVERIFIED")
Outcome = StrEnum("Outcome", "PASSED EXCUSED UNDECIDED NOT_RUN")
CheckName = StrEnum("CheckName", "SPAN QUOTED WORDING NUMBER CUE DATE PARTY SYMBOL")


def party_list(description: str) -> BoundedList:
    """Return a field for a list of parties, in the order of the text."""
    return BoundedList(Nested(PartyInput), length_max=50, load_default=list, description=description)


def one_party(description: str) -> fields.Nested:
    """Return a field for one party or null."""
    return Nested(PartyInput, **OPTIONAL, description=description)


class ClaimInput(InputSchema):
    """The input fields of every claim. Each kind adds its fields."""

    id = Identifier(description="The record's id. If you do not send one, the server generates it.")
    article_id = Identifier(required=True, description="The id of the article that prints the claim.")
    claimant = Nested(PartyInput, required=True, description="The party that makes the claim. On a quote, the speaker.")
    via = party_list("Agencies or media that the article credits for carrying the claim.")
    claimed_on = Edtf(**OPTIONAL, description="The date of the statement, EDTF.")
    evidence = BoundedList(
        Nested(SpanInput),
        length_min=1,
        length_max=50,
        required=True,
        description="The text spans that prove the claim, in the order of the text.",
    )
    inferred = Inferred(description="The names of this claim's fields that the text does not state.")
    restates = Identifier(**OPTIONAL, description="The id of the claim that this one repeats.")
    same_as = BoundedList(
        Url(),
        length_max=20,
        load_default=list,
        description="URIs of the same subject in Wikidata, PA-X, the UN Digital Library or elsewhere.",
    )


class OnRecord(OutputSchema):
    """The days that a claim is about or was made on. Sorting and series use them."""

    earliest = Day(
        allow_none=True, description="The earliest possible day. Null means unbounded.", metadata={"hxl": "#date+start"}
    )
    latest = Day(
        allow_none=True, description="The latest possible day. Null means unbounded.", metadata={"hxl": "#date+end"}
    )
    basis = Choice(
        ("as_of", "agreed_on", "adopted_on", "claimed_on", "published_on"),
        allow_none=True,
        description="The field that the days come from. Null if the claim is undated.",
    )


class CheckResult(OutputSchema):
    """The outcome of one check of a claim against its article's text.

    The outcome is `passed` if the evidence states the value. If it does not, but `inferred` names the field, it
    is `excused`. The outcome is `undecided` if the check did not recognize a statement of the field in the evidence.
    The outcome is `not_run` if the check does not apply. A claim with a failed check is rejected.
    """

    check = Choice(CheckName)
    outcome = Choice(Outcome)
    reason = Text(500, allow_none=True, description="The reason, if the check was excused, undecided or not run.")


class Grounding(OutputSchema):
    """The result of checking the evidence against the article's text."""

    status = Choice(
        GroundingStatus,
        closed=True,
        description=(
            "`verified` if no check is undecided, `partial` if one is. `unverified` if the article's "
            "text is not stored."
        ),
    )
    # Later minor versions may add checks.
    checks = BoundedList(Nested(CheckResult), length_max=50)


def claim_output(input_schema: type[ClaimInput], type_: str, **derived: Field) -> type[ma.Schema]:
    """Build the output schema of a kind of claim: its `type`, its fields and the common read-only fields.

    `derived` replaces input fields that the output documents differently, such as computed bounds.
    """
    kind = Choice((type_,), closed=True, description="The kind of claim.")
    return _output(input_schema, None, kind, **derived)


def other_claim(types: Sequence[str]) -> type[ma.Schema]:
    """Build the output schema of claims of kinds that a later minor version may add, with the common fields."""
    documented: dict[str, typing.Any] = {
        **VALUE_FORM,
        "not": {"enum": list(types)},
        "description": "A kind of claim that a later minor version added.",
    }
    other = _output(ClaimInput, "OtherClaim", String(metadata=documented))
    other.__doc__ = (
        "A claim of a kind that a later minor version added. Only the fields common to all kinds are documented."
    )
    return other


def _output(input_schema: type[ClaimInput], name: str | None, type_: Field, **derived: Field) -> type[ma.Schema]:
    return output_schema(
        input_schema,
        name=name,
        before={"id": Identifier(description="The record's id, unique across all kinds."), "type": type_},
        after={
            **derived,
            "on_record": Nested(OnRecord),
            "grounding": Nested(Grounding),
            **versioned_fields(),
            "article": Nested(
                Article, required=False, description="The claim's article. Present only with `include=article`."
            ),
        },
    )
