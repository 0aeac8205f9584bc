"""Ceasefire: an agreement to stop fighting, and its outcome. The terms follow the ETH/PRIO Ceasefire Dataset."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import patch_schema
from schemas.claim import ClaimInput, claim_output, party_list
from schemas.fields import OPTIONAL, Choice, Count, Edtf, Slug, Text

CeasefireStatus = StrEnum("CeasefireStatus", "AGREED IN_EFFECT HELD EXTENDED VIOLATED COLLAPSED ENDED")
CeasefireForm = StrEnum("CeasefireForm", "UNILATERAL BILATERAL MULTILATERAL UNSPECIFIED")
CeasefirePurpose = StrEnum("CeasefirePurpose", "HUMANITARIAN PEACE_PROCESS HOLIDAY ELECTION OTHER UNSPECIFIED")


class CeasefireInput(ClaimInput):
    """One or several ceasefires that the article mentions. Calls, hopes and proposals are quotes."""

    status = Choice(
        CeasefireStatus,
        required=True,
        description="The status of the ceasefire. Use `agreed` if the article does not report a later status.",
    )
    ceasefire = Slug(
        **OPTIONAL, description="The slug of the ceasefire. It joins claims from several articles about one ceasefire."
    )
    count = Count(minimum=1, load_default=1, description="The number of ceasefires in this mention.")
    agreed_on = Edtf(**OPTIONAL, description="The date of the agreement, EDTF.")
    effective_on = Edtf(**OPTIONAL, description="The date of taking effect, EDTF.")
    ended_on = Edtf(**OPTIONAL, description="The end date, EDTF.")
    form = Choice(CeasefireForm, load_default="unspecified", description="The number of sides that declare it.")
    purpose = Choice(CeasefirePurpose, load_default="unspecified", description="The purpose of the ceasefire.")
    parties = party_list("The parties bound by the ceasefire.")
    mediators = party_list("The parties that mediated the ceasefire.")
    accused = party_list("The parties accused of violating the ceasefire.")
    name = Text(300, **OPTIONAL, description="The name of the ceasefire.")


Ceasefire = claim_output(CeasefireInput, "ceasefire")
CeasefirePatch = patch_schema(CeasefireInput)
