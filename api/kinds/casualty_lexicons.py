r"""The most frequent words of casualty reports in other languages: harms, people and counted things.

Commas separate prefixes of words. A whole word ends in `\b`.
"""

from __future__ import annotations

import re

from api.grounding.cue_patterns import Lexicon
from api.grounding.regex import regex

# The marks that begin a new clause in any language.
_MARKS = r"(?<!\d)[,.](?!\d)|[,.](?=\s|$)|[;:!?()\[\]،؛。，、；：…]|\s-+\s"


def _lexicon(
    *, starts: str = r"\b", borders: str, ends: str, things: str, civilian: str, combatant: str, **harms: str
) -> Lexicon:
    """Compile a lexicon from lists of prefixes of words. `starts` is the pattern before each word."""

    def compiled(listed: str) -> re.Pattern[str]:
        return regex(f"{starts}(?:{'|'.join(' '.join(item.split()) for item in listed.split(','))})")

    return Lexicon(
        {harm: compiled(listed) for harm, listed in harms.items()},
        {"civilian": compiled(civilian), "combatant": compiled(combatant)},
        compiled(things),
        regex(f"{_MARKS}|{borders}"),
        regex(ends),
    )


CASUALTY_LEXICONS: dict[str, Lexicon] = {
    "es": _lexicon(
        borders=r"\b(?:y|e|mientras|pero|ademas|además)\b",
        ends=r"\b(?:por|en|a|al|tras|contra|del|durante|segun|según|para|con)\b",
        things=r"""
            casas?\b, viviendas?\b, edificios?\b, veh[ií]culos?\b, aldeas?\b, pueblos?\b, tanques?\b, escuelas?\b,
            vacas?\b, reses\b, cabezas de ganado, d[ií]as?\b, horas?\b, a[ñn]os?\b, meses\b, semanas?\b,
            kil[oó]metros?\b, km\b, metros?\b, aviones\b, misiles\b, cohetes\b, por ciento, euros\b, d[oó]lares\b,
            hospitales\b, ataques\b
        """,
        killed=r"""
            muert, matar, mat[oó]\b, matan, matad, murier, muri[oó]\b, mueren, fallec, asesin, abatid, v[ií]ctimas
            mortales, ejecutad, perdieron la vida, perdi[oó] la vida, sin vida, masacr
        """,
        injured=r"herid, hiri, lesionad",
        missing=r"desaparecid",
        captured=r"captur, detenid, secuestrad, arrestad",
        displaced=r"desplazad, huyero, huy[oó]\b, evacuad",
        civilian=r"civil, niñ, nin[oa], menores, mujer, periodist, campesin, residente, habitante, aldean",
        combatant=r"""
            soldad, militar, combatient, guerriller, rebelde, milician, insurgent, uniformad, yihadist, paramilit,
            tropas
        """,
    ),
    "fr": _lexicon(
        borders=r"\b(?:et|tandis|mais|dont|alors|ainsi)\b",
        ends=r"\b(?:par|dans|a|à|au|en|contre|lors|apres|après|selon|pour|sur|avec)\b",
        things=r"""
            maisons?\b, b[aâ]timents?\b, v[eé]hicules?\b, villages?\b, villes?\b, chars?\b, [eé]coles?\b, vaches?\b,
            b[oœ]+e?ufs?\b, t[eê]tes de b[eé]tail, jours?\b, heures?\b, ans\b, ann[eé]es?\b, mois\b, semaines?\b,
            kilom[eè]tres?\b, km\b, m[eè]tres?\b, avions?\b, missiles?\b, roquettes?\b, pour cent, euros?\b, dollars?\b,
            h[oô]pitaux\b, attaques?\b, minutes?\b
        """,
        killed=r"""
            tu[eé](?:e?s?)\b, tuent, tuant, mort(?!ier), d[eé]c[eé]d, p[eé]ri\b, p[eé]ris\b, perdu la vie, perdent la
            vie, abattu, assassin, massacr, ex[eé]cut, sans vie
        """,
        injured=r"bless",
        missing=r"disparu",
        captured=r"captur, enlev[eé], arr[eê]t[eé], kidnapp",
        displaced=r"d[eé]plac, fui\b, [eé]vacu",
        civilian=r"civil, enfant, femme, habitant, villageois, journalist, [eé]tudiant, humanitaire",
        combatant=r"""
            soldat, militaire, combattant, rebelle, milicien, gendarme, d?jihadist, terrorist, insurg, casques bleus,
            paramilit
        """,
    ),
    "de": _lexicon(
        starts="",
        borders=r"\b(?:und|wahrend|während|sowie|aber|doch|davon|darunter)\b",
        ends=r"\b(?:durch|von|in|im|bei|an|am|auf|gegen|nach|aus|mit|vor)\b",
        things=r"""
            \bh[aä]user\b, \bgeb[aä]ude\b, \bfahrzeuge\b, \bd[oö]rfer\b, \bst[aä]dte\b, \bpanzer\b, \bschulen\b,
            \bk[uü]he\b, \brinder\b, \btage[n]?\b, \bstunden\b, \bjahren?\b, \bmonaten?\b, \bwochen\b, \bkilometern?\b,
            \bkm\b, \bmetern?\b, \bflugzeuge\b, \braketen\b, \bdrohnen\b, \bprozent\b, \beuro\b, \bdollar\b,
            \bkrankenh[aä]user\b, \bangriffe\b, \bminuten\b
        """,
        killed=r"""
            get[oö]tet, \btoten?\b, \btoter\b, todesopfer, \bstarb, gestorben, ums leben, umgekommen, erschossen,
            ermordet, t[oö]tet, leichen, hingerichtet, \bgefallen
        """,
        injured=r"verletz, verwund",
        missing=r"vermisst",
        captured=r"gefangen, verhaftet, festgenommen, entf[uü]hrt",
        displaced=r"vertrieben, geflohen, fl[uü]chtet, evakuiert",
        civilian=r"zivilist, zivilperson, \bkinder, \bfrauen, bewohner, einwohner, journalist",
        combatant=r"""
            soldat, k[aä]mpfer, rebell, milizion, aufst[aä]ndisch, terrorist, dschihadist, islamist, separatist
        """,
    ),
    "pt": _lexicon(
        borders=r"\b(?:e|enquanto|mas)\b",
        ends=r"\b(?:por|pelo|pela|pelos|pelas|em|no|na|nos|nas|a|ao|ap[oó]s|contra|durante|segundo|para|com)\b",
        things=r"""
            casas?\b, habita[cç][oõ]es\b, pal?hotas?\b, edif[ií]cios?\b, ve[ií]culos?\b, viaturas?\b, aldeias?\b,
            vilas?\b, tanques?\b, escolas?\b, vacas?\b, cabe[cç]as de gado, dias?\b, horas?\b, anos?\b, meses\b,
            semanas?\b, quil[oó]metros?\b, km\b, metros?\b, avi[oõ]es\b, m[ií]sseis\b, por cento, euros\b, d[oó]lares\b,
            hospitais\b, ataques\b, minutos\b
        """,
        killed=r"""
            mort[oae]s?\b, morrer, morreu, morrem, matou, matar, assassin, abatid, falec, perderam a vida, perdeu a
            vida, executad, v[ií]timas mortais, massacr, decapitad
        """,
        injured=r"ferid, feriu, ferir",
        missing=r"desaparecid",
        captured=r"captur, detid, raptad, sequestrad",
        displaced=r"deslocad, fugir, fugiu, retirad",
        civilian=r"civil, civis, crian[cç]a, mulher, morador, habitante, alde[aãoõ], jornalista, campon",
        combatant=r"soldad, militar, combatente, rebelde, insurgente, guerrilheir, terrorist, milician, fuzileir",
    ),
    "it": _lexicon(
        borders=r"\b(?:e|ed|mentre|ma)\b",
        ends=r"\b(?:da|dai|dalle|in|nel|nella|a|ad|al|dopo|contro|durante|secondo|per|con)\b",
        things=r"""
            case\b, abitazioni\b, edifici\b, veicoli\b, villaggi\b, carri\b, scuole\b, giorni\b, ore\b, anni\b, mesi\b,
            settimane\b, chilometri\b, km\b, metri\b, aerei\b, missili\b, per cento, euro\b, dollari\b, ospedali\b,
            attacchi\b, minuti\b
        """,
        killed=r"uccis, uccid, mort[ioe]\b, morir, ammazzat, assassin, deced, perso la vita",
        injured=r"ferit",
        missing=r"dispers[ioe]\b, scompars",
        captured=r"cattur, arrestat, rapit, sequestrat",
        displaced=r"sfollat, fuggit, evacuat",
        civilian=r"civil, bambin, donn, abitant, giornalist",
        combatant=r"soldat, militar, combattent, ribell, milizian, terrorist, jihadist",
    ),
    "ru": _lexicon(
        borders=r"\b(?:и|а|но|еще|ещё)\b",
        ends=r"\b(?:в|на|от|при|из|после|под|около|у|с)\b",
        things=r"""
            дом(?:а|ов)\b, здани, автомобил, машин[аы]?\b, танк(а|ов)?\b, школ[аы]?\b, сел[оа]?\b, деревень, деревни,
            населенн, населённ, коров, голов скота, д(?:ень|ня|ней)\b, час(?:а|ов)?\b, лет\b, год(?:а|ов)?\b, месяц,
            недел, километр, км\b, метр, самолет, самолёт, ракет[аы]?\b, беспилотник, дрон, процент, евро\b, доллар,
            больниц, атак, обстрел, минут
        """,
        killed=r"погиб, убит, убил, умер, скончал, гибел, ликвидир, уничтожен, казн",
        injured=r"ранен, ранил, пострада, травм, контуж",
        missing=r"пропал, без вести",
        captured=r"плен, задержан, похищен, арестован",
        displaced=r"перемещен, перемещён, бежал, эвакуир, покинул",
        civilian=r"мирн, гражданск, дет, ребен, ребён, женщин, жител, журналист",
        combatant=r"военнослуж, военн, солдат, боевик, боец, бойц, террорист, повстан, ополчен, мятежник",
    ),
    "uk": _lexicon(
        borders=r"\b(?:і|й|та|а|але|ще)\b",
        ends=r"\b(?:в|у|на|від|при|із|з|після|під|біля)\b",
        things=r"""
            будин, автомоб, машин[аи]?\b, танк(а|и|ів)?\b, шк[оі]л[аи]?\b, сіл\b, села\b, д(?:ень|ні|нів)\b, годин,
            рок(?:и|ів|у)\b, місяц, тиж, кілометр, км\b, метр, літак, ракет[аи]?\b, безпілотник, дрон, відсот, євро\b,
            долар, лікар(?:ень|ні), атак, обстріл, хвилин
        """,
        killed=r"загин, вбит, убит, помер, ліквідов, знищен",
        injured=r"поран, травм, постражд",
        missing=r"зник",
        captured=r"полон, затриман, викраден",
        displaced=r"переміщен, евакуйов",
        civilian=r"цивільн, мирн, дит, діт, жін, жител",
        combatant=r"військов, солдат, бойовик, боєць, бійц, терорист, повстан, окупант",
    ),
    "ar": _lexicon(
        starts="",
        borders=r"\s(?=و)|\bبينما\b|\bفيما\b",
        ends=r"\b(?:في|على|من قبل|خلال|بعد|قرب|جراء|إثر|اثر)\b",
        things=r"""
            \b(منزل|بيت|مبنى|مركب|يوم|شهر|أسبوع|كيلومتر|متر|صاروخ|دولار)ا?\b, \b(منازل|بيوت|مبان|سيارة|سيارات|مركبة)\b,
            \b(قرية|قرى|دبابة|دبابات|مدرسة|مدارس|أيام|ايام|ساعة|ساعات|سنة|سنوات|عام|عاما|أعوام|أشهر|أسابيع|كلم)\b,
            \b(طائرة|طائرات|صواريخ)\b, بالمئة, في المئة
        """,
        killed=r"قتل, قتيل, قتلى, مقتل, استشهد, شهيد, شهداء, مصرع, وفاة, توفي, أودى, اغتيل, إعدام",
        injured=r"أصيب, اصيب, إصابة, اصابة, مصاب, جرح, جريح, أصاب",
        missing=r"مفقود, فقدان",
        captured=r"أسروا, أسير, أسرى, اعتقل, اعتقال, احتجز, اختطف, خطف",
        displaced=r"نزح, نازح, نزوح, مشرد, تشريد",
        civilian=r"مدني, طفل, أطفال, اطفال, نساء, امرأة, سكان, صحفي",
        combatant=r"جندي, جنود, مسلح, عسكري, مقاتل, عناصر, ضابط, ضباط, إرهابي, متمرد",
    ),
    "zh": _lexicon(
        starts="",
        borders=r"并|以及|和|另|而",
        ends=r"在|被|因|于|從|从",
        things=r"^[多余餘]? ?(座|栋|棟|所学校|辆|輛|架|枚|艘|天|小时|小時|年|个月|個月|周|公里|米|元|次|头牛|户|戶)",
        killed=r"死, 丧生, 喪生, 遇难, 遇難, 身亡, 被杀, 被殺, 阵亡, 陣亡, 遇害, 击毙, 擊斃, 牺牲, 杀害, 伤亡, 傷亡",
        injured=r"伤, 傷",
        missing=r"失踪, 失蹤",
        captured=r"被俘, 俘虏, 俘虜, 被捕, 逮捕, 扣押, 绑架, 綁架",
        displaced=r"流离失所, 流離失所, 逃离, 逃離, 撤离, 撤離",
        civilian=r"平民, 儿童, 兒童, 妇女, 婦女, 居民, 村民, 百姓, 记者, 記者",
        combatant=r"士兵, 军人, 軍人, 武装, 武裝, 战士, 戰士, 叛军, 叛軍, 官兵, 恐怖分子, 民兵, 军警",
    ),
}
