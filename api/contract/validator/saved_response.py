"""Saved responses: the output of `curl -i`, or a body alone."""

from __future__ import annotations

import re

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from api.contract.validator.spec import PROBLEM, SpecOperation

_JSON = "application/json"
_HEAD = re.compile(rb"HTTP/[0-9.]+ (?P<status>[0-9]{3})[^\n]*\n(?P<headers>(?:[^\r\n]+\r?\n)*)\r?\n")


def read(
    raw: bytes, operation: SpecOperation, *, status: int | None = None, media_type: str | None = None
) -> tuple[Response, bool]:
    """Return the saved response of an operation, and whether its headers were saved.

    Of several responses (100 Continue, a redirect), return the last. Without headers, the status and the media type
    default to those of the success response.
    """
    headers = None
    while (match := _HEAD.match(raw)) is not None:
        lines = [line.partition(":") for line in match["headers"].decode("latin-1").splitlines()]
        headers = Headers([(name.strip(), value.strip()) for name, _, value in lines])
        status, raw = int(match["status"]), raw[match.end() :]
    status = status or min(map(int, operation.responses))
    if headers is not None:
        response = Response(raw, status)
        response.headers = headers
        return response, True
    if media_type is None:
        content = operation.responses.get(str(status), {}).get("content", {})
        media_type = PROBLEM if status >= 400 else _JSON if _JSON in content else next(iter(content), _JSON)
    return Response(raw, status, content_type=media_type), False


def has_selected_fields(response: Response) -> bool:
    """Return whether a JSON page states that its request had `fields`. NDJSON does not state it."""
    body = response.get_json(silent=True)
    page = body.get("page") if isinstance(body, dict) else None
    return isinstance(page, dict) and "fields" in page
