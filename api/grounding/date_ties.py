"""Ties between the dates of a text and the fields of a claim.

The words around a date tie it to fields: "since 3 May" to `since`, "said on Friday" to `claimed_on`, "the truce of
12 March" to the days of an agreement. A date counts only for the fields that the text ties it to. English only.
"""

from __future__ import annotations

import re
import typing
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from api.grounding import dates
from api.grounding.cue_patterns import numbered
from api.grounding.date_tie_patterns import (
    FIGHT,
    NAMED_EVENT,
    OTHER_DEAL,
    PREPOSITIONS,
    TRUCE,
    TRUCE_ALONE,
    WORDS,
    Labels,
)
from api.grounding.dates import Stated
from api.grounding.normalize import lower
from api.grounding.regex import regex

_FILLER = (
    r"(?:early|late|mid|the|last|about|around|at|on|in|of|least|noon|midnight|dawn|dusk|morning|evening|night|local|end"
    r"|start|middle|beginning)"
)
_CLOCK = r"[0-9]{1,2}(?:[:.][0-9]{2})?(?: ?[ap]\.?m\.?)?"


def _named_rows(table: Mapping[str, str]) -> str:
    """Return the alternatives of a table of patterns, each in a group that is named after its labels."""
    return "|".join(f"(?P<{labels.replace(' ', '__')}>{words})" for labels, words in table.items())


def _row(match: re.Match[str]) -> str:
    """Return the labels of the row of a table that a match comes from."""
    return (match.lastgroup or "").replace("__", " ")


_DIRECT = regex(rf"\b(?:{_named_rows(PREPOSITIONS)})(?:[ -](?:{_FILLER}|{_CLOCK})){{0,4}}[ -]$")
_TIE = regex(rf"\b(?:{_named_rows(WORDS)})\b")
_IN_FORCE_SINCE = regex(r"\bin (?:force|effect) (?:since|from|as of)(?: the)? $")
_TRUCE_NOUN = regex(rf"\b{TRUCE}\b")
_TRUCE_OF = regex(rf"\b{TRUCE} (?:of|dated)(?: (?:the|last))? $")
# "Months after the truce of 3 May", "weeks after an election on 3 May": the day of something else.
_AFTER_ANOTHER = regex(
    r"\b(?:long|hours|days|weeks|months|years) (?:after|before) "
    rf"(?:(?:the|an?) {TRUCE} (?:of|dated)|an? (?:(?!\w+ed\b)\w+ ){{1,3}}on)(?: (?:the|last))? $"
)
_TRUCE_IN = regex(rf"\b{TRUCE} (?:in|on|from)(?: (?:the|last))? $")
# "the September 5th cease-fire", "a 2003 mutual cease-fire truce", "Friday's deal".
_NOT_ADJECTIVE = r"(?:the|an?|its|their|his|her|both|this|that|and|or|for|to|in|on|at|of|by|with|after|before|as)\b"
_OF_TRUCE = regex(
    rf"(?:'s)?(?: (?!{_NOT_ADJECTIVE})(?:[a-z]+-[a-z]+|[a-z]+(?<!ed))){{0,2}} {TRUCE}"
    r"(?! (?:violations?|breach(?:es)?|monitors?|talks|line))\b"
)
_DETERMINER = regex(r"\b(?:the|an?|that|this|last|its|their|of)[ -]$")
_RESOLUTION_YEAR = regex(r"\d(?: [a-z])? ?\($|\bresolutions? \d+,? (?:in|of|from) $")
# "resolution 1701" is not a year.
_RESOLUTION_NUMBER = regex(r"\b(?:resolutions?|decisions?|unscr|no\.?|number) $", re.IGNORECASE)
# "resolution 2401 of 24 February 2018", "a 1967 Security Council resolution".
_RESOLUTION_OF = regex(r"\bresolutions?(?: \d[\d/]*)?(?: \(\S{4}\))?,? (?:of|dated|from) $")
_OF_RESOLUTION = regex(r"(?:'s)?(?: (?:u\.?n\.?|security|human|rights|council|general|assembly))* resolution\b")
# The words that can be between a word and the date that it ties directly.
_BEFORE_DATE = regex(rf"(?:[ ,]+(?:{_FILLER}|again|only|earlier|back|here|reporters))* ?")
_AFTER_DATE = regex(r"'? ?(?:(?:also|then|later|again|jointly|formally|unanimously) )*")
_NEXT_WORD = regex(rf"(?:'s)? (?!{_NOT_ADJECTIVE}|from\b|between\b)(?P<word>[a-z-]+)")
_AND = regex(r",? and (?:then |later |\w+ly )?")
# The words between a speech verb and a date are not a separate sentence: "in a statement", "reporters in Kabul".
_ADJUNCT = regex(r"[ ,]*(?:in|at|on|to|from|by|during|through|via|reporters|journalists|lawmakers|late|early)\b")
_WITH_OBJECT = regex(
    r"told|tell|accus|blam|warn|urg|inform|condemn|call|welcom|deplor|demand|request|announc|declar|confirm|"
    r"statement|speech|address|interview"
)
_OBJECT_WORDS = 5
_RANGE = regex(rf"(?:,? (?:in |of )?#{{4}},?)? ?(?:and|to|until|till|through|-)(?: (?:{_FILLER}|{_CLOCK}))* ?")
_RANGE_START = regex(r"\b(?:from|between|starting|beginning|effective)\b")
# Between the two days of a range that has no preposition: "a truce, 3 May to 9 May".
_TO = regex(r"(?:,? (?:in |of )?#{4},?)? (?:to|until|till|through) (?:midnight (?:on )?)?")
# "10 May 2031: the front declares a truce".
_HEADING = regex(r" ?: \w")
_AGREED_TRUCE = regex(
    rf"\b(?:agree[ds]?|sign(?:s|ed)?|accept(?:s|ed)?|reach(?:es|ed)|conclude[ds]?|declare[ds]?|announce[ds]?|struck)"
    rf" (?:[^\s.;…]+ ){{0,5}}?{TRUCE_ALONE}"
)
_OTHER_DEAL = regex(rf" (?:(?!{TRUCE_ALONE})[^\s,.;…]+ ){{0,4}}?{OTHER_DEAL}\b(?! (?:\w+ )?(?:{TRUCE_ALONE}))")
_NAMED_EVENT = regex(rf"(?:'s)?(?: [a-z-]+){{0,2}}? {NAMED_EVENT}\b")
_USED = regex(rf" (?:{_FILLER} )*#")
_SINCE_SCOPE = regex(r"\b(?:since|following)\b")
_NOUN = regex(rf"\b(?:(?P<truce>{TRUCE})|(?P<fight>{FIGHT}))\b")
# The maximum distance of a preposition or noun, in characters.
_NEAR = 80
# The words before a date that opens a sentence.
_OPENING_MAX = 20
_SUBJECT = 160
# The maximum number of dates. Evidence for one claim has fewer.
_DATES_MAX = 1000

# The first lookahead skips other characters before the assertions on the left.
_SENTENCE_END = regex(
    r"(?=[.!?])(?<![. ][a-z])(?<!\b(?:mr|dr|lt|st|no))(?<!\b(?:mrs|gen|col|sgt|maj|gov|sen|rep))"
    r"[.!?](?=[\s\"')\]]|$)|[;…]"
)
_CLAUSE_END = regex(
    r"[,:()]| - |\b(?:and|but|while|whereas|when|where|which|who|that|because|although|though|if|before|after)\b"
)
_RELATIVE = regex(
    r"\b(?P<words>today|tonight|yesterday|tomorrow|last (?:night|week|month|year)"
    r"|(?P<count>\w+) (?P<unit>days?|weeks?|months?|years?) (?:ago|earlier))\b"
)
# The number of days before publication, or None if it is not exact.
_DAYS_AGO = {"today": 0, "tonight": 0, "yesterday": 1, "last night": 1, "tomorrow": -1}
_COUNTS = numbered("one two three four five six seven eight nine ten", 1) | {"a": 1}
_CUMULATIVE = regex(
    r"\b(?:toll|total|so far|to date|bringing|altogether|in all|since|overall|risen|rose|climbed|reached"
    r"|ha(?:s|ve) (?:now )?(?:been )?(?:kill|die|wound|injur|los|displac|fle)\w*)\b"
)
_NO_WORDS = regex(rf"(?>\b(?:{_FILLER}|and|or|to|a|an|this|that|next|is|dated)\b|\d+|[^\w]|_)*+")


@dataclass(frozen=True)
class Tied:
    """A date of a text with the labels that the text ties it to.

    `alone` means that its sentence consists of dates: a dateline can be of any field. A date that is not `firm` can be
    a number. It can support a value, but it never contradicts one.
    """

    stated: Stated
    labels: Labels
    alone: bool
    firm: bool


class Relative(typing.NamedTuple):
    """A day relative to the publication, such as "five days ago", with its labels."""

    words: str
    labels: Labels
    days_ago: int | None


@dataclass(frozen=True)
class Ties:
    """The dates and relative days of a text. `cumulative` means that the text has a total, which grows over time."""

    dates: Sequence[Tied]
    relative: Sequence[Relative]
    cumulative: bool

    @property
    def stated(self) -> list[Stated]:
        return [tied.stated for tied in self.dates]


def ties(text: str, known_dates: Sequence[Stated] | None = None) -> Ties:
    """Return the dates of a text with their labels. `known_dates` are the dates of the text if they were parsed before.

    >>> [sorted(tied.labels) for tied in ties("Norland said on Friday the truce of 12 March 1994 was dead").dates]
    [['claimed_on'], ['agreed_on', 'effective_on']]
    """
    stated = [
        one
        for one in (dates.stated(text) if known_dates is None else known_dates)
        if not _RESOLUTION_NUMBER.search(text[max(0, one.start - 20) : one.start])
    ][:_DATES_MAX]
    reader = _TieReader(text, stated)
    tied_dates: list[Tied] = []
    for number, one in enumerate(stated):
        before = stated[number - 1] if number else None
        same = before is not None and (before.start, before.end) == (one.start, one.end)
        labels, firm = (tied_dates[-1].labels, False) if same else reader.tie(one)
        # "From 3 May in 2031 to 9 May": the year is a separate date.
        year_between = number > 1 and before is not None and before.month is None and before.day is None
        for first in (number - 1, number - 2)[: 1 + year_between] if number else ():
            if reader.ends_range(stated[first], one, tied_dates[first].labels):
                labels = frozenset({"as_of", "ended_on", "range_end"})
        tied_dates.append(Tied(one, labels, reader.alone(one.start), firm or not one.loose))
    relative = [
        Relative(match[0], reader.tie(Stated(start=match.start(), end=match.end()))[0], _days_ago(match))
        for match in _RELATIVE.finditer(reader.masked)
    ]
    return Ties(tied_dates, relative, cumulative=_CUMULATIVE.search(reader.masked) is not None)


def _days_ago(match: re.Match[str]) -> int | None:
    count = _COUNTS.get(match["count"] or "") or (int(match["count"]) if (match["count"] or "").isdecimal() else None)
    return count if count and match["unit"].startswith("day") else _DAYS_AGO.get(match["words"])


class _TieReader:
    """The words of a text around its dates. Searches are bounded or use bisection, so the work is linear."""

    def __init__(self, text: str, stated: Sequence[Stated]):
        self.text = lower(text)
        parts, last = [], 0
        for one in stated:
            if one.start >= last:
                parts += [self.text[last : one.start], "#" * (one.end - one.start)]
                last = one.end
        # The length is unchanged, so that offsets are those of the text.
        self.masked = "".join([*parts, self.text[last:]])

    @cached_property
    def _words(self) -> list[tuple[int, int, str]]:
        """The words that tie dates, with their rows in the table."""
        return [(*match.span(), _row(match)) for match in _TIE.finditer(self.masked)]

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [match.start() for match in _SENTENCE_END.finditer(self.masked)]

    @cached_property
    def _clause_ends(self) -> list[int]:
        return sorted([*(match.start() for match in _CLAUSE_END.finditer(self.masked)), *self._sentence_ends])

    def _around(self, ends: list[int], at: int) -> tuple[int, int]:
        """Return the bounds of the segment around a place, between two of these ends."""
        number = bisect_right(ends, at)
        return ends[number - 1] if number else 0, ends[number] if number < len(ends) else len(self.masked)

    def alone(self, at: int) -> bool:
        """Return whether the sentence of a date consists of dates."""
        start, end = self._around(self._sentence_ends, at)
        return end - start <= 2 * _NEAR and _NO_WORDS.fullmatch(self.masked[start:end]) is not None

    def ends_range(self, first: Stated, last: Stated, labels: Labels) -> bool:
        """Return whether a date ends a range that another date begins: "from 3 to 9 May", "between 1 and 31 July"."""
        whole = first.day is not None and last.day is not None and (last.month is not None or last.year is not None)
        if whole and _TO.fullmatch(self.masked[first.end : last.start][:_NEAR]):
            return True
        if "since" not in labels or not _RANGE_START.search(self._before(first.start)):
            return False
        if (first.start, first.end) == (last.start, last.end):
            return first.month == last.month
        return _RANGE.fullmatch(self.masked[first.end : last.start][:_NEAR]) is not None

    def _before(self, at: int) -> str:
        return self.masked[max(0, at - _NEAR) : at]

    def tie(self, one: Stated) -> tuple[Labels, bool]:
        """Return the labels of a date, and whether they show that it is a date and not a number.

        The words directly around the date come first, then those of its clause.
        """
        before, after = self._before(one.start), self.masked[one.end : one.end + _NEAR]
        if (fixed := self._fixed(one, before)) is not None:
            return fixed, True
        labels: set[str] = set()
        if direct := _DIRECT.search(before):
            labels |= set(_row(direct).split())
        # A date can begin with its article: "the 27 November".
        determined = _DETERMINER.search(before) or (
            self.text.startswith("the ", one.start) and not before.endswith("on ")
        )
        determined = determined or after.startswith("'s")
        named = determined and _OF_TRUCE.match(after)
        if named or _TRUCE_OF.search(before):
            labels |= {"agreed_on", "effective_on"}
        if _RESOLUTION_OF.search(before) or (determined and _OF_RESOLUTION.match(after)):
            labels.add("adopted_on")
        firm = bool(labels)
        attributive = determined and (noun := _NEXT_WORD.match(after)) and not _TIE.match(noun["word"])
        if not labels:
            labels |= {"event"} if attributive else self._by_word(one)
            if attributive and _NAMED_EVENT.match(after):
                labels.add("named_event")
            # "The truce dawned on 3 May": any status can have begun then.
            if labels == {"event"} and not attributive and self._names_truce(one.start):
                labels = set()
        if not labels and _TRUCE_IN.search(before):
            labels |= {"agreed_on", "effective_on"}
        if self._in_scope_of_since(one.start):
            labels = (labels - {"event", "harm", "status"}) | {"since"}
        return frozenset(labels), firm

    def _fixed(self, one: Stated, before: str) -> Labels | None:
        """Return the labels of a date if its place determines them, or None."""
        year_alone = one.year is not None and one.month is None and one.day is None
        if year_alone and _RESOLUTION_YEAR.search(self.text[max(0, one.start - _NEAR) : one.start]):
            return frozenset({"adopted_on"})
        opens = one.start - self._around(self._sentence_ends, one.start)[0] <= _OPENING_MAX
        if opens and _HEADING.match(self.masked, one.end) and "announced" in (labels := self._by_word(one)):
            return labels | {"agreed_on"}
        if _IN_FORCE_SINCE.search(before):
            return frozenset({"effective_on"})
        return frozenset({"event"}) if _AFTER_ANOTHER.search(before) else None

    @cached_property
    def _agrees_truce(self) -> bool:
        return _AGREED_TRUCE.search(self.masked) is not None

    def _names_truce(self, at: int) -> bool:
        """Return whether the clause before a place names a truce."""
        start = max(self._around(self._clause_ends, at)[0], at - _NEAR)
        return _TRUCE_NOUN.search(self.masked[start:at]) is not None

    def _in_scope_of_since(self, at: int) -> bool:
        """Return whether "since" precedes a date in its clause, without another date between them."""
        start = max(self._around(self._sentence_ends, at)[0], at - _NEAR)
        between = self.masked[start:at]
        return any(not re.search("[#,]", between[match.end() :]) for match in _SINCE_SCOPE.finditer(between))

    def _by_word(self, one: Stated) -> Labels:
        """Return the labels of the word that ties a date.

        A word directly before or after the date comes first, then one in its clause, then one of another clause.
        """
        number = bisect_left(self._words, one.start, key=lambda word: word[0])
        # "Declared a truce starting on 3 May on Sunday": the word has another date.
        last = number - 1
        if last > 0 and self._words[last][2] in ("begin", "end") and self._is_used(self._words[last], one):
            last -= 1
        before = self._words[last] if number else None
        after = self._words[number] if number < len(self._words) else None
        sentence, clause = self._around(self._sentence_ends, one.start), self._around(self._clause_ends, one.start)
        if before and before[0] < sentence[0]:
            before = None
        if after and after[1] > sentence[1]:
            after = None
        reaching = before if before and self._reaches(before, one) else None
        choices = (
            before if before and _BEFORE_DATE.fullmatch(self.masked[before[1] : one.start][:_NEAR]) else None,
            after if after and _AFTER_DATE.fullmatch(self.masked[one.end : after[0]][:_NEAR]) else None,
            reaching if reaching and reaching[0] >= clause[0] else None,
            after if after and after[0] < clause[1] else None,
            reaching,
            # "The next day, on 23 August, shelling killed 27".
            after if clause[0] <= sentence[0] + _OPENING_MAX else None,
        )
        word = next((choice for choice in choices if choice), None)
        labels = self._meaning(word, one) if word else frozenset()
        # "met on Friday and signed": one day for both verbs.
        if labels in ({"event"}, {"other_deal"}) and after and _AND.fullmatch(self.masked[one.end : after[0]][:_NEAR]):
            return labels | self._meaning(after, one)
        return labels

    def _is_used(self, word: tuple[int, int, str], one: Stated) -> bool:
        """Return whether a participle has another date, directly after it and before a date with a preposition."""
        start, end, _ = word
        between = self.masked[end : one.start][:_NEAR]
        participle = self.masked[start:end].endswith("ing")
        return participle and _USED.match(between) is not None and between.endswith(" on ")

    def _reaches(self, word: tuple[int, int, str], one: Stated) -> bool:
        """Return whether a word before a date can tie it over the words between them.

        A speech verb does not reach into reported speech: "said shells hit the town on Friday" is not about its day.
        """
        start, end, labels = word
        if not labels.startswith("claimed_on"):
            return True
        between = self.masked[end : one.start]
        if len(between) > _NEAR or re.search(r"\bthat\b", between):
            return False
        with_object = _WITH_OBJECT.match(self.masked[start:end]) and len(between.split()) <= _OBJECT_WORDS
        return bool(with_object) or _ADJUNCT.match(between) is not None

    def _meaning(self, word: tuple[int, int, str], one: Stated) -> Labels:
        """Return the labels of a word. For a beginning or an end, the nearest noun determines a war or a truce."""
        start, end, labels = word
        # "Signed a peace deal in May and agreed to a truce in June".
        if labels == "agreed_on" and self._agrees_truce and _OTHER_DEAL.match(self.masked, end, max(end, one.start)):
            return frozenset({"other_deal"})
        if labels not in ("begin", "end"):
            return frozenset(labels.split())
        sentence = self._around(self._sentence_ends, start)[0]
        nouns = list(_NOUN.finditer(self.masked[max(sentence, start - _SUBJECT) : start]))
        nouns = nouns or list(_NOUN.finditer(self.masked[end : max(end, one.start)][:_SUBJECT]))
        fight = bool(nouns) and nouns[-1]["fight"] is not None
        if labels == "begin":
            return frozenset({"since"} if fight else {"effective_on"} if nouns else {"since", "effective_on"})
        return frozenset({"event"} if fight else {"ended_on"})
