"""Offsets count code points. The JavaScript line of the documentation slices a text by them."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from api.contract import snapshots
from tests.contract.test_consumers import needs_node
from tests.support.factories import report, sent
from tests.support.generated_records import article

TEXT = "🇵🇸 🔴 وزارة الصحة: three people died 🕊\n👨\u200d👩\u200d👧 The mayor 😀 said five wounded, e\u0301 too. 🕊"
WORDS = ["وزارة الصحة", "🔴 وزارة", "three people died 🕊", "👨\u200d👩\u200d👧 The mayor 😀 said", "e\u0301 too. 🕊"]
LINE = 'Array.from(text).slice(start, end).join("")'
PROGRAM = """
const spans = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(spans.map(({ text, start, end }) => %s)));
"""


def node(expression, spans):
    """Return the value of a JavaScript expression for each span."""
    done = subprocess.run(
        ["node", "-e", PROGRAM % expression], input=json.dumps(spans), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture
def spans(editor):
    """Return the spans of a stored claim, each with its text, as the server completes them."""
    assert editor.put("/v1/articles/the-article", json=sent(article("the-article"), text=TEXT)).status_code == 201
    claim = report(evidence=[{"exact": words} for words in WORDS])
    response = editor.post("/v1/casualty-reports", json=claim)
    assert response.status_code == 201, response.text
    return [{**span, "text": TEXT} for span in response.json["evidence"]]


@pytest.mark.external
@needs_node
def test_the_documented_line_of_javascript_slices_the_words_of_a_span(spans):
    exact = [span["exact"] for span in spans]
    assert sorted(exact) == sorted(WORDS)
    assert node(LINE, spans) == exact
    # In this text, code points and UTF-16 code units differ.
    assert not set(node("text.slice(start, end)", spans)) & set(exact)


@pytest.mark.external
@needs_node
def test_the_documented_line_of_javascript_counts_the_length_of_a_text(editor):
    stored = editor.put("/v1/articles/the-article", json=sent(article("the-article"), text=TEXT))
    (length,) = re.findall("`(.*)`", described("ArticleInput", "text_length"))
    assert node(length, [{"text": TEXT}]) == [stored.json["text_length"]]


def described(schema, name):
    document = json.loads(snapshots.document())
    return document["components"]["schemas"][schema]["properties"][name]["description"]


@pytest.mark.parametrize("schema", ["SpanInput", "Span", "Place"])
@pytest.mark.parametrize("name", ["start", "end"])
def test_the_contract_shows_the_line_with_each_offset(schema, name):
    assert "Unicode code points" in described(schema, name)
    assert f"`{LINE}`" in described(schema, name)
