"""Requests that nobody thought of: Schemathesis, over every operation of the document, finds nothing."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from schemas.values import country_codes
from tests.documented import OPERATIONS

# `make fuzz` asks for more.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))

days = st.dates().map(lambda day: day.isoformat())
months = days.map(lambda day: day[:7])
years = days.map(lambda day: day[:4])
dates = st.one_of(days, months, years, days.map(lambda day: f"{day}?"), years.map(lambda year: f"{year}-XX"))
intervals = st.tuples(days, days).map(lambda ends: "/".join(sorted(ends)))
# What a format means beyond its pattern; a value that the document allows has to be accepted.
FORMATS = {
    "edtf-date": dates,
    "edtf": st.one_of(dates, intervals, days.map(lambda day: f"../{day}"), days.map(lambda day: f"{day}/..")),
    "iso-3166-1-alpha-3": st.sampled_from(sorted(country_codes())),
    "bcp47": st.sampled_from(["en", "de", "az-Latn", "pt-BR", "es-419"]),
    "un-document-symbol": st.sampled_from(["S/RES/822 (1993)", "A/RES/62/243", "A/RES/3379 (XXX)", "E/RES/2005/30"]),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Take tokens out of requests that are to be good ones: they are taken from answers and never made."""
    if case.meta is not None and case.meta.generation.mode.is_positive:
        for token in ("cursor", "since"):
            (case.query or {}).pop(token, None)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_gets_an_answer_that_is_not_documented(seeded_app, operation):
    phases = {"stateful": {"enabled": False}}
    if seeded_app.config["ONRECORD"].database_url.startswith("postgresql"):
        # The coverage phase tries what parsing makes of every parameter, which no database has a part in.
        phases["coverage"] = {"enabled": False}
    generation = {"max-examples": EXAMPLES, "allow-x00": False, "deterministic": True, "database": "none"}
    # A query that is too long is refused as that, whatever else is right or wrong with it.
    checks = {
        "negative_data_rejection": {"expected-statuses": [404, 406, 414, 422]},
        "positive_data_acceptance": {"expected-statuses": [200, 404, 414]},
    }
    config = schemathesis.Config.from_dict({"seed": 1, "generation": generation, "phases": phases, "checks": checks})
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", seeded_app, config=config)
    requests, found = run(schema.include(operation_id=operation))
    assert requests
    assert not found, "\n\n".join(dict.fromkeys(found))


def run(schema):
    """Run the phases: how many requests were made, and what was found."""
    requests, found = 0, []
    for event in from_schema(schema).execute():
        if isinstance(event, (NonFatalError, FatalError)):
            found.append(str(event))
        if isinstance(event, ScenarioFinished):
            requests += len(event.recorder.interactions)
            for case_id, checks in event.recorder.checks.items():
                case = event.recorder.cases[case_id].value
                failures = [check.failure_info.failure for check in checks if check.failure_info is not None]
                found += [f"{case.as_curl_command()}\n{failure}" for failure in failures]
    return requests, found
