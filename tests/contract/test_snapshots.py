"""The service serves the contract byte for byte, and no change breaks a release."""

from __future__ import annotations

import copy
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from api.app import create_app
from api.cli.contract import contract
from api.contract import snapshots
from api.openapi.document import indented
from api.promise import CLAUSES, EXCEPTED_CHANGES
from api.settings import Settings
from api.version import CONTRACT_VERSION
from tests.support.contract_changes import BREAKING, SAFE, TEXTS, add_kind
from tests.support.live_server import onrecord

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CONTRACT = snapshots.document()


def changed(change=dict, version="1.0.0"):
    """Return the contract with a change and a version, as canonical JSON."""
    document = copy.deepcopy(orjson.loads(CONTRACT))
    change(document)
    document["info"]["version"] = version
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return another folder for the contract, with the release 1.0.0."""
    monkeypatch.setattr(snapshots, "folder", lambda: tmp_path)
    (tmp_path / "openapi.json").write_bytes(changed())
    (tmp_path / "1.0.0.json").write_bytes(changed())
    return tmp_path


def violations(rendered, folder):
    """Write a document as the contract, and return its violations."""
    (folder / "openapi.json").write_bytes(rendered)
    return "\n".join(snapshots.violations(rendered))


def test_the_service_renders_exactly_the_bytes_of_the_contract():
    rendered = indented(create_app(Settings(database_url="sqlite://")).extensions["openapi"].body)
    assert rendered == CONTRACT
    assert list(snapshots.violations(rendered)) == []


def test_the_contract_is_in_canonical_form():
    again = orjson.dumps(orjson.loads(CONTRACT), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    assert again == CONTRACT
    assert b"127.0.0.1" not in CONTRACT


def test_the_service_serves_the_contract(seeded):
    assert indented(seeded.get("/v1/openapi.json").data) == CONTRACT


def test_a_service_that_renders_another_document_violates_the_contract(folder):
    other = changed(TEXTS["the title changes"])
    assert "renders another document" in "\n".join(snapshots.violations(other))


def test_an_unchanged_release_has_no_violations(folder):
    assert violations(changed(), folder) == ""


@pytest.mark.parametrize("version", ["1.0.1", "1.1.0", "2.0.0"])
def test_a_breaking_change_is_a_violation_with_every_version(folder, version):
    message = violations(changed(BREAKING["a field of responses is removed"], version), folder)
    assert "Since 1.0.0, breaking" in message
    assert "`cue` was removed from the response." in message


@pytest.mark.parametrize(
    ("change", "required"),
    [
        (SAFE["a new path"], "1.1.0"),
        (TEXTS["a summary changes"], "1.0.1"),
        (dict, None),
    ],
)
@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0"])
def test_the_version_must_fit_the_changes(folder, change, required, version):
    message = violations(changed(change, version), folder)
    if required is None or snapshots.parse_version(version) >= snapshots.parse_version(required):
        assert message == ""
    else:
        assert f"info.version is {version}, but the changes since 1.0.0 require {required} or later" in message


def test_a_change_that_breaks_an_older_release_is_a_violation(folder):
    without = changed(BREAKING["an optional field of responses is removed"], "1.1.0")
    (folder / "1.1.0.json").write_bytes(without)
    assert "Since 1.0.0, breaking" in violations(without, folder)


def test_releases_are_sorted_by_number(folder):
    for version in ("1.2.0", "1.10.0"):
        (folder / f"{version}.json").write_bytes(changed(version=version))
    assert list(snapshots.released()) == ["1.0.0", "1.2.0", "1.10.0"]


def test_a_release_is_written_once_next_to_the_contract(folder):
    new = changed(SAFE["a new path"], "1.1.0")
    assert [path.name for path in snapshots.write(new, release=True)] == ["openapi.json", "1.1.0.json"]
    assert snapshots.released()["1.1.0"] == new
    assert [path.name for path in snapshots.write(new, release=True)] == ["openapi.json"]
    with pytest.raises(ValueError, match=r"1\.0\.0 was released and cannot change"):
        list(snapshots.write(changed(SAFE["a new path"]), release=False))
    assert (folder / "openapi.json").read_bytes() == new


def test_without_release_only_the_contract_is_written(folder):
    new = changed(SAFE["a new path"], "1.1.0")
    assert [path.name for path in snapshots.write(new, release=False)] == ["openapi.json"]
    assert list(snapshots.released()) == ["1.0.0"]


def diff(*arguments):
    result = CliRunner().invoke(contract, ["diff", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_diff_with_a_breaking_change_exits_with_1(folder):
    (folder / "new.json").write_bytes(changed(BREAKING["a parameter is removed"]))
    code, output = diff("1.0.0", folder / "new.json")
    assert code == 1
    assert "The query parameter claimant was removed." in output
    assert "/paths/~1v1~1quotes/get/parameters/" in output
    assert output.endswith("1 breaking, 0 safe, 0 in texts. A major version is required.\n")


def test_a_diff_without_a_breaking_change_exits_with_0(folder):
    (folder / "new.json").write_bytes(changed(SAFE["a new path"]))
    code, output = diff("1.0.0", folder / "new.json")
    assert code == 0
    assert output.splitlines() == [
        "safe  /paths/~1v1~1maps",
        "          The path /v1/maps is new.",
        "0 breaking, 1 safe, 0 in texts. A minor version is required.",
    ]
    assert diff("1.0.0", "1.0.0") == (0, "0 breaking, 0 safe, 0 in texts. No changes.\n")


@pytest.mark.parametrize("change", TEXTS.values(), ids=TEXTS.keys())
def test_a_diff_of_texts_says_words_only(folder, change):
    (folder / "new.json").write_bytes(changed(change, "1.0.1"))
    (folder / "openapi.json").write_bytes(changed(change, "1.0.1"))
    code, output = diff("1.0.0", folder / "new.json")
    assert code == 0
    assert output.startswith("0 breaking, 0 safe, ")
    assert output.endswith(" in texts. Texts only: a patch version is required.\n")
    assert violations(changed(change, "1.0.1"), folder) == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "not an OpenAPI 3.1 document"),
        (None, "cannot be read"),
        (b'{"openapi": "3.1.0", "paths": {}, "webhooks": {}}', "Error: cannot compare `webhooks` at /webhooks."),
    ],
)
def test_a_diff_of_a_document_that_cannot_be_compared_exits_with_2(folder, content, message):
    if content is not None:
        (folder / "new.json").write_bytes(content)
    for pair in (("1.0.0", folder / "new.json"), (folder / "new.json", "1.0.0")):
        code, output = diff(*pair)
        assert code == 2
        assert message in output


def test_a_check_of_a_contract_that_cannot_be_compared_exits_with_2(folder):
    (folder / "1.0.0.json").write_bytes(changed(lambda document: document.update(webhooks={})))
    result = CliRunner().invoke(contract, ["check"])
    assert result.exit_code == 2
    assert "cannot compare `webhooks` at /webhooks." in result.output


def test_the_check_runs_in_any_folder(tmp_path):
    # Invalid settings do not matter.
    run = onrecord("contract", "check", cwd=tmp_path, database_url="mysql://nowhere")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"The service keeps to the contract {CONTRACT_VERSION}.")
    assert list(tmp_path.iterdir()) == []


STATUS = "/components/schemas/Grounding/properties/status/enum"
REAL = {version: orjson.loads(body) for version, body in snapshots.released().items()}


def with_enum(*values, of="Grounding", name="status", base=CONTRACT):
    """Return a document with these values of an enumeration of responses."""
    document = copy.deepcopy(orjson.loads(base) if isinstance(base, bytes) else base)
    document["components"]["schemas"][of]["properties"][name]["enum"] = list(values)
    return document


def breaking_and_excepted(old, new):
    """Return the pointers of the breaking changes, and of the excepted ones."""
    changes = snapshots.changes(old, new)
    breaking = [change.pointer for change in changes if change.breaking]
    return breaking, [change.pointer for change in changes if change.exception]


def test_only_the_third_grounding_status_is_excepted_since_1_0_0():
    assert breaking_and_excepted(REAL["1.0.0"], orjson.loads(CONTRACT)) == ([], [STATUS])
    assert [excepted.pointer for excepted in EXCEPTED_CHANGES] == [STATUS]


def test_a_new_kind_may_have_the_excepted_status():
    """The kind corresponds to the schema of other claims in 1.0.0, which does not have the status."""
    new = orjson.loads(CONTRACT)
    add_kind(new, listed=True)
    assert breaking_and_excepted(REAL["1.0.0"], new) == ([], [STATUS])
    without = copy.deepcopy(new)
    without["components"]["schemas"]["PrisonerExchange"]["required"].remove("claimant")
    breaking, _ = breaking_and_excepted(REAL["1.0.0"], without)
    assert breaking == ["/components/schemas/PrisonerExchange/anyOf"]


@pytest.mark.parametrize("excepted", EXCEPTED_CHANGES, ids=lambda excepted: excepted.pointer)
def test_an_excepted_change_has_a_clause_a_version_and_a_reason(excepted):
    assert excepted.clause in CLAUSES
    assert (
        snapshots.parse_version("1.0.0")
        < snapshots.parse_version(excepted.since)
        <= snapshots.parse_version(CONTRACT_VERSION)
    )
    assert excepted.reason.endswith(".")


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        (with_enum("verified", "unverified"), with_enum("verified", "partial", "unverified"), []),
        (with_enum("verified", "unverified"), with_enum("verified", "partly", "unverified"), [STATUS]),
        (with_enum("verified", "unverified"), with_enum("verified", "partial", "unverified", "new"), [STATUS]),
        (
            with_enum("verified", "partial", "unverified"),
            with_enum("verified", "partial", "unverified", "x"),
            [STATUS],
        ),
        (with_enum("verified"), with_enum("verified", "partial", "unverified"), [STATUS]),
        (
            with_enum("quote", of="Quote", name="type"),
            with_enum("quote", "partial", of="Quote", name="type"),
            ["/components/schemas/Quote/properties/type/enum"],
        ),
    ],
    ids=[
        "the excepted one",
        "another value",
        "a fourth value",
        "a later fourth value",
        "two values",
        "another enumeration",
    ],
)
def test_only_the_excepted_change_is_not_breaking(old, new, broken):
    breaking, excepted = breaking_and_excepted(old, new)
    assert breaking == broken
    assert excepted == ([] if broken else [STATUS])


def test_an_enumeration_in_another_place_of_the_older_document_is_not_excepted():
    old = with_enum("verified", "unverified")
    grounding = old["components"]["schemas"].pop("Grounding")
    old["components"]["schemas"]["Checked"] = grounding
    old = orjson.loads(orjson.dumps(old).replace(b"#/components/schemas/Grounding", b"#/components/schemas/Checked"))
    breaking, excepted = breaking_and_excepted(old, orjson.loads(CONTRACT))
    assert (STATUS in breaking, excepted) == (True, [])


def test_an_excepted_change_requires_a_minor_version_and_is_listed_with_its_reason(folder):
    old = with_enum("verified", "unverified", base=changed())
    new = with_enum("verified", "partial", "unverified", base=changed(version="1.1.0"))
    (folder / "1.0.0.json").write_bytes(orjson.dumps(old))
    (folder / "new.json").write_bytes(orjson.dumps(new))
    assert violations(orjson.dumps(new), folder) == ""
    new["info"]["version"] = "1.0.1"
    assert "require 1.1.0 or later" in violations(orjson.dumps(new), folder)
    code, output = diff("1.0.0", folder / "new.json")
    assert code == 0
    assert output.startswith(f"excepted  {STATUS}\n")
    assert f"Excepted from closed-enums-stay-closed since 1.1.0: {EXCEPTED_CHANGES[0].reason}" in output
    assert output.endswith("0 breaking, 1 safe, 1 excepted, 0 in texts. A minor version is required.\n")


def test_the_check_lists_the_excepted_change():
    result = CliRunner().invoke(contract, ["check"])
    assert result.exit_code == 0, result.output
    assert f"Since 1.0.0, excepted  {STATUS}" in result.output
    assert EXCEPTED_CHANGES[0].reason in result.output
