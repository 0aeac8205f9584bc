"""The consent of parties to a value that all parties share, such as an agreement. English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from api.grounding.clauses import Sentence
from api.grounding.cue_patterns import CueField
from api.grounding.cues import Verdict, Words, judge
from api.grounding.normalize import Letters
from api.grounding.nouns import Noun, classify
from api.grounding.parties import Naming, distinctive, names_in, places_of, written_forms
from api.grounding.regex import regex
from api.text import without_article

# The number of characters before and after a name that are searched for its role.
_BEFORE, _AFTER = 120, 200
# The maximum number of mentions of a name.
_MENTIONS_MAX = 50
# Between two words of one name: "Front for the Liberation".
_WITHIN_NAME = regex(r"[^\w.,;:…]{1,3}(?:(?:of|for|the|and|de|al)[ -]){0,2}")
_CLAUSE_START = regex(r"^.*[.;…!?](?=\s)", re.DOTALL)
_SENTENCE_END = regex(r"(?<!\b\w)[.;…!?](?=\s|$)")
# "Brokered by Norland and Sundland", "with the help of Norland".
_AGENT = regex(
    r"\b(?:by|with the (?:help|support|assistance|aid|mediation|backing|involvement) of|under the (?:auspices|aegis|"
    "mediation|supervision|patronage|leadership|chairmanship) of|(?:in the presence|courtesy) of|thanks to|"
    r"(?:mediator|broker|host|guarantor|facilitator|witness)(?:s|es)?(?: from)?)(?P<list>(?: [^\s.;:…]+){0,9}) ?$"
)
_NEEDS_HELPING = regex(r"\bby\b")
_NEW_CLAUSE = regex(
    r"\b(?:between|that|which|who|after|when|while|but|to|was|were|is|are|has|have|had|agreed|signed|accepted)\b"
)
_COORDINATION = regex(r",|\band\b|\bas well as\b|\balong with\b")
_NO_VERB_NEXT = regex(r"(?:\s*$|\s*[,.;:…)]|\s+(?:and|in|on|at|after|with|between|for|to|last|this|late|early)\b)")
_APPOSITION = r"(?:'s)?(?: \([^)]*\))?(?:,[^,.;]{1,80},|, (?:which|who)\b| %s[\w-]+(?<!ed)){0,3}?,?"
_AUXILIARIES = r"(?: (?:has|have|had|is|was|are|were|also|\w+ly)){0,2} "
# "In Elling, Norland": the place of an event.
_PLACE = regex(r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Oo]utside)(?: the)? (?:(?:the )?[A-Z][\w'-]*(?: [A-Z][\w'-]*)*, )?$")
_PLACE_OF_PARTY = regex(r"^(?:'s\b|'|-| (?:and )?(?:the )?[\w-]+(?:ers|ists|ants|els|ment|tary|my|ces|ities)\b)")
_SAYING_OF_ANOTHER = regex(
    r"\b(?:said|says|told|claimed|reported|announced|warned|added|that|because)(?: that)? (?!he\b|she\b|it\b|they\b)"
)
_ITS_OWN_SUBJECT = regex(
    r"\W*(?:(?:and|but|though|although|while|whereas|because|which|who|even|then|later|yet|still|also) )*"
    r"(?:(?:he|she|it|they) )?(?:\w+ly |itself |themselves |later |then )?"
)
_CAPITAL = regex(r"\b[A-Z]")
_ANAPHORA = regex(
    r"\b(?:both|they|it|he|she|we|you|i|sides?|parties|two|three|who|which|each|all|leaders|rivals|foes|neighbours|"
    r"neighbors|warring|government|governments|rebels|army|armies|military|militaries|troops|forces|group|groups|"
    r"movement|union|regime|delegations|delegates|negotiators|representatives|presidents?|ministers?|others|"
    r"countries|states|nations|belligerents|combatants|factions|militias?)\b",
    re.IGNORECASE,
)
_FINITE = regex(
    r"\w{2,}ed|has|have|had|is|was|were|are|will|would|began|took|sent|held|fought|led|made|went|came|said|gave|got|"
    r"kept|saw|won|lost|left|ran|shot|fled|told|set|put"
)
_PLURALS = regex(
    r"forces|troops|authorities|militias|separatists|insurgents|leaders|representatives|delegates|negotiators|groups|"
    r"parties|sides|tigers|states|nations|emirates"
)
_FINITE_REACH = 8
_BY = regex(r"\w* by \S")
_NO_CONSENT = "says that it did not"
_OTHER_DEAL = regex(
    r" (?:[\w-]+ ){0,2}?(?:peace|trade|border|political|final|comprehensive|framework|earlier|previous) "
    r"(?:[\w-]+ )?(?:accords?|treat(?:y|ies)|agreements?|deals?|pacts?|protocols?)\b"
)
_LATER = regex(
    r"\b(?:but|yet|until|before|then|and)"
    r"(?: (?:he|she|it|they|later|then|also|still|finally|eventually|has|have|had|\w+ly)){0,3} "
)
_BORDER = regex(r"[,:()]| (?:and|but|while|whereas|although|though|because|which|who)\b")


class Consent:
    """The consent of parties to the value of a field, as evidence states it.

    >>> from api.kinds.ceasefire_cues import CEASEFIRE_CUES
    >>> words = Words("Norland and Sundland signed a truce, brokered by Estmark")
    >>> consent = Consent(CEASEFIRE_CUES.stated["status"], "agreed", words)
    >>> consent.missing("Norland"), consent.missing("Estmark")
    (None, 'lets it help others to agree')
    """

    def __init__(self, field: CueField, value: str, words: Words):
        self._field = field
        self._value = value
        self._words = words

    def missing(self, name: str) -> str | None:
        """Return the reason why the evidence does not state a party's consent, or None.

        Each mention must deny the consent or give the party another role: a broker, a place or the subject of another
        event.
        """
        mentions = list(self._mentions(name))
        later = (_consents_later(_after(end, self._words), self._field) for _, end in mentions)
        if self._denies(name) and not any(later):
            return _NO_CONSENT
        reasons = [self._other_role(mention, name) for mention in mentions]
        return reasons[0] if reasons and all(reasons) else None

    @cached_property
    def _segments(self) -> list[tuple[str, Naming]]:
        return [(segment, names_in(segment)) for segment in self._words.segments]

    @cached_property
    def _letters(self) -> Letters:
        return Letters(self._words.capitals)

    @cached_property
    def _forms(self) -> dict[str, set[str]]:
        return written_forms(self._letters)

    def _denies(self, name: str) -> bool:
        """Return whether each segment that names a party denies a value: "the army signed, but the rebels refused"."""
        naming = (segment for segment, read in self._segments if read.names(name))
        segments = [Words(segment) for segment in islice(naming, _MENTIONS_MAX)]
        denials = (Verdict.UNREAL, Verdict.OTHER)
        return bool(segments) and all(judge(self._field, self._value, own) in denials for own in segments)

    def _mentions(self, name: str) -> Iterator[tuple[int, int]]:
        """Yield the places that name a party. Several words of a name are one mention."""
        text = self._words.capitals
        if distinctive_words := distinctive(name):
            written = set[str]().union(*(self._forms.get(word, ()) for word in distinctive_words))
            places = places_of(written, self._letters)
        else:
            named = re.finditer(re.escape(without_article(name)), text, re.IGNORECASE)
            places = (match.span() for match in named)
        mention: tuple[int, int] | None = None
        for first, last in islice(places, _MENTIONS_MAX):
            if mention and _WITHIN_NAME.fullmatch(text[mention[1] : first][:_BEFORE]):
                mention = mention[0], last
                continue
            if mention:
                yield mention
            mention = first, last
        if mention:
            yield mention

    def _other_role(self, mention: tuple[int, int], name: str) -> str | None:
        start, end = mention
        before = _CLAUSE_START.sub("", self._words.capitals[max(0, start - _BEFORE) : start])
        after = _after(end, self._words)
        if _helps(before, after, self._field):
            return "lets it help others to agree"
        if _is_place(before, after, name):
            return "names it as a place"
        if _rejects(after, self._field):
            return _NO_CONSENT
        return "names it in another event" if self._is_elsewhere(mention) else None

    def _is_elsewhere(self, mention: tuple[int, int]) -> bool:
        """Return whether a party acts in another sentence, and others are named as the consenting parties."""
        own = self._run(mention[0])
        text = self._words.text
        if self._field.subject.search(text, *own) or self._field.consenting.search(text, *own):
            return False
        return _acts(self._words.sentence(mention[0]), mention[1]) and self._names_others

    def _run(self, at: int) -> tuple[int, int]:
        """Return the bounds of the sentence at an offset, within the run of evidence that it belongs to."""
        sentence = self._words.sentence(at)
        start = max(sentence.start, self._words.text.rfind("…", sentence.start, at) + 1)
        end = self._words.text.find("…", at, sentence.end)
        return start, sentence.end if end < 0 else end

    @cached_property
    def _names_others(self) -> bool:
        """Whether a consent has a named subject or agent, and none has an unnamed one: "they agreed"."""
        text, names = self._words.capitals, False
        for match in islice(self._field.consenting.finditer(self._words.text), _MENTIONS_MAX):
            start, end = self._run(match.start())
            subject = text[start : match.start()].strip()
            if _ANAPHORA.search(subject):
                return False
            by = _BY.match(text, match.end(), end)
            names = names or by is not None or _CAPITAL.search(subject[1:]) is not None
        return names


def _after(end: int, words: Words) -> str:
    """Return the rest of the sentence after a mention."""
    after = words.capitals[end : end + _AFTER]
    stop = _SENTENCE_END.search(after)
    return after[: stop.start()] if stop else after


def _helps(before: str, after: str, field: CueField) -> bool:
    """Return whether a party helps others: "brokered by Norland", "Norland, the host, mediated", "Norland-brokered"."""
    apposition = _APPOSITION % f"(?!{field.consenting.pattern})"
    if re.match(rf"(?:-|{apposition}{_AUXILIARIES})(?:{field.helping.pattern})\b(?! by\b)", after):
        return True
    before = before.lower()
    agent = _AGENT.search(before)
    if agent is None or _NEW_CLAUSE.search(agent["list"]):
        return False
    if _NEEDS_HELPING.match(agent[0]) and not re.search(
        rf"(?:{field.helping.pattern})(?: \w+)? $", before[: agent.start()]
    ):
        return False
    return _NO_VERB_NEXT.match(after) is not None or not _COORDINATION.search(agent["list"])


def _is_place(before: str, after: str, name: str) -> bool:
    whole = len(without_article(name).split()) == len(distinctive(name))
    return whole and _PLACE.search(before) is not None and not _PLACE_OF_PARTY.match(after)


def _rejects(after: str, field: CueField) -> bool:
    """Return whether the party before these words rejects the value: "agreed to observe it but would not sign it"."""
    for match in field.rejecting.finditer(after):
        # "Did not sign the peace accord", "refused at first, but signed on Friday".
        if _OTHER_DEAL.match(after, match.end()) or _consents_later(after[match.end() :], field):
            continue
        between = after[: match.start()]
        borders = list(_BORDER.finditer(between))
        if not borders:
            return not _SAYING_OF_ANOTHER.search(between)
        if not _CAPITAL.search(between) and _ITS_OWN_SUBJECT.fullmatch(between, borders[-1].start()):
            return True
    return False


def _consents_later(after: str, field: CueField) -> bool:
    """Return whether a party consents in a later clause of its sentence: "refused at first, but signed on Friday"."""
    return any(field.consenting.match(after, match.end()) for match in _LATER.finditer(after))


def _acts(sentence: Sentence, end: int) -> bool:
    """Return whether a finite verb follows a name: "The front explodes a bomb"."""
    first = sentence.index(end - 1) + 1
    tokens = sentence.tokens[first : first + _FINITE_REACH]
    if any(map(_FINITE.fullmatch, tokens)):
        return True
    verb = tokens[0] if tokens else ""
    return verb.endswith("s") and not _PLURALS.fullmatch(verb) and classify(verb) is not Noun.PEOPLE
