"""Contract: the judge of exchanges, who says of each departure from the OpenAPI document who made it."""

from __future__ import annotations

from api.contract.validator import requests
from api.contract.validator import responses as answers
from api.contract.validator.exchange import Departure, Exchange
from api.contract.validator.responses import Answer, answer_of
from api.contract.validator.spec import Described, Operation, Part


class Contract:
    """An OpenAPI document, as a judge.

    It tolerates what a minor version may bring: more fields and headers, words where the document says
    `x-extensible-enum`, problems that are not documented; the last of these not if `closed`.
    """

    def __init__(self, document: Part, *, closed: bool = False):
        self.described = Described(document)
        self._closed = closed

    def judge(self, exchange: Exchange) -> list[Departure]:
        """What of an exchange is not as documented: first what the client did, then what the server did."""
        asked = [Departure("client", *found) for found in requests.unlike(self.described, exchange)]
        return asked + self.judge_answer(exchange)

    def judge_answer(self, exchange: Exchange) -> list[Departure]:
        """What of the answer is not as documented, whatever was asked."""
        operation = self.described.operation(exchange.method, exchange.path)
        answer = answer_of(
            exchange.status,
            exchange.headers,
            exchange.body,
            selected="fields" in exchange.parameters,
            head=exchange.method == "HEAD",
        )
        return self.judge_kept(operation, answer)

    def judge_kept(self, operation: Operation | None, answer: Answer) -> list[Departure]:
        """What of an answer of an operation that was kept is not as documented."""
        found = answers.unlike(self.described, operation, answer, closed=self._closed)
        return [Departure("server", *each) for each in found]
