"""Imports over HTTP: streamed, compressed, atomic or partial. Errors name the line."""

from __future__ import annotations

import gzip
import zlib

import orjson
import pytest

from api.cli.imports import import_
from api.openapi.examples import import_body
from api.v1 import imports
from tests.support.generated_records import article, casualty_report, casualty_reports

NDJSON = {"Content-Type": "application/x-ndjson"}
GOOD = import_body().encode()
WRONG = GOOD.replace(b'"count":3', b'"count":4')


def lines(*records):
    return b"\n".join(orjson.dumps(record) for record in records)


def feed(client):
    return client.get("/v1/changes?limit=200").json["data"]


def sent(client, body, query="", **headers):
    return client.post(f"/v1/imports{query}", data=body, headers={**NDJSON, **headers})


def counts(response):
    return tuple(response.json["counts"][name] for name in ("created", "replaced", "unchanged", "refused"))


def test_an_import_is_stored_and_its_repetition_changes_nothing(editor):
    response = sent(editor, GOOD)
    assert (response.status_code, response.json["stored"], counts(response)) == (200, True, (2, 0, 0, 0))
    assert editor.get("/v1/casualty-reports/norland-three-soldiers").json["grounding"]["status"] == "verified"
    before = feed(editor)
    assert counts(sent(editor, GOOD)) == (0, 0, 2, 0)
    assert feed(editor) == before
    assert counts(sent(editor, GOOD.replace(b'"headline":"An', b'"headline":"Another'))) == (0, 1, 1, 0)


def test_one_rejected_line_rejects_the_import_and_is_reported_with_its_fix(editor):
    response = sent(editor, WRONG)
    assert (response.status_code, response.json["code"], counts(response)) == (422, "import-refused", (1, 0, 0, 1))
    (error,) = response.json["errors"]
    assert (error["line"], error["id"], error["pointer"]) == (2, "norland-three-soldiers", "/count")
    assert (error["check"], error["looked_for"], error["found"]) == ("number", "4", "3")
    assert feed(editor) == []


def test_a_partial_import_stores_the_valid_lines(editor):
    response = sent(editor, WRONG, "?atomic=false")
    assert (response.status_code, response.json["stored"], counts(response)) == (200, True, (1, 0, 0, 1))
    assert [error["line"] for error in response.json["errors"]] == [2]
    assert [change["id"] for change in feed(editor)] == ["an-invented-article"]


@pytest.mark.parametrize("query", ["?dry_run=true", "?dry_run=true&atomic=false"])
def test_a_dry_run_counts_and_stores_nothing(editor, query):
    response = sent(editor, GOOD, query)
    assert (response.status_code, response.json["stored"], counts(response)) == (200, False, (2, 0, 0, 0))
    assert "Dry-Run" in response.headers
    assert feed(editor) == []


def test_lines_that_depend_on_a_rejected_line_are_rejected(editor):
    records = (
        {**article("the-article"), "language": "nonsense"},
        article("another"),
        casualty_report("one", "the-article"),
        casualty_report("two", "another", restates="one"),
        casualty_report("three", "another"),
    )
    response = sent(editor, lines(*records), "?atomic=false")
    assert counts(response) == (2, 0, 0, 3)
    assert [error["line"] for error in response.json["errors"]] == [1, 3, 4]
    assert [change["id"] for change in feed(editor)] == ["another", "three"]


def test_a_duplicate_claim_is_rejected(editor):
    first, second = (
        casualty_report("one", "the-article"),
        {**casualty_report("two", "the-article"), "place": "the place of one"},
    )
    response = sent(editor, lines(article("the-article"), first, second), "?atomic=false")
    assert [error["line"] for error in response.json["errors"]] == [3]
    assert "'one' has the same content" in response.json["errors"][0]["detail"]
    again = sent(editor, lines({**second, "id": "three"}))
    assert "'one' has the same content" in again.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("line", "pointer", "message"),
    [
        (b"[]", "", "one JSON object"),
        (b"{", "", "Not JSON"),
        (b'{"type": "quote", "type": "quote"}', "", "'type' occurs twice"),
        (b'{"type": "quote", "text": NaN}', "", "NaN is not a JSON number"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "", "Nested more than 32 levels deep"),
        (b'{"type": "article", "headline": "\xff"}', "", "Not UTF-8 at byte"),
        (b'{"type": "quot"}', "/type", "Did you mean quote?"),
        (b'{"type": "article", "headline": "a"}', "/id", "Required"),
        (b'{"type": "article", "id": "abc", "headline": "a", "version": 0}', "/version", "Read-only"),
        (b'{"type": "article", "id": "compare", "headline": "a"}', "/id", "reserved"),
        (b'{"type": "article", "id": "abc", "headline": "a", "text": "b", "text_length": 2}', "/text_length", "1 code"),
        (b'"' + b"a" * 9_000_000 + b'"', "", "longer than 8,388,608 bytes"),
    ],
    ids=[
        "no object",
        "not JSON",
        "a name twice",
        "NaN",
        "deep",
        "not UTF-8",
        "type",
        "no id",
        "read-only",
        "reserved",
        "text",
        "long",
    ],
)
def test_an_invalid_line_is_reported_with_its_number(editor, line, pointer, message):
    response = sent(editor, b"\n\n" + line + b"\n" + GOOD)
    assert (response.status_code, len(response.json["errors"])) == (422, 1)
    error = response.json["errors"][0]
    assert (error["line"], error["pointer"], message in error["detail"]) == (3, pointer, True), error
    assert feed(editor) == []


@pytest.mark.parametrize("level", [1, 9])
def test_a_packed_body_is_unpacked(editor, level):
    halves = GOOD.split(b"\n", 1)
    packed = gzip.compress(halves[0] + b"\n", level) + gzip.compress(halves[1], level)
    assert counts(sent(editor, packed, **{"Content-Encoding": "gzip"})) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(GOOD)[:-5], "gzip", 400),
        (GOOD, "gzip", 400),
        (zlib.compress(GOOD), "gzip", 400),
        (b"", "gzip", 400),
        (GOOD, "br", 415),
    ],
    ids=["cut off", "not packed", "another packing", "nothing", "another encoding"],
)
def test_an_invalid_compressed_body_is_rejected(editor, body, encoding, status):
    assert sent(editor, body, **{"Content-Encoding": encoding}).status_code == status
    assert feed(editor) == []


@pytest.mark.parametrize("packed", [False, True])
def test_the_limit_of_the_body_counts_its_uncompressed_size(editor, monkeypatch, packed):
    monkeypatch.setattr(imports, "BYTES_MAX", 100_000)
    body = b"\n" * 200_000
    response = sent(editor, gzip.compress(body) if packed else body, **({"Content-Encoding": "gzip"} if packed else {}))
    assert (response.status_code, response.json["code"]) == (413, "content-too-large")
    if packed:
        assert response.json["detail"].endswith("decompressed bytes. Send the lines in several imports.")


def test_another_media_type_is_rejected(editor):
    assert sent(editor, GOOD, **{"Content-Type": "application/json"}).status_code == 415


def test_errors_beyond_the_limit_are_counted(editor):
    response = sent(editor, b"[]\n" * 1500)
    assert (counts(response), len(response.json["errors"])) == ((0, 0, 0, 1500), 1000)


def test_hundreds_of_lines_have_the_same_result_in_any_order(editor):
    records = casualty_reports(450)
    assert counts(sent(editor, lines(*reversed(records)))) == (457, 0, 0, 0)
    total = editor.get("/v1/claims?total=exact").json["page"]["total"]
    assert total == {"count": 450, "qualifier": "exact"}
    assert len(feed(editor)) == 200
    assert counts(sent(editor, lines(*records))) == (0, 0, 457, 0)


def test_a_long_chain_of_claims_is_stored_in_its_order(editor):
    chain = [
        casualty_report(f"claim-{number:03}", "the-article", restates=f"claim-{number - 1:03}" if number else None)
        for number in range(60)
    ]
    assert counts(sent(editor, lines(*reversed(chain), article("the-article")))) == (61, 0, 0, 0)
    assert [change["id"] for change in feed(editor)][1:] == [claim["id"] for claim in chain]


def test_an_article_that_is_changed_moves_its_claims_and_those_sent_with_it(editor):
    sent(
        editor,
        lines(article("the-article"), casualty_report("one", "the-article"), casualty_report("two", "the-article")),
    )
    response = sent(
        editor,
        lines(article("the-article", published_on="2031-05-02"), casualty_report("one", "the-article", place="x")),
    )
    assert counts(response) == (0, 2, 0, 0)
    for name, version in (("one", 2), ("two", 2)):
        claim = editor.get(f"/v1/claims/{name}").json
        assert (claim["version"], claim["on_record"]["earliest"]) == (version, "2031-05-02")
    assert editor.get("/v1/claims/one").json["place"] == "x"
    assert [(change["id"], change["version"]) for change in feed(editor)[3:]] == [
        ("the-article", 2),
        ("two", 2),
        ("one", 2),
    ]


def test_a_rejected_import_counts_the_errors_that_it_omits(editor):
    response = sent(editor, b"{}\n" * 1500)
    assert (response.status_code, counts(response), len(response.json["errors"])) == (422, (0, 0, 0, 1500), 1000)
    assert "500 are omitted" in response.json["detail"]


@pytest.mark.parametrize("query", ["", "?atomic=false"])
def test_a_flood_of_wrong_lines_is_not_read_to_its_end(editor, query):
    response = sent(editor, gzip.compress(GOOD + b"\n" + b"{}\n" * 900_000), query, **{"Content-Encoding": "gzip"})
    assert (response.status_code, response.json["code"]) == (422, "import-refused")
    assert response.json["counts"]["refused"] == 10_000
    assert "The other lines were not read or not checked" in response.json["detail"]
    assert feed(editor) == []


def test_an_import_has_so_many_lines_and_no_more(editor, monkeypatch):
    monkeypatch.setattr(imports, "LINES_MAX", 3)
    assert sent(editor, b"\n" + GOOD.rstrip() + b"\n").status_code == 200
    for body in (b"\n\n" + GOOD, b"\n" * 9):
        response = sent(editor, body)
        assert (response.status_code, response.json["code"]) == (413, "content-too-large")
        assert "at most 3 lines" in response.json["detail"]


def test_an_invalid_line_is_reported_with_its_id_if_the_id_is_valid(editor):
    response = sent(editor, lines(article("sound", headline=1), article("No Id", headline=1), {"id": "typeless"}))
    assert {(error["line"], error.get("id")) for error in response.json["errors"]} == {
        (1, "sound"),
        (2, None),
        (3, "typeless"),
    }


def test_an_import_takes_no_idempotency_key(editor):
    response = sent(editor, GOOD, **{"Idempotency-Key": "mine"})
    assert (response.status_code, response.json["code"]) == (422, "invalid-parameters")
    assert response.json["errors"][0]["parameter"] == "Idempotency-Key"
    assert "a second import changes nothing" in response.json["detail"]
    assert feed(editor) == []


@pytest.fixture
def command(app):
    """Return a function that runs `onrecord import` on the app's database."""
    return lambda *args, **how: app.test_cli_runner().invoke(import_, [str(arg) for arg in args], **how)


def test_the_command_reads_packed_files_and_the_standard_input(command, tmp_path):
    packed = tmp_path / "records.ndjson.gz"
    packed.write_bytes(gzip.compress(lines(article("packed"))))
    result = command(packed, "-", input=lines(article("typed")))
    assert (result.exit_code, result.stdout) == (0, "Stored: 2 created, 0 replaced, 0 unchanged.\n")
    wrong = command("-", input=b"{}")
    assert (wrong.exit_code, "-, line 1 /type" in wrong.stderr) == (1, True)


@pytest.mark.parametrize(
    "content",
    [b"{}", gzip.compress(GOOD)[:-9], gzip.compress(GOOD)[:20] + b"x" * 50],
    ids=("bare", "cut off", "broken"),
)
def test_the_command_reports_an_invalid_compressed_file(command, tmp_path, content):
    packed = tmp_path / "records.ndjson.gz"
    packed.write_bytes(content)
    result = command(packed)
    assert (result.exit_code, "is not complete gzip data" in result.stderr) == (1, True)


def test_the_command_counts_the_rejected_lines_that_it_omits(command):
    result = command("-", input=b"{}\n" * 1500)
    assert result.exit_code == 1
    assert "… and 950 more." in result.stderr
    assert "500 more lines were rejected. Their errors are not listed." in result.stderr
    assert "The other lines were not read or not checked" in command("-", input=b"{}\n" * 10_500).stderr
