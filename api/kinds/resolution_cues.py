"""The English words that say whether a resolution was adopted."""

from __future__ import annotations

from api.grounding.cue_patterns import Cue, CueField, KindCues, words

_ADOPTED = words(
    "adopt, pass(ed|es|ing)?., passage of, approv(e|ed|es|ing|al)., endors, unanimously, (voted|voting) (for|in "
    "favou?r|to)"
)
_NOT_ADOPTED = words(
    r"""
    draft (\S+ )?(resolution|text|decision), vot(e|es|ing) on (a|the) (\S+ )?(resolution|text|draft),
    vetoed (a|the|an|its), (rejected|defeated) (a|the) (\S+ )?(resolution|text|draft),
    (put|brought|submitted) ~ to (a|the) vote, fell short of the (votes|required),
    (proposed|circulated|tabled|submitted) (a|the) (\S+ )?(resolution|text|draft)
    """
)
RESOLUTION_CUES = KindCues(
    events={"organ": CueField({"adopted": Cue(_ADOPTED)}, contrary=_NOT_ADOPTED)},
    counted=words("resolutions?, decisions?, texts?, measures?, motions?, drafts?, declarations?, instruments?"),
)
