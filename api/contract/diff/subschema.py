"""Whether all that one schema allows, another allows too; and if not, where it departs from it.

Each rule is transitive, so that what is safe after what is safe is safe. Where two schemas cannot be compared (two
patterns, say), they depart.
"""

from __future__ import annotations

import re
import typing
from dataclasses import dataclass

import orjson

from api.contract.diff.schema_node import LOWEST, Plain, Spot, alternatives, among, fits


@dataclass(frozen=True)
class Departure:
    """One way in which a schema allows what the other does not: by which keyword, where in each, and for what."""

    keyword: str
    narrow: str
    wide: str
    narrow_value: str = ""
    wide_value: str = ""
    name: str = ""


class Comparison:
    """One schema of one document held against one of another: `narrow` is to allow nothing that `wide` does not.

    `base` is the side that apps were built against: what it declares, the other has to declare too. Where the apps
    were built against the older document (`forward`), what departs breaks them; the other way round, it is news.
    """

    def __init__(self, base: typing.Literal["narrow", "wide"], *, forward: bool):
        self._base = base
        self._forward = forward
        self._known: dict[tuple[str, str], list[Departure]] = {}

    def departures(self, narrow: Spot, wide: Spot) -> list[Departure]:
        """Where the one departs from the other."""
        told = self._told(narrow, wide)
        narrow, wide = narrow.followed, wide.followed
        key = (_key(narrow), _key(wide))
        if key not in self._known:
            # A schema within itself departs where it does outside, or nowhere.
            self._known[key] = []
            self._known[key] = self._of_unions(narrow, wide)
        return told + self._known[key]

    def _told(self, narrow: Spot, wide: Spot) -> list[Departure]:
        """What no value is held against and apps go by all the same."""
        mine, theirs = _annotated(narrow), _annotated(wide)
        if mine is None or theirs is None:
            return []
        base, other = (mine, theirs) if self._base == "narrow" else (theirs, mine)
        keywords = []
        if "default" in base and self._base == "narrow" and base["default"] != other.get("default", _NONE):
            keywords.append("default")
        if "discriminator" in base and _property(base) != _property(other):
            keywords.append("discriminator")
        # Who may only read a field cannot send it, and who may only write it is not answered it.
        hiding = "readOnly" if self._base == "narrow" else "writeOnly"
        if other.get(hiding) and not base.get(hiding):
            keywords.append(hiding)
        if not self._forward:
            # These are news, and never break anything.
            keywords += [key for key in ("deprecated", "x-extensible-enum") if base.get(key) != other.get(key)]
        return [
            Departure(key, _said_at(narrow, key), _said_at(wide, key), _said(mine, key), _said(theirs, key))
            for key in keywords
        ]

    def _of_unions(self, narrow: Spot, wide: Spot) -> list[Departure]:
        found: list[Departure] = []
        accepting = alternatives(wide)
        for mine in alternatives(narrow):
            told = [self._of_plain(mine, theirs) for theirs in accepting]
            if all(told):
                found += _nearest(mine, accepting, told) or [
                    Departure("type", narrow.pointer, wide.pointer, shown(mine.type), _types(accepting))
                ]
        return list(dict.fromkeys(found))

    def _of_plain(self, mine: Plain, theirs: Plain) -> list[Departure]:
        if theirs.type not in (None, mine.type) and (mine.type, theirs.type) != ("integer", "number"):
            return [Departure("type", mine.pointer, theirs.pointer, shown(mine.type), shown(theirs.type))]
        found: list[Departure] = []

        def departs(keyword: str, narrow: typing.Any, wide: typing.Any, name: str = "") -> None:
            found.append(Departure(keyword, mine.pointer, theirs.pointer, shown(narrow), shown(wide), name))

        if theirs.enum is not None and (mine.enum is None or not all(among(value, theirs.enum) for value in mine.enum)):
            departs("enum", mine.enum, theirs.enum)
        if mine.enum is None or not all(_keeps(value, theirs) for value in mine.enum):
            self._of_bounds(mine, theirs, departs)
        if theirs.unique and not mine.unique:
            departs("uniqueItems", False, True)
        for keyword, at in (("items", mine.items), ("contentSchema", mine.content)):
            other = theirs.items if keyword == "items" else theirs.content
            if other is not None:
                found += self.departures(at or _anything(mine, keyword), other)
        found += self._of_objects(mine, theirs, departs)
        return found

    def _of_bounds(self, mine: Plain, theirs: Plain, departs: typing.Callable[..., None]) -> None:
        for keyword, bound in theirs.bounds.items():
            own = mine.bounds.get(keyword)
            if own is None or (own < bound if keyword in LOWEST else own > bound):
                departs(keyword, own, bound)
        for keyword, wanted in theirs.together.items():
            if not wanted <= mine.together.get(keyword, frozenset()):
                departs(keyword, mine.together.get(keyword), wanted)
        if not all(_never(value, mine) for value in theirs.excluded):
            departs("not", mine.excluded, theirs.excluded)
        asked = {keyword for keyword, _ in theirs.others - mine.others} | _exempting(mine, theirs)
        for keyword in sorted(asked):
            departs(keyword, dict(mine.others).get(keyword), dict(theirs.others).get(keyword))

    def _of_objects(self, mine: Plain, theirs: Plain, departs: typing.Callable[..., None]) -> list[Departure]:
        found: list[Departure] = []
        base, other = (mine, theirs) if self._base == "narrow" else (theirs, mine)
        for name in base.properties.keys() - other.properties.keys():
            departs("properties", None, None, name)
        for name in theirs.required - mine.required:
            departs("required", None, None, name)
        for name, spot in mine.properties.items():
            allowed = theirs.properties.get(name, theirs.additional)
            if allowed is None and "unevaluatedProperties" in dict(theirs.others):
                departs("unevaluatedProperties", None, None, name)
            elif allowed is not None and allowed.schema is False:
                # A field that can no longer be sent was told of by its name.
                if self._base == "wide" or name in theirs.properties:
                    departs("additionalProperties", None, None, name)
            elif allowed is not None:
                found += self.departures(spot, allowed)
        return found + self._of_additional(mine, theirs, departs)

    def _of_additional(self, mine: Plain, theirs: Plain, departs: typing.Callable[..., None]) -> list[Departure]:
        """What objects may have beyond what is named; nothing said is anything."""
        found: list[Departure] = []
        if mine.additional is not None and mine.additional.schema is False:
            return found
        if mine.additional is not None:
            # What an open object comes to name departs from nothing that was said of it.
            for name in theirs.properties.keys() - mine.properties.keys():
                found += self.departures(mine.additional, theirs.properties[name])
        if theirs.additional is not None:
            if mine.additional is None or theirs.additional.schema is False:
                departs("additionalProperties", True, theirs.additional.schema is not False)
            else:
                found += self.departures(mine.additional, theirs.additional)
        return found


_NONE = object()


def _key(spot: Spot) -> str:
    # Schemas that were put together stand where others do.
    return f"{spot.pointer} {spot.schema if isinstance(spot.schema, bool) or 'allOf' in spot.schema else ''}"


def _annotated(spot: Spot) -> dict[str, typing.Any] | None:
    """A schema with what is said beside the references that lead to it; None where it says yes or no to everything."""
    if isinstance(spot.schema, bool):
        return None
    chain = [each.schema for each in reversed(spot.chain)]
    return {key: value for schema in chain if isinstance(schema, dict) for key, value in schema.items()}


def _said(schema: dict[str, typing.Any], key: str) -> str:
    return shown(_property(schema) if key == "discriminator" else schema.get(key))


def _said_at(spot: Spot, key: str) -> str:
    """Where a schema says something, which may be beside a reference to it."""
    saying = [each for each in spot.chain if isinstance(each.schema, dict) and key in each.schema]
    return (saying or spot.chain[-1:])[0].pointer


def _exempting(mine: Plain, theirs: Plain) -> set[str]:
    """The keywords that exempt fields or entries from what the other asks of all."""
    own = {keyword for keyword, _ in mine.others - theirs.others}
    limited = {
        "patternProperties": theirs.additional is not None or bool(theirs.properties.keys() - mine.properties.keys()),
        "prefixItems": theirs.items is not None,
        "minContains": "contains" in dict(theirs.others),
    }
    return {keyword for keyword, limits in limited.items() if limits and keyword in own}


def _property(schema: dict[str, typing.Any]) -> typing.Any:
    return schema.get("discriminator", {}).get("propertyName")


def _nearest(mine: Plain, accepting: list[Plain], told: list[list[Departure]]) -> list[Departure]:
    """The departures from the alternative that was meant, where it is plain which."""
    same = [each for each, theirs in zip(told, accepting, strict=True) if theirs.pointer == mine.pointer]
    alike = [each for each, theirs in zip(told, accepting, strict=True) if theirs.type == mine.type]
    if same:
        return min(same, key=len)
    if not alike:
        return []
    if len(alike) == 1:
        return alike[0]
    return [Departure("anyOf", mine.pointer, accepting[0].pointer)]


def _types(plains: list[Plain]) -> str:
    return ", ".join(sorted({plain.type or "anything" for plain in plains})) or "nothing"


def shown(value: typing.Any) -> str:
    """A value of a document, to be read."""
    if value is None:
        return "none"
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (list, tuple, frozenset)):
        return ", ".join(sorted(map(shown, value))) or "none"
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _anything(plain: Plain, keyword: str) -> Spot:
    return Spot({}, True, f"{plain.pointer}/{keyword}")


def _never(value: typing.Any, plain: Plain) -> bool:
    """Whether a schema does not allow a value."""
    return (
        among(value, plain.excluded)
        or (plain.enum is not None and not among(value, plain.enum))
        or not fits(value, plain.type)
    )


def _keeps(value: typing.Any, plain: Plain) -> bool:
    """Whether a value keeps to all that a schema of its type asks for and can be asked of a value alone."""
    if among(value, plain.excluded) or plain.others or not isinstance(value, (str, int, float)):
        return False
    size = len(value) if isinstance(value, str) else value
    lowest, highest = ("minLength", "maxLength") if isinstance(value, str) else ("minimum", "maximum")
    if set(plain.bounds) - {lowest, highest} or set(plain.together) - {"pattern"}:
        return False
    patterns = plain.together.get("pattern", frozenset())
    return (
        plain.bounds.get(lowest, size) <= size <= plain.bounds.get(highest, size)
        and isinstance(value, str) >= bool(patterns)
        and all(_matches(pattern, str(value)) for pattern in patterns)
    )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # Patterns are of ECMAScript, and Python reads most of them only.
        return False
