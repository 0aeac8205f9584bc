"""Error rates of grounding: nearly no true claim is rejected, and nearly all of 3,000 false claims are."""

from __future__ import annotations

import pytest

from tests.support import demo
from tests.support.corruptions import KINDS, corruptions, true_claims
from tests.support.generated_texts import texts

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made():
    """Return the corruptions, and whether each was rejected."""
    return [(corruption, corruption.refused) for corruption in corruptions()]


def test_no_true_claim_of_the_fixtures_and_hardly_a_generated_one_is_rejected():
    claims = true_claims()
    assert len(claims) > 2000
    rejected = {truth.claim["id"]: demo.grounded(truth.claim, truth.source).failures for truth in claims}
    assert len(rejected) == len(claims)
    rejected = {id_: failures for id_, failures in rejected.items() if failures}
    assert [id_ for id_ in rejected if not id_.startswith("generated")] == []
    assert len(rejected) <= 0.01 * len(claims), rejected


def test_of_3000_corruptions_99_in_100_are_rejected(made):
    assert len(made) == 3000
    assert sum(rejected for _, rejected in made) >= 2970


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_of_corruption_occurs_and_is_rejected(made, kind):
    rejected = [rejected for corruption, rejected in made if corruption.kind == kind]
    assert len(rejected) >= 100
    assert sum(rejected) >= 0.97 * len(rejected)


def test_a_corruption_differs_from_the_true_claim_and_is_valid_input(made):
    for corruption, _ in made:
        true, false = corruption.truth.claim, corruption.claim
        assert false != true
        assert (false["id"], false["type"]) == (true["id"], true["type"])
        changed = {name for name in {*true, *false} if true.get(name) != false.get(name)}
        assert not changed & set(true.get("inferred", ()))


def test_the_evidence_of_a_corruption_has_the_date_or_number_that_is_not_the_claims(made):
    """The sentence has the wrong value and the true one. Only their places differ."""
    for corruption, _ in made:
        truth, false = corruption.truth, corruption.claim
        if corruption.kind == "a number that counts nobody":
            assert false["count"] in truth.others.numbers
            assert str(false["count"]) in truth.words
        elif corruption.kind == "a number of another harm":
            assert false["count"] == truth.others.of_another_harm
        elif corruption.kind == "another deed's date":
            assert false[corruption.field] in truth.others.dates
            assert false[corruption.field][:4] in truth.words


def test_corruptions_come_of_all_three_sources_and_all_kinds_of_claim(made):
    ids = {corruption.claim["id"].partition("-")[0] for corruption, _ in made}
    assert {"demo", "generated", "armenia"} <= ids
    assert len({corruption.claim["type"] for corruption, _ in made}) == 4


def test_the_same_seed_makes_the_same_and_another_makes_others():
    first, again, other = (texts(5, seed) for seed in (1, 1, 2))
    assert [text.claims for text in first] == [text.claims for text in again] != [text.claims for text in other]
