"""The work for every input is at most linear, counted in function calls."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest

from api.grounding import dates
from api.grounding.case import CheckedFields, Source
from api.grounding.checks import ground
from api.grounding.cue_patterns import KindCues
from api.grounding.locate import SearchableText
from api.grounding.normalize import Spaced, contains, spaced
from api.grounding.numbers import numbers
from api.kinds.casualty_cues import CASUALTY_CUES
from api.kinds.ceasefire_cues import CEASEFIRE_CUES
from api.text import fold, strip_diacritics
from schemas.fields import COUNT_MAX
from tests.support.call_counts import count_calls


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("one to two " + "billion " * 400, {10**18, 11 * 10**9}),
        ("one hundred to two " + "hundred " * 3000, {100, 2 * 10**10}),
        ("one " + "hundred " * 3000, {10**12}),
        ("twenty billion, and five died", {20 * 10**9, 5}),
        ("ten billion people", {COUNT_MAX}),
    ],
    ids=["a range of billions", "a range of hundreds", "hundreds", "more than the largest count", "the largest count"],
)
def test_a_run_of_number_words_ends_past_the_largest_count(text, stated):
    assert numbers(text) == stated


def test_a_date_is_compared_with_a_statement_in_few_steps():
    said = [dates.Stated(year, 2, 30) for year in range(1000, 2000)]

    def compare():
        values = ("0001/9999", "2020/2021", "1500/1999")
        assert not any(dates.fits(statement, value) for statement in said for value in values)

    # A step for each day of a year would be a million.
    assert count_calls(compare) < 500_000


@pytest.mark.parametrize(
    ("value", "text", "fits"),
    [
        ("2020", "February 29, 2020", True),
        ("2021", "February 29", False),
        ("2020", "February 30", False),
        ("2031-05-01/2031-05-07", "Sunday", True),
        ("2031-05-01/2031-05-03", "Sunday", False),
        ("2031-05", "Sunday, May 4", True),
        ("2031-05", "Monday, May 4", False),
        ("2030-12-20/2031-01-10", "January 9", True),
        ("2030-12-20/2031-01-10", "January 11", False),
        ("2031-05-03/..", "on Sunday", True),
        ("9999-12-31/..", "December 31", True),
    ],
)
def test_a_stated_date_fits_if_a_possible_day_is_that_day(value, text, fits):
    assert any(dates.fits(statement, value) for statement in dates.stated(text)) is fits


def test_long_words_are_folded_and_not_kept():
    tracemalloc.start()
    try:
        for number in range(50):
            assert fold(f"Ré{number}" + "x" * 100_000).startswith(f"re{number}x")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000


def test_a_run_of_combining_marks_is_folded():
    # Normalization alone would need an hour for this run.
    assert strip_diacritics("E" + "\u0301\u0327" * 2**19 + "X") == "ex"
    assert fold("\u0301" * 1000) == "\u0301" * 300


TOKENS = {
    "digits": "1",
    "numbers": "1,166 ",
    "number words": "one to two billion billion ",
    "dates": "Feb 30, ",
    "quotation marks": "“",
    "combining marks": "\u0301\u0327",
    "one long word": "a",
    "short words": "a ",
    "blanks": " \n",
    "borders of clauses": "despite ",
    "prepositions": "over ",
    "figures": "13 killed ",
    "ranges": "between 13 and 20 ",
    "initialisms": "U.N. ",
    "ligatures": "\ufb01",
    "lists of people": "a man, his wife ",
    "verbs of speech": "said ",
}
NORLAND = {"name": "Norland", "kind": "government", "country": None, "title": None, "same_as": None}
# A claim that no kind has: every check runs.
CLAIM = {
    "claimant": NORLAND,
    "via": [NORLAND],
    "inferred": [],
    "mode": "mixed",
    "quoted": ["so"],
    "cue": "said",
    "count": 4,
    "low": None,
    "high": None,
    "wording": None,
    "accused": [],
    "organ": "un_security_council",
    "organ_name": "Security Council",
    "harm": "injured",
    "population": "civilian",
    "subgroups": ["women"],
    "status": "violated",
    "qualifier": "undisclosed",
    "symbols": ["S/RES/9999 (2031)"],
    "since": "2020-02-29/2031",
    "as_of": "2031-05-03",
}
CHECKED = CheckedFields(
    verbatim=("text", "cue"),
    numbers=("count",),
    dates=("since", "as_of"),
    parties={"claimant": False, "via": True},
    cues=KindCues(
        stated={**CASUALTY_CUES.stated, **CEASEFIRE_CUES.stated},
        population=CASUALTY_CUES.population,
        subgroups=CASUALTY_CUES.subgroups,
        nondisclosure=CASUALTY_CUES.nondisclosure,
    ),
)


# A claim has at most 50 spans of 2,000 code points, and a quote of 5,000.
SPANS_MAX, SPAN_MAX, QUOTE_MAX = 50, 2000, 5000


def check(token, length, qualifier="at_least"):
    """Run all checks of a claim on an article of this many code points of one token.

    The evidence is the article from its beginning, as far as a claim can have it.
    """
    text = (token * length)[:length]
    starts = range(0, min(length, SPANS_MAX * SPAN_MAX), SPAN_MAX)
    spans = [{"exact": text[start : start + SPAN_MAX], "start": start} for start in starts]
    evidence = [{**span, "end": span["start"] + len(span["exact"])} for span in spans]
    claim = {**CLAIM, "evidence": evidence, "text": text[1 : QUOTE_MAX + 1], "qualifier": qualifier}
    return ground(claim, frozenset(claim), CHECKED, Source(text, length, "en"))


@pytest.mark.long
@pytest.mark.parametrize("token", TOKENS)
def test_the_work_of_the_checks_grows_linearly_with_the_text(token):
    # Another qualifier changes only how the evidence is read, which is never longer than 100,000 code points.
    for qualifier, lengths in (("at_least", (2**12, 2**15, 2**20)), ("undisclosed", (2**12, 2**15))):
        # The first run fills caches.
        outcomes = {item["check"]: item["outcome"] for item in check(TOKENS[token], 100, qualifier).report["checks"]}
        assert "not_run" not in outcomes.values()
        counted = [(length, count_calls(check, TOKENS[token], length, qualifier)) for length in lengths]
        for (shorter, few), (longer, many) in pairwise(counted):
            # The work that does not depend on the length makes a ratio smaller, never larger.
            assert many < 1.2 * longer / shorter * few


@pytest.mark.parametrize("words", ["\n ", "\u00ad", "\u200b\u2060", " \u00ad "], ids=ascii)
def test_blanks_and_invisible_characters_occur_nowhere(words):
    text = SearchableText("so they said, and no more", "en")
    assert not contains(words, [Spaced(text.text)])
    assert list(Spaced(text.text).all(words)) == list(Spaced(text.text).occurrences(spaced(words))) == []
    assert text.find_normalized(words) == []
    assert text.find(words).places == []
    assert text.find_exact("said", prefix=words) == text.find_exact("said")


def test_the_evidence_is_read_once_for_all_parties():
    def check_parties(count, length):
        parties = [{**NORLAND, "name": f"Party {'x' * number}"} for number in range(count)]
        words = " ".join("Südmark" + "x" * number for number in range(length))
        claim = {**CLAIM, "evidence": [{"exact": words, "start": 0, "end": len(words)}], "text": "Südmark"}
        claim |= {"via": parties}
        # Without the text, nothing is searched for the error.
        assert len(ground(claim, frozenset(claim), CHECKED, Source(None, len(words), "en")).failures) > count

    check_parties(50, 100)
    of_short, of_long = (
        count_calls(check_parties, 50, length) - count_calls(check_parties, 1, length) for length in (10, 100)
    )
    # The work for another party does not depend on the length of the evidence.
    assert of_long < 1.2 * of_short
