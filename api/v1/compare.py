"""The comparison of casualty reports of all claimants: /v1/casualty-reports/compare."""

from __future__ import annotations

import typing

import orjson
from flask import Response
from flask.views import MethodView

from api.comparison.cells import CellLabel
from api.comparison.claims import ClaimReader, ComparableReport
from api.comparison.compare import Compared, Comparison, Entry
from api.http import urls
from api.http.versions import Version
from api.kinds.article import ARTICLES
from api.kinds.casualty_report import CASUALTY_REPORT
from api.kinds.query_fields import Date
from api.openapi.examples import comparable_claims, record_example
from api.openapi.problem_examples import ROOT
from api.openapi.responses import Link, cacheable_responses
from api.openapi.smorest import Blueprint
from api.v1 import comparisons
from api.v1.links import to_record
from api.v1.list_params import ListParams, cursor_field, limit_field, read_cursor
from api.v1.lists import Content, page_links
from schemas import edtf
from schemas.base import schema_of
from schemas.casualty_report import Subgroup
from schemas.comparison import ENTRIES_MAX, comparison_of
from schemas.page import LIMIT_MAX

# To iterate over an enumeration takes a call for each member.
_SUBGROUPS = list(Subgroup)

# A comparison, the compared cells of one of its pages, and the links of that page.
Page = tuple[Comparison, list[Compared], dict[str, str | None]]


def blueprint(version: Version) -> Blueprint:
    """Build the endpoint of the comparison."""
    blp = Blueprint("compare", description="The figures of all claimants next to each other, never added up.")
    reports = CASUALTY_REPORT.collection
    at_series = f"{version.prefix}/{reports.path}/series"
    list_params = ListParams(version, reports, "id")
    schema = list_params.view_schema(
        at=Date(description="Only claims `on_record` by the end of that day, month or year."),
        limit=limit_field("The maximum number of cells on a page.", LIMIT_MAX),
        cursor=cursor_field(),
    )

    def example() -> Content:
        series_url = f"{ROOT}{at_series}?conflict={record_example(ARTICLES)['conflict']}"
        comparison = Comparison(comparable_claims(reports.name))
        cells = [
            _cell(each, f"{series_url}&cell={each.label.cell.id}") for each in comparison.read(range(len(comparison)))
        ]
        page = {"limit": LIMIT_MAX, "next": None, "prev": None}
        return {"at": None, "claims": comparison.claims_count, "cells": cells, "page": page}

    claim = "$response.body#/cells/0/entries/0/claim"

    class Compare(MethodView):
        @blp.arguments(schema, location="query")
        @comparisons.operation(
            blp,
            "getCasualtyReportComparison",
            cacheable_responses(
                comparison_of(schema_of(reports.item)),
                example,
                link=True,
                links=(
                    Link(
                        "getCasualtyReportSeries",
                        {
                            "query.conflict": "$response.body#/cells/0/cell/conflict",
                            "query.cell": "$response.body#/cells/0/cell/id",
                        },
                    ),
                    *to_record(reports, f"{claim}/id", f"{claim}/article_id"),
                ),
            ),
            cost=20,
        )
        def get(self, params: dict[str, typing.Any]) -> Response:
            """Compare casualty reports: the figures of all claimants for the same people, next to each other.

            Requires `conflict`, `article_id` or `id`. Claims that count the same people form a cell. A cell has one
            entry for each claimant and period: its latest claim. Figures of one period count since the same day, and
            figures of different periods are never compared. Parties are the same by `same_as`, or by name, kind and
            country. Cells that may count some of the same people are related, with the reason. Figures of several
            claimants are never added up. `image/svg+xml` returns the same page as a picture.
            """
            at = edtf.days(params["at"]).latest if "at" in params else None
            cursor_key = list_params.cursor_key(list_params.conditions(params), "compare", at)
            position, backward = read_cursor(params, cursor_key, (int, str))

            def compute(claims: list[ComparableReport]) -> Page:
                comparison = Comparison(claims, at, comparisons.check_time)
                return _page(comparison, params["limit"], position, backward, cursor_key)

            def render(page: Page) -> Content:
                comparison, compared, links = page
                without = ("at", "limit", "cursor", "format")
                cells = [
                    _cell(each, urls.request_url(at_series, without=without, cell=each.label.cell.id))
                    for each in compared
                ]
                page_info = {"limit": params["limit"], **links}
                return {"at": at, "claims": comparison.claims_count, "cells": cells, "page": page_info}

            def draw(page: Page) -> bytes:
                from api.charts import compare as charts  # noqa: PLC0415 - takes longer to load than to draw

                comparison, cells, _ = page
                title = f"Figures by claimant{comparisons.title_suffix(params)}{f', by {at}' if at else ''}"
                return charts.draw(cells, title, len(comparison) - len(cells))

            return comparisons.respond(
                list_params, params, ClaimReader().read, compute=compute, render=render, draw=draw
            )

    blp.add_url_rule(f"/{reports.path}/compare", "compare", Compare)
    return blp


def _page(
    comparison: Comparison, limit: int, position: tuple[typing.Any, ...] | None, backward: bool, cursor_key: str
) -> Page:
    """Return a page of a comparison's cells and the links to its neighbours; see `Comparison.read`."""
    step = -1 if backward else 1
    start = 0 if position is None else comparison.index(position, after=not backward) - backward
    end = min(start + limit, len(comparison)) if step == 1 else max(start - limit, -1)
    cells = list(comparison.read(range(start, end, step)))[::step]
    first = start if step == 1 else start - len(cells) + 1
    past = first + len(cells)
    positions = [comparison.position(index) for index in range(first, past)]
    links = page_links(cursor_key, positions, more_before=first > 0, more_after=past < len(comparison))
    return comparison, cells, links


def cell_of(label: CellLabel) -> Content:
    """Return a cell as a response has it."""
    cell = label.cell
    return {
        "id": cell.id,
        "conflict": cell.conflict,
        "place": label.place,
        "affected": label.affected,
        "population": cell.population,
        "subgroups": sorted(cell.subgroups, key=_SUBGROUPS.index),
        "harm": cell.harm,
    }


def _cell(compared: Compared, series: str) -> Content:
    """Return a compared cell as a response has it; `series` is the URL of its series."""
    return {
        "cell": cell_of(compared.label),
        "entries": [_entry(entry) for entry in compared.entries[:ENTRIES_MAX]],
        "entries_count": len(compared.entries),
        "periods": [
            {
                "period": vars(each.period),
                "claimants": len(each.entries),
                "bounds": vars(each.bounds),
                "agreement": each.agreement,
                "conflicts_count": each.conflicts_count,
            }
            for each in compared.periods[:ENTRIES_MAX]
        ],
        "bounds": vars(compared.bounds),
        "agreement": compared.agreement,
        "conflicts": [[one.id, other.id] for one, other in compared.conflicts],
        "conflicts_count": compared.conflicts_count,
        "related": [
            {"cell": each.other.id, "relation": each.relation, "reason": each.reason} for each in compared.related.first
        ],
        "related_count": compared.related.count,
        "series": series,
    }


def _entry(entry: Entry) -> Content:
    """Return an entry as a response has it, with its claim as stored text."""
    return {
        "claim": orjson.Fragment(entry.claim.text),
        "period": vars(entry.period),
        "earlier": entry.earlier,
        "withholds": entry.claim.withholds,
        "certainty": entry.certainty,
        "perhaps": [claim.id for claim in entry.perhaps],
    }
