"""Saved responses: the output of `curl -i`, or a body alone."""

from __future__ import annotations

import re
import typing

import orjson
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from api.contract.validator.spec import PROBLEM, SpecOperation

_JSON = "application/json"
_HEAD = re.compile(rb"HTTP/[0-9.]+ (?P<status>[0-9]{3})[^\n]*\n(?P<headers>(?:[^\r\n]+\r?\n)*)\r?\n")


class SavedResponse(typing.NamedTuple):
    """A status, headers and a body. Status and headers are None if only the body was saved."""

    status: int | None
    headers: Headers | None
    body: bytes


def parse(raw: bytes) -> SavedResponse:
    r"""Return the saved response. Of several responses (100 Continue, a redirect), return the last.

    >>> parse(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200 \r\netag: x\r\n\r\n{}")
    SavedResponse(status=200, headers=Headers([('etag', 'x')]), body=b'{}')
    """
    saved = SavedResponse(None, None, raw)
    while (match := _HEAD.match(saved.body)) is not None:
        lines = match["headers"].decode("latin-1").splitlines()
        headers = Headers([(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)])
        saved = SavedResponse(int(match["status"]), headers, saved.body[match.end() :])
    return saved


def to_response(
    operation: SpecOperation, saved: SavedResponse, *, status: int | None = None, media_type: str | None = None
) -> Response:
    """Return the saved response. If status and media type are unknown, use the operation's success response."""
    status = saved.status or status or min(int(documented) for documented in operation.responses)
    if saved.headers is not None:
        response = Response(saved.body, status)
        response.headers = saved.headers
        return response
    if media_type is None:
        content = operation.responses.get(str(status), {}).get("content", {})
        media_type = PROBLEM if status >= 400 else _JSON if _JSON in content else next(iter(content), _JSON)
    return Response(saved.body, status, content_type=media_type)


def has_selected_fields(response: Response) -> bool:
    """Return whether a JSON page states that its request had `fields`. NDJSON does not state it."""
    if not response.is_json:
        return False
    try:
        page = orjson.loads(response.get_data())["page"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(page, dict) and "fields" in page
