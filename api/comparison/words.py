"""Words: figures and what they count, as a person would say them."""

from __future__ import annotations

from api.comparison.cells import Told, listed
from api.comparison.reported import Document

_WHO = {"civilian": "civilians", "combatant": "combatants", "all": "everybody", "unspecified": "people"}
_WORDED = {
    "exact": "{}",
    "about": "about {}",
    "at_least": "at least {}",
    "more_than": "more than {}",
    "up_to": "up to {}",
    "fewer_than": "fewer than {}",
}


def figure(report: Document) -> str:
    """The figure of a casualty report.

    >>> figure({"qualifier": "up_to", "count": 5000})
    'up to 5,000'
    >>> figure({"qualifier": "range", "count": None, "low": 10, "high": 15})
    '10 to 15'
    """
    qualifier = report["qualifier"]
    if qualifier == "undisclosed":
        return "withheld"
    if qualifier == "range":
        return f"{report['low']:,} to {report['high']:,}"
    if qualifier == "vague":
        return str(report["wording"])
    return _WORDED[qualifier].format(f"{report['count']:,}")


def counted(told: Told) -> str:
    """What a cell counts: harm, who, whose and where."""
    cell = told.cell
    whose = f" of {listed([party['name'] for party in told.affected])}" if told.affected else ", not said whose"
    place = f", {told.place}" if told.place else ""
    return f"{cell.harm.capitalize()}: {_WHO.get(cell.population, cell.population)}{whose}{place}"
