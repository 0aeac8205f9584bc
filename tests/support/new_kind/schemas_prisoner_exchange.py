"""Prisoner exchange: sides give back those whom they hold."""

from __future__ import annotations

from schemas.claim import ClaimInput, claim_output, claim_patch, party_list
from schemas.fields import OPTIONAL, Choice, Count, Edtf

STATUSES = ("agreed", "held", "collapsed")


class PrisonerExchangeInput(ClaimInput):
    """An exchange of prisoners that the article tells of."""

    status = Choice(STATUSES, required=True, metadata={"description": "What became of it."})
    count = Count(**OPTIONAL, metadata={"description": "How many were given back on all sides."})
    agreed_on = Edtf(**OPTIONAL, metadata={"description": "When it was agreed, EDTF."})
    parties = party_list("Who exchanges.")


PrisonerExchange = claim_output(PrisonerExchangeInput, "prisoner_exchange")
PrisonerExchangePatch = claim_patch(PrisonerExchangeInput)
