"""The bytes that the servers without a database return: each record, and a page of 20 and of 100."""

from __future__ import annotations

import os
import re
from pathlib import Path

_FOLDER = Path(os.environ["BENCHMARK_FOLDER"])
_ID = re.compile(rb'"id":"([^"]+)"')

ITEMS: dict[str, bytes] = {}
with (_FOLDER / "documents.ndjson").open("rb") as lines:
    for line in lines:
        match = _ID.search(line)
        assert match is not None
        ITEMS[match[1].decode()] = line.rstrip()
PAGES = {limit: (_FOLDER / f"page-{limit}.json").read_bytes() for limit in ("20", "100")}
