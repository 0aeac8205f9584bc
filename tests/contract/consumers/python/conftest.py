"""The mock to test against: its address and its key stand in MOCK_URL and MOCK_KEY."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture(scope="session")
def mock() -> Iterator[str]:
    """The mock's address. In the end, no call may have broken the contract."""
    root = os.environ["MOCK_URL"]
    httpx.post(f"{root}/_contract/reset").raise_for_status()
    yield root
    report = httpx.get(f"{root}/_contract/report").json()
    assert report["exchanges"] > 0
    assert not report["broken"], report["broken"]


@pytest.fixture(scope="session")
def key() -> str:
    return os.environ["MOCK_KEY"]
