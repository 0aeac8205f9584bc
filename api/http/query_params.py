"""Query strings: every wrong parameter is named, none is passed over."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote, unquote_to_bytes

import marshmallow as ma
from marshmallow import fields
from webargs.fields import DelimitedList
from webargs.flaskparser import FlaskParser

from api.http.problems import InvalidParameters
from schemas.fields import limited_suggestions, suggest


class QuerySchema(ma.Schema):
    """A schema of query parameters; `advice` tells what a word that people try is called here."""

    advice: typing.ClassVar[dict[str, str]] = {}

    def load(self, data: typing.Any, **_: typing.Any) -> typing.Any:
        """What a query gives, and the defaults of what it leaves out.

        A list has some eighty parameters and a query two of them: marshmallow would look at all, this at those.
        """
        loaded: dict[str, typing.Any] = dict(self._defaults)
        wrong: dict[str, typing.Any] = {}
        with limited_suggestions():
            for name, value in data.items():
                field = self.load_fields.get(name)
                if field is None:
                    wrong[name] = [self.error_messages["unknown"]]
                    continue
                try:
                    loaded[name] = field.deserialize(value, name, data)
                except ma.ValidationError as error:
                    wrong[name] = error.messages
        if wrong:
            raise ma.ValidationError(wrong)
        return loaded

    @cached_property
    def _defaults(self) -> dict[str, typing.Any]:
        return {
            name: field.load_default() if callable(field.load_default) else field.load_default
            for name, field in self.load_fields.items()
            if field.load_default is not ma.missing
        }


class QueryParser(FlaskParser):
    """Reads query strings: every wrong parameter is named, none is passed over."""

    def load_querystring(self, req: typing.Any, schema: ma.Schema) -> typing.Any:
        given, wrong = {}, [(name, "Not UTF-8.") for name in _garbled(req.query_string)]
        for name, values in req.args.lists():
            field = schema.fields.get(name)
            if isinstance(field, DelimitedList):
                # Some generated clients repeat the name where the document says to separate by commas.
                given[name] = ",".join(values)
            elif isinstance(field, fields.List):
                given[name] = values
            else:
                given[name] = values[0]
                if field is not None and len(values) > 1:
                    wrong.append((name, "Given more than once, and it counts once."))
        if wrong:
            raise InvalidParameters(wrong)
        return given

    def handle_error(
        self, error: ma.ValidationError, req: typing.Any, schema: ma.Schema, **_: typing.Any
    ) -> typing.NoReturn:
        wrong = []
        # webargs puts what it found under the name of the place it looked in.
        by_place = typing.cast("dict[str, dict[str, typing.Any]]", error.messages)
        with limited_suggestions():
            for name, messages in (item for found in by_place.values() for item in found.items()):
                unknown = messages == [schema.error_messages["unknown"]]
                texts = _unknown(name, schema) if unknown else _texts(messages)
                wrong.append((name, " ".join(dict.fromkeys(texts))))
        raise InvalidParameters(wrong)


def _garbled(query: bytes) -> Iterator[str]:
    """The names of parameters that are not UTF-8, which Flask would pass over."""
    for pair in query.split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            yield unquote(pair.partition(b"=")[0].decode("latin-1"))


def _texts(messages: typing.Any) -> list[str]:
    if isinstance(messages, dict):
        return [text for inner in messages.values() for text in _texts(inner)]
    return [str(text) for text in messages]


def _unknown(name: str, schema: ma.Schema) -> list[str]:
    """What to say of a parameter that there is not: what it is called here, or what there is."""
    advice: dict[str, str] = getattr(schema, "advice", {})
    stem, bracket, rest = name.partition("[")
    if stem in advice and stem not in schema.fields:
        advised = advice[stem]
        return [advised if " " in advised else f"Unknown parameter. It is called {advised}{bracket}{rest} here."]
    declared = [field for field in schema.fields if field.startswith(f"{stem}[")]
    if bracket and stem in schema.fields:
        allowed = f"It can be asked as {', '.join([stem, *declared])}." if declared else f"{stem} takes no brackets."
        return [f"Unknown parameter. {allowed}"]
    meant = suggest(name, schema.fields)
    if meant is None and (synonym := suggest(name, advice)) is not None and " " not in advice[synonym]:
        meant = advice[synonym]
    return [
        f"Unknown parameter.{f' Did you mean {meant}?' if meant else ' The OpenAPI document lists those there are.'}"
    ]
