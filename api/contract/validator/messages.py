"""Plainly: what a validator of JSON Schema finds, in words for people."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

import orjson

from schemas.values import closest

if typing.TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_LONGEST = 80
_FORMATS = {
    "bcp47": "language tag (BCP 47)",
    "date": "day (ISO 8601)",
    "date-time": "moment (RFC 3339)",
    "edtf": "date in EDTF",
    "edtf-date": "single date in EDTF",
    "iso-3166-1-alpha-3": "country code (ISO 3166-1 or 3166-3 alpha-3)",
    "un-document-symbol": "symbol of a UN document",
    "uri": "absolute URI",
}
_LIMITS = {
    "minimum": "is less than {}",
    "maximum": "is more than {}",
    "minLength": "is shorter than {} characters",
    "maxLength": "is longer than {} characters",
    "minItems": "has fewer than {} entries",
    "maxItems": "has more than {} entries",
}


class Fault(typing.NamedTuple):
    """What is wrong with a value: a JSON Pointer into it, and why."""

    pointer: str
    detail: str


def faults(errors: Iterable[ValidationError]) -> Iterator[Fault]:
    """Each thing that is wrong; of alternatives, what is wrong with the one that was most likely meant."""
    for error in errors:
        context = getattr(error.kind, "context", None)
        if context:
            yield from faults(_nearest(error.instance_path, context))
        else:
            yield Fault(pointer(error.instance_path), _told(error))


def pointer(path: Sequence[str | int]) -> str:
    """A JSON Pointer (RFC 6901).

    >>> pointer(["data", 0, "a/b"])
    '/data/0/a~1b'
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _nearest(path: Sequence[str | int], branches: Sequence[Sequence[ValidationError]]) -> Sequence[ValidationError]:
    """The errors of the alternative that a value comes nearest to: of its own type, and of the kind it says it is."""

    def distance(errors: Sequence[ValidationError]) -> tuple[bool, bool, int]:
        return (
            any(error.kind.name == "type" and error.instance_path == path for error in errors),
            any(error.kind.name in ("enum", "not") and error.instance_path == [*path, "type"] for error in errors),
            len(errors),
        )

    return min(branches, key=distance)


def _told(error: ValidationError) -> str:
    kind = typing.cast("typing.Any", error.kind)
    name, value = kind.name, _short(error.instance)
    if name in _LIMITS:
        return f"{value} {_LIMITS[name].format(kind.limit)}."
    tell = _TOLD.get(name)
    return f"{error.message[:300]}." if tell is None else tell(kind, value, error.instance)


_TOLD: dict[str, Callable[[typing.Any, str, object], str]] = {
    "required": lambda kind, _, __: f"{kind.property} is missing.",
    "type": lambda kind, value, _: f"{value} is not of the type {' or '.join(kind.types)}.",
    "enum": lambda kind, value, given: f"{value} is not {one_of(kind.options, given)}",
    "additionalProperties": lambda kind, _, __: f"There is no field {', '.join(kind.unexpected)} here.",
    "pattern": lambda kind, value, _: f"{value} does not have the form {kind.pattern}",
    "format": lambda kind, value, _: f"{value} is no {_FORMATS.get(kind.format, kind.format)}.",
}


def one_of(words: Sequence[typing.Any], given: object) -> str:
    """The words there are, and the one that was likely meant.

    >>> one_of(["killed", "injured", None], "kiled")
    'one of killed, injured. Did you mean killed?'
    """
    known = [str(word) for word in words if word is not None]
    meant = closest(given, known) if isinstance(given, str) else None
    return f"one of {', '.join(known)}.{f' Did you mean {meant}?' if meant else ''}"


def _short(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
