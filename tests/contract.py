"""The check of every answer against the OpenAPI document: status, headers, media type, body."""

from __future__ import annotations

import copy
import re
import typing
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import jsonschema_rs
import orjson
from flask.testing import FlaskClient

PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Document = dict[str, typing.Any]


class ContractBroken(AssertionError):
    """An answer that the document does not describe."""


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; `parameters` are the names in the query."""

    method: str
    path: str
    parameters: frozenset[str]
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]


class Contract:
    """An OpenAPI document, as a judge of exchanges; `seen` counts the answers that were judged good."""

    def __init__(self, document: Document):
        self.document = strict(document)
        self.paths = [
            (re.compile(re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(path))), item)
            for path, item in self.document["paths"].items()
        ]
        self.validators: dict[str, typing.Any] = {}
        self.seen: Counter[tuple[str, int]] = Counter()

    def check(self, exchange: Exchange) -> None:
        """Raise ContractBroken where an answer is not as documented, or no problem where nothing is documented."""
        operation = self._operation(exchange)
        wrong = [f"no {name}" for name in ("API-Version", "X-Request-Id") if name not in exchange.headers]
        if operation is not None:
            wrong += self._unlike(operation, exchange)
            self.seen[operation["operationId"], exchange.status] += 1
        elif exchange.status >= 400:
            wrong += self._unlike_content({PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}, exchange)
        if wrong:
            raise ContractBroken(f"{exchange.method} {exchange.path} → {exchange.status}: " + "; ".join(wrong))

    def _unlike(self, operation: Document, exchange: Exchange) -> Iterator[str]:
        if str(exchange.status) not in operation["responses"]:
            yield f"not an answer of {operation['operationId']}"
            return
        answer = self._resolved(operation["responses"][str(exchange.status)])
        for name, reference in answer.get("headers", {}).items():
            header = self._resolved(reference)
            if name in exchange.headers:
                yield from self._invalid(header["schema"], exchange.headers[name])
            elif header.get("required"):
                yield f"no {name}"
        yield from self._unlike_content(answer.get("content", {}), exchange)

    def _unlike_content(self, content: Document, exchange: Exchange) -> Iterator[str]:
        if exchange.method == "HEAD" or not content:
            if exchange.body:
                yield "a body where there is none to be"
            return
        if exchange.media_type not in content:
            yield f"{exchange.media_type} is not documented"
            return
        schema = content[exchange.media_type]["schema"]
        if "anyOf" in schema:
            # Whole records, unless `fields` asked for less: which it has to be is known here.
            schema = schema["anyOf"]["fields" in exchange.parameters]
        if exchange.media_type == NDJSON:
            yield from self._unlike_lines(schema, exchange)
            return
        try:
            body = orjson.loads(exchange.body) if "json" in exchange.media_type else exchange.body.decode()
        except ValueError as error:
            yield f"no JSON: {error}"
            return
        yield from self._invalid(schema, body)

    def _unlike_lines(self, schema: Document, exchange: Exchange) -> Iterator[str]:
        line_schema = schema["contentSchema"]["anyOf"]["fields" in exchange.parameters]
        if exchange.body and not exchange.body.endswith(b"\n"):
            yield "the last line has no end"
        for number, line in enumerate(exchange.body.splitlines(), 1):
            for wrong in self._invalid(line_schema, orjson.loads(line)):
                yield f"line {number}: {wrong}"

    def _invalid(self, schema: Document, value: typing.Any) -> Iterator[str]:
        key = repr(schema)
        if key not in self.validators:
            whole = {"$schema": _DIALECT, **schema, "components": self.document["components"]}
            self.validators[key] = jsonschema_rs.validator_for(whole, validate_formats=True)
        for error in self.validators[key].iter_errors(value):
            yield f"{'/'.join(map(str, error.instance_path)) or 'the whole'}: {error.message[:300]}"

    def _operation(self, exchange: Exchange) -> Document | None:
        method = "get" if exchange.method == "HEAD" else exchange.method.lower()
        return next((item.get(method) for pattern, item in self.paths if pattern.fullmatch(exchange.path)), None)

    def _resolved(self, part: Document) -> Document:
        while "$ref" in part:
            target = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            part = target
        return part


def strict(document: Document) -> Document:
    """The document closed to what minor versions may add: clients are to tolerate it, our own tests are not."""
    document = copy.deepcopy(document)
    _close(document["components"]["schemas"])
    document["components"]["schemas"]["Claim"]["oneOf"].pop()
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and name != "Selection":
            schema.setdefault("additionalProperties", False)
    return document


def _close(part: typing.Any) -> None:
    if isinstance(part, dict):
        if "x-extensible-enum" in part:
            part["enum"] = [*part["x-extensible-enum"], None]
        for inner in part.values():
            _close(inner)
    elif isinstance(part, list):
        for inner in part:
            _close(inner)


class ContractClient(FlaskClient):
    """Flask's test client, whose every exchange is held against the document."""

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        request = response.request
        contract_of(self.application).check(
            Exchange(
                request.method,
                request.path,
                frozenset(request.args),
                response.status_code,
                response.headers,
                b"" if response.direct_passthrough else response.get_data(),
            )
        )
        return response


_contracts: list[Contract] = []


def contract_of(app) -> Contract:
    """The contract of an app: that of the first that was asked for, for all of them serve the same document."""
    if not _contracts:
        _contracts.append(Contract(orjson.loads(app.extensions["openapi"].body)))
    return _contracts[0]
