"""Country codes: the accepted codes, and suggestions for names and other codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pycountry

# ISO 3166-1 leaves XK and XKX to users. UCDP, the World Bank and HDX use XKX.
KOSOVO = "XKX"
CODE_LISTS = "ISO 3166-1 alpha-3, XKX for Kosovo, or a former state's alpha-3 code of ISO 3166-3"
_NAME_MAX = 100

# Common names that pycountry does not list, by code.
_COMMON_NAMES = {
    "ARE": ("UAE", "Emirates"),
    "BIH": ("Bosnia",),
    "BRN": ("Brunei",),
    "CIV": ("Ivory Coast",),
    "COD": ("DR Congo", "DRC", "Democratic Republic of Congo", "Congo-Kinshasa"),
    "COG": ("Republic of Congo", "Congo-Brazzaville"),
    "CPV": ("Cape Verde",),
    "DDR": ("East Germany", "GDR"),
    "DEU": ("West Germany",),
    "GBR": ("UK", "Britain", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "MAC": ("Macau",),
    "MKD": ("Macedonia",),
    "MMR": ("Burma",),
    "NLD": ("Holland",),
    "PSE": ("Palestinian Territories", "Palestinian Territory", "Gaza", "Gaza Strip", "West Bank"),
    "RHO": ("Rhodesia",),
    "RUS": ("Russia",),
    "SUN": ("Soviet Union", "Union of Soviet Socialist Republics"),
    "SWZ": ("Swaziland",),
    "TLS": ("East Timor",),
    "TUR": ("Turkey",),
    "USA": ("America",),
    "VAT": ("Vatican", "Vatican City"),
    "VDR": ("North Vietnam",),
    KOSOVO: ("Kosovo", "XK"),
    "YEM": ("North Yemen",),
    "YMD": ("South Yemen",),
}


@cache
def country_codes() -> frozenset[str]:
    """Return the alpha-3 codes of ISO 3166-1, of the former states of ISO 3166-3, and of Kosovo."""
    entries = (*pycountry.countries, *pycountry.historic_countries)
    return frozenset(entry.alpha_3 for entry in entries) | {KOSOVO}


def suggest_codes(text: str) -> list[str]:
    """Return the codes that a name, an alpha-2 code or a lower-case code can mean.

    >>> suggest_codes("Russia"), suggest_codes("am"), suggest_codes("arm"), suggest_codes("Congo")
    (['RUS'], ['ARM'], ['ARM'], ['COD', 'COG'])
    """
    if len(text) > _NAME_MAX:
        return []
    key = _key(text)
    return [key.upper()] if key.upper() in country_codes() else _codes_by_name().get(key, [])


@cache
def _codes_by_name() -> dict[str, list[str]]:
    """Return the codes by folded name and alpha-2 code. Common names precede current names, and these former names."""
    by_name: dict[str, list[str]] = {}
    common = ((name, code) for code, names in _COMMON_NAMES.items() for name in names)
    for names in (common, _listed_names(pycountry.countries), _listed_names(pycountry.historic_countries)):
        codes = defaultdict(set)
        for name, code in names:
            codes[_key(name)].add(code)
        by_name = {name: sorted(several) for name, several in codes.items()} | by_name
    return by_name


def _listed_names(entries: pycountry.ExistingCountries | pycountry.HistoricCountries) -> Iterator[tuple[str, str]]:
    """Yield each name and alpha-2 code of a pycountry list, with its alpha-3 code."""
    for entry in entries:
        for attribute in ("name", "common_name", "official_name", "alpha_2"):
            if name := getattr(entry, attribute, None):
                yield from ((variant, entry.alpha_3) for variant in _variants(name))


def _variants(name: str) -> Iterator[str]:
    """Yield a name, its short form, and its natural word order if ISO inverts it.

    >>> list(_variants("Korea, Republic of"))
    ['Korea, Republic of', 'Korea', 'Republic of Korea']
    """
    yield name
    short, _, rest = re.sub(r" \(.*\)", "", name).partition(", ")
    yield short
    yield f"{rest} {short}"


def _key(name: str) -> str:
    """Return a name without case, diacritics, dots, hyphens and leading article.

    >>> _key("the U.S. Virgin Islands"), _key("Côte d’Ivoire")
    ('us virgin islands', "cote d'ivoire")
    """
    words = pycountry.remove_accents(name).casefold().replace(".", "").replace("’", "'").replace("&", " and ")
    return " ".join(words.replace("-", " ").split()).removeprefix("the ")
