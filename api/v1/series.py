"""The figures of one cell over time: /v1/casualty-reports/series."""

from __future__ import annotations

import typing

from flask import Response
from flask.views import MethodView

from api.comparison.checked import checked
from api.comparison.claims import ClaimReader, ComparableReport
from api.comparison.phrasing import phrase_cell
from api.comparison.series import Point, Series, series
from api.http.problems import Problem
from api.http.urls import request_url
from api.http.versions import Version
from api.kinds.casualty_report import CASUALTY_REPORT
from api.openapi.examples import comparable_claims
from api.openapi.responses import Link, cacheable_responses
from api.openapi.smorest import Blueprint
from api.v1 import comparisons
from api.v1.compare import cell_of
from api.v1.links import to_record
from api.v1.list_params import ListParams
from api.v1.lists import Content
from schemas.comparison import Series as SeriesShape
from schemas.documents import Fields
from schemas.fields import String

# The maximum number of cells that an error lists.
_CELLS_MAX = 20


def blueprint(version: Version) -> Blueprint:
    """Build the endpoint of the series."""
    blp = Blueprint("series", description="One cell over time, a line for each claimant and period.")
    path = f"/{CASUALTY_REPORT.path}/series"
    list_params = ListParams(version, CASUALTY_REPORT.collection, "id")

    def example() -> Content:
        return to_content(series(comparable_claims(CASUALTY_REPORT.name)[:1])[0])

    cell = String(
        description="The id of the cell, from the comparison.",
        metadata={
            "pattern": "^[0-9a-f]{16}$",
            "minLength": 16,
            "maxLength": 16,
            "example": lambda: example()["cell"]["id"],
        },
    )

    point = "$response.body#/lines/0/points/0"

    class OverTime(MethodView):
        @blp.arguments(list_params.view_schema(cell=cell), location="query")
        @comparisons.operation(
            blp,
            "getCasualtyReportSeries",
            cacheable_responses(
                SeriesShape,
                example,
                links=(
                    Link("getCasualtyReportComparison", {"query.conflict": "$response.body#/cell/conflict"}),
                    *to_record(CASUALTY_REPORT.collection, f"{point}/claim_id", f"{point}/article_id"),
                ),
            ),
            cost=10,
        )
        def get(self, params: dict[str, typing.Any]) -> Response:
            """Return one cell over time: a line for each claimant and period, a point for each claim.

            Requires `conflict`, `article_id` or `id`, and filters that leave one cell, or `cell`. A line has the
            figures of one claimant that count since the same day. Its points are in the order of `on_record`. A
            withheld figure is a point, and so is its later disclosure. `image/svg+xml` returns the same as a picture.
            """

            def one(claims: list[ComparableReport]) -> Series | None:
                matches = [
                    each
                    for each in series(checked(claims, comparisons.check_time))
                    if params.get("cell") in (None, each.label.cell.id)
                ]
                if len(matches) > 1:
                    raise _several(matches, f"{version.prefix}{path}")
                return matches[0] if matches else None

            def draw(cell_series: Series | None) -> bytes:
                from api.charts import series as charts  # noqa: PLC0415 - takes longer to load than to draw

                return charts.draw(cell_series, f"Figures by claimant over time{comparisons.title_suffix(params)}")

            return comparisons.respond(
                list_params, params, ClaimReader().read, compute=one, render=to_content, draw=draw
            )

    blp.add_url_rule(path, "series", OverTime)
    return blp


def to_content(cell_series: Series | None) -> Content:
    """Return a series as a response has it. If no cell matches, it has no lines."""
    if cell_series is None:
        return {"cell": None, "lines": []}
    lines = [
        {
            "claimant": line.claimant,
            "period": vars(line.period),
            "points": [_point(point) for point in line.points],
        }
        for line in cell_series.lines
    ]
    return {"cell": cell_of(cell_series.label), "lines": lines}


def _point(point: Point) -> Content:
    document: Fields = point.claim.document
    names = ("article_id", "on_record", "count", "qualifier", "wording", "low", "high", "since", "as_of")
    return {"claim_id": document["id"], **{name: document[name] for name in names}, "step": point.step}


def _several(matches: list[Series], path: str) -> Problem:
    """Return the problem of more than one matching cell, with the URL of the series of each."""
    errors = [
        {
            "parameter": "cell",
            "detail": f"{phrase_cell(each.label)}; claims: {len(each.claims)}.",
            "address": request_url(path, cell=each.label.cell.id),
        }
        for each in matches[:_CELLS_MAX]
    ]
    more = f", of which {_CELLS_MAX} are listed" if len(matches) > _CELLS_MAX else ""
    detail = f"A series has one cell, but {len(matches)} match{more}. Follow the address of one, or narrow the filters."
    return Problem(detail, slug="invalid-parameters", errors=errors)
