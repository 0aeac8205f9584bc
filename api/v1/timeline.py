"""/v1/ceasefires/timeline: what is said of a conflict's ceasefires, by date."""

from __future__ import annotations

import typing

from flask import Response
from flask.views import MethodView

from api.comparison.reported import Reported
from api.comparison.timeline import Event, timeline
from api.contract.examples import reported
from api.http.documenting import read
from api.http.rest import Blueprint
from api.http.scopes import OPEN
from api.kinds.ceasefire import CEASEFIRE
from api.v1 import views
from api.v1.asking import Asking
from schemas.comparison import Timeline

Rendered = dict[str, typing.Any]


def blueprint() -> Blueprint:
    """The timeline of ceasefires."""
    blp = Blueprint("timeline", description="What became of each ceasefire, by date.")
    asking = Asking(CEASEFIRE.collection, "id")

    class ByDate(MethodView):
        @blp.arguments(asking.filters_and(), location="query")
        @blp.operation(
            "getCeasefireTimeline",
            scope=OPEN,
            answers=(*read(Timeline, rendered(reported(CEASEFIRE.name))), views.picture()),
            cost=5,
        )
        def get(self, given: dict[str, typing.Any]) -> Response:
            """See what became of a conflict's ceasefires, by date.

            Needs `conflict` or `article_id`. Claims of one ceasefire are joined over articles by its slug; those
            without a slug, and those of several at once, stand beside. Claims and ceasefires are counted apart.
            As `image/svg+xml`, the same as a picture.
            """

            def draw(claims: list[Reported]) -> bytes:
                from api.pictures import timeline as pictures  # noqa: PLC0415 - takes longer to load than to draw

                return pictures.draw(timeline(claims), f"What became of each ceasefire{views.of(given)}")

            return views.answer(asking, given, rendered, draw)

    blp.add_url_rule(f"/{CEASEFIRE.path}/timeline", "timeline", ByDate)
    return blp


def rendered(claims: list[Reported]) -> Rendered:
    """The timeline of claims as it travels."""
    found = timeline(claims)
    return {
        "ceasefires": [
            {
                "conflict": each.conflict,
                "ceasefire": each.slug,
                "name": each.name,
                "events": [_event(event) for event in each.events],
            }
            for each in found.ceasefires
        ],
        "unnamed": [_event(event) for event in found.unnamed],
        "aggregate": [_event(event) for event in found.aggregate],
        "counts": {
            "claims": len(claims),
            "named": len(found.ceasefires),
            "by_article": list(map(vars, found.articles)),
        },
    }


def _event(event: Event) -> Rendered:
    return {
        "status": event.status,
        "date": vars(event.date),
        "claims": [claim.document for claim in event.claims],
    }
