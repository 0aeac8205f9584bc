"""The nouns that a number in a text counts, measures or labels. English."""

from __future__ import annotations

import enum
from functools import lru_cache

from api.grounding.cue_patterns import one_token
from api.grounding.regex import regex

# Units of measurement. A number before one of them does not count people.
_UNITS = one_token(
    r"%|percent|percentage|pc|cent seconds? minutes? hours? days? weeks? months? years? decades? centur(y|ies) nights? "
    r"fortnights? mornings? weekends? km kms kilomet(er|re)s? miles? met(er|re)s? m cm mm yards? feet foot inch(es)? "
    r"tons? tonnes? kilograms? kilos? kg grams? lit(er|re)s? gallons? barrels? hectares? acres? degrees? megawatts? mw "
    r"volts? dollars? euros? pounds? rubles? roubles? yuan yen shekels? rupees? drams? hryvnias? liras? dinars? usd "
    r"eur times votes? abstentions? points? (a|p) am pm gmt utc o'clock o hrs cal(iber|ibre)? knots? storeys? stories "
    r"floors? square cubic nautical \w+-(hour|day|week|month|year|kilomet(er|re)|mile|met(er|re)|ton|minute)s? "
    r"year-olds? percentage-points? session(s)? seats? vote-majority gigawatts? bits? terms? rounds? sides"
)
# Things that a number counts instead of people.
_THINGS = one_token(
    "homes? houses? buildings? villages? towns? cit(y|ies) settlements? hospitals? schools? mosques? churches? shops? "
    "tanks? vehicles? trucks? cars? buses? bus planes? aircraft jets? helicopters? drones? ships? boats? vessels? "
    "ferr(y|ies) missiles? rockets? shells? bombs? mines? landmines? attacks? strikes? airstrikes? raids? clashes "
    "incidents? explosions? blasts? violations? breaches countries provinces? districts? regions? camps? weapons? "
    "guns? rifles? positions? posts? outposts? checkpoints? bridges? roads? companies sanctions? sentences? articles? "
    "ceasefires? truces? flats? apartments? cattle cows? sheep goats? horses? animals? livestock tents? shelters? "
    "clinics? wells? factor(y|ies) farms? fields? orchards? blocks? neighbo?urhoods? mortars? howitzers? cannons? "
    "launchers? batteries battery warplanes? bombers? trains? trams? wagons? carriages? convoys? crates? boxes bags? "
    "sacks? rounds? cartridges? magazines? sorties flights? operations? offensives? battles? fronts? sites? targets? "
    "facilit(y|ies) depots? warehouses? bases? barracks bunkers? trenches tunnels? towers? pylons? transformers? "
    "substations? stations? plants? turbines? lorr(y|ies) motorcycles? bicycles? tractors? ambulances? cranes? laws? "
    "resolutions? agreements? deals? talks meetings? reports? statements? complaints? documents? photographs? photos? "
    "images? videos? markets? islands? hills? peaks? rivers? dams? ports? airports? airfields? runways? pipelines? "
    "refiner(y|ies) kindergartens? universit(y|ies) colleges? dormitor(y|ies) hotels? restaurants? cafes? stores? "
    "supermarkets? malls? garages? hangars? sirens? alerts? alarms? warnings? crossings? gates? lines? zones? areas? "
    "spots? locations? places? localities parishes municipalities hamlets? states? nations? governments? parties faxes "
    "letters? calls? tweets? messages barrels gunboats? submarines? frigates? corvettes? speedboats? dinghies rafts? "
    "trawlers? tugs? airliners? gliders? uniforms? hilltops? ridges? strongholds? bastions? slopes? crossroads "
    "valleys? farmsteads? pistols? grenades? bullets? projectiles? munitions? warheads? interceptors? radars? "
    "antennas? air generators? tankers? containers? parcels? pallets? loaves meals? rations? blankets? doses? beds? "
    "graves? hives? icons? statues? monuments? pubs? bars? nightclubs? discos? clubs? cinemas? theat(er|re)s? temples? "
    "synagogues? shrines? cemeter(y|ies) librar(y|ies) museums? offices? banks? kiosks? stalls? huts? barns? silos? "
    "granar(y|ies) greenhouses? organi[sz]ations? agenc(y|ies) ngos? charities charity institutions? nets? fences? "
    "pigs? chickens? poultry buffalo(es)? camels? donkeys? mules? dogs? yaks? explosives? gunshots? salvos? fires? "
    "paintings? books? computers? phones? cameras? windows? doors? roofs? walls? trees? vines?"
)
# Nouns for people. A thing before one of them is their occupation or place: "13 hospital staff", "13 truck drivers".
_PEOPLE = one_token(
    r"people persons? m[ae]n boys? girls? child(ren)? civilians? soldiers? troops? staff workers? "
    r"drivers? crews? members? personnel fighters? militants? officers? guards? residents? villagers? "
    r"survivors? victims? passengers? patients? doctors? nurses? teachers? students? pupils? medics? paramedics? "
    r"journalists? reporters? engineers? owners? commanders? fans? worshippers? mourners? goers? dead deaths "
    r"bodies casualties fatalities injuries wounded injured killed hostages? prisoners? captives? detainees? "
    r"refugees? families family households? lives \w+m[ae]n \w+ers employees? operators? guests? "
    r"inhabitants? inmates? hands? attendants? souls? relatives? conscripts? pilots?"
)
_NOT_PEOPLE_ER = one_token(
    r"others helicopters launchers bunkers towers transformers trailers containers computers cutters bombers "
    r"tankers trawlers cruisers destroyers carriers numbers letters papers posters orders borders corners rivers "
    r"shelters quarters headquarters meters metres kilometers litres liters hangars powers layers boosters "
    r"interceptors offers centers centres rubbers shutters loudspeakers scooters freighters choppers"
)
# A verb, or a word that describes people: "13 outlawed fighters".
ATTRIBUTE = one_token(
    r"(?!(?:died|killed|wounded|injured|captured|perished|vanished|disappeared|drowned|surrendered|maimed|detained|arrested|abducted|kidnapped|escaped|returned|fled)$)\w{3,}ed"
)
# A noun phrase after a figure ends before one of these.
_PHRASE_END = one_token(
    r"[^\w\s'] was were is are has have had been being be did do does will would could may might can and or but who "
    r"whom which that when while after before since in at on by from to with near under over for as into across along "
    r"around against among between inside outside died? went said says \w{3,}ing fell left lost took taken than if "
    r"however also still remain(s|ed)? hurt dead because until amid despite found sought never came saw shot held "
    r"(?!(?:armed|unarmed|uniformed|united|masked|hooded|retired|elected|allied|aged|hundred|veiled|mechani[sz]ed|mounted|combined|unidentified|unnamed|suspected|alleged|foreign-backed|iran-backed|wanted|married|related|so-called)$)\w+ed"
)
# Words directly before a number that is a label: "Flight 13", "Resolution 2728".
LABEL = regex(
    r"\b(?:flight|resolutions?|highway|motorway|interstate|route|article|paragraph|section|chapter|annex|protocol|page|"
    r"aged|ages?|ages? of|no\.?|nr\.?|number|checkpoint|boeing|airbus|world war|agenda item|psalm|penal colony)"
    r"(?: nos?\.?| numbers?)? ?#?$|\b(?!under|over|post|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[a-z]+-$"
)
# These make a label only as a part of a name: "Hill 303", "School 13", but not "at the school 13 died".
NAMED_LABEL = regex(
    r"\b(?:Road|Gate|Channel|Room|Building|House|Block|School|Kindergarten|Hospital|Camp|Unit|Battalion|Brigade|Hill|"
    r"Height|Point|Sector|Ward|District|Line|Platform|Track|Train|Bus|Tram|Mark|Type|Model|Group|Area|Zone|Reactor|"
    r"Bridge|Post|Outpost|Position|Exit|Junction|Operation|Mine|Colony|Pier|Dock|Phase|Stage|Apartment|Radio|Fm|FM)"
    r"(?: No\.?)? $"
)
# "Of the 90 people", "three of the 90": a total of which only a part was harmed.
TOTAL = regex(
    r"(?:(?:^|[.,;:(\"…] ?)(?:out )?of|\b(?:none|half|most|some|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|\d+|several|many|few|majority|third|quarter|any|neither) (?:\w+ )?(?:out )?of)(?: the| its| "
    r"their| those| these| his| her| some| about| around| more than| over)? (?:\w+ )?$"
)


class Noun(enum.Enum):
    """The category of a word of a noun phrase."""

    PEOPLE = "people"
    MEASURE = "measure"
    THING = "thing"
    # The word is not a part of the phrase.
    END = "end"
    OTHER = "other"


# News uses the same few thousand words.
@lru_cache(maxsize=8192)
def classify(word: str) -> Noun:
    """Return the category of a word of a noun phrase.

    >>> [classify(word).value for word in ("soldiers", "helicopters", "km", "were", "mourners")]
    ['people', 'thing', 'measure', 'end', 'people']
    """
    if _PHRASE_END.fullmatch(word):
        return Noun.END
    if _PEOPLE.fullmatch(word) and not _NOT_PEOPLE_ER.fullmatch(word):
        return Noun.PEOPLE
    if _UNITS.fullmatch(word):
        return Noun.MEASURE
    return Noun.THING if _THINGS.fullmatch(word) else Noun.OTHER
