"""Disk space of a claim with its history of one version. The size of a file is the same in each run."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import text

from api.store.imports import import_lines
from tests.support.generated_texts import casualty_reports

pytestmark = pytest.mark.slow

ARTICLES = 1000
BYTES_MAX = 3000


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_claim_takes_at_most_three_kilobytes(store):
    """This includes its share of the article and of its text, and all indexes."""
    with store.snapshot() as connection:
        before = connection.execute(text("SELECT page_count FROM pragma_page_count")).scalar_one()
    import_lines(store, [("lines", map(orjson.dumps, casualty_reports(ARTICLES)))], atomic=False)
    with store.snapshot() as connection:
        page_count = connection.execute(text("SELECT page_count FROM pragma_page_count")).scalar_one()
        page_size = connection.execute(text("SELECT page_size FROM pragma_page_size")).scalar_one()
        claims = connection.execute(text("SELECT count(*) FROM claim")).scalar_one()
    assert claims > 5 * ARTICLES
    size = (page_count - before) * page_size / claims
    print(f"{size:,.0f} bytes for each of {claims:,} claims")
    assert size <= BYTES_MAX
