"""flask-smorest under the rules of this house: our Api, Blueprint and parser of arguments.

What is overridden and why stands here and nowhere else; tests/test_http.py pins each of it.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote, unquote_to_bytes

import flask_smorest
import marshmallow as ma
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response, request
from marshmallow import fields
from webargs.fields import DelimitedList
from webargs.flaskparser import FlaskParser

from api.http.problems import PROBLEMS, InvalidParameters, NotAcceptable
from schemas.problem import Problem
from schemas.shapes import AnyOf, OneOf
from schemas.values import closest

JSON = "application/json"

_HEADERS = {
    "API-Version": {"description": "The version of this contract.", "schema": {"type": "string"}, "required": True},
    "X-Request-Id": {
        "description": "The request's id: the client's own where it sent a usable one.",
        "schema": {"type": "string"},
        "required": True,
    },
    "ETag": {
        "description": "The tag of this representation, for If-None-Match.",
        "schema": {"type": "string"},
        "required": True,
    },
    "Link": {"description": "The pages beside this one, as in `page`.", "schema": {"type": "string"}},
}
_EVERYWHERE = ("API-Version", "X-Request-Id")


def component(slug: str) -> str:
    """The name of a problem's answer in the document.

    >>> component("not-found")
    'NotFound'
    """
    return "".join(word.capitalize() for word in slug.split("-"))


class Parameters(ma.Schema):
    """A schema of query parameters; `advice` tells what a word that people try is called here."""

    advice: typing.ClassVar[dict[str, str]] = {}

    def load(self, data: typing.Any, **_: typing.Any) -> typing.Any:
        """What a query gives, and the defaults of what it leaves out.

        A list has some eighty parameters and a query two of them: marshmallow would look at all, this at those.
        """
        loaded: dict[str, typing.Any] = dict(self._defaults)
        wrong: dict[str, typing.Any] = {}
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


class Parser(FlaskParser):
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
    meant = closest(name, schema.fields)
    if meant is None and (synonym := closest(name, advice)) is not None and " " not in advice[synonym]:
        meant = advice[synonym]
    return [
        f"Unknown parameter.{f' Did you mean {meant}?' if meant else ' The OpenAPI document lists those there are.'}"
    ]


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Endpoints that document what they take and give back, and pass stored texts through."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, *, description: str):
        super().__init__(name, __name__, description=description)
        self.before_request(lambda: negotiate(JSON))

    def operation(
        self,
        operation_id: str,
        *,
        answer: typing.Any,
        example: typing.Any,
        problems: tuple[str, ...],
        link: bool = False,
    ) -> typing.Callable[[typing.Any], typing.Any]:
        """A view that reads: its id, its one good answer with an example, its 304 and its problems."""
        answers = [
            self.response(200, answer, example=example, headers=_headers("ETag", *(["Link"] * link))),
            self.alt_response(304, description="What the client has is still so.", headers=_headers("ETag")),
            *(
                self.alt_response(PROBLEMS[slug].status, response=component(slug))
                for slug in (*problems, NotAcceptable.slug, "uri-too-long")
            ),
            self.doc(operationId=operation_id),
        ]

        def decorator(view: typing.Any) -> typing.Any:
            documented = view
            for document in answers:
                documented = document(documented)
            # Views answer with responses, so of flask-smorest's wrappers the documentation is all that is of use.
            view._apidoc = documented._apidoc
            return view

        return decorator

    def _prepare_arguments_doc(self, doc: typing.Any, doc_info: typing.Any, **context: typing.Any) -> typing.Any:
        if "arguments" in doc_info:
            type_ = PROBLEMS[InvalidParameters.slug]
            doc_info["arguments"]["responses"] = {type_.status: component(type_.slug)}
        return super()._prepare_arguments_doc(doc, doc_info, **context)


def negotiate(*media_types: str) -> None:
    """Refuse a request that admits none of the media types, by whatever wildcard."""
    accepted = request.accept_mimetypes
    if accepted and request.method != "OPTIONS" and not accepted.best_match(media_types):
        raise NotAcceptable(f"This path answers {' and '.join(media_types)}, not {request.headers['Accept'][:200]}.")


def _headers(*names: str) -> dict[str, str]:
    """Headers of an answer, each by the name that it has among the components."""
    return {name: name for name in (*names, *_EVERYWHERE)}


class Rest(flask_smorest.Api):  # type: ignore[misc]
    """The OpenAPI document and the registration of blueprints; failures are answered by `problems`."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = Problem

    def __init__(self, app: Flask, **spec: typing.Any):
        super().__init__(app, spec_kwargs=spec)

    def _register_error_handlers(self) -> None:
        """None here: handlers are the app's, whatever versions it serves."""

    def _init_spec(self, **options: typing.Any) -> None:
        super()._init_spec(**options)
        self.ma_plugin.converter.add_attribute_function(_document_alternatives)
        for name, header in _HEADERS.items():
            self.spec.components.header(name, header, lazy=True)

    def _register_responses(self) -> None:
        for type_ in PROBLEMS.values():
            response = {
                "description": type_.meaning,
                "headers": _headers(),
                "content": {"application/problem+json": {"schema": Problem}},
            }
            self.spec.components.response(component(type_.slug), response, lazy=True)

    def _register_etag_headers(self) -> None:
        """None: flask-smorest's ETags are not used."""

    def _register_pagination_header(self) -> None:
        """None: nor is its pagination."""


def _document_alternatives(converter: OpenAPIConverter, field: typing.Any, **_: typing.Any) -> dict[str, typing.Any]:
    """The documentation of a field that holds one of several shapes."""
    if isinstance(field, OneOf):
        return _named_alternatives(converter, field)
    if isinstance(field, AnyOf):
        shapes = [
            _named_alternatives(converter, shape)
            if isinstance(shape, OneOf)
            else converter.resolve_nested_schema(shape)
            for shape in field.shapes
        ]
        return {"anyOf": [*shapes, *([{"type": "null"}] if field.allow_none else [])]}
    return {}


def _named_alternatives(converter: OpenAPIConverter, field: OneOf) -> dict[str, str]:
    components = converter.spec.components
    if field.shape_name not in components.schemas:
        references = {key: converter.resolve_nested_schema(shape) for key, shape in field.shapes.items()}
        components.schema(
            field.shape_name,
            {
                "oneOf": list(references.values()),
                "discriminator": {
                    "propertyName": field.discriminator,
                    "mapping": {key: reference["$ref"] for key, reference in references.items()},
                },
            },
        )
    return {"$ref": f"#/components/schemas/{field.shape_name}"}


def text_response(text: str | bytes) -> Response:
    """An answer of stored or assembled JSON."""
    return Response(text, mimetype=JSON)
