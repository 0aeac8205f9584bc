"""Attributions in evidence: the speakers of the words at a place. English."""

from __future__ import annotations

import re
import typing
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from api.grounding.clauses import sentences
from api.grounding.normalize import lower, plain
from api.grounding.regex import regex

# It replaces each character of a quotation, because quoted words do not attribute words of the evidence.
_MASK = "\x01"
_MARK, _NO_BLANK = regex('"'), regex(r"\S")
_BEFORE_OPENING = frozenset(" ([-")
_AFTER_SENTENCE = regex(rf"[\"')\]{_MASK}]*")
# A noun phrase without punctuation and quotation.
_NOUNS = rf"[^,;:\"{_MASK}]{{2,80}}?"
# The first noun phrase has no verb; an apposition can.
_HEAD = rf"(?:(?!\b(?:was|were|are|is|died|fled|lost) )[^,;:\"{_MASK}]){{2,80}}?"
_ADVERBS = (
    r"(?:(?:[a-z]{1,20}ly|also|too|has|have|had|today|yesterday|later|then|however|again|earlier|once|now|further|still|"
    r"himself|herself|itself|themselves|[A-Z][a-z]{2,6}day),? ){0,3}"
)
_SAYS = (
    # "The reports said" has a noun.
    r"(?:(?:reports|claims|states)(?! (?:sa(?:id|ys?)|were|have|had|of|from|by|indicated?|put|about)\b)|"
    r"said|says|told|tells|reported|announced|announces|confirmed|confirms|added|adds|stated|claimed|warned|warns|"
    r"insisted|insists|commented|tweeted|noted|declared|declares|stressed|argued|alleged|alleges|maintained|"
    r"acknowledged|acknowledges|admitted|wrote|called (?:on|for)|urged|explained|"
    r"demanded|demands|asked(?! (?:about|if|whether|by|for|how|why|what)\b)|"
    r"(?:was|were) (?:quoted|cited) (?:by [\w ]{2,40}? )?as saying|puts? (?:the|its|their)(?= [\w ,]{0,100} at ))\b"
)
_CONJUNCTION = r"(?:and|but|while|whereas|although|though|as|after|because|when|where|whom|which)"
_FIRST = regex(
    rf"^[\s\"']*+(?:(?:And|But|While|As|After|and|but|while|as|after) )?"
    rf"(?P<by>{_HEAD}(?:(?:, {_NOUNS}){{1,2}},)?) {_ADVERBS}(?P<verb>{_SAYS})"
)
# The span of evidence begins within the apposition: "Ivo Holm, put the number at 12".
_CUT = regex(rf"^(?P<by>[A-Z]{_NOUNS}), (?P<verb>puts? (?:the|its|their)(?= [\w ,]{{0,100}} at ))")
_LATER = regex(
    rf"(?:[,;:…{_MASK}]|\b{_CONJUNCTION}\b)[\"']*,? (?:{_CONJUNCTION} )?"
    rf"(?P<by>{_HEAD}(?:, {_NOUNS},)?) {_ADVERBS}(?P<verb>{_SAYS})"
)
_INVERTED = regex(
    rf"(?:^|[,?!.…{_MASK}\"]['\"]* )(?P<verb>(?!told|tells|called|urged|put){_SAYS}) (?P<by>(?:[A-Z]|an? |the )"
    rf"[^,;:\"{_MASK}]{{1,80}}"
    rf"(?:, (?:an? |the |its |deputy |acting |\w+ (?:of|for|at|to) |\w* ?spokes)[^,;:\"{_MASK}]{{2,80}})?)"
)
_ACCORDING = regex(rf"\b(?P<verb>[Aa]ccording to) (?P<by>[^,;:\"{_MASK}…]{{2,80}})")
_CITED = regex(
    rf"\b(?P<verb>[Cc]iting) (?P<by>[^,;:\"{_MASK}…]{{2,80}})|"
    rf"\b(?P<verb_>quot(?:ed|es|ing)) (?P<by_>(?!by |as )[^;:\"{_MASK}…]{{2,120}}?),? as saying\b"
)
# "Met with envoy Ivo Holm, who said".
_RELATED = regex(
    r"(?P<by>(?:\b(?:[Tt]he|[Aa]n?) )?(?:\b[a-z]{1,20} )?\b[A-Z][\w.'-]{0,40}(?: [A-Z][\w.'-]{0,40}){0,5}), "
    rf"(?:who|which) {_ADVERBS}(?P<verb>{_SAYS})"
)
_SAYING_VERB = r"(?P<verb>saying|adding|insisting|claiming|stating|putting|noting|alleging)\b"
_HAS_SAYING = regex(rf", {_SAYING_VERB}")
# "But Norland denied it, saying that ten had fled".
_SAYING = regex(
    rf"(?:^|[,;:…]|\b{_CONJUNCTION}\b)[\s\"']*+(?P<by>{_HEAD}) {_ADVERBS}(?:[a-z]{{1,20}}ed|denies|rejects|disputes|"
    rf"went)\b[^,;:\"{_MASK}]{{0,80}}, {_SAYING_VERB}"
)
_SPEAKS = regex(rf"\b{_SAYS}")
_SURNAME = regex(r"(?:(?:Mr|Mrs|Ms|Dr|Gen|Col)\.? )?(?P<name>[A-Z][\w'-]+)")
_PRONOUN = regex(r"^(?:he|she|it|they|we|i)$", re.IGNORECASE)
_NO_SPEAKER = regex(
    r"^(?:who|which|that|there|this|one)\b|^\d|"
    r"\b(?:was|were|been|is|are|be|to|an?|the|its|their|his|her|of|by|as|not|yet|never|no|earlier|previously)$",
    re.IGNORECASE,
)
# After the verb: the time, the place and the listener, and then the end or a mark. Reported speech follows "that".
_AROUND = (
    r"(?: (?:in|on|at|to|late|early|earlier|later|today|yesterday|last|this|during|after|via|from|by|over|"
    rf"[A-Z]\w{{2,6}}day|(?!only)\w{{1,20}}ly)\b(?:(?! that )[^,;:\"{_MASK}.…]){{0,80}})?"
)
_LISTENER = rf"(?: (?:the )?(?:[A-Z]|reporters|journalists)(?:(?! that )[^,;:\"{_MASK}.…]){{0,80}})?"
_ENDS = regex(rf"(?:{_AROUND}|{_LISTENER})[\s\"'{_MASK}]*(?:$|[.,;:!?…])")
_ENDS_UNIT = regex(rf"(?:{_AROUND}|{_LISTENER})(?: that)?[\s\"'{_MASK}]*(?:$|[.…:]\s*$)")
_ENDS_CLAUSE = regex(rf"(?:{_AROUND}|{_LISTENER})[\s\"']*(?:[.;!?]|$|,? (?:and|but|while|whereas|although)\b)")
_OPENS_CLAUSE = regex(r"(?:^|\b(?:and|but|while|whereas|that)|[;:…])[\s\"']*$", re.IGNORECASE)
_GOES_ON = regex(r", (?!(?:who|which|and|but|while|as) )")
# The number of characters before an attribution that show whether its unit begins with it.
_LOOK_BEHIND = 120
_SPOKEN_BEFORE = regex(rf"{_SAYS}, $")
# The maximum number of characters of a sentence that are searched for the name of a speaker.
_NAME_MAX = 200
# The maximum number of units that are searched for the name of a speaker.
_BACK_MAX = 50
# "In a statement, the mission said".
_OPENS_UNIT = regex(
    r"[\s\"'.…]*(?:(?:and|but|as|while|after) |(?:in|on|at|speaking|after|during) [^,]*,)?\s*$", re.IGNORECASE
)
_VERB_FIRST = regex(rf"{_ADVERBS}{_SAYS} (?!\w+ (?:said|added)\b)")
_RELATIVE = regex(r"\b(?:in|at|during|after) which\b|\b(?:when|where|while|but)\b")
# "Jean Holm, chief of the district": a person, not "The Holm Ministry".
_PERSON = regex(r"^(?!(?:The|In|On|At|For|According) )(?:[A-Z][\w'.-]+ ){1,4}[A-Z][\w'-]+(?:,|$)")


class Attribution(typing.NamedTuple):
    """Words for a speaker, with offsets in a unit from their start to the end of the verb.

    - `leads` means that the words after it can be of this speaker.
    - `trails` means that the words before it can be of this speaker.
    - `alone` means that its unit does not have the speaker's words. They are in a unit next to it.
    - `cited` means that it is the source of another speaker.
    """

    by: str
    start: int
    end: int
    leads: bool
    trails: bool
    alone: bool
    cited: bool = False


class Unit:
    """A sentence of a run of evidence, or a part of a sentence."""

    def __init__(self, words: str, masked: str):
        self.words = words
        self.attributions = sorted(_attributions(masked), key=lambda attribution: attribution.start)
        self.speakers = [speaker.by for speaker in self.attributions if not _PRONOUN.match(speaker.by)]
        self.is_quotation = words.lstrip().startswith('"')

    def governing(self, place: int) -> list[Attribution]:
        """Return the attributions of the words at a place of this unit. The list is empty if another unit has them."""
        before = [item for item in self.attributions if item.end <= place and item.leads]
        after = [item for item in self.attributions if item.start >= place and item.trails]
        cited = [item for item in self.attributions if item.cited]
        return before[-1:] + after[:1] + cited[:1]


class Speech:
    """Runs of evidence as units with their speakers.

    >>> speech = Speech(["Six died, according to Norland, and ten fled, according to Sundland"])
    >>> speech.speakers_at(0, 0), speech.speakers_at(0, 36)
    (['Norland'], ['Sundland'])
    >>> speech = Speech(["Norland said it held", "Ada Holm, its envoy", '"We fled," she said', "Sundland said no more"])
    >>> speech.speakers_at(2, 1)
    ['Ada Holm, its envoy']
    """

    def __init__(self, runs: Sequence[str]):
        self.units: list[Unit] = []
        # For each run: the starts of its units, and the number of its first unit.
        self._starts: list[list[int]] = []
        self._firsts: list[int] = []
        for run in runs:
            words = plain(run)
            masked = _masked(words)
            starts = _unit_starts(masked)
            self._firsts.append(len(self.units))
            self._starts.append(starts)
            self.units += (Unit(words[start:end], masked[start:end]) for start, end in pairwise([*starts, len(words)]))

    def locate(self, run: int, offset: int) -> tuple[int, int]:
        """Return the number of the unit at an offset of a run, and the offset in this unit."""
        at = max(0, bisect_right(self._starts[run], offset) - 1)
        return self._firsts[run] + at, offset - self._starts[run][at]

    def speakers_at(self, run: int, offset: int) -> list[str] | None:
        """Return the words for the possible speakers at an offset of a run, or None if they are not named."""
        at, place = self.locate(run, offset)
        unit = self.units[at]
        governing = [(at, item) for item in unit.governing(place)]
        if not governing and not unit.attributions:
            governing = list(self._next_to(at))
        speakers = list(self._subject_before(at)) if not governing else list[str]()
        for number, item in governing:
            if _PRONOUN.match(item.by):
                named = self._antecedent(number, item)
                if named is None:
                    return None
                speakers.append(named)
            else:
                speakers.append(self._in_full(number, item.by))
        return speakers or None

    def _in_full(self, at: int, speaker: str) -> str:
        """Return the longer form of a surname from an earlier unit, or the speaker unchanged."""
        surname = _SURNAME.fullmatch(speaker)
        if surname:
            form = re.compile(rf"\b{re.escape(surname['name'])}\b")
            for place in range(at - 1, max(-1, at - _BACK_MAX), -1):
                for longer in self.units[place].speakers:
                    if len(longer) > len(speaker) and form.search(longer):
                        return longer
        return speaker

    def _next_to(self, at: int) -> Iterator[tuple[int, Attribution]]:
        """Yield the attributions directly before and after a unit that apply to it.

        A quotation goes on in the next sentence: "We won," Ada Holm said. "They fled."
        """
        goes_on = self.units[at].is_quotation and at > 0 and self.units[at - 1].is_quotation
        if at > 0 and (items := self.units[at - 1].attributions) and (items[-1].alone or goes_on):
            yield at - 1, items[-1]
        if at + 1 < len(self.units) and (items := self.units[at + 1].attributions) and items[0].alone:
            yield at + 1, items[0]

    def _subject_before(self, at: int) -> Iterator[str]:
        """Yield the words before a unit that begins with its verb. The subject is the end of another span."""
        if at > 0 and _VERB_FIRST.match(self.units[at].words) and not self.units[at - 1].attributions:
            clause = _RELATIVE.split(self.units[at - 1].words[-_NAME_MAX:])[-1].strip(" ,…")
            if clause and not clause.islower():
                yield clause

    def _antecedent(self, at: int, pronoun: Attribution) -> str | None:
        """Return the words for the latest named speaker before a pronoun: "he said", "it added"."""
        of_person = pronoun.by.lower() in ("he", "she")
        before = [item for item in self.units[at].attributions if item.start < pronoun.start]
        for place in range(at, max(-1, at - _BACK_MAX), -1):
            items = before if place == at else self.units[place].attributions
            named = [item.by for item in items if not _PRONOUN.match(item.by)]
            if named:
                return named[-1]
            if of_person and place < at and _PERSON.match(self.units[place].words):
                return self.units[place].words[:_NAME_MAX]
        return None


def _masked(words: str) -> str:
    """Return words with masked quotations. A quotation can begin or end outside the words."""
    parts, last, opened = list[str](), 0, False
    for match in _MARK.finditer(words):
        at = match.start()
        opens = (at == 0 or words[at - 1] in _BEFORE_OPENING) and words[at + 1 : at + 2].strip() != ""
        if opens != opened or not parts:
            # The first mark closes a quotation that begins before the span.
            within = opened or (not opens and not parts)
            parts.append(_hidden(words[last:at]) if within else words[last:at])
            last, opened = at, opens
    return "".join((*parts, _hidden(words[last:]) if opened else words[last:]))


def _hidden(quotation: str) -> str:
    # A full stop at the end of a quotation can end the sentence.
    return _NO_BLANK.sub(_MASK, quotation[:-1]) + ("." if quotation.endswith(".") else _MASK * bool(quotation))


def _unit_starts(masked: str) -> list[int]:
    starts = [0]
    for sentence in sentences(lower(masked)):
        end = typing.cast("re.Match[str]", _AFTER_SENTENCE.match(masked, sentence.end)).end()
        if end < len(masked.rstrip()):
            starts.append(end)
    return starts


def _attributions(masked: str) -> Iterator[Attribution]:
    """Yield the attributions of a unit."""
    first = _FIRST.match(masked) or _CUT.match(masked)
    reached = first.end() if first else 0
    if first:
        yield from _attribution(masked, first)
    verbs = {first.start("verb")} if first else set[int]()
    for match in _LATER.finditer(masked, max(0, reached - 1)):
        verbs.add(match.start("verb"))
        yield from _attribution(masked, match)
    for match in _INVERTED.finditer(masked):
        if match.start("verb") not in verbs:
            yield from _attribution(masked, match, inverted=True)
    # Few units have the words of the following patterns. A search for these words is much faster.
    for match in _RELATED.finditer(masked) if ", wh" in masked else ():
        yield from _attribution(masked, match)
    for match in _SAYING.finditer(masked) if _HAS_SAYING.search(masked) else ():
        if not _SPEAKS.search(match["by"]):
            yield from _attribution(masked, match)
    for match in _CITED.finditer(masked) if "iting " in masked or "quot" in masked else ():
        by = match["by"] or match["by_"]
        yield Attribution(by.strip(" .'"), match.start(), match.end(), True, True, False, True)
    for match in _ACCORDING.finditer(masked) if "ccording to " in masked else ():
        yield from _attribution(masked, match, inverted=True)


def _attribution(masked: str, match: re.Match[str], *, inverted: bool = False) -> Iterator[Attribution]:
    by = match["by"].strip(" .'")
    if not by or (_NO_SPEAKER.search(by) and not _PRONOUN.match(by)):
        return
    start = min(match.start("by"), match.start("verb"))
    ends = match.end() if inverted else match.end("verb")
    before = masked[max(0, start - _LOOK_BEHIND) : start]
    opens = start < _LOOK_BEHIND and _OPENS_UNIT.match(before) is not None
    if inverted:
        according = match["verb"].lower() == "according to"
        leads = bool(_OPENS_CLAUSE.search(before) if according else _GOES_ON.match(masked, ends))
        alone = opens and not masked[ends : ends + _LOOK_BEHIND].strip(" .,…")
        # "Ada Holm said, according to Ivo Lund".
        cited = according and _SPOKEN_BEFORE.search(before) is not None
        yield Attribution(by, start, ends, leads, not (according and leads), alone, cited)
        return
    if match["verb"].startswith("put"):
        yield Attribution(by, start, ends, True, False, False)
        return
    leads = _ENDS_CLAUSE.match(masked, ends) is None
    alone = opens and _ENDS_UNIT.match(masked, ends) is not None
    yield Attribution(by, start, ends, leads, _ENDS.match(masked, ends) is not None, alone)
