"""Markers of events that a sentence only wishes, plans, demands, threatens, fears or denies. English.

The lists are data: a new marker is a word in one of them. A marker before a cue makes the cue unreal if they are in the
same clause.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from api.grounding.clauses import Sentence
from api.grounding.cue_patterns import one_token, tokens_of
from api.grounding.regex import regex

_MODALS = tokens_of("will would could can may might should shall must")
# They govern a whole clause, finite verbs included: "feared that 13 were dead", "if the truce holds".
_CLAUSAL = one_token(
    r"fear(s|ed|ing|ful)? hop(e|es|ed|ing|eful) wish(es|ed|ing)? doubt(s|ed|ful)? if unless whether lest suppos\w+ "
    r"expect\w* likely unlikely possib\w+ potential\w* perhaps maybe rumou?r\w* imminent\w* tomorrow pray(s|ed|ing)? "
    r"depend\w* hing(e|es|ed) any whenever once drill simulat\w+ hypothetical\w* fictional guarantee\w*"
)
# They govern an infinitive or a noun: "wants to extend it", "threatened a breach", "ready for a truce".
_VERBAL = one_token(
    r"want(s|ed|ing)? seek(s|ing)? sought urg(e|es|ed|ing) demand(s|ed|ing)? appeal(s|ed|ing)? ask(s|ed|ing)? "
    r"propos(e|es|ed|ing|al|als) plan(s|ned|ning)? intend(s|ed|ing)? intention(s)? aim(s|ed|ing)? threat\w* "
    r"warn\w* worr(y|ies|ied) risk(s|ed|ing)? vow(s|ed|ing)? pledg(e|es|ed|ing) promis(e|es|ed|ing) plea(s|d|ded|"
    r"ding)? request(s|ed|ing)? tr(y|ies|ied|ying) attempt(s|ed|ing)? efforts? bid struggl\w+ consider(s|ed|ing)? "
    r"mull\w* discuss\w* ready willing unwilling prepar\w+ scheduled prospects? chances? wait(s|ed|ing)? await\w* "
    r"pending brink verge suggest\w* recommend\w* advocat\w+ conditional provided predict\w* "
    r"anticipat\w+ speculat\w+ draft eager keen poised desir(es|ed|ing) offer(s|ed|ing)? contemplat\w+ envisag\w+ "
    r"prevent\w* avoid\w* avert\w* forestall\w* need(s|ed)? call(s|ed|ing)? talks negotiat(ions|ing) press(es|ed|"
    r"ing)? push(es|ed|ing)? insist(s|ed|ing)? failing hint(s|ed|ing)? lobb(y|ies|ied|ying) idea notion towards? "
    r"inch\w* initiative path framework odds deadline ultimatum jeopardi\w+ work(s|ed|ing)? mov(es|ed|ing) agenda "
    r"meant fac(e|es|ing) aspir\w+ slated danger\w* conditions? open plot(s|ted|ting)? conspir\w+ would-be favou?r"
)
# These govern only through a preposition: "called for a truce" and "insisted on it", but "called it dead".
_PREPOSITIONAL = one_token(
    r"call(s|ed|ing)? talks negotiat(ions|ing) press(es|ed|ing)? push(es|ed|ing)? insist(s|ed|ing)? work(s|ed|ing)? "
    r"mov(es|ed|ing) open conditions?"
)
_PREPOSITIONS = tokens_of("for on upon to about towards toward")
# "In favour of signing a truce" is a wish, "137 in favour" is not.
_FAVOUR = tokens_of("favour favor")
# "Estimates suggest that 13 died" is a statement.
_SUGGESTING = regex(r"suggest(?:s|ed)?")
_SOURCES = one_token(
    r"estimat\w+ reports? figures? data evidence stud(y|ies) records? research survey analys[ie]s footage images? "
    "photos? videos? statistics numbers? counts? tall(y|ies) documents? accounts? information investigations? sources? "
    "testimony findings? calculations? polls? reporting tolls? witnesses officials media interviews satellite imagery"
)
_SOURCES_REACH = 6
_DENYING_CLAUSES = one_token(
    r"den(y|ies|ied|ying|ial|ials) disput(e|es|ed|ing) reject(s|ed|ing|ion)? dismiss(es|ed|ing)?"
)
_NEGATIONS = one_token(
    r"not never neither nor no none without hardly barely scarcely nobody \w+n't fail(s|ed|ure)? refus(e|es|ed|"
    r"ing|al) declin(e|es|ed|ing) yet escap(e|es|ed|ing) narrowly instead rather refrain\w* falsely far short "
    r"nowhere unable rul(e|es|ed|ing) saved rescued spared freed released turn(s|ed|ing)? spurn\w* rebuff\w* "
    r"veto(es|ed)? block(s|ed|ing)? miss(es|ed|ing) elud(e|es|ed)"
)
# Proposals that can be accepted.
_PROPOSALS = tokens_of("proposal proposals plan plans call calls request requests offer offers demand demands idea")
_ACCEPTING = one_token(r"agree\w* accept\w* approv\w+ endors\w+ back(s|ed) embrac\w+ heed\w* honou?r(s|ed)")
# "When the accord is reached": a condition in the present tense.
_CONDITIONS = tokens_of("when once until unless before")
_PRESENT = tokens_of("is are has have gets get")
# These negate only together with the next word.
_PAIRS = {
    "yet": ("to",),
    "far": ("from",),
    "short": ("of",),
    "rather": ("than",),
    "instead": ("of",),
    "nowhere": ("near",),
    "saved": ("from",),
    "rescued": ("from",),
    "freed": ("from",),
    "released": ("from",),
    **dict.fromkeys(("rule", "rules", "ruled", "ruling"), ("out",)),
    **dict.fromkeys(("turn", "turns", "turned", "turning"), ("down",)),
}
# These do not negate what follows: "not only 13 were killed", "no fewer than 13".
_NOT_NEGATING = {
    "not": ("only", "just", "least", "less", "fewer", "more"),
    "no": ("fewer", "less", "more", "later", "doubt"),
}
# They stand directly before what nearly happened: before a number, they are about the number.
_NEARLY = tokens_of("nearly almost narrowly")
# "due to end", "close to collapse".
_BEFORE_TO = tokens_of("due set about close going near nearer closer")
# The verb after their "to" states a fact: "forced to flee", "began to shoot", "appears to be holding".
_FACTUAL = one_token(
    r"forc\w+ compel\w+ oblig\w+ had has have having manag\w+ beg[aiu]n start(s|ed) continu\w+ agree(s|d)? decid\w+ "
    r"led leads? came r[io]sen? rose appear\w* seem\w* estimated assumed alleged claimed deemed considered believed "
    r"known reported said thought presumed understood confirmed help(s|ed) chose chosen proceed\w* left went "
    r"turn(s|ed) according amount(s|ed) contribut\w+ caus\w+ driv\w+ drove"
)
_MEETING = tokens_of("met meets convened reconvened gathered assembled voted votes")
_BEFORE_MONTHS = tokens_of("in of since by until till from early late mid last this next during between and to")
_TO_ADVERBS = tokens_of(
    "be been have being fully formally again jointly also soon officially immediately both strictly"
)
_BORDERS = tokens_of(
    ", : ( ) [ ] … and but while whereas although though after before when because which who whom whose where that "
    "despite as since until over amid following"
)
# The complement of these words begins with "that", which then does not end the clause.
_COMPLEMENT = one_token(
    r"fear\w* hop\w+ den(y|ies|ied|ying) doubt\w* warn\w* reports? claims? accusations? allegations? suggestions? "
    r"rumou?rs? prospects? possibility threat\w* demand\w* insist\w* propos\w+ expect\w* predict\w* suggest\w* ask\w* "
    r"likel\w+ possible wish\w* say said says saying confirm told condition risk chance pray\w* urg\w+ want\w* sure "
    r"evidence concern\w* worr\w+ promis\w+ pledg\w+ vow\w* agree\w* requir\w+ dismiss\w* reject\w* disput\w+ unlikely"
)
# A finite verb in between ends the words that a modal verb or a word of _VERBAL governs.
_FINITE = tokens_of("was were is are had has did does do said says")
_PAST = tokens_of("broke held took went came began fell fled died shot left struck lost found said was were")
_AFTERWARDS = regex(
    r"\b(?:is|are|was|were|as) (?:\w+ )?(?:false|untrue|fake|baseless|unfounded|denied|dismissed|fabricated|"
    r"rejected|exaggerated|lies|wrong|unlikely|possible|in doubt|doubtful|uncertain|out of reach|elusive|not true|"
    r"a lie|within reach|on the table|at risk|in jeopardy|premature|a hoax|denied by)\b|\bturned out to be (?:a |"
    r"an )?(?:false|untrue|fabrication|hoax|lie|rumou?r|mistake|exaggerat\w+|wrong|fake)|\bproved (?:to be "
    r")?(?:false|wrong|untrue)\b|\bnever happened\b|\bdid not happen\b|\bremain(?:s|ed)? (?:unlikely|possible|in "
    r"doubt|doubtful|uncertain|out of reach|elusive)\b"
)
# "The start of the truce was postponed", "an extension is under discussion".
_PREDICATE = regex(
    r"^(?:\S+ ){1,6}?(?:is|are|was|were|been) (?:\w+ )?(?:postponed|delayed|put off|foiled|averted|avoided|"
    r"prevented|discussed|considered|proposed|planned|blocked|vetoed|demanded|sought|under (?:discussion|"
    r"consideration|negotiation|review))\b"
)
# "A ceasefire was one of the issues on the agenda".
_ON_AGENDA = regex(
    r"^(?:\S+ ){1,6}?(?:is|are|was|were|been|be|being|remains?|remained|as|among) (?:\w+ ){0,3}?(?:(?:on|off|part of) "
    r"(?:the|their|its|an?) (?:\w+ ){0,2}?agenda|(?:one of|among|some of) (?:the|their|its|several|many) (?:\w+ ){0,2}?"
    r"(?:issues|topics|points|items|subjects|matters|questions|demands|goals|aims|options|priorities|conditions|"
    r"proposals|ideas)|(?:an?|the|their|its) (?:\w+ )?(?:issue|topic|goal|aim|priority|precondition|demand|"
    r"sticking point|aspiration|objective|option|possibility|idea)|up for (?:discussion|debate)|at issue)\b"
)
# "The violations were the main issue": these are facts all the same.
_FACTS = regex(r"violat\w+|breach\w*|death\w*|kill\w*|casualt\w+|injur\w+|loss\w*|toll|fatalit\w+|collapse|expiry")
# "Extended if conditions remain good".
_IF = regex(r"^\S+ (?:(?:only )?if|unless|in case|in the event (?:of|that))\b(?! (?:only|not|at all))")
# "The truce expires on Sunday": the present tense with a time is a plan.
_PLANNED = one_token("expires ends begins starts takes comes enters lapses resumes finishes")
_TIME_AHEAD = regex(
    r"\b(?:in (?:\S+ ){1,2}(?:hours?|days?|weeks?|months?)|next|tomorrow|tonight|later|on \w+day|\w+day|on \d+|at "
    r"midnight)\b"
)
# A noun whose predicate is a modal verb: "any breach of the truce will be met with force".
_MODAL_PREDICATE = regex(r"^\S+(?: (?:of|by|from) (?:\S+ ){0,3}?\S+| \S+)? (?:will|would|could|may|might|should|must) ")
# The maximum number of tokens between a marker and its object: "called for an immediate and full extension".
_NOUN_REACH, _NEGATION_REACH, _MODAL_REACH = 6, 6, 8
_INFINITIVE_REACH, _DETERMINER_REACH = 18, 5
_INDEFINITE = tokens_of("a an any")
_AHEAD, _BEHIND = 40, 60


def unreal(sentence: Sentence, first: int, *, noun: bool = False) -> bool:
    """Return whether a sentence does not assert the cue that begins at its token number `first`.

    `noun` means that the cue is a noun: "an extension".

    >>> from api.grounding.clauses import sentences
    >>> [unreal(sentences(words)[0], 4) for words in ("she feared the truce collapsed", "she said the truce collapsed")]
    [True, False]
    """
    rest = " ".join(sentence.tokens[first : first + _AHEAD])
    if sentence.is_question or _AFTERWARDS.search(rest):
        return True
    if noun and (_MODAL_PREDICATE.match(rest) or _PREDICATE.match(rest)):
        return True
    if noun and not _FACTS.fullmatch(sentence.tokens[first]) and _ON_AGENDA.match(rest):
        return True
    if not noun and _IF.match(rest):
        return True
    if _PLANNED.fullmatch(sentence.tokens[first]) and _TIME_AHEAD.search(rest):
        return True
    return _is_governed(sentence.nameless, first, noun)


def mentions_unreality(sentence: Sentence, first: int) -> bool:
    """Return whether a sentence has any marker before its token number `first`."""
    before, rest = sentence.nameless[max(0, first - _BEHIND) : first + 1], sentence.tokens[first : first + _AHEAD]
    marked = any(_is_marker(before, at) for at in range(len(before) - 1))
    return sentence.is_question or marked or bool(_AFTERWARDS.search(" ".join(rest)))


def _is_marker(tokens: Sequence[str], at: int) -> bool:
    token, after = tokens[at], tokens[at + 1]
    if (
        _is_modal(tokens, at)
        or _CLAUSAL.fullmatch(token)
        or _DENYING_CLAUSES.fullmatch(token)
        or _negates(token, after)
    ):
        return True
    return _governs_objects(token, after) or (token in _BEFORE_TO and after == "to")


def _negates(token: str, after: str) -> bool:
    if not _NEGATIONS.fullmatch(token) or after in _NOT_NEGATING.get(token, ()):
        return False
    return token not in _PAIRS or after in _PAIRS[token]


def _governs_objects(token: str, after: str) -> bool:
    if not _VERBAL.fullmatch(token):
        return False
    if token in _FAVOUR:
        return after == "of"
    return after in _PREPOSITIONS or not _PREPOSITIONAL.fullmatch(token)


def _is_governed(tokens: Sequence[str], first: int, noun: bool) -> bool:
    if not noun and _is_purpose(tokens, first):
        return True
    finite = False
    for at in range(first - 1, max(-1, first - _BEHIND), -1):
        if _ends_clause(tokens, at, first, noun):
            # "Until the accord is reached".
            return tokens[at] in _CONDITIONS and not _PRESENT.isdisjoint(tokens[at:first])
        if _can_govern(tokens[at]) and _governs(tokens, at, first, noun, finite):
            return True
        finite = finite or tokens[at] in _FINITE
    return False


def _is_modal(tokens: Sequence[str], at: int) -> bool:
    """Return whether a token is a modal verb, and not the month of May."""
    if tokens[at] != "may":
        return tokens[at] in _MODALS
    neighbours = (*tokens[max(0, at - 1) : at], *tokens[at + 1 : at + 2])
    return not any(token[0].isdigit() for token in neighbours) and tokens[max(0, at - 1)] not in _BEFORE_MONTHS


def _is_accepted(tokens: Sequence[str], at: int) -> bool:
    """Return whether a proposal was accepted: "agreed to the proposal to renew the truce"."""
    return tokens[at] in _PROPOSALS and any(map(_ACCEPTING.fullmatch, tokens[max(0, at - _NOUN_REACH) : at]))


def _ends_clause(tokens: Sequence[str], at: int, first: int, noun: bool) -> bool:
    """Return whether a token is a border that ends the search for markers of the cue."""
    if tokens[at] in _BORDERS:
        return not _is_open(tokens, at, first)
    # "Vowed to avenge the killing" presupposes the killing.
    presupposed = noun and tokens[first - 1] == "the"
    return presupposed and tokens[at] in ("to", "into") and not (at and tokens[at - 1] in _BEFORE_TO)


# News uses the same few thousand words.
@lru_cache(maxsize=8192)
def _can_govern(token: str) -> bool:
    """Return whether a token is a marker of unreality in some context."""
    if token in _NEARLY or token in _MODALS or token in _BEFORE_TO:
        return True
    return any(markers.fullmatch(token) for markers in (_NEGATIONS, _CLAUSAL, _DENYING_CLAUSES, _VERBAL))


def _governs(tokens: Sequence[str], at: int, first: int, noun: bool, finite: bool) -> bool:
    """Return whether a token is a marker of unreality that reaches the cue.

    `finite` means that a finite verb is between them.
    """
    token, after, distance = tokens[at], tokens[at + 1], first - at
    reaches = not noun or distance <= _NOUN_REACH or _is_of_infinitive(tokens, at, first)
    if token in _NEARLY:
        return distance == 1
    if _is_modal(tokens, at):
        presupposed = noun and (tokens[first - 1] == "the" or not reaches)
        return not presupposed and not finite and after != "not" and distance <= _MODAL_REACH
    if token in _BEFORE_TO:
        return after == "to" and distance <= _NOUN_REACH and not tokens[at + 2][0].isdigit()
    if _negates(token, after):
        return distance <= _NEGATION_REACH
    if _CLAUSAL.fullmatch(token) or _DENYING_CLAUSES.fullmatch(token):
        return reaches
    real = finite or not reaches or _is_evidential(tokens, at) or _is_accepted(tokens, at)
    return _governs_objects(token, after) and not real


def _is_evidential(tokens: Sequence[str], at: int) -> bool:
    """Return whether a source suggests what follows: "estimates suggest that 13 died"."""
    sources = tokens[max(0, at - _SOURCES_REACH) : at]
    return bool(_SUGGESTING.fullmatch(tokens[at])) and any(map(_SOURCES.fullmatch, sources))


def _is_of_infinitive(tokens: Sequence[str], at: int, first: int) -> bool:
    """Return whether a noun is the object of a demanded act: "called upon all parties to engage in a pause"."""
    if first - at > _INFINITIVE_REACH or _INDEFINITE.isdisjoint(tokens[first - _DETERMINER_REACH : first]):
        return False
    return "to" in tokens[at + 1 : first]


def _is_purpose(tokens: Sequence[str], first: int) -> bool:
    """Return whether a cue is an infinitive of purpose or plan: "talks to reach a truce", but not "forced to flee"."""
    at = first - 1
    while at > 0 and tokens[at] in _TO_ADVERBS:
        at -= 1
    if at < 0 or tokens[at] != "to" or tokens[first].endswith(("s", "ed", "ing")):
        return False
    if any(map(_FACTUAL.fullmatch, tokens[max(0, at - 2) : at])) or (at and _is_accepted(tokens, at - 1)):
        return False
    # "It met on 7 April to adopt a resolution".
    return _MEETING.isdisjoint(tokens[max(0, at - _MODAL_REACH) : at])


def _is_open(tokens: Sequence[str], at: int, first: int) -> bool:
    """Return whether a word before a border governs the words after it."""
    if tokens[at] == "that":
        return any(_COMPLEMENT.fullmatch(token) for token in tokens[max(0, at - 2) : at])
    # "Urged them to respect and uphold it": a bare verb continues the one before it.
    bare = not tokens[first].endswith(("ed", "ing")) and tokens[first] not in _PAST
    return tokens[at] == "and" and at == first - 1 and bare
