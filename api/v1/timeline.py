"""The claims about the ceasefires of a conflict, by date: /v1/ceasefires/timeline."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from functools import partial

from flask import Response
from flask.views import MethodView

from api.comparison.checked import Check, checked, unchecked
from api.comparison.claims import whole
from api.comparison.timeline import Event, Timeline, timeline
from api.http.versions import Version
from api.kinds.ceasefire import CEASEFIRE
from api.openapi.examples import comparable_claims
from api.openapi.responses import cacheable_responses
from api.openapi.smorest import Blueprint
from api.v1 import comparisons
from api.v1.links import to_record
from api.v1.list_params import ListParams
from api.v1.lists import Content
from schemas.base import schema_of
from schemas.comparison import timeline_of


def blueprint(version: Version) -> Blueprint:
    """Build the endpoint of the timeline."""
    blp = Blueprint("timeline", description="The events of each ceasefire, by date.")
    ceasefires = CEASEFIRE.collection
    list_params = ListParams(version, ceasefires, "id")

    def example() -> Content:
        return to_content(timeline(comparable_claims(ceasefires.name)))

    schema = timeline_of(schema_of(ceasefires.item))
    claim = "$response.body#/unnamed/0/claims/0"

    class ByDate(MethodView):
        @blp.arguments(list_params.view_schema(), location="query")
        @comparisons.operation(
            blp,
            "getCeasefireTimeline",
            cacheable_responses(schema, example, links=to_record(ceasefires, f"{claim}/id", f"{claim}/article_id")),
            cost=10,
        )
        def get(self, params: dict[str, typing.Any]) -> Response:
            """Return the events of the ceasefires of a conflict, by date.

            Requires `conflict`, `article_id` or `id`. Claims with the same ceasefire slug form one ceasefire, over
            all articles. Claims without a slug are in `unnamed`, those of several ceasefires in `aggregate`. Claims
            and ceasefires are counted separately. `image/svg+xml` returns the same as a picture.
            """

            def draw(events: Timeline) -> bytes:
                from api.charts import timeline as charts  # noqa: PLC0415 - takes longer to load than to draw

                return charts.draw(events, f"Status of each ceasefire{comparisons.title_suffix(params)}")

            compute = partial(timeline, check=comparisons.check_time)
            render = partial(to_content, check=comparisons.check_time)
            return comparisons.respond(list_params, params, whole, compute=compute, render=render, draw=draw)

    blp.add_url_rule(f"/{ceasefires.path}/timeline", "timeline", ByDate)
    return blp


def to_content(result: Timeline, check: Check = unchecked) -> Content:
    """Return a timeline as a response has it. `check` raises to end it."""

    def events(of: Iterable[Event]) -> list[Content]:
        return [
            {
                "status": event.status,
                "date": vars(event.date),
                "claims": [claim.document for claim in checked(event.claims, check)],
            }
            for event in of
        ]

    return {
        "ceasefires": [
            {
                "conflict": each.conflict,
                "ceasefire": each.slug,
                "name": each.name,
                "events": events(each.events),
            }
            for each in result.ceasefires
        ],
        "unnamed": events(result.unnamed),
        "aggregate": events(result.aggregate),
        "counts": {
            "claims": sum(article.claims for article in result.articles),
            "named": len(result.ceasefires),
            "by_article": list(map(vars, result.articles)),
        },
    }
