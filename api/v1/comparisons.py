"""What the views over all claims that match have in common: what they need to be asked, and what they read."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping

import orjson
from flask import Response, current_app, g

from api.comparison.checked import checked
from api.comparison.claims import ComparableClaim
from api.http.etags import list_etag, not_modified, with_etag
from api.http.negotiation import JSON, best_media_type
from api.http.operations import RequestCost
from api.http.problems import RETRY_AFTER, InvalidParameters, Problem
from api.openapi.responses import ResponseDoc
from api.openapi.smorest import text_response
from api.store import read
from api.store.read import ListQuery
from api.store.timeouts import Deadline
from api.v1 import lists
from api.v1.list_params import ListParams
from schemas.comparison import CLAIMS_MAX

SVG = "image/svg+xml"

Rendered = dict[str, typing.Any]
Picture = Callable[[list[ComparableClaim]], bytes]
ClaimReader = Callable[[str, str | None, tuple[str, str] | None], ComparableClaim]

# A picture brings its own style, and may do nothing else where it is opened by itself.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def cost(of_json: int) -> RequestCost:
    """Return the costs of a view: `of_json` as JSON, and more as a picture."""
    return lambda _query, media_type: 200 if media_type == SVG else of_json


def picture() -> ResponseDoc:
    """The answer of a view that can be looked at; an example would be longer than all else that is told of it."""
    return ResponseDoc(200, {"$ref": "#/components/schemas/Picture"}, headers=("ETag",), media_type=SVG)


def respond(
    asking: ListParams,
    given: Mapping[str, typing.Any],
    render: Callable[[list[ComparableClaim]], Rendered],
    draw: Picture,
    to_claim: ClaimReader,
) -> Response:
    """Return the view of the claims that match: JSON or, if `Accept` prefers it, a picture.

    `to_claim` makes a claim of its stored text, the conflict and the days of publication of its article.
    Raises InvalidParameters if the request names neither a conflict nor an article, or if too many claims match.
    Raises a Problem if the view takes longer than a query may.
    """
    g.view_deadline = Deadline(current_app.config["ONRECORD"].query_timeout)
    g.view_deadline.restart()
    if not ({"conflict", "article_id", "id"} & given.keys()):
        way_out = "Say which conflict, or by article_id which article: those of different conflicts are not compared."
        raise InvalidParameters([("conflict", way_out)])
    with lists.the_store().reading() as reader:
        drawn = best_media_type(JSON, SVG) == SVG
        tag = list_etag(read.feed_position(reader), "svg" if drawn else "")
        if (unchanged := not_modified(tag)) is not None:
            return unchanged
        ask = ListQuery(asking.collection, tuple(asking.conditions(given)))
        found = read.claims(reader, ask, CLAIMS_MAX)
    if len(found) > CLAIMS_MAX:
        way_out = (
            f"More than {CLAIMS_MAX:,} claims match. Narrow it, for instance by place, affected, harm or on_record."
        )
        raise InvalidParameters([("conflict", way_out)])
    claims = [
        to_claim(document, conflict, None if first is None or last is None else (first, last))
        for document, conflict, first, last in checked(found, check_time)
    ]
    if not drawn:
        content = render(claims)
        response = with_etag(text_response(orjson.dumps(content)), tag)
        if "page" in content:
            lists.link_header(response, {relation: content["page"][relation] for relation in ("next", "prev")})
        return response
    response = with_etag(Response(draw(claims), mimetype=SVG), tag)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def check_time() -> None:
    """Raise a Problem (503) if the view of this request has taken longer than a query may."""
    if g.view_deadline.passed():
        detail = "The view took longer than it may. Narrow the filters, for example by place, claimant or on_record."
        raise Problem(detail, slug="unavailable", headers={"Retry-After": RETRY_AFTER})


def title_suffix(given: Mapping[str, typing.Any]) -> str:
    """Of what a picture is, for its title."""
    named = [*given.get("conflict", ()), *given.get("article_id", ())]
    return f": {', '.join(named)}" if named else ""
