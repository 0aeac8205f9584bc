"""Quote: a reported statement, verbatim or paraphrased."""

from __future__ import annotations

import typing
from enum import StrEnum

import marshmallow as ma

from schemas.base import patch_schema
from schemas.claim import ClaimInput, claim_output, one_party
from schemas.fields import OPTIONAL, BoundedList, Choice, Text

QuoteMode = StrEnum("QuoteMode", "DIRECT MIXED INDIRECT")


class QuoteInput(ClaimInput):
    """A quote. The claimant is the speaker. Calls, hopes and proposals are quotes too."""

    mode = Choice(
        QuoteMode,
        required=True,
        closed=True,
        description="`direct` if all words are the speaker's, `mixed` if some are, `indirect` if none are.",
    )
    text = Text(5000, required=True, description="The reported statement. `[…]` marks omissions.")
    quoted = BoundedList(
        Text(5000),
        length_max=50,
        load_default=list,
        description="The verbatim fragments, without quotation marks. Empty if `mode` is `indirect`.",
    )
    cue = Text(100, **OPTIONAL, description="The reporting verb, such as “said” or “demanded”.")
    addressee = one_party("The party that the statement addresses.")
    occasion = Text(500, **OPTIONAL, description="The meeting, speech or interview of the statement.")
    place = Text(300, **OPTIONAL, description="The place of the statement.", metadata={"hxl": "#loc+name"})

    @ma.validates_schema
    def _quoted_words(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        mode, quoted = data["mode"], data["quoted"]
        if mode == QuoteMode.INDIRECT and quoted:
            raise ma.ValidationError(
                "Must be empty if mode is indirect. Leave quoted out, or set mode to mixed.", "quoted"
            )
        if mode != QuoteMode.INDIRECT and not quoted:
            raise ma.ValidationError(
                f"Required if mode is {mode}. Add the verbatim fragments, or set mode to indirect.", "quoted"
            )
        if mode == QuoteMode.DIRECT and data["text"] != " ".join(quoted):
            raise ma.ValidationError(
                f"If mode is direct, text must be the fragments joined by one space: {' '.join(quoted)!r}. "
                "Correct text, or set mode to mixed.",
                "text",
            )


Quote = claim_output(QuoteInput, "quote")
QuotePatch = patch_schema(QuoteInput)
