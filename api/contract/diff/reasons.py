"""The reason why a difference of schemas matters to client apps, in one sentence."""

from __future__ import annotations

from api.contract.diff.change import Change, Level
from api.contract.diff.subschema import Difference, Role
from schemas.json_pointer import escape

# By role, and by whether the difference is breaking.
_REASONS = {
    ("request", True): "Some requests become invalid: `{keyword}` was {old} and is {new}.",
    ("request", False): "More requests become valid: `{keyword}` was {old} and is {new}.",
    ("response", True): "Responses can have new values: `{keyword}` was {old} and is {new}.",
    ("response", False): "Responses have fewer values: `{keyword}` was {old} and is {new}.",
}
_REASONS_BY_KEYWORD = {
    ("request", True, "required"): "{name} is now required.",
    ("request", False, "required"): "{name} is now optional.",
    ("response", True, "required"): "{name} can now be absent.",
    ("response", False, "required"): "{name} is now always present.",
    ("request", True, "properties"): "{name} was removed from the request.",
    ("request", False, "properties"): "{name} is a new optional field of the request.",
    ("response", True, "properties"): "{name} was removed from the response.",
    ("response", False, "properties"): "{name} is new in the response.",
    ("request", True, "additionalProperties"): "The object now excludes or restricts additional fields.",
    ("request", False, "additionalProperties"): "The object now allows more additional fields.",
    ("response", True, "additionalProperties"): "The object can now have more additional fields.",
    ("response", False, "additionalProperties"): "The object now excludes or restricts additional fields.",
    ("request", True, "anyOf"): "A schema is no longer valid in requests.",
    ("request", False, "anyOf"): "A new schema is valid in requests.",
    ("response", True, "anyOf"): "Responses can have a new schema.",
    ("response", False, "anyOf"): "Responses no longer have one of the schemas.",
    ("response", True, "enum"): "A closed enumeration has new values: it was {old} and is {new}.",
    ("response", True, "writeOnly"): "The field was removed from the response, because it is now write-only.",
    ("response", False, "writeOnly"): "The field is new in the response, because it was write-only before.",
}
_OF_ANNOTATIONS = dict.fromkeys(
    ("default", "deprecated", "discriminator", "x-extensible-enum"), "`{keyword}` was {old} and is {new}."
)


def change(difference: Difference, role: Role, *, breaking: bool) -> Change:
    """Return the change of a difference. Its pointer refers to the older document if the field was removed."""
    keyword, name = difference.keyword, difference.name
    text = _OF_ANNOTATIONS.get(keyword) or _REASONS_BY_KEYWORD.get((role, breaking, keyword), _REASONS[role, breaking])
    reason = text.format(keyword=keyword, old=difference.old_value, new=difference.new_value, name=f"`{name}`")
    if keyword == "properties":
        pointer = f"{difference.old if breaking else difference.new}/properties/{escape(name)}"
    else:
        pointer = f"{difference.new}/{keyword}"
    return Change(pointer, Level.BREAKING if breaking else Level.SAFE, reason)
