"""Exports of whole lists as CSV and NDJSON: complete, consistent, and readable by common programs."""

from __future__ import annotations

import csv
import http.client
import io
import os
import random
import re
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing
from urllib.parse import urlsplit

import duckdb
import orjson
import pandas as pd
import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from api.formats.columns import columns_of
from api.formats.table import cell
from api.kinds.collections import COLLECTIONS, KIND_BY_NAME
from api.store import errors, timeouts
from api.store.imports import import_lines
from api.store.tables import claim
from api.v1 import exports
from schemas import edtf
from tests.conftest import HELD, app_on, borrowed
from tests.http.test_every_kind import every_collection, records
from tests.http.test_http_semantics import problem
from tests.support.db_invariants import stored_documents
from tests.support.generated_records import article, casualty_report, casualty_reports
from tests.support.histories import History
from tests.support.live_server import environment
from tests.support.writers import app_client, create_key, put, running_server

CSV, JSON, NDJSON = "text/csv", "application/json", "application/x-ndjson"
# The Accept header of a browser for a typed URL.
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def table(response):
    """Return the rows of a CSV response by column, as a spreadsheet reads them."""
    assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8"), response.text
    names, *rows = csv.reader(io.StringIO(response.get_data().decode(), newline=""), dialect="excel", strict=True)
    assert {len(row) for row in rows} <= {len(names)}
    return [dict(zip(names, row, strict=True)) for row in rows]


def lines(response):
    assert (response.status_code, response.mimetype) == (200, NDJSON), response.text
    return [orjson.loads(line) for line in response.get_data().splitlines()]


def unguarded(text_):
    """Return the stored value of a cell, decoded as the documentation describes."""
    formula = "[\\s']*[=+\\-@\t\r\n＝＋－＠]"
    return text_[1:] if text_.startswith("'") and re.match(formula, text_[1:]) else text_


def members(text_):
    """Return the members of a joined list."""
    parts = re.split(r"(?<!\\)((?:\\\\)*); ", text_)
    joined = [part + slashes for part, slashes in zip(parts[::2], [*parts[1::2], ""], strict=True)]
    return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in joined]


def table_value(value):
    """Return the form of a value in a table. The value is not a list."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def record_values(value, names):
    """Return the values of a record in a column: of each entry of a list, and both bounds of a date."""
    for depth, name in enumerate(names):
        if isinstance(value, list):
            return [record_values(item, names[depth:]) for item in value]
        if isinstance(value, str):
            return getattr(edtf.days(value), name)
        value = None if value is None else value.get(name)
    return value


@every_collection
def test_ndjson_has_the_whole_list_in_its_order(seeded, collection):
    for query in ("", "&sort=-updated_at", "&sort=id", f"&sort=-{next(iter(collection.sorts))},id"):
        response = seeded.get(f"/v1/{collection.path}?format=ndjson{query}")
        assert lines(response) == records(seeded, collection.path, query)


@every_collection
def test_a_row_has_the_values_of_the_record(seeded, collection):
    rows, whole = table(seeded.get(f"/v1/{collection.path}?format=csv")), records(seeded, collection.path)
    assert [row["id"] for row in rows] == [record["id"] for record in whole]
    seen = set()
    for row, record in zip(rows, whole, strict=True):
        for column in row:
            value = record_values(record, column.split("."))
            if isinstance(value, list):
                assert (members(unguarded(row[column])) if value else row[column]) == ([*map(table_value, value)] or "")
            else:
                assert unguarded(row[column]) == table_value(value), column
            seen |= {column} if row[column] else set()
    assert {"id", "created_at"} < seen


@every_collection
def test_columns_depend_on_the_schema_and_not_on_the_records(client, seeded, collection):
    names = [column.name for column in columns_of(collection)]
    for requests in (client, seeded):
        assert requests.get(f"/v1/{collection.path}?format=csv").text.split("\r\n")[0] == ",".join(names)
    assert len(set(names)) == len(names)
    assert client.get(f"/v1/{collection.path}?format=ndjson").data == b""


def test_filters_and_fields_and_the_claims_of_an_article(seeded):
    requests = "/v1/casualty-reports?harm=killed&claimant_country=ARM&fields=count,claimed_on&sort=count"
    assert table(seeded.get(f"{requests}&format=csv")) == [
        {"id": "armenia-civilians-killed", "claimed_on": "", "claimed_on.earliest": "", "claimed_on.latest": ""}
        | {"count": "45"},
        {"id": "armenia-soldiers-killed", "claimed_on": "", "claimed_on.earliest": "", "claimed_on.latest": ""}
        | {"count": "1166"},
    ]
    assert lines(seeded.get(f"{requests}&format=ndjson")) == seeded.get(requests).json["data"]
    path = "/v1/articles/karabakh-2020-11-01/claims"
    assert lines(seeded.get(f"{path}?format=ndjson&type=quote")) == seeded.get(f"{path}?type=quote").json["data"]
    problem(seeded.get("/v1/articles/there-is-none/claims?format=csv"), 404, "not-found")


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        (CSV, "", CSV),
        ("text/*", "", CSV),
        (NDJSON, "", NDJSON),
        (f"{JSON};q=0.1, {NDJSON}", "", NDJSON),
        (BROWSER, "", JSON),
        ("*/*", "", JSON),
        ("application/*", "", JSON),
        (BROWSER, "?format=csv", CSV),
        ("image/png", "?format=ndjson", NDJSON),
        (CSV, "?format=json", JSON),
    ],
)
def test_accept_selects_the_format_and_the_format_parameter_overrides_it(seeded, accept, query, media_type):
    response = seeded.get(f"/v1/quotes{query}", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.vary.find("Accept") >= 0


@pytest.mark.parametrize(
    ("query", "parameter", "message"),
    [
        *((f"format=csv&{name}", name.partition("=")[0], "has the whole list") for name in ("limit=5", "total=exact")),
        ("format=ndjson&facets=mode", "facets", "Omit this parameter"),
        ("format=ndjson&include=article", "include", "Omit this parameter"),
        ("format=csv&cursor=x", "cursor", "Omit this parameter"),
        ("hxl=true", "hxl", "Send `format=csv`"),
        ("hxl=true&format=ndjson", "hxl", "Send `format=csv`"),
        ("format=xlsx", "format", "Must be one of json, csv, ndjson"),
        ("format=csw", "format", "Did you mean csv?"),
        ("output=csv", "output", "Use format."),
    ],
)
def test_parameters_of_pages_are_rejected_with_a_fix(seeded, query, parameter, message):
    (part,) = problem(seeded.get(f"/v1/quotes?{query}"), 422, "invalid-parameters")["errors"]
    assert part["parameter"] == parameter
    assert message in part["detail"]


def test_an_unavailable_format_is_rejected_with_the_available_ones(seeded):
    reported = problem(seeded.get("/v1/quotes", headers={"Accept": "application/xml"}), 406, "not-acceptable")
    assert all(media_type in reported["detail"] for media_type in (JSON, CSV, NDJSON))


def test_a_table_keeps_to_rfc_4180(seeded):
    body = seeded.get("/v1/claims?format=csv").get_data()
    assert not body.startswith(b"\xef\xbb\xbf")
    assert body.endswith(b"\r\n")
    # A quoted value can contain a line break, but no fixture does.
    assert body.count(b"\n") == body.count(b"\r\n") == 26


@given(st.text(st.sampled_from("'=+-@\t\r\n＝＋－＠ \u00a0a1;\\\"")))
@example("＝cmd")
@example("'-1")
def test_no_cell_is_a_formula_and_each_can_be_undone(value):
    written = cell(value)
    assert not re.match("\\s*[=+\\-@＝＋－＠]|[\t\r\n]", written)
    assert unguarded(written) == value


@given(st.lists(st.text(st.sampled_from("a;\\ =")), min_size=1))
def test_a_list_in_a_cell_can_be_taken_apart(values):
    assert members(unguarded(cell(values))) == values


def test_a_stored_formula_is_text_in_a_spreadsheet(client, store):
    evil = casualty_report("evil", "the-article", place='=HYPERLINK("https://evil.example","three")', claimed_on=None)
    import_lines(store, [("x", [orjson.dumps(item) for item in (article("the-article", headline="@SUM(A1)"), evil)])])
    assert table(client.get("/v1/claims?format=csv"))[0]["place"] == "'" + evil["place"]
    assert table(client.get("/v1/articles?format=csv"))[0]["headline"] == "'@SUM(A1)"
    assert lines(client.get("/v1/claims?format=ndjson"))[0]["place"] == evil["place"]


def test_an_imprecise_date_has_columns_for_its_first_and_last_day(seeded):
    (row,) = table(seeded.get("/v1/articles?format=csv&fields=published_on&publisher=TRT World"))
    assert list(row.values())[1:] == ["2020-11-01?", "2020-11-01", "2020-11-01"]
    (row,) = table(seeded.get("/v1/ceasefires?format=csv&agreed_on=2020-10&fields=agreed_on"))
    assert list(row) == ["id", "agreed_on", "agreed_on.earliest", "agreed_on.latest"]
    assert list(row.values())[1:] == ["2020-09-27/2020-11-01", "2020-09-27", "2020-11-01"]


TAG = re.compile(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*")


@every_collection
def test_each_column_has_a_tag_of_its_own(seeded, collection):
    plain, tagged = (seeded.get(f"/v1/{collection.path}?format=csv{more}").text for more in ("", "&hxl=true"))
    names, tags, *rows = tagged.split("\r\n")
    assert [names, *rows] == plain.split("\r\n")
    actual = tags.split(",")
    assert all(TAG.fullmatch(tag) for tag in actual), actual
    assert len(set(actual)) == len(names.split(",")) == len(actual)


@pytest.mark.parametrize(
    ("path", "tags"),
    [
        ("casualty-reports?harm=killed", ["#affected+killed", "#affected+min+killed", "#affected+max+killed"]),
        ("casualty-reports?harm=killed&harm=missing", ["#affected", "#affected+min", "#affected+max"]),
        ("casualty-reports?harm[not]=killed", ["#affected", "#affected+min", "#affected+max"]),
        # Ceasefires, resolutions and casualty reports.
        ("claims?", ["#indicator+num+count", "#affected+min", "#affected+max"]),
    ],
)
def test_figures_are_tagged_by_the_harm_if_all_have_the_same(seeded, path, tags):
    response = seeded.get(f"/v1/{path}&format=csv&hxl=true&fields=count,low,high,claimant")
    row = table(response)[0]
    assert [row["count"], row["low"], row["high"]] == tags
    assert (row["id"], row["claimant.name"]) == ("#meta+id", "#org+name+claimant")
    assert row["claimant.country"].startswith("#country+code+v_iso3")


@pytest.mark.parametrize(("format_", "name"), [("csv", "casualty-reports.csv"), ("ndjson", "casualty-reports.ndjson")])
def test_an_export_has_its_time_and_the_url_of_later_changes(seeded, format_, name):
    page = seeded.get("/v1/casualty-reports")
    response = seeded.get(f"/v1/casualty-reports?format={format_}")
    since = seeded.get("/v1/changes?limit=200").json["page"]["since"]
    assert response.headers["Change-Sequence"] == str(since)
    epoch = response.headers["Change-Epoch"]
    assert response.headers["Link"] == f'<http://127.0.0.1:8000/v1/changes?since={since}&epoch={epoch}>; rel="monitor"'
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "Change-Sequence" in response.headers["Access-Control-Expose-Headers"]
    assert response.headers["ETag"] != page.headers["ETag"]


def test_an_unchanged_export_returns_304(seeded):
    tags = {}
    for media_type in (JSON, CSV, NDJSON):
        response = seeded.get("/v1/claims", headers={"Accept": media_type})
        tags[media_type] = response.headers["ETag"]
        again = seeded.get("/v1/claims", headers={"Accept": media_type, "If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert len(set(tags.values())) == 3
    assert seeded.get("/v1/claims?format=csv", headers={"If-None-Match": tags[NDJSON]}).status_code == 200


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_head_has_the_headers_of_an_export_and_keeps_no_connection(seeded, format_):
    path, own = f"/v1/claims?format={format_}", ("X-Request-Id", "Date")
    got, head = seeded.get(path), seeded.head(path)
    assert [item for item in head.headers if item[0] not in own] == [item for item in got.headers if item[0] not in own]
    assert idle(seeded.application)


# More than one batch.
MANY = 1200


HELD["many"] = lambda: [("x", [orjson.dumps(record) for record in casualty_reports(MANY)])]


@pytest.fixture
def app(databases, request):
    """Yield an app on a new database, with thousands of claims if the test requests them."""
    with borrowed(databases, "many" if "many" in request.fixturenames else "empty") as app:
        yield app


@pytest.fixture
def many(app):
    """Return a client of an app with thousands of claims, which does not read its responses."""
    return FlaskClient(app, app.response_class)


def idle(app):
    """Return whether no connection is in use."""
    store = app.extensions["onrecord"]
    return store.engine.pool.checkedout() == len(store._idle) and exports._slots._value == exports._EXPORTS_MAX


@pytest.mark.slow
def test_an_export_is_a_snapshot_and_the_feed_continues_from_it(app, store, many):
    """An export and the changes after it are together the stored records."""
    ask, chance, done = app_client(app, create_key(store)), random.Random(5), threading.Event()
    history = History(store, seed=5, purges=0.01)

    def write():
        while not done.is_set():
            history.step()

    before = stored_documents(store)
    claims = many.get("/v1/claims?format=ndjson&sort=id")
    body = iter(claims.response)
    chunks = [next(body)]
    # Changed, deleted, and moved behind the records that were read.
    assert put(ask, "/v1/articles/article-00", article("article-00", published_on="2031-01-01"), If_Match="*")
    assert ask("DELETE", f"/v1/casualty-reports/report-0{MANY - 1}", If_Match="*").status == 204
    assert put(ask, "/v1/casualty-reports/zz-new", casualty_report("zz-new", "article-01")).status == 201
    writer = threading.Thread(target=write)
    writer.start()
    try:
        chunks += body
        articles = [many.get("/v1/articles?format=ndjson").get_data() for _ in range(5)][-1]
    finally:
        done.set()
        writer.join()
    claims.close()
    copied = [orjson.loads(line) for line in b"".join(chunks).splitlines()]
    assert {("casualty_report", item["id"]): orjson.dumps(item).decode() for item in copied} == {
        name: document for name, document in before.items() if name[0] != "article"
    }
    assert len(articles) > 0

    # A copy of everything, each list from its own moment.
    copy, client = {}, app.test_client()
    for path, type_ in (("articles", "article"), *((kind.path, kind.name) for kind in KIND_BY_NAME.values())):
        response = client.get(f"/v1/{path}?format=ndjson")
        mine = {(type_, item["id"]): orjson.dumps(item).decode() for item in lines(response)}
        for _ in range(chance.randrange(3)):
            history.step()
        url = f"/v1/changes?type={type_}&limit=200&since={response.headers['Change-Sequence']}"
        while url:
            page = client.get(url).json
            for reported in page["data"]:
                mine.pop((type_, reported["id"]), None)
                if reported["document"] is not None:
                    mine[type_, reported["id"]] = orjson.dumps(reported["document"]).decode()
            url = page["page"]["next"] and page["page"]["next"].removeprefix("http://127.0.0.1:8000")
        stored = {name: document for name, document in stored_documents(store).items() if name[0] == type_}
        assert mine == stored
        copy |= mine
    assert idle(app)


def test_the_claims_and_the_feed_make_a_full_copy(app, store, many):
    ask = app_client(app, create_key(store))
    response = many.get("/v1/claims?format=ndjson")
    copy = {item["id"]: item for item in map(orjson.loads, response.get_data().splitlines())}
    since = response.headers["Change-Sequence"]
    assert put(ask, "/v1/casualty-reports/zz-new", casualty_report("zz-new", "article-01")).status == 201
    assert ask("DELETE", "/v1/casualty-reports/report-00000", If_Match="*").status == 204
    for reported in app.test_client().get(f"/v1/changes?since={since}").json["data"]:
        copy.pop(reported["id"], None)
        if reported["document"]:
            copy[reported["id"]] = reported["document"]
    assert {id_: orjson.dumps(document).decode() for id_, document in copy.items()} == {
        id_: document for (type_, id_), document in stored_documents(store).items() if type_ != "article"
    }


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_client_that_disconnects_frees_its_connection(app, many, chunks):
    response = many.get("/v1/claims?format=ndjson")
    body = iter(response.response)
    for _ in range(chunks):
        next(body)
    assert not idle(app)
    response.close()
    assert idle(app)


def test_no_more_are_taken_away_at_once_than_leave_room_for_others(app, many):
    held = [many.get("/v1/claims?format=ndjson") for _ in range(exports._EXPORTS_MAX)]
    rejected = app.test_client().get("/v1/claims?format=csv")
    problem(rejected, 503, "unavailable")
    assert rejected.headers["Retry-After"] == "5"
    assert app.test_client().get("/v1/claims").status_code == 200
    assert many.head("/v1/claims?format=csv").status_code == 200
    held.pop().close()
    with closing(many.get("/v1/claims?format=csv")) as response:
        assert response.status_code == 200
    for response in held:
        response.close()
    assert idle(app)


@pytest.fixture
def failing(monkeypatch):
    """Let the second batch of an export fail."""
    whole = exports.whole_list

    def fails(reader, ask):
        yield next(whole(reader, ask))
        raise errors.QueryTimeout("The query took longer than it may.")

    monkeypatch.setattr(exports, "whole_list", fails)


def read_until_it_fails(client, format_):
    response = client.get(f"/v1/claims?format={format_}")
    received = []
    with closing(response), pytest.raises(errors.QueryTimeout):
        received.extend(response.response)
    return b"".join(received)


def test_an_export_that_fails_midway_does_not_look_whole(app, many, failing, tmp_path, capsys):
    broken = tmp_path / "broken.ndjson"
    broken.write_bytes(read_until_it_fails(many, "ndjson"))
    *whole, last = broken.read_bytes().splitlines()
    assert all(map(orjson.loads, whole))
    assert last.startswith(b'"The export ended early')
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(last)
    with pytest.raises(ValueError, match="utf-8"):
        pd.read_json(broken, lines=True)
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"FROM '{broken}'").fetchall()

    broken = tmp_path / "broken.csv"
    broken.write_bytes(read_until_it_fails(many, "csv"))
    with pytest.raises(ValueError, match=r"EOF|utf-8"):
        pd.read_csv(broken)
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"FROM '{broken}'").fetchall()
    assert '"event":"an export ended early"' in capsys.readouterr().err
    assert idle(app)


def test_an_early_failure_returns_a_problem(app, many, monkeypatch):
    def fails(reader, ask):
        raise errors.QueryTimeout("The query took longer than it may. Ask for less.")
        yield

    monkeypatch.setattr(exports, "whole_list", fails)
    problem(app.test_client().get("/v1/claims?format=csv"), 503, "unavailable")
    assert idle(app)


def test_an_export_costs_more_than_a_page_and_nothing_if_it_is_unchanged(databases):
    app = app_on(databases.new("seeded"), rate_limit="300/minute")
    client = app.test_client()
    remaining = []
    for headers in ({}, {"Accept": CSV}, {"Accept": NDJSON}):
        response = client.get("/v1/quotes", headers=headers)
        remaining.append(int(re.search("r=([0-9]+)", response.headers["RateLimit"])[1]))
    again = client.get("/v1/quotes?format=ndjson", headers={"If-None-Match": response.headers["ETag"]})
    remaining.append(int(re.search("r=([0-9]+)", again.headers["RateLimit"])[1]))
    assert remaining == [299, 99, 94, 94]
    app.extensions["onrecord"].close()


# A line has about 1,200 bytes. `make soak` exports more.
LINES = int(os.environ.get("LINES_EXPORTED", "20000"))
MEASURED = """
import sys
from pathlib import Path
from api.app import create_app
from api.settings import Settings
app = create_app(Settings(database_url=sys.argv[1], rate_limit=""))
answer = app.test_client().get(sys.argv[2])
print(sum(chunk.count(b"\\n") for chunk in answer.response))
app.extensions["onrecord"].close()
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(peak.split()[1])
"""


def peak_of_export(url, path):
    """Return the lines of an export and the peak memory of the exporting process, in MiB."""
    run = [sys.executable, "-c", MEASURED, url, path]
    reported = subprocess.run(run, env=environment(), capture_output=True, text=True, check=True).stdout.split()
    return int(reported[0]), int(reported[1]) / 1024


def multiply(store, times):
    """Copy every claim so many times by SQL, without history."""
    others = ", ".join(f'"{column.name}"' for column in claim.c if column.name != "id")
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
    with store.engine.begin() as connection:
        timeouts.unlimited(connection)
        connection.execute(
            text(
                f"INSERT INTO claim (id, {others}) {numbers} "
                f"SELECT 'x{times}-' || i || '-' || id, {others} FROM claim CROSS JOIN n"
            )
        )


@pytest.mark.long
def test_an_export_of_five_times_as_much_takes_no_more_memory(app, store):
    import_lines(store, [("x", [orjson.dumps(record) for record in casualty_reports(400)])])
    url, peaks = app.config["ONRECORD"].database_url, []
    for more, lines_there in ((LINES // 2000 - 1, LINES // 5), (4, LINES)):
        multiply(store, more)
        actual, peak = peak_of_export(url, "/v1/claims?format=ndjson")
        assert actual == lines_there
        peaks.append(peak)
    few, many_ = peaks
    print(f"{few:.1f} MiB for {LINES // 5:,} claims, {many_:.1f} MiB for {LINES:,}")
    assert many_ - few < 8


@pytest.mark.slow
def test_a_real_server_streams_and_stops_if_the_client_disconnects(app, store, many, tmp_path):
    with running_server(app.config["ONRECORD"].database_url, tmp_path, workers=1) as root:
        address = urlsplit(root)
        for _ in range(2 * exports._EXPORTS_MAX):
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
            connection.request("GET", "/v1/claims?format=csv")
            # Read a part. The server must detect the disconnect before another export can start.
            assert len(connection.getresponse().read(1000)) == 1000
            connection.close()
            time.sleep(0.3)
        with urllib.request.urlopen(f"{root}/v1/claims?format=ndjson", timeout=30) as response:
            assert len(response.read().splitlines()) == MANY


def test_pandas_and_duckdb_read_every_list(seeded, tmp_path):
    for collection in COLLECTIONS:
        whole = records(seeded, collection.path)
        paths = {}
        for format_ in ("csv", "ndjson"):
            paths[format_] = tmp_path / f"{collection.path}.{format_}"
            paths[format_].write_bytes(seeded.get(f"/v1/{collection.path}?format={format_}").get_data())
        frames = pd.read_csv(paths["csv"]), pd.read_json(paths["ndjson"], lines=True)
        for frame in frames:
            assert list(frame["id"]) == [record["id"] for record in whole]
        for path in paths.values():
            actual = duckdb.sql(f"SELECT id FROM '{path}'").fetchall()
            assert [id_ for (id_,) in actual] == [record["id"] for record in whole]
    total = duckdb.sql(f"SELECT sum(count) FROM '{tmp_path}/casualty-reports.csv' WHERE harm = 'killed'").fetchall()
    assert total == [(sum(r["count"] or 0 for r in records(seeded, "casualty-reports") if r["harm"] == "killed"),)]


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_an_export_of_a_search_has_its_results_without_ranks(seeded, format_):
    actual = {claim["id"] for claim in seeded.get("/v1/claims?q=ceasefire&limit=200").json["data"]}
    assert actual
    taken = seeded.get(f"/v1/claims?q=ceasefire&format={format_}").text
    ids = {claim["id"] for claim in seeded.get("/v1/claims?limit=200").json["data"]}
    assert {id_ for id_ in ids if id_ in taken} == actual
    rejected = seeded.get(f"/v1/claims?q=ceasefire&sort=relevance&format={format_}")
    assert (rejected.status_code, rejected.json["errors"][0]["parameter"]) == (422, "sort")
