"""/v1/casualty-reports/compare: what each side says, side by side."""

from __future__ import annotations

import typing
from collections.abc import Callable

from flask import Response
from flask.views import MethodView

from api.comparison.cells import Cell, Told
from api.comparison.compare import Compared, compare
from api.comparison.reported import Reported
from api.contract.examples import example_of, reported
from api.http.documenting import read
from api.http.problem_examples import ROOT
from api.http.rest import Blueprint
from api.http.scopes import OPEN
from api.http.versioning import Version
from api.kinds.article import ARTICLES
from api.kinds.casualty_report import CASUALTY_REPORT
from api.kinds.kind import Collection
from api.kinds.parameters import Date
from api.v1 import answering, views
from api.v1.asking import Asking
from schemas import edtf
from schemas.comparison import RELATED_TOLD, comparison_of
from schemas.shapes import shape_of

Rendered = dict[str, typing.Any]


def blueprint(version: Version) -> Blueprint:
    """The comparison of casualty reports."""
    blp = Blueprint("compare", description="What each side says, side by side; never a sum over claimants.")
    reports = version[CASUALTY_REPORT.name]
    at_series = f"{version.prefix}/{reports.path}/series"
    asking = Asking(version, reports, "id")
    schema = asking.filters_and(
        at=Date(metadata={"description": "Only what was on record by the end of that day, month or year."})
    )
    asked = f"{ROOT}{at_series}?conflict={example_of(ARTICLES)['conflict']}"
    example = rendered(reported(reports.name), None, reports, lambda cell: f"{asked}&cell={cell.id}")

    class Compare(MethodView):
        @blp.arguments(schema, location="query")
        @blp.operation(
            "getCasualtyReportComparison",
            scope=OPEN,
            answers=(*read(comparison_of(shape_of(reports.item)), example), views.picture()),
            cost=views.cost(20),
        )
        def get(self, given: dict[str, typing.Any]) -> Response:
            """Compare casualty reports: see what each side says of the same people, side by side.

            Needs `conflict` or `article_id`. The claims that match fall into cells of what they count, with one entry a
            claimant: its latest claim. Parties are one by `same_as`, or by name, kind and country. Cells that hold, or
            may hold, some of the same people are related, with the reason; figures are never added up over claimants.
            As `image/svg+xml`, the same as a picture.
            """
            at = edtf.days(given["at"]).latest if "at" in given else None

            def series(cell: Cell) -> str:
                return answering.public_url(at_series, without=("at",), cell=cell.id)

            def draw(claims: list[Reported]) -> bytes:
                from api.pictures import compare as pictures  # noqa: PLC0415 - takes longer to load than to draw

                return pictures.draw(
                    compare(claims, at), f"What each side says{views.of(given)}{f', by {at}' if at else ''}"
                )

            return views.answer(asking, given, lambda claims: rendered(claims, at, reports, series), draw)

    blp.add_url_rule(f"/{reports.path}/compare", "compare", Compare)
    return blp


def rendered(claims: list[Reported], at: str | None, reports: Collection, series: Callable[[Cell], str]) -> Rendered:
    """The comparison of claims as it travels, shown as `reports` are; `series` gives the address of a cell's series."""
    compared = compare(claims, at)
    count = sum(1 + entry.earlier for each in compared for entry in each.entries)
    return {"at": at, "claims": count, "cells": [_cell(each, reports, series(each.told.cell)) for each in compared]}


def cell_of(told: Told) -> Rendered:
    """What is counted, as it travels."""
    cell = told.cell
    return {
        "id": cell.id,
        "conflict": cell.conflict,
        "place": told.place,
        "affected": told.affected,
        "population": cell.population,
        "harm": cell.harm,
    }


def _cell(compared: Compared, reports: Collection, series: str) -> Rendered:
    entries = [
        {
            "claim": reports.show(entry.claim.document),
            "earlier": entry.earlier,
            "withholds": entry.withholds,
            "certainty": entry.certainty,
            "perhaps": [claim.id for claim in entry.perhaps],
        }
        for entry in compared.entries
    ]
    related = [
        {"cell": each.other.id, "relation": each.relation, "reason": each.reason}
        for each in compared.related[:RELATED_TOLD]
    ]
    return {
        "cell": cell_of(compared.told),
        "entries": entries,
        "bounds": {"low": compared.bounds.low, "high": compared.bounds.high},
        "agreement": compared.agreement,
        "conflicts": [[one.id, other.id] for one, other in compared.conflicts],
        "conflicts_count": compared.conflicts_count,
        "related": related,
        "related_count": len(compared.related),
        "series": series,
    }
