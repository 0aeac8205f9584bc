"""Validation of a request against its operation: path, method, parameters, headers, key, body."""

from __future__ import annotations

import re
import typing

from werkzeug.wrappers import Request, Response

from api.contract.validator.messages import one_of
from api.contract.validator.spec import JsonObject, Spec, SpecOperation, Violations
from schemas import strict_json
from schemas.fields import did_you_mean

# Only the request causes these problems. Stored records do not matter.
_REQUEST_PROBLEMS = {
    *("bad-request", "content-too-large", "malformed-body", "unsupported-media-type", "uri-too-long"),
    *("invalid-parameters", "method-not-allowed", "no-such-path", "not-acceptable", "precondition-required"),
    *("key-required", "scope-required"),
}


def request_violations(spec: Spec, request: Request, response: Response) -> Violations:
    """Yield the place and the message of each violation, including those that only the server can detect."""
    operation = spec.operation(request.method, request.path)
    violations: list[tuple[str, str]]
    if operation is not None:
        violations = [
            *_query_violations(spec, operation, request),
            *_header_violations(spec, operation, request),
            *_body_violations(spec, operation, request),
        ]
    elif response.status_code < 400 or request.method == "OPTIONS":
        # Pages and preflight requests are not part of the contract.
        return
    elif methods := spec.operations_at(request.path):
        violations = [("method", f"{request.method} is not {one_of(methods, request.method)}")]
    else:
        violations = [("path", f"{request.path} does not exist.{did_you_mean(request.path, spec.paths)}")]
    yield from violations or _reported_violations(request, response)


def _query_violations(spec: Spec, operation: SpecOperation, request: Request) -> Violations:
    parameters = operation.parameters_in("query")
    for name, texts in request.args.lists():
        place = f"query parameter {name}"
        if name not in parameters:
            yield place, f"{operation.id} does not have this parameter.{did_you_mean(name, parameters)}"
            continue
        schema = parameters[name]["schema"]
        if schema.get("type") == "array":
            # Some generated clients repeat a parameter instead of joining its values by commas.
            explode = parameters[name].get("explode", True)
            items = texts if explode else [item for text in texts for item in text.split(",")]
            value: typing.Any = [_parse(schema["items"], item) for item in items]
        elif len(texts) > 1:
            yield place, "It is sent more than once, but has only one value."
            continue
        else:
            value = _parse(schema, texts[0])
        # The place does not contain the index of an entry.
        yield from ((place, message) for _, message in spec.violations(place, schema, value))
    for name, parameter in parameters.items():
        if parameter.get("required") and name not in request.args:
            yield f"query parameter {name}", "It is missing."


def _parse(schema: JsonObject, text: str) -> typing.Any:
    """Return the value of a text in a query. Return the text itself if it does not have the type of the schema."""
    type_ = schema.get("type")
    if type_ == "integer" and re.fullmatch("-?[0-9]{1,19}", text):
        return int(text)
    if type_ == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _header_violations(spec: Spec, operation: SpecOperation, request: Request) -> Violations:
    for name, parameter in operation.parameters_in("header").items():
        value = request.headers.get(name)
        if value is not None:
            yield from spec.violations(f"header {name}", parameter["schema"], value)
        elif parameter.get("required"):
            yield f"header {name}", "It is missing."
    if operation.scopes and "Authorization" not in request.headers:
        scopes = " and ".join(operation.scopes)
        message = f"{operation.id} requires a key with the scope {scopes}. Send it as Authorization: Bearer KEY."
        yield "header Authorization", message


def _body_violations(spec: Spec, operation: SpecOperation, request: Request) -> Violations:
    if not operation.content:
        return
    media_type = request.mimetype
    if media_type not in operation.content:
        problem = f"{media_type} is not accepted." if media_type else "It is missing."
        yield "header Content-Type", f"{problem} {operation.id} accepts {', '.join(operation.content)}."
        return
    body = request.get_data()
    if not body:
        yield "body", f"{operation.id} requires a body."
        return
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return
    try:
        value = strict_json.loads(body) if request.is_json else body.decode()
    except UnicodeDecodeError as error:
        yield "body", f"The body is not UTF-8: byte {error.start}."
    except ValueError as error:
        yield "body", str(error)
    else:
        yield from spec.violations("body", operation.content[media_type]["schema"], value)


def _reported_violations(request: Request, response: Response) -> Violations:
    """Yield the error that the server reports, for rules that the document has only as text."""
    if not 400 <= response.status_code < 500 or request.method == "HEAD":
        return
    problem = response.get_json(silent=True)
    if isinstance(problem, dict) and problem.get("code") in _REQUEST_PROBLEMS:
        yield "request", f"The server rejected it ({problem['code']}): {problem.get('detail', '')}"
