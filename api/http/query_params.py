"""Query parameters: parsing, and messages for every invalid parameter."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cached_property, lru_cache
from urllib.parse import unquote, unquote_to_bytes

import marshmallow as ma
from marshmallow import fields
from webargs.fields import DelimitedList
from werkzeug import Request

from api.http.problems import InvalidParameters
from schemas.fields import limited_suggestions, suggest
from schemas.json_pointer import flatten_messages

# The number of parsed values that are kept, and the maximum length of a query whose values are kept.
_VALUES_MAX = 4096
_REMEMBERED_QUERY_MAX = 500


class QuerySchema(ma.Schema):
    """A schema of query parameters. `hints` maps common wrong names to the right name, or to a message."""

    hints: typing.ClassVar[dict[str, str]] = {}

    def load(self, data: typing.Any, *, remember: bool = False, **_: typing.Any) -> typing.Any:
        """Return the values of a query, with the defaults of absent parameters. `remember` keeps the parsed values.

        A list has about eighty parameters, of which a query uses two. marshmallow would look at all of them.
        """
        loaded: dict[str, typing.Any] = dict(self._defaults)
        if not data:
            return loaded
        errors: dict[str, typing.Any] = {}
        parse_value = _remembered_value if remember else _value
        with limited_suggestions():
            for name, value in data.items():
                field = self.load_fields.get(name)
                if field is None:
                    errors[name] = [self.error_messages["unknown"]]
                    continue
                try:
                    loaded[name] = parse_value(field, name, value)
                except ma.ValidationError as error:
                    errors[name] = error.messages
        if errors:
            raise ma.ValidationError(errors)
        return loaded

    @cached_property
    def _defaults(self) -> dict[str, typing.Any]:
        return {
            name: field.load_default() if callable(field.load_default) else field.load_default
            for name, field in self.load_fields.items()
            if field.load_default is not ma.missing
        }


def _value(field: fields.Field[typing.Any], name: str, value: str | tuple[str, ...]) -> typing.Any:
    return field.deserialize(value, name)


# The pages of a list, and the lists that one client requests, differ in one or two values.
_remembered_value = lru_cache(maxsize=_VALUES_MAX)(_value)


def parse(schema: QuerySchema, request: Request) -> dict[str, typing.Any]:
    """Return the values of the query of a request, with the defaults of absent parameters.

    Raises InvalidParameters with a message for every invalid parameter.
    """
    params = _read(schema, request) if request.query_string else {}
    try:
        remember = len(request.query_string) <= _REMEMBERED_QUERY_MAX
        values: dict[str, typing.Any] = schema.load(params, remember=remember)
    except ma.ValidationError as error:
        raise InvalidParameters(list(_messages(error, schema))) from None
    return values


def _read(schema: QuerySchema, request: Request) -> dict[str, str | tuple[str, ...]]:
    """Return the texts of the parameters by name, as tuples for those that can be repeated."""
    params: dict[str, str | tuple[str, ...]] = {}
    invalid = [(name, "Not UTF-8.") for name in _undecodable(request.query_string)]
    for name, values in request.args.lists():
        field = schema.fields.get(name)
        if isinstance(field, DelimitedList):
            # Some generated clients repeat the name, although the document requires commas.
            params[name] = ",".join(values)
        elif isinstance(field, fields.List):
            params[name] = tuple(values)
        else:
            params[name] = values[0]
            if field is not None and len(values) > 1:
                invalid.append((name, "Must not be repeated."))
    if invalid:
        raise InvalidParameters(invalid)
    return params


def _messages(error: ma.ValidationError, schema: QuerySchema) -> Iterator[tuple[str, str]]:
    """Yield the name of each invalid parameter, and its message."""
    messages_by_name = typing.cast("dict[str, typing.Any]", error.messages)
    with limited_suggestions():
        for name, messages in messages_by_name.items():
            unknown = messages == [schema.error_messages["unknown"]]
            texts = [_unknown_message(name, schema)] if unknown else [text for _, text in flatten_messages(messages)]
            yield name, " ".join(dict.fromkeys(texts))


def _undecodable(query: bytes) -> Iterator[str]:
    """Yield the names of parameters that are not UTF-8, which Flask would ignore."""
    if b"%" not in query and query.isascii():
        return
    for pair in query.split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            yield unquote(pair.partition(b"=")[0].decode("latin-1"))


def _unknown_message(name: str, schema: ma.Schema) -> str:
    """Return the message for an unknown parameter, with the right name if there is one."""
    hints: dict[str, str] = getattr(schema, "hints", {})
    stem, bracket, rest = name.partition("[")
    if stem in hints and stem not in schema.fields:
        hint = hints[stem]
        return hint if " " in hint else f"Unknown parameter. Use {hint}{bracket}{rest}."
    if bracket and stem in schema.fields:
        forms = [field for field in schema.fields if field.startswith(f"{stem}[")]
        allowed = f"Use one of {', '.join([stem, *forms])}." if forms else f"{stem} supports no brackets."
        return f"Unknown parameter. {allowed}"
    suggestion = suggest(name, schema.fields)
    if suggestion is None and (synonym := suggest(name, hints)) is not None and " " not in hints[synonym]:
        suggestion = hints[synonym]
    return f"Unknown parameter. {f'Did you mean {suggestion}?' if suggestion else 'The OpenAPI document lists all.'}"
