"""Faults of a server or of a proxy in front of it, with the conformance checks that detect them.

A fault is a WSGI middleware.
"""

from __future__ import annotations

import gzip
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

Wsgi = Callable[[dict[str, typing.Any], typing.Any], Iterable[bytes]]


@dataclass(frozen=True)
class Fault:
    """A middleware, and the checks that must fail because of it."""

    name: str
    wrap: Callable[[Wsgi], Wsgi]
    checks: frozenset[str]


FAULTS: list[Fault] = []


def fault(name, *checks):
    """Register a middleware as a fault."""

    def register(wrap):
        FAULTS.append(Fault(name, wrap, frozenset(checks)))
        return wrap

    return register


def change_response(change):
    """Return a middleware that changes a response, or returns another one."""

    def wrap(app):
        def faulty(environ, start_response):
            request = Request(environ)
            # A changed body changes the headers of HEAD too.
            method = environ["REQUEST_METHOD"]
            response = Response.from_app(app, {**environ, "REQUEST_METHOD": "GET" if method == "HEAD" else method})
            response = change(request, response) or response
            return response(environ, start_response)

        return faulty

    return wrap


def response_fault(name, *checks):
    return lambda change: fault(name, *checks)(change_response(change))


def request_fault(name, *checks):
    """Register a function that changes the environ of a request."""

    def register(change):
        def wrap(app):
            def faulty(environ, start_response):
                change(environ)
                return app(environ, start_response)

            return faulty

        return fault(name, *checks)(wrap)

    return register


def set_parameters(environ, **parameters):
    """Change query parameters. None removes one."""
    args = MultiDict(Request(environ).args)
    for name, value in parameters.items():
        args.poplist(name)
        if value is not None:
            args[name] = value
    environ["QUERY_STRING"] = urlencode(list(args.items(multi=True)))


def change_json(response, change):
    """Change the JSON body of a response."""
    body = orjson.loads(response.data)
    change(body)
    response.data = orjson.dumps(body)


def is_list(request, response):
    return response.status_code == 200 and request.path == "/v1/claims" and response.mimetype == "application/json"


# Conditional requests


@response_fault("a 304 without ETag", "conditions/headers-of-304")
def _(request, response):
    if response.status_code == 304:
        del response.headers["ETag"]


@request_fault(
    "a proxy removes If-None-Match",
    "conditions/unchanged",
    "conditions/headers-of-304",
    "compression/tag-comes-back",
)
def _(environ):
    environ.pop("HTTP_IF_NONE_MATCH", None)


@response_fault(
    "a proxy makes all ETags weak", "conditions/strong", "compression/tag-is-good-for-writing", "writing/deleted"
)
def _(request, response):
    if "ETag" in response.headers:
        response.headers["ETag"] = "W/" + response.headers["ETag"]


@response_fault("a proxy sets Cache-Control", "conditions/caches")
def _(request, response):
    if "Cache-Control" in response.headers:
        response.headers["Cache-Control"] = "public, max-age=60"


@request_fault("every If-Match matches", "conditions/stale")
def _(environ):
    if "HTTP_IF_MATCH" in environ:
        environ["HTTP_IF_MATCH"] = "*"


# Problems


@response_fault("a proxy replaces 404", "problems/form", "problems/types", "passage/links", "passage/request-id")
def _(request, response):
    if response.status_code == 404:
        response.data, response.mimetype = "<html><h1>404 Not Found</h1></html>", "text/html"


@response_fault("a trailing slash redirects", "problems/form", "problems/types")
def _(request, response):
    if len(request.path) > 1 and request.path.endswith("/"):
        return Response(status=308, headers={"Location": request.path.rstrip("/")})
    return None


@response_fault("the type of a problem is a missing page", "problems/types")
def _(request, response):
    if response.mimetype == "application/problem+json":
        change_json(response, lambda body: body.update(type=f"{request.host_url}problems/nowhere"))


# Methods


@fault("HEAD returns a body", "methods/no-body")
def _(app):
    def faulty(environ, start_response):
        if environ["REQUEST_METHOD"] == "HEAD":
            environ["REQUEST_METHOD"] = "GET"
        return app(environ, start_response)

    return faulty


# Lists


@response_fault("a page omits a record", "lists/forward")
def _(request, response):
    if is_list(request, response) and "cursor" in request.args:
        change_json(response, lambda body: body["data"].pop(0))


@response_fault("a page repeats a record", "lists/forward")
def _(request, response):
    if is_list(request, response) and "cursor" in request.args:
        change_json(response, lambda body: body["data"].insert(0, body["data"][0]))


@request_fault("a page exceeds its limit", "lists/forward")
def _(environ):
    if Request(environ).args.get("limit") == "2":
        set_parameters(environ, limit="3")


# Negotiation


@request_fault("the first media type of Accept is returned", "negotiation/liked")
def _(environ):
    environ["HTTP_ACCEPT"] = environ.get("HTTP_ACCEPT", "*/*").partition(",")[0].partition(";")[0]


@response_fault("no Vary", "negotiation/vary", "conditions/headers-of-304")
def _(request, response):
    response.headers.remove("Vary")


# Compression


def compress(request, response):
    """Compress a response as a proxy does, and return whether it was compressed."""
    if "gzip" in request.headers.get("Accept-Encoding", "") and response.status_code == 200:
        response.data = gzip.compress(response.data, 1)
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return True
    return False


@response_fault("a proxy compresses and makes ETags weak", "compression/tag-is-good-for-writing")
def _(request, response):
    if compress(request, response) and "ETag" in response.headers:
        response.headers["ETag"] = "W/" + response.headers["ETag"]


@response_fault("a proxy compresses and appends to ETags", "compression/tag-comes-back")
def _(request, response):
    if compress(request, response) and "ETag" in response.headers:
        response.headers["ETag"] = response.headers["ETag"][:-1] + '-gzip"'


@response_fault("a proxy compresses without Content-Encoding", "compression/unpacks")
def _(request, response):
    if compress(request, response):
        del response.headers["Content-Encoding"]


@response_fault("a proxy compresses with another encoding than it says", "compression/unpacks")
def _(request, response):
    if compress(request, response):
        response.headers["Content-Encoding"] = "x-unknown"


@response_fault("a proxy compresses without Vary", "negotiation/vary")
def _(request, response):
    if compress(request, response):
        response.headers["Vary"] = "Accept"


# CORS


@response_fault("no page is allowed", "cors/reading", "cors/preflight")
def _(request, response):
    response.headers.remove("Access-Control-Allow-Origin")


@response_fault("no page is allowed to read errors", "cors/reading")
def _(request, response):
    if response.status_code >= 400:
        response.headers.remove("Access-Control-Allow-Origin")


@response_fault("a proxy adds a second allowed origin", "cors/reading", "cors/preflight")
def _(request, response):
    response.headers.add("Access-Control-Allow-Origin", "*")


@response_fault("no header is exposed", "cors/reading")
def _(request, response):
    response.headers.remove("Access-Control-Expose-Headers")


@response_fault("a proxy rejects OPTIONS", "cors/preflight")
def _(request, response):
    return Response(status=405) if request.method == "OPTIONS" else None


# Keys


@response_fault("articles require a key", "keys/reading")
def _(request, response):
    return Response(status=401) if request.path == "/v1/articles" and request.method == "GET" else None


@response_fault("a 401 without WWW-Authenticate", "keys/needed")
def _(request, response):
    response.headers.remove("WWW-Authenticate")


@request_fault("a proxy removes Authorization", "keys/needed", "writing/put")
def _(environ):
    environ.pop("HTTP_AUTHORIZATION", None)


# Writing


@fault("a cache does not revalidate", "conditions/stale", "writing/at-once", "writing/deleted")
def _(app):
    cache = {}

    def faulty(environ, start_response):
        request = Request(environ)
        is_item = request.path.startswith("/v1/casualty-reports/") and request.method == "GET"
        if not is_item or "HTTP_IF_NONE_MATCH" in environ:
            return app(environ, start_response)
        if request.path not in cache:
            response = Response.from_app(app, environ)
            if response.status_code != 200:
                return response(environ, start_response)
            response.freeze()
            cache[request.path] = response
        return cache[request.path](environ, start_response)

    return faulty


@response_fault("a deleted record returns 404", "writing/deleted")
def _(request, response):
    if response.status_code == 410:
        response.status_code = 404


@request_fault("a proxy removes Idempotency-Key", "writing/once")
def _(environ):
    environ.pop("HTTP_IDEMPOTENCY_KEY", None)


# Passage


@response_fault("links have the internal URL of the server", "passage/links")
def _(request, response):
    if response.mimetype.endswith("json"):
        response.data = response.data.replace(request.host_url.encode(), b"http://internal:8000/")
    for name in ("Location", "Link"):
        if name in response.headers:
            response.headers[name] = response.headers[name].replace(request.host_url, "http://internal:8000/")


@request_fault("a proxy removes X-Request-Id", "passage/request-id")
def _(environ):
    environ.pop("HTTP_X_REQUEST_ID", None)


@response_fault("URLs are limited to 8 kB", "passage/long-addresses")
def _(request, response):
    return Response("<h1>414</h1>", 414) if len(request.query_string) > 8000 else None


@response_fault("bodies are limited to 1 MB", "passage/large-bodies")
def _(request, response):
    return Response("<h1>413</h1>", 413) if (request.content_length or 0) > 1_048_576 else None


# All responses


@response_fault("no X-Content-Type-Options", "answers/nosniff")
def _(request, response):
    response.headers.remove("X-Content-Type-Options")


@response_fault("another API-Version", "answers/version")
def _(request, response):
    response.headers["API-Version"] = "0.9"


@response_fault("a 429 without Retry-After", "answers/waiting")
def _(request, response):
    if (request.path, request.query_string) == ("/v1/changes", b"limit=1"):
        response.status_code = 429
