"""Chaos: changes that the promise of version 1 allows, each under the name of its clause."""

from __future__ import annotations

from functools import partial

from api.contract.mock.chaos.add_fields import AddFields
from api.contract.mock.chaos.middleware import Middleware
from api.contract.mock.chaos.new_enum_values import NewEnumValues
from api.contract.mock.chaos.page_size_1 import PageSize1
from api.contract.mock.chaos.retry_once import RetryOnce
from api.contract.mock.chaos.slow import Slow
from api.contract.mock.wsgi import Handler
from api.contract.validator.spec import Spec

# From the innermost to the outermost: a page is cut before its records change.
MIDDLEWARE: dict[str, type[Middleware]] = {
    "page-size-1": PageSize1,
    "new-enum-values": NewEnumValues,
    "add-fields": AddFields,
    "retry-once": RetryOnce,
    "slow": Slow,
}


class Chaos:
    """The middleware of some names, in the order in which it works together."""

    def __init__(self, names: tuple[str, ...], spec: Spec, base_url: str):
        self._middleware = [make(spec, base_url, names) for name, make in MIDDLEWARE.items() if name in names]

    def wrap(self, handler: Handler) -> Handler:
        """Return a handler that applies the middleware to another one."""
        for middleware in self._middleware:
            handler = partial(middleware, handler=handler)
        return handler

    def reset(self) -> None:
        """Forget all requests."""
        for middleware in self._middleware:
            middleware.reset()
