"""No input costs more than linear work, which is counted in function calls."""

from __future__ import annotations

import pytest

from api.grounding.numbers import numbers
from schemas.values import COUNT_MAX


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
