"""Casualty report: how many were killed, injured, missing …, in whose words and how exactly."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass

import marshmallow as ma

from schemas.claim import ClaimInput, claim_output, claim_patch, party_list
from schemas.fields import COUNT_MAX, OPTIONAL, Choice, Count, Edtf, Text, WordSet

HARMS = ("killed", "injured", "missing", "captured", "displaced", "casualties")
POPULATIONS = ("civilian", "combatant", "all", "unspecified")
SUBGROUPS = (
    "children",
    "infants",
    "women",
    "men",
    "girls",
    "boys",
    "older_people",
    "people_with_disabilities",
    "journalists",
    "health_workers",
    "aid_workers",
    "first_responders",
    "peacekeepers",
    "un_staff",
    "teachers",
    "students",
    "detainees",
    "officers",
)
QUALIFIERS = (
    "exact",
    "about",
    "at_least",
    "more_than",
    "up_to",
    "fewer_than",
    "range",
    "vague",
    "undisclosed",
)
WITHOUT_COUNT = frozenset({"range", "vague", "undisclosed"})

# The least that a vague word means, as ACLED codes it; adjacent words multiply.
_LEAST = {
    "couple": 2,
    "few": 3,
    "several": 3,
    "tens": 10,
    "dozen": 12,
    "dozens": 12,
    "score": 20,
    "scores": 20,
    "hundred": 100,
    "hundreds": 100,
    "thousand": 1000,
    "thousands": 1000,
    "million": 1_000_000,
    "millions": 1_000_000,
}
_VAGUE = re.compile(rf"\b({'|'.join(_LEAST)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Bounds:
    """The least and the most that a worded figure can mean, in persons; None is unbounded."""

    low: int | None
    high: int | None


def bounds(qualifier: str, count: int | None, wording: str | None) -> Bounds:
    """What a worded figure can mean; terms after UCDP's low and high estimates.

    >>> bounds("up_to", 5000, None)
    Bounds(low=None, high=5000)
    >>> bounds("vague", None, "dozens")
    Bounds(low=12, high=None)

    A range states its bounds itself and has none to derive.
    """
    if qualifier == "vague":
        return Bounds(least(wording or ""), None)
    if count is None:
        return Bounds(None, None)
    return {
        "exact": Bounds(count, count),
        "at_least": Bounds(count, None),
        "more_than": Bounds(count + 1, None),
        "up_to": Bounds(None, count),
        "fewer_than": Bounds(None, count - 1),
    }.get(qualifier, Bounds(None, None))


def least(wording: str) -> int | None:
    """The least number that vague words mean, or None where they tell none.

    >>> [least(words) for words in ("dozens", "tens of thousands", "hundreds, perhaps thousands", "heavy losses")]
    [12, 10000, 100, None]
    """
    found: list[int] = []
    end = None
    for match in _VAGUE.finditer(wording):
        word = _LEAST[match[1].lower()]
        # "tens of thousands" is one figure, "hundreds, perhaps thousands" are two.
        if end is not None and wording[end : match.start()].lower().strip() in ("", "of"):
            found[-1] = min(found[-1] * word, COUNT_MAX)
        else:
            found.append(word)
        end = match.end()
    return min(found, default=None)


class CasualtyReportInput(ClaimInput):
    """A figure of people harmed, or the refusal to give one, as the claimant words it."""

    harm = Choice(
        HARMS,
        required=True,
        extensible=True,
        metadata={"description": "What happened to them; `casualties` are killed and wounded not told apart."},
    )
    population = Choice(POPULATIONS, required=True, extensible=True, metadata={"description": "Who they were."})
    subgroups = WordSet(
        SUBGROUPS,
        extensible=True,
        load_default=list,
        metadata={
            "description": "The part of the population that the figure counts: people of any of these. "
            "“Women and children” is `women` and `children`. Empty means the whole population."
        },
    )
    affected = party_list("Whose people they were; empty where the article does not say.")
    count = Count(
        **OPTIONAL,
        metadata={
            "description": "The figure as worded; null exactly when it is a range, vague or undisclosed.",
            "hxl": "#affected",
            "hxl_with": ("harm", "subgroups"),
        },
    )
    qualifier = Choice(
        QUALIFIERS, required=True, extensible=True, metadata={"description": "How the figure is worded."}
    )
    wording = Text(100, **OPTIONAL, metadata={"description": "The words of the figure, required for vague: “dozens”."})
    low = Count(**OPTIONAL, metadata={"description": "The lower bound; given only with a range, otherwise derived."})
    high = Count(**OPTIONAL, metadata={"description": "The upper bound; given only with a range, otherwise derived."})
    since = Edtf(**OPTIONAL, metadata={"description": "The first day that the figure counts, EDTF."})
    as_of = Edtf(**OPTIONAL, metadata={"description": "The day that the figure stood at, EDTF."})
    place = Text(300, **OPTIONAL, metadata={"description": "Where it happened.", "hxl": "#loc+name"})

    @staticmethod
    def derived(data: Mapping[str, typing.Any]) -> tuple[str, ...]:
        return () if data["qualifier"] == "range" else ("low", "high")

    @ma.validates_schema
    def _figure(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        qualifier, count = data["qualifier"], data["count"]
        errors: dict[str, list[str]] = {}
        if qualifier in WITHOUT_COUNT and count is not None:
            way_out = {"range": "give low and high", "vague": "give wording", "undisclosed": "leave count out"}
            errors["count"] = [f"Must be null when the qualifier is {qualifier}: {way_out[qualifier]}."]
        if qualifier not in WITHOUT_COUNT and count is None:
            errors["count"] = [
                f"Required when the qualifier is {qualifier}. Without a figure it is vague or undisclosed."
            ]
        if qualifier == "fewer_than" and count == 0:
            errors["count"] = ["There are no fewer than 0. Did you mean exact?"]
        if qualifier == "vague" and data["wording"] is None:
            errors["wording"] = ["Required when the qualifier is vague: the words of the figure, as in “dozens”."]
        for bound in ("low", "high"):
            if qualifier == "range" and data[bound] is None:
                errors[bound] = ["Required when the qualifier is range."]
            if qualifier != "range" and data[bound] is not None:
                errors[bound] = [f"Derived when the qualifier is {qualifier}. Leave it out, or say range."]
        if not errors and qualifier == "range" and data["low"] > data["high"]:
            errors["high"] = [f"The range runs backwards: low is {data['low']}, high {data['high']}."]
        if errors:
            raise ma.ValidationError(typing.cast("dict[str, typing.Any]", errors))

    @ma.post_load
    def _with_bounds(self, data: dict[str, typing.Any], **_: typing.Any) -> dict[str, typing.Any]:
        if self.derived(data):
            derived = bounds(data["qualifier"], data["count"], data["wording"])
            data["low"], data["high"] = derived.low, derived.high
        return data


# Derived bounds reach one past the largest count: "more than 10,000,000,000".
CasualtyReport = claim_output(
    CasualtyReportInput,
    "casualty_report",
    low=Count(
        most=COUNT_MAX + 1,
        allow_none=True,
        metadata={
            "description": "The least it can mean; null is no bound.",
            "hxl": "#affected+min",
            "hxl_with": ("harm", "subgroups"),
        },
    ),
    high=Count(
        allow_none=True,
        metadata={
            "description": "The most it can mean; null is no bound.",
            "hxl": "#affected+max",
            "hxl_with": ("harm", "subgroups"),
        },
    ),
)
CasualtyReportPatch = claim_patch(CasualtyReportInput)
