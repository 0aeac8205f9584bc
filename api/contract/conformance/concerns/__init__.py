"""The questions, a file a concern; CONCERNS is the one list, in the order in which they are asked."""

from __future__ import annotations

from api.contract.conformance.concerns.answers import ANSWERS
from api.contract.conformance.concerns.compression import COMPRESSION
from api.contract.conformance.concerns.conditions import CONDITIONS
from api.contract.conformance.concerns.cors import CORS
from api.contract.conformance.concerns.feed import FEED_OF_CHANGES
from api.contract.conformance.concerns.keys import KEYS
from api.contract.conformance.concerns.lists import LISTS
from api.contract.conformance.concerns.methods import METHODS
from api.contract.conformance.concerns.negotiation import NEGOTIATION
from api.contract.conformance.concerns.passage import PASSAGE
from api.contract.conformance.concerns.problems import PROBLEMS
from api.contract.conformance.concerns.writing import WRITING

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
