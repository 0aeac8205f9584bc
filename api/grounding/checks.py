"""The checks of a claim in their order, and their outcomes."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from api.grounding import consent, cues, party_roles, quotes, symbols
from api.grounding.carrying import carrying_places, near_words
from api.grounding.case import Case, CheckedFields, NotRun, Source
from api.grounding.cue_patterns import Cue, CueField, PopulationField, matching
from api.grounding.cues import Verdict
from api.grounding.date_check import check_date, judge
from api.grounding.lexicon import ListedWords
from api.grounding.locate import SearchableText
from api.grounding.normalize import lower
from api.grounding.number_check import check_number, own_figures
from api.grounding.parties import names_in
from api.grounding.population import People, is_of_subgroup, judge_population
from api.grounding.qualifiers import qualifiers
from api.grounding.spans import Failure, Search, check_spans, in_order, placed, relocated, runs
from schemas.documents import CheckResultDocument, Fields, GroundingDocument


@dataclass
class Grounding:
    """The outcome of the checks: the evidence with its offsets, the report for clients, and the failures."""

    evidence: list[dict[str, typing.Any]]
    report: GroundingDocument
    failures: list[Failure]


def ground(claim: Fields, sent: frozenset[str], checked: CheckedFields, source: Source) -> Grounding:
    """Check a claim against its article's text, or against its own evidence if the text is not stored."""
    text = None if source.text is None else SearchableText(source.text, source.language)
    as_sent = placed(claim["evidence"], text)
    evidence = in_order(relocated(as_sent, text))
    case = Case(claim, sent, checked, source, runs(evidence))
    inferred, starts = claim["inferred"], [span["start"] for span in evidence if span["start"] is not None]
    rejected = list(check_spans(as_sent, text, source.length))
    no_text = "The article's text is not stored." if text is None else None
    results = [_result("span", "not_run" if no_text else "passed", no_text)]
    for name, check in _CHECKS.items():
        try:
            failures = list(check(case))
        except NotRun as error:
            results.append(_result(name, "not_run", str(error)))
            continue
        if not failures:
            results.append(_result(name, "passed", None))
            continue
        remaining = [failure for failure in failures if not failure.excused(inferred)]
        rejected += [failure for failure in remaining if not failure.undecided]
        excused = _fields(failure for failure in failures if failure.excused(inferred))
        undecided = _fields(failure for failure in remaining if failure.undecided)
        if undecided:
            reason = f"The check recognized no statement of {undecided} in the evidence."
            results.append(_result(name, "undecided", reason))
        else:
            results.append(_result(name, *(("excused", f"inferred: {excused}") if excused else ("passed", None))))
    partial = any(result["outcome"] == "undecided" for result in results)
    report: GroundingDocument = {
        "status": "unverified" if no_text else "partial" if partial else "verified",
        "checks": results,
    }
    return Grounding(evidence, report, [failure.with_places(text, starts) for failure in rejected])


def _fields(failures: Iterable[Failure]) -> str:
    return ", ".join(sorted({failure.field for failure in failures}))


def _result(check: str, outcome: str, reason: str | None) -> CheckResultDocument:
    return {"check": check, "outcome": outcome, "reason": reason}


def _listed_population(case: Case, words: ListedWords) -> Iterator[Failure]:
    """Check a population against the nouns after the claim's numbers that the word list of its language has."""
    claim = case.claim
    value, harm = claim["population"], claim["harm"]
    numbers = [number for value in case.sent_numbers for number in words.of_value(value)]
    numbers = [number for number in numbers if not words.is_of_other_harm(number, harm)]
    if numbers and all(words.is_of_other_people(number, value) for number in numbers):
        search = partial(SearchableText.find, words=case.runs[0])
        yield _verdict_failure(case, "/population", value, Verdict.OTHER, search)


def _cue(case: Case) -> Iterator[Failure]:
    declared = case.checked.cues
    if not case.source.in_english:
        # Word lists can contradict a population, but not prove one.
        failures = (
            list(_listed_population(case, case.listed_words)) if case.listed_words and declared.population else []
        )
        if not failures:
            raise NotRun(f"The check has no word list for the language {case.source.language}.")
        yield from failures
        return
    if not (declared.stated or declared.events or declared.subgroups or declared.population):
        raise NotRun("The claim has no field that the words of its evidence must support.")
    for name, stated in declared.stated.items():
        yield from _stated(case, name, stated)
    for name, event in declared.events.items():
        yield from _event(case, name, event)
    if declared.population is not None:
        yield from _population(case, declared.population, declared.subgroups)
    for name, patterns in declared.exclusive.items():
        yield from _exclusive(case, name, patterns)
    if case.claim.get("qualifier") is not None:
        yield from _qualifier(case)


def _stated(case: Case, name: str, stated: CueField) -> Iterator[Failure]:
    value = case.claim[name]
    if value is None:
        return
    verdict = case.judge(name, stated)
    # "Could send 800,000 on their way": the figure is only possible.
    if verdict is Verdict.OPEN and name == "harm" and case.figures_are_unreal:
        verdict = Verdict.UNREAL
    elif verdict is Verdict.OPEN and name == "harm" and case.figures_are_unharmed:
        verdict = Verdict.SILENT
    yield from _check_verdict(case, f"/{name}", value, verdict, stated.values.get(value), subject=stated.subject)


def _event(case: Case, name: str, event: CueField) -> Iterator[Failure]:
    """Check that the event of a kind, such as the adoption of a resolution, is not only planned or denied."""
    for value, cue in event.values.items():
        if cues.judge(event, value, case.words) in (Verdict.UNREAL, Verdict.OTHER):
            yield from _check_verdict(case, f"/{name}", value, Verdict.UNREAL, cue, subject=event.subject)


def _exclusive(case: Case, name: str, patterns: Mapping[str, re.Pattern[str]]) -> Iterator[Failure]:
    """Check that the evidence has the words for the value of a field if it has those for another value."""
    value = case.claim[name]
    names = matching(patterns, case.words.text)
    if value in patterns and names and value not in names:
        yield from _check_verdict(case, f"/{name}", value, Verdict.OTHER, Cue(patterns[value]))


def _population(case: Case, field: PopulationField, subgroups: Mapping[str, re.Pattern[str]]) -> Iterator[Failure]:
    """Check the population and the subgroups of the people whom the claim's figures count."""
    claim, people = case.claim, People(case.words, case.figures.counting, case.speakers)
    value = claim["population"]
    own = [figure for number in case.sent_numbers for figure in own_figures(case, number)]
    # A figure in the segment of its harm describes the harmed people best.
    figures = [figure for figure in own if case.ties.is_of_harm(figure)] or own
    if claim["qualifier"] == "vague" and claim["wording"]:
        figures = case.figures.worded(lower(claim["wording"]))
    listed = case.figures.counting if case.sent_numbers and not figures else ()
    verdict = judge_population(field, value, people, figures, listed)
    pattern = field.values.get(value)
    yield from _check_verdict(case, "/population", value, verdict, Cue(pattern) if pattern else None)
    for index, subgroup in enumerate(claim.get("subgroups") or ()):
        cue = subgroups.get(subgroup)
        if cue is not None and not is_of_subgroup(cue, people, figures):
            yield from _check_verdict(case, f"/subgroups/{index}", subgroup, Verdict.SILENT, Cue(cue))


_VERDICTS = {
    Verdict.UNREAL: "The evidence does not assert {value}. It denies, desires or expects it",
    Verdict.OTHER: "The evidence states another value than {value}",
    Verdict.SILENT: "The evidence has no word for {value}",
    Verdict.OPEN: "The check recognized no statement of {value} in the evidence",
}


def _check_verdict(
    case: Case, pointer: str, value: str, verdict: Verdict, cue: Cue | None, *, subject: re.Pattern[str] | None = None
) -> Iterator[Failure]:
    """Yield a failure unless the words state the value. A value without a cue is accepted."""
    if verdict is Verdict.STATED or cue is None:
        return
    search = partial(SearchableText.find_cue, cue=cue, subject=subject)
    yield _verdict_failure(case, pointer, value, verdict, search)


def _verdict_failure(case: Case, pointer: str, value: str, verdict: Verdict, search: Search) -> Failure:
    detail = (
        f"{_VERDICTS[verdict].format(value=value)}: {case.cited_words!r}. "
        "Point a span at words that state it, or correct the value."
    )
    undecided = verdict is Verdict.OPEN
    return case.failure("cue", pointer, detail, value, search, found=case.cited_words, undecided=undecided)


def _qualifier(case: Case) -> Iterator[Failure]:
    claim, qualifier = case.claim, case.claim["qualifier"]
    if qualifier == "undisclosed":
        if not case.checked.cues.nondisclosure.search(case.words.text):
            counting = case.figures.counting
            counted = any(figure.value > 1 or case.ties.is_of_harm(figure) for figure in counting)
            verdict = Verdict.OTHER if counted or case.figures.vague else Verdict.OPEN
            yield from _check_verdict(case, "/qualifier", qualifier, verdict, Cue(case.checked.cues.nondisclosure))
        return
    if claim["count"] is None:
        return
    expressed = [qualifiers(figure, case.figures) for figure in own_figures(case, claim["count"])]
    if expressed and not any(qualifier in of_figure for of_figure in expressed):
        stated = sorted(set().union(*expressed))
        detail = (
            f"The evidence qualifies {claim['count']:,} as {' or '.join(stated)}, not as {qualifier}: "
            f"{case.cited_words!r}. Correct the qualifier, or point a span at words that express it."
        )
        search = partial(SearchableText.find_number, value=claim["count"])
        final = stated != ["exact"]
        yield case.failure("cue", "/qualifier", detail, qualifier, search, found=case.cited_words, final=final)


def _party(case: Case) -> Iterator[Failure]:
    # The silence of a party supports an undisclosed figure.
    judged = case.source.in_english and case.claim.get("qualifier") != "undisclosed"
    roles = party_roles.Roles(*((case.runs, carrying_places(case)) if judged else ([],)))
    words_near = near_words(case)
    everywhere = names_in(case.all_words)
    consents = list(_consents(case))
    near = everywhere if words_near == case.all_words else names_in(words_near)
    for role, many in case.checked.parties.items():
        for index, party in enumerate(case.claim[role] if many else [case.claim[role]]):
            if party is None or party["kind"] == "article":
                continue
            name, pointer = party["name"], f"/{role}/{index}/name" if many else f"/{role}/name"
            search = partial(SearchableText.find_party, name=name)
            if not everywhere.names(name):
                if role not in _SPEAKING and everywhere.names_people_of(name):
                    continue
                yield case.missing_words("party", pointer, name, search)
            elif not near.names(name):
                detail = (
                    f"The evidence names {name!r} only far from the words that state the claim. "
                    "Point a span at a name in the sentence of these words or in one next to it."
                )
                yield case.failure("party", pointer, detail, name, search, found=case.cited_words)
            elif role == "parties" and (reason := next(filter(None, (one.missing(name) for one in consents)), None)):
                detail = (
                    f"The evidence does not say that {name!r} agreed, it {reason}: {case.cited_words!r}. "
                    f"Omit it from {role}, or point a span at words that state its consent."
                )
                yield case.failure("party", pointer, detail, name, search, found=case.cited_words)
            elif fault := roles.fault(role, name, party["kind"]):
                detail = f"{fault.reason} {role} is {name!r}. Check which party the text means."
                final = fault.contradicts
                yield case.failure("party", pointer, detail, name, search, found=case.cited_words, final=final)


def _consents(case: Case) -> Iterator[consent.Consent]:
    """Yield the consents that the claim's values require from each party."""
    for name, stated in case.checked.cues.stated.items():
        value = case.claim[name]
        if value in stated.by_consent and case.judge(name, stated) in (Verdict.STATED, Verdict.OPEN):
            yield consent.Consent(stated, value, case.words)


def _symbol(case: Case) -> Iterator[Failure]:
    symbols_sent, organ = case.claim.get("symbols") or [], case.claim.get("organ")
    english = case.source.in_english
    if organ is None or not (symbols_sent or english):
        raise NotRun("The claim has no symbols.")
    resolutions = symbols.printed(case.all_words)
    for index, symbol in enumerate(symbols_sent):
        verdict = symbols.judge(symbol, resolutions, symbols_sent)
        pointer, search = f"/symbols/{index}", partial(SearchableText.find_symbol, symbol=symbol)
        if verdict.others:
            found = ", ".join(verdict.others)
            detail = (
                f"The evidence names resolution {found}, which {symbol} is not. Check the number, year and session."
            )
            yield case.failure("symbol", pointer, detail, symbol, search, found=found, final=True)
        elif verdict.partly:
            # "Resolution 1701, adopted in 2006" has the year elsewhere.
            year = symbols.of_symbol(symbol).year if english else None
            against, missing = judge("adopted_on", year, case.dates) if year else (None, ["year"])
            detail = f"The evidence has the number of {symbol} without its year or session."
            if against is not None:
                detail = f"The evidence dates resolution {symbol} to {against}. Check its year."
            if against is not None or missing:
                final = against is not None
                yield case.failure("symbol", pointer, detail, symbol, search, final=final, undecided=not final)
        elif not verdict.stated:
            yield case.missing_words("symbol", pointer, symbol, search)
    if organ != "other" and english:
        yield from _organ(case, organ)


def _organ(case: Case, organ: str) -> Iterator[Failure]:
    """Check that the evidence names a resolution's organ as the one that adopts it."""
    against, names_it = symbols.organ_contradicting(organ, case.all_words)
    search = partial(SearchableText.find_organ, organ=organ)
    if against:
        detail = (
            f"The evidence names {against} as the organ that acts, but organ is {organ}. Check organ and organ_name."
        )
        yield case.failure("symbol", "/organ", detail, organ, search, found=against, final=True)
    elif reason := symbols.organ_not_acting(organ, case.all_words):
        detail = f"The evidence says of {organ} {reason}. Point a span at the words that state the adoption."
        yield case.failure("symbol", "/organ", detail, organ, search, found=case.cited_words)
    elif not names_it:
        detail = f"The evidence does not name the organ {organ}."
        yield case.failure("symbol", "/organ", detail, organ, search, undecided=True)


_CHECKS: Mapping[str, Callable[[Case], Iterator[Failure]]] = {
    "quoted": quotes.check_quoted,
    "wording": quotes.check_wording,
    "number": check_number,
    "cue": _cue,
    "date": check_date,
    "party": _party,
    "symbol": _symbol,
}
# The roles of speakers. For these, the name of a people does not mean its party.
_SPEAKING = frozenset({"claimant", "via", "addressee"})
