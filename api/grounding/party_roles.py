"""Checks of the roles of a claim's parties, and of the distance of their names from the words of the claim."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence

from api.grounding.normalize import plain
from api.grounding.parties import named, names_in
from api.grounding.regex import regex
from api.grounding.spans import Run
from api.grounding.speaker_names import NameMatch, is_named_or_other, match
from api.grounding.speakers import Speech
from api.text import join_initialisms

# Without the article's text, this distance replaces the rest of a sentence and the next one.
REACH = 400
# The maximum distance between a span and the end of a sentence.
_SENTENCE_MAX = 1500
_SENTENCE_END = regex(
    r"(?<!\b[A-Z])(?<!\b(?:Mr|Dr|Lt|St|No))(?<!\b(?:Mrs|Gen|Col|Sgt|Maj|Gov|Sen))[.!?]+[\"')\]]*(?=\s|$)|\n\s*\n"
)


def near(runs: Sequence[Run], stating: Sequence[bool], text: str | None) -> str:
    """Return the words of the runs in or next to a sentence that states the claim.

    If no run states it, or a run has no offsets, all words count. Without the text, a run counts if its distance is at
    most `REACH` characters.
    """
    if not any(stating) or any(run.start is None for run in runs):
        return " … ".join(run.words for run in runs)
    zones = [_zone(run, text) for run, states in zip(runs, stating, strict=True) if states]
    return " … ".join(
        run.words for run in runs if any((run.end or 0) > start and (run.start or 0) < end for start, end in zones)
    )


def _zone(run: Run, text: str | None) -> tuple[int, int]:
    """Return the start of the sentence before a run, and the end of the sentence after it."""
    start, end = run.start or 0, run.end or 0
    if text is None:
        return start - REACH, end + REACH
    first = max(0, start - _SENTENCE_MAX)
    before = [first + match.end() for match in _SENTENCE_END.finditer(plain(text[first:start]))]
    after = [end - 1 + match.end() for match in _SENTENCE_END.finditer(plain(text[end - 1 : end + _SENTENCE_MAX]))]
    return (before[-2] if len(before) > 1 else first), (after[1] if len(after) > 1 else end + _SENTENCE_MAX)


class Fault(typing.NamedTuple):
    """The reason why a party cannot have its role. `contradicts` means that the text states the opposite role."""

    reason: str
    contradicts: bool


_ACCUSING = regex(
    r"(?P<passive>\b(?:was|were|is|are|been|being|stands?) (?:\w+ )?)?\b(?:accus(?:e[sd]?|ing)|blam(?:e[sd]?|ing))\b"
)
_MUTUAL = regex(r"\b(?:each other|one another|the other|each side|both sides|mutual\w*|accusations)\b")
_CHARGE = regex(r" (?:of|for|over) ")
_BY = regex(r"\bby ")
# "There was no immediate comment from Norland."
_SILENT = regex(r"\b[Nn]o (?:\w+ ){0,2}(?:comment|response|reaction|reply|word) (?:from|by) (?P<by>[^,;:.\"]{2,80})")
# "The spokesman gave no details."
_TELLS_NOTHING = regex(
    r"(?P<by>[^,;:.\"]{2,80}?) (?:(?:gave|offered|provided|had) no (?:\w+ )?(?:details?|comments?|figures?|numbers?|"
    "information)|(?:declined|refused) to (?:comment|say|give|elaborate|confirm)|(?:did|would|could) not "
    "(?:[a-z]{1,20}ly )?(?:comment|elaborate|confirm|say|respond|react|reply)|(?:has|have|had) (?:(?:so far|yet|"
    "still) )?(?:not|yet to|never) (?:(?:yet|so far|[a-z]{1,20}ly) )?(?:comment|respond|react|replied|confirm))"
)
_REPORT = (
    r"(?:claims?|reports?|allegations?|accusations?|figures?|numbers?|tolls?|statements?|accounts?|assertions?|"
    r"charges?|tallies|tally)\b"
)
_DISMISSAL = (
    r"(?:(?:[a-z]{1,20}ly|has|have|had|later|also|both) ){0,3}(?:denie[sd]|deny|dismiss(?:es|ed)?|reject(?:s|ed)?|"
    r"refute[sd]?|disputed?s?|contested?s?|call(?:s|ed))\b"
)
_DISMISSES = regex(
    r"(?:^|[,;:]|\b(?:and|but|while|whereas|although)\b)[\s\"']*+(?P<by>[^,;:\"]{2,80}?(?:, [^,;:\"]{2,80},)?) "
    rf"{_DISMISSAL} (?:(?:it|them|this|that)\b|(?:[\w'-]{{1,30}} ){{0,3}}{_REPORT})"
)
# "A claim that Sundland denied".
_DISMISSED = regex(rf"\b{_REPORT} (?:that |which )?(?P<by>[^,;:\"]{{2,80}}?) {_DISMISSAL}")


class Roles:
    """The accusing, accused and speaking parties of a text.

    >>> Roles(["Rebels are accusing the army of violating the truce"]).fault("accused", "Rebels").contradicts
    True
    >>> Roles(["Six people were killed, governor Greta Ilves told Reuters"]).fault("claimant", "Reuters").contradicts
    False
    """

    def __init__(self, runs: Sequence[str], places: Sequence[tuple[int, int]] = ()):
        self._speech = Speech(runs)
        self._units = self._speech.units
        self._sentences = [unit.words for unit in self._units]
        accusers, accused, rest = _accusations(self._sentences)
        # Without an accusation, names are not searched in them.
        self._namings = tuple(names_in(" … ".join(words)) for words in (accusers, accused, rest)) if accusers else None
        # The units that state the claim, and their speakers.
        self._places = [self._speech.locate(run, offset) for run, offset in places]
        self._stating = {unit for unit, _ in self._places}
        self._speakers = [self._speech.speakers_at(run, offset) for run, offset in places]

    def fault(self, role: str, name: str, kind: str = "") -> Fault | None:
        """Return the fault if the words give a party another role, or None."""
        if role in ("accused", "claimant") and self._namings:
            accusers, accused, rest = self._namings
            opposite, own = (accusers, accused) if role == "accused" else (accused, accusers)
            if opposite.names(name) and not own.hints_at(name) and not rest.names(name):
                part = "accuses" if role == "accused" else "is accused"
                return Fault(f"The evidence names it as the party that {part}.", True)
        return self._claimant_fault(name, kind) if role == "claimant" else None

    def _claimant_fault(self, name: str, kind: str) -> Fault | None:
        """Return a fault if other parties state the claim."""
        speakers = [speaker for place_speakers in self._speakers for speaker in place_speakers or ()]
        matches = {match(name, kind, speaker) for speaker in speakers}
        if NameMatch.SAME in matches:
            return None
        # If a place does not have a speaker in the evidence, the party can be this speaker.
        if matches == {NameMatch.OTHER} and None not in self._speakers and self._has_no_other_speaker(name, kind):
            return Fault(f"The evidence attributes the words of the claim to {speakers[0]!r}.", False)
        if NameMatch.PERHAPS not in matches and self._dismisses(name):
            return Fault("The evidence states that it denies the words of others.", False)
        return self._silence(name, kind)

    def _has_no_other_speaker(self, name: str, kind: str) -> bool:
        """Return whether another speaker cannot speak for a party.

        This applies to a person, to a party that speaks elsewhere, and to a party that only these words name.
        """
        if kind == "person":
            return True
        speakers = (speaker for unit in self._units for speaker in unit.speakers)
        if any(match(name, kind, speaker) is NameMatch.SAME for speaker in speakers):
            return True
        return not any(named(name, unit.words) for at, unit in enumerate(self._units) if at not in self._stating)

    def _dismisses(self, name: str) -> bool:
        """Return whether a party denies a report other than the words of the claim."""
        for at, sentence in enumerate(self._sentences):
            for dismissal in (*_DISMISSES.finditer(sentence), *_DISMISSED.finditer(sentence)):
                # The words after the verb can be the party's: "dismissed the report as propaganda".
                denied = any(
                    unit < at or (unit == at and place < dismissal.start()) or (unit > at and speakers is not None)
                    for (unit, place), speakers in zip(self._places, self._speakers, strict=True)
                )
                if denied and named(name, dismissal["by"]):
                    return True
        return False

    def _silence(self, name: str, kind: str) -> Fault | None:
        """Return a fault if a party made no comment, or if each sentence that names it has another speaker."""
        others, speaking, quotation = list[str](), list[str](), False
        for unit in self._units:
            sentence = unit.words
            joined = join_initialisms(sentence)
            silent = (*_SILENT.finditer(joined), *_TELLS_NOTHING.finditer(joined))
            if any(named(name, silence["by"]) for silence in silent):
                return Fault("The evidence states that it made no comment.", False)
            if unit.speakers and names_in(" … ".join(unit.speakers)).hints_at(name):
                return None
            # The speaker of a quotation can be named in a sentence before or after it.
            if named(name, sentence) and not unit.is_quotation:
                if not any(is_named_or_other(kind, speaker) for speaker in unit.speakers):
                    return None
                others += unit.speakers
            elif unit.is_quotation:
                quotation = quotation or named(name, sentence)
            else:
                speaking += unit.speakers
        others += speaking if quotation else []
        if not others:
            return None
        return Fault(f"The evidence attributes the words to {others[0]!r}, and does not name it as a speaker.", False)


def _accusations(sentences: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the words for accusing parties, the words for accused parties, and all other words."""
    accusers, accused, rest = list[str](), list[str](), list[str]()
    for sentence in sentences:
        verb = _ACCUSING.search(sentence) if "accus" in sentence or "blam" in sentence else None
        if verb is None or _MUTUAL.search(sentence):
            rest.append(sentence)
            continue
        before, after = sentence[: verb.start()], sentence[verb.end() :]
        if not verb["passive"] or verb[0].endswith("ing"):
            target, _, charge = _partition(_CHARGE, after)
            accusers.append(before)
            accused.append(target)
        else:
            charge, _, by = _partition(_BY, after)
            accuser, _, remainder = _partition(_CHARGE, by)
            accusers.append(accuser)
            accused.append(before)
            charge += f" … {remainder}"
        rest.append(charge)
    return accusers, accused, rest


def _partition(by: re.Pattern[str], words: str) -> tuple[str, str, str]:
    match = by.search(words)
    return (words[: match.start()], match[0], words[match.end() :]) if match else (words, "", "")
