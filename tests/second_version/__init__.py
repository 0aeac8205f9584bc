"""A second version, as there might be one: the figure of a casualty report is one object, all else is as it was.

No part of the product: tests/test_second_version.py mounts it beside the first.
"""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from api import v1
from api.http.versions import Version
from api.kinds.collections import Reshaped, reshaped
from schemas.casualty_report import CasualtyReport as First

GATHERED = ("count", "low", "high", "qualifier", "wording")

Figure = type(
    "Figure",
    (ma.Schema,),
    {
        **{name: First._declared_fields[name] for name in GATHERED},
        "__doc__": "How many, as the claimant words it.",
        "Meta": type("Meta", (), {"unknown": ma.EXCLUDE}),
    },
)


def in_place_of_the_count(whole, figure):
    """A casualty report's fields or values with its figure where the count was, and without its parts."""
    gathered = {}
    for name, value in whole.items():
        if name == "count":
            gathered["figure"] = figure
        elif name not in GATHERED:
            gathered[name] = value
    return gathered


CasualtyReport = type(
    "CasualtyReport",
    (ma.Schema,),
    {
        **in_place_of_the_count(First._declared_fields, fields.Nested(Figure, required=True)),
        "__doc__": First.__doc__,
        "on_bind_field": First.on_bind_field,
        "Meta": type("Meta", (), {"unknown": ma.EXCLUDE}),
    },
)


def gathered(stored):
    """What is stored of a casualty report, as this version shows it."""
    shown = in_place_of_the_count(stored, {name: stored[name] for name in GATHERED})
    # Which names fields, and has to name those that are here.
    named = ("figure" if name in GATHERED else name for name in stored["inferred"])
    return {**shown, "inferred": list(dict.fromkeys(named))}


V2 = Version(2, "2.0.0", v1.blueprints, collections=reshaped({"casualty_report": Reshaped(CasualtyReport, gathered)}))
