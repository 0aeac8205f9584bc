"""Quote: somebody said something, in their words or in the article's."""

from __future__ import annotations

import typing

import marshmallow as ma

from schemas.claim import ClaimInput, claim_output, claim_patch, one_party
from schemas.fields import OPTIONAL, BoundedList, Choice, Text

MODES = ("direct", "mixed", "indirect")


class QuoteInput(ClaimInput):
    """A quote: the claimant is who speaks. Calls, hopes and proposals are quotes too."""

    mode = Choice(
        MODES,
        required=True,
        metadata={
            "description": "Whether the words are the speaker's (direct), partly (mixed) or reported (indirect)."
        },
    )
    text = Text(5000, required=True, metadata={"description": "The reported words; what is left out is `[…]`."})
    quoted = BoundedList(
        Text(5000),
        most=50,
        load_default=list,
        metadata={"description": "The verbatim fragments, without their marks: exactly when direct or mixed."},
    )
    cue = Text(100, **OPTIONAL, metadata={"description": "The word that reports it: said, demanded …"})
    addressee = one_party("Whom it is said to.")
    occasion = Text(500, **OPTIONAL, metadata={"description": "The meeting, speech or interview it was said at."})
    place = Text(300, **OPTIONAL, metadata={"description": "Where it was said.", "hxl": "#loc+name"})

    @ma.validates_schema
    def _quoted_words(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        mode, quoted = data["mode"], data["quoted"]
        if mode == "indirect" and quoted:
            raise ma.ValidationError("An indirect quote has no quoted words. Leave quoted out, or say mixed.", "quoted")
        if mode != "indirect" and not quoted:
            raise ma.ValidationError(f"A {mode} quote needs its verbatim fragments, or say indirect.", "quoted")
        if mode == "direct" and data["text"] != " ".join(quoted):
            raise ma.ValidationError(
                f"A direct quote's text is its fragments joined by one space: {' '.join(quoted)!r}. Or say mixed.",
                "text",
            )


Quote = claim_output(QuoteInput, "quote")
QuotePatch = claim_patch(QuoteInput)
