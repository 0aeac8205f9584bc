"""Numbers, names and quotes in other scripts and languages than English."""

from __future__ import annotations

import pytest

from api.grounding.normalize import Spaced, contains
from api.grounding.number_formats import number_format
from api.grounding.numbers import numbers, stated_numbers
from api.grounding.parties import named
from tests.unit.test_normalize import grounded

KILLED = {
    "type": "casualty_report",
    "article_id": "the-article",
    "claimant": {"name": "the article", "kind": "article"},
    "harm": "killed",
    "population": "unspecified",
    "qualifier": "exact",
}


@pytest.mark.parametrize(
    ("text", "language", "stated"),
    [
        ("1166名士兵", "zh", {1166}),
        ("1166명의 병사", "ko", {1166}),
        ("약1,166명", "ko", {1166}),
        ("死者131人", "ja", {131}),
        ("ผู้เสียชีวิต25คน", "th", {25}),
        ("1万5000人", "ja", {15_000}),
        ("1万2千人", "ja", {12_000}),
        ("12万3,456人", "ja", {123_456}),
        ("1.2万人", "zh", {12_000}),
        ("3亿人", "zh-Hant", {300_000_000}),
        ("5만 명", "ko", {50_000}),
        ("1천166명", "ko", {1166}),
        ("2천300만 명", "ko", {23_000_000}),
        ("１，１６６人", "ja", {1166}),
        ("死亡13，25人受伤", "zh", {13, 25}),
        ("2031年5月3日，三人死亡", "zh", {3}),
        ("一百二十名士兵和两个人", "zh", {120, 2}),
        ("十五万人", "ja", {150_000}),
        ("数十人、一些、第三人", "zh", set()),
        ("٧٣٬٤١٩ شخصا", "ar", {73_419}),
        ("٧٣،٤١٩", "fa", {73_419}),
        ("۲۵ نفر", "fa", {25}),
        ("٧٣٫٥ مليون", "ar", {73_500_000}),
        ("٧٣٬٤١٩", "en", {73_419}),
        ("و25 قتيلا", "ar", {25}),
        ("כ-25 הרוגים", "he", {25}),
        ("5 लाख", "hi", {500_000}),
        ("12,34,567", "hi", {1_234_567}),
        ("1,20,000 people", "en-IN", {120_000}),
        ("25'i öldü", "tr", {25}),
        ("3 bin 500 kişi", "tr", {3500}),
        ("около 5 тыс. человек", "ru", {5000}),
        ("2,5 млн человек", "ru", {2_500_000}),
        ("5-летний", "ru", {5}),
        ("25ти", "ru", set()),
    ],
)
def test_numbers_stand_next_to_counters_particles_and_scales(text, language, stated):
    assert numbers(text, language) == stated


@pytest.mark.parametrize(
    ("language", "decimal"),
    [
        ("es", ","),
        ("es-ES", ","),
        ("es-AR", ","),
        ("es-MX", "."),
        ("es-419", "."),
        ("es-US", "."),
        ("es-XX", ","),
        ("de", ","),
        ("de-AT", ","),
        ("de-CH", "."),
        ("pt-PT", ","),
        ("sr-Latn-RS", ","),
        ("fa", "."),
        ("ar", "."),
        ("ar-MA", ","),
        ("en-ZA", "."),
        ("en-DE", "."),
        ("tlh", "."),
        ("x-private", "."),
        ("zh-cmn-Hans-CN", "."),
        ("", "."),
        ("not a tag", "."),
    ],
)
def test_the_decimal_symbol_is_that_of_the_whole_language_tag(language, decimal):
    assert number_format(language).decimal == decimal
    thousands = "1,166" if decimal == "." else "1.166"
    assert numbers(thousands, language) == {1166}
    assert numbers(thousands.translate({44: 46, 46: 44}), language) == set()


@pytest.mark.parametrize(
    ("text", "language", "stated"),
    [
        ("zweihundertdrei Tote, zwölf Verletzte", "de", {203, 12}),
        ("zwo\u0308lf", "de", {12}),
        ("zwei Dutzend", "de", {24}),
        ("3 Mio. Menschen", "de", {3_000_000}),
        ("2,5-3 Millionen", "de", {2_500_000, 3_000_000}),
        ("am ersten Mai", "de", set()),
        ("mehrere Millionen", "de", set()),
        ("cinq personnes et deux cent trois autres", "fr", {5, 203}),
        ("plus d'une centaine", "fr", {100}),
        ("deux douzaines", "fr", {24}),
        ("2,5 millions", "fr", {2_500_000}),
        ("18 000 personnes", "fr", {18_000}),
        ("mil doscientos muertos", "es", {1200}),
        ("3 mil 500 personas", "es-MX", {3500}),
        ("A no me importa", "es", set()),
        ("duecentotrentamila", "it", {230_000}),
        ("vinte e três", "pt", {23}),
        ("driehonderdvijfenveertig", "nl", {345}),
        ("fem og tyve", "da", {25}),
    ],
)
def test_number_words_are_those_of_the_language(text, language, stated):
    assert numbers(text, language) == stated


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("one thousand, three hundred", {1300}),
        ("two million, three hundred thousand", {2_300_000}),
        ("five thousand, twelve of them women", {5000, 12}),
        ("2 thousand 300", {2300}),
        ("2 million 300 thousand", {2_300_000}),
        ("3 million 4 million", {3_000_000, 4_000_000}),
        ("2 hundred thousand", {200_000}),
        ("a hundred and twenty", {120}),
        ("a couple of hundred", {200}),
        ("a couple hundred thousand", {200_000}),
        ("a couple of men", {2}),
    ],
)
def test_english_words_and_digits_add_up(text, stated):
    assert numbers(text) == stated


@pytest.mark.parametrize(
    "text", ["1,1667", "1,166th", "1,16", "5,10", "25th", "1.166.500", "COVID19", "1,166.5", "45²"]
)
def test_a_part_of_a_number_is_no_number(text):
    assert numbers(text) == set()


def test_numbers_of_other_scripts_have_their_places():
    text = "\u202bمقتل ٧٣٬٤١٩ شخصا\u202c، ثم 1\u00a0166"
    assert [(item.value, text[item.start : item.end]) for item in stated_numbers(text, "ar")] == [
        (73_419, "٧٣٬٤١٩"),
        (1166, "1\u00a0166"),
    ]


@pytest.mark.parametrize(
    ("count", "text", "language", "outcome"),
    [
        (13, "空袭造成13人死亡", "zh", "passed"),
        (31, "空袭造成13人死亡", "zh", None),
        (73_419, "مقتل ٧٣٬٤١٩ شخص", "ar", "passed"),
        (419, "مقتل ٧٣٬٤١٩ شخص", "ar", None),
        (13_500, "13,500 personas", "es-MX", "passed"),
        (500, "13,500 personas", "es-MX", None),
        (5, "Cinq personnes ont été tuées", "fr", "passed"),
        (8, "Cinq personnes ont été tuées", "fr", None),
        (10, "Une demi-douzaine de morts", "fr", "not_run"),
        (5, "Погибли пять человек", "ru", "not_run"),
    ],
)
def test_a_count_is_compared_with_the_numbers_of_the_language(count, text, language, outcome):
    grounding = grounded({**KILLED, "count": count, "evidence": [{"exact": text}]}, text, language)
    assert [failure.check for failure in grounding.failures] == ([] if outcome else ["number"])
    if outcome:
        assert {check["check"]: check["outcome"] for check in grounding.report["checks"]}["number"] == outcome


@pytest.mark.parametrize(
    ("words", "text", "whether"),
    [
        ("停火", "他说停火已经开始", True),
        ("停戦", "政府は停戦を発表した", True),
        ("หยุดยิง", "การหยุดยิงเริ่มแล้ว", True),
        ("หยุดย", "การหยุดยิงเริ่มแล้ว", False),
        ("3人", "13人", False),
        ("三人", "十三人", False),
        ("서울", "서울에서 말했다", True),
        ("울", "서울에서 말했다", False),
        ("NATO", "NATO는", True),
        ("السلام", "بالسلام", True),
        ("الحكومة", "والحكومة قالت", True),
        ("لام", "سلام", False),
        ("ישראל", "בישראל", True),
        ("Azerbaycan", "Azerbaycan'ın", True),
        ("ten", "often", False),
        ("भारत", "भारत ने", True),
        ("भ", "भारत ने", False),
    ],
)
def test_words_begin_and_end_as_their_script_lets_them(words, text, whether):
    assert contains(words, [Spaced(text)]) is whether


@pytest.mark.parametrize(
    ("name", "words", "whether"),
    [
        ("中国外交部", "中国外交部发言人表示", True),
        ("中国", "中国外交部发言人表示", True),
        ("美国", "中国外交部发言人表示", False),
        ("外務省", "日本の外務省は", True),
        ("กัมพูชา", "รัฐบาลกัมพูชากล่าว", True),
        ("서울", "서울에서 말했다", True),
        ("대한민국 정부", "대한민국은 말했다", True),
        ("الحكومة", "والحكومة قالت", True),
        ("الحكومة", "وقال للحكومة", True),
        ("إيران", "وإيران", True),
        ("كمال", "ومال", False),
        ("ישראל", "בישראל", True),
        ("भारत", "भारत ने कहा", True),
        ("Azerbaycan", "Azerbaycan’ın açıklaması", True),
        ("Azerbaïdjan", "l’Azerbaïdjan a dit", True),
        ("Mali", "Somali forces", False),
        ("O'Brien", "O’Brien said", True),
        ("Çavus\u0327og\u0306lu", "Çavuşoğlu said", True),
        ("Cavusoglu", "C\u0327avus\u0327og\u0306lu said", True),
        ("Norland", "Nor\u00adland said", True),
        ("U.A.E.", "the UAE said", True),
        ("UAE", "The U.A.E. said", True),
    ],
)
def test_a_name_is_found_with_what_its_language_attaches(name, words, whether):
    assert named(name, words) is whether
