"""Faults: what a server, or a proxy before it, may do wrong; and which questions of the conformance check find it.

A fault is a WSGI application around the right one.
"""

from __future__ import annotations

import gzip
import io
import re
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
    """Something done wrong, and the questions that have to break."""

    name: str
    around: Callable[[Wsgi], Wsgi]
    breaks: frozenset[str]


FAULTS: list[Fault] = []


def fault(name, *breaks):
    """Let what makes an application wrong be a fault that breaks these questions."""

    def register(around):
        FAULTS.append(Fault(name, around, frozenset(breaks)))
        return around

    return register


def answering(change):
    """A fault in answers: `change` gets each request and its answer, and makes of that what it likes."""

    def around(app):
        def wrong(environ, start_response):
            request = Request(environ)
            # What is changed in the body of GET is so in what HEAD says of it.
            method = environ["REQUEST_METHOD"]
            response = Response.from_app(app, {**environ, "REQUEST_METHOD": "GET" if method == "HEAD" else method})
            response = change(request, response) or response
            return response(environ, start_response)

        return wrong

    return around


def asking(change):
    """A fault in requests: `change` makes of their environment what it likes, before they are answered."""

    def around(app):
        def wrong(environ, start_response):
            change(environ)
            return app(environ, start_response)

        return wrong

    return around


def on_answers(name, *breaks):
    return lambda change: fault(name, *breaks)(answering(change))


def on_requests(name, *breaks):
    return lambda change: fault(name, *breaks)(asking(change))


def asked_with(environ, **changes):
    """The parameters of a request changed; None takes one away."""
    args = MultiDict(Request(environ).args)
    for key, value in changes.items():
        args.poplist(key)
        if value is not None:
            args[key] = value
    environ["QUERY_STRING"] = urlencode(list(args.items(multi=True)))


def with_body(environ, body):
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))


def changed(response, change):
    """The JSON of an answer changed."""
    body = orjson.loads(response.data)
    change(body)
    response.data = orjson.dumps(body)


def is_list(request, response):
    return response.status_code == 200 and request.path == "/v1/claims" and (response.mimetype == "application/json")


# Conditional requests


@on_answers("a 304 without its tag", "conditions/headers-of-304")
def _(request, response):
    if response.status_code == 304:
        del response.headers["ETag"]


@on_requests(
    "If-None-Match does not reach the server",
    "conditions/unchanged",
    "conditions/weakly",
    "conditions/headers-of-304",
    "conditions/unseen",
    "compression/tag-comes-back",
)
def _(environ):
    environ.pop("HTTP_IF_NONE_MATCH", None)


@on_requests("tags are compared strongly where weakly will do", "conditions/weakly")
def _(environ):
    if environ.get("HTTP_IF_NONE_MATCH", "").startswith("W/"):
        del environ["HTTP_IF_NONE_MATCH"]


@on_answers(
    "a proxy makes all tags weak", "conditions/strong", "compression/tag-is-good-for-writing", "writing/deleted"
)
def _(request, response):
    if "ETag" in response.headers:
        response.headers["ETag"] = "W/" + response.headers["ETag"]


@on_answers("a cache of its own rules", "conditions/caches")
def _(request, response):
    if "Cache-Control" in response.headers:
        response.headers["Cache-Control"] = "public, max-age=60"


@on_requests("If-Match is taken for any", "conditions/stale")
def _(environ):
    if "HTTP_IF_MATCH" in environ:
        environ["HTTP_IF_MATCH"] = "*"


@on_requests("If-Match is not asked for", "conditions/unseen")
def _(environ):
    if "HTTP_IF_NONE_MATCH" not in environ:
        environ.setdefault("HTTP_IF_MATCH", "*")


# Problems


@on_answers(
    "a proxy has its own page for what is not found",
    "problems/form",
    "problems/types",
    "answers/json",
    "passage/links",
    "passage/request-id",
)
def _(request, response):
    if response.status_code == 404:
        response.data, response.mimetype = "<html><h1>404 Not Found</h1></html>", "text/html"


@on_answers("a slash at the end leads on", "problems/form", "problems/types")
def _(request, response):
    if len(request.path) > 1 and request.path.endswith("/"):
        return Response(status=308, headers={"Location": request.path.rstrip("/")})
    return None


@on_answers("the types of problems lead nowhere", "problems/types")
def _(request, response):
    if response.mimetype == "application/problem+json":
        changed(response, lambda body: body.update(type=f"{request.host_url}problems/nowhere"))


@on_requests("unknown parameters are passed over", "problems/parameters")
def _(environ):
    for name in list(Request(environ).args):
        if re.fullmatch("x[0-9a-f]{8}", name):
            asked_with(environ, **{name: None})


@on_answers("a trace is shown", "problems/not-ours")
def _(request, response):
    if "%ff" in request.query_string.decode():
        return Response('Traceback (most recent call last):\n  File "/srv/app.py"', 500)
    return None


# Methods


@on_answers("HEAD says that there is nothing", "methods/head")
def _(request, response):
    if request.method == "HEAD":
        response.headers["Content-Length"] = "0"


@fault("HEAD is answered with a body", "methods/no-body")
def _(app):
    def wrong(environ, start_response):
        if environ["REQUEST_METHOD"] == "HEAD":
            environ["REQUEST_METHOD"] = "GET"
        return app(environ, start_response)

    return wrong


@on_answers("405 without Allow", "methods/allow")
def _(request, response):
    if response.status_code == 405:
        del response.headers["Allow"]


# Lists


@on_answers("a cursor skips a record", "lists/forward", "lists/backward")
def _(request, response):
    if is_list(request, response) and "cursor" in request.args:
        changed(response, lambda body: body["data"].pop(0))


@on_answers("a cursor repeats a record", "lists/forward", "lists/backward")
def _(request, response):
    if is_list(request, response) and "cursor" in request.args:
        changed(response, lambda body: body["data"].insert(0, body["data"][0]))


@on_requests("a page has one more than asked for", "lists/forward")
def _(environ):
    if (limit := Request(environ).args.get("limit")) == "2":
        asked_with(environ, limit=str(int(limit) + 1))


@on_answers("page.prev leads to the beginning", "lists/backward", "lists/link-header")
def _(request, response):
    if is_list(request, response) and "cursor" in request.args:
        here = request.url.partition("&cursor")[0]
        changed(response, lambda body: body["page"].update(prev=here))


@on_answers("no Link", "lists/link-header")
def _(request, response):
    response.headers.remove("Link")


@fault("a garbled cursor begins anew", "lists/cursors")
def _(app):
    def wrong(environ, start_response):
        again = dict(environ)
        response = Response.from_app(app, environ)
        if response.status_code == 422 and "cursor" in Request(again).args:
            asked_with(again, cursor=None)
            return app(again, start_response)
        return response(environ, start_response)

    return wrong


@on_answers("the order is the other way round", "lists/order")
def _(request, response):
    if is_list(request, response) and "sort" in request.args:
        changed(response, lambda body: body["data"].reverse())


# Negotiation


@on_requests("what cannot be sent is sent as JSON", "negotiation/unknown")
def _(environ):
    if environ.get("HTTP_ACCEPT") in ("image/png", "application/json;q=0"):
        environ["HTTP_ACCEPT"] = "*/*"


@on_requests("the first in Accept is sent", "negotiation/liked", "negotiation/unknown")
def _(environ):
    environ["HTTP_ACCEPT"] = environ.get("HTTP_ACCEPT", "*/*").partition(",")[0].partition(";")[0]


@on_answers("no Vary", "negotiation/vary", "conditions/headers-of-304")
def _(request, response):
    response.headers.remove("Vary")


@on_answers("CSV lacks a row", "negotiation/tables")
def _(request, response):
    if response.mimetype == "text/csv":
        response.data = b"".join(response.data.splitlines(keepends=True)[:-1])


# Compression


def packed(request, response):
    """Whether a proxy packed this."""
    if "gzip" in request.headers.get("Accept-Encoding", "") and response.status_code == 200:
        response.data = gzip.compress(response.data, 1)
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return True
    return False


@on_answers("a proxy packs, and makes tags weak for it", "compression/tag-is-good-for-writing")
def _(request, response):
    if packed(request, response) and "ETag" in response.headers:
        response.headers["ETag"] = "W/" + response.headers["ETag"]


@on_answers("a proxy packs, and adds to tags", "compression/tag-comes-back")
def _(request, response):
    if packed(request, response) and "ETag" in response.headers:
        response.headers["ETag"] = response.headers["ETag"][:-1] + '-gzip"'


@on_answers("a proxy packs, and does not say so", "compression/unpacks")
def _(request, response):
    if packed(request, response):
        del response.headers["Content-Encoding"]


@on_answers("a proxy packs, and does not vary", "negotiation/vary")
def _(request, response):
    if packed(request, response):
        response.headers["Vary"] = "Accept"


# Pages of other origins


@on_answers("no page may read", "cors/reading", "cors/preflight")
def _(request, response):
    response.headers.remove("Access-Control-Allow-Origin")


@on_answers("no page may read what went wrong", "cors/reading")
def _(request, response):
    if response.status_code >= 400:
        response.headers.remove("Access-Control-Allow-Origin")


@on_answers("a proxy allows origins once more", "cors/reading", "cors/preflight")
def _(request, response):
    response.headers.add("Access-Control-Allow-Origin", "*")


@on_answers("a page sees no headers", "cors/reading")
def _(request, response):
    response.headers.remove("Access-Control-Expose-Headers")


@on_answers("a proxy answers OPTIONS", "cors/preflight", "methods/allow")
def _(request, response):
    return Response(status=405) if request.method == "OPTIONS" else None


# Keys


@on_answers("articles are read with a key only", "keys/reading")
def _(request, response):
    return Response(status=401) if request.path == "/v1/articles" and request.method == "GET" else None


@on_requests("a key in an address is taken", "keys/address")
def _(environ):
    if (key := Request(environ).args.get("access_token")) is not None:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        asked_with(environ, access_token=None)


@on_answers("an answer says the key again", "keys/address")
def _(request, response):
    if response.status_code == 403:
        changed(response, lambda body: body.update(headers=dict(request.headers)))


@on_answers("a refusal without a challenge", "keys/needed", "keys/scope")
def _(request, response):
    response.headers.remove("WWW-Authenticate")


@on_requests("Authorization does not reach the server", "keys/needed", "writing/put")
def _(environ):
    environ.pop("HTTP_AUTHORIZATION", None)


# Writing


@fault("a cache keeps what it has", "conditions/stale", "writing/at-once", "writing/deleted", "writing/merge-patch")
def _(app):
    kept = {}

    def wrong(environ, start_response):
        request = Request(environ)
        one = request.path.startswith("/v1/casualty-reports/") and request.method == "GET"
        if not one or "HTTP_IF_NONE_MATCH" in environ:
            return app(environ, start_response)
        if request.path not in kept:
            response = Response.from_app(app, environ)
            if response.status_code != 200:
                return response(environ, start_response)
            response.freeze()
            kept[request.path] = response
        return kept[request.path](environ, start_response)

    return wrong


@on_answers("what was deleted was never there", "writing/deleted")
def _(request, response):
    if response.status_code == 410:
        response.status_code = 404


@on_requests("of a name that stands twice the last counts", "writing/names-once")
def _(environ):
    if environ.get("CONTENT_TYPE") == "application/json":
        body = Request(environ).get_data()
        with_body(environ, orjson.dumps(orjson.loads(body)))


@on_requests("any media type is a patch", "writing/media-type")
def _(environ):
    if environ["REQUEST_METHOD"] == "PATCH":
        environ["CONTENT_TYPE"] = "application/merge-patch+json"


@on_requests("null in a patch is passed over", "writing/merge-patch")
def _(environ):
    if environ["REQUEST_METHOD"] == "PATCH":
        patch = orjson.loads(Request(environ).get_data())
        with_body(environ, orjson.dumps({name: value for name, value in patch.items() if value is not None}))


@on_requests("Idempotency-Key does not reach the server", "writing/once")
def _(environ):
    environ.pop("HTTP_IDEMPOTENCY_KEY", None)


# The feed


@on_answers("the feed leaves out what was deleted", "feed/tells-all")
def _(request, response):
    if request.path == "/v1/changes" and response.status_code == 200 and request.method == "GET":
        changed(
            response,
            lambda body: body.update(data=[change for change in body["data"] if change["action"] != "deleted"]),
        )


@on_requests("the feed goes on one too late", "feed/tokens", "feed/tells-all")
def _(environ):
    if environ["PATH_INFO"] == "/v1/changes" and int(since := Request(environ).args.get("since", "0")):
        asked_with(environ, since=str(int(since) + 1))


# Passage


@on_answers("links are built from where the proxy finds the server", "passage/links")
def _(request, response):
    if response.mimetype.endswith("json"):
        response.data = response.data.replace(request.host_url.encode(), b"http://internal:8000/")
    for name in ("Location", "Link"):
        if name in response.headers:
            response.headers[name] = response.headers[name].replace(request.host_url, "http://internal:8000/")


@on_requests("X-Request-Id does not reach the server", "passage/request-id")
def _(environ):
    environ.pop("HTTP_X_REQUEST_ID", None)


@on_answers("addresses end at 8 kB", "passage/long-addresses")
def _(request, response):
    return Response("<h1>414</h1>", 414) if len(request.query_string) > 8000 else None


@on_answers("bodies end at 1 MB", "passage/large-bodies")
def _(request, response):
    return Response("<h1>413</h1>", 413) if (request.content_length or 0) > 1_048_576 else None


# Every answer


@on_answers("another charset", "answers/json")
def _(request, response):
    if response.mimetype == "application/json":
        response.headers["Content-Type"] = "application/json; charset=iso-8859-1"


@on_answers("browsers may guess", "answers/nosniff")
def _(request, response):
    response.headers.remove("X-Content-Type-Options")


@on_answers("another version", "answers/version")
def _(request, response):
    response.headers["API-Version"] = "0.9"


@on_answers("to wait, and not for how long", "answers/waiting")
def _(request, response):
    if (request.path, request.query_string) == ("/v1/changes", b"limit=2"):
        response.status_code = 429
