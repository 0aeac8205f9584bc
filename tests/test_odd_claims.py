"""Claims with odd evidence: each response is documented, and each rejection names the field and the fix."""

from __future__ import annotations

import pytest

from tests.generated import article
from tests.records import sent

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
