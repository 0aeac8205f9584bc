"""Field types for query strings, in which every value is text."""

from __future__ import annotations

import re
import typing

import marshmallow as ma
from marshmallow import fields, validate
from webargs.fields import DelimitedList

from api.kinds import search
from schemas.fields import NOT_BLANK, Boolean, Count, Described, Edtf, String, check_characters, did_you_mean


class Number(Count):
    """A whole number in plain digits. `5.0`, `1_000` and ` 5` are invalid."""

    form = "in plain digits"

    def _validated(self, value: typing.Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19):
            raise self.make_error("invalid")
        return int(value)


class Flag(Boolean):
    """A boolean that accepts only `true` and `false`."""

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> bool:
        if value not in ("true", "false"):
            raise ma.ValidationError("Must be true or false.")
        return bool(value == "true")


class Date(Edtf):
    """An EDTF date of any precision, but not an interval."""

    keywords: typing.ClassVar = {**Edtf.keywords, "format": "edtf-date"}

    def clean(self, text: str) -> str:
        if "/" in text:
            raise ma.ValidationError("Must be one date, not an interval. Use [gte] and [lte] for a range.")
        return super().clean(text)


class Name(String):
    """The name of a party, compared after folding, or its `same_as`."""

    keywords: typing.ClassVar = {"minLength": 1, "maxLength": 2000, "pattern": NOT_BLANK}

    def clean(self, text: str) -> str:
        check_characters(text)
        if len(text) > 2000 or not re.search(NOT_BLANK, text):
            raise ma.ValidationError("Must be a name of 1 to 2000 characters that is not blank.")
        return text


_QUERY_MAX = 500


class Query(Described, fields.Field[tuple[search.Term, ...]]):
    """A full-text query, parsed by `search.parse`."""

    keywords: typing.ClassVar = {"type": "string", "minLength": 1, "maxLength": _QUERY_MAX, "format": "search"}

    def _deserialize(
        self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any
    ) -> tuple[search.Term, ...]:
        check_characters(value)
        if len(value) > _QUERY_MAX:
            raise ma.ValidationError(f"Must have at most {_QUERY_MAX} characters. Shorten the query.")
        try:
            return search.parse(value)
        except search.EmptySearch as error:
            raise ma.ValidationError(str(error)) from None


class Names(Described, DelimitedList):
    """A comma-separated list of names. Repeated names are dropped."""

    def __init__(self, names: typing.Sequence[str], **kwargs: typing.Any):
        self.names = tuple(names)
        self._valid = frozenset(names)
        inner = String(metadata={"enum": list(self.names)})
        super().__init__(inner, validate=validate.Length(min=1, max=len(self.names)), **kwargs)

    def _deserialize(
        self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any
    ) -> list[typing.Any]:
        names: list[str] = value.split(",")
        if len(names) <= len(self.names) and self._valid.issuperset(names):
            return list(dict.fromkeys(names))
        # The steps below find the message.
        names = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        if not names:
            raise ma.ValidationError(f"Must be one or more of {', '.join(self.names)}.")
        if len(names) > len(self.names):
            raise ma.ValidationError(f"{len(names)} names, but only {len(self.names)} exist. List each name once.")
        for name in names:
            if name not in self.names:
                hint = did_you_mean(name, self.names)
                raise ma.ValidationError(f"{name!r} is not one of {', '.join(self.names)}.{hint}")
        return list(dict.fromkeys(names))
