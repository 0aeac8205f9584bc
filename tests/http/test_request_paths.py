"""A list request and a POST of a claim pass the files that docs/architecture.md lists, one way."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.support.factories import TEXT, report, sent
from tests.support.generated_records import article
from tests.support.request_paths import ROOT, trace

LIST = "/v1/casualty-reports?harm=killed&claimant_country=ARM"


def documented(heading):
    """Return the files of a numbered list in docs/architecture.md."""
    text = (ROOT / "docs/architecture.md").read_text()
    return re.findall(
        r"^\d+\. `(api/[^`]+)`", text.partition(f"{heading} passes these files:")[2].split("\n\n")[1], re.MULTILINE
    )


@pytest.fixture
def client(editor):
    """Return a client with all scopes. Its database has an article with its text."""
    linked = sent(article("the-article"), text=TEXT, url="https://example.org/article")
    assert editor.put("/v1/articles/the-article", json=linked).status_code == 201
    return editor


def test_a_list_request_passes_the_documented_files(client):
    assert client.post("/v1/casualty-reports", json=report()).status_code == 201
    # A client of contract tests would repeat the request. The first request compiles the statements.
    reader = FlaskClient(client.application, client.response_wrapper)
    reader.get(LIST)
    # The cache has no response to this request.
    response, files, returns = trace(lambda: reader.get(LIST, headers={"If-None-Match": '"of-another"'}))
    assert response.status_code == 200
    assert files == documented("A list request")
    assert len(returns) <= 4, returns


def test_a_post_of_a_claim_passes_the_documented_files(client):
    # The first request compiles the statements.
    other = report(place="the other place")
    assert client.post("/v1/casualty-reports", json=other).status_code == 201
    response, files, returns = trace(lambda: client.post("/v1/casualty-reports", json=report()))
    assert response.status_code == 201
    assert files == documented("A POST of a claim")
    assert len(returns) <= 18, returns
