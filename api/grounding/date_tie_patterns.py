"""Words that tie a date to a field of a claim. English.

The keys have labels. A label is the name of a field or of an event (`announced`, `harm`, `status`, `event`).
The module `date_ties` adds the labels `named_event`, `range_end` and `other_deal`.
"""

from __future__ import annotations

Labels = frozenset[str]

# Prepositions directly before a date.
PREPOSITIONS = {
    "since": "since|from|following|after|between|starting|beginning|onwards? from",
    "as_of": "as of|by|through|up to|(?:period|days|weeks?|months?|year) ending",
    "as_of ended_on": "until|till|'til|not hold past",
    "event": "before|ahead of|prior to",
}
# Words that tie a date in their clause. `begin` and `end` depend on the noun: a war begins, or a truce.
WORDS = {
    "effective_on": (
        "(?:t[ao]k(?:es?|en|ing)|took) (?:effect|hold)|in (?:force|effect)|went live|kick(?:s|ed) in|(?:c[ao]m(?:es?|"
        "ing)|go(?:es|ing|ne)?|went|enter(?:s|ed|ing)?|entry|put|brought) (?:back )?into (?:force|effect)"
    ),
    "since": "erupt(?:s|ed|ing)?|bro(?:ke|ken) out|breaks? out",
    "end": (
        r"end(?:s|ed|ing)?|expir(?:e[sd]?|ing|y)|laps(?:e[sd]?|ing)|r[au]ns? out|terminat\w+|collaps(?:e[sd]?|ing)"
        r"|(?:broke|broken|breaks?) (?:down|off)|f[ae]ll(?:s|en)? (?:apart|through)|called off|unravel\w*"
        r"|c[ao]me to (?:grief|nothing|an end)|wound down|r[au]n its course"
        r"|fail(?:s|ed|ing)?|shatter\w*|scupper\w*|torpedo\w*|derail\w*"
    ),
    "begin": "beg[aiu]n(?:s|ning)?|start(?:s|ed|ing)?|commenc(?:e[sd]?|ing)",
    "claimed_on adopted_on": (
        "call(?:s|ed|ing)? (?:for|on)|demand(?:s|ed|ing)?|urg(?:e[sd]?|ing)|condemn(?:s|ed|ing)?|welcom(?:e[sd]?|ing)|"
        "deplor(?:e[sd]?|ing)|request(?:s|ed|ing)?"
    ),
    "claimed_on announced": r"announc(?:e[sd]?|ing|ement)|declar(?:e[sd]?|ing|ation)|proclaim(?:s|ed|ing)?",
    "claimed_on": (
        "sa(?:id|ys?|ying)|t(?:old|ells?|elling)|stat(?:e[sd]|ing)|report(?:s|ed|ing)?|add(?:s|ed)|warn(?:s|ed|ing)?|"
        "accus(?:e[sd]?|ing)|blam(?:e[sd]?|ing)|claim(?:s|ed|ing)?|confirm(?:s|ed|ing)?|den(?:y|ies|ied|ying)|"
        "insist(?:s|ed|ing)?|wrote|writ(?:es?|ing)|tweet(?:s|ed)?|post(?:s|ed)|acknowledg(?:e[sd]?|ing)|charg(?:e[sd]|"
        "ing)|estimat(?:e[sd]?|ing)|publish(?:es|ed)?|issued|released|dated|quoted|complain(?:s|ed)|speak(?:s|ing)|"
        "spoke|statement|speech|address|interview|(?:news|press) conference|briefing|remarks|broadcast"
    ),
    "agreed_on": (
        "sign(?:s|ed|ing)?|agree(?:s|d|ing)?|reach(?:es|ed|ing)|broker(?:s|ed|ing)?|conclud(?:e[sd]?|ing)|accept(?:s|"
        r"ed|ing)?|mediated|negotiated|clinched|sealed|inked|struck (?:a|an|the) (?:\w+ )?(?:deal|truce|accord)|"
        "hammered out"
    ),
    "adopted_on": "adopt(?:s|ed|ing|ion)?|pass(?:es|ed|ing|age)|approv(?:e[sd]?|ing|al)|vot(?:e[sd]?|ing)|endorsed",
    "status": (
        r"violat\w+|breach\w*|br[eo]a?k(?:s|e|en|ing)?|h[eo]ld(?:s|ing)?|exten(?:d|s)\w*|prolong\w*|renew\w*|"
        r"observ\w+|respect\w*|f[ae]ll(?:s|en)?|quiet|calm|weather\w*|surviv\w*|endur\w*|fray\w*"
    ),
    "harm": (
        r"kill\w*|wound\w*|injur\w*|hurt|die[sd]?|dying|dead|deaths?|fatal\w*|slain|shot|execut\w+|buried|"
        r"perish\w*|drown\w*|captur\w*|taken|surrender\w*|detain\w*|abduct\w*|kidnap\w*|missing|vanish\w*|"
        r"disappear\w*|displac\w*|fled|flee\w*|evacuat\w*|homeless|driven|forced|los[ts]|losses|casualt\w+|"
        r"toll|martyr\w*|maim\w*|hospitali[sz]ed|lives"
    ),
    "event": (
        r"met|meet(?:s|ing)|hit|held talks|(?!united|armed|hundred|so-called|mixed)\w{3,}ed"
        r"|invasion of|attacks? of|war of"
    ),
}
TRUCE = (
    r"(?:cease-?fires?|truces?|armistice|cessation of hostilities|halt (?:in|to) (?:the )?(?:fighting|hostilities)"
    r"|agreements?|accords?|deals?|pacts?|pause|lull|moratorium)"
)
FIGHT = (
    r"(?:wars?|fighting|conflicts?|clash(?:es)?|hostilities|offensives?|attacks?|invasion|violence|battles?|talks|siege"
    r"|negotiations|campaign|protests?|crisis|uprising|shelling|operations?|unrest|incursion)"
)
# Events that a date names: "the Feb. 1 coup".
NAMED_EVENT = (
    r"(?:coups?|putsch|attacks?|massacres?|bombings?|strikes?|assaults?|explosions?|blasts?|killings?|offensives?|"
    r"invasion|war|earthquake|quake|uprising|revolution|protests?|elections?|referendum|crash|raids?|shootings?|clashes|"
    r"riots?|storming|takeover|siege|incursion|hijacking|assassination|atrocit(?:y|ies)|crackdown)"
)
# The labels of dates that exclude a field: a truce is not agreed on the day of a coup.
EXCLUDING: dict[str, Labels] = {
    "agreed_on": frozenset({"named_event", "range_end"}),
    "effective_on": frozenset({"named_event", "range_end"}),
    "adopted_on": frozenset({"named_event"}),
    "since": frozenset({"range_end"}),
}
# Accords other than a truce: "signed a peace deal".
OTHER_DEAL = (
    r"(?:accords?|deals?|agreements?|pacts?|treat(?:y|ies)|protocols?|charters?|framework|declaration|memorandum)"
)
TRUCE_ALONE = r"(?:cease-?fires?|truces?|armistice|cessation|hostilities)"
# The labels that support a field as well as its own label.
# The labels of `CONTRADICTING` contradict a field if the text ties no date to it.
SHARED: dict[str, Labels] = {
    "as_of": frozenset({"claimed_on", "harm", "status", "event", "adopted_on"}),
    "since": frozenset({"harm", "event"}),
    "claimed_on": frozenset({"status"}),
    "agreed_on": frozenset({"announced"}),
    "effective_on": frozenset({"since"}),
}
CONTRADICTING: dict[str, Labels] = {"as_of": frozenset({"harm"})}
