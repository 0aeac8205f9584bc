"""page-size-1: every page holds one record, whatever `limit` was asked for; its links lead on from there."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from werkzeug.datastructures import Headers

from api.contract.mock.chaos.middleware import Change
from api.contract.mock.wsgi import Answered, Ask, Asked

_LINK = re.compile("<([^>]*)>")


class SmallPages(Change):
    """Asks for the page of one record in place of the one that was asked for."""

    def __call__(self, asked: Asked, ask: Ask) -> Answered:
        answered = ask(asked)
        operation = self.operation(asked)
        paged = operation is not None and "limit" in operation.takes("query")
        # Only a page is asked for anew; a list that is taken away whole has no limit.
        if not paged or answered.code != 200 or answered.media_type != "application/json":
            return answered
        told = asked.value("limit")
        small = ask(asked.to(limit="1"))
        if small.code != 200:
            return small
        headers = Headers(small.headers)
        if "Link" in headers:
            headers["Link"] = _LINK.sub(lambda link: f"<{_limited(link[1], told)}>", headers["Link"])
        small = replace(small, headers=headers)
        page = orjson.loads(small.body)
        whole = orjson.loads(answered.body)
        links = {name: _limited(url, told) for name, url in page["page"].items() if name in ("next", "prev") and url}
        page["page"] |= {"limit": whole["page"]["limit"], **links}
        return small.holding(orjson.dumps(page))


def _limited(url: str, limit: str | None) -> str:
    """An address that asks for as much as was asked for.

    >>> _limited("https://onrecord.example/v1/quotes?limit=1&cursor=c", None)
    'https://onrecord.example/v1/quotes?cursor=c'
    """
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "limit"]
    return parts._replace(query=urlencode([*kept, *([("limit", limit)] if limit is not None else [])])).geturl()
