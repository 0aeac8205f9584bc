"""The questions, a file a concern; CONCERNS is the one list, in the order in which they are asked."""

from __future__ import annotations

from api.contract.conformance.checks.answers import ANSWERS
from api.contract.conformance.checks.compression import COMPRESSION
from api.contract.conformance.checks.conditions import CONDITIONS
from api.contract.conformance.checks.cors import CORS
from api.contract.conformance.checks.feed import FEED_OF_CHANGES
from api.contract.conformance.checks.keys import KEYS
from api.contract.conformance.checks.lists import LISTS
from api.contract.conformance.checks.methods import METHODS
from api.contract.conformance.checks.negotiation import NEGOTIATION
from api.contract.conformance.checks.passage import PASSAGE
from api.contract.conformance.checks.problems import PROBLEMS
from api.contract.conformance.checks.writing import WRITING

CONCERNS = (
    PASSAGE,
    METHODS,
    CONDITIONS,
    PROBLEMS,
    LISTS,
    NEGOTIATION,
    COMPRESSION,
    CORS,
    KEYS,
    WRITING,
    FEED_OF_CHANGES,
    # Last, for some of it is asked of all that was answered before.
    ANSWERS,
)
