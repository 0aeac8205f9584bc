"""The checks of a claim, and claims with the same evidence, share their work. It is counted, because time varies."""

from __future__ import annotations

import pytest

from api.grounding.case import Source
from api.grounding.checks import ground
from api.grounding.harm_ties import HarmTies
from api.grounding.parties import Naming
from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.collections import KIND_BY_NAME
from tests.support.generated_records import casualty_report

TEXT = "Norland said at least 13 soldiers were killed and 45 were injured at Elling on Friday."
EVIDENCE = [{"exact": TEXT, "start": 0, "end": len(TEXT)}]


def check(**fields):
    """Check a casualty report whose evidence is the text."""
    kind = KIND_BY_NAME["casualty_report"]
    sent = casualty_report("claim", "article", evidence=EVIDENCE, population="combatant", inferred=[], **fields)
    claim = kind.input_schema.load({name: value for name, value in sent.items() if name != "type"})
    return ground(claim, kind.sent_fields(claim), kind.checked, Source(TEXT, len(TEXT), "en"))


@pytest.fixture
def counted(monkeypatch):
    """Return a function that counts the calls of a function."""

    def count(owner, name):
        calls, function = [], getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *arguments: calls.append(arguments) or function(*arguments))
        return calls

    return count


@pytest.mark.parametrize("harm", list(CASUALTY_CUES.stated["harm"].values))
def test_the_cues_of_a_harm_are_searched_once_for_a_claim(counted, harm):
    searches = counted(CASUALTY_CUES.stated["harm"].values[harm].anywhere, "finditer")
    assert not check(harm="killed", count=13, qualifier="at_least").failures
    assert len(searches) == 1


def test_a_figure_is_tied_to_a_harm_once_for_a_claim(counted):
    ties = counted(HarmTies, "_is_tied_elsewhere")
    assert not check(harm="killed", count=13, qualifier="at_least").failures
    assert len(ties) == 1


def test_claims_with_the_same_evidence_read_its_names_once(counted):
    assert not check(harm="killed", count=13, qualifier="at_least").failures
    read = counted(Naming, "__init__")
    check(harm="injured", count=45, qualifier="exact")
    assert not read
