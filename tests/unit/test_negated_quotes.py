"""A quote keeps the negation of the quoted words."""

from __future__ import annotations

import pytest

from api.grounding.case import Source
from tests.support.demo import grounded

NEGATED = (
    ("“We did not yield the town,” Holm said", "yield the town", 1),
    ("“No more lives should be lost,” Holm said", "more lives should be lost", 1),
    ("Holm vowed not to give up the town", "give up the town", 1),
    ("“None of them surrendered,” Holm said", "surrendered", 1),
    ("Holm said the army hasn’t broken the truce", "broken the truce", 1),
    ("Holm said his men refused to sign the truce", "sign the truce", 1),
    ("Holm said he would fight without any mercy", "mercy", 1),
    ("“There is no doubt the truce is over,” Holm said", "the truce is over", 0),
    ("“No, the truce is over,” Holm said", "the truce is over", 0),
    ("Holm did not hesitate to say the truce was over", "the truce was over", 0),
    ("“If they do not leave we will fight,” Holm said", "we will fight", 0),
    ("Holm said that without a truce nobody will return", "nobody will return", 0),
    ("Holm said it would not hold. Holm said it would hold", "hold", 0),
    ("“We did not yield the town,” Holm said", "did not yield the town", 0),
)


@pytest.mark.parametrize("mode", ["direct", "indirect"])
@pytest.mark.parametrize(("text", "quote", "failures"), NEGATED)
def test_a_quote_keeps_the_negation_before_it(text, quote, failures, mode):
    sent = {
        "type": "quote",
        "article_id": "news",
        "claimant": {"name": "Holm", "kind": "person"},
        "mode": mode,
        "text": quote,
        **({"quoted": [quote]} if mode == "direct" else {}),
        "evidence": [{"exact": text, "start": 0, "end": len(text)}],
    }
    actual = [
        failure for failure in grounded(sent, Source(text, len(text), "en")).failures if failure.check == "wording"
    ]
    assert [(failure.field, failure.excusable) for failure in actual] == [("text", False)] * failures
