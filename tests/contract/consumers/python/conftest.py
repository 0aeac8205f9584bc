"""The mock to test against. MOCK_URL and MOCK_KEY have its URL and its key."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture(scope="session")
def mock() -> Iterator[str]:
    """Yield the URL of the mock. At the end, fail if a request violated the contract."""
    root = os.environ["MOCK_URL"]
    httpx.post(f"{root}/_contract/reset").raise_for_status()
    yield root
    report = httpx.get(f"{root}/_contract/report").json()
    assert report["exchanges"] > 0
    assert not report["broken"], report["broken"]


@pytest.fixture(scope="session")
def key() -> str:
    return os.environ["MOCK_KEY"]
