"""/v1/casualty-reports/series: one cell over time."""

from __future__ import annotations

import typing

from flask import Response
from flask.views import MethodView
from marshmallow import fields

from api.comparison.checked import checked
from api.comparison.claims import ClaimReader, ComparableClaim
from api.comparison.phrasing import phrase_cell
from api.comparison.series import Point, Series, series
from api.http.problems import Problem
from api.http.scopes import OPEN
from api.http.versions import Version
from api.kinds.casualty_report import CASUALTY_REPORT
from api.openapi.examples import comparable_claims
from api.openapi.responses import cacheable_responses
from api.openapi.smorest import Blueprint
from api.v1 import comparisons, lists
from api.v1.compare import Rendered, cell_of, period_of
from api.v1.list_params import ListParams
from schemas.comparison import Series as SeriesShape

# Of more cells than this, one is told how many there are.
_CELLS_TOLD = 20


def blueprint(version: Version) -> Blueprint:
    """The series of casualty reports."""
    blp = Blueprint("series", description="One cell over time, a line for each claimant and period.")
    path = f"/{CASUALTY_REPORT.path}/series"
    asking = ListParams(version, CASUALTY_REPORT.collection, "id")

    def example() -> Rendered:
        return rendered(series(comparable_claims(CASUALTY_REPORT.name)[:1])[0])

    cell = fields.String(
        metadata={
            "description": "The cell, by the id that the comparison gives it.",
            "pattern": "^[0-9a-f]{16}$",
            "minLength": 16,
            "maxLength": 16,
            "example": lambda: example()["cell"]["id"],
        }
    )

    class OverTime(MethodView):
        @blp.arguments(asking.filters_and(cell=cell), location="query")
        @blp.operation(
            "getCasualtyReportSeries",
            scope=OPEN,
            responses=(*cacheable_responses(SeriesShape, example), comparisons.picture()),
            cost=comparisons.cost(10),
        )
        def get(self, given: dict[str, typing.Any]) -> Response:
            """Return one cell over time: a line for each claimant and period, a point for each claim.

            Requires `conflict` or `article_id`, and filters that leave one cell, or `cell`. A line has the figures of
            one claimant that count since the same day. Its points are in the order of `on_record`. A withheld figure is
            a point, and so is its later disclosure. With `image/svg+xml`, the same as a picture.
            """

            def one(claims: list[ComparableClaim]) -> Series | None:
                found = [
                    each
                    for each in series(checked(claims, comparisons.check_time))
                    if given.get("cell") in (None, each.label.cell.id)
                ]
                if len(found) > 1:
                    raise _several(found, f"{version.prefix}{path}")
                return found[0] if found else None

            def draw(claims: list[ComparableClaim]) -> bytes:
                from api.charts import series as charts  # noqa: PLC0415 - takes longer to load than to draw

                return charts.draw(one(claims), f"What each side says over time{comparisons.title_suffix(given)}")

            return comparisons.respond(asking, given, lambda claims: rendered(one(claims)), draw, ClaimReader().read)

    blp.add_url_rule(path, "series", OverTime)
    return blp


def rendered(found: Series | None) -> Rendered:
    """A series as it travels; without lines where there is none."""
    if found is None:
        return {"cell": None, "lines": []}
    lines = [
        {
            "claimant": line.claimant,
            "period": period_of(line.period),
            "points": [_point(point) for point in line.points],
        }
        for line in found.lines
    ]
    return {"cell": cell_of(found.label), "lines": lines}


def _point(point: Point) -> Rendered:
    document = point.claim.document
    told = ("article_id", "on_record", "count", "qualifier", "wording", "low", "high", "since", "as_of")
    return {"claim_id": document["id"], **{name: document[name] for name in told}, "step": point.step}


def _several(found: list[Series], path: str) -> Problem:
    """What to say of more than one cell: which they are, and where the series of each is."""
    told = [
        {
            "parameter": "cell",
            "detail": f"{phrase_cell(each.label)}; claims: {each.count}.",
            "address": lists.public_url(path, cell=each.label.cell.id),
        }
        for each in found[:_CELLS_TOLD]
    ]
    more = f", of which {_CELLS_TOLD} are told" if len(found) > _CELLS_TOLD else ""
    detail = f"A series is of one cell, and {len(found)} match{more}. Follow the address of one, or narrow the filters."
    return Problem(detail, slug="invalid-parameters", errors=told)
