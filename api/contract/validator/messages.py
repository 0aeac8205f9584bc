"""Readable messages for the errors of a JSON Schema validator."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Sequence

import orjson

from schemas.fields import did_you_mean
from schemas.json_pointer import to_pointer

if typing.TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_VALUE_LENGTH_MAX = 80
_FORMATS = {
    "bcp47": "language tag (BCP 47)",
    "date": "date (ISO 8601)",
    "date-time": "timestamp (RFC 3339)",
    "edtf": "EDTF date",
    "edtf-date": "single EDTF date",
    "iso-3166-1-alpha-3": "country code (ISO 3166-1 or 3166-3 alpha-3)",
    "un-document-symbol": "symbol of a UN document",
    "uri": "absolute URI",
}


def schema_errors(errors: Iterable[ValidationError]) -> Iterator[tuple[str, str]]:
    """Yield the JSON Pointer and the message of each error. Of alternatives, yield the errors of the closest one."""
    for error in errors:
        context = getattr(error.kind, "context", None)
        if context:
            yield from schema_errors(_closest_branch(error.instance_path, context))
        else:
            yield to_pointer(error.instance_path), _message(error)


def one_of(options: Iterable[typing.Any], value: object) -> str:
    """Return the end of a message that lists the options and suggests the closest one.

    >>> one_of(["killed", "injured", None], "kiled")
    'one of killed, injured. Did you mean killed?'
    """
    names = [str(option) for option in options if option is not None]
    return f"one of {', '.join(names)}.{did_you_mean(value, names) if isinstance(value, str) else ''}"


def _closest_branch(
    path: Sequence[str | int], branches: Sequence[Sequence[ValidationError]]
) -> Sequence[ValidationError]:
    """Return the errors of the closest alternative: prefer the same JSON type, then the same `type` field."""

    def distance(errors: Sequence[ValidationError]) -> tuple[bool, bool, int]:
        return (
            any(error.kind.name == "type" and error.instance_path == path for error in errors),
            any(error.kind.name in ("enum", "not") and error.instance_path == [*path, "type"] for error in errors),
            len(errors),
        )

    return min(branches, key=distance)


def _message(error: ValidationError) -> str:
    kind = typing.cast("typing.Any", error.kind)
    build = _MESSAGES.get(kind.name)
    return f"{error.message[:300]}." if build is None else build(kind, _shorten(error.instance), error.instance)


_MESSAGES: dict[str, Callable[[typing.Any, str, object], str]] = {
    "required": lambda kind, _, __: f"{kind.property} is missing.",
    "type": lambda kind, value, _: f"{value} is not of the type {' or '.join(kind.types)}.",
    "enum": lambda kind, value, instance: f"{value} is not {one_of(kind.options, instance)}",
    "additionalProperties": lambda kind, _, __: f"The field {', '.join(kind.unexpected)} does not exist here.",
    "pattern": lambda kind, value, _: f"{value} does not match the pattern {kind.pattern}",
    "format": lambda kind, value, _: f"{value} is not a valid {_FORMATS.get(kind.format, kind.format)}.",
    "minimum": lambda kind, value, _: f"{value} is less than {kind.limit}.",
    "maximum": lambda kind, value, _: f"{value} is more than {kind.limit}.",
    "minLength": lambda kind, value, _: f"{value} is shorter than {kind.limit} characters.",
    "maxLength": lambda kind, value, _: f"{value} is longer than {kind.limit} characters.",
    "minItems": lambda kind, value, _: f"{value} has fewer than {kind.limit} entries.",
    "maxItems": lambda kind, value, _: f"{value} has more than {kind.limit} entries.",
}


def _shorten(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= _VALUE_LENGTH_MAX else f"{text[:_VALUE_LENGTH_MAX]}…"
