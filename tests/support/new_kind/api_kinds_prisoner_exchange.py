"""The kind of prisoner exchanges."""

from __future__ import annotations

from schemas.prisoner_exchange import ExchangeStatus, PrisonerExchange, PrisonerExchangeInput, PrisonerExchangePatch

from api.grounding.cue_patterns import Cue, CueField, KindCues, words
from api.kinds.filters import DateFilter, NumberFilter, keyword_filter
from api.kinds.kind import Kind

CUES = KindCues(
    stated={
        "status": CueField(
            {
                "agreed": Cue(words("agree, deal., accord., sign")),
                "held": Cue(words("released, freed, handed over, swapped, exchanged")),
                "collapsed": Cue(words("collaps, fell through, called off, cancel")),
            }
        )
    }
)

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
        DateFilter(name="released_on", doc="Date of the release.", nullable=True),
    ),
    dated_by=("agreed_on",),
    cues=CUES,
)
