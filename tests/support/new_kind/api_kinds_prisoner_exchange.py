"""Prisoner exchanges as the service sees them."""

from __future__ import annotations

from schemas.prisoner_exchange import STATUSES, PrisonerExchange, PrisonerExchangeInput, PrisonerExchangePatch

from api.kinds.filters import DateFilter, NumberFilter, keyword_filter
from api.kinds.kind import Kind

PRISONER_EXCHANGE = Kind(
    name="prisoner_exchange",
    path="prisoner-exchanges",
    title="prisoner exchange",
    doc="Exchanges of prisoners, and what became of them.",
    input=PrisonerExchangeInput,
    output=PrisonerExchange,
    patch=PrisonerExchangePatch,
    filters=(
        keyword_filter(STATUSES, "status", "What became of it."),
        NumberFilter(name="count", doc="How many were given back.", nullable=True),
        DateFilter(name="agreed_on", doc="When it was agreed.", nullable=True),
    ),
    dated_by=("agreed_on",),
)
