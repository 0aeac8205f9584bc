"""Random articles, the same for the same seed, with the claims that they support.

The wording varies as in real reports: each sentence is one of many equivalent ones, with random parties, numbers, dates
and quotation marks. Some sentences use words that the checks do not have. Some have a date or a number that the claim
does not use.
"""

from __future__ import annotations

import calendar
import random
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

Record = dict[str, typing.Any]

# None of them exists.
COUNTRIES = ("Arvenia", "Belmark", "Corvana", "Dravia", "Estmere", "Falgard", "Grenova", "Halden Isles", "Ivoria")
PLACES = ("Ashford Mill", "Brannoc", "Cold Harbour", "Dunmere", "Elling", "Farrow Hill", "Gant", "Hollin Cross")
PEOPLE = ("Ada Merrow", "Bruno Kessel", "Clara Winther", "Dario Lunt", "Eva Sörensen", "Finn O'Dell", "Greta Ilves")
BODIES = ("the Harbour Observatory", "Doctors of the Plain", "the Red Lantern Society", "the Border Watch")
CALENDAR_START = date(2031, 1, 6)

CIVILIANS = (
    ("civilian", "civilians"),
    ("villager", "villagers"),
    ("resident", "residents"),
    ("woman", "women"),
    ("child", "children"),
    ("schoolgirl", "schoolgirls"),
    ("farmer", "farmers"),
    ("teacher", "teachers"),
    ("nurse", "nurses"),
    ("pensioner", "pensioners"),
    ("aid worker", "aid workers"),
    ("truck driver", "truck drivers"),
    ("worshipper", "worshippers"),
    ("local", "locals"),
)
COMBATANTS = (
    ("soldier", "soldiers"),
    ("fighter", "fighters"),
    ("conscript", "conscripts"),
    ("officer", "officers"),
    ("marine", "marines"),
    ("reservist", "reservists"),
    ("militiaman", "militiamen"),
    ("border guard", "border guards"),
    ("paratrooper", "paratroopers"),
    ("sailor", "sailors"),
    ("mercenary", "mercenaries"),
    ("serviceman", "servicemen"),
    ("gunman", "gunmen"),
    ("pilot", "pilots"),
)
PERSONS = (("person", "people"),)
# Nouns and phrases that no word list has, so that a check can only leave them undecided.
UNKNOWN_CIVILIANS = (
    ("falconer", "falconers"),
    ("lacemaker", "lacemakers"),
    ("chorister", "choristers"),
    ("beekeeper", "beekeepers"),
    ("stargazer", "stargazers"),
)
UNKNOWN_COMBATANTS = (("lancer", "lancers"), ("skirmisher", "skirmishers"), ("halberdier", "halberdiers"))
UNKNOWN_HARMED: dict[str, tuple[str, ...]] = {
    "killed": ("{n} {who} never came home from {at}, {by} said", "{by} mourned {n} {who} after the raid on {at}"),
    "injured": ("{n} {who} {was} patched up at {at}, {by} said", "{by} said {n} {who} limped back from {at}"),
    "missing": ("{by} said {n} {who} had yet to turn up at {at}",),
    "captured": ("{n} {who} {was} frogmarched from {at}, {by} said",),
    "displaced": ("{by} said {n} {who} packed up and went from {at}",),
    "casualties": ("{by} said the raid on {at} cost it {n} {who}",),
}
UNKNOWN_CEASEFIRES: dict[str, tuple[str, ...]] = {
    "agreed": ("{a} and {b} put pen to paper on the {name} on {on}",),
    "in_effect": ("The {name} dawned on {on}", "The {name} went live on {on}, {by} said"),
    "held": ("The {name} weathered {on}, {by} said",),
    "extended": ("The {name} won another week of life on {on}, {by} said",),
    "violated": ("{b} made a mockery of the {name} on {on}, {by} said",),
    "collapsed": ("The {name} bit the dust on {on}, {by} said", "The {name} came to grief on {on}"),
    "ended": ("The clock wound down on the {name} on {on}",),
}
SUBGROUPS = {
    "woman": "women",
    "child": "children",
    "schoolgirl": "girls",
    "teacher": "teachers",
    "nurse": "health_workers",
    "pensioner": "older_people",
    "aid worker": "aid_workers",
    "officer": "officers",
}

# Sentences that report a number of harmed people: {n} {who}, {was}, {by} (the claimant), {at} (a place).
HARMED: dict[str, tuple[str, ...]] = {
    "killed": (
        "{by} said {n} {who} {was} killed at {at}",
        "{n} {who} {was} shot dead at {at}, {by} said",
        "Shelling of {at} left {n} {who} dead, according to {by}",
        "The battle for {at} has claimed the lives of {n} {who}, {by} reported",
        "{n} {who} lost {their} {life} at {at}, {by} said",
        "{by} announced the death of {n} {who} at {at}",
        "{n} {who} perished when a shell hit {at}, {by} said",
        "{by} said the bodies of {n} {who} had been found at {at}",
        "Among the fatalities at {at} {was} {n} {who}, {by} said",
        "{n} {who} died of {their} wounds, {by} said",
        "{by} accused the other side of executing {n} {who} at {at}",
        "A drone strike on {at} killed {n} {who}, {by} told reporters",
        "{n} {who} fell in the battle for {at}, {by} said",
        "{by} counted {n} {who} slain at {at}",
        "{n} {who} {was} buried at {at} after the raid, {by} said",
        "{n} {who} drowned on the way to {at}, {by} said",
    ),
    "injured": (
        "{by} said {n} {who} {was} injured at {at}",
        "{n} {who} {was} wounded by mortar fire on {at}, {by} said",
        "A shell that fell on {at} hurt {n} {who}, {by} said",
        "{by} said {n} {who} {was} taken to hospital from {at}",
        "{n} {who} {was} hospitalised after the attack on {at}, {by} reported",
        "{n} {who} suffered burns at {at}, according to {by}",
        "Doctors at {at} treated {n} {who} for shrapnel wounds, {by} said",
        "{n} {who} {was} maimed by mines near {at}, {by} said",
    ),
    "missing": (
        "{by} said {n} {who} {was} missing after the fall of {at}",
        "{n} {who} {was} still unaccounted for at {at}, {by} said",
        "{n} {who} disappeared from {at}, according to {by}",
        "{by} does not know the whereabouts of {n} {who} from {at}",
        "{n} {who} vanished on the road to {at}, {by} reported",
        "{by} said it was searching for {n} {who} lost without trace near {at}",
    ),
    "captured": (
        "{by} said it had captured {n} {who} at {at}",
        "{n} {who} {was} taken prisoner at {at}, {by} said",
        "{by} said {n} {who} had surrendered at {at}",
        "{n} {who} {was} detained at a checkpoint near {at}, {by} reported",
        "{n} {who} from {at} {was} held captive, according to {by}",
        "{by} said {n} {who} had been abducted from {at}",
        "{n} {who} {was} kidnapped near {at}, {by} said",
        "{by} said it was holding {n} {who} hostage at {at}",
    ),
    "displaced": (
        "{by} said {n} {who} had been displaced from {at}",
        "{n} {who} fled {at} by boat, {by} said",
        "{n} {who} {was} evacuated from {at}, {by} reported",
        "The flood of refugees from {at} has reached {n} {who}, {by} said",
        "{by} said {n} {who} had left {their} {home} at {at}",
        "{n} {who} {was} driven out of {at}, according to {by}",
        "{n} {who} {was} made homeless by the shelling of {at}, {by} said",
        "{by} said {n} {who} from {at} had taken refuge in the hills",
        "{n} {who} {was} forced from {at}, {by} said",
    ),
    "casualties": (
        "{by} put casualties at {at} at {n} {who}",
        "{by} said losses at {at} came to {n} {who}",
        "{n} {who} {was} killed or wounded at {at}, {by} said",
        "{by} said {n} {who} had become casualties at {at}",
    ),
}

# Two harms in one sentence, each with its own number: {n} of the first, {m} of the second.
TWO_HARMS: tuple[tuple[str, str, str], ...] = (
    ("killed", "injured", "{by} said {n} {who} were killed and {m} wounded at {at}"),
    ("killed", "injured", "Shelling of {at} left {n} {who} dead and {m} injured, {by} said"),
    ("killed", "missing", "{n} {who} died at {at} and {m} are missing, {by} said"),
    ("killed", "captured", "{n} {who} were killed and {m} taken prisoner at {at}, {by} said"),
    ("killed", "displaced", "{by} said {n} {who} were killed at {at} and {m} displaced"),
    ("injured", "missing", "{n} {who} were hurt at {at}, while {m} remain unaccounted for, {by} said"),
)

# Sentences that report a withheld number: {by}, {whose} (its soldiers).
WITHHELD: tuple[tuple[str, str], ...] = (
    ("casualties", "{by} does not disclose its military casualties"),
    ("casualties", "{by} has never published its military losses"),
    ("killed", "{by} refused to say how many of its {whose} had been killed"),
    ("killed", "{by} has not said how many of its {whose} have died"),
    ("killed", "{by} keeps the number of its dead {whose} secret"),
    ("killed", "{by} gave no figure for its {whose} killed in action"),
    ("killed", "How many {whose} it has lost to enemy fire, killed at sea or on land, {by} would not say"),
    ("injured", "{by} declined to comment on how many of its {whose} were wounded"),
    ("injured", "{by} has yet to release a count of its wounded {whose}"),
    ("injured", "{by} will not reveal how many {whose} were injured"),
    ("captured", "{by} withheld the number of {whose} it has captured"),
    ("captured", "{by} did not specify how many {whose} it held prisoner"),
    ("missing", "{by} has provided no numbers on its missing {whose}"),
    ("missing", "The number of {whose} missing remains undisclosed, {by} said"),
    ("displaced", "{by} was silent on how many {whose} had been displaced"),
)

# Phrases for the status of a ceasefire: {name}, {by}, {a} and {b} (its parties), {on} (a date).
CEASEFIRES: dict[str, tuple[str, ...]] = {
    "agreed": (
        "{a} and {b} agreed on {on} to the {name}",
        "{a} and {b} signed the {name} on {on}",
        "{by} brokered the {name} between {a} and {b} on {on}",
        "Negotiators of {a} and {b} concluded the {name} on {on}, {by} said",
        "{a} and {b} accepted the {name} on {on}, {by} announced",
    ),
    "in_effect": (
        "The {name} came into force on {on}",
        "The {name} took effect on {on}, {by} said",
        "The {name} has been in effect since {on}",
        "The {name} began on {on}, {by} said",
        "The {name} entered into force on {on}",
    ),
    "held": (
        "The {name} was holding on {on}, {by} said",
        "The {name} largely held on {on}, according to {by}",
        "Both sides respected the {name} on {on}, {by} said",
        "The guns stayed quiet under the {name} on {on}, {by} said",
        "The {name} was being observed on {on}, {by} said",
    ),
    "extended": (
        "{a} and {b} extended the {name} on {on}",
        "{by} said on {on} that the {name} had been prolonged by a week",
        "The {name} was renewed on {on}, {by} said",
        "An extension of the {name} was announced on {on} by {by}",
    ),
    "violated": (
        "{a} accused {b} on {on} of violating the {name}",
        "{by} said {b} had breached the {name} on {on}",
        "{b} broke the {name} on {on}, {by} said",
        "Shells fell on {on} in breach of the {name}, {by} said, and blamed {b}",
    ),
    "collapsed": (
        "The {name} collapsed on {on}",
        "The {name} broke down on {on}, {by} said",
        "The {name} fell apart on {on}, {by} said",
        "The {name} failed on {on}, according to {by}",
        "The {name} did not hold past {on}, {by} said",
        "The {name} unravelled on {on}, {by} said",
    ),
    "ended": (
        "The {name} expired on {on}",
        "The {name} ended on {on}, {by} said",
        "The {name} lapsed on {on}, {by} said",
        "The {name} ran out on {on}, {by} said",
        "{by} terminated the {name} on {on}",
    ),
}

RESOLUTIONS: tuple[tuple[str, str, str], ...] = (
    ("un_security_council", "United Nations Security Council", "S/RES/{number} ({year})"),
    ("un_general_assembly", "United Nations General Assembly", "A/RES/85/{number}"),
    ("un_human_rights_council", "Human Rights Council", "A/HRC/RES/56/{number}"),
)
DECIDED = (
    "The {organ} adopted resolution {symbol} on {on}, which demands “{demand}”",
    "On {on} the {organ} called for “{demand}” in resolution {symbol}",
    "Resolution {symbol}, passed by the {organ} on {on}, insists on “{demand}”",
)
DEMANDS = (
    "the full and prompt withdrawal of all troops",
    "safe passage for aid to every town of the plain",
    "the return of all prisoners without delay",
    "an end to the shelling of homes and schools",
)
# Other clauses of a sentence that is quoted whole. They do not concern the claim.
ASIDES = (
    "despite the rain",
    "after a night of calm",
    "when reached by telephone",
    "through a spokesman",
    "in a statement that began at noon",
    "a sign of harder times",
    "as the storm broke over the coast",
    "weeks after a grain deal was signed",
    "on the day that the tanks crossed the border",
    "near the remains of the old bridge",
    "not for the first time",
    "in what was not the first report of its kind",
    "as decisions were taken elsewhere",
    "in the hands of whom the town now is",
    "whose fate is in the balance",
    "under the shelter of night",
    "with a children's hospital in view",
    "where a passenger train stood",
    "in the fatherland's name",
    "after a boycott of the polls",
    "while talks were held abroad",
    "where the old order still holds",
    "a lost cause to some",
    "with no end in sight",
    "over the heads of the villages' own councils",
    "with the army general staff in the room",
    "before weapons of a new kind",
    "in the schoolhouse by the lake",
    "with familiar arguments",
    "in the third week of the war",
    "as 3 of its ships lay in port",
    "with a budget of 2.5 million",
    "in a village of 900 houses",
)
# A number that counts nobody.
NUMBER_ASIDES = (
    "at 19:{x} local time",
    "hours after Flight {x} landed",
    "some {x} kilometres from the border",
    "after {x} hours of shelling",
    "where {x} homes were destroyed",
    "beside {x} burned-out tanks",
    "at a cost of ${x} million",
    "with {x} percent of the harvest lost",
    "in front of a {x}-year-old church",
    "as a barrel of oil rose to {x} dollars",
    "on Route {x}",
    "in the words of a {x}-year-old driver",
    "in a room of {x} square metres",
)
# The date of another deed; the last one is of speaking.
DATE_ASIDES = (
    "weeks after a grain deal was signed on {on}",
    "long after the truce of {on}",
    "months after an election on {on}",
    "from the bridge that was opened on {on}",
    "among ruins left by the earthquake of {on}",
    "{who} told reporters on {on}",
)
SPOKEN = (
    "We shall rebuild every house that was burned",
    "Nobody asked us before they crossed the river",
    "There can be peace by the spring if they want it",
    "Our door is open – theirs is not",
    "The people of ‘the plain’ have waited long enough",
    "They promised us bread and sent us 2\u00a0000 shells",
)
CUES = ("said", "told reporters", "insisted", "warned", "added", "wrote")
MARKS = ("“”", "‘’", '""', "«»", "„“", "''")

_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SMALL += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spelt(number: int) -> str:
    """Return a number below a million in English words.

    >>> spelt(45), spelt(1166), spelt(320_004)
    ('forty-five', 'one thousand one hundred and sixty-six', 'three hundred and twenty thousand and four')
    """
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens] + (f"-{_SMALL[rest]}" if rest else "")
    scale, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    most, rest = divmod(number, scale)
    joint = " and " if rest < 100 else " "
    return f"{spelt(most)} {name}" + (f"{joint}{spelt(rest)}" if rest else "")


@dataclass
class Others:
    """The dates and numbers of a claim's sentence that the claim does not use."""

    dates: list[str] = field(default_factory=list)
    # These count nobody.
    numbers: list[int] = field(default_factory=list)
    # The number of the sentence's other harm.
    of_another_harm: int | None = None


@dataclass
class Text:
    """An article in the making: its sentences so far, and the claims that they support."""

    id: str
    chance: random.Random
    words: str = "Invented news, made up at random.\n\n"
    claims: list[Record] = field(default_factory=list)
    # By the claim's id.
    others: dict[str, Others] = field(default_factory=dict)

    def add(self, sentence: str, *parts: str) -> list[Record]:
        """Add a sentence and return the spans of these parts of it, or of the whole."""
        start = len(self.words)
        self.words += sentence[0].upper() + sentence[1:] + self.chance.choice((". ", ".\n\n", ". ", "; "))
        spans = []
        for part in parts or (sentence,):
            begin = start + sentence.index(part)
            spans.append({"exact": self.words[begin : begin + len(part)], "start": begin, "end": begin + len(part)})
        return spans

    def aside(self, others: Others | None = None, *, speaking: bool = True) -> str:
        """Return an unrelated clause, or an empty string. `others` get its date or number.

        `speaking` allows the day of a statement.
        """
        draw = self.chance.random()
        if draw < 0.3:
            return f", {self.chance.choice(ASIDES)}"
        if others is not None and draw < 0.55:
            number = self.chance.randrange(13, 60)
            others.numbers.append(number)
            return f", {self.chance.choice(NUMBER_ASIDES).format(x=number)}"
        if others is not None and draw < 0.8:
            printed, day = ("12 March 1994", "1994-03-12") if self.chance.random() < 0.2 else self.day()
            others.dates.append(day)
            asides = DATE_ASIDES if speaking else DATE_ASIDES[:-1]
            return f", {self.chance.choice(asides).format(on=printed, who=self.chance.choice(PEOPLE))}"
        return ""

    def claim(
        self,
        type_: str,
        claimant: Record,
        evidence: list[Record],
        others: Others | None = None,
        **more: typing.Any,
    ) -> None:
        self.others[f"{self.id}-{len(self.claims)}"] = others or Others()
        self.claims.append(
            {
                "type": type_,
                "id": f"{self.id}-{len(self.claims)}",
                "article_id": self.id,
                "claimant": claimant,
                "evidence": evidence,
                **more,
            }
        )

    def day(self) -> tuple[str, str]:
        """Return a date as a text prints it, and in EDTF."""
        day = CALENDAR_START + timedelta(self.chance.randrange(300))
        month, weekday = calendar.month_name[day.month], calendar.day_name[day.weekday()]
        printed = self.chance.choice(
            (
                f"{day.day} {month} {day.year}",
                f"{month} {day.day}, {day.year}",
                f"{weekday}, {month} {day.day}, {day.year}",
                f"{weekday}, {day.day} {month} {day.year}",
                f"{month[:3]}. {day.day}, {day.year}" if len(month) > 4 else f"{month} {day.day}, {day.year}",
            )
        )
        return printed, day.isoformat()

    def number(self, least: int, most: int) -> tuple[int, str]:
        """Return a number, and one of the ways to print it."""
        value = int(least * (most / least) ** self.chance.random())
        ways = [f"{value:,}", f"{value:,}"]
        if value >= 1_000_000:
            return value, ways[0]
        if value < 100 or value % 100 == 0:
            ways += [spelt(value)] * 2
        if value >= 1000:
            ways += [f"{value:,}".replace(",", space) for space in ("\u00a0", "\u202f", " ")]
            ways += [str(value), spelt(value)]
        if value == 12:
            ways += ["a dozen"] * 2
        return value, self.chance.choice(ways)

    def party(self, *, state: bool = False) -> Record:
        kinds: dict[str, Callable[[], str]] = {
            "government": lambda: self.chance.choice(COUNTRIES),
            "person": lambda: self.chance.choice(PEOPLE),
            "organisation": lambda: self.chance.choice(BODIES),
            "armed_force": lambda: f"{self.chance.choice(COUNTRIES)}'s army",
        }
        kind = "government" if state else self.chance.choice(list(kinds))
        return {"name": kinds[kind](), "kind": kind}


def _casualties(text: Text) -> None:
    chance = text.chance
    harm = chance.choice(list(HARMED))
    population, names = chance.choice(
        (("civilian", CIVILIANS), ("combatant", COMBATANTS), ("unspecified", PERSONS), ("combatant", COMBATANTS))
    )
    if population != "unspecified" and chance.random() < 0.1:
        names = UNKNOWN_CIVILIANS if population == "civilian" else UNKNOWN_COMBATANTS
    (one, many), by = chance.choice(names), text.party()
    report: Record = {"harm": harm, "population": population}
    if one in SUBGROUPS:
        report["subgroups"] = [SUBGROUPS[one]]
    value, printed = text.number(1, 5_000_000 if harm == "displaced" else 9000)
    qualifier, worded = chance.choice(
        (
            ("exact", "{}"),
            ("exact", "{}"),
            ("exact", "{}"),
            ("at_least", "at least {}"),
            ("more_than", "more than {}"),
            ("up_to", "as many as {}"),
            ("fewer_than", "fewer than {}"),
            ("about", "about {}"),
            ("range", "between {} and {}"),
            ("vague", "dozens of"),
        )
    )
    if value < 3:
        qualifier, worded, printed = "exact", "{}", chance.choice(("a", "one")) if value == 1 else printed
    report["qualifier"] = qualifier
    if qualifier == "range":
        high, high_printed = text.number(value + 1, value * 3)
        report |= {"low": value, "high": high}
        printed = worded.format(printed, high_printed)
    elif qualifier == "vague":
        report["wording"] = "dozens"
        printed = worded
    else:
        report["count"] = value
        printed = worded.format(printed)
    alone = value == 1 and qualifier == "exact"
    if printed == "a" and one[0] in "aeio":
        printed = "an"
    sentence = chance.choice((UNKNOWN_HARMED if chance.random() < 0.1 else HARMED)[harm]).format(
        by=by["name"],
        n=printed,
        who=one if alone else many,
        was="was" if alone else "were",
        at=chance.choice(PLACES),
        their="their",
        life="life" if alone else "lives",
        home="home" if alone else "homes",
    )
    sentence = sentence[0].upper() + sentence[1:]
    if chance.random() < 0.4:
        words, report["since"] = text.day()
        sentence += f", all since {words}"
    if chance.random() < 0.3:
        words, report["as_of"] = text.day()
        if report.get("since", "") <= report["as_of"]:
            sentence = (
                f"As of {words}, {sentence[0].lower() if sentence.startswith('A ') else sentence[0]}{sentence[1:]}"
            )
        else:
            del report["as_of"]
    others = Others()
    text.claim("casualty_report", by, text.add(sentence + text.aside(others)), others, **report)


def _two_harms(text: Text) -> None:
    chance = text.chance
    first, second, way = chance.choice(TWO_HARMS)
    population, names = chance.choice((("civilian", CIVILIANS), ("combatant", COMBATANTS), ("unspecified", PERSONS)))
    (one, many), by = chance.choice(names), text.party()
    (n, n_printed), (m, m_printed) = text.number(3, 900), text.number(3, 900)
    if n == m:
        return
    sentence = way.format(by=by["name"], n=n_printed, m=m_printed, who=many, at=chance.choice(PLACES))
    evidence = text.add(sentence + text.aside())
    subgroups = {"subgroups": [SUBGROUPS[one]]} if one in SUBGROUPS else {}
    for harm, count, other in ((first, n, m), (second, m, n)):
        report = {"harm": harm, "population": population, "count": count, "qualifier": "exact", **subgroups}
        text.claim("casualty_report", by, evidence, Others(of_another_harm=other), **report)


def _withheld(text: Text) -> None:
    harm, way = text.chance.choice(WITHHELD)
    by = text.party(state=True)
    sentence = way.format(by=by["name"], whose=text.chance.choice(COMBATANTS)[1])
    evidence = text.add(sentence + text.aside())
    text.claim("casualty_report", by, evidence, harm=harm, population="combatant", qualifier="undisclosed")


def _ceasefire(text: Text) -> None:
    chance = text.chance
    status = chance.choice(list(CEASEFIRES))
    by = {"name": chance.choice(BODIES), "kind": "organisation"}
    a, b = ({"name": name, "kind": "government"} for name in chance.sample(COUNTRIES, 2))
    name = f"{chance.choice(PLACES)} {chance.choice(('Truce', 'Ceasefire', 'Pause', 'Accord'))}"
    printed, day = text.day()
    way = chance.choice((UNKNOWN_CEASEFIRES if chance.random() < 0.15 else CEASEFIRES)[status])
    sentence = way.format(name=name, by=by["name"], a=a["name"], b=b["name"], on=printed)
    more: Record = {"status": status, "name": name}
    date_field = {"agreed": "agreed_on", "in_effect": "effective_on", "ended": "ended_on", "collapsed": "ended_on"}
    more[date_field.get(status, "claimed_on")] = day
    if "{a}" in way and "{b}" in way:
        more["parties"] = [a, b]
    if status == "violated":
        more["accused"] = [b]
    claimant = by if "{by}" in way else {"name": "the article", "kind": "article"}
    others = Others()
    evidence = text.add(sentence + text.aside(others, speaking="claimed_on" not in more))
    text.claim("ceasefire", claimant, evidence, others, **more)


def _resolution(text: Text) -> None:
    chance = text.chance
    organ, organ_name, symbol = chance.choice(RESOLUTIONS)
    printed, day = text.day()
    symbol = symbol.format(number=chance.randrange(100, 999), year=day[:4])
    demand = chance.choice(DEMANDS)
    sentence = chance.choice(DECIDED).format(organ=organ_name, symbol=symbol, on=printed, demand=demand)
    others = Others()
    text.claim(
        "resolution",
        {"name": "the article", "kind": "article"},
        text.add(sentence + text.aside(others)),
        others,
        organ=organ,
        organ_name=organ_name,
        symbols=[symbol],
        adopted_on=day,
        demand=demand,
    )


def _quote(text: Text) -> None:
    chance = text.chance
    by, cue, words = text.party(), chance.choice(CUES), chance.choice(SPOKEN)
    opened, closed = chance.choice(MARKS)
    mode = chance.choice(("direct", "split", "mixed", "indirect", "apart"))
    if mode == "direct":
        evidence = text.add(f"{opened}{words},{closed} {by['name']} {cue}")
        text.claim("quote", by, evidence, mode="direct", text=f"{words},", quoted=[f"{words},"], cue=cue)
        return
    cut = len(words.split()) // 2
    first, last = " ".join(words.split(" ")[:cut]), " ".join(words.split(" ")[cut:])
    if mode == "split":
        evidence = text.add(f"{opened}{first},{closed} {by['name']} {cue}, {opened}{last}{closed}")
        fragments = [f"{first},", last]
        text.claim("quote", by, evidence, mode="direct", text=" ".join(fragments), quoted=fragments, cue=cue)
    elif mode == "mixed":
        evidence = text.add(f"{by['name']} {cue} that {first} {opened}{last}{closed}")
        said = f"{first} {opened}{last}{closed}"
        # The sender's marks are as often plain ones.
        said = said if chance.random() < 0.5 else f'{first} "{last}"'
        if opened in "'‘":
            said = f"{first} {opened}{last}{closed}"
        text.claim("quote", by, evidence, mode="mixed", text=said, quoted=[last], cue=cue)
    elif mode == "indirect":
        evidence = text.add(f"{by['name']} {cue} that {words}")
        text.claim("quote", by, evidence, mode="indirect", text=words, cue=cue)
    else:
        evidence = text.add(
            f"{by['name']} {cue} that {first}, as all could hear, {last}", f"{by['name']} {cue} that {first}", last
        )
        text.claim("quote", by, evidence, mode="indirect", text=f"{first} […] {last}", cue=cue)


_SENTENCES = (
    _casualties,
    _casualties,
    _casualties,
    _two_harms,
    _withheld,
    _ceasefire,
    _ceasefire,
    _resolution,
    _quote,
    _quote,
)


def texts(how_many: int, seed: int = 1) -> list[Text]:
    """Return articles of about six sentences, each of which supports a claim."""
    chance = random.Random(seed)
    written = []
    for number in range(how_many):
        text = Text(f"generated-{number:03}", chance)
        for _ in range(6):
            chance.choice(_SENTENCES)(text)
        written.append(text)
    return written


def casualty_reports(articles_count: int, seed: int = 1) -> Iterator[Record]:
    """Yield articles with texts, each followed by the six casualty reports that its sentences support."""
    chance = random.Random(seed)
    for number in range(articles_count):
        text = Text(f"article-{number:06}", chance)
        for _ in range(6):
            _casualties(text)
        yield {
            "type": "article",
            "id": text.id,
            "headline": f"Invented news of {chance.choice(COUNTRIES)}, number {number}",
            "publisher": "The Random Post",
            "url": f"https://news.example/2031/{number}",
            "published_on": (CALENDAR_START + timedelta(chance.randrange(300))).isoformat(),
            "conflict": f"conflict-{chance.randrange(20)}",
            "text": text.words,
        }
        yield from text.claims
