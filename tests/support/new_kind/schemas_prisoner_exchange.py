"""Prisoner exchange: two sides release prisoners to each other."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import patch_schema
from schemas.claim import ClaimInput, claim_output, party_list
from schemas.fields import OPTIONAL, Choice, Count, Edtf

ExchangeStatus = StrEnum("ExchangeStatus", ["AGREED", "HELD", "COLLAPSED"])


class PrisonerExchangeInput(ClaimInput):
    """An exchange of prisoners that the article reports."""

    status = Choice(ExchangeStatus, required=True, description="Status of the exchange.")
    count = Count(**OPTIONAL, description="Number of released prisoners of all sides.")
    agreed_on = Edtf(**OPTIONAL, description="Date of the agreement, EDTF.")
    released_on = Edtf(**OPTIONAL, description="Date of the release, EDTF.")
    parties = party_list("Parties to the exchange.")


PrisonerExchange = claim_output(PrisonerExchangeInput, "prisoner_exchange")
PrisonerExchangePatch = patch_schema(PrisonerExchangeInput)
