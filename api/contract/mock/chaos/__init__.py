"""Chaos: changes that the promise of version 1 allows, each under the name of its clause."""

from __future__ import annotations

from collections.abc import Callable

from api.contract.mock.chaos.bodies import AddFields, Context
from api.contract.mock.chaos.new_enum_values import NewEnumValues
from api.contract.mock.chaos.requests import page_size_1, retry_once, slow
from api.contract.mock.handlers import Handler

# Each one wraps a handler, the first one the innermost: a page is cut before its records change.
CHAOS: dict[str, Callable[[Context, Handler], Handler]] = {
    "page-size-1": page_size_1,
    "new-enum-values": NewEnumValues,
    "add-fields": AddFields,
    "retry-once": retry_once,
    "slow": slow,
}
