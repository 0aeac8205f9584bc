"""Checks of a claim's parties beyond their names: near the words that carry the claim, and in the claimed role."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Sequence

from api.grounding.normalize import plain
from api.grounding.parties import Naming, named
from api.grounding.spans import Run
from api.text import join_initialisms

# Without the article's text, so many characters stand for the rest of a sentence and the next one.
REACH = 400
# A sentence is looked for so far from a span.
_SENTENCE_MAX = 1500
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z])(?<!\b(?:Mr|Dr|Lt|St|No))(?<!\b(?:Mrs|Gen|Col|Sgt|Maj|Gov|Sen))[.!?]+[\"')\]]*(?=\s|$)|\n\s*\n"
)


def near(runs: Sequence[Run], carrying: Sequence[bool], text: str | None) -> str:
    """Return the words of the runs that stand in or next to a sentence with words that carry the claim.

    If no run carries it, or one has no place in the text, all words count. Without the text, a run counts that is at
    most `REACH` characters away.
    """
    if not any(carrying) or any(run.start is None for run in runs):
        return " … ".join(run.words for run in runs)
    zones = [_zone(run, text) for run, carries in zip(runs, carrying, strict=True) if carries]
    return " … ".join(
        run.words for run in runs if any((run.end or 0) > start and (run.start or 0) < end for start, end in zones)
    )


def _zone(run: Run, text: str | None) -> tuple[int, int]:
    """Return where the sentence before a run starts, and where the sentence after it ends."""
    start, end = run.start or 0, run.end or 0
    if text is None:
        return start - REACH, end + REACH
    first = max(0, start - _SENTENCE_MAX)
    before = [first + match.end() for match in _SENTENCE_END.finditer(plain(text[first:start]))]
    after = [end - 1 + match.end() for match in _SENTENCE_END.finditer(plain(text[end - 1 : end + _SENTENCE_MAX]))]
    return (before[-2] if len(before) > 1 else first), (after[1] if len(after) > 1 else end + _SENTENCE_MAX)


class Fault(typing.NamedTuple):
    """Why a party cannot have its role. `contradicts` means that the text gives it the opposite role."""

    reason: str
    contradicts: bool


_ACCUSING = re.compile(
    r"(?P<passive>\b(?:was|were|is|are|been|being|stands?) (?:\w+ )?)?\b(?:accus(?:e[sd]?|ing)|blam(?:e[sd]?|ing))\b"
)
_MUTUAL = re.compile(r"\b(?:each other|one another|the other|each side|both sides|mutual\w*|accusations)\b")
_CHARGE = re.compile(r" (?:of|for|over) ")
_BY = re.compile(r"\bby ")
_SAYING = (
    r"(?:said|says|told|tells|reported|reports|announced|announces|confirmed|confirms|added|stated|states|claimed|"
    r"claims|warned|insisted)"
)
# "Brigadier Holm, the ministry's spokesman, said".
_SAYS_FIRST = re.compile(rf"^[\s\"']*(?P<by>[^,;:\"]{{2,80}}?(?:, [^,;:\"]{{2,80}},)?) {_SAYING}\b")
_SAYS_LAST = re.compile(
    rf"(?:[,;:]|\b(?:and|but|while|whereas))[\"']* (?:(?:and|but|while|whereas) )?(?P<by>[^,;:\"]{{2,80}}?) {_SAYING}\b"
)
_ACCORDING = re.compile(r"\b[Aa]ccording to (?P<by>[^,;:.\"]{2,80})")
# "There was no immediate comment from Norland."
_SILENT = re.compile(
    r"\b[Nn]o (?:\w+ ){0,2}(?:comment|response|reaction|reply|word) (?:from|by) (?P<by>[^,;:.\"]{2,80})"
)
# "The spokesman gave no details."
_TELLS_NOTHING = re.compile(
    r"(?P<by>[^,;:.\"]{2,80}?) (?:(?:gave|offered|provided|had) no (?:\w+ )?(?:details?|comments?|figures?|"
    r"numbers?|information)|(?:declined|refused) to (?:comment|say|give|elaborate|confirm)|(?:did|would|could) "
    r"not (?:comment|elaborate|confirm|say))"
)
_CAPITAL = re.compile(r"\b[A-Z]")
_NO_SPEAKER = re.compile(
    r"^(?:he|she|it|they|we|i|who|which|that|there|this|one|officials?|and|but)\b|\b(?:was|were|been|is|are|be|to)$",
    re.IGNORECASE,
)


class Roles:
    """The parties that words let accuse, be accused and speak.

    >>> Roles(["Rebels are accusing the army of violating the truce"]).fault("accused", "Rebels").contradicts
    True
    >>> Roles(["Moscow was accused by Kyiv of violating the truce"]).fault("claimant", "Moscow").contradicts
    True
    >>> Roles(["Six people were killed, governor Greta Ilves told Reuters"]).fault("claimant", "Reuters").contradicts
    False
    >>> Roles(["Kyiv and Moscow accused each other", "Kyiv said no more"]).fault("claimant", "Kyiv")
    """

    def __init__(self, runs: Sequence[str]):
        self._sentences = [plain(sentence) for run in runs for sentence in _sentences(join_initialisms(run))]
        accusers, accused, rest = _accusations(self._sentences)
        # Without an accusation, no name is looked for in them.
        self._namings = tuple(Naming(" … ".join(words)) for words in (accusers, accused, rest)) if accusers else None

    def fault(self, role: str, name: str) -> Fault | None:
        """Return why the words give a party another role than this one, or None."""
        if role in ("accused", "claimant") and self._namings:
            accusers, accused, rest = self._namings
            opposite, own = (accusers, accused) if role == "accused" else (accused, accusers)
            if opposite.names(name) and not own.hints_at(name) and not rest.names(name):
                part = "accuses" if role == "accused" else "is accused"
                return Fault(f"The evidence names it as the party that {part}.", True)
        return self._silence(name) if role == "claimant" else None

    def _silence(self, name: str) -> Fault | None:
        """Return a fault if a party made no comment, or each sentence that names it lets another named party speak."""
        others, speaking, quotation = list[str](), list[str](), False
        for sentence in self._sentences:
            silent = (*_SILENT.finditer(sentence), *_TELLS_NOTHING.finditer(sentence))
            if any(named(name, match["by"]) for match in silent):
                return Fault("The evidence says that it made no comment.", False)
            speakers = list(_speakers(sentence))
            if speakers and Naming(" … ".join(speakers)).hints_at(name):
                return None
            # The speaker of a quotation may be named in a sentence before or after it.
            if named(name, sentence) and not sentence.lstrip().startswith('"'):
                if not any(_CAPITAL.search(speaker) for speaker in speakers):
                    return None
                others += speakers
            elif sentence.lstrip().startswith('"'):
                quotation = quotation or named(name, sentence)
            else:
                speaking += speakers
        others += speaking if quotation else []
        reason = f"The evidence has {others[0]!r} say it, and names it as no speaker." if others else ""
        return Fault(reason, False) if others else None


def _speakers(sentence: str) -> Iterator[str]:
    """Yield the words for those who say something in a sentence, without pronouns."""
    for pattern in (_SAYS_FIRST, _SAYS_LAST, _ACCORDING):
        for match in pattern.finditer(sentence):
            if not _NO_SPEAKER.search(match["by"].strip()):
                yield match["by"].strip()


def _sentences(run: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE_END.finditer(run):
        yield run[start : match.end()]
        start = match.end()
    yield run[start:]


def _accusations(sentences: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the words for those who accuse, for those whom they accuse, and all other words."""
    accusers, accused, rest = list[str](), list[str](), list[str]()
    for sentence in sentences:
        verb = _ACCUSING.search(sentence)
        if verb is None or _MUTUAL.search(sentence):
            rest.append(sentence)
            continue
        before, after = sentence[: verb.start()], sentence[verb.end() :]
        if not verb["passive"] or verb[0].endswith("ing"):
            target, _, charge = _parted(_CHARGE, after)
            accusers.append(before)
            accused.append(target)
        else:
            charge, _, by = _parted(_BY, after)
            accuser, _, rest_of_it = _parted(_CHARGE, by)
            accusers.append(accuser)
            accused.append(before)
            charge += f" … {rest_of_it}"
        rest.append(charge)
    return accusers, accused, rest


def _parted(by: re.Pattern[str], words: str) -> tuple[str, str, str]:
    match = by.search(words)
    return (words[: match.start()], match[0], words[match.end() :]) if match else (words, "", "")
