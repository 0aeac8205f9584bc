"""The reason why a difference of schemas matters to client apps, in one sentence."""

from __future__ import annotations

from api.contract.diff.node import escape
from api.contract.diff.subschema import Difference, Role

# By role, and by whether the newer document allows more or less there. `old` and `new` are values of the keyword.
_REASONS = {
    ("request", "less"): "Some requests become invalid: `{keyword}` was {old} and is {new}.",
    ("request", "more"): "More requests become valid: `{keyword}` was {old} and is {new}.",
    ("response", "more"): "Responses can have new values: `{keyword}` was {old} and is {new}.",
    ("response", "less"): "Responses cannot have new values: `{keyword}` was {old} and is {new}.",
}
_REASONS_BY_KEYWORD = {
    ("request", "less", "required"): "{name} is now required.",
    ("request", "more", "required"): "{name} is now optional.",
    ("response", "more", "required"): "{name} can now be absent.",
    ("response", "less", "required"): "{name} is now always present.",
    ("request", "less", "properties"): "{name} was removed from the request.",
    ("request", "more", "properties"): "{name} is a new optional field of the request.",
    ("response", "more", "properties"): "{name} was removed from the response.",
    ("response", "less", "properties"): "{name} is new in the response.",
    ("response", "more", "additionalProperties"): "The object can now have additional fields, which it excluded.",
    ("response", "less", "additionalProperties"): "The object now excludes or restricts additional fields.",
    ("request", "less", "additionalProperties"): "The object now excludes or restricts additional fields.",
    ("request", "more", "additionalProperties"): "The object now allows additional fields, or more of them.",
    ("response", "more", "enum"): "A closed enumeration has new values: it was {old} and is {new}.",
    ("request", "less", "enum"): "The enumeration has fewer values: it was {old} and is {new}.",
    ("response", "more", "anyOf"): "Responses can have a new schema.",
    ("response", "less", "anyOf"): "Responses no longer have one of the schemas.",
    ("request", "less", "anyOf"): "One of the schemas is no longer valid in requests.",
    ("request", "more", "anyOf"): "A new schema is valid in requests.",
    ("response", "more", "discriminator"): "The discriminator was {old} and is {new}.",
    ("request", "less", "discriminator"): "The discriminator was {old} and is {new}.",
    ("response", "more", "writeOnly"): "It was removed from the response, because it is now write-only.",
    ("response", "less", "writeOnly"): "It is new in the response, because it is no longer write-only.",
    ("request", "less", "default"): "The default value was {old} and is {new}.",
    ("request", "more", "default"): "The default value is now documented: {new}.",
    ("response", "less", "deprecated"): "`deprecated` was {old} and is {new}.",
    ("request", "more", "deprecated"): "`deprecated` was {old} and is {new}.",
    ("response", "less", "x-extensible-enum"): "The documented values of an open enumeration were {old} and are {new}.",
    ("request", "more", "x-extensible-enum"): "The documented values of an open enumeration were {old} and are {new}.",
}


def reason(difference: Difference, role: Role, *, breaking: bool) -> str:
    """Return the reason why a difference breaks apps, or why it does not."""
    new_is_wide = (role == "request") == breaking
    old, new = difference.narrow_value, difference.wide_value
    if not new_is_wide:
        old, new = new, old
    # A breaking difference is in the narrower request or in the wider response of the newer document.
    direction = "less" if new_is_wide else "more"
    text = _REASONS_BY_KEYWORD.get((role, direction, difference.keyword), _REASONS[role, direction])
    return text.format(keyword=difference.keyword, old=old or "none", new=new or "none", name=f"`{difference.name}`")


def pointer(difference: Difference, role: Role, *, breaking: bool) -> str:
    """Return the pointer into the newer document, or into the older one if the newer does not have the field."""
    new, old = difference.wide, difference.narrow
    if (role == "request") != breaking:
        new, old = old, new
    if difference.keyword == "properties":
        return f"{old if breaking else new}/properties/{escape(difference.name)}"
    return f"{new}/{difference.keyword}"
