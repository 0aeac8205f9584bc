"""flask-smorest's Api and Blueprint, changed to document operations as this service needs.

tests/http/test_http_semantics.py pins each override.
"""

from __future__ import annotations

import typing
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps

import flask_smorest
import marshmallow as ma
import orjson
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask

from api.http import query_params
from api.http.context import current_request
from api.http.operations import Deprecated, Operation, RequestCost
from api.http.query_params import QuerySchema
from api.http.scopes import OPEN
from api.http.versions import Version
from api.openapi.parameters import hide_namesakes, separate_parameters, share_parameters
from api.openapi.responses import (
    BODIES,
    BY_REQUEST,
    HEADERS,
    REQUEST_HEADERS,
    RequestBodyDoc,
    ResponseDoc,
    deprecation_headers,
    problem_response,
    problems_by_status,
    response_name,
)
from schemas.base import OneOf, OutputSchema, read_only_fields
from schemas.fields import VALUE_FORM, Choice, Instant

# The name of the security scheme of API keys in the document.
KEY = "key"


@dataclass(frozen=True)
class _OperationDoc:
    """The documentation of one operation, before it is rendered."""

    operation: Operation
    tag: str
    responses: tuple[ResponseDoc, ...]
    problems: tuple[str, ...]
    body: RequestBodyDoc | None

    def __deepcopy__(self, memo: object) -> _OperationDoc:
        # flask-smorest copies the documentation of each view twice. This one never changes.
        return self

    def render_responses(self, api: Api) -> dict[int, list[typing.Any]]:
        """Return its responses by status: each is a definition or the name of a component."""
        headers = deprecation_headers(self.operation.deprecated)
        rendered: dict[int, list[typing.Any]] = {}
        for response in self.responses:
            definition = response.render()
            definition["headers"] |= headers
            name = api.add_response(response.component, definition) if response.component and not headers else ""
            rendered.setdefault(response.status, []).append(name or definition)
        for status, types in problems_by_status(self._problems()).items():
            rendered[status] = [api.add_response(response_name(types), problem_response(types))]
        return rendered

    def _problems(self) -> tuple[str, ...]:
        return (
            "invalid-parameters",
            # Operations without a response body never return 406.
            *(["not-acceptable"] if self.operation.media_types else []),
            "bad-request",
            "uri-too-long",
            # An invalid key is rejected even if the operation needs none.
            "key-required",
            "too-many-requests",
            "internal-error",
            "unavailable",
            *self.problems,
            *(["scope-required"] if self.operation.scope != OPEN else []),
            *(["sunset"] if self.operation.deprecated else []),
        )

    def render_rest(self, api: Api) -> dict[str, typing.Any]:
        """Return its members other than parameters, responses and texts."""
        rest: dict[str, typing.Any] = {"operationId": self.operation.id, "tags": [self.tag]}
        if self.body is not None:
            rest["requestBody"] = self.body.render()
            # apispec replaces the schemas only under `content`.
            api.ma_plugin.resolver.resolve_schema({"content": rest["requestBody"].get(BY_REQUEST, {})})
        if self.operation.scope != OPEN:
            rest["security"] = [{KEY: [self.operation.scope]}]
        if any(not deprecated.parameter for deprecated in self.operation.deprecated):
            rest["deprecated"] = True
        return rest


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Endpoints that document their requests and responses. Their views return Flask responses."""

    def __init__(self, name: str, *, description: str):
        super().__init__(name, __name__, description=description)

    def arguments(self, schema: QuerySchema, *, location: str) -> typing.Callable[[typing.Any], typing.Any]:
        """Pass the values of the query to a view, as a schema parses them. `location` is the one in the document."""

        def decorator(view: typing.Any) -> typing.Any:
            @wraps(view)
            def with_params(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
                return view(*args, query_params.parse(schema, current_request()), **kwargs)

            documentation = deepcopy(view._apidoc)
            documentation["arguments"]["parameters"].append({"in": location, "required": True, "schema": schema})
            with_params._apidoc = documentation  # type: ignore[attr-defined]
            return with_params

        return decorator

    def operation(
        self,
        operation_id: str,
        *,
        scope: str,
        responses: tuple[ResponseDoc, ...],
        problems: tuple[str, ...] = (),
        body: RequestBodyDoc | None = None,
        headers: tuple[str, ...] = (),
        path: tuple[dict[str, typing.Any], ...] = (),
        cost: int | RequestCost = 1,
        deprecated: tuple[Deprecated, ...] = (),
    ) -> typing.Callable[[typing.Any], typing.Any]:
        """Declare a view: its id, the scope that it requires, its request body and its responses.

        `headers` are request headers. `path` are path parameters that replace those of the route. `deprecated` lists
        deprecated parameters, or deprecates the operation.
        The view returns responses itself, so flask-smorest only documents it.
        """
        media_types = dict.fromkeys(response.media_type for response in responses if response.schema is not None)
        operation = Operation(operation_id, scope, cost, tuple(media_types), deprecated)

        def decorator(view: typing.Any) -> typing.Any:
            view._operation = operation
            documentation = _OperationDoc(operation, self.name, responses, problems, body)
            view._apidoc = {"arguments": {"parameters": [*path, *headers]}, "operation": documentation}
            return view

        return decorator

    def _prepare_arguments_doc(self, doc: typing.Any, doc_info: typing.Any, **context: typing.Any) -> typing.Any:
        # flask-smorest calls this first, so it also renders the parts that the next steps read.
        documentation: _OperationDoc = doc_info["operation"]
        if deprecated := documentation.operation.deprecated:
            _mark_deprecated(doc_info, deprecated)
        doc_info["response"] = {"responses": documentation.render_responses(context["api"])}
        doc_info["manual_doc"] = documentation.render_rest(context["api"])
        return super()._prepare_arguments_doc(doc, doc_info, **context)


def _mark_deprecated(doc_info: dict[str, typing.Any], deprecated: tuple[Deprecated, ...]) -> None:
    """Mark deprecated query parameters, and describe a deprecated operation as such."""
    by_parameter = {item.parameter: item for item in deprecated}
    for arguments in doc_info["arguments"]["parameters"]:
        if isinstance(arguments, dict) and arguments["in"] == "query":
            # flask-smorest copied the schema, so its fields can be changed.
            for name, field in arguments["schema"].fields.items():
                if name in by_parameter:
                    description = f"{field.metadata.get('description', '')} {by_parameter[name].description}".strip()
                    field.metadata = {**field.metadata, "deprecated": True, "description": description}
    if whole := by_parameter.get(""):
        docstring = doc_info["docstring"]
        docstring["description"] = "\n\n".join([*filter(None, [docstring.get("description")]), whole.description])


class _Converter(OpenAPIConverter):
    """Converter of schemas that documents the read-only fields of requests, which are ignored if unchanged."""

    def schema2jsonschema(self, schema: ma.Schema) -> dict[str, typing.Any]:
        document: dict[str, typing.Any] = super().schema2jsonschema(schema)
        for name, field in read_only_fields(type(schema)).items():
            form = {"type": "string", **field.request_keywords} if isinstance(field, Instant) else None
            document["properties"][name] = {**(form or self.field2property(field)), "readOnly": True}
        return document


class _SchemaPlugin(MarshmallowPlugin):
    """Plugin that uses the converter."""

    Converter = _Converter


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The blueprints of a version and its OpenAPI document. `api.http.problems` handles errors."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask, version: Version, **spec: typing.Any):
        self.version = version
        self._blueprints: list[Blueprint] = []
        super().__init__(app, spec_kwargs={"version": version.semver, **spec})

    def register_blueprint(self, blp: typing.Any, **options: typing.Any) -> None:
        """Serve a blueprint. It is documented when the document is rendered."""
        self._app.register_blueprint(blp, url_prefix=self.version.prefix, name=self._endpoint(blp), **options)
        self._blueprints.append(blp)

    def _endpoint(self, blp: Blueprint) -> str:
        # Every version has a blueprint of this name. Tags are named without the version.
        return f"{self.version.name}.{blp.name}"

    def render(self) -> dict[str, typing.Any]:
        """Return the document of all blueprints, with the examples that its functions return. Call this once."""
        for blp in self._blueprints:
            blp.register_views_in_doc(self, self._app, self.spec, name=self._endpoint(blp), parameters=None)
            self.spec.tag({"name": blp.name, "description": blp.description})
        document = orjson.loads(orjson.dumps(self.spec.to_dict(), default=lambda example: example()))
        hide_namesakes(document)
        separate_parameters(document)
        share_parameters(document)
        return typing.cast("dict[str, typing.Any]", document)

    def add_response(self, name: str, response: dict[str, typing.Any]) -> str:
        """Add a response to the components, unless it is one of them, and return its name."""
        if name not in self.spec.components.responses:
            content = {key: response.pop(key) for key in ("schema", "example", "examples") if key in response}
            media_type = response.pop("content_type")
            if content:
                response["content"] = {media_type: content}
            self.spec.components.response(name, response)
        return name

    def _init_spec(self, **options: typing.Any) -> None:
        super()._init_spec(marshmallow_plugin=_SchemaPlugin(), **options)
        components = self.spec.components
        components.security_scheme(
            KEY,
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A key that `onrecord keys create` made: `Authorization: Bearer onrecord_…`.",
            },
        )
        self.ma_plugin.converter.add_attribute_function(_document_alternatives)
        self.ma_plugin.converter.add_attribute_function(_document_vocabulary)
        self.ma_plugin.converter.add_attribute_function(_omit_null_default)
        for name, header in HEADERS.items():
            description = header["description"].format(prefix=self.version.prefix)
            components.header(name, {**header, "description": description})
        for name, body in BODIES.items():
            components.schema(name, body)
        for name, parameter in REQUEST_HEADERS.items():
            components.parameter(name, "header", parameter, lazy=True)

    def _register_nothing(self) -> None:
        """Replace the parts of flask-smorest that are not used."""

    _register_error_handlers = _register_responses = _register_nothing
    _register_etag_headers = _register_pagination_header = _register_nothing


def _document_alternatives(converter: OpenAPIConverter, field: typing.Any, **_: typing.Any) -> dict[str, typing.Any]:
    """Return the schema of a field that has one of several schemas."""
    if not isinstance(field, OneOf):
        return {}
    components = converter.spec.components
    if field.schema_name not in components.schemas:
        references = {key: converter.resolve_nested_schema(schema) for key, schema in field.schemas.items()}
        mapping = {key: reference["$ref"] for key, reference in references.items()}
        union = {"oneOf": [*references.values()], "discriminator": {"propertyName": "type", "mapping": mapping}}
        if field.other is not None:
            # Generated clients need a discriminator whose schemas have fixed values.
            known = f"Known{field.schema_name}"
            components.schema(known, union)
            nested = {"$ref": f"#/components/schemas/{known}"}
            union = {"oneOf": [nested, converter.resolve_nested_schema(field.other)]}
        components.schema(field.schema_name, union)
    return {"$ref": f"#/components/schemas/{field.schema_name}"}


def _document_vocabulary(
    converter: OpenAPIConverter, field: typing.Any, ret: dict[str, typing.Any], **_: typing.Any
) -> dict[str, typing.Any]:
    """Return the schema of an extensible vocabulary in responses. Requests accept only its values."""
    if isinstance(field, Choice) and not field.closed and isinstance(field.root, OutputSchema):
        return {"x-extensible-enum": [value for value in ret.pop("enum") if value is not None], **VALUE_FORM}
    return {}


def _omit_null_default(
    converter: OpenAPIConverter, field: typing.Any, ret: dict[str, typing.Any], **_: typing.Any
) -> dict[str, typing.Any]:
    """Remove a default of null, because generators of TypeScript make each field with a default a required one."""
    if "default" in ret and ret["default"] is None:
        del ret["default"]
    return {}
