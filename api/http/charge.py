"""Charges for requests against the rate limit."""

from __future__ import annotations

import typing


class Allowance(typing.NamedTuple):
    """The state of a client's quota after a request: whether it was granted, and the remaining quota.

    After `seconds`, more quota is available.
    """

    granted: bool
    remaining: int
    seconds: int


class Charge(typing.NamedTuple):
    """The charge for a request. The allowance is None if the storage did not respond."""

    client: str
    cost: int
    allowance: Allowance | None
