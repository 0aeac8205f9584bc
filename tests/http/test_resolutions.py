"""Resolutions are consistent: organ, organ_name, symbols and adopted_on."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import text

from schemas import un_symbols
from schemas.json_pointer import flatten_messages
from schemas.resolution import ResolutionInput
from tests.http.test_http_semantics import problem
from tests.support.factories import changed, sent
from tests.support.generated_records import article
from tests.support.generated_records import resolution as resolution_line
from tests.support.live_server import onrecord

SECURITY_COUNCIL, ASSEMBLY = "un_security_council", "un_general_assembly"
ECOSOC, RIGHTS_COUNCIL, OTHER = "un_ecosoc", "un_human_rights_council", "other"
NEWS = "On 3 May 2024 the Council adopted S/RES/2728 (2024)."


def resolution(**changes):
    evidence = [{"exact": NEWS, "start": 0, "end": len(NEWS)}]
    return sent(resolution_line("a-resolution", "the-news", evidence=evidence, **changes))


def errors(**changes):
    """Return the pointer and the message of each schema error of a resolution with these values."""
    return list(flatten_messages(ResolutionInput().validate(resolution(**changes))))


SYMBOLS = {
    "S/RES/822 (1993)": SECURITY_COUNCIL,
    "A/RES/62/243": ASSEMBLY,
    "A/RES/3379 (XXX)": ASSEMBLY,
    "A/RES/ES-10/22": ASSEMBLY,
    "A/DEC/80/506": ASSEMBLY,
    "A/DEC/58/503 A": ASSEMBLY,
    "A/DEC/ES-10/401": ASSEMBLY,
    "A/RES/46/36/Add.1": ASSEMBLY,
    "E/RES/2005/30": ECOSOC,
    "E/DEC/2005/30": ECOSOC,
    "E/DEC/2005/201 A": ECOSOC,
    "E/RES/1503 (XLVIII)": ECOSOC,
    "A/HRC/RES/55/28": RIGHTS_COUNCIL,
    "A/HRC/DEC/S-4/101": RIGHTS_COUNCIL,
    "A/HRC/RES/OM/1/1": RIGHTS_COUNCIL,
    "A/HRC/DEC/OM/1/101": RIGHTS_COUNCIL,
    "E/CN.4/RES/1992/1": OTHER,
    "E/CN.4/RES/1992/S-2/1": OTHER,
    "E/CN.4/RES/S-3/1": OTHER,
    "E/CN.4/RES/8 (XXIII)": OTHER,
    "E/CN.4/DEC/2005/113": OTHER,
    "E/CN.4/Sub.2/RES/1995/13": OTHER,
    "E/CN.4/Sub.2/DEC/1995/113": OTHER,
    "T/RES/2183 (LIII)": OTHER,
    "T/RES/2160 (S-XII)": OTHER,
}


@pytest.mark.parametrize(("symbol", "organ"), SYMBOLS.items())
def test_a_symbol_is_accepted_for_its_own_organ_only(symbol, organ):
    assert ResolutionInput().load(resolution(organ=organ, symbols=[symbol]))["symbols"] == [symbol]
    for another in {*SYMBOLS.values()} - {organ}:
        message = f"{symbol} is a symbol of {organ}, but organ is {another}. Correct organ or the symbol."
        assert errors(organ=another, symbols=[symbol]) == [("/symbols/0", message)]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_symbol_is_found_in_a_text_as_it_is_printed(symbol):
    assert {
        actual for actual, _, _ in un_symbols.locate(f"Under {symbol}, and ({symbol}): {symbol.replace(' ', '')}")
    } == {symbol}


@pytest.mark.parametrize(
    ("printed", "symbols"),
    [
        ("E/CN.4/SUB.2/RES/1995/13", {"E/CN.4/Sub.2/RES/1995/13"}),
        ("S/RES/822\u00a0(1993)", {"S/RES/822 (1993)"}),
        ("S/RES/822 (1993) A/RES/48/114", {"S/RES/822 (1993)", "A/RES/48/114"}),
        ("A/RES/46/36/Add.1", {"A/RES/46/36/Add.1"}),
        ("A/HRC/OM/1/1, A/HRC/PRST/6/1, S/PRST/2020/1, A/HRC/RES/OM/1/L.1", set()),
        ("A/RES/62/243x, a/res/62/243, xA/RES/62/243", set()),
    ],
)
def test_a_text_has_the_symbols_that_it_prints_and_no_others(printed, symbols):
    assert {actual for actual, _, _ in un_symbols.locate(f"See {printed}.")} == symbols


@pytest.mark.parametrize("symbol", ["A/HRC/OM/1/1", "A/HRC/PRST/6/1", "S/PRST/2020/1", "T/RES/2183", "E/CN.4/S-3/4"])
def test_reports_and_statements_are_not_resolutions(symbol):
    assert un_symbols.normalize(symbol) is None


NAMES = {
    SECURITY_COUNCIL: [
        *("Security Council", "the UN Security Council", "Security Council of the UN", "U.N. Security Council (UNSC)"),
        *("the 15-member Security Council", "UNSC", "Conseil de sécurité de l’ONU", "Consejo de Seguridad"),
        *("Совет Безопасности ООН", "Совета Безопасности ООН", "Совбез ООН", "مجلس الأمن", "مجلس الأمن الدولي"),
    ],
    ASSEMBLY: [
        *("General Assembly", "the United Nations' General Assembly", "UNGA", "the 193-member UN General Assembly"),
        *("General Assembly of the United Nations", "l’Assemblée générale des Nations Unies", "Asamblea General"),
        *("Генеральная Ассамблея ООН", "Генеральной Ассамблеи", "الجمعية العامة للأمم المتحدة"),
    ],
    ECOSOC: ["Economic and Social Council", "ECOSOC", "the U.N.'s Economic and Social Council"],
    RIGHTS_COUNCIL: ["Human Rights Council", "UN Human Rights Council", "Conseil des droits de l'homme de l'ONU"],
    OTHER: ["Trusteeship Council", "the UN Trusteeship Council"],
}


@pytest.mark.parametrize(("organ", "name"), [(organ, name) for organ, names in NAMES.items() for name in names])
def test_a_name_is_rejected_for_another_organ(organ, name):
    assert errors(organ=organ, organ_name=name) == []
    for another in {*NAMES} - {organ, OTHER}:
        message = f"organ_name names {organ}, but organ is {another}. Correct organ or organ_name."
        assert errors(organ=another, organ_name=name) == [("/organ_name", message)]


@pytest.mark.parametrize("name", ["UN Security Council", "General Assembly of the UN", "ECOSOC", "UNGA", "СБ ООН"])
def test_only_a_name_of_the_united_nations_is_rejected_for_other(name):
    assert [pointer for pointer, _ in errors(organ=OTHER, organ_name=name)] == ["/organ_name"] * (name != "СБ ООН")


@pytest.mark.parametrize("organ", [*NAMES])
@pytest.mark.parametrize(
    "name",
    [
        *("the council", "The Council", "UN", "the United Nations", "the world body", "Geneva-based body", "the 15"),
        *("a committee of the General Assembly", "Security Council sanctions committee", "its highest organ", "ONU"),
    ],
)
def test_a_name_that_does_not_clearly_name_an_organ_is_accepted(organ, name):
    assert errors(organ=organ, organ_name=name) == []


@pytest.mark.parametrize(
    "name",
    [
        *("Security Council", "Russia's Security Council", "African Union Peace and Security Council"),
        *("General Assembly", "General Assembly of the OAS", "Third Committee of the UN General Assembly"),
        *("UN Security Council's 1267 Committee", "UN Commission on Human Rights", "Human Rights Council of Norland"),
    ],
)
def test_another_body_may_have_a_name_like_an_organ(name):
    assert errors(organ=OTHER, organ_name=name) == []


AGREEING = [
    *(("S/RES/2728 (2024)", day) for day in ("2024-03-25", "2024", "202X", "2023-12/2024-01", "../2024-01", "2020/..")),
    *(("S/RES/2728 (2024)", day) for day in ("2024-01-01", "2024-12-31", "2024-03-25?", "2024-XX-XX")),
    *(("A/RES/62/243", day) for day in ("2008-03-14", "2007-09-18", "2008-12-31", "2007", "2008-03")),
    *(("A/RES/1 (I)", day) for day in ("1946-01-24", "1946-12-14")),
    *(("A/RES/377 (V)", day) for day in ("1950-11-03", "1951-11-05")),
    *(("A/RES/2006 (XIX)", day) for day in ("1964-12-01", "1965-02-18", "1965-09-01")),
    *(("A/RES/3379 (XXX)", day) for day in ("1975-11-10", "1976")),
    *(("A/RES/ES-10/22", day) for day in ("2023-12-12", "1997-04-25")),
    *(("A/RES/2252 (ES-V)", day) for day in ("1967-07-04", "1999")),
    *(("A/HRC/RES/55/28", day) for day in ("2024-04-05", "2006-06-30")),
    *(("E/RES/2005/30", day) for day in ("2005-07-25", "2004-07-01", "2006-01")),
    *(("E/CN.4/RES/1992/S-2/1", day) for day in ("1992-12-01", "1992")),
    ("E/CN.4/RES/S-3/1", "1994-05-25"),
    ("T/RES/2183 (LIII)", "1986-05-28"),
    ("S/RES/2728 (2024)", None),
]
DISAGREEING = [
    *(("S/RES/2728 (2024)", day) for day in ("2023-03-25", "2023", "2025-01-01", "2025/..", "../2023-12", "199X")),
    *(("S/RES/2728 (2024)", day) for day in ("2023~", "2022-01/2023-12", "2023-12-31")),
    *(("A/RES/62/243", day) for day in ("2007-08-31", "2009-01-01", "2006", "2009/..")),
    *(("A/RES/1 (I)", day) for day in ("1945-12-31", "1948")),
    *(("A/RES/3379 (XXX)", day) for day in ("1974-11-10", "1977")),
    *(("A/DEC/80/506", day) for day in ("2024-12-01", "2027-01-01")),
    *(("E/RES/2005/30", day) for day in ("2003", "2007")),
    *(("E/CN.4/RES/1992/S-2/1", day) for day in ("1991", "1993-01-01")),
    *(("E/CN.4/Sub.2/RES/1995/13", day) for day in ("1994", "1996")),
]


@pytest.mark.parametrize(("symbol", "adopted_on"), AGREEING)
def test_a_symbol_is_accepted_if_it_can_be_adopted_on_a_possible_day(symbol, adopted_on):
    assert errors(organ=un_symbols.organ(symbol), symbols=[symbol], adopted_on=adopted_on) == []


@pytest.mark.parametrize(("symbol", "adopted_on"), DISAGREEING)
def test_a_symbol_is_rejected_if_no_possible_day_of_adoption_fits(symbol, adopted_on):
    ((pointer, message),) = errors(organ=un_symbols.organ(symbol), symbols=[symbol], adopted_on=adopted_on)
    assert pointer == "/adopted_on"
    assert message.startswith(f"adopted_on is {adopted_on}, but symbols has {symbol}, which can only be adopted from ")
    assert message.endswith(". Correct adopted_on or the symbol.")


def test_each_symbol_of_several_has_to_fit_the_days_of_adoption():
    symbols = {"organ": SECURITY_COUNCIL, "count": 4, "symbols": ["S/RES/822 (1993)", "S/RES/1203 (1998)"]}
    assert errors(**symbols, adopted_on="1993/1998") == []
    ((pointer, message),) = errors(**symbols, adopted_on="1993/1994")
    assert (pointer, "S/RES/1203 (1998)" in message) == ("/adopted_on", True)


WRONG = {
    "organ": ASSEMBLY,
    "organ_name": "UN Security Council",
    "symbols": ["S/RES/2728 (2024)"],
    "adopted_on": "2023-05-03",
}
POINTERS = ["/adopted_on", "/organ_name", "/symbols/0"]


def pointers(errors):
    return sorted(error["pointer"] for error in errors)


@pytest.fixture
def news(editor):
    """Return a client with one stored article without a stored text."""
    assert editor.put("/v1/articles/the-news", json=sent(article("the-news"))).status_code == 201
    return editor


def test_all_disagreements_are_reported_at_once_with_pointers(news):
    reported = problem(news.post("/v1/resolutions", json=resolution(**WRONG)), 422, "invalid-record")
    assert pointers(reported["errors"]) == POINTERS


def test_an_import_reports_disagreements_with_pointers(editor):
    lines = [article("the-news"), {**resolution(**WRONG), "type": "resolution", "id": "a-resolution"}]
    body = b"\n".join(map(orjson.dumps, lines))
    result = editor.post("/v1/imports", data=body, headers={"Content-Type": "application/x-ndjson"})
    assert (result.status_code, pointers(result.json["errors"])) == (422, POINTERS)


def test_the_command_line_reports_disagreements_with_pointers(tmp_path):
    lines = [article("the-news"), {**resolution(**WRONG), "type": "resolution", "id": "a-resolution"}]
    (tmp_path / "mine.ndjson").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    onrecord("db", "upgrade", cwd=tmp_path)
    result = onrecord("import", "mine.ndjson", cwd=tmp_path)
    assert result.returncode == 1
    assert [f"{pointer}: " in result.stderr for pointer in POINTERS] == [True] * 3


RIGHT = {"organ": SECURITY_COUNCIL, "symbols": ["S/RES/2728 (2024)"], "adopted_on": "2024-05-03"}


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"organ": ASSEMBLY}, "/symbols/0"),
        ({"symbols": ["A/RES/78/1"]}, "/symbols/0"),
        ({"organ_name": "General Assembly"}, "/organ_name"),
        ({"adopted_on": "2023-05-03"}, "/adopted_on"),
        ({"symbols": ["S/RES/2712 (2023)"]}, "/adopted_on"),
    ],
)
def test_a_patch_is_rejected_if_the_patched_record_disagrees_with_itself(news, patch, pointer):
    path = "/v1/resolutions/a-resolution"
    assert news.put(path, json=resolution(**RIGHT)).status_code == 201
    reported = problem(changed(news, path, patch), 422, "invalid-record")
    assert pointers(reported["errors"]) == [pointer]
    assert news.get(path).json["version"] == 1


@pytest.mark.parametrize("patch", [{"symbols": []}, {"adopted_on": None}, {"organ_name": "the Council"}])
def test_a_patch_that_leaves_the_record_in_agreement_is_accepted(news, patch):
    path = "/v1/resolutions/a-resolution"
    assert news.put(path, json=resolution(**RIGHT)).status_code == 201
    assert changed(news, path, patch).status_code == 200


def test_a_stored_record_that_disagrees_with_itself_can_be_read_and_corrected(news, store):
    path = "/v1/resolutions/a-resolution"
    assert news.put(path, json=resolution(**RIGHT)).status_code == 201
    with store.writing() as connection:
        stored = "replace(document, 'un_security_council', 'un_general_assembly')"
        connection.execute(text(f"UPDATE claim SET document = {stored}, organ = 'un_general_assembly'"))
    assert news.get(path).json["organ"] == ASSEMBLY
    for query in ("", "?format=csv", "?format=ndjson", "?organ=un_general_assembly", "?symbol=S/RES/2728(2024)"):
        assert b"S/RES/2728 (2024)" in news.get(f"/v1/resolutions{query}").data
    assert news.get(path, headers={"Accept": "application/ld+json"}).status_code == 200
    reported = problem(changed(news, path, {"topic": "a truce"}), 422, "invalid-record")
    assert pointers(reported["errors"]) == ["/symbols/0"]
    assert changed(news, path, {"topic": "a truce", "organ": SECURITY_COUNCIL}).status_code == 200
