"""CORS: reading from pages of other origins."""

from __future__ import annotations

from api.contract.conformance.check import check, fetch
from api.contract.conformance.client import TargetResponse
from api.contract.conformance.errors import CheckSkipped
from api.contract.conformance.target import LIST, Target

_ALLOW_ORIGIN = "Access-Control-Allow-Origin"

# A page needs these headers to follow the advice of the promise.
_REQUIRED = {"api-version", "etag", "link", "retry-after", "x-request-id"}


def _require_allowed(target: Target, response: TargetResponse) -> None:
    values = response.headers.get_list(_ALLOW_ORIGIN)
    if not values and "origin" in response.members("Vary"):
        raise CheckSkipped(f"pages of {target.origin} are not allowed; set --origin to an allowed origin")
    expected = f"one {_ALLOW_ORIGIN}: * or {target.origin}"
    response.require(values in (["*"], [target.origin]), expected, f"{response.status}, {values}")


@check(
    "cors/reading",
    "A page of another origin can read successes, errors and 304, and the headers that it needs",
    fetch("Access-Control-Allow-Origin", "http-access-control-allow-origin"),
    advice="The server sets these headers (ONRECORD_CORS_ORIGINS). Proxies must neither add nor remove them.",
)
def reading(target: Target) -> None:
    origin, item = {"Origin": target.origin}, target.cacheable[-1]
    for url in (*target.cacheable, f"{LIST}/no-such-claim-here", f"{LIST}?limit=none"):
        response = target.get(url, origin)
        _require_allowed(target, response)
    _require_allowed(target, target.get(item, {**origin, "If-None-Match": target.get(item).etag}))
    response.require_members("Access-Control-Expose-Headers", _REQUIRED)


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
