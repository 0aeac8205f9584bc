"""Resolution: a decision of an international body, named by its UN document symbol where there is one."""

from __future__ import annotations

import typing

import marshmallow as ma

from schemas.claim import ClaimInput, claim_output, claim_patch, one_party
from schemas.values import OPTIONAL, Choice, Count, Edtf, Listing, Text, UnSymbol

ORGANS = ("un_security_council", "un_general_assembly", "un_ecosoc", "un_human_rights_council", "other")


class ResolutionInput(ClaimInput):
    """One or several resolutions that the article tells of."""

    organ = Choice(ORGANS, required=True, extensible=True, metadata={"description": "The body that adopted it."})
    organ_name = Text(300, required=True, metadata={"description": "The body's name as printed."})
    count = Count(least=1, load_default=1, metadata={"description": "How many resolutions this one mention speaks of."})
    symbols = Listing(
        UnSymbol(),
        most=100,
        load_default=list,
        metadata={"description": "Their UN document symbols, as far as known; at most `count` of them."},
    )
    adopted_on = Edtf(**OPTIONAL, metadata={"description": "When it was adopted, EDTF."})
    topic = Text(300, **OPTIONAL, metadata={"description": "What it is about."})
    demand = Text(2000, **OPTIONAL, metadata={"description": "What it demands, in the words of the text."})
    addressee = one_party("Whom the demand addresses.")

    @ma.validates_schema
    def _symbols_fit(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        symbols, count = data["symbols"], data["count"]
        if len(set(symbols)) < len(symbols):
            raise ma.ValidationError("A symbol stands here twice. Name each resolution once.", "symbols")
        if len(symbols) > count:
            raise ma.ValidationError(
                f"{len(symbols)} symbols for {count} resolutions. Raise count or drop some.", "symbols"
            )


Resolution = claim_output(ResolutionInput, "resolution")
ResolutionPatch = claim_patch(ResolutionInput)
