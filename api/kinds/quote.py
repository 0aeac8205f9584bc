"""The kind of quotes."""

from __future__ import annotations

from api.kinds.filters import PartyNameFilter, keyword_filter, place_filter
from api.kinds.kind import Kind
from schemas.quote import Quote, QuoteInput, QuoteMode, QuotePatch

QUOTE = Kind(
    name="quote",
    path="quotes",
    title="quote",
    doc="Reported statements, verbatim or paraphrased.",
    input=QuoteInput,
    output=Quote,
    patch=QuotePatch,
    filters=(
        keyword_filter(QuoteMode, "mode", "Whether the statement is verbatim, partly verbatim or paraphrased."),
        PartyNameFilter(
            name="addressee",
            doc="The party that the statement addresses.",
            role="addressee",
            nullable=True,
            synonyms=("to",),
        ),
        place_filter("The place of the statement."),
    ),
    verbatim=("text", "cue"),
    searched=("text", "quoted"),
    linked_type="Quotation",
)
