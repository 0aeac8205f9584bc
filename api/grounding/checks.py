"""All checks of a claim, one after the other: what failed, what was excused, what could not run and why."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from api.grounding import cues, dates
from api.grounding.cue_patterns import CUES, NONDISCLOSURE
from api.grounding.locate import UNSOUGHT, SearchableText, Sought
from api.grounding.normalize import contains, first_missing, pieces
from api.grounding.numbers import numbers
from api.grounding.parties import named
from api.grounding.spans import Failure, check_spans, in_order, placed, relocated, runs
from schemas import un_symbols

Claim = Mapping[str, typing.Any]
Seek = Callable[[SearchableText], Sought]

_NOT_EXCUSABLE = "`inferred` does not excuse this."
# How many characters of the evidence a refusal cites.
_TOLD = 500


@dataclass(frozen=True, kw_only=True)
class CheckedFields:
    """Which fields of a kind of claim are checked, and how; `parties` says of each role whether it is a list."""

    verbatim: tuple[str, ...]
    numbers: tuple[str, ...]
    dates: tuple[str, ...]
    parties: Mapping[str, bool]


@dataclass(frozen=True)
class Source:
    """What is known of the article: its text where that is held, else perhaps its length; and its language."""

    text: str | None
    length: int | None
    language: str

    @property
    def in_english(self) -> bool:
        return self.language.partition("-")[0] == "en"


@dataclass
class Grounding:
    """What the checks came to: the evidence with its offsets, the report that clients get, and what failed."""

    evidence: list[dict[str, typing.Any]]
    report: dict[str, typing.Any]
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class _Case:
    """A claim on the table: `sent` are the fields that were given, `runs` the words of its spans in their order."""

    claim: Claim
    sent: frozenset[str]
    checked: CheckedFields
    source: Source
    runs: list[str]

    @property
    def all_words(self) -> str:
        return " … ".join(self.runs)

    @property
    def told_words(self) -> str:
        """The spans as far as a reader wants to see them."""
        return self.all_words if len(self.all_words) <= _TOLD else self.all_words[:_TOLD] + " …"

    def miss(
        self,
        check: str,
        pointer: str,
        detail: str,
        looked_for: str,
        seek: Seek,
        *,
        field: str | None = None,
        found: str | None = None,
        final: bool = False,
        undecided: bool = False,
    ) -> _FailedCheck:
        """Build the failed check of a value; if the claim has one span, it is the one concerned."""
        failure = Failure(
            check=check,
            pointer=pointer,
            detail=detail,
            field=field or pointer.split("/")[1],
            final=final,
            span=0 if len(self.claim["evidence"]) == 1 else None,
            looked_for=looked_for,
            found=found,
        )
        return _FailedCheck(failure, seek, undecided)

    def absent(
        self, check: str, pointer: str, words: str, seek: Seek | None = None, *, field: str | None = None
    ) -> _FailedCheck:
        """Words that do not stand in the spans."""
        detail = (
            f"The evidence does not contain {words!r}, it reads {self.told_words!r}. "
            "Point a span at the words, or send what the evidence says."
        )
        seek = seek or partial(SearchableText.seek, words=words)
        return self.miss(check, pointer, detail, words, seek, field=field, found=self.told_words)


@dataclass(frozen=True)
class _FailedCheck:
    """A value that the evidence does not support, and how to search the article's text for words that do.

    `undecided` means that the check understood nothing in the evidence as a statement of the field: the value is
    neither supported nor contradicted.
    """

    failure: Failure
    seek: Seek
    undecided: bool = False

    @property
    def excusable(self) -> bool:
        """Whether naming the field in `inferred` excuses the failure."""
        return self.failure.check in _EXCUSABLE and not self.failure.final

    def excused(self, inferred: Collection[str]) -> bool:
        return self.excusable and self.failure.field in inferred

    def failed(self, text: SearchableText | None) -> Failure:
        """Return the failure with the places of the text that support the value, and the way to excuse it."""
        field = self.failure.field
        hint = f'To send it as inferred, add "{field}" to `inferred`.' if self.excusable else _NOT_EXCUSABLE
        failure = replace(self.failure, excusable=self.excusable)
        if text is None:
            return replace(failure, detail=f"{failure.detail} {hint}")
        sought = self.seek(text) if text.worthwhile() else UNSOUGHT
        return replace(failure, detail=f"{failure.detail} {sought.told} {hint}", places=sought.shown)


class _NotRun(Exception):
    """A check that could not run; the message says why."""


def ground(claim: Claim, sent: frozenset[str], checked: CheckedFields, source: Source) -> Grounding:
    """Hold a claim against its article's text or, where that is not held, against its own evidence."""
    text = None if source.text is None else SearchableText(source.text, source.language)
    as_sent = placed(claim["evidence"], text)
    evidence = in_order(relocated(as_sent, text))
    case = _Case(claim, sent, checked, source, runs(evidence))
    inferred = claim["inferred"]
    grounding = Grounding(evidence, {})
    grounding.failures += check_spans(as_sent, text, source.length)
    held = "The article's text is not held here." if text is None else None
    results = [_result("span", "not_run" if held else "passed", held)]
    for name, check in _CHECKS.items():
        try:
            misses = list(check(case))
        except _NotRun as reason:
            results.append(_result(name, "not_run", str(reason)))
            continue
        left = [miss for miss in misses if not miss.excused(inferred)]
        grounding.failures += [miss.failed(text) for miss in left if not miss.undecided]
        excused = _fields(miss for miss in misses if miss not in left)
        undecided = _fields(miss for miss in left if miss.undecided)
        if undecided:
            why = f"Nothing in the evidence is understood as a statement of {undecided}."
            results.append(_result(name, "undecided", why))
        else:
            results.append(_result(name, *(("excused", f"inferred: {excused}") if excused else ("passed", None))))
    partial = any(result["outcome"] == "undecided" for result in results)
    grounding.report = {"status": "unverified" if held else "partial" if partial else "verified", "checks": results}
    return grounding


def _fields(misses: Iterable[_FailedCheck]) -> str:
    return ", ".join(sorted({miss.failure.field for miss in misses}))


def _result(check: str, outcome: str, reason: str | None) -> dict[str, typing.Any]:
    return {"check": check, "outcome": outcome, "reason": reason}


def _quoted(case: _Case) -> Iterator[_FailedCheck]:
    fragments = case.claim.get("quoted") or []
    if not fragments:
        raise _NotRun("The claim has no quoted words.")
    for index, fragment in enumerate(fragments):
        if not contains(fragment, case.runs):
            yield case.absent("quoted", f"/quoted/{index}", fragment)


def _wording(case: _Case) -> Iterator[_FailedCheck]:
    stated = [name for name in case.checked.verbatim if case.claim[name] is not None]
    if not stated:
        raise _NotRun("The claim has no words of the text beside its evidence.")
    for name in stated:
        words = case.claim[name]
        if name == "text":
            # A direct quote is its fragments, which stand apart in the text.
            parts = [] if case.claim["mode"] == "direct" else pieces(words) or [words]
            if missing := first_missing(parts, case.runs):
                yield case.absent("wording", "/text", missing)
        elif not contains(words, case.runs):
            yield case.absent("wording", f"/{name}", words)


def _number(case: _Case) -> Iterator[_FailedCheck]:
    sent = [name for name in case.checked.numbers if name in case.sent and case.claim[name] is not None]
    if not sent:
        raise _NotRun("No number was sent.")
    stated = numbers(case.all_words, case.source.language)
    found = ", ".join(f"{number:,}" for number in sorted(stated))
    absent = [name for name in sent if case.claim[name] not in stated]
    # Where other numbers stand in digits, the spans can be kept to the words that state this one.
    # In other languages an article may be read as one: "une dizaine".
    known = case.source.in_english or bool(stated - {0, 1})
    judged = [name for name in absent if known or not _perhaps_in_words(case.claim[name])]
    if absent and not judged:
        raise _NotRun(f"The numbers in words of the language {case.source.language} are not known.")
    for name in judged:
        value = case.claim[name]
        detail = (
            f"The evidence states no {value:,}; the numbers in it are: {found or 'none'}. "
            "Point the spans at the words that state it, or send the number that they state."
        )
        seek = partial(SearchableText.seek_number, value=value)
        yield case.miss("number", f"/{name}", detail, f"{value:,}", seek, found=found or None)


def _perhaps_in_words(number: int) -> bool:
    """Whether a text may well have a number in words, in whatever language: "zwölf", "deux cents"."""
    return number <= 100 or number % 100 == 0


def _cue(case: _Case) -> Iterator[_FailedCheck]:
    if not case.source.in_english:
        raise _NotRun(f"The words of the language {case.source.language} are not known.")
    stated = list(_vocabulary_words(case.claim))
    if not stated:
        raise _NotRun("The claim has no field that words have to bear out.")
    speakers = [party["name"] for party in (case.claim["claimant"], *case.claim["via"])]
    for name, pointer, word in stated:
        if not cues.supported(name, word, case.all_words, speakers):
            yield _unsaid(case, pointer, word, f"No word of the evidence says {word}", CUES[name][word])
    if case.claim.get("qualifier") == "undisclosed" and not cues.silent(case.all_words):
        what = "No word of the evidence says that the figure is withheld"
        yield _unsaid(case, "/qualifier", "undisclosed", what, NONDISCLOSURE)


def _vocabulary_words(claim: Claim) -> Iterator[tuple[str, str, str]]:
    """Yield field, JSON Pointer and value of each word of a vocabulary that the evidence must support."""
    for name in CUES:
        value = claim.get(name)
        if isinstance(value, list):
            yield from ((name, f"/{name}/{index}", word) for index, word in enumerate(value))
        elif value is not None:
            yield name, f"/{name}", value


def _unsaid(case: _Case, pointer: str, word: str, what: str, cue: re.Pattern[str]) -> _FailedCheck:
    detail = f"{what}: {case.told_words!r}. Point a span at the words that do, or send what these say."
    seek = partial(SearchableText.seek_cue, cue=cue)
    return case.miss("cue", pointer, detail, word, seek, found=case.told_words)


def _date(case: _Case) -> Iterator[_FailedCheck]:
    given = [name for name in case.checked.dates if case.claim[name] is not None]
    if not given:
        raise _NotRun("The claim has no date.")
    if not case.source.in_english:
        raise _NotRun(f"The months of the language {case.source.language} are not known.")
    said = dates.stated(case.all_words)
    found = "; ".join(dict.fromkeys(str(statement) for statement in said if not statement.loose))
    for name in given:
        value = case.claim[name]
        others = [case.claim[other] for other in given if other != name]
        against, missing = dates.contradicted(name, value, said, others), dates.unstated(value, said)
        if against:
            detail = f"The evidence states {against}, which {value} is not. Give the date that it states."
        elif missing:
            parts = " and ".join(missing)
            detail = f"The evidence does not state the {parts} of {value}. If it was inferred, name {name} in inferred."
        if against or missing:
            seek = partial(SearchableText.seek_date, value=value, parts=missing or dates.PARTS)
            final = against is not None
            yield case.miss("date", f"/{name}", detail, value, seek, found=found or None, final=final)


def _party(case: _Case) -> Iterator[_FailedCheck]:
    for role, many in case.checked.parties.items():
        for index, party in enumerate(case.claim[role] if many else [case.claim[role]]):
            if party is None or party["kind"] == "article" or named(party["name"], case.all_words):
                continue
            pointer = f"/{role}/{index}/name" if many else f"/{role}/name"
            seek = partial(SearchableText.seek_party, name=party["name"])
            yield case.absent("party", pointer, party["name"], seek, field=role)


def _symbol(case: _Case) -> Iterator[_FailedCheck]:
    given = case.claim.get("symbols") or []
    if not given:
        raise _NotRun("The claim has no symbols.")
    stated = un_symbols.found(case.all_words)
    for index, symbol in enumerate(given):
        if symbol not in stated:
            seek = partial(SearchableText.seek_symbol, symbol=symbol)
            yield case.absent("symbol", f"/symbols/{index}", symbol, seek, field="symbols")


_CHECKS: Mapping[str, Callable[[_Case], Iterator[_FailedCheck]]] = {
    "quoted": _quoted,
    "wording": _wording,
    "number": _number,
    "cue": _cue,
    "date": _date,
    "party": _party,
    "symbol": _symbol,
}
# What `inferred` can excuse: the rest holds whatever the text leaves to be inferred.
_EXCUSABLE = frozenset({"cue", "date", "party", "symbol"})
