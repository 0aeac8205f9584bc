"""Kept: answers that somebody saved, as `curl -i` writes them or the body alone."""

from __future__ import annotations

import re
import typing

import orjson
from werkzeug.datastructures import Headers

from api.contract.validator.exchange import is_json, media_type
from api.contract.validator.responses import PROBLEM, Answer
from api.contract.validator.spec import Operation

_JSON = "application/json"
_HEAD = re.compile(rb"HTTP/[0-9.]+ (?P<status>[0-9]{3})[^\n]*\n(?P<headers>(?:[^\r\n]+\r?\n)*)\r?\n")


class Kept(typing.NamedTuple):
    """A status and headers, None where only the body was kept, and the body."""

    status: int | None
    headers: Headers | None
    body: bytes


def taken_apart(raw: bytes) -> Kept:
    r"""What was kept; of several answers (100 Continue, a redirect), the last.

    >>> taken_apart(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200 \r\netag: x\r\n\r\n{}")
    Kept(status=200, headers=Headers([('etag', 'x')]), body=b'{}')
    """
    kept = Kept(None, None, raw)
    while (match := _HEAD.match(kept.body)) is not None:
        lines = match["headers"].decode("latin-1").splitlines()
        headers = Headers([(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)])
        kept = Kept(int(match["status"]), headers, kept.body[match.end() :])
    return kept


def answer_of(
    operation: Operation, kept: Kept, *, status: int | None = None, type_: str | None = None, selected: bool = False
) -> Answer:
    """The answer that was kept; what is not known of it is taken to be what the operation answers first."""
    status = kept.status or status or min(int(known) for known in operation.answers)
    if kept.headers is not None:
        type_ = media_type(kept.headers)
    elif type_ is None:
        content = operation.answers.get(str(status), {}).get("content", {})
        type_ = PROBLEM if status >= 400 else _JSON if _JSON in content else next(iter(content), _JSON)
    return Answer(status, type_, kept.body, kept.headers, selected or _selects(type_, kept.body))


def _selects(type_: str, body: bytes) -> bool:
    """Whether a page says that it was asked for with `fields`; of lines, only who asked for them knows."""
    if not is_json(type_):
        return False
    try:
        page = orjson.loads(body)["page"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(page, dict) and "fields" in page
