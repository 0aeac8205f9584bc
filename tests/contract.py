"""The check of every answer against the OpenAPI document: status, headers, media type, body."""

from __future__ import annotations

import copy
import re
import typing
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs
import orjson
from flask.testing import FlaskClient

PROBLEM = "application/problem+json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ContractBroken(AssertionError):
    """An answer that the document does not describe."""


class Contract:
    """An OpenAPI document, as a judge of exchanges."""

    def __init__(self, document: dict[str, typing.Any]):
        self.document = strict(document)
        self.paths = [
            (re.compile(re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(path))), path, item)
            for path, item in self.document["paths"].items()
        ]
        self.validators: dict[str, typing.Any] = {}

    def check(self, method: str, url: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Raise ContractBroken where an answer is not as the document says, or no problem where it says nothing."""
        parts = urlsplit(url)
        problems = list(self._wrong(method, parts.path, parse_qs(parts.query), status, headers, body))
        if problems:
            raise ContractBroken(f"{method} {url} → {status}: " + "; ".join(problems))

    def _wrong(self, method, path, query, status, headers, body):
        for name in ("API-Version", "X-Request-Id"):
            if name not in headers:
                yield f"no {name}"
        operation = self._operation(method, path)
        media_type = headers.get("Content-Type", "").partition(";")[0]
        if operation is None:
            if status >= 400:
                yield from self._body({"$ref": "#/components/schemas/Problem"}, PROBLEM, media_type, method, body)
            return
        if str(status) not in operation["responses"]:
            yield f"not an answer of {operation['operationId']}"
            return
        answer = self._resolved(operation["responses"][str(status)])
        for name, header in answer.get("headers", {}).items():
            if name not in headers:
                if self._resolved(header).get("required"):
                    yield f"no {name}"
            else:
                yield from self._invalid(self._resolved(header)["schema"], headers[name])
        if "content" not in answer:
            if body:
                yield "a body where there is none to be"
            return
        if media_type not in answer["content"]:
            yield f"{media_type} is not documented"
            return
        schema = answer["content"][media_type]["schema"]
        if "anyOf" in schema and "$ref" in schema["anyOf"][0]:
            # Whole records unless `fields` asked for less: the client knows which, so it is checked which.
            schema = schema["anyOf"]["fields" in query]
        yield from self._body(schema, media_type, media_type, method, body)

    def _body(self, schema, wanted, media_type, method, body):
        if media_type != wanted:
            yield f"{media_type} instead of {wanted}"
        elif method != "HEAD":
            yield from self._invalid(schema, body)
        elif body:
            yield "a body for HEAD"

    def _invalid(self, schema, value):
        key = repr(schema)
        if key not in self.validators:
            whole = {"$schema": _DIALECT, **schema, "components": self.document["components"]}
            self.validators[key] = jsonschema_rs.validator_for(whole, validate_formats=True)
        if isinstance(value, bytes):
            try:
                value = orjson.loads(value)
            except ValueError as error:
                yield f"no JSON: {error}"
                return
        for error in self.validators[key].iter_errors(value):
            yield f"{'/'.join(map(str, error.instance_path)) or 'the whole'}: {error.message[:300]}"

    def _operation(self, method, path):
        for pattern, _, item in self.paths:
            if pattern.fullmatch(path):
                return item.get("get" if method == "HEAD" else method.lower())
        return None

    def _resolved(self, part):
        while "$ref" in part:
            target = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            part = target
        return part


def strict(document: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """The document with objects closed: clients are to tolerate more fields, our own tests are not."""
    document = copy.deepcopy(document)
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and name != "Selection":
            schema.setdefault("additionalProperties", False)
    return document


class ContractClient(FlaskClient):
    """Flask's test client, whose every exchange is held against the document."""

    contract: typing.ClassVar[dict[str, Contract]] = {}

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        if "v1" not in self.contract:
            self.contract["v1"] = Contract(orjson.loads(self.application.config["OPENAPI_BYTES"]))
        contract = self.contract["v1"]
        request = response.request
        contract.check(
            request.method,
            f"{request.path}?{request.query_string.decode()}",
            response.status_code,
            response.headers,
            response.get_data() if not response.direct_passthrough else b"",
        )
        return response
