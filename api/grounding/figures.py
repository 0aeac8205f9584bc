"""Numbers in evidence as figures: what they count, how they are qualified and which harm their clause ties them to."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from api.grounding import dates
from api.grounding.clauses import Sentence
from api.grounding.cue_patterns import CueField
from api.grounding.cues import Words
from api.grounding.numbers import StatedNumber, stated_numbers


def _any(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()))


# Nouns that a number measures. A number before one of them counts nobody.
_UNITS = _any(
    r"%|percent|percentage|pc|cent seconds? minutes? hours? days? weeks? months? years? decades? centur(y|ies) nights? "
    r"fortnights? mornings? weekends? km kms kilomet(er|re)s? miles? met(er|re)s? m cm mm yards? feet foot inch(es)? "
    r"tons? tonnes? kilograms? kilos? kg grams? lit(er|re)s? gallons? barrels? hectares? acres? degrees? megawatts? mw "
    r"volts? dollars? euros? pounds? rubles? roubles? yuan yen shekels? rupees? drams? hryvnias? liras? dinars? usd eur "
    r"times votes? abstentions? points? (a|p) am pm gmt utc o'clock o hrs cal(iber|ibre)? knots? storeys? stories floors? "
    r"square cubic nautical \w+-(hour|day|week|month|year|kilomet(er|re)|mile|met(er|re)|ton|minute)s? year-olds? "
    r"percentage-points? session(s)? seats? vote-majority gigawatts? bits? terms? rounds? sides"
)
# Things that a number counts instead of people.
_THINGS = _any(
    r"homes? houses? buildings? villages? towns? cit(y|ies) settlements? hospitals? schools? mosques? churches? shops? "
    r"tanks? vehicles? trucks? cars? buses? bus planes? aircraft jets? helicopters? drones? ships? boats? vessels? ferr(y|ies) "
    r"missiles? rockets? shells? bombs? mines? landmines? attacks? strikes? airstrikes? raids? clashes incidents? "
    r"explosions? blasts? violations? breaches countries provinces? districts? regions? camps? weapons? guns? rifles? "
    r"positions? posts? outposts? checkpoints? bridges? roads? companies sanctions? sentences? articles? ceasefires? "
    r"truces? flats? apartments? cattle cows? sheep goats? horses? animals? livestock tents? shelters? clinics? wells? "
    r"factor(y|ies) farms? fields? orchards? blocks? neighbo?urhoods? mortars? howitzers? cannons? launchers? batteries "
    r"battery warplanes? bombers? trains? trams? wagons? carriages? convoys? crates? boxes bags? sacks? rounds? cartridges? "
    r"magazines? sorties flights? operations? offensives? battles? fronts? sites? targets? facilit(y|ies) depots? "
    r"warehouses? bases? barracks bunkers? trenches tunnels? towers? pylons? transformers? substations? stations? plants? "
    r"turbines? lorr(y|ies) motorcycles? bicycles? tractors? ambulances? cranes? laws? resolutions? agreements? deals? "
    r"talks meetings? reports? statements? complaints? cases? documents? photographs? photos? images? videos? markets? "
    r"islands? hills? peaks? rivers? dams? ports? airports? airfields? runways? pipelines? wells refiner(y|ies) kindergartens? "
    r"universit(y|ies) colleges? dormitor(y|ies) hotels? restaurants? cafes? stores? supermarkets? malls? garages? hangars? "
    r"sirens? alerts? alarms? warnings? crossings? gates? lines? zones? areas? spots? locations? places? localities parishes "
    r"municipalities hamlets? states? nations? governments? parties faxes letters? calls? tweets? posts? messages "
    r"barrels gunboats? submarines? frigates? corvettes? speedboats? dinghies rafts? trawlers? tugs? airliners? gliders? "
    r"helmets? uniforms? rifles pistols? grenades? bullets? projectiles? munitions? warheads? interceptors? radars? antennas? "
    r"air generators? tankers? containers? parcels? pallets? loaves meals? rations? blankets? doses? beds? graves? hives? "
    r"icons? statues? monuments? paintings? books? computers? phones? cameras? windows? doors? roofs? walls? trees? vines?"
)
# Nouns for people. A thing before one of them is only their trade or place: "13 hospital staff", "13 truck drivers".
_PEOPLE = _any(
    r"people persons? m[ae]n wom[ae]n child(ren)? civilians? soldiers? troops? staff workers? drivers? crew crews? members? "
    r"personnel fighters? militants? officers? guards? residents? villagers? survivors? victims? passengers? patients? "
    r"doctors? nurses? teachers? students? pupils? medics? paramedics? journalists? reporters? engineers? owners? "
    r"commanders? fans? worshippers? mourners? goers? dead deaths? bodies casualties fatalities injuries wounded injured "
    r"killed hostages? prisoners? captives? detainees? refugees? families family households? others lives \w+m[ae]n \w+ers "
    r"employees? operators? guests? inhabitants? inmates? hands? attendants? victims? souls? relatives? conscripts? pilots?"
)
_NOT_PEOPLE_ER = _any(
    r"others helicopters launchers bunkers towers transformers trailers containers computers cutters bombers tankers "
    r"trawlers cruisers destroyers carriers numbers letters papers posters orders borders corners rivers shelters quarters "
    r"headquarters meters metres kilometers litres liters hangars powers layers boosters interceptors offers centers centres "
    r"rubbers shutters loudspeakers scooters freighters choppers"
)
# A noun phrase after a figure ends before one of these.
_PHRASE_END = _any(
    r"[^\w\s'-] was were is are has have had been being be did do does will would could may might can and or but who whom "
    r"which that when while after before since in at on by from to with near under over during for as into across along "
    r"around against among between inside outside died? killed wounded injured fled missing captured perished went said says "
    r"\w{3,}ing fell left lost took taken than if including however also still remain(s|ed)? vanished disappeared "
    r"drowned surrendered hurt dead maimed hospitali[sz]ed displaced detained arrested abducted kidnapped escaped returned "
    r"because until amid despite"
)
# What stands directly before a number that is a label and counts nothing: "Flight 13", "Resolution 2728".
_LABEL = re.compile(
    r"\b(?:flight|resolutions?|highway|motorway|interstate|route|article|paragraph|section|chapter|annex|protocol|page|"
    r"aged|ages?|ages? of|no\.?|nr\.?|number|checkpoint|boeing|airbus|world war|agenda item|psalm|penal colony)"
    r"(?: nos?\.?| numbers?)? ?#?$|\b(?!under|over|post|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[a-z]+-$"
)
# These are labels only as a part of a name: "Hill 303", "School 13", but not "at the school 13 died".
_NAMED_LABEL = re.compile(
    r"\b(?:Road|Gate|Channel|Room|Building|House|Block|School|Kindergarten|Hospital|Camp|Unit|Battalion|Brigade|Hill|"
    r"Height|Point|Sector|Ward|District|Line|Platform|Track|Train|Bus|Tram|Mark|Type|Model|Group|Area|Zone|Reactor|"
    r"Bridge|Post|Outpost|Position|Exit|Junction|Operation|Mine|Colony|Pier|Dock|Phase|Stage|Apartment|Radio|Fm|FM)"
    r"(?: No\.?)? $"
)
_CURRENCY = re.compile(r"(?:[$€£¥₽₴₪₹₺₩]|\b(?:usd|eur|gbp|us\$)) ?$")
_CLOCK = re.compile(
    r"\d{1,2}[:.h]\d{2}(?!\d)|\d{3,4} ?(?:hours|hrs|gmt|utc|local)|\d{1,2} ?(?:a\.?m|p\.?m)\b|\d{1,2} o'clock"
)
_YEAR = re.compile(r"1[89]\d\d|20\d\d")
_BEFORE_YEAR = re.compile(
    r"\b(?:in|since|of|by|until|till|during|from|before|after|early|late|mid|summer|winter|spring|autumn|fall|year|and|to)"
    r"[ -]*$|[(\[] *$|\b(?:january|february|march|april|may|june|july|august|september|october|november|december),? *$"
)
_BEFORE, _AFTER = 40, 60
_WORDED_MAX = 100

# How a text qualifies a figure, in words right before it and right after it.
_QUALIFIERS_BEFORE = {
    "at_least": r"at (?:the )?(?:very )?least|no fewer than|no less than|not fewer than|not less than|(?:a )?minimum(?: of)?|"
    r"upwards? of|as few as",
    "more_than": r"(?:well |far |slightly |just |much )?(?:more than|over|above|beyond)|in excess of|exceed(?:s|ed|ing)?|"
    r"surpass(?:es|ed|ing)?|topp(?:ed|ing)|tops|passed|passing|greater than|higher than|upwards? of|climbed past|past",
    "up_to": r"up to|as many as|as much as|at (?:the )?most|no more than|not more than|(?:a )?maximum(?: of)?|no higher than|"
    r"as high as|at the outside|not exceeding",
    "fewer_than": r"(?:slightly |just |far |well )?(?:fewer than|less than|under|below|short of|lower than)|nearly|almost|"
    r"not quite|close to|nearing|approaching",
    "about": r"about|around|roughly|approximately|approx\.?|circa|c\.|ca\.|some|nearly|almost|close to|near|nearing|an estimated|"
    r"estimated(?: at)?|estimates?(?: of)?|in the region of|in the order of|on the order of|something like|perhaps|"
    r"more or less|an approximate|approaching|just (?:over|under)|slightly (?:over|under|more than|fewer than)|not quite|"
    r"in the neighbou?rhood of|or so|give or take|a rough|virtually|well-nigh|a little (?:over|under|more than)|just about",
}
_QUALIFIERS_AFTER = {
    "at_least": r"or more|and counting|or above|at (?:the )?(?:very )?least|\+|plus\b|and rising|or over|minimum|as a minimum",
    "more_than": r"-plus\b|and more\b|plus\b|\+",
    "up_to": r"at (?:the )?most|or fewer|or less|at the outside|maximum|tops\b|or under|as a maximum",
    "about": r"or so|-?odd\b|or thereabouts|approximately|more or less|give or take|or around that|, an estimate|, roughly",
}
_BETWEEN_WORDS = r"(?: ?(?:the|a|an|another|its|their|his|deaths of|of|to|at|in) ?){0,2}"
_BEFORE_PATTERNS = {
    name: re.compile(rf"\b(?:{pattern}){_BETWEEN_WORDS} *$") for name, pattern in _QUALIFIERS_BEFORE.items()
}
_AFTER_PATTERNS = {
    name: re.compile(rf",? ?(?:\w+ ){{0,3}}?(?:{pattern})") for name, pattern in _QUALIFIERS_AFTER.items()
}
# What stands between the two numbers of one range.
_RANGE = re.compile(
    r" ?(?:\w+ ){0,2}?(?:-|to|and|or|up to|,? ?(?:and |or |but |to )?(?:perhaps |possibly |maybe )?(?:as many as|up to|as high as|"
    r"at most|no more than|not more than|fewer than|even)|,? (?:and |or )?(?:perhaps|possibly|maybe)) ?(?:some |about |around )?"
)


@dataclass(frozen=True)
class Figure:
    """A number of a text; `excluded` says what it states if it counts nobody, such as "a time"."""

    value: int
    start: int
    end: int
    excluded: str | None
    # The noun phrase after it, tokens with one space between them.
    phrase: str


class Figures:
    """The figures of evidence in English, with the words around them."""

    def __init__(self, words: Words, language: str, harms: CueField | None, counted: re.Pattern[str] | None):
        self._words = words
        self._language = language
        self._harms = harms
        self._counted = counted

    @cached_property
    def all(self) -> list[Figure]:
        text = self._words.text
        dated = [(stated.start, stated.end) for stated in dates.stated(self._words.capitals) if not stated.loose]
        starts = [start for start, _ in dated]
        figures = []
        for number in stated_numbers(text, self._language):
            at = bisect_right(starts, number.start) - 1
            figures.append(self._figure(number, at >= 0 and number.start < dated[at][1]))
        return figures

    @cached_property
    def counting(self) -> list[Figure]:
        return [figure for figure in self.all if figure.excluded is None]

    def _figure(self, number: StatedNumber, dated: bool) -> Figure:
        sentence = self._words.sentence(number.start)
        phrase = _phrase(sentence, number.end)
        excluded = "a date" if dated else self._excluded(number, phrase)
        return Figure(number.value, number.start, number.end, excluded, " ".join(phrase))

    def _excluded(self, number: StatedNumber, phrase: list[str]) -> str | None:
        text = self._words.text
        before, after = text[max(0, number.start - _BEFORE) : number.start], text[number.end : number.end + _AFTER]
        named = self._words.capitals[max(0, number.start - _BEFORE) : number.start]
        digits = text[number.start : number.end]
        if _CLOCK.match(text, number.start) or re.search(r"\d[:.h]$", before):
            return "a time of day"
        if _CURRENCY.search(before):
            return "an amount of money"
        if re.match(r"-?(?:year|month|week|day)s?-olds?\b|(?: \w+)? years? (?:old|of age)", after):
            return "an age"
        if _YEAR.fullmatch(digits) and (_BEFORE_YEAR.search(before) and not _is_of_people(phrase)):
            return "a year"
        if (digits[0].isdigit() or number.value > 1) and (_LABEL.search(before) or _NAMED_LABEL.search(named)):
            return "a label"
        return self._of_phrase(after, phrase)

    def _of_phrase(self, after: str, phrase: list[str]) -> str | None:
        if re.match(r" ?%|-?per ?cent\b|-(?:hour|day|week|month|year|kilomet|mile|met|ton|minute|strong\b)", after):
            return None if after.startswith("-strong") else "a measure"
        if self._counted is not None:
            return None if not phrase or not _excludes(phrase, self._counted) else "something else"
        return _thing(phrase)

    def tied_elsewhere(self, figure: Figure, harm: str) -> bool:
        """Return whether the clause of a figure ties it to another harm: of "23 killed and 45 injured", 23 injured."""
        harms = self._segment_harms.get(self._key(figure.start), [])
        if not harms or not any(name == harm for name, _, _ in harms):
            return bool(harms)
        if self._segment_figures[self._key(figure.start)] < 2 or len({name for name, _, _ in harms}) < 2:
            return False
        distances = [(_distance(figure, start, end), name) for name, start, end in harms]
        nearest = min(distance for distance, _ in distances)
        return all(name != harm for distance, name in distances if distance == nearest)

    def _key(self, offset: int) -> tuple[int, int]:
        sentence = self._words.sentence(offset)
        return sentence.start, sentence.segments[sentence.index(offset)]

    @cached_property
    def _segment_figures(self) -> Counter[tuple[int, int]]:
        return Counter(self._key(figure.start) for figure in self.counting)

    @cached_property
    def _segment_harms(self) -> Mapping[tuple[int, int], list[tuple[str, int, int]]]:
        """The cues of harm by the segment that they begin in; a part of a longer cue is none."""
        spans = []
        for name, cue in self._harms.values.items() if self._harms else ():
            spans += [(match.start(), match.end(), name) for match in cue.anywhere.finditer(self._words.text)]
        spans.sort(key=lambda span: (span[0], -span[1]))
        found: dict[tuple[int, int], list[tuple[str, int, int]]] = {}
        last = (-1, -1)
        for start, end, name in spans:
            if start >= last[0] and end <= last[1] and (start, end) != last:
                continue
            last = (start, end) if end > last[1] else last
            for key in {self._key(start), self._key(max(start, end - 1))}:
                found.setdefault(key, []).append((name, start, end))
        return found

    def qualifiers(self, figure: Figure) -> set[str]:
        """Return the qualifiers that the words around a figure express; `exact` if there are none."""
        text = self._words.text
        before = text[max(0, figure.start - _BEFORE) : figure.start]
        after = text[figure.end : figure.end + _AFTER]
        found = {name for name, pattern in _BEFORE_PATTERNS.items() if pattern.search(before)}
        found |= {name for name, pattern in _AFTER_PATTERNS.items() if pattern.match(after)}
        return found or {"exact"}

    def worded(self, wording: str) -> list[Figure]:
        """Return the places of a vague wording as figures, for their noun phrases: "several civilians"."""
        found = []
        at = self._words.text.find(wording)
        while at >= 0 and len(found) < _WORDED_MAX:
            end = at + len(wording)
            phrase = _phrase(self._words.sentence(at), end)
            found.append(Figure(0, at, end, None, " ".join(phrase)))
            at = self._words.text.find(wording, end)
        return found

    def in_one_range(self, low: int, high: int) -> bool:
        """Return whether one expression states both ends of a range: "13 to 20", "at least 13 and up to 20"."""
        counting = self.counting
        for position, figure in enumerate(counting[:-1]):
            following = counting[position + 1]
            between = self._words.text[figure.end : following.start]
            if (figure.value, following.value) == (low, high) and len(between) < _AFTER and _RANGE.fullmatch(between):
                return True
        return False


def _distance(figure: Figure, start: int, end: int) -> int:
    return max(start - figure.end, figure.start - end, 0)


def _phrase(sentence: Sentence, offset: int) -> list[str]:
    """The noun phrase after a figure: at most eight tokens, "of its" included."""
    tokens: list[str] = []
    at = sentence.index(offset)
    if sentence.starts[at] < offset:
        at += 1
    for token in sentence.tokens[at : at + 8]:
        if _PHRASE_END.fullmatch(token):
            break
        tokens.append(token)
    return tokens


def _is_of_people(phrase: list[str]) -> bool:
    return any(_names_people(token) for token in phrase)


def _names_people(token: str) -> bool:
    return bool(_PEOPLE.fullmatch(token)) and not _NOT_PEOPLE_ER.fullmatch(token)


def _thing(phrase: list[str]) -> str | None:
    """What a noun phrase names if that is no people: the first noun that is known decides, but for a trade or place."""
    for position, token in enumerate(phrase):
        if _names_people(token) or token == "of":
            return None
        if _UNITS.fullmatch(token):
            return "a measure"
        if _THINGS.fullmatch(token):
            return None if _is_of_people(phrase[position + 1 :]) else "something else"
    return None


def _excludes(phrase: list[str], counted: re.Pattern[str]) -> bool:
    if counted.search(" ".join(phrase)):
        return False
    return any(_UNITS.fullmatch(token) or _THINGS.fullmatch(token) or _names_people(token) for token in phrase)
