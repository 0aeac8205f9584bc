"""The check of every answer against the OpenAPI document: status, headers, media type, body."""

from __future__ import annotations

import copy
import typing
from collections import Counter

import orjson
from flask.testing import FlaskClient

from api.contract.checking.contract import Contract as Judge
from api.contract.checking.exchange import Exchange

Document = dict[str, typing.Any]


class ContractBroken(AssertionError):
    """An answer that the document does not describe."""


class Contract:
    """An OpenAPI document, as a strict judge of our own answers; `seen` counts those that were judged good."""

    def __init__(self, document: Document):
        self.document = strict(document)
        self.judge = Judge(self.document, closed=True)
        self.seen: Counter[tuple[str, int]] = Counter()

    def check(self, exchange: Exchange) -> None:
        """Raise ContractBroken where an answer is not as documented, or no problem where nothing is documented."""
        operation = self.judge.described.operation(exchange.method, exchange.path)
        if operation is not None:
            self.seen[operation.id, exchange.status] += 1
        if wrong := self.judge.judge_answer(exchange):
            told = "; ".join(map(str, wrong))
            raise ContractBroken(f"{exchange.method} {exchange.path} → {exchange.status}: {told}")


def strict(document: Document) -> Document:
    """The document closed to what minor versions may add: clients are to tolerate it, our own tests are not."""
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    _close(schemas)
    if "Claim" in schemas:
        # What is not known yet does not occur.
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
    """Flask's test client, whose every exchange is held against the document."""

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        contract_of(self.application).check(exchange_of(response))
        return response


def exchange_of(response) -> Exchange:
    """What was asked and answered, as contracts judge it."""
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
    """The contract of an app: that of the first that was asked for, for all of them serve the same document."""
    if not _contracts:
        _contracts.append(Contract(orjson.loads(app.extensions["openapi"].body)))
    return _contracts[0]
