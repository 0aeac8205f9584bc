"""What a departure means for those who call, in a sentence."""

from __future__ import annotations

import typing

from api.contract.diff.change import escaped
from api.contract.diff.subschema import Departure

Role = typing.Literal["request", "answer"]

# By whether it is in a request or an answer, and whether the newer document allows more or less there.
# `old` and `new` are what the keyword says, `name` is the field.
_GENERAL = {
    ("request", "less"): "What could be sent may be refused: `{keyword}` was {old} and is {new}.",
    ("request", "more"): "More can be sent: `{keyword}` was {old} and is {new}.",
    ("answer", "more"): "Answers may hold what no app was told of: `{keyword}` was {old} and is {new}.",
    ("answer", "less"): "Answers hold no more than before, or less: `{keyword}` was {old} and is {new}.",
}
_OF_KEYWORD = {
    ("request", "less", "required"): "{name} has to be sent now.",
    ("request", "more", "required"): "{name} need not be sent any more.",
    ("answer", "more", "required"): "{name} may be absent now.",
    ("answer", "less", "required"): "{name} is always there now.",
    ("request", "less", "properties"): "{name} can no longer be sent.",
    ("request", "more", "properties"): "{name} can be sent, and need not be.",
    ("answer", "more", "properties"): "{name} is gone from the answer.",
    ("answer", "less", "properties"): "{name} is new in the answer.",
    ("answer", "more", "additionalProperties"): "More fields are there than the object said it would ever have.",
    ("answer", "more", "unevaluatedProperties"): "More fields are there than the object said it would ever have.",
    ("answer", "less", "additionalProperties"): "Fields beyond those that are named come no more, or in fewer forms.",
    ("request", "less", "additionalProperties"): "Fields beyond those that are named are refused, or take less.",
    ("request", "more", "additionalProperties"): "Fields beyond those that are named can be sent, or take more.",
    ("answer", "more", "enum"): "There may be words beyond those that were said to be all, {old}: they are {new}.",
    ("request", "less", "enum"): "Words that could be sent are refused: they were {old} and are {new}.",
    ("answer", "more", "anyOf"): "There may be a shape that no app was told of.",
    ("answer", "less", "anyOf"): "A shape occurs no more.",
    ("request", "less", "anyOf"): "A shape can no longer be sent.",
    ("request", "more", "anyOf"): "A new shape can be sent.",
    ("answer", "more", "discriminator"): "Shapes are told apart by another field: it was {old} and is {new}.",
    ("request", "less", "discriminator"): "Shapes are told apart by another field: it was {old} and is {new}.",
    ("request", "less", "readOnly"): "It can no longer be sent: it is read-only.",
    ("request", "more", "readOnly"): "It can be sent: it is read-only no more.",
    ("answer", "more", "writeOnly"): "It is gone from the answer: it is write-only.",
    ("answer", "less", "writeOnly"): "It is in the answer: it is write-only no more.",
    ("request", "less", "default"): "What is left out means something else: the default was {old} and is {new}.",
    ("request", "more", "default"): "It is said what is meant where nothing is sent: {new}.",
    ("answer", "less", "deprecated"): "It is marked deprecated: {new}.",
    ("request", "more", "deprecated"): "It is marked deprecated: {new}.",
    ("answer", "less", "x-extensible-enum"): "The words known of an open vocabulary were {old} and are {new}.",
    ("request", "more", "x-extensible-enum"): "The words known of an open vocabulary were {old} and are {new}.",
}


def reason(departure: Departure, role: Role, *, breaking: bool) -> str:
    """Why a departure matters, or why it does not."""
    direction = "less" if (role == "request") == breaking else "more"
    # In a request the newer document has to be the wider one; looked at the other way round it is the narrower.
    new_is_wide = (role == "request") == breaking
    old, new = departure.narrow_value, departure.wide_value
    if not new_is_wide:
        old, new = new, old
    text = _OF_KEYWORD.get((role, direction, departure.keyword), _GENERAL[role, direction])
    return text.format(keyword=departure.keyword, old=old or "none", new=new or "none", name=f"`{departure.name}`")


def pointer(departure: Departure, role: Role, *, breaking: bool) -> str:
    """Where it is in the newer document; in the older one where it is gone from the newer."""
    new, old = departure.wide, departure.narrow
    if (role == "request") != breaking:
        new, old = old, new
    at = old if departure.keyword == "properties" and breaking else new
    if departure.keyword == "properties":
        return f"{at}/properties/{escaped(departure.name)}"
    return f"{at}/{departure.keyword}"
