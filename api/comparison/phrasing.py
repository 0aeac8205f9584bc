"""Phrasing: figures, periods and cells in plain English."""

from __future__ import annotations

from collections.abc import Callable

from api.comparison.cells import POPULATION_NAMES, CellLabel, join_names, people_of
from api.comparison.periods import Period
from schemas.casualty_report import Qualifier
from schemas.comparison import PeriodKind
from schemas.documents import CasualtyReportDocument


def figure(report: CasualtyReportDocument) -> str:
    """Return the figure of a casualty report in words.

    >>> figure({"qualifier": "up_to", "count": 5000})
    'up to 5,000'
    >>> figure({"qualifier": "range", "count": None, "low": 10, "high": 15})
    '10 to 15'
    """
    qualifier = report["qualifier"]
    if qualifier == Qualifier.UNDISCLOSED:
        return "withheld"
    if qualifier == "range":
        return f"{report['low']:,} to {report['high']:,}"
    if qualifier == Qualifier.VAGUE:
        return str(report["wording"])
    number = f"{report['count']:,}"
    return number if qualifier == "exact" else f"{qualifier.replace('_', ' ')} {number}"


def numbers(report: CasualtyReportDocument) -> list[int]:
    """Return the numbers of a figure that are set: its bounds and its count."""
    return [number for number in (report["low"], report["high"], report["count"]) if number is not None]


def phrase_period(period: Period) -> str:
    """Return the name of a period.

    >>> phrase_period(Period("since", "2023-10-07"))
    'since 2023-10-07'
    """
    if period.kind == PeriodKind.SINCE:
        return f"since {period.since}"
    return "in one day" if period.kind == PeriodKind.DAY else "no start date stated"


def phrase_cell(label: CellLabel, shorten: Callable[[str], str] = str) -> str:
    """Return a cell in words: harm, population, subgroups, parties and place. `shorten` can shorten names.

    Example: "Killed: women and children among civilians (Norland and Südmark), Quill".
    """
    cell = label.cell
    people = POPULATION_NAMES[cell.population]
    if cell.subgroups:
        among = "" if cell.population == "unspecified" else f" among {people}"
        people = f"{people_of(cell.subgroups)}{among}"
    parties = join_names([shorten(party["name"]) for party in label.affected]) if label.affected else "party not stated"
    place = f", {shorten(label.place)}" if label.place else ""
    return f"{cell.harm.capitalize()}: {people} ({parties}){place}"
