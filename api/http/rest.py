"""flask-smorest under the rules of this house: our Api, Blueprint and parser of arguments.

What is overridden and why stands here and nowhere else; tests/test_http.py pins each of it.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from urllib.parse import unquote, unquote_to_bytes

import flask_smorest
import marshmallow as ma
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response, request
from marshmallow import fields
from webargs.fields import DelimitedList
from webargs.flaskparser import FlaskParser

from api.http import operations
from api.http.operations import Operation
from api.http.problems import PROBLEM_JSON, PROBLEMS, InvalidParameters, NotAcceptable, ProblemType
from api.http.scopes import OPEN
from schemas.problem import Problem
from schemas.shapes import AnyOf, OneOf
from schemas.values import closest

JSON = "application/json"

# The security scheme of keys, as the document names it.
KEY = "key"

_HEADERS: dict[str, dict[str, typing.Any]] = {
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
    "Location": {"description": "The address of the new record.", "schema": {"type": "string"}, "required": True},
    "Dry-Run": {
        "description": "Only for a dry run: what would have been done.",
        "schema": {"type": "string", "enum": ["created", "updated", "unchanged", "deleted"]},
    },
    "Idempotent-Replayed": {
        "description": "`true` where this is the answer to an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RateLimit-Policy": {
        "description": "How much may be asked (`q`) in how many seconds (`w`), where there is a limit.",
        "schema": {"type": "string", "pattern": '^"default";q=[0-9]+;w=[0-9]+$'},
    },
    "RateLimit": {
        "description": "How much of that is left (`r`), and for how many seconds (`t`).",
        "schema": {"type": "string", "pattern": '^"default";r=[0-9]+;t=[0-9]+$'},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
        "required": True,
    },
}
# Headers of requests, by the names of their components.
_REQUEST_HEADERS: dict[str, dict[str, typing.Any]] = {
    "IfMatch": {
        "name": "If-Match",
        "required": True,
        "description": "The ETag of the record as it was seen; `*` for whatever it is now.",
        "example": "*",
    },
    "IfMatchToReplace": {
        "name": "If-Match",
        "description": "The ETag of the record that is to be replaced; needed where there is one.",
        "example": "*",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "description": "`*`: put the record only where there is none.",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "description": "Any text of your own, new for each new request: sent again within a day with the same body, "
        "the request is answered as before and done only once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "ContentEncoding": {
        "name": "Content-Encoding",
        "description": "`gzip` for a body that is compressed.",
        "schema": {"type": "string", "enum": ["gzip"]},
    },
}
_EVERYWHERE = ("API-Version", "X-Request-Id", "RateLimit-Policy", "RateLimit")


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


@dataclass(frozen=True)
class Answer:
    """One good answer of an operation, as it is documented."""

    status: int
    shape: typing.Any = None
    example: typing.Any = None
    headers: tuple[str, ...] = ()
    media_type: str = JSON
    description: str | None = None

    def documented(self) -> dict[str, typing.Any]:
        parts = {
            "schema": self.shape() if isinstance(self.shape, type) else self.shape,
            "example": self.example,
            "description": self.description or HTTPStatus(self.status).phrase,
            "headers": _headers(*self.headers),
        }
        return {name: part for name, part in parts.items() if part is not None} | {"content_type": self.media_type}


@dataclass(frozen=True)
class Body:
    """What an operation takes: the media type and shape of its body, with an example."""

    shape: typing.Any
    example: typing.Any
    media_type: str = JSON

    def documented(self) -> dict[str, typing.Any]:
        content = {"schema": self.shape, "example": self.example}
        return {"required": True, "content": {self.media_type: content}}


def read(shape: typing.Any, example: typing.Any, *, link: bool = False, media_type: str = JSON) -> tuple[Answer, ...]:
    """The answers of an operation that reads: what was asked for, and the 304 for who has it."""
    return (
        Answer(200, shape, example, headers=("ETag", *(["Link"] * link)), media_type=media_type),
        Answer(304, headers=("ETag",), description="What the client has is still so."),
    )


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Endpoints that document what they take and give back, and pass stored texts through."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, *, description: str):
        super().__init__(name, __name__, description=description)
        self.before_request(_negotiate)

    def operation(
        self,
        operation_id: str,
        *,
        scope: str,
        answers: tuple[Answer, ...],
        problems: tuple[str, ...] = (),
        body: Body | None = None,
        headers: tuple[str, ...] = (),
        cost: int = 1,
    ) -> typing.Callable[[typing.Any], typing.Any]:
        """A view: its id, the scope it needs, what it takes and answers; `headers` are those of the request.

        Views answer with responses, so of flask-smorest's wrappers the documentation is all that is of use: this
        writes down what they would, and leaves the view as it is.
        """
        slugs = (
            InvalidParameters.slug,
            NotAcceptable.slug,
            "uri-too-long",
            # A key that is not valid is refused even where none is needed.
            "key-required",
            "too-many-requests",
            "unavailable",
            *problems,
        )
        manual: dict[str, typing.Any] = {"operationId": operation_id}
        if body is not None:
            manual["requestBody"] = body.documented()
        if scope != OPEN:
            manual["security"] = [{KEY: [scope]}]
            slugs += ("scope-required",)
        responses: dict[int, list[typing.Any]] = {}
        for answer in answers:
            responses.setdefault(answer.status, []).append(answer.documented())
        responses |= _documented_problems(slugs)

        def decorator(view: typing.Any) -> typing.Any:
            media_types = tuple(dict.fromkeys(answer.media_type for answer in answers if answer.shape is not None))
            view._operation = Operation(operation_id, scope, cost, media_types)
            view._apidoc = {
                "arguments": {"parameters": list(headers)},
                "response": {"responses": responses},
                "manual_doc": manual,
            }
            return view

        return decorator

    def _prepare_arguments_doc(self, doc: typing.Any, doc_info: typing.Any, **context: typing.Any) -> typing.Any:
        # The answer for wrong arguments is a problem like others, and documented with them.
        doc_info.get("arguments", {}).pop("responses", None)
        return super()._prepare_arguments_doc(doc, doc_info, **context)


def _documented_problems(slugs: tuple[str, ...]) -> dict[int, list[typing.Any]]:
    """The problems of an operation by status: by reference, or spelled out where several share a status."""
    by_status: dict[int, list[ProblemType]] = {}
    for slug in dict.fromkeys(slugs):
        by_status.setdefault(PROBLEMS[slug].status, []).append(PROBLEMS[slug])
    return {
        status: [component(types[0].slug) if len(types) == 1 else _one_of_several(types)]
        for status, types in by_status.items()
    }


def _example(type_: ProblemType) -> dict[str, typing.Any]:
    return {
        "type": f"https://onrecord.example/problems/{type_.slug}",
        "title": type_.title,
        "status": type_.status,
        "detail": type_.meaning,
        "code": type_.slug,
        "request_id": "0123456789abcdef",
    }


def _one_of_several(types: list[ProblemType]) -> dict[str, typing.Any]:
    told = "\n".join(f"- `{type_.slug}`: {type_.meaning}" for type_ in types)
    return {
        "schema": Problem(),
        "description": f"One of these, told apart by `code`:\n\n{told}",
        "examples": {type_.slug: {"summary": type_.title, "value": _example(type_)} for type_ in types},
        "headers": _headers(),
        "content_type": PROBLEM_JSON,
    }


def _negotiate() -> None:
    operation = operations.current()
    if operation is not None and operation.media_types:
        negotiate(*operation.media_types)


def negotiate(*media_types: str) -> None:
    """Refuse a request that admits none of the media types, by whatever wildcard."""
    accepted = request.accept_mimetypes
    if accepted and request.method != "OPTIONS" and not accepted.best_match(media_types):
        raise NotAcceptable(f"This path answers {' and '.join(media_types)}, not {request.headers['Accept'][:200]}.")


def _headers(*names: str) -> dict[str, str]:
    """Headers of an answer, each with the name that it has among the components; "ETag?" need not be there."""
    return {name.rstrip("?"): f"Optional{name[:-1]}" if name.endswith("?") else name for name in (*names, *_EVERYWHERE)}


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
        self.spec.components.security_scheme(
            KEY,
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A key that `onrecord keys create` made: `Authorization: Bearer onrecord_…`.",
            },
        )
        self.ma_plugin.converter.add_attribute_function(_document_alternatives)
        for name, header in _HEADERS.items():
            self.spec.components.header(name, header)
            self.spec.components.header(f"Optional{name}", {**header, "required": False})
        for name, parameter in _REQUEST_HEADERS.items():
            self.spec.components.parameter(name, "header", {"schema": {"type": "string"}, **parameter}, lazy=True)

    def _register_responses(self) -> None:
        for type_ in PROBLEMS.values():
            response = {
                "description": type_.meaning,
                "headers": _headers(*(["Retry-After"] * (type_.status in (429, 503)))),
                "content": {PROBLEM_JSON: {"schema": Problem, "example": _example(type_)}},
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
