"""Prisoner exchanges: filters, phrasing and cues."""

from __future__ import annotations

from schemas.prisoner_exchange import ExchangeStatus, PrisonerExchange, PrisonerExchangeInput, PrisonerExchangePatch

from api.kinds.filters import DateFilter, NumberFilter, keyword_filter
from api.kinds.kind import Kind

PRISONER_EXCHANGE = Kind(
    name="prisoner_exchange",
    path="prisoner-exchanges",
    title="prisoner exchange",
    doc="Exchanges of prisoners and their status.",
    input=PrisonerExchangeInput,
    output=PrisonerExchange,
    patch=PrisonerExchangePatch,
    filters=(
        keyword_filter(ExchangeStatus, "status", "Status of the exchange."),
        NumberFilter(name="count", doc="Number of released prisoners.", nullable=True),
        DateFilter(name="agreed_on", doc="Date of the agreement.", nullable=True),
    ),
    dated_by=("agreed_on",),
)
