"""Checks of responses: problems, pages, negotiation, CORS, API keys, and rules for all responses."""

from __future__ import annotations

import re
import typing

from api.contract.conformance.check import check, fetch, promise, rfc
from api.contract.conformance.client import CheckFailed, CheckSkipped, TargetResponse
from api.contract.conformance.target import DOCUMENT, FEED, LIST, Target, path_of


@check("methods/no-body", "Responses to HEAD and with 304 have no body", rfc(9112, "6.3"))
def no_body(target: Target) -> None:
    url = target.cacheable[-1]
    etag = target.get(url).require_status(200).etag
    for method, headers in (("HEAD", {}), ("GET", {"If-None-Match": etag})):
        request = target.encode(method, url, {**headers, "Connection": "close"})
        head, _, body = target.send_raw(request)[0].partition(b"\r\n\r\n")
        if body and (method == "HEAD" or b" 304 " in head.partition(b"\r\n")[0]):
            raise CheckFailed(f"{method} {url}", "no body", f"a body of {len(body)} bytes")


_ERRORS = (
    ("GET", "/no/such/path", 404, "no-such-path"),
    ("GET", f"{LIST}/no-such-claim-here", 404, "not-found"),
    # A redirect of this path would lose the body of a request.
    ("GET", f"{LIST}/", 404, "no-such-path"),
    ("DELETE", LIST, 405, "method-not-allowed"),
    ("GET", f"{LIST}?limit=none", 422, "invalid-parameters"),
    ("GET", "/v1/articles/no-such-article-here/text", 401, "key-required"),
)


@check(
    "problems/form",
    "Each error is application/problem+json with type, title, status, detail, code and request_id",
    rfc(9457, "3"),
    advice="Proxies must not replace errors by their own pages (nginx: proxy_intercept_errors off).",
)
def form(target: Target) -> None:
    for method, url, status, code in _ERRORS:
        response = target.request(method, url).require_problem(status, code)
        for name in ("type", "title", "detail", "code", "request_id"):
            response.require(isinstance(response.field(name), str), f"{name}, a string", str(response.json))
        response.require(response.field("status") == status, f"status {status}", str(response.field("status")))


@check("problems/types", "The type of a problem is the URL of its documentation", rfc(9457, "3.1.1"))
def types(target: Target) -> None:
    for method, url, _, code in _ERRORS:
        type_ = str(target.request(method, url).field("type"))
        page = target.get(path_of(type_), {"Accept": "application/json"}).require_status(200)
        page.require(page.field("code") == code, f"documentation of {code}", str(page.json))


def _ids(pages: typing.Iterable[TargetResponse]) -> list[str]:
    return [str(record["id"]) for page in pages for record in page.field("data")]


@check(
    "lists/forward",
    "The pages up to the last page.next have each record once, in order, and at most `limit` per page",
    promise("lists-hold-still"),
)
def forward(target: Target) -> None:
    if len(target.claims) < 3:
        raise CheckSkipped("requires three stored claims")
    limit, url = 2, f"{LIST}?" + "&".join(f"id={path.rpartition('/')[2]}" for path in target.claims)
    maximum = 2 * len(target.claims)
    before = _ids(target.pages(f"{url}&limit=200", maximum=maximum))
    pages = list(target.pages(f"{url}&limit={limit}", maximum=maximum))
    # Records that another client deletes in the meantime may occur or not.
    after = set(_ids(target.pages(f"{url}&limit=200", maximum=maximum)))
    expected = [id_ for id_ in before if id_ in after]
    received = [id_ for id_ in _ids(pages) if id_ in after or id_ not in before]
    pages[-1].require(received == expected, f"on all pages {' '.join(expected)}", " ".join(received) or "no records")
    for page in pages:
        count = len(page.field("data"))
        page.require(count <= limit, f"at most {limit} records", f"{count} records")


_JSON, _CSV, _NDJSON = "application/json", "text/csv", "application/x-ndjson"

_PREFERENCES = (
    (None, _JSON),
    ("*/*", _JSON),
    ("application/*", _JSON),
    ("text/html, */*;q=0.1", _JSON),
    (f"{_CSV};q=0.2, {_JSON};q=0.9", _JSON),
    (f"{_JSON};q=0.2, {_CSV}", _CSV),
    (f"{_JSON};q=0, {_NDJSON}", _NDJSON),
)


@check(
    "negotiation/liked", "The response has the preferred media type of Accept, and JSON by default", rfc(9110, "12.5.1")
)
def liked(target: Target) -> None:
    for accept, media_type in _PREFERENCES:
        # An unknown id avoids a full export.
        response = target.get(f"{LIST}?id=no-such-claim-here", {"Accept": accept}).require_status(200)
        response.require(response.media_type == media_type, media_type)


@check(
    "negotiation/vary",
    "Vary has Accept, and Accept-Encoding if the response is compressed",
    rfc(9110, "12.5.5"),
    advice="A proxy that compresses must extend Vary (nginx: gzip_vary on).",
)
def vary(target: Target) -> None:
    for url in target.cacheable:
        for encoding in ("identity", "gzip"):
            response = target.get(url, {"Accept-Encoding": encoding}).require_status(200)
            expected = {"accept", "accept-encoding"} if "Content-Encoding" in response.headers else {"accept"}
            if "*" not in response.members("Vary"):
                response.require_members("Vary", expected)


# A page needs these headers to follow the advice of the promise.
_EXPOSED = {"api-version", "etag", "link", "retry-after", "x-request-id"}


def _require_allowed(target: Target, response: TargetResponse) -> None:
    values = response.headers.get_list("Access-Control-Allow-Origin")
    if not values and "origin" in response.members("Vary"):
        raise CheckSkipped(f"pages of {target.origin} are not allowed; set --origin to an allowed origin")
    expected = f"one Access-Control-Allow-Origin: * or {target.origin}"
    response.require(values in (["*"], [target.origin]), expected, f"{response.status}, {values}")


@check(
    "cors/reading",
    "A page of another origin can read successes, errors and 304, and the headers that it needs",
    fetch("Access-Control-Allow-Origin", "http-access-control-allow-origin"),
    advice="The server sets these headers (ONRECORD_CORS_ORIGINS). Proxies must neither add nor remove them.",
)
def reading_from_pages(target: Target) -> None:
    origin, item = {"Origin": target.origin}, target.cacheable[-1]
    for url in (*target.cacheable, f"{LIST}/no-such-claim-here", f"{LIST}?limit=none"):
        response = target.get(url, origin)
        _require_allowed(target, response)
    _require_allowed(target, target.get(item, {**origin, "If-None-Match": target.get(item).etag}))
    response.require_members("Access-Control-Expose-Headers", _EXPOSED)


@check(
    "cors/preflight",
    "A preflight request allows a page to send If-None-Match",
    fetch("CORS-preflight fetch", "cors-preflight-fetch"),
    advice="Proxies must pass OPTIONS to the server.",
)
def preflight(target: Target) -> None:
    headers = {
        "Origin": target.origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    response = target.request("OPTIONS", LIST, headers)
    response.require(200 <= response.status < 300, "a status from 200 to 299")
    _require_allowed(target, response)
    response.require_members("Access-Control-Allow-Headers", {"if-none-match"})


@check("keys/reading", "Reading requires no key", promise("reading-is-open"))
def reading(target: Target) -> None:
    for url in (f"{LIST}?limit=1", "/v1/articles?limit=1", f"{FEED}?limit=1"):
        target.get(url).require_status(200)


@check(
    "keys/needed",
    "Writing without a valid key returns 401 with WWW-Authenticate",
    rfc(6750, "3"),
    advice="Proxies must pass Authorization to the server, and WWW-Authenticate back.",
)
def needed(target: Target) -> None:
    unknown = {"Authorization": f"Bearer onrecord_{'0' * 12}_{'0' * 64}"}
    for headers, expected in (({}, "bearer"), (unknown, 'error="invalid_token"')):
        response = target.request("POST", "/v1/articles", headers, json={}).require_problem(401, "key-required")
        challenge = response.headers.get("WWW-Authenticate", "none")
        response.require(expected in challenge.lower(), f"WWW-Authenticate with {expected}", challenge)


@check(
    "answers/nosniff",
    "X-Content-Type-Options: nosniff stops browsers from guessing the media type",
    fetch("X-Content-Type-Options", "x-content-type-options-header"),
)
def nosniff(target: Target) -> None:
    for response in target.samples:
        value = response.headers.get("X-Content-Type-Options", "none")
        response.require(value.lower() == "nosniff", "X-Content-Type-Options: nosniff", value)


@check(
    "answers/version",
    "The OpenAPI document has a version 1, and each response has it in API-Version",
    promise("paths-stay"),
)
def version(target: Target) -> None:
    document = target.get(DOCUMENT).require_status(200)
    openapi, number = str(document.field("openapi")), str(document.field("info", "version"))
    document.require(openapi.startswith("3.1."), "OpenAPI 3.1", openapi)
    valid = re.fullmatch(r"1\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)", number) is not None
    document.require(valid, "an info.version 1.MINOR.PATCH", number)
    for path in ("/v1/claims", "/v1/articles/{id}", "/v1/changes", "/v1/imports"):
        document.require(path in document.field("paths"), f"the path {path}", "a document without it")
    for response in target.samples:
        value = response.headers.get("API-Version")
        response.require(value == number, f"API-Version: {number}", response.header("API-Version"))


@check("answers/waiting", "Each 429 and 503 has Retry-After in seconds", promise("retry-once"))
def waiting(target: Target) -> None:
    for response in (*target.samples, *target.responses):
        if response.status in (429, 503):
            received = f"{response.status}, {response.header('Retry-After')}"
            response.require(response.retry_after is not None, "Retry-After in seconds", received)
