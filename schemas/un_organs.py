"""Names of United Nations organs in texts."""

from __future__ import annotations

import re
import typing

# In English, French, Spanish, Russian and Arabic. The Russian patterns match every grammatical case.
_NAMES = {
    "un_security_council": (
        "security council",
        "unsc",
        "conseil de sécurité",
        "consejo de seguridad",
        "совет[а-я]* безопасности",
        "совбез[а-я]*",
        "مجلس الأمن(?: الدولي)?",
    ),
    "un_general_assembly": (
        "general assembly",
        "unga",
        "assemblée générale",
        "asamblea general",
        "генеральн[а-я]+ ассамбле[а-я]+",
        "генассамбле[а-я]+",
        "الجمعية العامة",
    ),
    "un_ecosoc": (
        "economic and social council",
        "ecosoc",
        "conseil économique et social",
        "consejo económico y social",
        "экономическ[а-я]+ и социальн[а-я]+ совет[а-я]*",
        "المجلس الاقتصادي والاجتماعي",
    ),
    "un_human_rights_council": (
        "human rights council",
        "unhrc",
        "conseil des droits de l'homme",
        "consejo de derechos humanos",
        "совет[а-я]* по правам человека",
        "مجلس حقوق الإنسان",
    ),
    "other": ("trusteeship council",),
}
# Names of the United Nations.
_NATIONS = (
    r"u\.?n\.?(?:o\.?)?|united nations(?: organi[sz]ation)?|onu|nations unies|naciones unidas|"
    r"оон|организаци[а-я]+ объедин[её]нных наций|(?:ل)?لأمم المتحدة|الأمم المتحدة"
)
_ARTICLE = r"(?:the |l'|le |la |el |de la |de l'|des |de las |of (?:the )?)?"
# Matches such as “the 15-member U.N. Security Council (UNSC)” or “Conseil de sécurité des Nations Unies”.
_NAMED = {
    organ: re.compile(
        rf"{_ARTICLE}(?:\w+-(?:member|nation) )?(?P<before>(?:{_NATIONS})(?:'s?)? )?(?:\w+-(?:member|nation) )?"
        rf"(?:{'|'.join(names)})(?P<after> {_ARTICLE}(?:{_NATIONS}))?(?: \(\w+\))?"
    )
    for organ, names in _NAMES.items()
}
# Abbreviations that only the United Nations uses.
_OWN = re.compile(r"\b(?:unsc|unga|ecosoc|unhrc|trusteeship)\b")


class Named(typing.NamedTuple):
    """An organ, and whether its name refers to the United Nations."""

    organ: str
    of_un: bool


def organ_named(name: str) -> Named | None:
    """Return the organ with this name.

    Return None if the name is not exactly the name of an organ: "the council", "the world body", "the Security
    Council's sanctions committee", "the General Assembly of the OAS".

    >>> organ_named("the 15-member U.N. Security Council"), organ_named("Assemblée générale")
    (Named(organ='un_security_council', of_un=True), Named(organ='un_general_assembly', of_un=False))
    >>> organ_named("the council"), organ_named("African Union Peace and Security Council")
    (None, None)
    """
    text = " ".join(name.casefold().replace("’", "'").split())
    for organ, named in _NAMED.items():
        if match := named.fullmatch(text):
            return Named(organ, bool(match["before"] or match["after"] or _OWN.search(text)))
    return None


class NamedAt(typing.NamedTuple):
    """An organ that a text names, and the position of its name."""

    organ: str
    start: int
    end: int


# In running text, names are capitalised. A word before can make it the name of another body.
_IN_TEXT = re.compile(
    r"\b(?:(?P<un_security_council>Security Council|UNSC)|(?P<un_general_assembly>General Assembly|UNGA)"
    r"|(?P<un_ecosoc>Economic and Social Council|ECOSOC)|(?P<un_human_rights_council>Human Rights Council|UNHRC))\b"
)
_OF_OTHERS = re.compile(
    r"(?:(?<!\bU\.N\.)(?<!\bUN)(?<!\bNations)['’]s?|(?<!Nations)s['’]|\b(?:National|Supreme|State|Federal|Homeland)"
    r"|\b(?:Peace|Political|Defen[cs]e) and|\b[A-Z]\w+(?:ian|ese|ish|aqi|eli|ani|emi)) $"
)


def organs_named(text: str) -> list[NamedAt]:
    """Return the organs of the United Nations that an English text names, in text order.

    >>> [named.organ for named in organs_named("The U.N. Security Council, and the AU's Peace and Security Council")]
    ['un_security_council']
    >>> organs_named("Armenia's Security Council and the National Security Council")
    []
    """
    return [
        NamedAt(match.lastgroup or "", match.start(), match.end())
        for match in _IN_TEXT.finditer(text)
        if not _OF_OTHERS.search(text[max(0, match.start() - 30) : match.start()])
    ]
