"""The types of values in a query string, where all that arrives is text."""

from __future__ import annotations

import re
import typing

import marshmallow as ma
from marshmallow import fields, validate
from webargs.fields import DelimitedList

from api.kinds import search
from schemas.fields import NOT_BLANK, Count, Edtf, check_characters, suggest


class Number(Count):
    """A whole number in plain digits; `5.0`, `1_000` and ` 5` are none."""

    form = "in plain digits"

    def _validated(self, value: typing.Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19):
            raise self.make_error("invalid")
        return int(value)


class Flag(fields.Boolean):
    """`true` or `false`, nothing else."""

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> bool:
        if value not in ("true", "false"):
            raise ma.ValidationError("Must be true or false.")
        return bool(value == "true")


class Date(Edtf):
    """One EDTF date, of any precision; no interval."""

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(metadata={"format": "edtf-date", **(metadata or {})}, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        if isinstance(value, str) and "/" in value:
            raise ma.ValidationError("Must be one date, not an interval. Give the ends as [gte] and [lte].")
        return super()._deserialize(value, attr, data, **kwargs)


class Name(fields.String):
    """A name, compared folded, or the URI of a party's `same_as`."""

    def __init__(self, **kwargs: typing.Any):
        super().__init__(metadata={"minLength": 1, "maxLength": 2000, "pattern": NOT_BLANK}, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = check_characters(super()._deserialize(value, attr, data, **kwargs))
        if len(text) > 2000 or not re.search(NOT_BLANK, text):
            raise ma.ValidationError("Must be a name of 1 to 2000 characters that is not blank.")
        return text


_LONGEST_QUERY = 500


class Query(fields.Field[tuple[search.Term, ...]]):
    """What to look for in the words of records, as `search.parse` reads it."""

    def __init__(self, *, metadata: dict[str, typing.Any], **kwargs: typing.Any):
        told = {"type": "string", "minLength": 1, "maxLength": _LONGEST_QUERY, "format": "search", **metadata}
        super().__init__(metadata=told, **kwargs)

    def _deserialize(
        self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any
    ) -> tuple[search.Term, ...]:
        text = check_characters(value)
        if len(text) > _LONGEST_QUERY:
            raise ma.ValidationError(f"Must have at most {_LONGEST_QUERY} characters. Leave out what matters least.")
        try:
            return search.parse(text)
        except search.EmptySearch as error:
            raise ma.ValidationError(str(error)) from None


class Names(DelimitedList):
    """Comma-separated words of a closed list, each once."""

    def __init__(self, words: typing.Sequence[str], **kwargs: typing.Any):
        self.words = tuple(words)
        inner = fields.String(metadata={"enum": list(self.words)})
        super().__init__(inner, validate=validate.Length(min=1, max=len(self.words)), **kwargs)

    def _deserialize(
        self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any
    ) -> list[typing.Any]:
        words: list[str] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        if not words:
            raise ma.ValidationError(f"Must be one or more of {', '.join(self.words)}.")
        if len(words) > len(self.words):
            raise ma.ValidationError(f"{len(words)} are named, of {len(self.words)} there are. Name each once.")
        for word in words:
            if word not in self.words:
                meant = suggest(word, self.words)
                hint = f" Did you mean {meant}?" if meant else ""
                raise ma.ValidationError(f"{word!r} is not one of {', '.join(self.words)}.{hint}")
        return list(dict.fromkeys(words))
