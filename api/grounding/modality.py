"""Whether a sentence asserts an event, or only wishes, plans, demands, threatens, fears or denies it. English.

The lists are data: a new marker is a word in one of them. A marker before a cue makes the cue unreal if no border of a
clause stands between the two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from api.grounding.clauses import Sentence


def _any(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()))


_MODALS = frozenset(["will", "would", "could", "can", "may", "might", "should", "shall", "must"])
# They govern a whole clause, finite verbs included: "feared that 13 were dead", "if the truce holds".
_CLAUSAL = _any(
    r"fear(s|ed|ing|ful)? hop(e|es|ed|ing|eful) wish(es|ed|ing)? doubt(s|ed|ful)? if unless whether lest suppos\w+ "
    r"expect\w* likely unlikely possib\w+ potential\w* perhaps maybe rumou?r\w* imminent\w* tomorrow pray(s|ed|ing)?"
)
# They govern an infinitive or a noun: "wants to extend it", "threatened a breach", "ready for a truce".
_VERBAL = _any(
    r"want(s|ed|ing)? seek(s|ing)? sought urg(e|es|ed|ing) demand(s|ed|ing)? appeal(s|ed|ing)? ask(s|ed|ing)? "
    r"propos(e|es|ed|ing|al|als) plan(s|ned|ning)? intend(s|ed|ing)? intention(s)? aim(s|ed|ing)? threat\w* warn\w* "
    r"worr(y|ies|ied) risk(s|ed|ing)? vow(s|ed|ing)? pledg(e|es|ed|ing) promis(e|es|ed|ing) plea(s|d|ded|ding)? "
    r"request(s|ed|ing)? tr(y|ies|ied|ying) attempt(s|ed|ing)? efforts? bid struggl\w+ consider(s|ed|ing)? mull\w* "
    r"discuss\w* ready willing unwilling prepar\w+ scheduled prospects? chances? wait(s|ed|ing)? await\w* pending brink "
    r"verge suggest\w* recommend\w* advocat\w+ favou?r(s|ed|ing)? conditional provided predict\w* anticipat\w+ "
    r"speculat\w+ draft eager keen poised desir\w+ offer(s|ed|ing)? contemplat\w+ envisag\w+ prevent\w* avoid\w* "
    r"avert\w* forestall\w* need(s|ed)? call(s|ed|ing)? talks negotiat(ions|ing) press(es|ed|ing)? push(es|ed|ing)? "
    r"insist(s|ed|ing)? failing hint(s|ed|ing)? lobb(y|ies|ied|ying)"
)
# These govern only through a preposition: "called for a truce" and "insisted on it", but "called it dead".
_PREPOSITIONAL = _any(r"call(s|ed|ing)? talks negotiat(ions|ing) press(es|ed|ing)? push(es|ed|ing)? insist(s|ed|ing)?")
_PREPOSITIONS = frozenset(["for", "on", "to", "about", "towards", "toward"])
_DENYING_CLAUSES = _any(r"den(y|ies|ied|ying|ial|ials) disput(e|es|ed|ing) reject(s|ed|ing|ion)? dismiss(es|ed|ing)?")
_NEGATIONS = _any(
    r"not never neither nor no none without hardly barely scarcely nobody \w+n't fail(s|ed|ure)? refus(e|es|ed|ing|al) "
    r"declin(e|es|ed|ing) yet escap(e|es|ed|ing) narrowly instead rather refrain\w* falsely far short nowhere unable "
    r"rul(e|es|ed|ing)"
)
# These negate only together with the next word.
_PAIRS = {
    "yet": ("to",),
    "far": ("from",),
    "short": ("of",),
    "rather": ("than",),
    "instead": ("of",),
    "nowhere": ("near",),
    **dict.fromkeys(("rule", "rules", "ruled", "ruling"), ("out",)),
}
# These do not negate what follows: "not only 13 were killed", "no fewer than 13".
_NOT_NEGATING = {
    "not": ("only", "just", "least", "less", "fewer", "more"),
    "no": ("fewer", "less", "more", "later", "doubt"),
}
# They stand directly before what nearly happened: before a number, they are about the number.
_NEARLY = frozenset(["nearly", "almost", "narrowly"])
# "due to end", "close to collapse".
_BEFORE_TO = frozenset(["due", "set", "about", "close", "going", "near", "nearer", "closer"])
# What follows their "to" did happen: "forced to flee", "began to shoot", "appears to be holding".
_FACTUAL = _any(
    r"forc\w+ compel\w+ oblig\w+ had has have having manag\w+ beg[aiu]n start(s|ed) continu\w+ agree(s|d)? decid\w+ led "
    r"leads? came r[io]sen? rose appear\w* seem\w* believed known reported said thought presumed understood confirmed "
    r"help(s|ed) chose chosen proceed\w* left went turn(s|ed) according amount(s|ed) contribut\w+ caus\w+ driv\w+ drove"
)
_TO_ADVERBS = frozenset(
    ["be", "been", "have", "being", "fully", "formally", "again", "jointly", "also", "soon", "officially", "immediately", "both", "strictly"]
)
_BORDERS = frozenset(
    [",", ":", "(", ")", "[", "]", "…", '"', "and", "but", "while", "whereas", "although", "though", "after", "before", "when", "because", "which", "who", "whom", "whose", "where", "that", "despite", "as", "since", "until", "over", "amid", "following"]
)
# Words whose complement begins with "that", which is no border for what governs them.
_COMPLEMENT = _any(
    r"fear\w* hop\w+ den(y|ies|ied|ying) doubt\w* warn\w* reports? claims? accusations? allegations? suggestions? "
    r"rumou?rs? prospects? possibility threat\w* demand\w* insist\w* propos\w+ expect\w* predict\w* suggest\w* ask\w* "
    r"likel\w+ possible wish\w* say said says saying confirm told condition risk chance pray\w* urg\w+ want\w* sure "
    r"evidence concern\w* worr\w+ promis\w+ pledg\w+ vow\w* agree\w* requir\w+ dismiss\w* reject\w* disput\w+ unlikely"
)
# A finite verb between ends what a modal verb or a word of _VERBAL governs.
_FINITE = frozenset(["was", "were", "is", "are", "had", "has", "did", "does", "do", "said", "says"])
_PAST = frozenset(["broke", "held", "took", "went", "came", "began", "fell", "fled", "died", "shot", "left", "struck", "lost", "found", "said", "was", "were"])
_AFTERWARDS = re.compile(
    r"\b(?:is|are|was|were|as) (?:\w+ )?(?:false|untrue|fake|baseless|unfounded|denied|dismissed|fabricated|rejected|"
    r"exaggerated|lies|wrong|unlikely|possible|in doubt|doubtful|uncertain|out of reach|elusive|not true|a lie)\b|"
    r"\bremain(?:s|ed)? (?:unlikely|possible|in doubt|doubtful|uncertain|out of reach|elusive)\b"
)
# So many tokens lie between a marker and what it governs: "called for an immediate and full extension".
_NOUN_REACH, _NEGATION_REACH, _MODAL_REACH = 5, 6, 8


def unreal(sentence: Sentence, first: int, *, noun: bool = False) -> bool:
    """Return whether a sentence does not assert the cue that begins at its token number `first`.

    `noun` means that the cue is a noun: "an extension".

    >>> from api.grounding.clauses import sentences
    >>> [unreal(sentences(words)[0], 4) for words in ("she feared the truce collapsed", "she said the truce collapsed")]
    [True, False]
    """
    if sentence.is_question or _AFTERWARDS.search(" ".join(sentence.tokens[first:])):
        return True
    return _is_governed(sentence.tokens, first, noun)


def mentions_unreality(sentence: Sentence, first: int) -> bool:
    """Return whether any marker at all stands in a sentence before its token number `first`."""
    return sentence.is_question or any(
        _is_marker(token, after) for token, after in zip(sentence.tokens[:first], sentence.tokens[1:], strict=False)
    )


def _is_marker(token: str, after: str) -> bool:
    if token in _MODALS or _CLAUSAL.fullmatch(token) or _DENYING_CLAUSES.fullmatch(token) or _negates(token, after):
        return True
    return _governs_objects(token, after) or (token in _BEFORE_TO and after == "to")


def _negates(token: str, after: str) -> bool:
    if not _NEGATIONS.fullmatch(token) or after in _NOT_NEGATING.get(token, ()):
        return False
    return token not in _PAIRS or after in _PAIRS[token]


def _governs_objects(token: str, after: str) -> bool:
    if not _VERBAL.fullmatch(token):
        return False
    return after in _PREPOSITIONS or not _PREPOSITIONAL.fullmatch(token)


def _is_governed(tokens: Sequence[str], first: int, noun: bool) -> bool:
    if not noun and _is_purpose(tokens, first):
        return True
    finite = False
    for at in range(first - 1, -1, -1):
        token, after, distance = tokens[at], tokens[at + 1], first - at
        if token in _BORDERS and not _is_open(tokens, at, first):
            return False
        # "Vowed to avenge the killing" does not make the killing unreal.
        if noun and token in ("to", "into") and not (at and tokens[at - 1] in _BEFORE_TO):
            return False
        if token in _NEARLY:
            governs = distance == 1
        elif token in _MODALS:
            governs = not noun and not finite and after != "not" and distance <= _MODAL_REACH
        elif token in _BEFORE_TO:
            governs = after == "to" and distance <= _NOUN_REACH and not tokens[at + 2][0].isdigit()
        elif _negates(token, after):
            governs = distance <= _NEGATION_REACH
        elif _CLAUSAL.fullmatch(token) or _DENYING_CLAUSES.fullmatch(token):
            governs = not noun or distance <= _NOUN_REACH
        else:
            governs = _governs_objects(token, after) and not finite and (not noun or distance <= _NOUN_REACH)
        if governs:
            return True
        finite = finite or token in _FINITE
    return False


def _is_purpose(tokens: Sequence[str], first: int) -> bool:
    """Whether a cue is an infinitive of purpose or plan: "talks to reach a truce", but not "forced to flee"."""
    at = first - 1
    while at > 0 and tokens[at] in _TO_ADVERBS:
        at -= 1
    if at < 0 or tokens[at] != "to" or tokens[first].endswith(("s", "ed", "ing")):
        return False
    return not any(_FACTUAL.fullmatch(token) for token in tokens[max(0, at - 2) : at])


def _is_open(tokens: Sequence[str], at: int, first: int) -> bool:
    """Whether a word before a border governs the words after it."""
    if tokens[at] == "that":
        return any(_COMPLEMENT.fullmatch(token) for token in tokens[max(0, at - 2) : at])
    # "Urged them to respect and uphold it": a bare verb continues the one before it.
    bare = not tokens[first].endswith(("ed", "ing")) and tokens[first] not in _PAST
    return tokens[at] == "and" and at == first - 1 and bare
