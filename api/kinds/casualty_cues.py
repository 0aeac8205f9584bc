"""The English words that state harm, population, subgroups and non-disclosure in casualty reports."""

from __future__ import annotations

from api.grounding.cue_patterns import Cue, CueField, KindCues, PopulationField, any_of, words
from api.kinds.casualty_deeds import ALTERNATIVES, UNHARMED
from api.kinds.casualty_lexicons import CASUALTY_LEXICONS

_NUMBER = (
    r"(\d\S*|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(twen|thir|for|fif|six|seven|eigh|"
    r"nine)ty(-\w+)?|hundred|thousand|dozens? of|several|some|many|more)"
)
_SOLDIERS = """
    soldier, troop, servicem, servicew, service member, service personnel, fighter, (?<!non-)combatant, militant,
    conscript, draftee, recruit, reservist, rebel, gunm[ae]n, insurgent, guerrilla, militia, paramilitar, mercenar,
    marine, sailor, seam[ae]n, airm[ae]n, pilot, infantry, paratroop, commando, sniper, gunner, cadet, legionnaire,
    warrior, jihadi, border guard, national guard, brigade, battalion, regiment, platoon, garrison, veteran,
    assailant, attacker, peacekeeper, blue helmet, separatist, bandit, terrorist, extremist, islamist, operative,
    guardsm[ae]n, legionary, tank crew, artillerym[ae]n, gendarme, crewm[ae]n, rifleman, riflemen, sapper, grenadier,
    invader, intruder, raider, infiltrator, hijacker, suicide bomber, bomber., bombers., houthi, taliban, hezbollah,
    hamas, isis., wagner, volunteer fighter, deserter, partisan, foot soldier, drone operator, warlord, tribesm[ae]n,
    vigilante, squaddie, private., privates., corporal, warrant officer
"""
_OFFICERS = "officer, commander, general, colonel, captain, lieutenant, sergeant, guard, enemy"
# They are the harmed people if a number precedes them.
_ON_DUTY = """
    doctor, surgeon, medic., medics., paramedic, nurse, journalist, reporter, cameram[ae]n, photographer, official,
    employee, worker, staff., volunteer, policem[ae]n, police
"""
_CARE = any_of("hospital, clinic, infirmary, ward, aid station, medical, surgery, intensive care, emergency room")
_SEEKING = any_of("sought, seek, seeking, taken, took, take, taking, found, find, need, needing, needed, given, giving")
_HOME = any_of("home, house, village, town, land, propert, neighbo")
_LIVING = any_of("liv(e|es|ed|ing), sleep, sleeping, slept, camp(ed|ing)?, stay(ed|ing)?, housed, put up, spen(d|t)")
_CAMP = any_of(
    "tents?, camps?, schools?, shelters?, gyms?, churches, mosques, relatives, cars?, the open, outdoors, barns, "
    "makeshift, sports halls?, stations?"
)
_THEIR_SIDE = any_of(f"{_SOLDIERS}, men, people, person, officers, life, lives, son, comrade")


def _so_many(listed: str) -> str:
    return rf"{_NUMBER} (\S+ )?(\S+ )?{any_of(listed)}"


_HARM = {
    "killed": words(
        rf"""
        kill, die., dies., died., dying., dead., deadl, deaths?., fatal, slain, slay, slaughter, perish, massacr,
        murder, assassinat, execute., executed., executing., execution., executions., lynch, behead, drown, suffocat,
        gunned down, martyr, corpse, body count, body bag, bodies (of|were|was|had|have|lay), the bodies, \d\S* bodies,
        human remains, remains of (a|\d\S*)., buried., burying., burial, funeral, toll., succumb, eliminat,
        neutrali[sz], liquidat, annihilat, wiped out, loss of life, lives ~ lost, no survivors, lost ~ {_THEIR_SIDE},
        loss of ~ {_THEIR_SIDE}, losing ~ {_THEIR_SIDE}, los(es|e) ~ {_THEIR_SIDE}, {_THEIR_SIDE}\w* (were|was|are|had
        been|have been|has been|being) lost., (claim|cost|took|tak)\w* ~ (life|lives)., fallen
        (soldier|fighter|comrade|hero), f[ae]ll(en)? in (the )?(battle|combat|action|fighting|war|line),
        {_THEIR_SIDE}\w* ((have|had|has) )?f[ae]ll(en)?(?! into), (did|could|would|does|do) not survive, (did|could)n't
        survive, not (have )?survived, never (came|made it|returned|come) (home|back|out), coffin, casket, kia.,
        k\.i\.a, in action and (kill|died), (lives|life) ~ cut short, (lives|life) ~ (ended|taken), body was, remains ~
        (recovered|found|identified|exhumed), mass grave, shot dead, (laid|put) to
        rest, gave their lives, pronounced dead, bled to death, (morgue|mortuar), cut down, blown (up|apart), mown down,
        mowed down, burn(ed|t|ing) (alive|to death), incinerat, electrocut, crushed to death, widowed, orphaned, dropped
        dead, lifeless, not make it, didn't make it
        """,
        but="lost (contact|touch|sight|with), death (sentence|penalt|row|threat|squad|certificate), "
        "buried (their|his|her|the hatchet|its), burying (their|his|her|its), toll road, escaped death, "
        "(kill|killer) (switch|zone), deadline, deadlock, deadly weapon, dead (end|letter|zone), die down, died down, "
        "dying down, murder (trial|charge|suspect|case|weapon)",
    ),
    "injured": words(
        rf"""
        injur, wound, hurt., maim, hospitali, burns., burn victim, (badly|severely|seriously) burn, \d\S* (\S+
        )?((were|was|are) )?(badly |severely )?burn(ed|t)., concuss, shrapnel, lacerat, amputat, crippl, mutilat,
        blinded., critical condition, stretcher, treating., being treated, treat(ed|ing)?
        (for|in|at|\d\S*|some|about|dozens|hundreds|several|many)., admitted, in (a )?hospital, lost
        (an?|his|her|one|both|their) (leg|arm|eye|hand|limb|foot|feet|sight), bleeding., bled., smoke inhalation,
        inhal(ed|ing|ation), (taken|brought|rush|sent|carried|flown|airlift|evacuated|transferred|ferried|moved|went)\w*
        ~ {_CARE}, patched up, (fractur|broken bones|broken (leg|arm|rib)), in intensive care, on life support,
        ambulance(s)? ~ (took|carried| collected), (hit|struck) (by|with) (\S+ )?(\S+
        )?(bullet|shrapnel|gunfire|gunshot|pellet|splinter|buckshot|fragments), need(ed|s|ing)? (\w+
        )?(amputation|surgery|treatment|hospital|stitches|operation|transfusion), for (\w+ )?treatment, to hospital,
        medical treatment, underwent surgery, poison(ed|ing), gassed, scarred, disfigur, trauma, cuts and bruises,
        bruis, paralys, scald, suffered from, under medical care, sought medical, first aid, unconscious
        """,
        but="wound up, wound down, burned (down|out)",
    ),
    "missing": words(
        r"""
        missing., unaccounted, disappear, vanish, whereabouts, without (a )?trace, no trace, untraced,
        not (yet )?(been )?(heard|found|seen|located|traced|returned|recovered), lost contact, contact ~ lost,
        nothing ~ heard, fate ~ (unknown|unclear|uncertain|not (been )?known|open|mystery), unknown fate,
        still searching, mia., m\.i\.a, (under|beneath|in|amid|among) (the )?(rubble|ruins|debris|wreckage),
        never (seen|found|heard), search(ing|ed|es)? (is |was |are |goes on |continues |continued |under way )?for,
        being sought, are sought, feared (lost|trapped|missing|buried), failed to return, not come back,
        no word (from|of|on), no sign of, (still|remain\w*|lie|lay|trapped|buried|entombed) (under|beneath),
        lost at sea, adrift, cannot be (found|traced|reached|located), could not be (found|traced|reached|located),
        (has|have|had)n't been (seen|found|heard), last seen, yet to be (found|traced|located|recovered|accounted),
        looking for, unable to (find|trace|locate), swept away, no news of, lost track, awol, to be found
        """,
        but="no word on (casualt|loss|victim|injur), no word of (a|the) (ceasefire|truce|deal)",
    ),
    "captured": words(
        r"""
        captur, prisoner, pows?., detain, detention, hostage, captiv, seized., seizing., abduct, kidnap, arrest,
        surrender, into (the )?(enemy|hands), custody, imprison, interned., internment, jailed., behind bars,
        round(ed|ing) up, (were|was|been|being|had|have|has) taken (away|into|alive|by|from|in)., took \d\S* (alive|with
        them), g[ai]ven? themselves up, (laid|lay|laying) down (their|its|his) (arms|weapons), led (away|off), being
        held, held (in|by|at|incommunicado|captive|for).,
        (?<!talks\s)(?<!meeting\s)(?<!meetings\s)(?<!elections\s)(is|are|was|were|still|been) held., marched (off|away),
        snatched, internee, inmate, in cells, in a cell, locked up, carried off, dragged (off|away), in the hands of, in
        enemy hands, apprehend, caught alive, picked up by, is holding, are holding, was holding, were holding, holding
        \d\S*, hold \d\S*, holds \d\S*, prison camp, stripped of their weapons, handed themselves, threw down
        (their|its) (arms|weapons), swept up, hooded, handcuffed, taken at (gunpoint|checkpoint), took away, bundled
        into, pulled off (a|the) bus, fell into (the )?(enemy|hands), ransom
        """,
        but="prisoner (exchange|swap), held (talks|a meeting|an election|elections|responsible|its breath)",
    ),
    "displaced": words(
        rf"""
        displac, fled., flee., flees., fleeing., on the move, evacuat, evacuee, homeless, uproot, roofless, exodus,
        expel, expuls, deport, idps?., resettl, relocat, sought safety, moved to safety, sheltering, shelters?.,
        {_SEEKING} ~ (shelter|refuge|asylum|sanctuary|safety), refugee, refuge., asylum,
        (left|leave|leaving|abandon\w*|quit|lost|vacat\w+|depart\w*) (their|his|her) {_HOME}, (left|leave|leaving) the
        (region|area|country|city|town|village|valley|district|province|zone|island), arriv\w+ (in|at) ~
        (camps?|shelters?|border)., forced ~ (from|out|away)., forced to (leave|move|flee|abandon|seek), escap(ed|ing)
        (to|from|across|into|the|over|north|south|east|west), chased (from|out), (driven|drove|drives?|driving) ~
        (from|out|away)., without (a )?(home|roof), took to the (road|hill|boat|forest|street),
        (people|civilians|residents|families|villagers|women|\d\S*) ~ crossed (the border|into|over), cross(ed|ing)? the
        (border|frontier|river) (into|to), (stream|pour|flood|flow)(ed|ing) (out|across|into|over|through), {_LIVING} ~
        (in|at|with) ~ {_CAMP}, packed up, trek(ked|king), on foot (to|toward|across), move(d)? (in with|away|out).,
        cannot (return|go (home|back)), unable to return, not (been able|allowed) to return, returnee, sent away from
        their, made for the (border|hills|coast|capital), heading (for|to) (the
        )?(border|south|north|west|east|capital|coast), headed (for|to), queu\w+ at the border, burnt out of, bombed
        out, cleared out, emptied of
        """,
        but="shelter of, returned home, refugees? (return|went|go|came|come) (home|back)",
    ),
    "casualties": words(
        rf"""
        casualt, (?<!death\s)toll., losses., loss., lost ~ {_THEIR_SIDE},
        lost (\d|some|about|at|more|as|up|dozen|hundred|thousand), victim, out of action,
        (kill|dead|died|slain)\w* (and|or|and/or|nor) (wounded|injured|hurt|maimed),
        (wounded|injured|hurt|maimed) (and|or|and/or|nor) (kill|dead|died|slain), hors de combat, {ALTERNATIVES}
        """,
        but="lost (contact|touch|sight|with)",
    ),
}
_UNHARMED = words(
    r"""
    surviv(e|ed|es|ing|or)., unhurt, unharmed, unscathed, uninjured,
    (found|rescued|recovered|located|traced) ~ (alive|safe|unhurt|unharmed)., alive and well,
    safe and sound, saved ~ (lives|life)., (pulled|dug|brought|taken|dragged) ~ alive,
    missing (\w+ )?((has|have|had|were|was) )(been )?(found|rescued|located), (have|has|had) returned,
    (were|was|been) (freed|released|rescued|saved), (has|have|had) (freed|released), returned (home|safely),
    went home, came home, buried (their|his|her), buries (their|his|her), mourn(ed|ing|s)? (their|his|her|the),
    sentenced to death, condemned to death, death sentence, death penalt, on death row
    """
)
_POPULATION = {
    "civilian": words(
        """
        civilian, ordinary people, non-combatant, noncombatant, resident(?!ial), villager, inhabitant, townspeople,
        townsfolk, citizen, nationals., locals., neighbou?rs?., bystander, passer-, passers-, child., children., kids?.,
        baby, babies., infant, toddler, teenager, schoolchild, schoolboy, schoolgirl, boys?., girls?., woman., women.,
        mothers?., fathers?., grandm, grandf, parents?., wife., wives., husband, daughter, family., families.,
        household, elderly, pensioner, old m[ae]n, pupil, student, teacher, schoolteacher, farmer, shepherd, fisherm,
        miners?., drivers?., merchants?., shopper, commuter, tourist, travell?er, passengers?., patients?., worshipper,
        pilgrim, priest, monk, imam, aid worker, protester, protestor, mourner, migrant, herder, herdsm[ae]n, settler,
        firefighter, fire-fighter, firem[ae]n, nuns?., clergy, fans?., supporters?., spectator, pedestrian, cyclist,
        motorist, customer, diner., diners., guests?., trader, vendor, hawker, market-?goer, churchgoer, congregant,
        concertgoer, concert-goer, party-?goer, festival-?goer, wedding, reveller, revell?er, demonstrator, marcher,
        activist, campaigner, lawyer, judge, mayor, councillor, engineer(?! corps), technician, cook., cooks., cleaner,
        baker, barber, shopkeeper, stallholder, shop assistant, labou?rer, builder, mechanic, electrician, plumber,
        fruit picker, picker, harvester, beekeeper, goatherd, peasant, gardener, grower, hunter, woodcutter,
        railwaym[ae]n, dockers?., seasonal worker, humanitarian, rescuer, ambulance crew, midwife, midwives, pharmacist,
        vet., vets., journalist, photographer, correspondent, blogger, poet, singer, artist, musician, actor, athlete,
        footballer, scientist, professor, lecturer, librarian, scholar, academic, undergraduate, orphan, grandchild,
        cousins?., sisters?., brothers?., sons?., relatives., newlywed, bride, groom., churchm[ae]n, preacher, rabbi,
        cleric, missionar, seminarian, evacuee, refugee, asylum-?seeker, homeowner, housewife, housewives, tenant,
        holidaymaker, backpacker, hiker, bather, swimmer, skier, gold panner, prospector, scavenger, deliverym[ae]n,
        courier, postm[ae]n, postal worker, clerk, cashier, salesm[ae]n, businessm[ae]n, onlooker, foreigner,
        expatriate, displaced people, returnee, nomad, pastoralist, beachgoer, picnicker, moviegoer, cinema-?goer,
        theatre-?goer, goers., adolescents?., minors., youngster, newborn, widow, seniors., electoral, poll worker,
        census
        """,
        _so_many(_ON_DUTY),
        but=(
            "children's hospital, passenger (train|plane|ship|boat|bus|ferry|terminal), "
            "merchant (ship|fleet|navy), family home, wedding (hall|ring), student union, army engineer"
        ),
    ),
    "combatant": words(
        _SOLDIERS,
        _so_many(_OFFICERS),
        "militar, army., armies., armed., forces., navy., naval, air force, personnel, of war., in action., "
        "ranks., security force, squad members",
        but="generals? (assembly|election|strike)",
    ),
}
_CHILD_AGE = any_of("two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen")
_NO_WAR = r"(?! (war|conflict|truce|ceasefire|siege|offensive|blockade|campaign|fighting|dispute))"
_GIRLS, _BOYS = "girls?., schoolgirl", "boys?., schoolboy"
_INFANTS = rf"infant., infants., baby., babies., newborn, new-born, \S+-(day|week|month)s?-old{_NO_WAR}"
_STAFF = any_of(
    "worker, staff, personnel, employee, professional, volunteer, crew, team, colleague, responder, provider, driver"
)
_UN = r"(un|u\.n\.|united nations|unrwa|unicef|unhcr|unesco|undp|unfpa|ocha|wfp|world food programme|unifil|unmiss)"
# A verb between them makes the agency the speaker: "the UN said 12 staff of the hospital".
_ADJECTIVE = r"((?!said|says?\b|saying|tell|told|report|count|confirm|put|\d)\S+ )?"
_OF_THE_UN = f"{_UN} {_ADJECTIVE}{_ADJECTIVE}"

_SUBGROUPS = {
    "children": words(
        rf"""
        child., children., kids?., minors., a minor., toddler, teenage, teens?., adolescent, youngster, juvenile,
        orphans?., pupils?., schoolchild, schoolkid, preschooler, underage, under-(18|fives?.), {_GIRLS}, {_BOYS},
        {_INFANTS}, ([1-9]|1[0-7]|{_CHILD_AGE})-year-old{_NO_WAR},
        (under|below|younger than) (the age of )?(18|eighteen|16|sixteen|15|fifteen|five|5).
        """,
        but="children's (hospital|fund), child's play",
    ),
    "infants": words(_INFANTS, "(under|below) (the age of )?(one|1|two|2)."),
    "women": words(
        """
        woman., women., womenfolk, females?., mothers?., wife., wives., grandmother, sisters?., lady., ladies.,
        pregnant., servicewom[ae]n, policewom[ae]n
        """,
        but="women's (hospital|rights|group|day)",
    ),
    "men": words("m[ae]n., menfolk, males?., fathers?., husband, grandfather, brothers?., servicem[ae]n, policem[ae]n"),
    "girls": words(_GIRLS, "female (child|minor|pupil|student|teen|infant)"),
    "boys": words(_BOYS, "male (child|minor|pupil|student|teen|infant)"),
    "older_people": words(
        r"""
        elderly, elders., older (people|person|adult|m[ae]n|wom[ae]n|resident|civilian|patient), pensioner,
        old (people|person|m[ae]n|wom[ae]n|folk), aged people, senior citizen, seniors., retiree, grandparent,
        grandmother, grandfather, septuagenarian, octogenarian, nonagenarian, (nursing|care) home, [6-9]\d-year-old,
        (over|above) the age of (60|65|70|sixty|seventy), (people|those|persons|adults|m[ae]n|women) over (60|65|70).
        """
    ),
    "people_with_disabilities": words(
        r"""
        disabilit, disabled(?! (an?|the|its|their|several|two|three|four|\d)), handicapped, wheelchair, paraplegic,
        special needs, amputee, (visual|hearing|physical|mental|cognitive)\w* (\w+ )?impair,
        (blind|deaf) (m[ae]n|wom[ae]n|people|person|child|boy|girl|pupil|student|resident)
        """
    ),
    "journalists": words(
        rf"""
        journalist, photojournalist, (?<!told\s)(?<!to\s)reporters?., correspondent, cameram[ae]n, camerawom[ae]n,
        camera (operator|crew), photographer, videographer, broadcasters?., newsm[ae]n, columnist, news anchor,
        (media|press|news) {_STAFF}, members of the (press|media)
        """,
        but="reporters without borders",
    ),
    "health_workers": words(
        rf"""
        doctors?., physician, surgeon, medic., medics., paramedic, nurses?., nursing staff, midwi(fe|ves), pharmacist,
        dentist, ana?esthe, (healthcare|health-care|health care|health|medical|hospital|ambulance|clinic) {_STAFF},
        first aider, medical students?.
        """,
        but="doctors (without borders|of the world)",
    ),
    "aid_workers": words(
        rf"""
        (aid|relief|humanitarian|charity|ngo|red cross|red crescent|world central kitchen) (\S+ )?{_STAFF},
        humanitarians., {_STAFF}\w* (of|from|for|with|at) ~ (aid|relief|charity|humanitarian|ngo|red (cross|crescent)).
        """
    ),
    "first_responders": words(
        rf"""
        rescuers?., (rescue|emergency|civil defen[cs]e|civil protection|ambulance|fire) (service )?{_STAFF},
        firefighter, fire-fighter, fire fighter, firem[ae]n, first responder, paramedic, white helmet,
        {_STAFF}\w* (of|from|with) (the )?(\S+ )?(civil defen[cs]e|civil protection|emergency|fire|rescue).
        """
    ),
    "peacekeepers": words(
        f"peacekeep, peace-keep, blue (helmet|beret), {_OF_THE_UN}(soldier|troop|force|contingent|observer)"
    ),
    "un_staff": words(
        rf"""
        {_OF_THE_UN}({_STAFF}|official|humanitarian), {_STAFF}\w* (of|from|for|with|at) (the )?{_UN}(?!\w),
        {_UN} ~ (its|their) (own )?{_STAFF}
        """
    ),
    "teachers": words(
        rf"""
        teacher, schoolteacher, educator, lecturer, professor, headmaster, headmistress,
        (school|education|university|teaching) {_STAFF}
        """
    ),
    "students": words("student, pupils?., schoolchild, schoolkid, schoolboy, schoolgirl, undergraduate"),
    "detainees": words(
        """
        detain, detention, prison, inmate, captive, captivity, hostage, custody, jail, imprison, internee, abductee,
        convicts?., pows?.
        """,
        but="prison (guard|officer|staff|warden)",
    ),
    "officers": words(
        r"""
        officer, commander, colonel, lieutenant, brigadier, captains?., majors., generals., admiral,
        (a|an army|a retired|major|lieutenant) general(?!\w)(?! (staff|election|strike)), policem[ae]n, policewom[ae]n
        """
    ),
}

_FAINT = {
    "civilian": words(_ON_DUTY, "local."),
    "combatant": words(_OFFICERS, "(its|their|his|own) m[ae]n., volunteer, defender, crew., unit., units."),
}

_TELL = any_of(
    """
    disclos, reveal, releas, publish, publici, report, provid, giv, gave, say, said, comment, confirm, detail, tell,
    told, acknowledg, share, admit, announc, specif, stat, issu, suppl, divulg, discuss, elaborat, break down,
    mak(e|ing) public, made public
    """
)
_WANTING = r"((yet|been|be|to|ever|so far|willing|able|prepared|want|wish|have|had|\w+ly) )*"
_FIGURE = "(figure|number|count|tally|toll|total|detail|information|data|word|comment|breakdown|estimate|statistic)s?"
_LOSSES = r"(loss|casualt|toll|dead|deaths|wounded|injured|figure|number|count)\w*"
_NONDISCLOSURE = words(
    rf"""
    (not|never|cannot|without|yet to|unwilling to|unable to|\w+n't) {_WANTING}{_TELL}, undisclosed, withh[eo]ld,
    (neither|nor) (\w+ )?(\w+ )?{_TELL}, (refus|declin)\w* to (\w+ )?{_TELL}, (refus|declin)\w* (any )?comment, no (\w+
    )?(\w+ )?{_FIGURE}., (keeps?|kept|keeping) ~ (secret|to itself|quiet|hidden|dark), conceal, secrecy, {_FIGURE} ~
    (unknown|unclear|secret|classified), {_FIGURE} ~ not (known|public), said nothing (about|of|on),
    (unknown|unspecified|secret|classified) (\w+ )?{_FIGURE}., (not|never|\w+n't) (mak|made)\w* ~ public, (not
    known|unclear|unknown) how, silen(t|ce) (on|about|over), (state|military) secret, stopped {_TELL}, tight-lipped,
    {_LOSSES} ~ (classified|secret|unknown|unclear|undisclosed|confidential), {_LOSSES} ~ not (\w+ )?(known|clear),
    (toll|{_FIGURE}|number of \w+) could not (\w+ )?be (learn|establish|determin|confirm|verif|ascertain|obtain|known),
    (left|leav\w+) open, (dodg|evad|sidestepp|duck|avoid|brush)\w+ ~ (question|answer|issue|subject|quer), not
    (differentiate|distinguish|tell apart|separate|account), not immediately (\w+ )?(known|clear|available),
    (no|without) (immediate|official|confirmed|independent) {_FIGURE}, mum., lips sealed,
    unavailable, not available, off limits, anyone's guess, (blackout|gag order|censor)
    """
)

CASUALTY_CUES = KindCues(
    stated={
        "harm": CueField(
            {value: Cue(pattern) for value, pattern in _HARM.items()},
            contrary=_UNHARMED,
            unharmed=UNHARMED,
        )
    },
    population=PopulationField(_POPULATION, _FAINT, named=frozenset({"combatant"})),
    subgroups=_SUBGROUPS,
    nondisclosure=_NONDISCLOSURE,
    lexicons=CASUALTY_LEXICONS,
)
