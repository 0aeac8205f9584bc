"""The English words that bear out what a claim says of harm, population, subgroups, status and silence, as lists.

Commas separate them. A word is a beginning, so that "kill" is killed, kills and killing, unless it ends in ".". "~" is
up to five words between others, and "≈" such of which none denies. The rest is as in regular expressions.
"""

from __future__ import annotations

import re

NEGATIONS = "not|never|neither|nor|no|without|hardly|barely|cannot"

_SOME = r"(?:\S+ +){0,5}"
_SOME_THAT_DO_NOT_DENY = rf"(?:(?!(?:{NEGATIONS})\b|fail|refus|declin|reject|\w+n't\b)\S+ +){{0,5}}"


def _one_of(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split(",")]


def _expression(word: str) -> str:
    form = word.removesuffix(".") + (r"\b" if word.endswith(".") else "")
    return form.replace(" ", " +").replace("~ +", _SOME).replace("≈ +", _SOME_THAT_DO_NOT_DENY)


def _words(*lists: str, but: str = "") -> re.Pattern[str]:
    """Any of these words, but not where they begin one of those."""
    wanted = "|".join(_expression(word) for words in lists for word in _one_of(words))
    unwanted = "|".join(_expression(word) for word in _one_of(but))
    return re.compile((rf"(?!\b(?:{unwanted}))" if but else "") + rf"\b(?:{wanted})")


def _any(words: str) -> str:
    """One of several words, as a part of a longer one."""
    return f"({'|'.join(word.rstrip('.') for word in _one_of(words))})"


_TRUCE = r"(cease-?fires?|truces?|armistices?|accords?|agreements?|deals?|pacts?|treat(y|ies)|pauses?|lulls?|halts?)\b"
_NUMBER = r"(\d\S*|an?|one|two|three|four|five|six|seven|eight|nine|ten|dozens? of|several|some|many|more)"
_SOLDIERS = """
    soldier, troop, servicem, servicew, service member, service personnel, fighter, (?<!non-)combatant, militant,
    conscript, draftee, recruit, reservist, rebel, gunm[ae]n, insurgent, guerrilla, militia, paramilitar, mercenar,
    marine, sailor, seam[ae]n, airm[ae]n, pilot, infantry, paratroop, commando, sniper, gunner, cadet, legionnaire,
    warrior, jihadi, border guard, national guard, brigade, battalion, regiment, platoon, garrison, veteran
"""
_OFFICERS = "officer, commander, general, colonel, captain, lieutenant, sergeant, guard, enemy"
# They say who was hurt; and with a number before them, they are who was hurt.
_ON_DUTY = """
    doctor, surgeon, medic., medics., paramedic, nurse, journalist, reporter, cameram[ae]n, photographer, official,
    employee, worker, staff., volunteer, policem[ae]n, police
"""
_THEIR_SIDE = _any(f"{_SOLDIERS}, men, people, person, officers, life, lives, son, comrade")


def _so_many(words: str) -> str:
    return rf"{_NUMBER} (\S+ )?(\S+ )?{_any(words)}"


def _of_truces(words: str) -> str:
    """Words that count only near those for a ceasefire: talks are held, too, and wars begin."""
    return rf"({_TRUCE}|it|which|that|sides?|guns) ≈ {_any(words)}., {_any(words)} ~ ({_TRUCE}|it)."


CUES: dict[str, dict[str, re.Pattern[str]]] = {
    "harm": {
        "killed": _words(
            rf"""
            kill, die., dies., died., dying., dead., deadl, death, fatal, slain, slay, slaughter, perish, massacr,
            murder, assassinat, execute., executed., executing., execution., executions., lynch, behead, drown,
            suffocat, gunned down, martyr, corpse, body count, body bag, bodies (of|were|was|had|have|lay), the bodies,
            \d\S* bodies, human remains, remains of (a|\d\S*)., buried., burying., burial, funeral, toll., succumb,
            eliminat, neutrali[sz], liquidat, annihilat, wiped out, loss of life, lives ~ lost, no survivors,
            lost ~ {_THEIR_SIDE}, (claim|cost|took|tak)\w* ~ (life|lives)., fallen (soldier|fighter|comrade|hero),
            f[ae]ll(en)? in (the )?(battle|combat|action|fighting|war|line),
            {_THEIR_SIDE}\w* ((have|had|has) )?f[ae]ll(en)?(?! into).
            """,
            but="lost (contact|touch|sight|with)",
        ),
        "injured": _words(
            r"""
            injur, wound, hurt., maim, hospitali, burns., burn victim, (badly|severely) burn, concuss, shrapnel,
            lacerat, amputat, crippl, mutilat, blinded., critical condition, stretcher, treating., being treated,
            treat(ed|ing)? (for|in|at|\d\S*|some|about|dozens|hundreds|several|many)., admitted, in (a )?hospital,
            lost (an?|his|her|one|both|their) (leg|arm|eye|hand|limb|foot|feet|sight),
            (taken|brought|rush|sent|carried|flown|airlift)\w* ~ hospital
            """,
            but="wound up, wound down",
        ),
        "missing": _words(
            """
            missing., unaccounted, disappear, vanish, whereabouts, without (a )?trace, no trace, untraced,
            not (yet )?been (heard|found|seen|located), lost contact, contact ~ lost, nothing ~ heard,
            fate ~ (unknown|unclear|uncertain), unknown fate, (under|beneath) (the )?rubble, still searching
            """
        ),
        "captured": _words(
            r"""
            captur, prisoner, pows?., detain, detention, hostage, captiv, seized., seizing., abduct, kidnap, arrest,
            surrender, into (the )?(enemy|hands), custody, imprison, interned., internment, jailed., behind bars,
            round(ed|ing) up, (were|was|been|being|had|have|has) taken (away|into|alive|by|from).,
            g[ai]ven? themselves up, (laid|lay|laying) down (their|its|his) (arms|weapons)
            """
        ),
        "displaced": _words(
            r"""
            displac, fled., flee., flees., fleeing., refugee, refuge., on the move, evacuat, evacuee, homeless, uproot,
            exodus, expel, expuls, deport, idps?., asylum, resettl, relocat, sought safety, moved to safety, sheltering,
            (sought|seek|seeking|taken|took|take|taking|found|find|need|needing|needed) ~ shelter,
            (left|leave|leaving|abandon\w*|quit|lost) (their|his|her) (home|house|village|town|land|propert),
            (left|leave|leaving) the (region|area|country|city|town|village|valley|district|province|zone|island),
            arriv\w+ (in|at) ~ camps?., forced (from|out|away), forced to (leave|move|flee|abandon|seek),
            chased (from|out), (driven|drove|driving) ~ (from|out|away)., without (a )?(home|roof),
            (people|civilians|residents|families|villagers|women|\d\S*) ~ crossed (the border|into),
            (stream|pour)(ed|ing) (out|across|into|over)
            """
        ),
        "casualties": _words(
            rf"""
            casualt, losses., loss., lost ~ {_THEIR_SIDE}, lost (\d|some|about|at|more|as|up|dozen|hundred|thousand),
            victim, out of action, (kill|dead|died|slain)\w* (and|or|and/or|nor) (wounded|injured|hurt|maimed),
            (wounded|injured|hurt|maimed) (and|or|and/or|nor) (kill|dead|died|slain)
            """,
            but="lost (contact|touch|sight|with)",
        ),
    },
    "population": {
        "civilian": _words(
            """
            civilian, non-combatant, noncombatant, resident, villager, inhabitant, townspeople, townsfolk, citizen,
            nationals., locals., neighbou?rs?., bystander, passer-, passers-, child., children., kids?., baby, babies.,
            infant, toddler, teenager, schoolchild, schoolboy, schoolgirl, boys?., girls?., woman., women., mothers?.,
            fathers?., grandm, grandf, parents?., wife., wives., husband, daughter, family., families., household,
            elderly, pensioner, old m[ae]n, pupil, student, teacher, schoolteacher, farmer, shepherd, fisherm, miners?.,
            drivers?., merchants?., shopper, commuter, tourist, travell?er, passengers?., patients?., worshipper,
            pilgrim, priest, monk, imam., aid worker, protester
            """,
            _so_many(_ON_DUTY),
            but="children's hospital, passenger (train|plane|ship|boat|bus|ferry|terminal), merchant (ship|fleet|navy)",
        ),
        "combatant": _words(
            _SOLDIERS,
            _so_many(_OFFICERS),
            "militar, army., armies., armed., forces., navy., naval, air force, personnel, of war., in action., ranks.",
        ),
    },
    "status": {
        "agreed": _words(
            """
            agree, accept, broker, negotiat, mediat, concluded., clinch, hammered out, shook hands, consent, ratif,
            (ceasefire|cease-fire|truce|peace) (deal|pact|agreement|accord|treaty)
            """,
            _of_truces(
                r"""
                signs?, signed, signing, signature, reach(es|ed|ing)?, struck, strike, commit(s|ted)?, approv(e|es|ed),
                (announc|declar|proclaim|order|decree|offer)\w*
                """
            ),
        ),
        "in_effect": _words(
            """
            in effect, in force, into effect, into force, in place, became effective, takes? effect, took effect,
            taken effect, taking effect
            """,
            _of_truces(
                r"""
                takes? hold, took hold, taken hold, kicked in, beg[aiu]n, begins, beginning, start(s|ed|ing)?,
                commenc\w*, came into being, under way, underway
                """
            ),
        ),
        "held": _words(
            """
            intact, no ((new|major|serious) )?(violation|breach|incident), without (incident|violation), adher,
            guns ~ (silent|quiet|still)., compl(y|ied|iance), abid(e|ed|ing) by
            """,
            _of_truces(
                """
                held, holds, holding, hold, respect(s|ed|ing)?, observ(e|es|ed|ing), quiet, calm, survived, in place,
                honou?r(s|ed|ing)?, kept, keeps?, obeyed, stuck to, lasted(?! (only|less|barely|just|no)), lasting
                """
            ),
            but="held (talks|an?|hostage|prisoner|captive|responsible|by|in).",
        ),
        "extended": _words(
            "extend, extension, prolong",
            _of_truces(
                r"""
                renew(s|ed|al)?, (another|further) (day|week|month|\d+ (hours|days|weeks)), lengthened,
                roll(ed|s)? over, longer
                """
            ),
        ),
        "violated": _words(
            "violat, breach, infring",
            _of_truces(
                r"""
                (broke|broken|break|breaks|breaking)(?! (out|down|off|apart|up|through|away)), flout\w*, trampl\w*,
                disregard\w*, ignor\w*, defied, defy, accus\w*, blam\w*, despite, in spite of
                """
            ),
        ),
        "collapsed": _words(
            r"""
            collaps, fail, unravel, shatter, crumbl, disintegrat, dead letter, in tatters, in ruins, in shreds,
            br(eak|eaks|eaking|oke|oken) (down|apart|up), breakdown, f[ae]ll(en|s|ing)? (apart|through),
            not (hold|held|last|survive), never (held|took hold), short-lived, \w+n't (hold|last|survive)
            """,
            _of_truces("torn up, tore up, dead, lasted (only|less|barely|just|no), doomed, c[ao]me to nothing"),
        ),
        "ended": _words(
            rf"""
            expir, laps(e|es|ed|ing)., terminat, called off, end of ~ {_TRUCE},
            (is|was|are|were|be|been|now|declared|{_TRUCE}) over(?! (the|an?|its|their|\d)).
            """,
            _of_truces(
                r"""
                ended, ends, ending, end, ran out, runs out, run out, cancel\w*, scrapp\w*, suspen\w*, revok\w*,
                abandon\w*, withdr[ae]w\w*, pull(s|ed) out, finished, no longer (in|bound|honou?r|observ|valid)\w*
                """
            ),
        ),
    },
}

_CHILD_AGE = _any("two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen")
_NO_WAR = r"(?! (war|conflict|truce|ceasefire|siege|offensive|blockade|campaign|fighting|dispute))"
_GIRLS, _BOYS = "girls?., schoolgirl", "boys?., schoolboy"
_INFANTS = rf"infant., infants., baby., babies., newborn, new-born, \S+-(day|week|month)s?-old{_NO_WAR}"
_STAFF = _any(
    "worker, staff, personnel, employee, professional, volunteer, crew, team, colleague, responder, provider, driver"
)
_UN = r"(un|u\.n\.|united nations|unrwa|unicef|unhcr|unesco|undp|unfpa|ocha|wfp|world food programme|unifil|unmiss)"
# A verb between the two makes the agency the speaker: "the UN said 12 staff of the hospital".
_ADJECTIVE = r"((?!said|says?\b|saying|tell|told|report|count|confirm|put|\d)\S+ )?"
_OF_THE_UN = f"{_UN} {_ADJECTIVE}{_ADJECTIVE}"

CUES["subgroups"] = {
    "children": _words(
        rf"""
        child., children., kids?., minors., a minor., toddler, teenage, teens?., adolescent, youngster, juvenile,
        orphans?., pupils?., schoolchild, schoolkid, preschooler, underage, under-(18|fives?.), {_GIRLS}, {_BOYS},
        {_INFANTS}, ([1-9]|1[0-7]|{_CHILD_AGE})-year-old{_NO_WAR},
        (under|below|younger than) (the age of )?(18|eighteen|16|sixteen|15|fifteen|five|5).
        """,
        but="children's (hospital|fund), child's play",
    ),
    "infants": _words(_INFANTS, "(under|below) (the age of )?(one|1|two|2)."),
    "women": _words(
        """
        woman., women., womenfolk, females?., mothers?., wife., wives., grandmother, sisters?., lady., ladies.,
        pregnant., servicewom[ae]n, policewom[ae]n
        """,
        but="women's (hospital|rights|group|day)",
    ),
    "men": _words(
        "m[ae]n., menfolk, males?., fathers?., husband, grandfather, brothers?., servicem[ae]n, policem[ae]n"
    ),
    "girls": _words(_GIRLS, "female (child|minor|pupil|student|teen|infant)"),
    "boys": _words(_BOYS, "male (child|minor|pupil|student|teen|infant)"),
    "older_people": _words(
        r"""
        elderly, elders., older (people|person|adult|m[ae]n|wom[ae]n|resident|civilian|patient), pensioner,
        old (people|person|m[ae]n|wom[ae]n|folk), aged people, senior citizen, seniors., retiree, grandparent,
        grandmother, grandfather, septuagenarian, octogenarian, nonagenarian, (nursing|care) home, [6-9]\d-year-old,
        (over|above) the age of (60|65|70|sixty|seventy), (people|those|persons|adults|m[ae]n|women) over (60|65|70).
        """
    ),
    "people_with_disabilities": _words(
        r"""
        disabilit, disabled(?! (an?|the|its|their|several|two|three|four|\d)), handicapped, wheelchair,
        paraplegic, special needs, amputee, (visual|hearing|physical|mental|cognitive)\w* (\w+ )?impair,
        (blind|deaf) (m[ae]n|wom[ae]n|people|person|child|boy|girl|pupil|student|resident)
        """
    ),
    "journalists": _words(
        rf"""
        journalist, photojournalist, (?<!told\s)(?<!to\s)reporters?., correspondent, cameram[ae]n, camerawom[ae]n,
        camera (operator|crew), photographer, videographer, broadcasters?., newsm[ae]n, columnist, news anchor,
        (media|press|news) {_STAFF}, members of the (press|media)
        """,
        but="reporters without borders",
    ),
    "health_workers": _words(
        rf"""
        doctors?., physician, surgeon, medic., medics., paramedic, nurses?., nursing staff, midwi(fe|ves), pharmacist,
        dentist, ana?esthe, (healthcare|health-care|health care|health|medical|hospital|ambulance|clinic) {_STAFF},
        first aider, medical students?.
        """,
        but="doctors (without borders|of the world)",
    ),
    "aid_workers": _words(
        rf"""
        (aid|relief|humanitarian|charity|ngo|red cross|red crescent|world central kitchen) (\S+ )?{_STAFF},
        humanitarians., {_STAFF}\w* (of|from|for|with|at) ~ (aid|relief|charity|humanitarian|ngo|red (cross|crescent)).
        """
    ),
    "first_responders": _words(
        rf"""
        rescuers?., (rescue|emergency|civil defen[cs]e|civil protection|ambulance|fire) (service )?{_STAFF},
        firefighter, fire-fighter, fire fighter, firem[ae]n, first responder, paramedic, white helmet,
        {_STAFF}\w* (of|from|with) (the )?(\S+ )?(civil defen[cs]e|civil protection|emergency|fire|rescue).
        """
    ),
    "peacekeepers": _words(
        f"peacekeep, peace-keep, blue (helmet|beret), {_OF_THE_UN}(soldier|troop|force|contingent|observer)"
    ),
    "un_staff": _words(
        rf"""
        {_OF_THE_UN}({_STAFF}|official|humanitarian), {_STAFF}\w* (of|from|for|with|at) (the )?{_UN}(?!\w),
        {_UN} ~ (its|their) (own )?{_STAFF}
        """
    ),
    "teachers": _words(
        rf"""
        teacher, schoolteacher, educator, lecturer, professor, headmaster, headmistress,
        (school|education|university|teaching) {_STAFF}
        """
    ),
    "students": _words("student, pupils?., schoolchild, schoolkid, schoolboy, schoolgirl, undergraduate"),
    "detainees": _words(
        """
        detain, detention, prison, inmate, captive, captivity, hostage, custody, jail, imprison, internee, abductee,
        convicts?., pows?.
        """,
        but="prison (guard|officer|staff|warden)",
    ),
    "officers": _words(
        r"""
        officer, commander, colonel, lieutenant, brigadier, captains?., majors., generals., admiral,
        (a|an army|a retired|major|lieutenant) general(?!\w)(?! (staff|election|strike)), policem[ae]n, policewom[ae]n
        """
    ),
}

# What says of people who they are only where nothing plainer does: an army has men, and so has a village.
FAINT = {
    "civilian": _words(
        _ON_DUTY, "people., persons?., m[ae]n., local., individual, victim, refugee, evacuee, displaced"
    ),
    "combatant": _words(_OFFICERS, "(its|their|his|own) m[ae]n., volunteer, defender, crew., unit., units."),
}

_TELL = _any(
    """
    disclos, reveal, releas, publish, publici, report, provid, giv, gave, say, said, comment, confirm, detail, tell,
    told, acknowledg, share, admit, announc, specif, stat, issu, suppl, divulg, discuss, elaborat, break down,
    mak(e|ing) public, made public
    """
)
_WANTING = r"((yet|been|be|to|ever|so far|willing|able|prepared|want|wish|have|had|\w+ly) )*"
_FIGURE = "(figure|number|count|tally|toll|total|detail|information|data|word|comment|breakdown|estimate|statistic)s?"
NONDISCLOSURE = _words(
    rf"""
    (not|never|cannot|without|yet to|unwilling to|unable to|\w+n't) {_WANTING}{_TELL}, undisclosed, withh[eo]ld,
    (neither|nor) (\w+ )?(\w+ )?{_TELL}, (refus|declin)\w* to (\w+ )?{_TELL}, (refus|declin)\w* (any )?comment,
    no (\w+ )?(\w+ )?{_FIGURE}., (keeps?|kept|keeping) ~ (secret|to itself|quiet|hidden|dark), conceal, secrecy,
    {_FIGURE} ~ (unknown|unclear|secret|classified), {_FIGURE} ~ not (known|public), said nothing (about|of|on),
    (unknown|unspecified|secret|classified) (\w+ )?{_FIGURE}., (not|never|\w+n't) (mak|made)\w* ~ public,
    (not known|unclear|unknown) how, silen(t|ce) (on|about|over), (state|military) secret, stopped {_TELL},
    tight-lipped
    """
)
