"""HXL tables as libhxl reads them. Each table passes its core schema, which is part of the package."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import hxl
import orjson
import pytest

from tests.conftest import HELD, borrowed
from tests.http.test_every_kind import every_collection
from tests.support.generated_records import INFERRED, PARTIES, article, casualty_report

FIXTURES = Path(__file__).parents[2] / "fixtures"
NEWS = "three, five"
SPANS = [{"exact": "three", "start": 0, "end": 5}, {"exact": "five", "start": 7, "end": 11}]
OWN = [
    article(
        "the-news",
        published_on="2020-10-01/..",
        info_sources=[{"name": "Norland", "role": "primary"}, {"name": "the mayor", "role": "secondary"}],
        text_sha256="0" * 64,
        text_length=len(NEWS),
    ),
    article("old-news", published_on="0001"),
    article("late-news", published_on="9999-12-31"),
    casualty_report(
        "of-several",
        "the-news",
        affected=list(PARTIES[:4]),
        via=list(PARTIES[1:3]),
        evidence=SPANS,
        as_of="2020-10~",
        inferred=[*INFERRED, "via"],
    ),
    casualty_report("of-a-season", "the-news", since="2020-21", as_of="../2020-11-01", claimed_on="199X"),
]


def _lines():
    """Return the fixtures, the demo and records with lists and imprecise dates, as an import takes them."""
    files = sorted(FIXTURES.rglob("*.ndjson"))
    return [*((file.name, file.read_bytes().splitlines()) for file in files), ("own", [*map(orjson.dumps, OWN)])]


HELD["lists"] = _lines


@pytest.fixture(scope="module")
def client(databases):
    """Return a client of a read-only app whose tables have several rows."""
    with borrowed(databases, "lists") as app:
        yield app.test_client()


def tagged(client, query):
    """Return the rows of a table with tags."""
    response = client.get(f"/v1/{query}format=csv&hxl=true")
    assert response.status_code == 200, response.text
    return list(csv.reader(io.StringIO(response.text)))


def errors(rows):
    """Return the tag, value and message of each error that libhxl finds."""
    actual = []

    def report(error):
        if error.rule.severity == "error":
            actual.append((error.column.display_tag, error.value, error.message))

    hxl.schema(None, report).validate(hxl.data(rows))
    return actual


@every_collection
def test_every_table_passes_the_core_schema(client, collection):
    rows = tagged(client, f"{collection.path}?")
    assert len(rows) > 5
    assert errors(rows) == []


@every_collection
def test_every_table_of_one_field_passes_the_core_schema(client, collection):
    actual = {name: errors(tagged(client, f"{collection.path}?fields={name}&")) for name in collection.fields}
    assert {name: reported for name, reported in actual.items() if reported} == {}


@pytest.mark.parametrize(
    "query",
    [
        *("casualty-reports?harm=killed&", "casualty-reports?harm=killed&fields=count,low,high,affected&"),
        *("claims?type=casualty_report&", "claims?type=quote&", "articles/karabakh-2020-11-01/claims?"),
    ],
)
def test_a_filtered_table_passes_the_core_schema(client, query):
    rows = tagged(client, query)
    assert len(rows) > 5
    assert errors(rows) == []


def test_lists_are_not_numbers_and_only_bounds_are_dates(client):
    names, tags, *rows = tagged(client, "casualty-reports?id=of-several&")
    tag, row = dict(zip(names, tags, strict=True)), dict(zip(names, rows[0], strict=True))
    assert (tag["evidence.start"], row["evidence.start"]) == ("#meta+evidence+start", "0; 7")
    assert (tag["count"], tag["version"]) == ("#affected", "#indicator+num+version")
    dates = {name: tag[name] for name in names if name.startswith("as_of")}
    assert dates == {
        "as_of": "#meta+edtf+as_of",
        "as_of.earliest": "#date+as_of+start",
        "as_of.latest": "#date+as_of+end",
    }
    assert (row["as_of"], row["as_of.earliest"], row["as_of.latest"]) == ("2020-10~", "2020-10-01", "2020-10-31")
    assert tag["created_at"] == "#date+created_at"


def test_hxlvalidate_accepts_a_table(client):
    table = client.get("/v1/claims?format=csv&hxl=true").data
    command = [Path(sys.executable).parent / "hxlvalidate", "-e", "error"]
    done = subprocess.run(command, input=table, capture_output=True, check=False)
    assert (done.returncode, b"Validation succeeded." in done.stdout) == (0, True), done.stdout.decode()
