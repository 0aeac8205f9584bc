"""The export of all records as one file: complete, of one point in time, closed under references, and importable."""

from __future__ import annotations

import random
import re
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import orjson
import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from flask.testing import FlaskClient

from api.cli import export, onrecord
from api.kinds import KINDS
from api.seed import sources
from api.store import errors, read
from api.store.exports import everything
from api.store.imports import import_lines
from api.v1 import exports, full_export
from tests.conftest import HELD, SCOPES, borrowed, key_of
from tests.http.test_exports import LINES, idle, multiply, peak_of_export
from tests.http.test_http_semantics import problem
from tests.support.db_invariants import stored_documents
from tests.support.demo import FOLDER
from tests.support.generated_records import article, casualty_report, casualty_reports
from tests.support.live_server import ONRECORD, environment

# Set by the server.
SERVER_MADE = ("version", "created_at", "updated_at")
# The same only if the texts are in the file.
OF_TEXTS = ("text_held", "grounding")


def generated(how_many):
    """Return generated articles and claims. Some claims restate others, which can follow them in the order of ids."""
    records, chance = casualty_reports(how_many), random.Random(14)
    for record in records:
        if record["type"] != "article" and (number := int(record["id"][-5:])) % 10 < 5:
            others = [number + 5, number + 7] if number % 10 else [number + 1, number + 2]
            record["restates"] = f"report-{chance.choice(others):05}"
    ids = {record["id"] for record in records}
    return [record if record.get("restates") in {None, *ids} else {**record, "restates": None} for record in records]


def demo():
    return [(name, (FOLDER / name).read_bytes().splitlines()) for name in ("articles.ndjson", *CLAIM_FILES)]


CLAIM_FILES = [f"{kind.path}.ndjson" for kind in KINDS]
HELD["demo"] = demo
HELD["restating"] = lambda: [("x", map(orjson.dumps, generated(300)))]
HELD["ten-thousand"] = lambda: [("x", map(orjson.dumps, generated(10_000)))]


def download(app, query=""):
    """Return the file of an export with all scopes."""
    client = FlaskClient(app, app.response_class)
    response = client.get(f"/v1/export?{query}", headers={"Authorization": f"Bearer {key_of(app, *SCOPES)}"})
    assert (response.status_code, response.mimetype) == (200, "application/x-ndjson"), response.text
    return response.data


def records(file):
    return [orjson.loads(line) for line in file.splitlines()]


def masked(file, *names):
    """Return the file without the values of these fields."""
    return b"".join(
        b"%s\n" % orjson.dumps({name: None if name in names else value for name, value in record.items()})
        for record in records(file)
    )


def import_file(app, file):
    """Import a file into the database of an app, and return the counts."""
    report = import_lines(app.extensions["onrecord"], [("file", file.splitlines())])
    assert report.stored, report.rejected_lines[:3]
    return {name: count for name, count in report.counts.items() if count}


ROUND_TRIPS = [
    ("seeded", ""),
    ("demo", ""),
    ("demo", "texts=true"),
    ("restating", "texts=true"),
    pytest.param("ten-thousand", "", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("held", "texts"), ROUND_TRIPS)
def test_a_file_imports_into_an_empty_database_and_exports_there_to_the_same_bytes(databases, held, texts):
    with borrowed(databases, held) as app:
        file = download(app, texts)
        assert len(records(file)) == len(stored_documents(app.extensions["onrecord"])) > 25
        # A second import of the file changes nothing.
        before = read_sequence(app)
        assert import_file(app, file) == {"unchanged": len(records(file))}
        assert read_sequence(app) == before
    with borrowed(databases, "empty") as copy:
        assert import_file(copy, file) == {"created": len(records(file))}
        again = download(copy, texts)
    names = SERVER_MADE if texts or held not in ("seeded", "demo") else (*SERVER_MADE, *OF_TEXTS)
    assert masked(again, *names) == masked(file, *names)
    if texts and held == "demo":
        assert b'"status":"verified"' in file
        assert all("text" in record for record in records(file) if "headline" in record)


def read_sequence(app):
    with app.extensions["onrecord"].reading() as reader:
        return read.feed_position(reader).sequence


FILTERS = [
    ("restating", [("claimant_kind", "government"), ("on_record[lte]", "2031")], None),
    ("restating", [("conflict", "hill-war"), ("claimant_country[exists]", "true")], None),
    ("restating", [("id", "report-00001"), ("id", "report-00012")], None),
    ("restating", [("article_id", "article-03"), ("q", "norland")], None),
    ("demo", [("grounding", "verified"), ("party_country[not]", "ARM")], None),
    ("seeded", [("type", "quote"), ("on_record[gte]", "2020-11")], None),
    ("seeded", [("claimant", "Atlantis")], 0),
]


@pytest.mark.parametrize(("held", "filters", "count"), FILTERS)
def test_a_filtered_file_has_the_claims_their_articles_and_what_they_restate(databases, held, filters, count):
    with borrowed(databases, held) as app:
        stored = {id_: orjson.loads(item) for (_, id_), item in stored_documents(app.extensions["onrecord"]).items()}
        page = f"/v1/claims/export?{urlencode(filters)}"
        listed = [orjson.loads(line)["id"] for line in app.test_client().get(page).data.splitlines()]
        assert bool(listed) == (count is None)
        expected = set()
        while listed:
            expected |= set(listed)
            listed = [stored[id_]["restates"] for id_ in listed if stored[id_]["restates"] is not None]
        articles = {stored[id_]["article_id"] for id_ in expected}
        file = download(app, urlencode([*filters, ("texts", "true")]))
    assert [record["id"] for record in records(file)] == [*sorted(articles), *sorted(expected)]
    with borrowed(databases, "empty") as copy:
        if file:
            assert import_file(copy, file) == {"created": len(articles) + len(expected)}
        assert masked(download(copy, "texts=true"), *SERVER_MADE) == masked(file, *SERVER_MADE)


def test_changed_records_are_exported_once_and_deleted_ones_not_at_all(databases, writer):
    (last,) = writer.get("/v1/claims?limit=1&sort=-id&type=casualty_report").json["data"]
    patch = {"data": b'{"same_as": ["https://www.wikidata.org/wiki/Q1"]}', "headers": {"If-Match": "*"}}
    patch["headers"]["Content-Type"] = "application/merge-patch+json"
    assert writer.patch(f"/v1/casualty-reports/{last['id']}", **patch).status_code == 200
    (gone,) = writer.get("/v1/resolutions?limit=1").json["data"]
    assert writer.delete(f"/v1/resolutions/{gone['id']}", headers={"If-Match": "*"}).status_code == 204
    file = download(writer.application)
    ids = [record["id"] for record in records(file)]
    assert len(ids) == len(set(ids))
    assert gone["id"] not in ids
    assert {record["version"] for record in records(file) if record["id"] == last["id"]} == {2}
    assert file == b"".join(b"%s\n" % item.encode() for item in in_order(writer.application.extensions["onrecord"]))
    with borrowed(databases, "empty") as copy:
        assert import_file(copy, file) == {"created": len(ids)}
        names = (*SERVER_MADE, *OF_TEXTS)
        assert masked(download(copy), *names) == masked(file, *names)


def in_order(store):
    documents = stored_documents(store)
    return [documents[key] for key in sorted(documents, key=lambda key: (key[0] != "article", key[1]))]


def test_a_file_is_of_one_point_in_time_which_the_feed_continues(databases):
    with borrowed(databases, "restating") as app:
        store, client = app.extensions["onrecord"], FlaskClient(app, app.response_class)
        before = in_order(store)
        for query in ("", "?claimant_kind=government"):
            response = client.get(f"/v1/export{query}")
            body = iter(response.response)
            chunks = [next(body)]
            sequence = read_sequence(app)
            assert response.headers["Change-Sequence"] == str(sequence)
            assert response.headers["Link"].startswith(f"<http://127.0.0.1:8000/v1/changes?since={sequence}&epoch=")
            assert response.headers["Content-Disposition"] == 'attachment; filename="onrecord.ndjson"'
            assert response.content_type == "application/x-ndjson"
            # Changed behind the articles that were read, and in front of the claims that were not.
            new = [article(f"a-new-{bool(query)}".lower()), casualty_report(f"new-{bool(query)}".lower(), "article-00")]
            assert import_lines(store, [("x", map(orjson.dumps, new))]).stored
            with closing(response):
                chunks += body
            ids = {orjson.loads(item)["id"] for item in before}
            exported = records(b"".join(chunks))
            assert {record["id"] for record in exported} <= ids
            if not query:
                assert b"".join(chunks).decode().splitlines() == before
            before = in_order(store)
        assert idle(app)


def test_texts_require_their_scope(databases):
    with borrowed(databases, "demo") as app:
        client = app.test_client()
        reported = problem(client.get("/v1/export?texts=true"), 401, "key-required")
        assert reported["detail"] == "`texts=true` requires a key."
        key = key_of(app, "claims:write")
        reported = problem(
            client.get("/v1/export?texts=true", headers={"Authorization": f"Bearer {key}"}), 403, "scope-required"
        )
        assert reported["detail"].endswith("does not have the scope texts:read, which `texts=true` requires.")
        for query in ("", "texts=false"):
            file = download(app, query)
            assert not any("text" in record for record in records(file) if "headline" in record)
        texts = {
            record["id"]: record["text"] for record in records(download(app, "texts=true")) if "headline" in record
        }
        sent = [orjson.loads(line) for line in (FOLDER / "articles.ndjson").read_bytes().splitlines()]
        assert texts == {record["id"]: record["text"] for record in sent}


def test_invalid_parameters_are_rejected_with_a_fix(seeded):
    for query, parameter, message in (
        ("claimnt=x", "claimnt", "Did you mean claimant?"),
        ("speaker=x", "speaker", "Use claimant."),
        ("harm=killed", "harm", "Use it with /v1/casualty-reports."),
        ("texts=yes", "texts", "Must be true or false."),
        ("limit=3", "limit", "Use the export of a list, such as /v1/claims/export"),
        ("fields=id", "fields", "Use the export of a list, such as /v1/claims/export"),
        ("format=csv", "format", "Use the export of a list, such as /v1/claims/export"),
        ("page_size=3", "page_size", "Use the export of a list, such as /v1/claims/export"),
    ):
        (part,) = problem(seeded.get(f"/v1/export?{query}"), 422, "invalid-parameters")["errors"]
        assert part["parameter"] == parameter
        assert message in part["detail"]
    problem(seeded.get("/v1/export", headers={"Accept": "text/csv"}), 406, "not-acceptable")
    assert seeded.post("/v1/export").status_code == 405


def test_an_unchanged_export_returns_304_and_head_has_no_body(seeded):
    response = seeded.get("/v1/export")
    assert seeded.get("/v1/export", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert seeded.head("/v1/export").data == b""
    assert idle(seeded.application)


@pytest.fixture
def failing(monkeypatch):
    """Let the second batch of the export fail."""
    whole = everything

    def fails(*arguments, **options):
        yield next(whole(*arguments, **options))
        raise errors.QueryTimeout("The query took longer than it may.")

    for module in (full_export, export):
        monkeypatch.setattr(module, "everything", fails)


def test_a_file_that_ends_early_cannot_be_imported(databases, failing):
    with borrowed(databases, "restating") as app:
        response, received = FlaskClient(app, app.response_class).get("/v1/export"), []
        with closing(response), pytest.raises(errors.QueryTimeout):
            received.extend(response.response)
        assert idle(app)
        assert_rejected(databases, b"".join(received))
        result = run_command(app, "export")
        assert result.exit_code == 1
        assert result.stderr == "Error: The query took longer than it may.\n"
        assert result.stdout_bytes == b"".join(received)


def assert_rejected(databases, file):
    assert file.endswith(exports.ENDED_EARLY)
    with borrowed(databases, "empty") as copy:
        report = import_lines(copy.extensions["onrecord"], [("file", file.splitlines())])
        assert not report.stored
        assert [line.line for line in report.rejected_lines] == [len(file.splitlines())]


def run_command(app, *arguments):
    return CliRunner().invoke(onrecord, arguments, obj=ScriptInfo(create_app=lambda: app))


def test_the_command_writes_the_same_file(databases):
    with borrowed(databases, "demo") as app:
        for arguments, query in (
            ([], ""),
            (["--texts"], "texts=true"),
            (
                ["claimant_country=NOR", "on_record[gte]=2030", "--texts"],
                "claimant_country=NOR&on_record[gte]=2030&texts=true",
            ),
            (["type=quote", "type=ceasefire", "q=peace talks"], "type=quote&type=ceasefire&q=peace+talks"),
        ):
            result, file = run_command(app, "export", *arguments), download(app, query)
            assert (result.exit_code, result.stdout_bytes) == (0, file), result.stderr
            last = f"Exported: {len(records(file))} records. Change-Sequence: {read_sequence(app)}, Change-Epoch: "
            assert re.fullmatch(rf"{re.escape(last)}[0-9a-f]+\n", result.stderr)


def test_an_output_that_cannot_be_written_is_reported(app, store):
    assert import_lines(store, [("x", [orjson.dumps(article("the-article"))])]).stored
    env = environment(database_url=store.url.render_as_string(hide_password=False))
    with Path("/dev/full").open("wb") as full:
        command = subprocess.run(
            [*ONRECORD, "export"], env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert command.returncode == 1
    assert command.stderr.startswith("Error: The output is incomplete, because it cannot be written: ")
    assert len(command.stderr.splitlines()) == 1, command.stderr


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("claimnt=x", "claimnt: Unknown parameter. Did you mean claimant?"),
        ("claimant", "'claimant' has no value. Write it as NAME=VALUE"),
        ("texts=true", "texts: Unknown parameter."),
        ("on_record=2020-13", "on_record: "),
    ],
)
def test_the_command_rejects_an_invalid_filter(app, argument, message):
    result = run_command(app, "export", argument)
    assert (result.exit_code, result.stdout_bytes) == (2, b"")
    assert message in result.stderr


@pytest.mark.long
@pytest.mark.parametrize("query", ["", "?conflict=hill-war"])
def test_an_export_of_five_times_as_much_takes_no_more_memory(app, store, query):
    import_lines(store, [("x", [orjson.dumps(record) for record in casualty_reports(400)])])
    url, peaks = app.config["ONRECORD"].database_url, []
    for more in (LINES // 2000 - 1, 4):
        multiply(store, more)
        _, peak = peak_of_export(url, f"/v1/export{query}")
        peaks.append(peak)
    few, many = peaks
    assert many - few < 8


def test_texts_are_read_a_few_at_a_time(app, store, monkeypatch):
    """A text can have a mebibyte, so a batch of as many texts as other records would take a hundred."""
    lines = [orjson.dumps(article(f"article-{number:03}", text=f"Text {number}.")) for number in range(95)]
    assert import_lines(store, [("x", lines)]).stored
    with store.reading() as reader:
        sizes = [len(batch) for batch in everything(reader, (), with_texts=True)]
    assert sizes == [10] * 9 + [5]


def test_the_seed_is_what_the_files_of_the_seed_have(seeded_app):
    sent = [orjson.loads(line) for _, lines in sources() for line in lines]
    assert sorted(record["id"] for record in records(download_open(seeded_app))) == sorted(item["id"] for item in sent)


def download_open(app):
    return app.test_client().get("/v1/export").data
