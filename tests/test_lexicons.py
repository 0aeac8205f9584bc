"""Numbers in languages other than English, held against the commonest words next to them."""

from __future__ import annotations

import pytest

from api.grounding.case import Source
from tests.demo import grounded


def failed(language, text, harm, population, count):
    """Return the fields of a claim that fail."""
    claim = {
        "article_id": "lexicon",
        "type": "casualty_report",
        "claimant": {"name": "the article", "kind": "article"},
        "harm": harm,
        "population": population,
        "count": count,
        "qualifier": "exact",
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
    }
    return {failure.field for failure in grounded(claim, Source(text, len(text), language)).failures}


@pytest.mark.parametrize(
    ("language", "killed", "injured", "text"),
    [
        ("es", 13, 20, "Trece personas murieron y 20 resultaron heridas en Nordia"),
        ("es-MX", 13, 20, "20 heridos y 13 muertos dejó el ataque"),
        ("fr", 13, 20, "13 personnes ont été tuées et 20 autres blessées à Ambry"),
        ("de", 13, 20, "Bei dem Angriff wurden 13 Menschen getötet und 20 verletzt"),
        ("pt", 13, 20, "13 pessoas morreram e 20 ficaram feridas"),
        ("it", 13, 20, "13 morti e 20 feriti ad Ambry"),
        ("ru", 13, 20, "в Норландии погибли 13 человек, 20 ранены"),
        ("uk", 13, 20, "загинули 13 людей, поранено 20"),
        ("ar", 13, 20, "قتل 13 شخصا وأصيب 20 آخرون"),
        ("zh", 13, 20, "袭击造成13人死亡，20人受伤"),
    ],
)
def test_a_number_of_another_harm_fails(language, killed, injured, text):
    assert failed(language, text, "killed", "unspecified", killed) == set()
    assert failed(language, text, "injured", "unspecified", injured) == set()
    assert failed(language, text, "killed", "unspecified", injured) == {"count"}
    assert failed(language, text, "injured", "unspecified", killed) == {"count"}


@pytest.mark.parametrize(
    ("language", "text", "civilian", "combatant"),
    [
        ("es", "murieron 9 civiles y 13 soldados", 9, 13),
        ("fr", "9 civils et 13 soldats ont été tués", 9, 13),
        ("de", "9 Zivilisten und 13 nordische Regierungssoldaten starben", 9, 13),
        ("pt", "morreram 9 civis e 13 militares", 9, 13),
        ("it", "uccisi 9 civili e 13 soldati", 9, 13),
        ("ru", "погибли 9 мирных жителей и 13 норландских военнослужащих", 9, 13),
        ("uk", "загинули 9 цивільних та 13 військових", 9, 13),
        ("ar", "مقتل 9 مدنيين و13 جنديا", 9, 13),
        ("zh", "9名平民和13名士兵死亡", 9, 13),
    ],
)
def test_the_noun_of_a_number_names_its_people(language, text, civilian, combatant):
    assert failed(language, text, "killed", "civilian", civilian) == set()
    assert failed(language, text, "killed", "combatant", combatant) == set()
    assert failed(language, text, "killed", "civilian", combatant) == {"population"}
    assert failed(language, text, "killed", "combatant", civilian) == {"population"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "quemaron 200 casas y mataron a los vecinos"),
        ("fr", "200 maisons ont été brûlées, des habitants tués"),
        ("de", "In 200 Tagen starben viele Menschen"),
        ("pt", "queimaram cerca de 200 casas de palha e mataram moradores"),
        ("ru", "разрушено 200 домов, есть погибшие"),
        ("ar", "دمر القصف 200 منزل وقتل سكانها"),
        ("zh", "袭击摧毁200座房屋，有人死亡"),
    ],
)
def test_a_number_of_things_fails(language, text):
    assert "count" in failed(language, text, "killed", "unspecified", 200)


@pytest.mark.parametrize(
    ("language", "text", "harm", "population", "count"),
    [
        ("fr", "treize soldats blessés sont morts", "killed", "combatant", 13),
        ("fr", "5 blessés par des tirs de mortier", "injured", "unspecified", 5),
        ("fr", "13 personnes, dont 3 enfants, ont été tuées", "killed", "unspecified", 13),
        ("es", "treinta y cinco civiles murieron", "killed", "civilian", 35),
        ("es", "13 civiles muertos en un ataque de soldados", "killed", "civilian", 13),
        ("de", "13 Kinder der Soldaten starben", "killed", "civilian", 13),
        ("ru", "погибли 13 школьников", "killed", "civilian", 13),
        ("ar", "مقتل 13 عاملا", "killed", "civilian", 13),
        ("ar", "نزحت 13 أسرة", "displaced", "unspecified", 13),
        ("zh", "爆炸致3死5伤", "killed", "unspecified", 3),
        ("ja", "13人が死亡し、20人が負傷した", "killed", "unspecified", 20),
    ],
)
def test_unsure_words_and_unknown_languages_pass(language, text, harm, population, count):
    assert failed(language, text, harm, population, count) == set()


def test_the_check_of_words_still_does_not_run_for_another_language():
    text = "13 civils ont été tués"
    claim = {
        "article_id": "lexicon",
        "type": "casualty_report",
        "claimant": {"name": "the article", "kind": "article"},
        "harm": "killed",
        "population": "civilian",
        "count": 13,
        "qualifier": "exact",
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
    }
    checks = grounded(claim, Source(text, len(text), "fr")).report["checks"]
    assert {check["check"]: check["outcome"] for check in checks}["cue"] == "not_run"
