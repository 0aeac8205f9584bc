"""Normalization: different encodings of a letter compare equal, and positions are offsets into the original text."""

from __future__ import annotations

import pytest

from api.grounding.case import Source
from api.grounding.checks import ground
from api.grounding.locate import SearchableText
from api.grounding.normalize import Letters, Spaced, contains, first_missing
from api.grounding.numbers import stated_numbers
from api.grounding.parties import named
from api.grounding.spans import check_spans
from api.kinds.collections import KIND_BY_NAME
from api.text import fold
from tests.http.test_comparisons import PARTY, claim, compare
from tests.support.factories import report

UN = ["UN", "U.N.", "the UN", "The U.N.", "the  U.N"]


def grounded(sent, text, language="en"):
    kind = KIND_BY_NAME[sent["type"]]
    loaded = kind.input_schema.load({name: value for name, value in sent.items() if name != "type"})
    return ground(loaded, frozenset(sent), kind.checked, Source(text, len(text), language))


def quote(exact, **changes):
    return {
        "type": "quote",
        "article_id": "the-article",
        "claimant": {"name": "the article", "kind": "article"},
        "evidence": [{"exact": exact}],
        "mode": "mixed",
        **changes,
    }


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("cooperation", "the co\u00adoper\u00adation ended"),
        ("co\u00adoperation", "the cooperation ended"),
        ("no basis", "saw no\u200b \u2060basis\ufeff for it"),
        ("no basis", "\u2068no basis\u2069 for it"),
        ("Gül said", "Gu\u0308l said"),
        ("Gu\u0308l said", "Gül said"),
        ("한국은", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1173\u11ab"),
        ("an office", "in an o\ufb03ce there"),
        ("ABC 12", "ＡＢＣ　１２"),
        ("停火,已", "停火，已"),
        ("سلام", "ســلام"),
        ("the UN said", "the U.N. said"),
        ("the U.N. said", "the UN said"),
        ("and so on...", "and so on…"),
    ],
)
def test_other_forms_of_the_same_letters_are_equal(words, text):
    assert contains(words, [Spaced(text)])
    assert first_missing([words], [text]) is None
    (place,) = SearchableText(f"\u00ad\ufb01 {text}", "en").find_normalized(words)
    assert place.exact in text
    assert contains(words, [Spaced(place.exact)])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("45", "45²"),
        ("Gu", "Gu\u0308l"),
        ("Gul", "Gu\u0308l"),
        ("two", "½ two½"),
        ("operation", "co\u00adoperation"),
        ("no", "n o"),
    ],
)
def test_other_letters_stay_apart(words, text):
    assert not contains(words, [Spaced(text)])


def test_quoted_words_and_wording_are_found_in_other_forms_of_their_letters():
    text = "Gu\u0308l said the o\ufb03ce saw “no ba\u00adsis” for it."
    sent = quote(text[:-1], text='the office saw "no basis"', quoted=["no basis"])
    grounding = grounded(sent, text)
    assert grounding.failures == []
    assert [(span["start"], span["end"]) for span in grounding.evidence] == [(0, len(text) - 1)]


def test_places_are_offsets_into_the_text_itself():
    text = "A\u0308 \u00ad\ufb01rst  o\ufb03ce\u00ad, the U.N.\u00a0said\u200b so"
    for words, exact in [
        ("first office", "\ufb01rst  o\ufb03ce"),
        ("office", "o\ufb03ce"),
        ("the UN said", "the U.N.\u00a0said"),
        ("Ä", "A\u0308"),
        ("said so", "said\u200b so"),
    ]:
        (place,) = SearchableText(text, "en").find_normalized(words)
        assert (place.exact, text[place.start : place.end]) == (exact, exact)


def test_each_letter_is_mapped_to_the_characters_that_it_came_from():
    text = "e\u0301\u00ad\u200bﬁ\u0301x  ＡＢ\u00a0c한 \u1112\u1161\u11ab d"
    letters = Letters(text)
    ends = [letters.span(at, at + 1) for at in range(len(letters.text))]
    assert letters.text == "é" + "fí" + "x  AB c한 한 d"
    stretches = [text[start:end] for start, end in ends]
    assert stretches[:3] == ["e\u0301", "ﬁ\u0301", "ﬁ\u0301"]
    assert stretches[3:] == [*"x  ＡＢ\u00a0c한 ", "\u1112\u1161\u11ab", " ", "d"]
    spaced = Spaced(text)
    assert text[slice(*spaced.span(0, len(spaced.words)))] == text


def test_numbers_are_read_in_other_forms_of_their_letters():
    text = "some for\u00adty-five of 1,\u200b166, zw"
    stated = [(number.value, text[number.start : number.end]) for number in stated_numbers(text)]
    assert stated == [(45, "for\u00adty-five"), (1166, "1,\u200b166")]


@pytest.mark.parametrize(
    "text", ["x" * 2**20, "\u00ad" * 2**19 + "a", "a\u0301" * 2**18, "ﬁ" * 2**18, "停火，" * 2**17]
)
def test_long_texts_map_whole(text):
    spaced = Spaced(text)
    start, end = spaced.span(0, len(spaced.words))
    assert text[start:end] == text.lstrip("\u00ad")


@pytest.mark.parametrize("prefix", ["said ", "said", " said  ", "‘said", "aid\u00a0", "had", "it said", ""])
@pytest.mark.parametrize("suffix", [" people", "people", " people  ", "troops", " \n"])
def test_a_prefix_and_suffix_are_the_same_with_and_without_offsets(prefix, suffix):
    text = "It had 1,166 dead; it ‘said  1,166 people died; he said 1,166 troops"
    starts = [at for at in range(len(text)) if text.startswith("1,166", at)]
    span = {"exact": "1,166", "prefix": prefix, "suffix": suffix}
    searchable = SearchableText(text, "en")
    right = [at for at in starts if not list(check_spans([{**span, "start": at, "end": at + 5}], searchable, None))]
    assert [place.start for place in searchable.find_exact("1,166", prefix, suffix)] == right
    assert len(right) <= 3 - bool(prefix.strip()) - bool(suffix.strip())


@pytest.mark.parametrize("exact", [" \u200b1,166", "1,166 ", "o\ufb03ce", "\u00ad1,166"])
def test_an_exact_with_marks_at_its_ends_is_found_by_its_prefix(exact):
    text = f"It said {exact}people, and {exact}"
    (place,) = SearchableText(text, "en").find_exact(exact, "said", "people")
    assert (place.start, place.exact) == (text.index(exact), exact)


@pytest.mark.parametrize("name", UN)
def test_names_are_one_with_stops_and_article_or_without(name):
    assert fold(name) == "un"
    for other in UN:
        assert named(name, f"officials of {other} said")
    assert not named(name, "told un")


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("The", "the"),
        ("A.", "a."),
        ("the U.S.-led coalition", "us-led coalition"),
        ("J. R. Smith", "j. r. smith"),
        ("No. 5", "no. 5"),
        ("Theodore", "theodore"),
        ("An official", "official"),
        ("Nor\u00adland\u200b", "norland"),
        ("www.a.b.org", "www.a.b.org"),
        ("U.A.E", "uae"),
        ("¨", "¨"),
    ],
)
def test_only_initialisms_lose_stops_and_only_a_leading_article_is_left_out(name, folded):
    assert fold(name) == folded
    assert fold(folded) == folded


def test_filters_find_a_name_with_stops_and_article_or_without(client_with_article):
    for number, name in enumerate(UN):
        sent = report(claimant={"name": name, "kind": "organisation"}, place=name, inferred=["claimant", "population"])
        response = client_with_article.put(f"/v1/casualty-reports/un-{number}", json=sent)
        assert response.status_code == 201, response.text
    everything = [f"un-{number}" for number in range(len(UN))]
    for name in UN:
        for parameter in ("claimant", "party", "place"):
            response = client_with_article.get("/v1/casualty-reports", query_string={parameter: name, "sort": "id"})
            assert [record["id"] for record in response.json["data"]] == everything, (parameter, name)


def test_comparison_takes_a_name_with_stops_and_article_or_without_for_one():
    claims = [
        claim(f"claim-{number}", claimant=PARTY | {"name": name}, affected=[PARTY | {"name": name}], place=name)
        for number, name in enumerate(UN)
    ]
    (cell,) = compare(claims)
    assert len(cell.entries) == 1
