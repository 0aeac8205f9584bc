"""The checks of a claim, one after the other, and their outcomes."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from api.grounding import consent, cues, date_ties, dates, party_roles, quotes, symbols
from api.grounding.carrying import carrying_places, near_words
from api.grounding.case import NOT_EXCUSABLE, Case, CheckedFields, Claim, FailedCheck, NotRun, Seek, Source
from api.grounding.cue_patterns import Cue, CueField, PopulationField
from api.grounding.cues import Verdict
from api.grounding.figures import Figure
from api.grounding.lexicon import ListedWords
from api.grounding.listing import may_list
from api.grounding.locate import SearchableText
from api.grounding.normalize import lower
from api.grounding.parties import Naming
from api.grounding.population import People, is_of_subgroup, judge_population
from api.grounding.qualifiers import in_one_range, qualifiers
from api.grounding.spans import Failure, check_spans, in_order, placed, relocated, runs


@dataclass
class Grounding:
    """What the checks came to: the evidence with its offsets, the report that clients get, and what failed."""

    evidence: list[dict[str, typing.Any]]
    report: dict[str, typing.Any]
    failures: list[Failure] = field(default_factory=list)


def ground(claim: Claim, sent: frozenset[str], checked: CheckedFields, source: Source) -> Grounding:
    """Hold a claim against its article's text or, where that is not held, against its own evidence."""
    text = None if source.text is None else SearchableText(source.text, source.language)
    as_sent = placed(claim["evidence"], text)
    evidence = in_order(relocated(as_sent, text))
    case = Case(claim, sent, checked, source, runs(evidence))
    inferred, starts = claim["inferred"], [span["start"] for span in evidence if span["start"] is not None]
    grounding = Grounding(evidence, {})
    for failure in check_spans(as_sent, text, source.length):
        grounding.failures.append(replace(failure, detail=f"{failure.detail} {NOT_EXCUSABLE}"))
    held = "The article's text is not held here." if text is None else None
    results = [_result("span", "not_run" if held else "passed", held)]
    for name, check in _CHECKS.items():
        try:
            misses = list(check(case))
        except NotRun as reason:
            results.append(_result(name, "not_run", str(reason)))
            continue
        left = [miss for miss in misses if not miss.excused(inferred)]
        grounding.failures += [miss.failed(text, starts) for miss in left if not miss.undecided]
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


def _fields(misses: Iterable[FailedCheck]) -> str:
    return ", ".join(sorted({miss.failure.field for miss in misses}))


def _result(check: str, outcome: str, reason: str | None) -> dict[str, typing.Any]:
    return {"check": check, "outcome": outcome, "reason": reason}


def _number(case: Case) -> Iterator[FailedCheck]:
    sent = [name for name in case.checked.numbers if name in case.sent and case.claim[name] is not None]
    if not sent:
        raise NotRun("No number was sent.")
    if case.source.in_english:
        yield from _figures(case, sent)
    else:
        yield from _foreign_numbers(case, sent)


def _figures(case: Case, sent: Sequence[str]) -> Iterator[FailedCheck]:
    counting = set(case.stated_numbers)
    for name in sent:
        value = case.claim[name]
        if value not in counting:
            yield _no_figure(case, name, value)
        elif not _own_figures(case, value):
            detail = f"The evidence states {value:,} of another harm than {case.claim['harm']}: {case.cited_words!r}."
            yield _number_miss(case, name, value, detail)
    if case.claim.get("qualifier") != "range":
        return
    low, high = case.claim["low"], case.claim["high"]
    if {low, high} <= counting and not in_one_range(low, high, case.figures):
        detail = f"No expression of the evidence states a range from {low:,} to {high:,}: {case.cited_words!r}."
        yield _number_miss(case, "low", low, detail)


def _own_figures(case: Case, value: int) -> list[Figure]:
    """The figures of a value that no clause ties to another harm than the claim's, if the evidence states that one."""
    return case.ties.own_figures(value, case.claim["harm"] if case.states_harm else None)


def _no_figure(case: Case, name: str, value: int) -> FailedCheck:
    excluded = next((figure for figure in case.figures.all if figure.value == value and figure.excluded), None)
    if excluded:
        words = case.all_words[excluded.start : excluded.end]
        detail = f"In the evidence, {words!r} is {excluded.excluded} and counts nobody."
        return _number_miss(case, name, value, detail)
    listing = name == "count" and case.checked.cues.counted is None and may_list(case.figures, case.words.text, value)
    return _number_miss(case, name, value, _absent(case, value), excusable=listing)


def _absent(case: Case, value: int) -> str:
    counted = ", ".join(f"{number:,}" for number in case.stated_numbers)
    return f"The evidence does not state {value:,}. Its numbers are: {counted or 'none'}."


def _number_miss(case: Case, name: str, value: int, detail: str, *, excusable: bool = False) -> FailedCheck:
    seek = partial(SearchableText.seek_number, value=value)
    advice = f"{detail} Point a span at the words that state the number, or correct it."
    counted = ", ".join(f"{number:,}" for number in case.stated_numbers) or None
    return case.miss("number", f"/{name}", advice, f"{value:,}", seek, found=counted, excusable=excusable)


def _foreign_numbers(case: Case, sent: Sequence[str]) -> Iterator[FailedCheck]:
    stated = case.stated_numbers
    absent = [name for name in sent if case.claim[name] not in stated]
    # If other numbers are in digits, the spans can be limited to the words that state this one. In other languages an
    # article may be read as one: "une dizaine".
    known = any(number > 1 for number in stated)
    judged = [name for name in absent if known or not _perhaps_in_words(case.claim[name])]
    if absent and not judged:
        raise NotRun(f"The evidence may state the number in words of the language {case.source.language}.")
    for name in judged:
        value = case.claim[name]
        yield _number_miss(case, name, value, _absent(case, value))
    if case.listed_words:
        for name in sent:
            if name not in absent:
                yield from _listed_number(case, name, case.listed_words)


def _listed_number(case: Case, name: str, words: ListedWords) -> Iterator[FailedCheck]:
    """Check a number against the nouns and verbs next to it that the word list of its language has."""
    value, harm = case.claim[name], case.claim.get("harm")
    of_value = words.of_value(value)
    counting = [number for number in of_value if not words.counts_things(number)]
    if of_value and not counting:
        yield _number_miss(case, name, value, f"In the evidence, {value:,} is a number of something else than people.")
    elif harm and counting and all(words.is_of_other_harm(number, harm) for number in counting):
        detail = f"The evidence states {value:,} of another harm than {harm}: {case.cited_words!r}."
        yield _number_miss(case, name, value, detail)


def _listed_population(case: Case, words: ListedWords) -> Iterator[FailedCheck]:
    """Check a population against the nouns after the claim's numbers that the word list of its language has."""
    claim = case.claim
    value, harm = claim["population"], claim["harm"]
    stated = [claim[name] for name in ("count", "low", "high") if claim[name] is not None]
    numbers = [number for value in stated for number in words.of_value(value)]
    numbers = [number for number in numbers if not words.is_of_other_harm(number, harm)]
    if numbers and all(words.is_of_other_people(number, value) for number in numbers):
        yield from _judged(case, "/population", value, Verdict.OTHER, partial(SearchableText.seek, words=case.runs[0]))


def _perhaps_in_words(number: int) -> bool:
    """Whether a text may well have a number in words, in whatever language: "zwölf", "deux cents"."""
    return number <= 100 or number % 100 == 0


def _cue(case: Case) -> Iterator[FailedCheck]:
    declared = case.checked.cues
    if not case.source.in_english:
        # Word lists contradict a population, and do not prove one.
        misses = list(_listed_population(case, case.listed_words)) if case.listed_words and declared.population else []
        if not misses:
            raise NotRun(f"The words of the language {case.source.language} are not known.")
        yield from misses
        return
    if not (declared.stated or declared.events or declared.subgroups or declared.population):
        raise NotRun("The claim has no field that words have to bear out.")
    for name, stated in declared.stated.items():
        yield from _stated(case, name, stated)
    for name, event in declared.events.items():
        yield from _event(case, name, event)
    if declared.population is not None:
        yield from _who(case, declared.population, declared.subgroups)
    for name, patterns in declared.exclusive.items():
        yield from _exclusive(case, name, patterns)
    if case.claim.get("qualifier") is not None:
        yield from _qualifier(case)


def _stated(case: Case, name: str, stated: CueField) -> Iterator[FailedCheck]:
    value = case.claim[name]
    if value is None:
        return
    verdict = case.judge(name, stated)
    # "Could send 800,000 on their way": the figure itself is only possible.
    if verdict is Verdict.OPEN and name == "harm" and case.figures_are_unreal:
        verdict = Verdict.UNREAL
    elif verdict is Verdict.OPEN and name == "harm" and case.figures_are_unharmed:
        verdict = Verdict.SILENT
    yield from _judged(case, f"/{name}", value, verdict, _seek_cue(stated, value))


def _event(case: Case, name: str, event: CueField) -> Iterator[FailedCheck]:
    """Check that the evidence does not make the event of a kind, such as the adoption of a resolution, a mere plan."""
    for value in event.values:
        verdict = cues.judge(event, value, case.words)
        if verdict in (Verdict.UNREAL, Verdict.OTHER):
            yield from _judged(case, f"/{name}", value, Verdict.UNREAL, _seek_cue(event, value))


def _exclusive(case: Case, name: str, patterns: Mapping[str, re.Pattern[str]]) -> Iterator[FailedCheck]:
    """Check that the evidence has the words for the value of a field if it has those for another value."""
    value = case.claim[name]
    own = patterns.get(value)
    text = case.words.text
    if own is not None and not own.search(text) and any(pattern.search(text) for pattern in patterns.values()):
        yield from _judged(case, f"/{name}", value, Verdict.OTHER, _seek_pattern(own))


def _seek_cue(field: CueField, value: str) -> Seek | None:
    """Return the search for the cues of a value in the article's text; None for a value without cues."""
    cue = field.values.get(value)
    return partial(SearchableText.seek_cue, cue=cue, subject=field.subject) if cue else None


def _who(case: Case, field: PopulationField, subgroups: Mapping[str, re.Pattern[str]]) -> Iterator[FailedCheck]:
    """Check the population and the subgroups of the people whom the claim's figures count."""
    claim, people = case.claim, People(case.words, case.figures.counting, case.speakers)
    value = claim["population"]
    stated = [claim[name] for name in ("count", "low", "high") if claim[name] is not None]
    own = [figure for number in stated for figure in _own_figures(case, number)]
    # A figure in the segment of its harm says best who was harmed.
    figures = [figure for figure in own if case.ties.is_of_harm(figure)] or own
    if claim["qualifier"] == "vague" and claim["wording"]:
        figures = case.figures.worded(lower(claim["wording"]))
    listed = case.figures.counting if stated and not figures else ()
    verdict = judge_population(field, value, people, figures, listed)
    pattern = field.values.get(value)
    yield from _judged(case, "/population", value, verdict, _seek_pattern(pattern) if pattern else None)
    for index, subgroup in enumerate(claim.get("subgroups") or ()):
        cue = subgroups.get(subgroup)
        if cue is not None and not is_of_subgroup(cue, people, figures):
            yield from _judged(case, f"/subgroups/{index}", subgroup, Verdict.SILENT, _seek_pattern(cue))


_VERDICTS = {
    Verdict.UNREAL: "The evidence does not assert {value}: it denies it, wishes for it or expects it",
    Verdict.OTHER: "The evidence states another value than {value}",
    Verdict.SILENT: "No word of the evidence says {value}",
    Verdict.OPEN: "Nothing in the evidence is understood as {value}",
}


def _seek_pattern(pattern: re.Pattern[str]) -> Seek:
    return partial(SearchableText.seek_cue, cue=Cue(pattern))


def _judged(case: Case, pointer: str, value: str, verdict: Verdict, seek: Seek | None) -> Iterator[FailedCheck]:
    """Yield a failed check unless the words state the value. A value without cues has no `seek`, and is not checked."""
    if verdict is Verdict.STATED or seek is None:
        return
    detail = (
        f"{_VERDICTS[verdict].format(value=value)}: {case.cited_words!r}. "
        "Point a span at words that state it, or correct the value."
    )
    undecided = verdict is Verdict.OPEN
    yield case.miss("cue", pointer, detail, value, seek, found=case.cited_words, undecided=undecided)


def _qualifier(case: Case) -> Iterator[FailedCheck]:
    claim, qualifier = case.claim, case.claim["qualifier"]
    if qualifier == "undisclosed":
        if not case.checked.cues.nondisclosure.search(case.words.text):
            counting = case.figures.counting
            counted = any(figure.value > 1 or case.ties.is_of_harm(figure) for figure in counting)
            verdict = Verdict.OTHER if counted or case.figures.vague else Verdict.OPEN
            yield from _judged(case, "/qualifier", qualifier, verdict, _seek_pattern(case.checked.cues.nondisclosure))
        return
    if claim["count"] is None:
        return
    expressed = [qualifiers(figure, case.figures) for figure in _own_figures(case, claim["count"])]
    if expressed and not any(qualifier in found for found in expressed):
        stated = sorted(set().union(*expressed))
        detail = (
            f"The evidence qualifies {claim['count']:,} as {' or '.join(stated)}, not as {qualifier}: "
            f"{case.cited_words!r}. Correct the qualifier, or point a span at words that express it."
        )
        seek = partial(SearchableText.seek_number, value=claim["count"])
        final = stated != ["exact"]
        yield case.miss("cue", "/qualifier", detail, qualifier, seek, found=case.cited_words, final=final)


def _date(case: Case) -> Iterator[FailedCheck]:
    given = [name for name in case.checked.dates if case.claim[name] is not None]
    if not given:
        raise NotRun("The claim has no date.")
    if not case.source.in_english:
        raise NotRun(f"The months of the language {case.source.language} are not known.")
    read = case.dates
    found = "; ".join(dict.fromkeys(str(statement) for statement in read.stated if not statement.loose))
    for name in given:
        value = case.claim[name]
        others = [case.claim[other] for other in given if other != name]
        against, missing = date_ties.judge(name, value, read, others, case.source.published_on)
        if against is not None:
            detail = (
                f"The evidence states {against}, which {value} is not. "
                f"Correct {name} if the text dates it, and leave it out if not."
            )
        elif missing:
            parts = " and ".join(missing)
            detail = f"The evidence does not state the {parts} of {value} as {name}."
        if against is not None or missing:
            seek = partial(SearchableText.seek_date, value=value, parts=missing or dates.PARTS)
            final = against is not None
            yield case.miss("date", f"/{name}", detail, value, seek, found=found or None, final=final)


def _party(case: Case) -> Iterator[FailedCheck]:
    # The silence of a party supports an undisclosed figure.
    judged = case.source.in_english and case.claim.get("qualifier") != "undisclosed"
    roles = party_roles.Roles(*((case.runs, carrying_places(case)) if judged else ([],)))
    words_near = near_words(case)
    everywhere = Naming(case.all_words)
    consents = list(_consents(case))
    near = everywhere if words_near == case.all_words else Naming(words_near)
    for role, many in case.checked.parties.items():
        for index, party in enumerate(case.claim[role] if many else [case.claim[role]]):
            if party is None or party["kind"] == "article":
                continue
            name, pointer = party["name"], f"/{role}/{index}/name" if many else f"/{role}/name"
            seek = partial(SearchableText.seek_party, name=name)
            if not everywhere.names(name):
                if role not in _SPEAKING and everywhere.names_people_of(name):
                    continue
                yield case.absent("party", pointer, name, seek, field=role)
            elif not near.names(name):
                detail = (
                    f"The evidence names {name!r} only far from the words that state the claim. "
                    "Point a span at a name in the sentence of these words or in one next to it."
                )
                yield case.miss("party", pointer, detail, name, seek, field=role, found=case.cited_words)
            elif role == "parties" and (reason := _missing_consent(consents, name)):
                detail = (
                    f"The evidence does not say that {name!r} agreed, it {reason}: {case.cited_words!r}. "
                    f"Leave it out of {role}, or point a span at words that state its consent."
                )
                yield case.miss("party", pointer, detail, name, seek, field=role, found=case.cited_words)
            elif fault := roles.fault(role, name, party["kind"]):
                detail = f"{fault.reason} {role} is {name!r}. Check which party the text means."
                final = fault.contradicts
                yield case.miss("party", pointer, detail, name, seek, field=role, found=case.cited_words, final=final)


def _consents(case: Case) -> Iterator[consent.Consent]:
    """Yield the consents that the claim's values need of each party."""
    for name, stated in case.checked.cues.stated.items():
        value = case.claim[name]
        if value in stated.by_consent and case.judge(name, stated) in (Verdict.STATED, Verdict.OPEN):
            yield consent.Consent(stated, value, case.words)


def _missing_consent(consents: Iterable[consent.Consent], name: str) -> str | None:
    """Return why a party does not share a value that needs the consent of each party, or None."""
    return next((reason for one in consents if (reason := one.missing(name))), None)


def _symbol(case: Case) -> Iterator[FailedCheck]:
    claimed, organ = case.claim.get("symbols") or [], case.claim.get("organ")
    english = case.source.in_english
    if organ is None or not (claimed or english):
        raise NotRun("The claim has no symbols.")
    read = symbols.printed(case.all_words)
    for index, symbol in enumerate(claimed):
        verdict = symbols.judge(symbol, read, claimed)
        pointer, seek = f"/symbols/{index}", partial(SearchableText.seek_symbol, symbol=symbol)
        if verdict.others:
            found = ", ".join(verdict.others)
            detail = (
                f"The evidence names resolution {found}, which {symbol} is not. Check the number, year and session."
            )
            yield case.miss("symbol", pointer, detail, symbol, seek, field="symbols", found=found, final=True)
        elif verdict.partly:
            # "Resolution 1701, adopted in 2006" has the year elsewhere.
            year = symbols.of_symbol(symbol).year if english else None
            against, missing = date_ties.judge("adopted_on", year, case.dates) if year else (None, ["year"])
            detail = f"The evidence has the number of {symbol} without its year or session."
            if against is not None:
                detail = f"The evidence dates resolution {symbol} to {against}. Check its year."
            if against is not None or missing:
                final = against is not None
                yield case.miss(
                    "symbol", pointer, detail, symbol, seek, field="symbols", final=final, undecided=not final
                )
        elif not verdict.stated:
            yield case.absent("symbol", pointer, symbol, seek, field="symbols")
    if organ != "other" and english:
        yield from _organ(case, organ)


def _organ(case: Case, organ: str) -> Iterator[FailedCheck]:
    """Check that the evidence names a resolution's organ, and no other one as the one that adopts it."""
    against, names_it = symbols.organ_contradicting(organ, case.all_words)
    seek = partial(SearchableText.seek_organ, organ=organ)
    if against:
        detail = (
            f"The evidence names {against} as the organ that acts, but organ is {organ}. Check organ and organ_name."
        )
        yield case.miss("symbol", "/organ", detail, organ, seek, found=against, final=True)
    elif reason := symbols.organ_not_acting(organ, case.all_words):
        detail = f"The evidence says of {organ} {reason}. Point a span at the words that state the adoption."
        yield case.miss("symbol", "/organ", detail, organ, seek, found=case.cited_words)
    elif not names_it:
        detail = f"The evidence does not name the organ {organ}."
        yield case.miss("symbol", "/organ", detail, organ, seek, undecided=True)


_CHECKS: Mapping[str, Callable[[Case], Iterator[FailedCheck]]] = {
    "quoted": quotes.check_quoted,
    "wording": quotes.check_wording,
    "number": _number,
    "cue": _cue,
    "date": _date,
    "party": _party,
    "symbol": _symbol,
}
# Roles of parties that say something: a party is not its people there.
_SPEAKING = frozenset({"claimant", "via", "addressee"})
