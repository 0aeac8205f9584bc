"""The validator of requests and responses, which attributes each violation to the client or the server."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from api.contract.validator.requests import request_violations
from api.contract.validator.responses import response_violations
from api.contract.validator.spec import JsonObject, Spec, SpecOperation


@dataclass(frozen=True)
class Violation:
    """A violation of the contract: its cause, its place and a message."""

    by: typing.Literal["client", "server"]
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.detail}"


class Validator:
    """A validator for one OpenAPI document.

    It accepts additions that a minor version may bring: fields, headers, values of `x-extensible-enum` and problems.
    If `closed`, it rejects undocumented problems.
    """

    def __init__(self, document: JsonObject, *, closed: bool = False):
        self.spec = Spec(document)
        self._closed = closed

    def validate(self, request: Request, response: Response) -> list[Violation]:
        """Return the violations of a request and its response, those by the client first."""
        by_client = [Violation("client", *violation) for violation in request_violations(self.spec, request, response)]
        return by_client + self.validate_response(request, response)

    def validate_response(self, request: Request, response: Response) -> list[Violation]:
        """Return the violations of a response. The request only selects the operation."""
        operation = self.spec.operation(request.method, request.path)
        head = request.method == "HEAD"
        return self.validate_operation(operation, response, selected="fields" in request.args, head=head)

    def validate_operation(
        self,
        operation: SpecOperation | None,
        response: Response,
        *,
        selected: bool,
        head: bool = False,
        has_headers: bool = True,
    ) -> list[Violation]:
        """Return the violations of a response of an operation; see `response_violations`."""
        violations = response_violations(
            self.spec,
            operation,
            response,
            closed=self._closed,
            selected=selected,
            head=head,
            has_headers=has_headers,
        )
        return [Violation("server", *violation) for violation in violations]
