"""True claims with a wrong value, the same for the same seed, and their verdicts.

The claims are those of the seed, of the demo and of generated texts. A value is changed only if the spans do not state
the new one and the field is not inferred. The changed claim is then false by its own evidence. Some spans also have a
date or a number that the claim does not use, and these corruptions send it.

A vocabulary value is only changed if the spans state the true one in words that the cue patterns have. Other changes
are measured separately (`UNKNOWN`), because a check can only leave their value undecided.
"""

from __future__ import annotations

import copy
import random
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import marshmallow as ma
import orjson

from api.grounding.case import Source
from api.kinds.collections import KIND_BY_NAME
from api.seed import files
from tests.support import demo
from tests.support.generated_texts import BODIES, COUNTRIES, PEOPLE, Others, spelt, texts

Record = dict[str, typing.Any]


@dataclass(frozen=True)
class Truth:
    """A claim that its evidence supports, and the source that its checks read."""

    claim: Record
    source: Source
    # The dates and numbers in its spans that are not its own, as far as they were made up.
    others: Others

    @property
    def words(self) -> str:
        return " … ".join(span["exact"] for span in self.claim["evidence"])

    def states(self, words: str) -> bool:
        """Return whether the spans have these words, regardless of whitespace and punctuation."""
        return bool(re.search(rf"(?<!\w){re.escape(_bare(words))}(?!\w)", _bare(self.words)))


def _bare(words: str) -> str:
    """Return a text in lower case, without punctuation."""
    return " ".join(re.findall(r"[\w'’-]+", words.lower().replace("’", "'")))


def true_claims(generated: int = 320) -> list[Truth]:
    """Return all true claims: of the seed, which has no texts, of the demo, and of generated texts."""
    claims = []
    for name, file in files():
        if name != "articles.ndjson":
            lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
            claims += [Truth(claim, Source(None, 3942, "en"), Others()) for claim in lines]
    claims += [Truth(claim, demo.source(demo.ARTICLES[claim["article_id"]]), Others()) for claim in demo.CLAIMS]
    for text in texts(generated):
        source = Source(text.words, len(text.words), "en")
        claims += [Truth(claim, source, text.others[claim["id"]]) for claim in text.claims]
    return claims


Corrupt = Callable[[Truth, random.Random], Iterator[Record]]

# The fields that hold words of the text.
_VERBATIM = ("text", "cue", "demand", "organ_name", "name", "wording")


def _without_a_word(words: str, chance: random.Random) -> str:
    kept = words.split(" ")
    del kept[chance.randrange(len(kept))]
    return " ".join(kept)


def _with_a_not(words: str, chance: random.Random) -> str:
    kept = words.split(" ")
    kept.insert(chance.randrange(len(kept) + 1), "not")
    return " ".join(kept)


def _reworded(change: Callable[[str, random.Random], str]) -> Corrupt:
    def corrupt(truth: Truth, chance: random.Random) -> Iterator[Record]:
        claim = truth.claim
        for field in _VERBATIM:
            words = claim.get(field)
            # A direct quote's text is its fragments, which are reworded below.
            if words and not (field == "text" and claim["mode"] == "direct"):
                wrong = change(words, chance)
                # A shorter part of the same words is still true.
                if _bare(wrong) and not truth.states(wrong) and "…" not in wrong:
                    yield {**claim, field: wrong}
        for index, fragment in enumerate(claim.get("quoted", ())):
            wrong = change(fragment, chance)
            if _bare(wrong) and not truth.states(wrong):
                quoted = [*claim["quoted"][:index], wrong, *claim["quoted"][index + 1 :]]
                text = " ".join(quoted) if claim["mode"] == "direct" else claim["text"]
                yield {**claim, "quoted": quoted, "text": text}

    return corrupt


def _shifted(truth: Truth, chance: random.Random) -> Iterator[Record]:
    text = truth.source.text
    if text is None:
        return
    index = chance.randrange(len(truth.claim["evidence"]))
    evidence = copy.deepcopy(truth.claim["evidence"])
    shift = chance.choice((-12, -3, -2, -1, 1, 2, 3, 12))
    span = evidence[index]
    span["start"], span["end"] = span["start"] + shift, span["end"] + shift
    if span["start"] >= 0 and text[span["start"] : span["end"]] != span["exact"]:
        yield {**truth.claim, "evidence": evidence}


def _numbers(change: Callable[[int, random.Random], int]) -> Corrupt:
    def corrupt(truth: Truth, chance: random.Random) -> Iterator[Record]:
        claim = truth.claim
        for field in ("count", "low", "high"):
            if claim.get(field) is None:
                continue
            wrong = {**claim, field: change(claim[field], chance)}
            if not _states_number(truth.words, wrong[field]) and _is_sound(wrong):
                yield wrong

    return corrupt


def _states_number(words: str, number: int) -> bool:
    words = re.sub(r"(?<=\d)[,.\s'](?=\d{3})", "", words)
    ones = {0: "no|none|nobody|without", 1: "a|an|another|one|once|single", 2: "both|two", 12: "dozen"}.get(number, "#")
    written = spelt(number) if number < 1_000_000 else "#"
    return bool(re.search(rf"(?<!\w)(?:{number}|{written}|{ones})(?!\w)", words.lower()))


def _is_sound(claim: Record) -> bool:
    """Return whether the schema accepts a claim."""
    least = max(1, len(claim.get("symbols", ()))) if claim["type"] != "casualty_report" else 0
    fewer = claim.get("qualifier") == "fewer_than"
    return claim.get("count", 1) >= max(least, fewer) and claim.get("low", 0) <= claim.get("high", 0)


def _counts_nobody(truth: Truth, chance: random.Random) -> Iterator[Record]:
    for number in truth.others.numbers:
        # The number is in the last part of the span, and nowhere before it.
        before = truth.words.rpartition(str(number))[0]
        if "count" in truth.claim and not _states_number(before, number):
            yield {**truth.claim, "count": number}


def _of_another_harm(truth: Truth, chance: random.Random) -> Iterator[Record]:
    if truth.others.of_another_harm is not None:
        yield {**truth.claim, "count": truth.others.of_another_harm}


# Qualifiers that a careless reader could choose for each qualifier.
_CLOSE = ({"at_least", "more_than"}, {"up_to", "fewer_than"})


def _another_qualifier(truth: Truth, chance: random.Random) -> Iterator[Record]:
    claim, mine = truth.claim, truth.claim.get("qualifier")
    if mine is None or claim.get("count") is None or "qualifier" in claim.get("inferred", ()):
        return
    if not truth.source.in_english:
        return
    others = ["exact", "at_least", "more_than", "up_to", "fewer_than", "about"]
    wrong = chance.choice([other for other in others if other != mine and {other, mine} not in _CLOSE])
    if _is_sound({**claim, "qualifier": wrong}):
        yield {**claim, "qualifier": wrong}


def _another_range(truth: Truth, chance: random.Random) -> Iterator[Record]:
    """Return one end of a range as the whole figure, or a range from one end to an unrelated number."""
    claim = truth.claim
    if claim.get("qualifier") == "range":
        rest = {name: value for name, value in claim.items() if name not in ("low", "high")}
        for end in ("low", "high"):
            yield {**rest, "qualifier": "exact", "count": claim[end]}
        for number in truth.others.numbers:
            before = truth.words.rpartition(str(number))[0]
            if number > claim["low"] and not _states_number(before, number):
                yield {**claim, "high": number}


# The plainest words of each value, by which a reader would say that the spans state it.
_PLAINLY: dict[str, dict[str, str]] = {
    "harm": {
        "killed": r"kill|dead|death|die[ds]?\b|dying|fatal|slain|perish|lives|bodies|execut|buried|drown|toll",
        "injured": r"injur|wound|hurt|hospital|burns|maim|treat",
        "missing": r"missing|unaccounted|disappear|whereabouts|vanish|trace",
        "captured": r"captur|prison|captive|detain|hostage|abduct|kidnap|surrender|taken",
        "displaced": r"displac|fled|flee|refug|evacuat|homeless|homes?\b|driven|forced",
        "casualties": r"casualt|losses|lost|toll|killed (?:and|or)",
    },
    "population": {
        "civilian": r"civilian|resident|villag|wom[ae]n|child|girl|boy|farm|teach|nurse|pension|worker|driver|worship|"
        r"local|doctor|people|\bm[ae]n\b|person|citizen",
        "combatant": r"soldier|fighter|conscript|officer|marine|reserv|milit|guard|troop|sailor|mercenar|service|gunm|"
        r"pilot|forces|prisoners of war|in action",
    },
    "subgroups": {
        "children": r"child|girl|boy|kid|baby|pupil|teen|minor|-old",
        "women": r"wom[ae]n|girl|mother|wife|female",
        "girls": r"girl|child|pupil|female",
        "older_people": r"pension|elder|old|senior|\d\d",
        "journalists": r"journalist|report|camera|photo|press|media",
        "health_workers": r"doctor|nurse|medic|health|hospital|treat",
        "aid_workers": r"aid|relief|humanitarian|society",
        "first_responders": r"rescue|fire|emergency|civil",
        "teachers": r"teach|school|profess",
        "detainees": r"prison|detain|detention|captive|captur|hostage|custody",
        "officers": r"officer|command|general|colonel|captain|major|police",
    },
    "status": {
        "agreed": r"agree|sign|broker|conclud|accept|announc|declar",
        "in_effect": r"force|effect|began|begun|start",
        "held": r"h[eo]ld|respect|quiet|observ",
        "extended": r"exten|prolong|renew",
        "violated": r"violat|breach|br[eo]k|accus",
        "collapsed": r"collaps|broke|fail|fell apart|unravel|not hold",
        "ended": r"expire|ended|laps|ran out|terminat",
    },
}


def _another(field: str, *, plainly_stated: bool = True) -> Corrupt:
    def corrupt(truth: Truth, chance: random.Random) -> Iterator[Record]:
        claim, words = truth.claim, truth.words.lower()
        true = _PLAINLY[field].get(claim.get(field))
        if true is None or field in claim.get("inferred", ()) or not truth.source.in_english:
            return
        if bool(re.search(true, words)) is plainly_stated:
            for value, plainly in _PLAINLY[field].items():
                if value != claim[field] and not re.search(plainly, words):
                    yield {**claim, field: value}

    return corrupt


def _another_subgroup(truth: Truth, chance: random.Random) -> Iterator[Record]:
    claim, words = truth.claim, truth.words.lower()
    if claim.get("subgroups") and "subgroups" not in claim.get("inferred", ()) and truth.source.in_english:
        for value, plainly in _PLAINLY["subgroups"].items():
            if value not in claim["subgroups"] and not re.search(plainly, words):
                yield {**claim, "subgroups": [value]}


def _another_party(truth: Truth, chance: random.Random) -> Iterator[Record]:
    claim = truth.claim
    others = [*COUNTRIES, *BODIES, *PEOPLE, "Georgia", "Morvane's army", "the Valley Monitor", "Anders Holm"]
    for role in ("claimant", "via", "affected", "parties", "mediators", "accused", "addressee"):
        named = claim.get(role)
        if not named or role in claim.get("inferred", ()):
            continue
        name = chance.choice(others)
        # A word of the name in the spans would be a word that names the party.
        if any(truth.states(word) for word in re.findall(r"\w{3,}", name) if word not in ("the", "army")):
            continue
        party = {"name": name, "kind": "organisation"}
        yield {**claim, role: [party, *named[1:]] if isinstance(named, list) else party}


def _another_date(part: int) -> Corrupt:
    def corrupt(truth: Truth, chance: random.Random) -> Iterator[Record]:
        claim = truth.claim
        for field in ("since", "as_of", "claimed_on", "agreed_on", "effective_on", "ended_on", "adopted_on"):
            match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2}))?", claim.get(field) or "")
            if not match or not match[part] or field in claim.get("inferred", ()) or not truth.source.in_english:
                continue
            parts = [number for number in match.groups() if number is not None]
            wrong = int(parts[part - 1]) + chance.choice((-1, 1, 2, 10) if part == 1 else (-1, 1, 2))
            parts[part - 1] = f"{wrong:02}"
            if _is_of_the_calendar(parts) and not _states_part(truth, part, wrong):
                yield {**claim, field: "-".join(parts)}

    return corrupt


def _of_another_deed(truth: Truth, chance: random.Random) -> Iterator[Record]:
    # Not `claimed_on`: generated sentences do not tie it to words for speaking.
    claim = truth.claim
    for field in ("since", "as_of", "agreed_on", "effective_on", "ended_on", "adopted_on"):
        for day in truth.others.dates:
            wrong = {**claim, field: day}
            others = {claim.get(name) for name in ("since", "as_of")}
            # A schema rejects values that contradict each other, such as a year that is not the symbol's.
            if claim.get(field) is not None and day not in others | {claim[field]} and _is_valid(wrong):
                yield wrong


def _is_valid(claim: Record) -> bool:
    sent = {name: value for name, value in claim.items() if name != "type"}
    return not KIND_BY_NAME[claim["type"]].input_schema.validate(sent)


def _is_of_the_calendar(parts: list[str]) -> bool:
    try:
        return bool(date(*map(int, [*parts, "1", "1"][:3])))
    except ValueError:
        return False


def _states_part(truth: Truth, part: int, number: int) -> bool:
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    plainly = months[number - 1] if part == 2 else rf"(?<![\d,]){number}(?!\d|,\d)"
    return bool(re.search(plainly, truth.words.lower()))


def _another_symbol(truth: Truth, chance: random.Random) -> Iterator[Record]:
    symbols = truth.claim.get("symbols")
    if symbols and "symbols" not in truth.claim.get("inferred", ()):
        # Of the same organ and year or session: the schema rejects another one.
        wrong = re.sub(r"[0-9]+(?= \(|$)", str(chance.randrange(1000, 9000)), symbols[0])
        yield {**truth.claim, "symbols": [wrong, *symbols[1:]]}


def _withheld(truth: Truth, chance: random.Random) -> Iterator[Record]:
    claim = truth.claim
    if claim.get("qualifier") not in (None, "undisclosed") and truth.source.in_english:
        rest = {name: value for name, value in claim.items() if name not in ("count", "low", "high", "wording")}
        yield {**rest, "qualifier": "undisclosed"}


KINDS: dict[str, Corrupt] = {
    "a dropped word": _reworded(_without_a_word),
    "an inserted “not”": _reworded(_with_a_not),
    "shifted offsets": _shifted,
    "a number one off": _numbers(lambda number, chance: number + chance.choice((-1, 1))),
    "a number ten times": _numbers(lambda number, _: number * 10),
    "a number that counts nobody": _counts_nobody,
    "a number of another harm": _of_another_harm,
    "another qualifier": _another_qualifier,
    "another range": _another_range,
    "another harm": _another("harm"),
    "another population": _another("population"),
    "another subgroup": _another_subgroup,
    "another status": _another("status"),
    "withheld for stated": _withheld,
    "another party": _another_party,
    "another year": _another_date(1),
    "another month": _another_date(2),
    "another day": _another_date(3),
    "another deed's date": _of_another_deed,
    "another symbol": _another_symbol,
}
# The evidence states the true value in words that no list has: the wrong one can be left undecided, and so accepted.
UNKNOWN: dict[str, Corrupt] = {
    f"another {field}, in words not listed": _another(field, plainly_stated=False)
    for field in ("harm", "population", "status")
}


@dataclass(frozen=True)
class Corruption:
    """A false claim, the true claim that it was made from, and the type of the change."""

    kind: str
    truth: Truth
    claim: Record

    @property
    def field(self) -> str:
        """The wrong field."""
        true, false = self.truth.claim, self.claim
        changed = {name for name in {*true, *false} if true.get(name) != false.get(name)}
        # With these, other fields change as well.
        return next(name for name in ("quoted", "qualifier", *sorted(changed)) if name in changed)

    @property
    def refused(self) -> bool:
        try:
            return bool(demo.grounded(self.claim, self.truth.source).failures)
        except ma.ValidationError:
            # A year of adoption that contradicts the symbol is rejected before any check of the text.
            return True


def corruptions(
    how_many: int = 3000, seed: int = 1, kinds: Mapping[str, Corrupt] = MappingProxyType(KINDS)
) -> list[Corruption]:
    """Return so many corruptions, with equal shares of each type as far as possible."""
    chance = random.Random(seed)
    truths = true_claims()
    made: dict[str, list[Corruption]] = {}
    for kind, corrupt in kinds.items():
        of_kind = [Corruption(kind, truth, claim) for truth in truths for claim in corrupt(truth, chance)]
        chance.shuffle(of_kind)
        made[kind] = of_kind
    chosen: list[Corruption] = []
    left = len(made)
    place = {kind: number for number, kind in enumerate(kinds)}
    # The rarest kinds first, so that the others share what these leave.
    for of_kind in sorted(made.values(), key=len):
        chosen += of_kind[: (how_many - len(chosen)) // left]
        left -= 1
    return sorted(chosen, key=lambda corruption: place[corruption.kind])
