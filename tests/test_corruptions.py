"""What grounding catches: no true claim is refused, and of 2,000 that were made false nearly all are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import demo
from tests.corruptions import KINDS, corruptions, true_claims
from tests.generated_texts import texts

CONTRIBUTING = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text()


@pytest.fixture(scope="module")
def made():
    """The corruptions, and whether each was refused."""
    return [(corruption, corruption.refused) for corruption in corruptions()]


def test_no_true_claim_is_refused():
    claims = true_claims()
    assert len(claims) > 800
    refused = {truth.claim["id"]: demo.grounded(truth.claim, truth.source).failures for truth in claims}
    assert {id_: failures for id_, failures in refused.items() if failures} == {}
    assert len(refused) == len(claims)


def test_of_2000_corruptions_99_in_100_are_refused(made):
    assert len(made) == 2000
    assert sum(refused for _, refused in made) >= 1980


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_corruption_is_there_and_refused(made, kind):
    refused = [refused for corruption, refused in made if corruption.kind == kind]
    assert len(refused) >= 100
    assert sum(refused) >= 0.97 * len(refused)


def test_a_corruption_differs_from_the_true_claim_and_is_of_its_shape(made):
    for corruption, _ in made:
        true, false = corruption.truth.claim, corruption.claim
        assert false != true
        assert (false["id"], false["type"]) == (true["id"], true["type"])
        changed = {name for name in {*true, *false} if true.get(name) != false.get(name)}
        assert not changed & set(true.get("inferred", ()))


def test_corruptions_come_of_all_three_sources_and_all_kinds_of_claim(made):
    ids = {corruption.claim["id"].partition("-")[0] for corruption, _ in made}
    assert {"demo", "generated", "armenia"} <= ids
    assert len({corruption.claim["type"] for corruption, _ in made}) == 4


def test_the_same_seed_makes_the_same_and_another_makes_others():
    first, again, other = (texts(5, seed) for seed in (1, 1, 2))
    assert [text.claims for text in first] == [text.claims for text in again] != [text.claims for text in other]


def test_contributing_shows_the_figures(made):
    shown = re.findall(
        r"^\| (an? .*?|another .*?|shifted .*?|withheld .*?) \| ([0-9]+) \| ([0-9]+) \|$", CONTRIBUTING, re.MULTILINE
    )
    counted = [
        (kind, str(len(refused)), str(sum(refused)))
        for kind in KINDS
        for refused in [[refused for corruption, refused in made if corruption.kind == kind]]
    ]
    assert shown == counted
    total = re.search(r"^\| all \| ([0-9,]+) \| ([0-9,]+) \|$", CONTRIBUTING, re.MULTILINE)
    assert [int(number.replace(",", "")) for number in total.groups()] == [
        len(made),
        sum(refused for _, refused in made),
    ]


def test_contributing_counts_the_true_claims():
    assert f"None of {len(true_claims())} true claims" in CONTRIBUTING
