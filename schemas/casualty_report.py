"""Casualty report: a number of people killed, injured or otherwise harmed, and its wording."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import marshmallow as ma

from schemas.base import patch_schema
from schemas.claim import ClaimInput, claim_output, party_list
from schemas.fields import COUNT_MAX, OPTIONAL, Choice, ChoiceSet, Count, Edtf, Text

Harm = StrEnum("Harm", "KILLED INJURED MISSING CAPTURED DISPLACED CASUALTIES")
Population = StrEnum("Population", "CIVILIAN COMBATANT ALL UNSPECIFIED")
Subgroup = StrEnum(
    "Subgroup",
    "CHILDREN INFANTS WOMEN MEN GIRLS BOYS OLDER_PEOPLE PEOPLE_WITH_DISABILITIES JOURNALISTS HEALTH_WORKERS "
    "AID_WORKERS FIRST_RESPONDERS PEACEKEEPERS UN_STAFF TEACHERS STUDENTS DETAINEES OFFICERS",
)
Qualifier = StrEnum("Qualifier", "EXACT ABOUT AT_LEAST MORE_THAN UP_TO FEWER_THAN RANGE VAGUE UNDISCLOSED")
WITHOUT_COUNT = frozenset({Qualifier.RANGE, Qualifier.VAGUE, Qualifier.UNDISCLOSED})

# The minimum that a vague word means, as ACLED codes it. Adjacent words multiply.
_MINIMUM = {
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
_VAGUE = re.compile(rf"\b({'|'.join(_MINIMUM)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Bounds:
    """The minimum and maximum that a figure can mean, in persons. None means unbounded."""

    low: int | None
    high: int | None


def bounds(qualifier: str, count: int | None, wording: str | None) -> Bounds:
    """Return the minimum and maximum that a figure can mean. The terms follow UCDP's low and high estimates.

    >>> bounds("up_to", 5000, None)
    Bounds(low=None, high=5000)
    >>> bounds("vague", None, "dozens")
    Bounds(low=12, high=None)

    The bounds of a range are stated, not derived.
    """
    if qualifier == Qualifier.VAGUE:
        return Bounds(minimum(wording or ""), None)
    if count is None:
        return Bounds(None, None)
    stated: dict[str, Bounds] = {
        Qualifier.EXACT: Bounds(count, count),
        Qualifier.AT_LEAST: Bounds(count, None),
        Qualifier.MORE_THAN: Bounds(count + 1, None),
        Qualifier.UP_TO: Bounds(None, count),
        Qualifier.FEWER_THAN: Bounds(None, count - 1),
    }
    return stated.get(qualifier, Bounds(None, None))


def minimum(wording: str) -> int | None:
    """Return the minimum number that vague words mean, or None if they do not state one.

    >>> [minimum(words) for words in ("dozens", "tens of thousands", "hundreds, perhaps thousands", "heavy losses")]
    [12, 10000, 100, None]
    """
    minimums: list[int] = []
    end = None
    for match in _VAGUE.finditer(wording):
        word = _MINIMUM[match[1].lower()]
        # "tens of thousands" is one figure, "hundreds, perhaps thousands" are two.
        if end is not None and wording[end : match.start()].lower().strip() in ("", "of"):
            minimums[-1] = min(minimums[-1] * word, COUNT_MAX)
        else:
            minimums.append(word)
        end = match.end()
    return min(minimums, default=None)


class CasualtyReportInput(ClaimInput):
    """A number of people harmed as the claimant words it, or a statement that withholds the number."""

    harm = Choice(Harm, required=True, description="The kind of harm. `casualties` means killed and wounded together.")
    population = Choice(Population, required=True, description="The population that the figure counts.")
    subgroups = ChoiceSet(
        Subgroup,
        load_default=list,
        description=(
            "The subgroups that the figure counts. “Women and children” is `women` and `children`. "
            "Empty means the whole population."
        ),
    )
    affected = party_list("The parties that the harmed people belonged to. Empty if the article does not state them.")
    count = Count(
        **OPTIONAL,
        description="The figure as worded. Null if `qualifier` is `range`, `vague` or `undisclosed`.",
        metadata={"hxl": "#affected", "hxl_with": ("harm", "subgroups")},
    )
    qualifier = Choice(Qualifier, required=True, description="The wording of the figure, such as exact or at least.")
    wording = Text(
        100,
        **OPTIONAL,
        description="The printed wording of the figure, such as “dozens”. Required if `qualifier` is `vague`.",
    )
    low = Count(
        **OPTIONAL,
        description="The lower bound. Send it only if `qualifier` is `range`. Otherwise the server derives it.",
    )
    high = Count(
        **OPTIONAL,
        description="The upper bound. Send it only if `qualifier` is `range`. Otherwise the server derives it.",
    )
    since = Edtf(**OPTIONAL, description="The first day of the period that the figure counts, EDTF.")
    as_of = Edtf(**OPTIONAL, description="The date of the figure, EDTF.")
    place = Text(300, **OPTIONAL, description="The place of the harm.", metadata={"hxl": "#loc+name"})

    @staticmethod
    def derived(data: Mapping[str, typing.Any]) -> tuple[str, ...]:
        return () if data.get("qualifier") == Qualifier.RANGE else ("low", "high")

    @ma.validates_schema
    def _figure(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        qualifier, count = data["qualifier"], data["count"]
        errors: dict[str, list[str]] = {}
        if qualifier in WITHOUT_COUNT and count is not None:
            fix = {"range": "Send low and high", "vague": "Send wording", "undisclosed": "Leave count out"}
            errors["count"] = [f"Must be null if qualifier is {qualifier}. {fix[qualifier]}."]
        if qualifier not in WITHOUT_COUNT and count is None:
            errors["count"] = [
                f"Required if qualifier is {qualifier}. Without a number, set qualifier to vague or undisclosed."
            ]
        if qualifier == Qualifier.FEWER_THAN and count == 0:
            errors["count"] = ["Must be at least 1 if qualifier is fewer_than. Did you mean exact?"]
        if qualifier == Qualifier.VAGUE and data["wording"] is None:
            errors["wording"] = ["Required if qualifier is vague. Send the printed wording, such as “dozens”."]
        for bound in ("low", "high"):
            if qualifier == Qualifier.RANGE and data[bound] is None:
                errors[bound] = ["Required if qualifier is range."]
            if qualifier != Qualifier.RANGE and data[bound] is not None:
                errors[bound] = [f"Derived if qualifier is {qualifier}. Leave it out, or set qualifier to range."]
        if not errors and qualifier == Qualifier.RANGE and data["low"] > data["high"]:
            errors["high"] = [f"Must not be less than low: low is {data['low']}, high is {data['high']}."]
        if errors:
            raise ma.ValidationError(typing.cast("dict[str, typing.Any]", errors))

    @ma.post_load
    def _with_bounds(self, data: dict[str, typing.Any], **_: typing.Any) -> dict[str, typing.Any]:
        if self.derived(data):
            derived = bounds(data["qualifier"], data["count"], data["wording"])
            data["low"], data["high"] = derived.low, derived.high
        return data


# A derived bound can exceed the largest count by one: "more than 10,000,000,000".
CasualtyReport = claim_output(
    CasualtyReportInput,
    "casualty_report",
    low=Count(
        maximum=COUNT_MAX + 1,
        allow_none=True,
        description="The minimum that the figure can mean. Null means unbounded.",
        metadata={"hxl": "#affected+min", "hxl_with": ("harm", "subgroups")},
    ),
    high=Count(
        allow_none=True,
        description="The maximum that the figure can mean. Null means unbounded.",
        metadata={"hxl": "#affected+max", "hxl_with": ("harm", "subgroups")},
    ),
)
CasualtyReportPatch = patch_schema(CasualtyReportInput)
