"""The check of the numbers of a claim: figures of its harm, and counts that a list of people states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from api.grounding.case import Case, NotRun
from api.grounding.figures import Figure, Figures
from api.grounding.lexicon import ListedWords
from api.grounding.locate import SearchableText
from api.grounding.qualifiers import in_one_range
from api.grounding.regex import regex
from api.grounding.spans import Failure

# People of a list, such as "a man, his wife and their two children".
_ONE = (
    "man|woman|boy|girl|child|baby|infant|toddler|teenager|wife|husband|father|mother|son|daughter|brother|sister|"
    "grandmother|grandfather|grandson|granddaughter|uncle|aunt|nephew|niece|cousin|neighbou?r|driver|soldier|officer|"
    "journalist|reporter|cameraman|doctor|nurse|medic|paramedic|teacher|farmer|shepherd|priest|imam|guard|pilot|worker|"
    "passenger|policeman|policewoman|student|pupil|civilian|villager|resident|translator|interpreter|fixer|colleague|"
    "commander|captain|sergeant|lieutenant|conscript|bodyguard|aide|friend|fianc[ée]e?|partner|couple|pensioner|"
    "photographer|producer|volunteer|rescuer|firefighter|engineer|mechanic|cook|sailor|fisherman|mayor|judge|lawyer|"
    "bride|groom|widow|orphan|newborn|stepson|stepdaughter|godson|grandchild|assistant|gunner|medic|sniper|loader"
)
_PERSON = regex(rf"(?:[\w-]+ ){{0,2}}?(?:{_ONE})\b")
_POSSESSIVE = regex(rf"\b(?:his|her|their|its) (?:\w+ )?(?:{_ONE})\b(?! of)")
_UNNUMBERED = regex(
    r"\b(?:his|her|their|its|the|some) (?:own |young |small )?(children|sons|daughters|parents|brothers|sisters|"
    r"twins|wives|babies|grandchildren|grandparents|colleagues|relatives|guards|bodyguards|triplets)\b"
)
# Groups of a fixed size.
_SIZES = {"parents": 2, "twins": 2, "couple": 2, "grandparents": 2, "triplets": 3}


def check_number(case: Case) -> Iterator[Failure]:
    sent = [name for name in case.checked.numbers if name in case.sent and case.claim[name] is not None]
    if not sent:
        raise NotRun("No number was sent.")
    if case.source.in_english:
        yield from _figures(case, sent)
    else:
        yield from _numbers_in_other_languages(case, sent)


def _figures(case: Case, sent: Sequence[str]) -> Iterator[Failure]:
    counting = set(case.stated_numbers)
    for name in sent:
        value = case.claim[name]
        if value not in counting:
            yield _no_figure(case, name, value)
        elif not own_figures(case, value):
            detail = f"The evidence states {value:,} of another harm than {case.claim['harm']}: {case.cited_words!r}."
            yield _number_failure(case, name, value, detail)
    if case.claim.get("qualifier") != "range":
        return
    low, high = case.claim["low"], case.claim["high"]
    if {low, high} <= counting and not in_one_range(low, high, case.figures):
        detail = f"No expression of the evidence states a range from {low:,} to {high:,}: {case.cited_words!r}."
        yield _number_failure(case, "low", low, detail)


def own_figures(case: Case, value: int) -> list[Figure]:
    """Return the figures of a value. If the evidence states the claim's harm, omit figures of another harm."""
    return case.ties.own_figures(value, case.claim["harm"] if case.states_harm else None)


def _no_figure(case: Case, name: str, value: int) -> Failure:
    excluded = next((figure for figure in case.figures.all if figure.value == value and figure.excluded), None)
    if excluded:
        words = case.all_words[excluded.start : excluded.end]
        detail = f"In the evidence, {words!r} is {excluded.excluded} and counts nobody."
        return _number_failure(case, name, value, detail)
    listing = name == "count" and case.checked.cues.counted is None and may_list(case.figures, case.words.text, value)
    return _number_failure(case, name, value, _absent(case, value), excusable=listing)


def _absent(case: Case, value: int) -> str:
    counted = ", ".join(f"{number:,}" for number in case.stated_numbers)
    return f"The evidence does not state {value:,}. Its numbers are: {counted or 'none'}."


def _number_failure(case: Case, name: str, value: int, detail: str, *, excusable: bool = False) -> Failure:
    search = partial(SearchableText.find_number, value=value)
    advice = f"{detail} Point a span at the words that state the number, or correct it."
    counted = ", ".join(f"{number:,}" for number in case.stated_numbers) or None
    return case.failure("number", f"/{name}", advice, f"{value:,}", search, found=counted, excusable=excusable)


def _numbers_in_other_languages(case: Case, sent: Sequence[str]) -> Iterator[Failure]:
    stated = case.stated_numbers
    absent = [name for name in sent if case.claim[name] not in stated]
    # If other numbers are in digits, the spans can be limited to the words that state this one. In other languages an
    # article can be parsed as one: "une dizaine".
    has_digits = any(number > 1 for number in stated)
    # Texts often have these numbers in words: "zwölf", "deux cents".
    in_words = [name for name in absent if case.claim[name] <= 100 or case.claim[name] % 100 == 0]
    rejected = [name for name in absent if has_digits or name not in in_words]
    if absent and not rejected:
        raise NotRun(f"The evidence may state the number in words of the language {case.source.language}.")
    for name in rejected:
        value = case.claim[name]
        yield _number_failure(case, name, value, _absent(case, value))
    if case.listed_words:
        for name in sent:
            if name not in absent:
                yield from _listed_number(case, name, case.listed_words)


def _listed_number(case: Case, name: str, words: ListedWords) -> Iterator[Failure]:
    """Check a number against the nouns and verbs next to it that the word list of its language has."""
    value, harm = case.claim[name], case.claim.get("harm")
    of_value = words.of_value(value)
    counting = [number for number in of_value if not words.counts_things(number)]
    if of_value and not counting:
        yield _number_failure(
            case, name, value, f"In the evidence, {value:,} is a number of something else than people."
        )
    elif harm and counting and all(words.is_of_other_harm(number, harm) for number in counting):
        detail = f"The evidence states {value:,} of another harm than {harm}: {case.cited_words!r}."
        yield _number_failure(case, name, value, detail)


def may_list(figures: Figures, text: str, count: int) -> bool:
    """Return whether a list of people in a text can add up to a count.

    A list has at least two members. Members without a number ("their children") count as at least two.
    """
    # "A man" is a member of a list, and "a blast" is not.
    members = (one for one in figures.counting if one.value > 1 or (one.value == 1 and _PERSON.match(one.phrase)))
    sizes = [figure.value for figure in members]
    sizes += [_SIZES.get(match[0].rsplit(" ", 1)[-1], 1) for match in _POSSESSIVE.finditer(text)]
    groups = [match[1] for match in _UNNUMBERED.finditer(text)]
    total = sum(sizes) + sum(_SIZES.get(group, 2) for group in groups)
    open_ended = any(group not in _SIZES for group in groups)
    return len(sizes) + len(groups) > 1 and (count >= total if open_ended else count == total)
