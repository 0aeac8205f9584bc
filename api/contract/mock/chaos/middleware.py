"""Base classes of chaos: middleware around a handler, and middleware that changes JSON bodies."""

from __future__ import annotations

import typing

import orjson
from werkzeug.wrappers import Request, Response

from api.contract.mock.wsgi import Handler
from api.contract.validator.responses import NDJSON, PROBLEM, representation
from api.contract.validator.spec import JsonObject, Spec, SpecOperation

CSV = "text/csv"
_JSON_LD = "application/ld+json"


class Middleware:
    """One kind of chaos. `names` are all kinds that are active."""

    def __init__(self, spec: Spec, base_url: str, names: tuple[str, ...]):
        self.spec = spec
        self.base_url = base_url
        self.names = names

    def __call__(self, request: Request, handler: Handler) -> Response:
        """Return the changed response."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget all requests."""

    def operation(self, request: Request) -> SpecOperation | None:
        """Return the operation of a request."""
        return self.spec.operation(request.method, request.path)


class BodyRewriter(Middleware):
    """Middleware that changes a JSON body, or each line of NDJSON, by its schema."""

    def __call__(self, request: Request, handler: Handler) -> Response:
        response = handler(request)
        operation, body = self.operation(request), response.get_data()
        schema = self._schema(operation, request, response) if operation is not None and body else None
        if schema is not None:
            lines = body.splitlines(keepends=True) if response.mimetype == NDJSON else [body]
            values = [orjson.dumps(self.rewrite(schema, orjson.loads(line))) for line in lines]
            response.set_data(
                b"".join(b"%s\n" % value for value in values) if response.mimetype == NDJSON else values[0]
            )
        return response

    def rewrite(self, schema: JsonObject, value: typing.Any) -> typing.Any:
        """Return the changed value of a schema."""
        raise NotImplementedError

    def _schema(self, operation: SpecOperation, request: Request, response: Response) -> JsonObject | None:
        """Return the schema of a JSON body or of an NDJSON line. Return None for other media types and for JSON-LD."""
        media_type = response.mimetype
        if media_type == PROBLEM:
            return typing.cast("JsonObject", self.spec.schemas["Problem"])
        content = operation.responses.get(str(response.status_code), {}).get("content", {})
        if media_type not in content or media_type == _JSON_LD:
            return None
        schema = content[media_type]["schema"]
        if media_type == NDJSON:
            schema = schema["contentSchema"]
        elif not response.is_json:
            return None
        return representation(schema, selected="fields" in request.args)

    def resolve(self, schema: JsonObject, value: typing.Any) -> JsonObject:
        """Return the schema that applies to a value: follow references, and choose between alternatives."""
        schema = self.spec.resolve(schema)
        for keyword in ("oneOf", "anyOf"):
            for branch in schema.get(keyword, ()):
                if not self.spec.errors(branch, value):
                    return self.resolve(branch, value)
        return schema
