"""page-size-1: each page has one record. `limit` has no effect."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from werkzeug.wrappers import Request, Response

from api.contract.mock.chaos.middleware import Middleware
from api.contract.mock.wsgi import Handler, change_target

_LINK = re.compile("<([^>]*)>")


class PageSize1(Middleware):
    """Requests a page of one record, and restores the original limit in the page and its links."""

    def __call__(self, request: Request, handler: Handler) -> Response:
        whole = handler(request)
        operation = self.operation(request)
        # Only pages have a limit. An export is complete.
        has_limit = operation is not None and "limit" in operation.parameters_in("query")
        if not has_limit or whole.status_code != 200 or whole.mimetype != "application/json":
            return whole
        small = handler(change_target(request, limit="1"))
        if small.status_code != 200:
            return small
        limit = request.args.get("limit")
        if "Link" in small.headers:
            small.headers["Link"] = _LINK.sub(lambda link: f"<{_set_limit(link[1], limit)}>", small.headers["Link"])
        page = orjson.loads(small.get_data())
        info = page["page"]
        info["limit"] = orjson.loads(whole.get_data())["page"]["limit"]
        info |= {name: _set_limit(info[name], limit) for name in ("next", "prev") if info.get(name)}
        small.set_data(orjson.dumps(page))
        return small


def _set_limit(url: str, limit: str | None) -> str:
    """Return a URL with the limit of the request.

    >>> _set_limit("https://onrecord.example/v1/quotes?limit=1&cursor=c", None)
    'https://onrecord.example/v1/quotes?cursor=c'
    """
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "limit"]
    if limit is not None:
        query.append(("limit", limit))
    return parts._replace(query=urlencode(query)).geturl()
