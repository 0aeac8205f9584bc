"""Schemathesis sends generated requests to every operation of the document and finds no failure."""

from __future__ import annotations

import os

import orjson
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.generation.meta import TestPhase

from schemas.countries import country_codes
from tests.conftest import DATABASES
from tests.support.openapi import KEYED, LIKE_QUOTES, READS

pytestmark = pytest.mark.long

# `make fuzz` sends more: more examples, every operation on both databases, and all parts of its schemas.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
THOROUGH = "FUZZ_EXAMPLES" in os.environ
# To cover all that schemas tell of is a thousand requests for an operation of many parameters. These have few, of the
# types that others have, too.
COVERED = {"listArticles", "getArticle", "getQuote", "getClaim", "listQuoteVersions", "listChanges"}
VIEWS = ("/compare", "/series", "/timeline")
VERSIONS = [name for name in READS if name.endswith("Versions")]
COVERED |= {"createQuote", "deleteQuote", "importRecords", "getArticleText", "putArticleText", "deleteArticleText"}
on_sqlite = pytest.mark.parametrize("databases", DATABASES if THOROUGH else ["sqlite"], indirect=True)

days = st.dates().map(lambda day: day.isoformat())
months = days.map(lambda day: day[:7])
years = days.map(lambda day: day[:4])
dates = st.one_of(days, months, years, days.map(lambda day: f"{day}?"), years.map(lambda year: f"{year}-XX"))
intervals = st.tuples(days, days).map(lambda ends: "/".join(sorted(ends)))
# Rules of formats that a pattern cannot express. Each value that the document allows must be accepted.
FORMATS = {
    "edtf-date": dates,
    "edtf": st.one_of(dates, intervals, days.map(lambda day: f"../{day}"), days.map(lambda day: f"{day}/..")),
    "iso-3166-1-alpha-3": st.sampled_from(sorted(country_codes())),
    "bcp47": st.sampled_from(["en", "de", "az-Latn", "pt-BR", "es-419"]),
    "un-document-symbol": st.sampled_from(["S/RES/822 (1993)", "A/RES/62/243", "A/RES/3379 (XXX)", "E/RES/2005/30"]),
    "search": st.lists(st.sampled_from(["peace", '"no basis"', "cease*", "Gədəbəy"]), min_size=1).map(" ".join),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """Send the lines of an NDJSON body unchanged."""
    return value.encode(errors="replace") if isinstance(value, str) else orjson.dumps(value)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Correct generated requests that the schemas allow and the API rejects.

    Cursors, and positions and epochs of the feed, are left out. `sort=relevance` requires `q`, and excludes other sort
    keys.
    """
    if case.meta is not None and case.meta.phase.name is TestPhase.STATEFUL:
        # Filters leave few records to follow. A dry run changes no state, although its response has links.
        linked = {name: value for name, value in (case.query or {}).items() if name in ("since", "epoch", "cell")}
        conflict = {"conflict": ["nagorno-karabakh"]} if case.operation.path.endswith(VIEWS) else {}
        case.query = {**conflict, **linked}
    elif case.meta is not None and case.meta.generation.mode.is_positive:
        query = case.query or {}
        for token in ("cursor", "since", "epoch"):
            query.pop(token, None)
        if "relevance" in query.get("sort", ()):
            query |= {"sort": ["relevance"], "q": query.get("q", "peace")}
        remove_conflicting_parameters(query, case.operation.path)
        if case.operation.path.endswith(VIEWS):
            # A view is of one conflict, a series of one cell.
            cell = {"cell": query.get("cell", "0" * 16)} if case.operation.path.endswith("/series") else {}
            case.query = {"conflict": ["hill-war"], **query, **cell}


def remove_conflicting_parameters(query, path):
    """Remove `texts`, which requires a key, `hxl` from formats other than CSV, and the formats of exports from lists.

    Schemathesis reads `content` only, which a list has for JSON. The exports have operations of their own.
    """
    query.pop("texts", None)
    if not path.endswith("/export") and query.get("format") in ("csv", "ndjson"):
        query.pop("format")
    if query.get("format") != "csv":
        query.pop("hxl", None)


@pytest.mark.parametrize("operation", sorted(READS.keys() - LIKE_QUOTES))
def test_reads_return_documented_responses(seeded_app, operation):
    read(seeded_app, operation)


@on_sqlite
@pytest.mark.parametrize("operation", sorted(READS.keys() & LIKE_QUOTES))
def test_reads_of_other_kinds_return_documented_responses(seeded_app, operation):
    read(seeded_app, operation)


def read(app, operation):
    # A query that is too long is rejected for its length, even if it has other errors.
    actual = fuzzed(app, operation, refused=[404, 406, 410, 414, 422], accepted=[200, 404, 414])
    assert not actual, "\n\n".join(dict.fromkeys(actual))


# A record may be large, and hypothesis would rather not print it.
overly_large = pytest.mark.filterwarnings("ignore:Generating overly large repr")


@overly_large
@pytest.mark.parametrize("operation", sorted(KEYED.keys() - LIKE_QUOTES))
def test_writes_return_documented_responses(writer, operation):
    write(writer.application, operation)


@on_sqlite
@overly_large
@pytest.mark.parametrize("operation", sorted(KEYED.keys() & LIKE_QUOTES))
def test_writes_of_other_kinds_return_documented_responses(writer, operation):
    write(writer.application, operation)


def write(app, operation):
    # A valid record can still refer to a missing record, or lack support in its evidence. Names of views return 405.
    rejected = [400, 401, 404, 405, 406, 409, 410, 412, 413, 414, 415, 422, 428]
    actual = fuzzed(app, operation, refused=rejected, accepted=[200, 201, 204, *rejected], key=app.config["KEY"])
    assert not actual, "\n\n".join(dict.fromkeys(actual))


def fuzzed(app, operation, *, refused, accepted, key=None):
    """Return the failures of an operation, for invalid and for valid requests."""
    phases = {"stateful": {"enabled": False}}
    if not THOROUGH and (operation not in COVERED or not app.extensions["onrecord"].is_sqlite):
        # It tries what parsing makes of every parameter, which no database has a part in.
        phases["coverage"] = {"enabled": False}
    generation = {"max-examples": EXAMPLES, "allow-x00": False, "deterministic": True, "database": "none"}
    checks = {
        "negative_data_rejection": {"expected-statuses": refused},
        "positive_data_acceptance": {"expected-statuses": accepted},
        "missing_required_header": {"expected-statuses": refused},
        # It sends no key, and uses requests that in-process clients cannot send.
        "ignored_auth": {"enabled": False},
    }
    settings = {"seed": 1, "generation": generation, "phases": phases, "checks": checks}
    if key is not None:
        settings["headers"] = {"Authorization": f"Bearer {key}"}
    config = schemathesis.Config.from_dict(settings)
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=config)
    requests, _, actual = run(schema.include(operation_id=operation))
    assert requests
    return actual


@overly_large
@pytest.mark.parametrize("databases", DATABASES, indirect=True)
def test_links_lead_from_state_to_state(writer):
    """Follow the documented links: the requests of a sequence have values of earlier responses."""
    app = writer.application
    generation = {"max-examples": 5 * EXAMPLES, "allow-x00": False, "deterministic": True, "database": "none"}
    # Schemathesis guesses more links from the names of parameters. Most of them lead nowhere.
    phases = {name: {"enabled": False} for name in ("examples", "coverage", "fuzzing")}
    phases["stateful"] = {"inference": {"algorithms": []}, "max-steps": 20}
    # The functions above check each operation alone. A deleted record keeps its versions.
    names = ("negative_data_rejection", "positive_data_acceptance", "missing_required_header", "ignored_auth")
    versions = [{"include-operation-id": name, "checks": {"use_after_free": {"enabled": False}}} for name in VERSIONS]
    settings = {"seed": 1, "generation": generation, "phases": phases, "operations": versions}
    settings["checks"] = {name: {"enabled": False} for name in names}
    settings["headers"] = {"Authorization": f"Bearer {app.config['KEY']}"}
    config = schemathesis.Config.from_dict(settings)
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=config)
    _, links, actual = run(schema)
    assert not actual, "\n\n".join(dict.fromkeys(actual))
    assert len(links) > 20


def run(schema):
    """Run the phases of a schema. Return the number of requests, the links that led to a success, and the failures."""
    requests, links, actual = 0, set(), []
    for event in from_schema(schema).execute():
        if isinstance(event, (NonFatalError, FatalError)):
            actual.append(str(event))
        if isinstance(event, ScenarioFinished):
            requests += len(event.recorder.interactions)
            for case_id, interaction in event.recorder.interactions.items():
                transition = event.recorder.cases[case_id].transition
                if transition is not None and interaction.response.status_code < 300:
                    links.add(transition.id)
            for case_id, checks in event.recorder.checks.items():
                case = event.recorder.cases[case_id].value
                failures = [check.failure_info.failure for check in checks if check.failure_info is not None]
                actual += [f"{case.as_curl_command()}\n{failure}" for failure in failures]
    return requests, links, actual
