"""The validator of requests and responses, which attributes each violation to the client or the server."""

from __future__ import annotations

import typing
from dataclasses import dataclass

import orjson
from werkzeug.wrappers import Request, Response

from api.contract.validator.requests import request_violations
from api.contract.validator.spec import NDJSON, PROBLEM, JsonObject, Spec, SpecOperation, Violations, body_schema
from api.http.negotiation import HTML, prefers_html

# Each response has these headers, whether they are documented or not.
_COMMON_HEADERS = ("API-Version", "X-Request-Id")


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
        """Return the violations of a response. Of an error page for a browser, the body is not checked."""
        operation = self.spec.operation(request.method, request.path)
        is_page = response.status_code >= 400 and response.mimetype == HTML and prefers_html(request)
        head = request.method == "HEAD"
        return self.validate_operation(
            operation, response, selected="fields" in request.args, head=head, is_page=is_page
        )

    def validate_operation(
        self,
        operation: SpecOperation | None,
        response: Response,
        *,
        selected: bool,
        head: bool = False,
        is_page: bool = False,
        has_headers: bool = True,
    ) -> list[Violation]:
        """Return the violations of a response of an operation.

        `selected` means that the request had `fields`, `head` that its method was HEAD, and `is_page` that the response
        is an error page for a browser. Without `has_headers` the headers are unknown, except for the media type.
        Without an operation, only an error response is checked: it must be a problem.
        """
        violations = [*self._headers(operation, response)] if has_headers else []
        content = self._content(operation, response)
        if content is None:
            if operation is not None:
                message = f"{operation.id} does not document {response.status_code}."
                violations.append(("status", f"{message} It documents {', '.join(operation.responses)}."))
        elif content and not head:
            violations += [] if is_page else self._body(content, response, selected=selected)
        elif response.get_data():
            violations.append(("body", "A body is not allowed here."))
        return [Violation("server", *violation) for violation in violations]

    def _content(self, operation: SpecOperation | None, response: Response) -> JsonObject | None:
        """Return the allowed media types, or None for an undocumented status. A minor version may add problems."""
        status = response.status_code
        if operation is not None and str(status) in operation.responses:
            return typing.cast("JsonObject", operation.responses[str(status)].get("content", {}))
        allowed = status >= 400 if operation is None else 400 <= status < 500 and not self._closed
        return {PROBLEM: {"schema": self.spec.schemas["Problem"]}} if allowed else None

    def _headers(self, operation: SpecOperation | None, response: Response) -> Violations:
        documented = {} if operation is None else operation.responses.get(str(response.status_code), {})
        headers = {name: self.spec.resolve(header) for name, header in documented.get("headers", {}).items()}
        for name in dict.fromkeys((*_COMMON_HEADERS, *headers)):
            if name not in response.headers:
                if name in _COMMON_HEADERS or headers[name].get("required"):
                    yield f"header {name}", f"{name} is missing."
            elif name in headers:
                yield from self.spec.violations(f"header {name}", headers[name]["schema"], response.headers[name])

    def _body(self, content: JsonObject, response: Response, *, selected: bool) -> Violations:
        media_type, body = response.mimetype or "", response.get_data()
        if media_type not in content:
            message = f"{media_type or 'none'} is not documented here. It must be one of: {', '.join(content)}."
            yield "header Content-Type", message
            return
        schema, parts = body_schema(content, media_type, selected=selected), {"body": body}
        if media_type == NDJSON:
            if body and not body.endswith(b"\n"):
                yield "body", "The last line does not end with a newline."
            parts = {f"line {number}": line for number, line in enumerate(body.splitlines(), 1)}
        is_json = media_type == NDJSON or response.is_json
        for place, part in parts.items():
            try:
                value = orjson.loads(part) if is_json else part.decode()
            except ValueError as error:
                yield place, f"Not valid {'JSON' if is_json else 'UTF-8'}: {error}."
            else:
                yield from self.spec.violations(place, schema, value)
