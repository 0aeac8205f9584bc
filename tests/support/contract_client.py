"""A test client that checks every response against the OpenAPI document: status, headers, media type, body."""

from __future__ import annotations

import copy
import typing
from collections import Counter

import orjson
from flask.testing import FlaskClient
from werkzeug.wrappers import Request, Response

from api.contract.validator.validator import Validator

Document = dict[str, typing.Any]


class ContractBroken(AssertionError):
    """A response that violates the document."""


class Contract:
    """A strict validator of responses. `seen` counts them by operation and status."""

    def __init__(self, document: Document):
        self.document = strict(document)
        self.validator = Validator(self.document, closed=True)
        self.seen: Counter[tuple[str, int]] = Counter()

    def check(self, request: Request, response: Response) -> None:
        """Raise ContractBroken if a response is not as documented, or if an undocumented error is not a problem."""
        operation = self.validator.spec.operation(request.method, request.path)
        if operation is not None:
            self.seen[operation.id, response.status_code] += 1
        if violations := self.validator.validate_response(request, response):
            messages = "; ".join(map(str, violations))
            raise ContractBroken(f"{request.method} {request.path} → {response.status_code}: {messages}")


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
    """Flask's test client, with a check of each response against the document."""

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        contract_of(self.application).check(response.request, response)
        return response


_contracts: list[Contract] = []


def contract_of(app) -> Contract:
    """Return the contract of an app. All apps serve the same document, so it is built once."""
    if not _contracts:
        _contracts.append(Contract(orjson.loads(app.extensions["openapi"].body)))
    return _contracts[0]
