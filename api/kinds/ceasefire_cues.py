"""The English words that state the status of a ceasefire."""

from __future__ import annotations

from api.grounding.cue_patterns import Cue, CueField, KindCues, any_of, not_after, words
from api.grounding.regex import regex

# Names of a ceasefire.
_TRUCE = (
    r"(cease-?fires?|truces?|armistices?|accords?|agreements?|deals?|pacts?|treat(y|ies)|pauses?|lulls?|halts?|"
    r"cessations?|moratori(um|ums|a)|standstills?|calm|de-?escalation|silence|quiet|standdown|stand-down|windows?|"
    r"stoppages?|respites?|armistice|corridors?|arrangements?|protocols?|understandings?|road ?map|peace|hostilities)\b"
)
_REFERENCE = rf"\b({_TRUCE}|it\b|which\b|guns\b|both sides\b|each other\b|either side\b|neither side\b|its terms\b)"
_FIGHTING = (
    r"(fighting|clash\w*|shell\w*|shot\w*|shoot\w*|fir(e|ed|ing)|gunfire|strikes?|struck|air ?strikes?|bomb\w*|"
    r"attack\w*|rockets?|artillery|explosions?|blasts?|killed|raid\w*|skirmish\w*|hostilities|battles?|combat|mortars?|"
    r"drones?|sniper\w*|offensive|operations?|assaults?|incursions?|war|hit|fought|pounded|advanc\w+|bombard\w*|guns)"
)
_SUBSIDED = (
    rf"{_FIGHTING} ~ (subsid|died down|abat|eased|ceased|stopped|quieten|petered out|dwindled|fallen silent|ebbed)\w*"
)
_STOPPED = "(paus|suspend|halt|ceas|stopp|stop|froze|frozen|broke off|called off|quit|stood down|laid down|held)"
_ACTIONS = (
    r"(operations?|strikes?|air ?strikes?|attacks?|shooting|firing|fire|fighting|hostilities|shelling|bombing|"
    r"bombardments?|offensives?|raids?|combat|assaults?|campaigns?|sorties|rocket fire|flights|arms|weapons)"
)
_WHILE_TRUCE = (
    rf"(despite|during|although|though|even as|even though|since|after|hours (after|into)|days (after|into)|"
    rf"minutes (after|into)|amid|in spite of|notwithstanding|while|under|in violation|in defiance|in the middle of|"
    rf"within (\S+ )?(hours|days|minutes) of|barely|in the (first|second|third) \w+ of|on the \w+ day of|"
    rf"as)\b[^.;]{{0,80}}?\b{_TRUCE}"
)
_BEING = any_of("is, are, was, were, been, being, now, remains?, remained, still, stay(s|ed), came, come, comes")
_THEIR = any_of(
    "their, its, his, all, the, most, combat, air, military, offensive, battlefield, ground, any, for, down"
)
_BREAKING_ELSE = any_of("out, down, off, apart, up, through, away, the (silence|deadlock|impasse|news|siege)")
_BACK = any_of("went, going, gone, back, return(ed|ing)?, plunged, slid, descended, relaps\\w+")
_WAR = r"(all-out |open |full-scale )?(war|fighting|hostilities|battle|conflict)"
_HOSTILITY = any_of("attack, fighting, operation, strike, hostilit, combat, offensive, shelling, bombing, war, fire")
_MORE_TIME = r"(another|further|more|extra|additional) (\S+ )?(hours?|days?|weeks?|months?|years?|night)"
# "Talks collapsed" and "negotiations were extended" do not describe a truce.
_TALKS = ", ".join(
    f"{noun}{verb}"
    for noun in ("talks", "negotiations", "dialogue", "discussions", "consultations", "conference", "summit", "meeting")
    for verb in ("", " had", " have", " has", " were", " was", " again", " later", " then", " also", " had been")
)
_OF_TALKS = (
    r"\w* of (\S+ )?(\S+ )?(talks|negotiations|dialogue|discussions|consultations|government|coalition|buildings?|"
    r"bridges?|regime)"
)
# "Declared that there would be no ceasefire".
_NO_TRUCE = (
    r"\w* (that )?((it|they|he|she|we|there|(its|their|his|her|the) \w+) )?(((would|will|could|can|was|is) )?(be )?no "
    r"(\S+ )?(\S+ )?(cease-?fires?|truces?|armistices?|cessations? of hostilities|pauses? in|halts? (in|to))"
    r"(?! (violation|breach|line|monitor))|(would|will|did|could|does|do) not "
    r"(\S+ )?(observ|declar|honou?r|agree|sign|join|accept|offer|grant|announc|reciprocat|extend|renew)\w*)"
)
# "Held until 4 May, when the rebels broke it".
_LASTED_UNTIL = regex(
    r"\b(?:lasted|held|endured|survived) (?:(?!and\b|but\b|which\b|that\b)\S+ ){0,5}?(?:until|till|before)\b"
    r"[^.;]{1,80}?\b(?:broke|violated|collapsed|resum|attacked|withdrew|ended it|the end of|abandoned|pulled out|"
    r"walked|tore|cancelled|scrapped)"
)
_DENIED = (
    r"(?:(?:would|will|did|could|does|do|has|have|had|is|was|were|are)(?: not|n't)|never|refus\w* to|declin\w* to|"
    r"without|yet to|unwilling to|reluctant to|not ready to|not yet)"
)
_REJECTING = regex(
    rf"\b(?:{_DENIED} (?:(?:yet|been|ever|be|formally|itself|themselves|to|also|a|the|any) ){{0,2}}(?:"
    r"sign(?:ed|ing|s)?|accept\w*|agree\w*|join\w*|ratif\w+|endors\w+|commit\w*|recogni[sz]\w+|declar\w+|bound|"
    r"party|parties|signator\w+|included|invited|part of|consulted|involved|represented|attend\w*|take part|taken part|"
    r"respond\w*|reciprocat\w*|observ(?:e|ed|ing)|covered|abide)|received no|not (?:a )?(?:party|signatory)|"
    r"stayed away|boycotted|absent from|walked out|excluded from|left out of|reject(?:s|ed)|spurned|rebuffed|"
    r"denied (?:agreeing|having|that it had|any)|knew nothing of|unaware of|distanced itself|oppos(?:es|ed))\b"
)
_CONSENTING = regex(
    r"\b(?:sign|agree|accept|declar|announc|proclaim|commit|ratif|endors|initial|ink(?:ed|s)|approv|order|offer|reach|"
    r"struck|strike|conclud|seal|clinch|observ|honou?r|unveil|join|adher|respect|reciproc)\w*"
)
_HELPING = regex(
    r"(?:broker|mediat|host|facilitat|sponsor|overs(?:ee|aw)|witness|guarant|supervis|monitor|chair|conven|"
    r"presid(?:ed|es|ing)|organi[sz]|arrang|act(?:s|ed|ing)? as (?:an? |the )?(?:mediator|broker|host|guarantor|"
    r"facilitator|witness|go-between)|help(?:s|ed|ing)? (?:to )?(?:broker|mediate|negotiate|arrange|secure|achieve|"
    r"reach|draft)|observed the sign|deploy)\w*"
)
_FORMS = {
    "unilateral": regex(
        rf"\b(?:(?:unilateral|one-sided) (?:\S+ ){{0,2}}{_TRUCE}|unilaterally (?:declar|announc|proclaim|order|halt|"
        r"ceas|paus|suspend|extend|observ|impos)|(?:declar|announc|proclaim)\w* (?:\S+ ){0,5}unilaterally)"
    ),
    "bilateral": regex(
        rf"\b(?:(?:bilateral|mutual|two-way|reciprocal) (?:\S+ ){{0,2}}{_TRUCE}|mutually|(?:both|the two|two warring) "
        r"(?:\S+ )?(?:sides|parties|governments|countries|armies) (?:(?:had|have|has|earlier|also|each|then|later|"
        r"finally) ){0,2}(?:agree|sign|announc|declar|commit|accept|proclaim))"
    ),
    "multilateral": regex(rf"\bmultilateral (?:\S+ ){{0,2}}{_TRUCE}"),
}

_STATUS = {
    "agreed": Cue(
        words(
            r"""
            agree., agrees., agreed., agreeing., accept, broker, negotiated., mediated., concluded., clinch, hammered
            out, shook hands, consent, ratif, done deal, (the|their|a) approval of, approv(ed|es) (of )?(the|a|an), put
            (pen|their (names?|signatures?)|his name|her name|its name|signature) to, initialled, initialed,
            endors(ed|es|ement), said yes to, gave (its|their|his|her)
            (approval|consent|blessing|assent|backing|agreement|nod|word), signed off on, signed up to, green light
            """,
            but=f"(agree|accept|consent){_NO_TRUCE}, agree(d|s|ing)? that talks, "
            "agree(d|s|ing)? to (meet|talk|discuss|negotiate), "
            "agree(d|s|ing)? to hold (talks|a), agree(d|s|ing)? to (resume|continue) (talks|negot)",
        ),
        words(
            r"""
            signs?., signed., signing., signator(y|ies) to., (?<!within\s)(?<!of\s)reach(es|ed|ing)?., struck.,
            strikes?., commit(s|ted|ting)?., approv(e|es|ed|al)., announc\w*., declar(e|es|ed|ing)., proclaim\w*.,
            order(ed|s)., decree\w*., offered., ink(ed)?., seal(ed|s|ing)?., obtain(ed|s|ing)?., secur(e|ed|es|ing).,
            forg(e|ed|es|ing)., wr[ui]ng ~ from, arrang(e|ed|es|ing)., thrashed out., worked out., brought about.,
            achiev(e|ed|es|ing)., cobbled together., gone along with, went along with, c[ao]me to terms, c[ao]me to an
            understanding, struck
            """,
            but="reach of, reached by (phone|telephone), announced the (end|collapse), "
            "declared ~ (over|dead|null|void|ended|finished), "
            "(made|declar\\w+) ~ (null|void), announced ~ ((?<!-)end(?!-)|ending|collapse|withdraw|suspen), "
            f"(announc|declar|proclaim|order|decree|sign){_NO_TRUCE}",
        ),
        words(
            r"(ceasefire|cease-fire|truce|peace) (deal|pact|agreement|accord|treaty), (deal|agreement|accord|"
            r"pact) (to|on|for) (halt|stop|end|cease|pause)"
        ),
    ),
    "in_effect": Cue(
        words(
            rf"""
            {_BEING} in (effect|force|place)., into effect, into force, became effective, becomes effective, takes?
            effect, took effect, taken effect, taking effect, in operation., {_STOPPED}\w* {_THEIR}? ?(\S+ )?{_ACTIONS},
            {_ACTIONS} ~ (stopped|ceased|halted|paused|suspended|fell silent|came to a (halt|stop|standstill))., guns ~
            (fell|fallen|went|gone|fall) (silent|quiet), silenced (their|its|the) guns, stopped
            (shooting|firing|fighting|shelling), holding (their|its) fire, stood down, stopped at
            (noon|midnight|dawn|dusk|\d\S*)
            """,
            but="stopped the truce, halted the truce, called off the truce",
        ),
        words(
            r"""
            takes? hold, took hold, taken hold, kicked in,
            (beg[aiu]n|begins|beginning|start(s|ed|ing)?|commenc\w*)(?! (?!on|at|in|to|as)\w+ing)., came into being,
            under way, underway, came in., came into, set in., got under way, in force, in effect, went live, is on.,
            was on., dawned, observed from, went into, in its \w+ day, enters? its, entered its, is now
            """,
            but="began (violat|break|breach|shell|fir|attack|to)",
        ),
    ),
    "held": Cue(
        words(
            rf"""
            intact, no ((new|major|serious|further|reported) )?(violation|breach|incident|shot|attack|shell),
            without ((a|any|major|serious|further|single) )?(incident|violation|breach|shot), adher,
            guns ~ (silent|quiet|still)., compliance, compl(y|ied|ies|ying) with, abid(e|ed|ing|es) by,
            not a (single )?shot, no (shooting|shelling|fighting|gunfire) ~ (report|heard|record|since),
            {_STOPPED}\w* {_THEIR} (\S+ )?{_ACTIONS}, quiet (returned|prevailed|descended),
            calm (has |had )?(prevail|return|reign|settl|descend), kept (to )?(the|its|their)
            """,
            but="compliance ~ (collaps|broke|end)",
        ),
        words(
            r"""
            (?<!talks\s)(?<!meeting\s)(?<!negotiations\s)(?<!were\s)(?<!being\s)held., holds., holding., hold.,
            respect(s|ed|ing)?., observ(e|es|ed|ing|ance)., surviv(ed|es|ing)., in place., hono?u?r(s|ed|ing)?.,
            kept., keeps?., keeping., obey(ed|s|ing)?., stuck to, sticks? to, sticking to,
            lasted(?! (only|less|barely|just|no)), lasting., weather(ed|s|ing)., endur(ed|es|ing)., upheld.,
            uphold(s|ing)?., prevail(ed|s|ing)?., intact., stayed in place, remain(s|ed) in (place|force),
            still in (place|force), stood firm, firm., living up to, lived up to, maintain(ed|s|ing)., sustained.,
            hold up., held up., persist(s|ed), faithful, passed peacefully, quietly, bore up
            """,
            but=(
                "held (talks|an?|hostage|prisoner|captive|responsible|its breath|meetings?|elections?)., "
                "stands? (accused|trial|by)"
            ),
        ),
        together=(words(_SUBSIDED), words(_TRUCE)),
    ),
    "extended": Cue(
        not_after(
            _TALKS,
            words(
                rf"""
            extend(ed|s|ing|)., extension, prolong, renewal., {_MORE_TIME} ~ {_TRUCE}, {_TRUCE} (\S+
            )?(by|given|gets?|got|granted|had|has|to|two|three|four|five|\d\S*) {_MORE_TIME}, will
            (run|last|remain|stay|continue) ~ (another|further|until), bought ~ {_MORE_TIME}, given ~ {_MORE_TIME}
            """,
                but=f"(extension|prolong|renewal){_OF_TALKS}, extend\\w* (condolences|aid|an invitation|help)",
            ),
        ),
        words(
            r"""
            renew(s|ed|ing)?., lengthen(ed|s)?., roll(ed|s|ing)? over., longer (run|life|lease)., stretched.,
            continuation of, added., tacked on., lease of life, carried over,
            push(ed|es) ~ (expiry|deadline|end) (back|to), pushed back, moved back
            """
        ),
    ),
    "violated": Cue(
        words(
            r"""
            violat, breach, infring, contraven, in defiance of, flout, transgress, crossed the line,
            not (been )?respected, not (been )?(observed|honou?red|kept)., paid no heed to, opened fire,
            (in|into) the ceasefire zone, ceasefire zone
            """,
            but="(shot|fired) the starting",
        ),
        words(
            r"""
            (broke|broken|break|breaks|breaking)(?! {_BREAKING_ELSE})., trampl\w*., disregard\w*., ignor\w*., defied.,
            defy., defying., accus\w*., blam\w*., despite., in spite of., marred., punctur\w+., undermin\w+.,
            made a mockery, mocked., overrun., overran., disrespect\w*., shot through, interrupted., cheat\w*.,
            failed to (respect|observe|honou?r)., ran roughshod, tested.
            """
        ),
        together=(words(_FIGHTING), regex(rf"\b{_WHILE_TRUCE}")),
    ),
    "collapsed": Cue(
        not_after(
            _TALKS,
            words(
                r"""
            collaps, unravel, shatter, crumbl, disintegrat, dead letter, in tatters, in ruins, in shreds, in pieces,
            went up in smoke, up in flames, br(eak|eaks|eaking|oke|oken) (down|apart|up), breakdown, f[ae]ll(en|s|ing)?
            (apart|through|to pieces), fell by the wayside, put paid to, only on paper, on paper only, not worth the
            paper, failed, failure of, fail to hold, fails to, not stop the, not (hold|held|last|survive|take hold),
            never (held|took hold|got off|really|came|materiali[sz]ed|had a chance|stood), short-lived, \w+n't
            (hold|last|survive), came apart, come apart, blown apart, blew apart, blown up, torpedo, sank., sunk.,
            buried the, killed (off )?the (truce|ceasefire|deal|agreement), {_BACK} (back )?(in)?to {_WAR},
            (full-scale|all-out|open) (war|fighting|hostilities) (resumed|returned|broke out|erupted)
            """,
                but="failed (to|state|states|coup|attempt|talks)(?! (hold|last|survive|stop|take))., "
                f"(collaps|breakdown|failure|unravel|disintegrat){_OF_TALKS}",
            ),
        ),
        words(
            r"""
            torn up, tore up, torn apart, torn down, dead., died., lasted (only|less|barely|just|no), doomed.,
            c[ao]me to nothing., lay in., fray(ed|s|ing)., wreck(ed|s|ing)., ruined., implod\w+., evaporat\w+.,
            dissolv\w+., falter\w*., founder\w*., derail\w*., went to pieces, scuttl\w*., destroy(ed|s)., undone.,
            undid., finished off., gave way, nothing (is )?left of, forgotten., meaningless., worthless.,
            empty (words|shell)., a sham., a fiction., in name only., as good as dead, demise of, demolished., burst.,
            melted away, wiped out, blew up, toppled, buried, nullified ~ by
            """
        ),
        together=(_LASTED_UNTIL, words(_TRUCE)),
    ),
    "ended": Cue(
        words(
            rf"""
            expir, laps(e|es|ed|ing)., terminat, called off, calls off, (end|ending) (of|to) ~ {_TRUCE},
            run its course, ran its course, refus\w* to (extend|renew|prolong), null and void,
            (declared|pronounced|considered|proclaimed) ~ (null|void|dead|over|ended|finished|at an end),
            (is|was|are|were|be|been|now|declared|{_TRUCE}) over(?! (the|an?|its|their|\d)).,
            no (agreement|deal|accord|decision|move|consensus) ~ to (extend|renew|prolong),
            not (be |been )?(renewed|extended|prolonged)., without (being )?(renew|an? extension|extension)\w*,
            deadline ~ (passed|expired|came and went|elapsed|ran out|lapsed|went by), walked away from, walked out of,
            tore up, torn up,
            no longer (in|bound|hono|observ|valid|recogni|feel|felt|consider|appl|respect|bind|exist|oblig|holds)\w*,
            no (\w+ )?(extension|renewal|prolongation), ripped up, went unrenewed, unrenewed,
            resum(ed|es|ing|ption) ~ {_HOSTILITY}, {_BACK} (back )?to {_WAR}, not bound by, released from, freed from,
            freed itself, came to an end, at an end, drew to a close, draws to a close
            """
        ),
        words(
            r"""
            over(?! (the|an?|its|their|how|which|\d))., ended., ends., ending., (?<!-)end(?!-)., ran out., runs out.,
            run out., cancel\w*., scrapp\w*., suspen(d|ds|ded|sion)., revok\w*., abandon\w*., withdr[ae]w\w*.,
            pull(s|ed) out., finish(ed|es)., is up., was up., renounc\w*., repudiat\w*., denounc(ed|es)
            the., quit., quits., dropped out., backed out., drew a line under., elapsed., rescind\w*., annul\w*.,
            lifted., wound up., time (is|was) up., not to (extend|renew)., dissolved., discard\w*., ditch\w*., broke
            off., declined to (extend|renew|prolong)., stopped observing., let ~ lapse., pulled the plug., closed.,
            passed without (renew|extension).
            """,
            but=(
                "end of the (war|world|day|week|month|year), "
                f"(end|ending|suspension|abandon|cancel|withdraw){_OF_TALKS}, "
                "suspended (air|military|combat|their|its|all|operations|strikes|offensive|battlefield)"
            ),
        ),
    ),
}
CEASEFIRE_CUES = KindCues(
    stated={
        "status": CueField(
            _STATUS,
            words(_REFERENCE.removeprefix(r"\b")),
            presupposing=dict.fromkeys(("held", "extended", "violated", "ended"), ("in_effect",)),
            by_consent=frozenset({"agreed"}),
            rejecting=_REJECTING,
            consenting=_CONSENTING,
            helping=_HELPING,
        )
    },
    exclusive={"form": _FORMS},
    counted=words(
        r"cease-?fires?, truces?, armistices?, accords?, agreements?, deals?, pacts?, pauses?, cessations?, lulls?, "
        r"halts?, treaties, treaty, respites?, stoppages?, windows?, corridors?, arrangements?, understandings?, "
        r"protocols?, moratori\w+, standstills?"
    ),
)
