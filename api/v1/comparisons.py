"""The common part of views of all matching claims: compare, series and timeline."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping

from flask import Response, current_app, g

from api.comparison.checked import checked
from api.comparison.claims import ComparableClaim
from api.http.context import current_store
from api.http.etags import list_etag, not_modified, with_etag
from api.http.negotiation import JSON, SVG, negotiate
from api.http.problems import InvalidParameters, Problem
from api.http.scopes import OPEN
from api.openapi.responses import ResponseDoc
from api.openapi.smorest import Blueprint
from api.store import read
from api.store.read import ListQuery
from api.store.statement_cache import Deadline
from api.v1.list_params import ListParams
from api.v1.lists import Content, json_page
from schemas.comparison import CLAIMS_MAX
from schemas.documents import DocumentT

View = typing.TypeVar("View")

ClaimReader = Callable[[str, str | None, tuple[str, str] | None], ComparableClaim[DocumentT]]

# A chart has inline styles, and may load nothing if a browser opens it by itself.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def operation(
    blp: Blueprint, operation_id: str, responses: tuple[ResponseDoc, ...], cost: int
) -> Callable[[typing.Any], typing.Any]:
    """Return the decorator that declares a view. As a picture, the view costs more."""
    # An example of a chart would be longer than the rest of the document.
    picture = ResponseDoc(200, {"$ref": "#/components/schemas/Picture"}, headers=("ETag",), media_type=SVG)
    return blp.operation(
        operation_id,
        scope=OPEN,
        responses=(*responses, picture),
        cost=lambda _query, media_type: 200 if media_type == SVG else cost,
    )


def respond(
    list_params: ListParams,
    params: Mapping[str, typing.Any],
    to_claim: ClaimReader[DocumentT],
    *,
    compute: Callable[[list[ComparableClaim[DocumentT]]], View],
    render: Callable[[View], Content],
    draw: Callable[[View], bytes],
) -> Response:
    """Return the view of the claims that match: JSON or, if `format` or `Accept` requests it, a picture.

    `to_claim` makes a claim of its stored text, the conflict and the days of publication of its article.
    `compute` makes the view of the claims, `render` its content, and `draw` its picture.

    Raises InvalidParameters if the request names no conflict, article or claim, or if too many claims match.
    Raises a Problem if the view takes longer than a query may.
    """
    g.view_deadline = Deadline(current_app.config["ONRECORD"].query_timeout)
    g.view_deadline.restart()
    if not ({"conflict", "article_id", "id"} & params.keys()):
        message = "`conflict`, `article_id` or `id` is required. Claims of different conflicts are not compared."
        raise InvalidParameters([("conflict", message)])
    as_svg = negotiate(JSON, SVG) == SVG
    with current_store().reading() as reader:
        etag = list_etag(read.feed_position(reader), "svg" if as_svg else "")
        if (unchanged := not_modified(etag)) is not None:
            return unchanged
        query = ListQuery(list_params.collection, list_params.conditions(params))
        rows = read.claims(reader, query, CLAIMS_MAX)
    if len(rows) > CLAIMS_MAX:
        message = f"More than {CLAIMS_MAX:,} claims match. Add filters, such as place, affected, harm or on_record."
        raise InvalidParameters([("conflict", message)])
    claims = [
        to_claim(document, conflict, None if first is None or last is None else (first, last))
        for document, conflict, first, last in checked(rows, check_time)
    ]
    view = compute(claims)
    if not as_svg:
        return json_page(etag, render(view))
    response = with_etag(Response(draw(view), mimetype=SVG), etag)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def check_time() -> None:
    """Raise a Problem (503) if the view of this request has taken longer than a query may."""
    if g.view_deadline.passed():
        detail = "The view exceeded the time limit. Narrow the filters, for example by place, claimant or on_record."
        raise Problem(detail, slug="unavailable")


def title_suffix(params: Mapping[str, typing.Any]) -> str:
    """Return the conflicts and articles of a chart, for its title."""
    names = [*params.get("conflict", ()), *params.get("article_id", ())]
    return f": {', '.join(names)}" if names else ""
