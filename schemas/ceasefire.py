"""Ceasefire: an agreement to stop fighting, and what became of it (terms after the ETH/PRIO dataset)."""

from __future__ import annotations

from schemas.claim import ClaimInput, claim_output, claim_patch, party_list
from schemas.fields import OPTIONAL, Choice, Count, Edtf, Slug, Text

STATUSES = ("agreed", "in_effect", "held", "extended", "violated", "collapsed", "ended")
FORMS = ("unilateral", "bilateral", "multilateral", "unspecified")
PURPOSES = ("humanitarian", "peace_process", "holiday", "election", "other", "unspecified")


class CeasefireInput(ClaimInput):
    """One or several ceasefires that the article tells of. Calls for one, hopes and proposals are quotes."""

    status = Choice(
        STATUSES,
        required=True,
        extensible=True,
        metadata={"description": "What became of it; `agreed` where nothing is said of that."},
    )
    ceasefire = Slug(
        **OPTIONAL,
        metadata={"description": "Which ceasefire, as a slug: joins articles that speak of one and the same."},
    )
    count = Count(least=1, load_default=1, metadata={"description": "How many ceasefires this one mention speaks of."})
    agreed_on = Edtf(**OPTIONAL, metadata={"description": "When it was agreed, EDTF."})
    effective_on = Edtf(**OPTIONAL, metadata={"description": "When it took effect, EDTF."})
    ended_on = Edtf(**OPTIONAL, metadata={"description": "When it ended, EDTF."})
    form = Choice(
        FORMS, load_default="unspecified", extensible=True, metadata={"description": "How many sides declare it."}
    )
    purpose = Choice(
        PURPOSES, load_default="unspecified", extensible=True, metadata={"description": "What it is meant for."}
    )
    parties = party_list("Who is bound by it.")
    mediators = party_list("Who brought it about.")
    accused = party_list("Who is accused of violating it.")
    name = Text(300, **OPTIONAL, metadata={"description": "What it is called."})


Ceasefire = claim_output(CeasefireInput, "ceasefire")
CeasefirePatch = claim_patch(CeasefireInput)
