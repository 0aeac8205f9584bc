"""A test client that checks every response against the OpenAPI document: status, headers, media type, body."""

from __future__ import annotations

import copy
import typing
from collections import Counter

import orjson
from flask.testing import FlaskClient

from api.contract.checking.contract import Contract as Validator
from api.contract.checking.exchange import Exchange

Document = dict[str, typing.Any]


class ContractBroken(AssertionError):
    """A response that violates the document."""


class Contract:
    """A closed OpenAPI document that checks responses. `seen` counts them by operation and status."""

    def __init__(self, document: Document):
        self.document = strict(document)
        self.validator = Validator(self.document, closed=True)
        self.seen: Counter[tuple[str, int]] = Counter()

    def check(self, exchange: Exchange) -> None:
        """Raise ContractBroken if a response violates the document.

        A response to an undocumented request must be a problem.
        """
        operation = self.validator.described.operation(exchange.method, exchange.path)
        if operation is not None:
            self.seen[operation.id, exchange.status] += 1
        if violations := self.validator.judge_answer(exchange):
            message = "; ".join(map(str, violations))
            raise ContractBroken(f"{exchange.method} {exchange.path} → {exchange.status}: {message}")


def strict(document: Document) -> Document:
    """Return the document without the openness for minor versions, which clients must tolerate and tests must not."""
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    _close(schemas)
    if "Claim" in schemas:
        # The service does not have an unknown kind.
        schemas["Claim"]["oneOf"].pop()
    for name, schema in schemas.items():
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
    """Flask's test client, which checks each response against the document."""

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        contract_of(self.application).check(exchange_of(response))
        return response


def exchange_of(response) -> Exchange:
    """Return the request and the response in the form that the validator checks."""
    request = response.request
    return Exchange(
        request.method,
        request.path,
        response.status_code,
        response.headers,
        b"" if response.direct_passthrough else response.get_data(),
        request.query_string.decode("latin-1"),
    )


_contracts: list[Contract] = []


def contract_of(app) -> Contract:
    """Return the contract of an app. All apps serve the same document, so it is built once."""
    if not _contracts:
        _contracts.append(Contract(orjson.loads(app.extensions["openapi"].body)))
    return _contracts[0]
