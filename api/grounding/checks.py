"""All checks of a claim, one after the other: what failed, what was excused, what could not run and why."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from api.grounding import cues, dates
from api.grounding.names import named
from api.grounding.numbers import numbers
from api.grounding.plain import pieces, stand_in_order, stands_in
from api.grounding.spans import Failure, check_spans, placed
from schemas import symbols

Claim = Mapping[str, typing.Any]


@dataclass(frozen=True, kw_only=True)
class Checked:
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
    """A claim on the table: `sent` are the fields that the sender gave, `words` its spans in the text's order."""

    claim: Claim
    sent: frozenset[str]
    checked: Checked
    source: Source
    words: list[str]

    @property
    def all_words(self) -> str:
        return " … ".join(self.words)


class _NotRun(Exception):
    """A check that could not run; the message says why."""


def ground(claim: Claim, sent: frozenset[str], checked: Checked, source: Source) -> Grounding:
    """Hold a claim against its article's text or, where that is not held, against its own evidence."""
    evidence = placed(claim["evidence"], source.text)
    case = _Case(claim, sent, checked, source, [span["exact"] for span in evidence])
    inferred = claim["inferred"]
    grounding = Grounding(evidence, {})
    spans = list(check_spans(evidence, source.text, source.length))
    grounding.failures += spans
    held = "The article's text is not held here." if source.text is None else None
    told = [_told("span", "not_run" if held else "passed", held)]
    for name, check in _CHECKS.items():
        try:
            failures = list(check(case))
        except _NotRun as reason:
            told.append(_told(name, "not_run", str(reason)))
            continue
        excusable = name in _EXCUSABLE
        excused = [failure for failure in failures if excusable and not failure.final and failure.field in inferred]
        grounding.failures += [failure for failure in failures if failure not in excused]
        fields = sorted({failure.field for failure in excused})
        told.append(
            _told(name, "excused" if fields else "passed", f"inferred: {', '.join(fields)}" if fields else None)
        )
    grounding.report = {"status": "unverified" if held else "verified", "checks": told}
    return grounding


def _told(check: str, outcome: str, reason: str | None) -> dict[str, typing.Any]:
    return {"check": check, "outcome": outcome, "reason": reason}


def _quoted(case: _Case) -> Iterator[Failure]:
    fragments = case.claim.get("quoted") or []
    if not fragments:
        raise _NotRun("The claim has no quoted words.")
    for index, fragment in enumerate(fragments):
        if not any(stands_in(fragment, [span]) for span in case.words):
            yield _missing("quoted", f"/quoted/{index}", fragment, case)


def _wording(case: _Case) -> Iterator[Failure]:
    stated = [name for name in case.checked.verbatim if case.claim[name] is not None]
    if not stated:
        raise _NotRun("The claim has no words of the text beside its evidence.")
    for name in stated:
        words = case.claim[name]
        if name == "text":
            # A direct quote is its fragments, which stand apart in the text.
            parts = pieces(words)
            if case.claim["mode"] != "direct" and not (parts and stand_in_order(parts, case.words)):
                yield _missing("wording", "/text", words, case)
        elif not stands_in(words, case.words):
            yield _missing("wording", f"/{name}", words, case)


def _number(case: _Case) -> Iterator[Failure]:
    sent = [name for name in case.checked.numbers if name in case.sent and case.claim[name] is not None]
    if not sent:
        raise _NotRun("No number was sent.")
    stated = numbers(case.all_words, case.source.language)
    for name in sent:
        if case.claim[name] not in stated:
            told = ", ".join(f"{number:,}" for number in sorted(stated)) or "none"
            detail = (
                f"The evidence states no {case.claim[name]:,}; the numbers in it are: {told}. "
                "Point the spans at the words that state it, or send the number that they state."
            )
            yield Failure("number", f"/{name}", detail, field=name)


def _cue(case: _Case) -> Iterator[Failure]:
    if not case.source.in_english:
        raise _NotRun(f"The words of the language {case.source.language} are not known.")
    asked = [name for name in cues.CUES if case.claim.get(name) is not None]
    if not asked:
        raise _NotRun("The claim has no field that words have to bear out.")
    for name in asked:
        value = case.claim[name]
        if not cues.supported(name, value, case.all_words):
            detail = f"No word of the evidence says {value}: {case.all_words!r}. Point a span at the words that do."
            yield Failure("cue", f"/{name}", detail, field=name)
    if case.claim.get("qualifier") == "undisclosed" and not cues.silent(case.all_words):
        detail = f"No word of the evidence says that the figure is withheld: {case.all_words!r}."
        yield Failure("cue", "/qualifier", detail, field="qualifier")


def _date(case: _Case) -> Iterator[Failure]:
    given = [name for name in case.checked.dates if case.claim[name] is not None]
    if not given:
        raise _NotRun("The claim has no date.")
    if not case.source.in_english:
        raise _NotRun(f"The months of the language {case.source.language} are not known.")
    for name in given:
        value = case.claim[name]
        if against := dates.contradicted(value, case.all_words):
            detail = f"The evidence states {against}, which {value} is not. Give the date that it states."
            yield Failure("date", f"/{name}", detail, field=name, final=True)
        elif missing := dates.unstated(value, case.all_words):
            parts = " and ".join(missing)
            detail = f"The evidence does not state the {parts} of {value}. If it was inferred, name {name} in inferred."
            yield Failure("date", f"/{name}", detail, field=name)


def _party(case: _Case) -> Iterator[Failure]:
    for role, many in case.checked.parties.items():
        for index, party in enumerate(case.claim[role] if many else [case.claim[role]]):
            if party is None or party["kind"] == "article" or named(party["name"], case.all_words):
                continue
            pointer = f"/{role}/{index}/name" if many else f"/{role}/name"
            yield _missing("party", pointer, party["name"], case, field=role)


def _symbol(case: _Case) -> Iterator[Failure]:
    given = case.claim.get("symbols") or []
    if not given:
        raise _NotRun("The claim has no symbols.")
    stated = symbols.found(case.all_words)
    for index, symbol in enumerate(given):
        if symbol not in stated:
            yield _missing("symbol", f"/symbols/{index}", symbol, case, field="symbols")


def _missing(check: str, pointer: str, words: str, case: _Case, *, field: str | None = None) -> Failure:
    """Words that do not stand in the spans: where they do stand, if anywhere."""
    elsewhere = ""
    if case.source.text is not None:
        start = case.source.text.find(words)
        elsewhere = f" The text has it at {start}." if start >= 0 else " The text has it nowhere."
    detail = f"The evidence does not contain {words!r}, it reads {case.all_words!r}.{elsewhere}"
    return Failure(check, pointer, detail, field=field or pointer.split("/")[1])


_CHECKS: Mapping[str, Callable[[_Case], Iterator[Failure]]] = {
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
