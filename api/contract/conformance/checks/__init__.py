"""The checks. GROUPS is their order."""

from __future__ import annotations

from api.contract.conformance.checks.compression import COMPRESSION
from api.contract.conformance.checks.conditions import CONDITIONS
from api.contract.conformance.checks.cors import CORS
from api.contract.conformance.checks.passage import PASSAGE
from api.contract.conformance.checks.responses import ANSWERS, KEYS, LISTS, METHODS, NEGOTIATION, PROBLEMS
from api.contract.conformance.checks.writing import WRITING

# `ANSWERS` is the last one, because it checks the responses to all requests before.
GROUPS = (PASSAGE, METHODS, CONDITIONS, PROBLEMS, LISTS, NEGOTIATION, COMPRESSION, CORS, KEYS, WRITING, ANSWERS)
