"""Verbs for people without harm, and phrases with alternative harms. English."""

from __future__ import annotations

from api.grounding.cue_patterns import any_of, words

_FORMS = {
    "killed": any_of("killed, dead, died, slain, executed, murdered"),
    "injured": any_of("wounded, injured, hurt, maimed"),
    "missing": any_of("missing, disappeared, unaccounted"),
    "captured": (
        r"((taken |held )?(prisoners?|captives?|hostages?)|taken (captive|away)|captured|kidnapped|abducted|detained|"
        r"arrested|surrendered)"
    ),
    "displaced": any_of("displaced, uprooted, expelled"),
}
_ANY_FORM = any_of(", ".join(_FORMS.values()))
# "Killed, wounded or captured": an unknown number of each.
ALTERNATIVES = ", ".join(
    rf"{form}(\W+{_ANY_FORM})*\W+(and/)?or (\w+ )?({'|'.join(other for other in _FORMS.values() if other != form)})"
    for form in _FORMS.values()
)

# Verbs for people without harm. `_MOVES` can also apply to displaced people.
_ACTS = r"""
    wag(e|ed|ing)., deploy(ed|ing)., station(ed|ing)., serv(e|es|ed|ing) (in|with|under|as|at)., recruited.,
    recruiting., trained., training., join(ed|ing)., enlist(ed|ing)., (is|are|was|were|been) based.,
    managed to (?!(escape|flee|survive)), sign(ed|ing)., vot(ed|ing)., elected., attend(ed|ing)., protest(ed|ing).,
    demonstrat(ed|ing)., rall(ied|ying)., celebrat(ed|ing)., work(ed|ing) (for|in|at|with|on|as)., belong.,
    belong(s|ed|ing)., deliver(ed|ing)., distribut(ed|ing)., provid(ed|ing)., receiv(ed|ing)., vaccinated.,
    participat(ed|ing)., (take|takes|taking|took|taken) part., (launch|carr(y|ied|ying) out)., patrol(led|ling).,
    monitored., negotiat(ed|ing)., reduc(ed|ing)., contribut(ed|ing)., (compris|consist)(e|es|ed|ing).,
    pledg(ed|ing)., promis(ed|ing)., visit(ed|ing)., graduat(ed|ing)., (is|are|was|were) (armed|equipped) with,
    need(s|ed|ing)? (humanitarian|aid|food|assistance|help)., (need|want) of (aid|food|assistance|help),
    benefit(ed|ing)., returned to (work|school|duty)., (hold|holding|held|won|win) (\S+ )?(seats?|office|posts?).,
    employ(ed|ing)., enroll?ed., were promoted., stood guard, escort(ed|ing)., appl(ied|ying) for
"""
_ENLISTED = any_of(
    "troops, soldiers, members, fighters, staff, people, personnel, men, police, policemen, employees, inhabitants, "
    "residents, militants, rebels"
)
_MOVES = rf"""
    came (to|into|from|across|over) (?!(harm|grief|blows)), coming (to|into|from)., arriv(ed|ing)., enter(ed|ing).,
    infiltrat(ed|ing)., cross(ed|ing)., gather(ed|ing)., march(ed|ing)., travel(l?ed|l?ing)., mov(ed|ing)
    (to|into|in|through)., pass(ed|ing) through, liv(e|es|ing) (in|at|on|near|under)., reside., residing.,
    assembl(ed|ing)., withdrew., redeployed., (has|have|had) (\w+ )?(\w+ )?\d\S* (\w+ )?{_ENLISTED}.
"""
UNHARMED = {
    **dict.fromkeys(("killed", "injured", "missing", "captured", "casualties"), words(_ACTS, _MOVES)),
    "displaced": words(_ACTS),
}
