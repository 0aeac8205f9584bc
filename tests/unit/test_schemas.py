"""Schemas: every rule for input, and the form of stored and changed records."""

from __future__ import annotations

import copy
import hashlib
import json
import typing
from collections import Counter
from pathlib import Path

import marshmallow as ma
import pytest
from marshmallow import fields, validate

from schemas import article, casualty_report, ceasefire, claim, documents, evidence, party, quote, resolution
from schemas.fields import COUNT_MAX, Text, Url
from schemas.json_pointer import flatten_messages

KINDS = {"article": article, "ceasefire": ceasefire, "quote": quote, "resolution": resolution}
KINDS["casualty-report"] = casualty_report
NAMES = {kind: kind.title().replace("-", "") for kind in KINDS}
SHAPES = {kind: [getattr(KINDS[kind], NAMES[kind] + part) for part in ("Input", "", "Patch")] for kind in KINDS}
CLAIMS = [kind for kind in SHAPES if kind != "article"]
FOLDER = Path(__file__).parents[2] / "fixtures"
FIXTURES = {kind: list(map(json.loads, (FOLDER / f"{kind}s.ndjson").read_bytes().splitlines())) for kind in SHAPES}
LINES = [pytest.param(kind, line, id=line["id"]) for kind, lines in FIXTURES.items() for line in lines]
PARTS = {"mode": "direct", "quoted": ["a", "b"]}
COUNTED = ("exact", "about", "at_least", "more_than", "up_to", "fewer_than")
BASES = {kind: next(line for line in FIXTURES[kind] if line.get("mode") in (None, "indirect")) for kind in SHAPES}
VAGUE = {"several": 3, "dozens": 12, "scores": 20, "hundreds": 100, "thousands": 1000, "Dozens": 12}
VAGUE |= {"tens of thousands": 10_000, "hundreds, perhaps thousands": 100, "İzmir's tens of thousands": 10_000}
ON_CLAIMS = {"type", "article", "on_record", "grounding", "version", "created_at", "updated_at"}
SPANS = [span for kind in CLAIMS for line in FIXTURES[kind] for span in line["evidence"]]


def record(kind, line=None, **changes):
    """Return the request body of a fixture with changed values. The quote is indirect; `...` removes a value."""
    made = {**(line or BASES[kind]), "type": ..., **changes}
    return copy.deepcopy({name: value for name, value in made.items() if value is not ...})


def put(kind, **changes):
    return SHAPES[kind][0]().load(record(kind, **changes))


def errors_of(shape, sent):
    """Return the errors of an input by place, or an empty list."""
    return list(flatten_messages(shape().validate(sent)))


def check_rejected(kind, changes, where, why):
    """Check that a record with these values is rejected in only one place, for this reason."""
    ((pointer, message),) = errors_of(SHAPES[kind][0], record(kind, **changes))
    assert (pointer, why in message) == (where, True), message


def errors_at(place, value):
    """Return the errors of a value in a place such as "quote/claimant/name", without those of other places."""
    kind, name, *steps = place.split("/")
    for step in reversed(steps):
        value = [value] if step == "0" else {step: value}
    sent = record(kind, **{"text_sha256": ..., "text_length": ..., name: value})
    return [why for pointer, why in errors_of(SHAPES[kind][0], sent) if kind + pointer == place]


def named(columns, *rows):
    """Return a table whose rows begin with their names."""
    return pytest.mark.parametrize(columns, [pytest.param(*row[1:], id=row[0]) for row in rows])


def leaves(schema, path):
    """Yield the place and field of every single value in a schema. For a list, yield those of its first entry."""
    for name, field in schema.fields.items():
        step, inner = (f"{path}/{name}/0", field.inner) if isinstance(field, fields.List) else (f"{path}/{name}", field)
        yield from leaves(inner.schema, step) if isinstance(inner, fields.Nested) else [(step, inner)]


FIELDS = dict(leaf for kind, (given, *_) in SHAPES.items() for leaf in leaves(given(), kind))


def rows_of_fields(type_):
    """Return a row for each field of a type, also of nested schemas. New fields are tested automatically."""
    return named(("place", "field"), *((key, key, field) for key, field in FIELDS.items() if isinstance(field, type_)))


def nested_schemas(schema):
    """Return a schema and all nested schemas."""
    inner = [field.inner if isinstance(field, fields.List) else field for field in schema.fields.values()]
    return [
        schema,
        *(shape for field in inner if isinstance(field, fields.Nested) for shape in nested_schemas(field.schema)),
    ]


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_every_fixture_is_valid(kind, line):
    assert SHAPES[kind][0]().load(record(kind, line))["id"] == line["id"]


def test_the_fixtures_are_one_article_and_its_25_claims():
    counts = Counter(line["type"] for lines in FIXTURES.values() for line in lines)
    assert counts == {"article": 1, "casualty_report": 6, "ceasefire": 2, "quote": 15, "resolution": 2}


def test_the_spans_of_the_fixtures_agree_on_every_character_of_one_text():
    text = {}
    for span in SPANS:
        assert span["end"] - span["start"] == len(span["exact"])
        for offset, character in enumerate(span["exact"], span["start"]):
            assert text.setdefault(offset, character) == character, (offset, span)
    assert max(text) < FIXTURES["article"][0]["text_length"] == 3942


@named(
    ("shape", "needed"),
    ("article", article.ArticleInput, "headline"),
    ("quote", quote.QuoteInput, "article_id claimant evidence mode text"),
    ("ceasefire", ceasefire.CeasefireInput, "article_id claimant evidence status"),
    ("resolution", resolution.ResolutionInput, "article_id claimant evidence organ organ_name"),
    ("casualty report", casualty_report.CasualtyReportInput, "article_id claimant evidence harm population qualifier"),
    ("party", party.PartyInput, "kind name"),
    ("span", evidence.SpanInput, "exact"),
)
def test_all_that_is_required_is_missed_at_once(shape, needed):
    assert sorted(errors_of(shape, {})) == [(f"/{name}", "Missing data for required field.") for name in needed.split()]


VOCABULARIES = {
    "quote/claimant/kind": "person, government, armed_force, organisation, media, group, article",
    "quote/mode": "direct, mixed, indirect",
    "ceasefire/status": "agreed, in_effect, held, extended, violated, collapsed, ended",
    "ceasefire/form": "unilateral, bilateral, multilateral, unspecified",
    "ceasefire/purpose": "humanitarian, peace_process, holiday, election, other, unspecified",
    "resolution/organ": "un_security_council, un_general_assembly, un_ecosoc, un_human_rights_council, other",
    "casualty-report/harm": "killed, injured, missing, captured, displaced, casualties",
    "casualty-report/population": "civilian, combatant, all, unspecified",
    "casualty-report/qualifier": "exact, about, at_least, more_than, up_to, fewer_than, range, vague, undisclosed",
}


@pytest.mark.parametrize(("place", "words"), VOCABULARIES.items(), ids=list(VOCABULARIES))
def test_an_unknown_vocabulary_value_is_rejected_with_the_valid_ones(place, words):
    *_, last = item = words.split(", ")
    assert not any(errors_at(place, word) for word in item)
    assert errors_at(place, last + "x") == [f"Must be one of {words}. Did you mean {last}?"]


@named(
    ("kind", "changes", "where", "why"),
    ("of a claim", "quote", {"adressee": None}, "/adressee", "Unknown field. Did you mean addressee?"),
    ("of another kind", "ceasefire", {"harm": "killed"}, "/harm", "Unknown field."),
    (
        "of a party",
        "quote",
        {"claimant": {"name": "a", "kind": "group", "countrry": 1}},
        "/claimant/countrry",
        "country?",
    ),
    ("of a span", "quote", {"evidence": [{"exact": "a", "ennd": 1}]}, "/evidence/0/ennd", "Did you mean end?"),
    ("read-only", "quote", {"grounding": {}}, "/grounding", "Read-only"),
    ("read-only too", "article", {"version": 2}, "/version", "Read-only"),
    ("that needs escaping", "quote", {"a/b~": 1}, "/a~1b~0", "Unknown field."),
)
def test_an_unknown_field_is_rejected_with_the_likely_one(kind, changes, where, why):
    check_rejected(kind, changes, where, why)
    assert where in dict(errors_of(SHAPES[kind][2], changes))


@named(
    ("qualifier", "given", "where", "why"),
    *((f"{word} without count", word, {}, "/count", f"Required if qualifier is {word}.") for word in COUNTED),
    *(
        (f"{word} and low", word, {"count": 5, "low": 5}, "/low", "Leave it out, or set qualifier to range.")
        for word in COUNTED
    ),
    *(
        (f"{word} and high", word, {"count": 5, "high": 5}, "/high", "Leave it out, or set qualifier to range.")
        for word in COUNTED
    ),
    ("range and a count", "range", {"count": 5, "low": 1, "high": 9}, "/count", "Send low and high"),
    ("vague and a count", "vague", {"count": 5, "wording": "several"}, "/count", "Send wording"),
    ("undisclosed and a count", "undisclosed", {"count": 0}, "/count", "Leave count out"),
    ("vague and low", "vague", {"wording": "dozens", "low": 12}, "/low", "Derived if qualifier is vague"),
    ("undisclosed and high", "undisclosed", {"high": 1}, "/high", "Derived if qualifier is undisclosed"),
    ("vague without its words", "vague", {}, "/wording", "Send the printed wording"),
    ("range without low", "range", {"high": 2}, "/low", "Required if qualifier is range"),
    ("range without high", "range", {"low": 2}, "/high", "Required if qualifier is range"),
    ("backward range", "range", {"low": 3, "high": 2}, "/high", "low is 3, high is 2"),
    ("fewer than none", "fewer_than", {"count": 0}, "/count", "Did you mean exact?"),
)
def test_a_figure_that_contradicts_its_qualifier_is_rejected(qualifier, given, where, why):
    check_rejected("casualty-report", {"qualifier": qualifier, "count": ..., **given}, where, why)


@named(
    ("qualifier", "given", "low", "high"),
    *(("exact", "exact", {"count": 45}, 45, 45), ("none", "exact", {"count": 0}, 0, 0)),
    *(("about", "about", {"count": 100}, None, None), ("undisclosed", "undisclosed", {}, None, None)),
    *(("at least", "at_least", {"count": 100}, 100, None), ("up to", "up_to", {"count": 5000}, None, 5000)),
    *(("more", "more_than", {"count": 1000}, 1001, None), ("fewer", "fewer_than", {"count": 100}, None, 99)),
    ("more than the most", "more_than", {"count": COUNT_MAX}, COUNT_MAX + 1, None),
    *(("range", "range", {"low": 10, "high": 20}, 10, 20), ("range of one", "range", {"low": 5, "high": 5}, 5, 5)),
    ("words that tell no number", "vague", {"wording": "heavy losses"}, None, None),
    *((words, "vague", {"wording": words}, low, None) for words, low in VAGUE.items()),
)
def test_bounds_are_the_least_and_the_most_that_a_figure_can_mean(qualifier, given, low, high):
    loaded = put("casualty-report", **{"qualifier": qualifier, "count": ..., **given})
    assert (loaded["low"], loaded["high"]) == (low, high)


def test_a_derived_bound_is_valid_output():
    low = put("casualty-report", qualifier="vague", count=..., wording="millions of millions of millions")["low"]
    assert casualty_report.CasualtyReport().fields["low"].deserialize(low) == low


@named(
    ("kind", "changes", "where", "why"),
    (
        "quoted words in an indirect quote",
        "quote",
        {"quoted": ["a"]},
        "/quoted",
        "Leave quoted out, or set mode to mixed.",
    ),
    (
        "none in a direct one",
        "quote",
        {"mode": "direct"},
        "/quoted",
        "Required if mode is direct. Add the verbatim fragments",
    ),
    ("none in a mixed one", "quote", {"mode": "mixed", "quoted": []}, "/quoted", "or set mode to indirect."),
    (
        "fragments run together",
        "quote",
        {**PARTS, "text": "ab"},
        "/text",
        "joined by one space: 'a b'. Correct text, or set mode to mixed.",
    ),
    (
        "two spaces between",
        "quote",
        {**PARTS, "text": "a  b"},
        "/text",
        "joined by one space: 'a b'. Correct text, or set mode to mixed.",
    ),
    ("more symbols than resolutions", "resolution", {"count": 3}, "/symbols", "4 symbols, but count is 3. Raise count"),
    ("more symbols than one", "resolution", {"count": ...}, "/symbols", "4 symbols, but count is 1. Raise count"),
    ("symbol twice", "resolution", {"symbols": ["S/RES/1 (1946)"] * 2}, "/symbols", "List each symbol once."),
    (
        "twice in two ways",
        "resolution",
        {"symbols": ["S/RES/1(1946)", "s/res/1 (1946)"]},
        "/symbols",
        "A symbol occurs twice",
    ),
    ("no resolution", "resolution", {"count": 0, "symbols": []}, "/count", "from 1 to 10000000000"),
    ("no ceasefire", "ceasefire", {"count": 0}, "/count", "from 1 to 10000000000"),
    ("no evidence", "ceasefire", {"evidence": []}, "/evidence", "Must have 1 to 50 entries."),
    ("another text's hash", "article", {"text": "a"}, "/text", "Correct one of them."),
    ("another text's length", "article", {"text": "a😀", "text_sha256": ...}, "/text_length", "has 2 code points."),
    ("hash without length", "article", {"text_length": ...}, "/text_length", "text_sha256 and text_length together"),
    ("length without hash", "article", {"text_sha256": ...}, "/text_sha256", "text_sha256 and text_length together"),
)
def test_contradictory_values_are_rejected(kind, changes, where, why):
    check_rejected(kind, changes, where, why)


@named(
    ("span", "where", "why"),
    ("end too low", {"exact": "truce", "start": 7, "end": 11}, "end", "end must be 12: exact has 5 code points"),
    ("end in UTF-16 units", {"exact": "🕊 truce", "start": 0, "end": 8}, "end", "end must be 7"),
    ("start alone", {"exact": "truce", "start": 7}, "end", "Send start and end together, or neither."),
    ("end alone", {"exact": "truce", "end": 7}, "start", "Send start and end together, or neither."),
)
def test_a_span_with_a_wrong_end_is_rejected(span, where, why):
    check_rejected("quote", {"evidence": [span]}, f"/evidence/0/{where}", why)


MALFORMED = {
    "quote/id": ("Must be 3 to 80 characters: lower-case", ["ab", "Abc", "-abc", "a_b", "abc\n", "a" * 81, "٣٣٣"]),
    "article/id": ("is reserved. Choose another id.", ["compare", "series", "timeline"]),
    "article/conflict": ("Must be a slug: at most 80", ["Karabakh", "a--b", "-a", "a-", "a_b", "é", "a" * 81]),
    "article/text_sha256": ("SHA-256: 64 lower-case hexadecimal digits.", ["0" * 63, "0" * 65, "A" * 64, "g" * 64]),
    "article/url": ("http:// or https://", ["ftp://a.org/", "javascript:a()", "//a.org", "a.org", "http://"]),
    "quote/same_as/0": ("http:// or https://", ["urn:isbn:1", "mailto:a@a.org", "https://a.org/\n"]),
    "article/language": ("as in en, az-Latn or pt-BR", ["english", "xx", "en_GB", "", "en-", "es-٤١٩", "en-\x00"]),
    "quote/claimant/country": ("alpha-3 code, as in ARM. Kosovo is XKX. Former states", ["", "EUR", "ROM", "ARMENIEN"]),
    "quote/via/0/country": ("Did you mean ARM?", ["AM", "am", "arm", "Armenia"]),
    "resolution/symbols/0": ("Examples: S/RES/822 (1993), A/RES/62/243", [
        *("S/RES/822", "S/RES/822 (1893)", "S/RES/0 (1993)", "S/2020/1024", "S/PRST/2020/1", "A/RES/62", "A/RES/46/0"),
        *("A/RES/1 (IIII)", "A/RES/ES-11/L.1", "A/HRC/16/18", "E/2005/30", "Resolution 822", "", "S/RES/8٢2 (1993)"),
    ]),
    "quote/claimed_on": ("2021-02 has 28 days", ["2021-02-29", "../2021-02-30"]),
    "casualty-report/since": ("The interval runs backwards", ["2020-11-01/2020-10-31"]),
    "ceasefire/agreed_on": ("is not an EDTF date of level 0 or 1. Write 2020-11-01", ["", "May 1994", "94", "٢٠٢٠"]),
    "quote/inferred/0": ("Must be one of claimant, via, claimed_on", ["speaker", "id", "evidence", "harm", "version"]),
    "ceasefire/inferred/0": ("Did you mean agreed_on?", ["agreedon", "agreed-on"]),
    "article/inferred/0": ("Must be one of headline, standfirst", ["text", "text_sha256", "claimant"]),
    "article/headline": ("Must not be blank. Leave the field out instead.", [" ", "\n", "\u2003\t"]),
    "article/standfirst": ("Remove it.", ["a\x00"]),
    "article/byline": ("The character at 1 is half of a surrogate pair. Send both halves", ["a\ud83d", "a\ude00b"]),
}  # fmt: skip


@named(
    ("place", "value", "why"),
    *((f"{at} {ascii(value)[:40]}", at, value, why) for at, (why, values) in MALFORMED.items() for value in values),
)
def test_a_malformed_value_is_rejected_with_the_valid_form(place, value, why):
    (actual,) = errors_at(place, value)
    assert why in actual


RIGHT = {
    "quote/id": ["abc", "1ab", "a--b-", "a" * 80],
    "article/conflict": ["a", "1994", "nagorno-karabakh", "a" * 80],
    "article/url": ["http://a.org", "https://a.org:8080/b?c=d#e", "https://www.wikidata.org/wiki/Q399", None],
    "article/language": ["en", "hy", "az-Latn", "pt-BR", "es-419", "zh-Hant-TW", "de-1996", "sl-rozaj"],
    "article/headline": ["x", " as it was sent ", "e\u0301", "🕊", "a" * 1000],
    "article/text": [" \r\n\tCaf\u00e9 or cafe\u0301\ufeff 🕊 "],
    "quote/claimant/country": [
        *("ARM", "AZE", "USA", "XKX", "YUG", "SUN", "SCG", "DDR", "CSK", "ZAR", "TMP", "YMD", "ATF", None),
    ],
    "quote/claimed_on": ["2020-02-29", "2020-10-31?", "2020-09-27/..", "199X", None],
    "casualty-report/count": [0, COUNT_MAX, None],
    "resolution/symbols/0": [
        *("S/RES/822 (1993)", "S/RES/1 (1946)", "S/RES/2728 (2024)", "A/RES/62/243", "A/RES/46/36 L", "A/RES/48/75 A"),
        *("A/RES/1 (I)", "A/RES/3379 (XXX)", "A/RES/217 (III) A", "A/RES/2252 (ES-V)", "A/RES/3201 (S-VI)"),
        *("A/RES/S-10/2", "A/RES/ES-11/1", "E/RES/2005/30", "E/RES/1503 (XLVIII)", "A/HRC/RES/16/18"),
    ],
}  # fmt: skip
SYMBOLS = {
    "S/RES/822 (1993)": ["S/RES/822(1993)", "s/res/822 (1993)", " S/RES/822  (1993) "],
    "A/RES/3379 (XXX)": ["A/RES/3379(XXX)", "a/res/3379 (xxx)"],
    "A/RES/46/36 L": ["A/RES/46/36L", "A/RES/46/36[L]"],
}


@pytest.mark.parametrize(("place", "value"), [(place, value) for place, values in RIGHT.items() for value in values])
def test_a_right_value_is_kept_as_it_was_sent(place, value):
    assert FIELDS[place].deserialize(value) == value


@pytest.mark.parametrize(("symbol", "sent"), [(symbol, way) for symbol, ways in SYMBOLS.items() for way in ways])
def test_the_ways_to_write_a_symbol_are_brought_to_one(symbol, sent):
    assert FIELDS["resolution/symbols/0"].deserialize(sent) == symbol


COUNTRY_HINTS = {
    "AFG": ["af", "Islamic Republic of Afghanistan"],
    "BOL": ["Bolivia"],
    "CIV": ["Ivory Coast", "Côte d’Ivoire", "cote d'ivoire"],
    "COD": ["DR Congo", "D.R. Congo", "the Democratic Republic of the Congo"],
    "COD or COG": ["Congo"],
    "CSK": ["Czechoslovakia"],
    "CSK or SCG": ["CS"],
    "CZE": ["Czech Republic", "Czechia"],
    "DDR": ["East Germany"],
    "GBR": ["UK", "U.K.", "Britain", "the United Kingdom", "GB"],
    "GEO": ["GE"],
    "IRN": ["Iran"],
    "KOR": ["South Korea", "Republic of Korea"],
    "KOR or PRK": ["Korea"],
    "LAO": ["Laos"],
    "MDA": ["Moldova"],
    "MKD": ["Macedonia", "North Macedonia"],
    "MMR": ["Burma", "Myanmar"],
    "PRK": ["North Korea"],
    "PSE": ["Palestine", "Gaza"],
    "RUS": ["Russia", "RUSSIA", "RU"],
    "SCG": ["Serbia and Montenegro"],
    "SUN": ["Soviet Union", "USSR", "sun"],
    "SWZ": ["Swaziland"],
    "SYR": ["Syria"],
    "TLS": ["East Timor", "Timor-Leste"],
    "TUR": ["Turkey", "Türkiye", "Turkiye"],
    "TZA": ["Tanzania"],
    "USA": ["US", "U.S.", "U.S.A.", "the United States", "United States of America"],
    "VEN": ["Venezuela"],
    "VGB or VIR": ["Virgin Islands"],
    "VNM": ["Vietnam", "Viet-Nam"],
    "XKX": ["Kosovo", "XK", "xkx"],
    "YEM": ["Yemen"],
    "YUG": ["Yugoslavia"],
    "ZAR": ["Zaire"],
}


@pytest.mark.parametrize(("codes", "sent"), [(codes, name) for codes, names in COUNTRY_HINTS.items() for name in names])
def test_a_rejected_country_name_suggests_its_codes(codes, sent):
    (message,) = errors_at("quote/claimant/country", sent)
    assert message.endswith(f" Did you mean {codes}?")


@pytest.mark.parametrize("name", ["Abkhazia", "Europe", "", " ", ",", "the", "Russia" * 100])
def test_a_rejected_name_without_a_code_suggests_none(name):
    (message,) = errors_at("quote/claimant/country", name)
    assert "Did you mean" not in message


def test_a_mention_of_ceasefires_without_a_count_is_of_one():
    assert put("ceasefire", count=...)["count"] == 1


def test_a_name_twice_in_inferred_is_kept_once():
    assert put("quote", inferred=["via", "cue", "via"])["inferred"] == ["via", "cue"]


def test_a_text_brings_its_hash_and_its_length_in_code_points():
    loaded = put("article", text="🕊é", text_sha256=..., text_length=...)
    assert (loaded["text_sha256"], loaded["text_length"]) == (hashlib.sha256("🕊é".encode()).hexdigest(), 2)


def test_every_value_that_can_be_sent_is_a_text_or_a_whole_number():
    assert [place for place, field in FIELDS.items() if not isinstance(field, fields.String | fields.Integer)] == []


@rows_of_fields(fields.String)
def test_a_text_longer_than_its_maximum_is_rejected(place, field):
    limits = [check.max for check in field.validators if isinstance(check, validate.Length)]
    # Words of a vocabulary declare no maximum, and are all shorter than this.
    longest = limits[0] if limits else field.metadata.get("maxLength", 1000)
    start = "https://a.org/" if isinstance(field, Url) else ""
    assert errors_at(place, start.ljust(longest + 1, "a"))
    if isinstance(field, Text | article.Verbatim | Url):
        assert not errors_at(place, start.ljust(longest, "a"))


@rows_of_fields(fields.String)
def test_a_value_that_is_not_a_text_is_rejected(place, field):
    wrong = ["a\x00b", "https://a.org/\x00", "a\ud83db", "https://a.org/\udc00", "", 5, True, ["a"], {}]
    # An article's text is kept as it is, were it blank.
    wrong += [] if isinstance(field, article.Verbatim) else [" ", "\n"]
    assert [value for value in wrong if not errors_at(place, value)] == []


@rows_of_fields(fields.Integer)
def test_a_value_that_is_not_a_count_is_rejected(place, field):
    for value in (COUNT_MAX + 1, 2**64, -1, 1.0, 1.5, float("nan"), True, "1"):
        (why,) = errors_at(place, value)
        assert why.startswith("Must be a whole number"), value


@pytest.mark.parametrize("kind", SHAPES)
def test_each_schema_is_a_class_with_a_unique_name(kind):
    assert [shape.__name__ for shape in SHAPES[kind]] == [NAMES[kind] + part for part in ("Input", "", "Patch")]
    held = [schema for shape in SHAPES[kind] for schema in nested_schemas(shape())]
    assert not any(schema.only or schema.exclude or schema.partial for schema in held)


@pytest.mark.parametrize("kind", SHAPES)
def test_output_has_every_field_except_the_optional_article(kind):
    optional = [
        key for held in nested_schemas(SHAPES[kind][1]()) for key in held.fields if not held.fields[key].required
    ]
    assert optional == ([] if kind == "article" else ["article"])


@pytest.mark.parametrize("kind", SHAPES)
def test_output_may_gain_fields(kind):
    assert {schema.unknown for schema in nested_schemas(SHAPES[kind][1]())} == {ma.EXCLUDE}


@named(
    ("given", "answer", "write_only", "read_only"),
    (
        "article",
        article.ArticleInput,
        article.Article,
        {"text"},
        {"type", "text_held", "version", "created_at", "updated_at"},
    ),
    ("span", evidence.SpanInput, evidence.Span, {"prefix", "suffix"}, {"source"}),
    ("party", party.PartyInput, party.Party, set(), set()),
    *((kind, *SHAPES[kind][:2], set(), ON_CLAIMS) for kind in CLAIMS),
)
def test_output_omits_write_only_fields_and_adds_read_only_fields(given, answer, write_only, read_only):
    sent, answered = set(given().fields), set(answer().fields)
    assert (sent - answered, answered - sent) == (write_only, read_only)


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_output_accepts_every_input_value(kind, line):
    fields, response, _ = SHAPES[kind]
    missing = {f"/{name}" for name in (set(response().fields) - set(fields().fields)) - {"article"}}
    loaded = fields().load(record(kind, line))
    missing |= {f"/evidence/{number}/source" for number in range(len(loaded.get("evidence", [])))}
    assert {pointer for pointer, _ in errors_of(response, loaded)} == missing


@pytest.mark.parametrize("kind", SHAPES)
def test_a_patch_may_have_any_field_and_null_for_each(kind):
    fields, _, patch = SHAPES[kind]
    nothing = dict.fromkeys(fields().fields)
    assert (patch().load({}), patch().load(nothing)) == ({}, nothing)


def test_a_patch_may_have_a_part_of_a_party():
    assert errors_of(quote.QuotePatch, {"claimant": {"title": None}}) == []


def test_loaded_values_of_vocabularies_are_plain_strings():
    loaded = put("casualty-report", harm="killed", subgroups=["children"])
    assert {type(value) for value in (loaded["harm"], *loaded["subgroups"], loaded["qualifier"])} == {str}
    harm = SHAPES["casualty-report"][0]().fields["harm"]
    assert harm.values == ("killed", "injured", "missing", "captured", "displaced", "casualties")
    assert {type(value) for value in harm.values} == {str}


DOCUMENTS = [article.Source, party.Party, evidence.Span, claim.OnRecord, claim.CheckResult, claim.Grounding]
DOCUMENTS += [claim.other_claim(()), *(shapes[1] for shapes in SHAPES.values())]


def type_of(field):
    """Return the type of a field's value in a document."""
    if isinstance(field, fields.Nested):
        kind = getattr(documents, f"{field.nested.__name__}Document")
    elif isinstance(field, fields.List):
        kind = list[type_of(field.inner)]
    else:
        kind = int if isinstance(field, fields.Integer) else bool if isinstance(field, fields.Boolean) else str
    return kind | None if field.allow_none else kind


@pytest.mark.parametrize("schema", DOCUMENTS, ids=lambda schema: schema.__name__)
def test_a_document_type_has_the_fields_of_its_schema(schema):
    name = schema.__name__.replace("OtherClaim", "Claim")
    declared = {name: type_of(field) for name, field in schema._declared_fields.items() if name != "article"}
    assert typing.get_type_hints(getattr(documents, f"{name}Document")) == declared
