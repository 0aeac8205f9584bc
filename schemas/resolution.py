"""Resolution: a decision of an international body, identified by its UN document symbol if it has one."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from enum import StrEnum

import marshmallow as ma

from schemas import edtf, un_symbols
from schemas.base import patch_schema
from schemas.claim import ClaimInput, claim_output, one_party
from schemas.fields import OPTIONAL, BoundedList, Choice, Count, Edtf, Text, UnSymbol
from schemas.un_organs import organ_named

Organ = StrEnum("Organ", "UN_SECURITY_COUNCIL UN_GENERAL_ASSEMBLY UN_ECOSOC UN_HUMAN_RIGHTS_COUNCIL OTHER")


class ResolutionInput(ClaimInput):
    """One or several resolutions that the article mentions."""

    organ = Choice(Organ, required=True, description="The body that adopted the resolution.")
    organ_name = Text(300, required=True, description="The body's name as printed. It must not name another organ.")
    count = Count(minimum=1, load_default=1, description="The number of resolutions in this mention.")
    symbols = BoundedList(
        UnSymbol(),
        length_max=100,
        load_default=list,
        description="The known UN document symbols, at most `count`. All must belong to `organ`.",
    )
    adopted_on = Edtf(
        **OPTIONAL, description="The adoption date, EDTF. It must include a day in each symbol's year or session."
    )
    topic = Text(300, **OPTIONAL, description="The topic of the resolution.")
    demand = Text(2000, **OPTIONAL, description="The demand, in the words of the text.")
    addressee = one_party("The party that the demand addresses.")

    @ma.validates_schema
    def _symbols_fit(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        symbols, count = data["symbols"], data["count"]
        if len(set(symbols)) < len(symbols):
            raise ma.ValidationError("A symbol occurs twice. List each symbol once.", "symbols")
        if len(symbols) > count:
            raise ma.ValidationError(
                f"{len(symbols)} symbols, but count is {count}. Raise count, or remove symbols.", "symbols"
            )

    @ma.validates_schema
    def _check_agreement(self, data: dict[str, typing.Any], **_: typing.Any) -> None:
        """Raise ValidationError if organ, organ_name, symbols and adopted_on contradict each other."""
        messages: dict[str, typing.Any] = {}
        if organ := _contradicting_organ(data["organ_name"], data["organ"]):
            messages["organ_name"] = [
                f"organ_name names {organ}, but organ is {data['organ']}. Correct organ or organ_name."
            ]
        if wrong_organs := {
            index: [f"{symbol} is a symbol of {organ}, but organ is {data['organ']}. Correct organ or the symbol."]
            for index, symbol in enumerate(data["symbols"])
            if (organ := un_symbols.organ(symbol)) != data["organ"]
        }:
            messages["symbols"] = wrong_organs
        if wrong_dates := list(_contradicted_symbols(data["symbols"], data["adopted_on"])):
            messages["adopted_on"] = wrong_dates
        if messages:
            raise ma.ValidationError(messages)


def _contradicting_organ(name: str, organ: str) -> str | None:
    """Return the organ that a name identifies if it contradicts `organ`, or None."""
    named = organ_named(name)
    # States and other organisations have security councils and general assemblies, too.
    if named is None or named.organ == organ or (organ == "other" and not named.of_un):
        return None
    return named.organ


def _contradicted_symbols(symbols: Sequence[str], adopted_on: str | None) -> Iterator[str]:
    """Yield a message for each symbol that `adopted_on` contradicts."""
    if adopted_on is None:
        return
    days = edtf.days(adopted_on)
    for symbol in symbols:
        possible = un_symbols.adoption_days(symbol)
        if possible is not None and not days.overlaps(possible):
            yield (
                f"adopted_on is {adopted_on}, but symbols has {symbol}, which can only be adopted from "
                f"{possible.earliest} to {possible.latest}. Correct adopted_on or the symbol."
            )


Resolution = claim_output(ResolutionInput, "resolution")
ResolutionPatch = patch_schema(ResolutionInput)
