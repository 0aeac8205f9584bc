"""Claim: what all kinds share. Article X reports that party Y says Z, with the words that prove it."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import marshmallow as ma
from marshmallow import fields

from schemas.article import Article
from schemas.base import Field, output_schema, patch_schema
from schemas.evidence import SpanInput
from schemas.fields import OPTIONAL, WORD, BoundedList, Choice, Count, Day, Edtf, Identifier, Instant, Text, Url
from schemas.inferred import Inferred, WithInferred
from schemas.party import PartyInput

GROUNDINGS = ("verified", "partial", "unverified")
OUTCOMES = ("passed", "excused", "undecided", "not_run")
CHECKS = ("span", "quoted", "wording", "number", "cue", "date", "party", "symbol")


def party_list(description: str) -> BoundedList:
    """A field of any number of parties, in the order of the text."""
    return BoundedList(fields.Nested(PartyInput), most=50, load_default=list, metadata={"description": description})


def one_party(description: str) -> fields.Nested:
    """A field of one party or none."""
    return fields.Nested(PartyInput, **OPTIONAL, metadata={"description": description})


class ClaimInput(WithInferred):
    """What a client sends of any claim; each kind adds its own fields."""

    id = Identifier(metadata={"description": "The record's id; chosen by the client, or made by the server."})
    article_id = Identifier(required=True, metadata={"description": "The article that prints it."})
    claimant = fields.Nested(
        PartyInput, required=True, metadata={"description": "The party that says it; on a quote, who speaks."}
    )
    via = party_list("Agencies or media that the article credits with carrying it.")
    claimed_on = Edtf(**OPTIONAL, metadata={"description": "The day it was said, EDTF."})
    evidence = BoundedList(
        fields.Nested(SpanInput),
        least=1,
        most=50,
        required=True,
        metadata={"description": "The words that prove it, in the order of the text."},
    )
    inferred = Inferred(metadata={"description": "The fields of this claim whose value the text does not state."})
    restates = Identifier(**OPTIONAL, metadata={"description": "The claim that this one says again."})
    same_as = BoundedList(
        Url(),
        most=20,
        load_default=list,
        metadata={"description": "Its subject elsewhere: Wikidata, PA-X, the UN Digital Library."},
    )

    @staticmethod
    def derived(data: Mapping[str, typing.Any]) -> tuple[str, ...]:
        """The fields that follow from the others, and so are never sent."""
        return ()


class OnRecord(ma.Schema):
    """The days that a claim speaks of or was made on: the axis for sorting and series."""

    earliest = Day(
        required=True,
        allow_none=True,
        metadata={"description": "The first day it can be; null is open.", "hxl": "#date+start"},
    )
    latest = Day(
        required=True,
        allow_none=True,
        metadata={"description": "The last day it can be; null is open.", "hxl": "#date+end"},
    )
    basis = Choice(
        ("as_of", "agreed_on", "adopted_on", "claimed_on", "published_on"),
        required=True,
        allow_none=True,
        extensible=True,
        metadata={"description": "The field that the days come from; null where nothing is dated."},
    )

    class Meta:
        unknown = ma.EXCLUDE


class CheckResult(ma.Schema):
    """The outcome of one check of a claim against its article's text.

    `passed`: the evidence states the value. `excused`: it does not, and `inferred` names the field. `undecided`:
    the check understands nothing in the evidence as a statement of the field. `not_run`: the check does not apply.
    A failed check rejects the claim.
    """

    check = Choice(CHECKS, required=True, extensible=True)
    outcome = Choice(OUTCOMES, required=True, extensible=True)
    reason = Text(
        500, required=True, allow_none=True, metadata={"description": "Why it was excused, undecided or not run."}
    )

    class Meta:
        unknown = ma.EXCLUDE


class Grounding(ma.Schema):
    """Whether the words were found in the article's text, and by which checks."""

    status = Choice(
        GROUNDINGS,
        required=True,
        metadata={
            "description": "`verified` if no check is undecided, `partial` if one is, `unverified` if the article's "
            "text is not held here."
        },
    )
    # More checks may come.
    checks = BoundedList(fields.Nested(CheckResult), most=50, required=True)

    class Meta:
        unknown = ma.EXCLUDE


def claim_output(given: type[ClaimInput], type_: str, **derived: Field) -> type[ma.Schema]:
    """The output shape of a kind of claim: its `type` and all it derives, and the common read-only fields.

    `derived` are fields of the input that the output states differently, such as bounds that may be derived.
    """
    kind = Choice((type_,), metadata={"description": "The kind of claim."})
    return _output(given, given.__name__.removesuffix("Input"), kind, **derived)


def other_claim(types: Sequence[str]) -> type[ma.Schema]:
    """The output shape of a claim of a kind that a later minor version may add to these: what all kinds share."""
    documented: dict[str, typing.Any] = {
        **WORD,
        "not": {"enum": list(types)},
        "description": "A kind of claim not known yet.",
    }
    other = _output(ClaimInput, "OtherClaim", fields.String(metadata=documented))
    other.__doc__ = "A claim of a kind that is not known yet, of which only the fields that all kinds share are told."
    return other


def _output(given: type[ClaimInput], name: str, type_: Field, **derived: Field) -> type[ma.Schema]:
    return output_schema(
        given,
        name,
        before={
            "id": Identifier(metadata={"description": "The record's id, unique over all kinds."}),
            "type": type_,
        },
        after={
            **derived,
            "on_record": fields.Nested(OnRecord),
            "grounding": fields.Nested(Grounding),
            "version": Count(least=1, metadata={"description": "Counts up with every change of the record."}),
            "created_at": Instant(),
            "updated_at": Instant(),
        },
        on_demand={
            "article": fields.Nested(Article, metadata={"description": "Its article, only with `include=article`."})
        },
    )


def claim_patch(given: type[ClaimInput]) -> type[ma.Schema]:
    """The shape of a JSON Merge Patch of a kind of claim."""
    return patch_schema(given, given.__name__.removesuffix("Input") + "Patch")
