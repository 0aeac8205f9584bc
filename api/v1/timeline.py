"""/v1/ceasefires/timeline: what is said of a conflict's ceasefires, by date."""

from __future__ import annotations

import typing
from collections.abc import Iterable

from flask import Response
from flask.views import MethodView

from api.comparison.checked import Check, checked, unchecked
from api.comparison.claims import ComparableClaim, whole
from api.comparison.timeline import Event, timeline
from api.http.scopes import OPEN
from api.http.versions import Version
from api.kinds.ceasefire import CEASEFIRE
from api.openapi.examples import comparable_claims
from api.openapi.responses import cacheable_responses
from api.openapi.smorest import Blueprint
from api.v1 import comparisons
from api.v1.list_params import ListParams
from schemas.base import schema_of
from schemas.comparison import timeline_of

Rendered = dict[str, typing.Any]


def blueprint(version: Version) -> Blueprint:
    """The timeline of ceasefires."""
    blp = Blueprint("timeline", description="What became of each ceasefire, by date.")
    ceasefires = CEASEFIRE.collection
    asking = ListParams(version, ceasefires, "id")

    def example() -> Rendered:
        return rendered(comparable_claims(ceasefires.name))

    shape = timeline_of(schema_of(ceasefires.item))

    class ByDate(MethodView):
        @blp.arguments(asking.filters_and(), location="query")
        @blp.operation(
            "getCeasefireTimeline",
            scope=OPEN,
            responses=(
                *cacheable_responses(shape, example),
                comparisons.picture(),
            ),
            cost=comparisons.cost(10),
        )
        def get(self, given: dict[str, typing.Any]) -> Response:
            """See what became of a conflict's ceasefires, by date.

            Needs `conflict` or `article_id`. Claims of one ceasefire are joined over articles by its slug; those
            without a slug, and those of several at once, stand beside. Claims and ceasefires are counted apart.
            As `image/svg+xml`, the same as a picture.
            """

            def draw(claims: list[ComparableClaim]) -> bytes:
                from api.charts import timeline as charts  # noqa: PLC0415 - takes longer to load than to draw

                return charts.draw(
                    timeline(claims, comparisons.check_time),
                    f"What became of each ceasefire{comparisons.title_suffix(given)}",
                )

            return comparisons.respond(
                asking, given, lambda claims: rendered(claims, comparisons.check_time), draw, whole
            )

    blp.add_url_rule(f"/{ceasefires.path}/timeline", "timeline", ByDate)
    return blp


def rendered(claims: list[ComparableClaim], check: Check = unchecked) -> Rendered:
    """Return the timeline of claims as JSON has it; `check` raises to end it."""
    found = timeline(claims, check)

    def events(told: Iterable[Event]) -> list[Rendered]:
        return [_event(event, check) for event in told]

    return {
        "ceasefires": [
            {
                "conflict": each.conflict,
                "ceasefire": each.slug,
                "name": each.name,
                "events": events(each.events),
            }
            for each in found.ceasefires
        ],
        "unnamed": events(found.unnamed),
        "aggregate": events(found.aggregate),
        "counts": {
            "claims": len(claims),
            "named": len(found.ceasefires),
            "by_article": list(map(vars, found.articles)),
        },
    }


def _event(event: Event, check: Check) -> Rendered:
    return {
        "status": event.status,
        "date": vars(event.date),
        "claims": [claim.document for claim in checked(event.claims, check)],
    }
