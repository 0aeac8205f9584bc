"""The report: how many exchanges there were, and which of them broke the contract, by whom and how."""

from __future__ import annotations

import typing
from collections import Counter
from threading import Lock

from api.contract.validator.exchange import Departure, Exchange

# Whoever has broken the contract more often than this mends these first.
MOST_TOLD = 1000


class Report:
    """What was watched since the last reset; many threads may tell it."""

    def __init__(self, operations: typing.Iterable[str]):
        self._operations = sorted(operations)
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._exchanges = 0
            self._statuses: dict[str, Counter[str]] = {}
            self._broken: Counter[str] = Counter()
            self._by: Counter[str] = Counter()
            self._calls: list[dict[str, typing.Any]] = []

    def add(self, exchange: Exchange, operation: str | None, departures: list[Departure]) -> None:
        """Note an exchange, and where it departs from the contract."""
        with self._lock:
            self._exchanges += 1
            if operation is not None:
                self._statuses.setdefault(operation, Counter())[str(exchange.status)] += 1
            if not departures:
                return
            self._by.update({departure.by for departure in departures})
            if operation is not None:
                self._broken[operation] += 1
            if len(self._calls) < MOST_TOLD:
                self._calls.append(_told(exchange, operation, departures))

    def told(self) -> dict[str, typing.Any]:
        """The report as it is answered."""
        with self._lock:
            return {
                "exchanges": self._exchanges,
                "broken_by": {"client": self._by["client"], "server": self._by["server"]},
                "broken": list(self._calls),
                "operations": {
                    name: {
                        "exchanges": sum(statuses.values()),
                        "broken": self._broken[name],
                        "statuses": dict(sorted(statuses.items())),
                    }
                    for name, statuses in sorted(self._statuses.items())
                },
                "not_exercised": [name for name in self._operations if name not in self._statuses],
            }


def _told(exchange: Exchange, operation: str | None, departures: list[Departure]) -> dict[str, typing.Any]:
    query = f"?{exchange.query}" if exchange.query else ""
    return {
        "request": f"{exchange.method} {exchange.path}{query}",
        "operation": operation,
        "status": exchange.status,
        "reasons": [{"by": each.by, "where": each.where, "detail": each.detail} for each in departures],
    }
