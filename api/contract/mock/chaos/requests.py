"""Chaos that depends only on the request: page-size-1, retry-once and slow."""

from __future__ import annotations

import hashlib
import re
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from werkzeug.wrappers import Request, Response

from api.contract.mock.chaos.bodies import JSON, Context
from api.contract.mock.handlers import Handler, change_target
from api.http.problems import Problem

# The delay of `slow`.
SECONDS = 0.25
# The environ key of a problem that the app must raise.
PROBLEM = "onrecord.problem"

_PROBLEMS = (
    ("too-many-requests", "Chaos: this request is rejected once. Retry it."),
    ("unavailable", "Chaos: the service is unavailable for this request once. Retry it."),
)
_IDENTIFYING_HEADERS = ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Accept")
_LINK = re.compile("<([^>]*)>")


def slow(context: Context, handler: Handler) -> Handler:
    """Delay each response."""

    def handle(request: Request) -> Response:
        if context.operation(request) is not None:
            time.sleep(SECONDS)
        return handler(request)

    return handle


def retry_once(context: Context, handler: Handler) -> Handler:
    """Reject each request once, with 429 or 503 and `Retry-After`. Accept it when it is retried.

    A request is a retry if its method, URL, identifying headers and body are the same.
    """
    seen: dict[bytes, object] = {}

    def handle(request: Request) -> Response:
        if context.operation(request) is not None:
            headers = [request.headers.get(name) for name in _IDENTIFYING_HEADERS]
            identity = repr((request.method, request.path, request.query_string, headers)).encode()
            digest, token = hashlib.sha256(identity + request.get_data()).digest(), object()
            # `setdefault` is atomic, so only one of several concurrent requests is the first.
            if seen.setdefault(digest, token) is token:
                # A request is rejected in the same way in each run. Tests need not wait, so the delay is 0.
                slug, detail = _PROBLEMS[digest[0] % len(_PROBLEMS)]
                request.environ[PROBLEM] = Problem(detail, slug=slug, headers={"Retry-After": "0"})
        return handler(request)

    return handle


def page_size_1(context: Context, handler: Handler) -> Handler:
    """Return pages of one record, and restore the original limit in the page and its links."""

    def handle(request: Request) -> Response:
        whole, operation = handler(request), context.operation(request)
        # Only pages have a limit. An export is complete.
        has_limit = operation is not None and "limit" in operation.parameters_in("query")
        if not has_limit or whole.status_code != 200 or whole.mimetype != JSON:
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

    return handle


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
