"""The contract is frozen: what is served is what is kept, and no release is ever broken."""

from __future__ import annotations

import copy

import orjson
import pytest
from click.testing import CliRunner

from api import create_app
from api.cli.contract import contract
from api.contract import frozen
from api.contract.promise import CLAUSES, EXCEPTED_CHANGES
from api.settings import Settings
from api.version import API_VERSION
from tests.mutations import BREAKING, SAFE, WORDS
from tests.serving import onrecord

pytestmark = pytest.mark.slow

CONTRACT = frozen.document()


def changed(mutate=dict, version="1.0.0"):
    """The contract with a change in it, as a later version, in canonical bytes."""
    document = copy.deepcopy(orjson.loads(CONTRACT))
    mutate(document)
    document["info"]["version"] = version
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A folder of its own for the contract, in which 1.0.0 was released."""
    monkeypatch.setattr(frozen, "folder", lambda: tmp_path)
    (tmp_path / "openapi.json").write_bytes(changed())
    (tmp_path / "1.0.0.json").write_bytes(changed())
    return tmp_path


def told(rendered, kept):
    """What is said of a document that was written down as the contract."""
    (kept / "openapi.json").write_bytes(rendered)
    return "\n".join(frozen.broken_rules(rendered))


def test_the_service_renders_exactly_the_bytes_of_the_contract():
    rendered = create_app(Settings(database_url="sqlite://")).extensions["openapi"].body
    assert rendered == CONTRACT
    assert list(frozen.broken_rules(rendered)) == []


def test_the_contract_is_in_canonical_form():
    again = orjson.dumps(orjson.loads(CONTRACT), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    assert again == CONTRACT
    assert b"127.0.0.1" not in CONTRACT


def test_what_is_served_is_the_contract(seeded):
    assert seeded.get("/v1/openapi.json").data == CONTRACT


def test_a_service_that_renders_another_document_is_refused(kept):
    other = changed(WORDS["the title is another"])
    assert "renders another document" in "\n".join(frozen.broken_rules(other))


def test_a_release_as_it_was_is_in_order(kept):
    assert told(changed(), kept) == ""


@pytest.mark.parametrize("version", ["1.0.1", "1.1.0", "2.0.0"])
def test_a_breaking_change_is_refused_whatever_the_version(kept, version):
    said = told(changed(BREAKING["a field is gone from answers"], version), kept)
    assert "Since 1.0.0, breaking" in said
    assert "`cue` is gone from the answer." in said


@pytest.mark.parametrize(
    ("mutate", "wanted"),
    [
        (SAFE["a new path"], "1.1.0"),
        (WORDS["a summary is worded anew"], "1.0.1"),
        (dict, None),
    ],
)
@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0"])
def test_the_version_has_to_say_how_much_has_changed(kept, mutate, wanted, version):
    said = told(changed(mutate, version), kept)
    if wanted is None or frozen.numbers(version) >= frozen.numbers(wanted):
        assert said == ""
    else:
        assert f"info.version is {version}, and what changed since 1.0.0 makes it {wanted} or later" in said


def test_what_breaks_any_release_is_refused_and_not_only_what_breaks_the_newest(kept):
    without = changed(BREAKING["an optional field is gone from answers"], "1.1.0")
    (kept / "1.1.0.json").write_bytes(without)
    assert "Since 1.0.0, breaking" in told(without, kept)


def test_releases_go_by_their_numbers(kept):
    for version in ("1.2.0", "1.10.0"):
        (kept / f"{version}.json").write_bytes(changed(version=version))
    assert list(frozen.released()) == ["1.0.0", "1.2.0", "1.10.0"]


def test_a_release_is_kept_beside_the_contract_and_never_written_again(kept):
    new = changed(SAFE["a new path"], "1.1.0")
    assert [path.name for path in frozen.write(new, release=True)] == ["openapi.json", "1.1.0.json"]
    assert frozen.released()["1.1.0"] == new
    assert [path.name for path in frozen.write(new, release=True)] == ["openapi.json"]
    with pytest.raises(ValueError, match=r"1\.0\.0 was released and can no longer change"):
        list(frozen.write(changed(SAFE["a new path"]), release=False))
    assert (kept / "openapi.json").read_bytes() == new


def test_a_document_that_is_not_released_is_written_once(kept):
    new = changed(SAFE["a new path"], "1.1.0")
    assert [path.name for path in frozen.write(new, release=False)] == ["openapi.json"]
    assert list(frozen.released()) == ["1.0.0"]


def diff(*arguments):
    result = CliRunner().invoke(contract, ["diff", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_diff_leaves_with_1_where_a_change_is_breaking(kept):
    (kept / "new.json").write_bytes(changed(BREAKING["a parameter is gone"]))
    code, output = diff("1.0.0", kept / "new.json")
    assert code == 1
    assert "The query parameter claimant is gone." in output
    assert "/paths/~1v1~1quotes/get/parameters/" in output
    assert "1 breaking, 0 safe, 0 of words alone." in output


def test_a_diff_leaves_with_0_where_all_changes_are_safe(kept):
    (kept / "new.json").write_bytes(changed(SAFE["a new path"]))
    assert diff("1.0.0", kept / "new.json") == (
        0,
        "safe  /paths/~1v1~1maps\n          The path is new.\n0 breaking, 1 safe, 0 of words alone.\n",
    )
    assert diff("1.0.0", "1.0.0") == (0, "0 breaking, 0 safe, 0 of words alone.\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{", "no JSON"), (b"[]", "no JSON object"), (b"{}", "no OpenAPI 3.1"), (None, "There is no file")],
)
def test_a_diff_of_what_is_no_contract_says_so_and_leaves_with_2(kept, content, said):
    if content is not None:
        (kept / "new.json").write_bytes(content)
    code, output = diff("1.0.0", kept / "new.json")
    assert code == 2
    assert said in output


def test_the_command_checks_what_is_installed_from_any_folder(tmp_path):
    # Settings that cannot be do not matter to it.
    run = onrecord("contract", "check", cwd=tmp_path, database_url="mysql://nowhere")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"The service keeps to the contract {API_VERSION}.")
    assert list(tmp_path.iterdir()) == []


STATUS = "/components/schemas/Grounding/properties/status/enum"
REAL = {version: orjson.loads(body) for version, body in frozen.released().items()}


def with_words(*words, of="Grounding", name="status", base=CONTRACT):
    """A document with these values of an enumeration of responses."""
    document = copy.deepcopy(orjson.loads(base) if isinstance(base, bytes) else base)
    document["components"]["schemas"][of]["properties"][name]["enum"] = list(words)
    return document


def found(old, new):
    """The pointers of the breaking changes, and of the excepted ones."""
    since = frozen.changes(old, new)
    return [change.pointer for change in since if change.breaking], [c.pointer for c in since if c.exception]


def test_one_change_since_1_0_0_is_excepted_and_is_the_third_word_of_grounding():
    assert found(REAL["1.0.0"], orjson.loads(CONTRACT)) == ([], [STATUS])
    assert [excepted.pointer for excepted in EXCEPTED_CHANGES] == [STATUS]


@pytest.mark.parametrize("excepted", EXCEPTED_CHANGES, ids=lambda excepted: excepted.pointer)
def test_an_excepted_change_has_a_clause_a_version_and_a_reason(excepted):
    assert excepted.clause in CLAUSES
    assert frozen.numbers("1.0.0") < frozen.numbers(excepted.since) <= frozen.numbers(API_VERSION)
    assert excepted.reason.endswith(".")


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        (with_words("verified", "unverified"), with_words("verified", "partial", "unverified"), []),
        (with_words("verified", "unverified"), with_words("verified", "partly", "unverified"), [STATUS]),
        (with_words("verified", "unverified"), with_words("verified", "partial", "unverified", "new"), [STATUS]),
        (
            with_words("verified", "partial", "unverified"),
            with_words("verified", "partial", "unverified", "x"),
            [STATUS],
        ),
        (with_words("verified"), with_words("verified", "partial", "unverified"), [STATUS]),
        (
            with_words("quote", of="Quote", name="type"),
            with_words("quote", "partial", of="Quote", name="type"),
            ["/components/schemas/Quote/properties/type/enum"],
        ),
    ],
    ids=[
        "the excepted one",
        "another word",
        "a fourth word",
        "a fourth word later",
        "two words",
        "another enumeration",
    ],
)
def test_exactly_the_excepted_change_is_not_breaking(old, new, broken):
    breaking, excepted = found(old, new)
    assert breaking == broken
    assert excepted == ([] if broken else [STATUS])


def test_an_enumeration_that_stands_elsewhere_in_the_older_document_is_not_excepted():
    old = with_words("verified", "unverified")
    grounding = old["components"]["schemas"].pop("Grounding")
    old["components"]["schemas"]["Checked"] = grounding
    old = orjson.loads(orjson.dumps(old).replace(b"#/components/schemas/Grounding", b"#/components/schemas/Checked"))
    breaking, excepted = found(old, orjson.loads(CONTRACT))
    assert (STATUS in breaking, excepted) == (True, [])


def test_an_excepted_change_counts_as_a_minor_version_and_is_shown_with_its_reason(kept):
    old = with_words("verified", "unverified", base=changed())
    new = with_words("verified", "partial", "unverified", base=changed(version="1.1.0"))
    (kept / "1.0.0.json").write_bytes(orjson.dumps(old))
    (kept / "new.json").write_bytes(orjson.dumps(new))
    assert told(orjson.dumps(new), kept) == ""
    new["info"]["version"] = "1.0.1"
    assert "makes it 1.1.0 or later" in told(orjson.dumps(new), kept)
    code, output = diff("1.0.0", kept / "new.json")
    assert code == 0
    assert output.startswith(f"excepted  {STATUS}\n")
    assert f"Excepted from closed-enums-stay-closed since 1.1.0: {EXCEPTED_CHANGES[0].reason}" in output
    assert output.endswith("0 breaking, 0 safe, 1 excepted, 1 of words alone.\n")


def test_the_check_shows_the_excepted_change():
    result = CliRunner().invoke(contract, ["check"])
    assert result.exit_code == 0, result.output
    assert f"Since 1.0.0, excepted  {STATUS}" in result.output
    assert EXCEPTED_CHANGES[0].reason in result.output
