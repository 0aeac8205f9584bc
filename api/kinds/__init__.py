"""The kinds of claim. Routes, tables, documents and tests are generated from `KINDS`."""

from __future__ import annotations

from api.kinds.casualty_report import CASUALTY_REPORT
from api.kinds.ceasefire import CEASEFIRE
from api.kinds.quote import QUOTE
from api.kinds.resolution import RESOLUTION

KINDS = (QUOTE, CEASEFIRE, RESOLUTION, CASUALTY_REPORT)
