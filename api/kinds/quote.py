"""Quotes as the service sees them."""

from __future__ import annotations

from api.kinds.filters import PartyNameFilter, keyword_filter, place_filter
from api.kinds.kind import Kind
from schemas.quote import MODES, Quote, QuoteInput, QuotePatch

QUOTE = Kind(
    name="quote",
    path="quotes",
    title="quote",
    doc="Who said what to whom, in their words or in the article's.",
    input=QuoteInput,
    output=Quote,
    patch=QuotePatch,
    filters=(
        keyword_filter(MODES, "mode", "Whether the words are the speaker's own."),
        PartyNameFilter(name="addressee", doc="Whom it is said to.", role="addressee", nullable=True, synonyms=("to",)),
        place_filter("Where it was said."),
    ),
    verbatim=("text", "cue"),
    searched=("text", "quoted"),
)
