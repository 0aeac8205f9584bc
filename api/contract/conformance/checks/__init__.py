"""The checks, in the order of their groups."""

from __future__ import annotations

from api.contract.conformance.check import CHECKS as _CHECKS

# The import of a module registers its checks.
from api.contract.conformance.checks import conditions, passage, responses, writing  # noqa: F401

# `answers` is the last one, because it checks the responses to all requests before.
GROUPS = (
    *("passage", "methods", "conditions", "problems", "lists", "negotiation", "compression", "cors", "keys"),
    *("writing", "answers"),
)
CHECKS = sorted(_CHECKS, key=lambda check: GROUPS.index(check.group))
