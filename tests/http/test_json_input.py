"""JSON as other programs write it: with a byte order mark, and integers with a fraction or an exponent."""

from __future__ import annotations

import gzip
import hashlib
from codecs import BOM_UTF8

import orjson
import pytest

from api.cli.imports import import_
from api.seed import files
from tests.support.factories import ANY, MERGE, TEXT, feed, report
from tests.support.generated_records import article

JSON, NDJSON, GZIP = (
    {"Content-Type": "application/json"},
    {"Content-Type": "application/x-ndjson"},
    {"Content-Encoding": "gzip"},
)
REPORTS = "/v1/casualty-reports"


@pytest.fixture
def command(app):
    """Run `onrecord import` on the app's database."""
    return lambda *args, **how: app.test_cli_runner().invoke(import_, [str(arg) for arg in args], **how)


def with_count(literal, **changes):
    """Return a casualty report in JSON with this literal as its count."""
    body = orjson.dumps(report(**changes))
    assert body.count(b'"count":3') == 1
    return body.replace(b'"count":3', b'"count":' + literal.encode())


def as_floats(value):
    """Return a JSON value with each integer as a float."""
    if isinstance(value, dict):
        return {name: as_floats(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_floats(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


# Byte order marks


def test_a_byte_order_mark_before_a_json_body_is_ignored(client_with_article):
    created = client_with_article.post(REPORTS, data=BOM_UTF8 + with_count("3"), headers=JSON)
    assert created.status_code == 201, created.text
    path = f"{REPORTS}/{created.json['id']}"
    replaced = client_with_article.put(path, data=BOM_UTF8 + with_count("3", place="here"), headers={**JSON, **ANY})
    assert (replaced.status_code, replaced.json["place"]) == (200, "here")
    patched = client_with_article.patch(path, data=BOM_UTF8 + b'{"place": "there"}', headers={**MERGE, **ANY})
    assert (patched.status_code, patched.json["place"]) == (200, "there")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("join", [b"", b"\n", b"\n" + BOM_UTF8], ids=["", "an empty first line", "files in one"])
def test_a_byte_order_mark_in_an_import_is_ignored(editor, packed, join):
    lines = b"\n".join(orjson.dumps(article(name)) for name in ("one", "two"))
    body = BOM_UTF8 + join + lines
    response = editor.post(
        "/v1/imports", data=gzip.compress(body) if packed else body, headers={**NDJSON, **(GZIP if packed else {})}
    )
    assert (response.status_code, len(feed(editor))) == (200, 2), response.text


@pytest.mark.parametrize("name", ["records.ndjson", "records.ndjson.gz", "-"])
def test_a_byte_order_mark_in_an_imported_file_is_ignored(command, editor, tmp_path, name):
    body = BOM_UTF8 + orjson.dumps(article("one"))
    if name == "-":
        run = command("-", input=body)
    else:
        (tmp_path / name).write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
        run = command(tmp_path / name)
    assert (run.exit_code, len(feed(editor))) == (0, 1), run.stderr


def test_a_file_with_only_a_byte_order_mark_has_no_records(command, tmp_path):
    (tmp_path / "empty.ndjson").write_bytes(BOM_UTF8)
    assert command(tmp_path / "empty.ndjson").exit_code == 0


@pytest.mark.parametrize("body", [b" " + BOM_UTF8 + b"{}", BOM_UTF8 * 2 + b"{}", b"{" + BOM_UTF8 + b"}", BOM_UTF8])
def test_a_byte_order_mark_elsewhere_is_rejected(editor, body):
    response = editor.post("/v1/articles", data=body, headers=JSON)
    assert (response.status_code, response.json["code"]) == (400, "malformed-body")


def test_a_byte_order_mark_in_a_text_is_kept(editor):
    text = f"\ufeff{TEXT}"
    editor.put("/v1/articles/the-article", data=orjson.dumps({"headline": "a"}), headers=JSON)
    held = editor.put(
        "/v1/articles/the-article/text", data=text.encode(), headers={"Content-Type": "text/plain", **ANY}
    )
    assert held.json["text_length"] == len(text)
    assert held.json["text_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert editor.get("/v1/articles/the-article/text").data == text.encode()
    sent = editor.post("/v1/articles", data=orjson.dumps({"headline": "a", "text": text}), headers=JSON)
    assert sent.json["text_sha256"] == held.json["text_sha256"]


# Integers


@pytest.mark.parametrize("literal", ["3.0", "3e0", "0.3e1", "30E-1", "3.000000000000000000000000000000000000000"])
def test_an_integer_may_have_a_fraction_or_an_exponent(client_with_article, literal):
    created = client_with_article.put(f"{REPORTS}/of-three", data=with_count("3"), headers=JSON)
    put = client_with_article.put(f"{REPORTS}/of-three", data=with_count(literal), headers={**JSON, **ANY})
    assert (put.status_code, put.data, put.headers["ETag"]) == (200, created.data, created.headers["ETag"])
    duplicate = client_with_article.post(REPORTS, data=with_count(literal), headers=JSON)
    assert (duplicate.status_code, duplicate.json["code"]) == (409, "duplicate")
    patch = f'{{"count": {literal}}}'.encode()
    assert client_with_article.patch(f"{REPORTS}/of-three", data=patch, headers={**MERGE, **ANY}).data == created.data
    assert client_with_article.get(f"{REPORTS}?count=3").json["data"] == [created.json]


def test_a_new_record_with_such_an_integer_is_stored_with_its_plain_digits(client_with_article):
    created = client_with_article.post(REPORTS, data=with_count("3.0"), headers=JSON)
    assert created.status_code == 201, created.text
    assert b'"count":3,' in created.data
    assert client_with_article.get(f"{REPORTS}/{created.json['id']}").data == created.data


def test_an_idempotency_key_sees_the_integer(client_with_article):
    headers = {**JSON, "Idempotency-Key": "once"}
    first = client_with_article.post(REPORTS, data=with_count("3"), headers=headers)
    again = client_with_article.post(REPORTS, data=with_count("3.0"), headers=headers)
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (201, first.data, "true")


def test_each_integer_of_each_kind_may_have_a_fraction(writer):
    records = [as_floats(orjson.loads(line)) for _, file in files() for line in file.read_bytes().splitlines()]
    body = b"\n".join(map(orjson.dumps, records))
    assert b'"end":' in body
    assert b'.0,"' in body
    before = feed(writer)
    response = writer.post("/v1/imports", data=body, headers=NDJSON)
    counts = {"created": 0, "replaced": 0, "unchanged": len(records), "refused": 0}
    assert (response.status_code, response.json["counts"]) == (200, counts), response.text
    assert feed(writer) == before


NOT_COUNTS = [
    "3.5",
    "3.00000000000000000000000000000000000001",
    "9999999999.9999999999",
    "1e-1",
    "-1.0",
    "1e10001",
    "1e400",
    "-1e400",
    "1e30",
    "1e11",
    "1e9999999999999999999999",
    "true",
    '"3"',
    '"3.0"',
    "[3]",
]


@pytest.mark.parametrize("literal", NOT_COUNTS)
def test_numbers_that_are_not_integers_of_the_range_are_rejected(client_with_article, literal):
    before = feed(client_with_article)
    created = client_with_article.post(REPORTS, data=with_count(literal), headers=JSON)
    assert (created.status_code, created.json["code"]) == (422, "invalid-record")
    (error,) = created.json["errors"]
    message = "Must be a whole number from 0 to 10000000000, as a JSON number without quotes."
    assert error == {"pointer": "/count", "detail": message}
    line = with_count(literal).replace(b"{", b'{"type":"casualty_report","id":"of-three",', 1)
    imported = client_with_article.post("/v1/imports", data=line, headers=NDJSON)
    assert (imported.status_code, imported.json["code"]) == (422, "import-refused")
    (error,) = imported.json["errors"]
    assert error == {"line": 1, "id": "of-three", "pointer": "/count", "detail": message}
    assert feed(client_with_article) == before
