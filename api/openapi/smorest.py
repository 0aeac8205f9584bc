"""flask-smorest under the rules of this house: our Api and Blueprint.

What is overridden and why stands here and nowhere else; tests/test_http.py pins each of it.
"""

from __future__ import annotations

import typing

import flask_smorest
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response, request

from api.http import negotiation
from api.http.deprecation import Deprecated, documented_headers, mark_parameters
from api.http.negotiation import JSON
from api.http.operations import Operation, RequestCost, current_operation
from api.http.problems import PROBLEM_JSON, PROBLEMS, InvalidParameters, NotAcceptable
from api.http.queries import Parser
from api.http.scopes import OPEN
from api.http.versions import Version
from api.openapi.problem_examples import EXAMPLES
from api.openapi.responses import (
    BODIES,
    HEADERS,
    OPTIONAL,
    REQUEST_HEADERS,
    Answer,
    Body,
    component,
    documented_problems,
    example_of,
    headers_of,
)
from schemas.problem import Problem
from schemas.shapes import AnyOf, OneOf, Shape
from schemas.values import WORD, Choice

# The security scheme of keys, as the document names it.
KEY = "key"

_HEADERS_OF_PROBLEMS = {405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}


class _Kept(dict[str, typing.Any]):
    """What is documented of one operation: never copied, for it is of one blueprint, which is of one app.

    flask-smorest copies it three times, examples and all, which was half of the time that an app took to start.
    """

    def __deepcopy__(self, memo: object) -> _Kept:
        return self


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
        cost: int | RequestCost = 1,
        deprecated: tuple[Deprecated, ...] = (),
    ) -> typing.Callable[[typing.Any], typing.Any]:
        """A view: its id, the scope it needs, what it takes and answers; `headers` are those of the request.

        `deprecated` is what of it is to go: parameters, or all of it.

        Views answer with responses, so of flask-smorest's wrappers the documentation is all that is of use: this
        writes down what they would, and leaves the view as it is.
        """
        slugs = (
            InvalidParameters.slug,
            # What answers nothing, answers it to everybody.
            *([NotAcceptable.slug] if any(answer.shape is not None for answer in answers) else []),
            "bad-request",
            "uri-too-long",
            # A key that is not valid is refused even where none is needed.
            "key-required",
            "too-many-requests",
            "internal-error",
            "unavailable",
            *problems,
        )
        manual: dict[str, typing.Any] = {"operationId": operation_id, "tags": [self.name]}
        if body is not None:
            manual["requestBody"] = body.documented()
        if scope != OPEN:
            manual["security"] = [{KEY: [scope]}]
            slugs += ("scope-required",)
        if deprecated:
            slugs += ("sunset",)
        if any(not each.parameter for each in deprecated):
            manual["deprecated"] = True
        responses: dict[int, list[typing.Any]] = {}
        for answer in answers:
            documented = answer.documented()
            if deprecated:
                documented["headers"] |= documented_headers(deprecated)
            responses.setdefault(answer.status, []).append(documented)
        responses |= documented_problems(slugs)

        def decorator(view: typing.Any) -> typing.Any:
            media_types = tuple(dict.fromkeys(answer.media_type for answer in answers if answer.shape is not None))
            view._operation = Operation(operation_id, scope, cost, media_types, deprecated)
            view._apidoc = {
                "arguments": {"parameters": list(headers)},
                "response": _Kept(responses=responses),
                "manual_doc": _Kept(manual),
                "deprecated": deprecated,
            }
            return view

        return decorator

    def _prepare_arguments_doc(self, doc: typing.Any, doc_info: typing.Any, **context: typing.Any) -> typing.Any:
        # The answer for wrong arguments is a problem like others, and documented with them.
        doc_info.get("arguments", {}).pop("responses", None)
        if deprecated := doc_info.pop("deprecated", ()):
            _mark(doc_info, deprecated)
        return super()._prepare_arguments_doc(doc, doc_info, **context)


def _mark(doc_info: dict[str, typing.Any], deprecated: tuple[Deprecated, ...]) -> None:
    """Say what is deprecated where it is documented: in the description of the operation or of a parameter."""
    for each in doc_info["arguments"]["parameters"]:
        if isinstance(each, dict) and each["in"] == "query":
            # A copy already: flask-smorest makes one of what it is about to document.
            mark_parameters(each["schema"], deprecated)
    told = [each.told for each in deprecated if not each.parameter]
    if told:
        docstring = doc_info["docstring"]
        docstring["description"] = "\n\n".join([*filter(None, [docstring.get("description")]), *told])


def _negotiate() -> None:
    operation = current_operation()
    # Who says `format` may have a program that says anything in Accept.
    if operation is not None and operation.media_types and "format" not in request.args:
        negotiation.insist(*operation.media_types)


class Rest(flask_smorest.Api):  # type: ignore[misc]
    """A version's OpenAPI document and the registration of its blueprints; failures are answered by `problems`."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = Problem

    def __init__(self, app: Flask, version: Version, **spec: typing.Any):
        self.version = version
        self._undocumented: list[Blueprint] = []
        super().__init__(app, spec_kwargs={"version": version.semver, **spec})

    def register_blueprint(self, blp: Blueprint, **options: typing.Any) -> None:
        """Serve a blueprint of the version; it is documented when the document is asked for."""
        self._app.register_blueprint(blp, url_prefix=self.version.prefix, name=self._endpoint(blp), **options)
        self._undocumented.append(blp)

    def _endpoint(self, blp: Blueprint) -> str:
        # Each version has a blueprint of this name, and tags of the document are named without the version.
        return f"{self.version.name}.{blp.name}"

    def documented(self) -> dict[str, typing.Any]:
        """The document of all blueprints."""
        if self._undocumented:
            self._document_problems()
        while self._undocumented:
            blp = self._undocumented.pop(0)
            blp.register_views_in_doc(self, self._app, self.spec, name=self._endpoint(blp), parameters=None)
            self.spec.tag({"name": blp.name, "description": blp.description})
        return typing.cast("dict[str, typing.Any]", self.spec.to_dict())

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
        self.ma_plugin.converter.add_attribute_function(_document_vocabulary)
        for name, told in HEADERS.items():
            header = {**told, "description": told["description"].format(prefix=self.version.prefix)}
            self.spec.components.header(name, header)
        for name in OPTIONAL:
            self.spec.components.header(f"Optional{name}", {**HEADERS[name], "required": False})
        for name, body in BODIES.items():
            self.spec.components.schema(name, body)
        for name, parameter in REQUEST_HEADERS.items():
            self.spec.components.parameter(name, "header", parameter, lazy=True)

    def _register_responses(self) -> None:
        """None yet: they are documented with the blueprints."""

    def _document_problems(self) -> None:
        for type_ in map(PROBLEMS.__getitem__, EXAMPLES):
            response = {
                "description": type_.meaning,
                "headers": headers_of(*_HEADERS_OF_PROBLEMS.get(type_.status, ())),
                "content": {PROBLEM_JSON: {"schema": Problem, "example": example_of(type_)}},
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
                "oneOf": [*references.values(), converter.resolve_nested_schema(field.other)],
                "discriminator": {
                    "propertyName": field.discriminator,
                    "mapping": {key: reference["$ref"] for key, reference in references.items()},
                },
            },
        )
    return {"$ref": f"#/components/schemas/{field.shape_name}"}


def _document_vocabulary(
    converter: OpenAPIConverter, field: typing.Any, ret: dict[str, typing.Any], **_: typing.Any
) -> dict[str, typing.Any]:
    """The words of an extensible vocabulary: all there are where they are sent, those known so far where answered."""
    if isinstance(field, Choice) and field.extensible and not isinstance(field.root, Shape):
        return {"x-extensible-enum": [word for word in ret.pop("enum") if word is not None], **WORD}
    return {}


def text_response(text: str | bytes) -> Response:
    """An answer of stored or assembled JSON."""
    return Response(text, mimetype=JSON)
