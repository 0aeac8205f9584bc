"""Claims with unusual evidence: each response is documented, and each error names the field and the fix."""

from __future__ import annotations

import pytest

from tests.support.factories import sent
from tests.support.generated_records import article

pytestmark = pytest.mark.slow

INVISIBLE = "\u200f\u202e"
FIELDS = {
    "quotes": {"mode": "indirect", "text": "no basis"},
    "ceasefires": {"status": "held"},
    "resolutions": {"organ": "un_security_council", "organ_name": "Security Council"},
    "casualty-reports": {"harm": "killed", "population": "civilian", "qualifier": "undisclosed"},
}


def claim_of(path, evidence, **changes):
    """Build a claim of a kind as it is sent. The article is the claimant, so no party must be named."""
    return {
        "article_id": "the-article",
        "claimant": {"name": "the article", "kind": "article"},
        "evidence": evidence if isinstance(evidence, list) else [{"exact": evidence}],
        **FIELDS[path],
        **changes,
    }


def put_text(client, text, language="en"):
    record = sent(article("x"), text=text, language=language)
    assert client.put("/v1/articles/the-article", json=record).status_code == 201


def rejection(client, path, claim):
    """Return the failed checks of a rejected claim by field."""
    response = client.post(f"/v1/{path}", json=claim)
    assert response.status_code == 422, response.text
    assert response.json["code"] == "not-grounded", response.text
    return {failure["field"]: failure for failure in response.json["errors"]}


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("held", [True, False])
def test_evidence_of_invisible_characters_is_rejected(editor, path, held):
    text = f"Norland said no. {INVISIBLE} It said no more."
    if held:
        put_text(editor, text)
        assert "evidence" in rejection(editor, path, claim_of(path, INVISIBLE * 2))
    else:
        record = sent(article("x"), language="en")
        assert editor.put("/v1/articles/the-article", json=record).status_code == 201
    start = text.index(INVISIBLE)
    evidence = [{"exact": INVISIBLE, "start": start, "end": start + len(INVISIBLE)}]
    wording = {"quotes": {"text": INVISIBLE + INVISIBLE}, "ceasefires": {"name": INVISIBLE}}.get(path, {})
    claim = claim_of(path, evidence, **wording, claimant={"name": INVISIBLE, "kind": "government"})
    failures = rejection(editor, path, claim)
    assert not {"text", "name"}.intersection(wording) - failures.keys()
    assert failures["claimant"]["excusable"]


@pytest.mark.parametrize(
    "evidence",
    [
        [{"exact": "said yes"}],
        [{"exact": "no"}],
        [{"exact": "said no", "start": 0, "end": 7}],
        [{"exact": "said no", "start": 8, "end": 15, "prefix": "Südmark"}],
    ],
)
def test_a_rejected_span_says_that_it_is_not_excusable(editor, evidence):
    put_text(editor, "Norland said no. Südmark said no.")
    failure = rejection(editor, "quotes", claim_of("quotes", evidence, text="said no"))["evidence"]
    assert not failure["excusable"]
    assert failure["detail"].endswith(" `inferred` does not excuse this.")


@pytest.mark.parametrize(
    ("path", "changes", "field"),
    [
        ("quotes", {"text": "no basis"}, "text"),
        ("quotes", {"text": "said no", "claimant": {"name": "Südmark", "kind": "government"}}, "claimant"),
        ("resolutions", {"organ_name": "the Assembly"}, "organ_name"),
        ("resolutions", {"organ_name": "Norland", "symbols": ["S/RES/822 (1993)"]}, "symbols"),
    ],
)
def test_no_message_advises_to_copy_the_evidence(editor, path, changes, field):
    put_text(editor, "Norland said no.")
    failure = rejection(editor, path, claim_of(path, "Norland said no.", **changes))[field]
    assert "Point a span at the words, or correct them." in failure["detail"]


def test_places_of_a_status_include_words_that_need_their_subject(editor):
    put_text(editor, "The truce collapsed on Monday. They held talks. An earlier truce held for a week.")
    failure = rejection(editor, "ceasefires", claim_of("ceasefires", "The truce collapsed on Monday", status="held"))
    assert [place["start"] for place in failure["status"]["places"]] == [65]
    assert "The text has such a word at 65." in failure["status"]["detail"]


def test_places_of_an_organ_are_its_names(editor):
    text = "The Council, convened after the Security Council demanded it, met. The General Assembly adopted it."
    put_text(editor, text)
    claim = claim_of("resolutions", text.partition(". ")[0], organ="un_general_assembly", organ_name="Council")
    failure = rejection(editor, "resolutions", claim)["organ"]
    assert [place["exact"] for place in failure["places"]] == ["General Assembly"]


SHELLED = "In Ashford 13 people were killed on Monday and 40 people were killed in Brook."


@pytest.mark.parametrize(
    ("path", "text", "changes"),
    [
        ("casualty-reports", SHELLED, {"population": "all", "count": 40, "place": "Ashford"}),
        ("casualty-reports", "Two families were killed.", {"population": "all", "count": 2}),
        ("quotes", "The mayor saw no basis.", {"mode": "direct", "text": "no basis", "quoted": ["no basis"]}),
    ],
)
def test_checks_do_not_see_what_the_page_of_grounding_lists(editor, path, text, changes):
    put_text(editor, text)
    exact = {"qualifier": "exact"} if path == "casualty-reports" else {}
    response = editor.post(f"/v1/{path}", json=claim_of(path, text, **exact, **changes))
    assert response.status_code == 201, response.text
    assert response.json["grounding"]["status"] == "verified"


@pytest.mark.parametrize(
    ("path", "text", "changes", "field"),
    [
        ("casualty-reports", "At least 13 were killed.", {"count": 13, "qualifier": "exact"}, "qualifier"),
        ("quotes", "On 9 May 2031 the mayor said no basis.", {"claimed_on": "2031-05-03"}, "claimed_on"),
        (
            "resolutions",
            "The Security Council adopted resolution 853 (1993).",
            {"symbols": ["S/RES/822 (1993)"]},
            "symbols",
        ),
        ("resolutions", "The General Assembly adopted it, citing the Security Council.", {}, "organ"),
        (
            "ceasefires",
            "Norland accused Südmark of breaking the truce.",
            {"status": "violated", "accused": [{"name": "Norland", "kind": "government"}]},
            "accused",
        ),
    ],
)
def test_inferred_does_not_excuse_a_contradiction(editor, path, text, changes, field):
    put_text(editor, text)
    population = {"population": "all"} if path == "casualty-reports" else {}
    claim = claim_of(path, text, **population, **changes, inferred=[field])
    failure = rejection(editor, path, claim)[field]
    assert not failure["excusable"]
    assert failure["detail"].endswith(" `inferred` does not excuse this.")


@pytest.mark.parametrize(
    ("path", "text", "changes", "check"),
    [
        ("casualty-reports", "13 falconers were killed.", {"count": 13, "qualifier": "exact"}, "cue"),
        ("casualty-reports", "Civilians were killed.", {}, "cue"),
        ("ceasefires", "The truce is a truce.", {}, "cue"),
        ("resolutions", "Security Council resolution 822 demands it.", {"symbols": ["S/RES/822 (1993)"]}, "symbol"),
    ],
)
def test_claims_with_an_undecided_check_are_partial(editor, path, text, changes, check):
    put_text(editor, text)
    response = editor.post(f"/v1/{path}", json=claim_of(path, text, **changes))
    assert response.status_code == 201, response.text
    assert response.json["grounding"]["status"] == "partial"
    assert [one["check"] for one in response.json["grounding"]["checks"] if one["outcome"] == "undecided"] == [check]


def test_the_reason_of_an_unchecked_number_is_true_for_a_language_with_known_number_words(editor):
    put_text(editor, "Zivilisten wurden getötet.", "de")
    claim = claim_of("casualty-reports", "Zivilisten wurden getötet.", count=13, qualifier="exact")
    response = editor.post("/v1/casualty-reports", json=claim)
    (number,) = [check for check in response.json["grounding"]["checks"] if check["check"] == "number"]
    assert number["reason"] == "The evidence may state the number in words of the language de."


ODD = {
    "digits": "1234567890 42 007",
    "marks": "… !!! ??? — “” ‘’ «» -- ;;; (((",
    "no blank": "x" * 2000,
    "no blank in Han": "死" * 2000,
    "emoji": "😀🕊️👨‍👩‍👧‍👦🇺🇦💥 13 💀",
    "right to left": "قال المتحدث إن ١٣ مدنيًا قُتلوا، وأُصيب ٧٣٬٤١٩",
    "scripts": "Norland سعید 13 人死 Südmark убито 5 человек ٣ killed",
    "quotation marks": "“no” ‘basis’ \"at\" 'all' «il» ‹dit› „nein“ 「不」 『是』 ´x` ''' \"\"\"",
    "line breaks": "Norland\nsaid\r\n\r\n13\tcivilians\n\nwere\u2028killed\u2029on\x0bMonday",
    "combining marks": "e" + "\u0301" * 1999,
    "other digits": "１３ 𝟏𝟑 Ⅻ ½ ³ ① ٪ ‰",
    "impossible dates": "Feb 30, 30.2.2031 99/99/2031 31 June 2020, May 0, 2020-13-45, 99999999999 days ago",
    "patterns": r"\d+ (?P<x>.*)+ [a-z]{1,9} ^$ %s {0} {count} \\ \n",
}


@pytest.mark.parametrize("language", ["en-GB", "de", "ar", "zh", "und"])
@pytest.mark.parametrize("name", ODD)
def test_odd_evidence_gets_a_documented_response(editor, name, language):
    text = ODD[name]
    put_text(editor, text, language)
    overlapping = [{"exact": text, "start": 0, "end": len(text)}, {"exact": text[3:9], "start": 3, "end": 9}]
    party = {"name": "the state", "kind": "government"}
    for path in FIELDS:
        for more in ({}, {"claimant": party, "via": [{**party, "name": "-"}], "claimed_on": "9999-12-31"}):
            for figure in ({}, {"count": 0, "qualifier": "exact"}, {"low": 13, "high": 13, "qualifier": "range"}):
                changes = {**more, **figure} if path == "casualty-reports" else more
                response = editor.post(f"/v1/{path}", json=claim_of(path, overlapping, **changes))
                assert response.status_code in {201, 409, 422}, response.text
                if response.status_code != 422:
                    continue
                assert response.json["code"] == "not-grounded"
                for failure in response.json["errors"]:
                    excusing = f'add "{failure["field"]}" to `inferred`.'
                    ending = excusing if failure["excusable"] else "`inferred` does not excuse this."
                    assert failure["detail"].endswith(ending)


def test_a_figure_is_tied_to_its_harm_even_if_harm_is_inferred(editor):
    text = "13 people were killed and 45 were injured."
    put_text(editor, text)
    values = {"population": "all", "qualifier": "exact", "harm": "injured", "inferred": ["harm"]}
    assert list(rejection(editor, "casualty-reports", claim_of("casualty-reports", text, count=13, **values))) == [
        "count"
    ]
    assert (
        editor.post("/v1/casualty-reports", json=claim_of("casualty-reports", text, count=45, **values)).status_code
        == 201
    )
