"""The report of the mock: requests by operation and status, and violations of the contract."""

from __future__ import annotations

import typing
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from threading import Lock

from werkzeug.wrappers import Request, Response

from api.contract.validator.spec import SpecOperation
from api.contract.validator.validator import Violation

# All violations are counted, but only those of the first requests are listed.
LISTED_MAX = 1000


class Report:
    """The requests since the last reset. Its methods are thread-safe."""

    def __init__(self, operations: Iterable[str]):
        self._operations = sorted(operations)
        self._lock = Lock()
        self._requests = 0
        self._statuses: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._broken: Counter[str] = Counter()
        self._by: Counter[str] = Counter()
        self._listed: list[dict[str, typing.Any]] = []

    def add(
        self, request: Request, response: Response, operation: SpecOperation | None, violations: list[Violation]
    ) -> None:
        """Add a request with its response and their violations."""
        name = None if operation is None else operation.id
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        with self._lock:
            self._requests += 1
            if name is not None:
                self._statuses[name][str(response.status_code)] += 1
                self._broken[name] += bool(violations)
            self._by.update({violation.by for violation in violations})
            if violations and len(self._listed) < LISTED_MAX:
                self._listed.append(
                    {
                        "request": f"{request.method} {request.path}{query}",
                        "operation": name,
                        "status": response.status_code,
                        "reasons": [asdict(violation) for violation in violations],
                    }
                )

    def to_dict(self) -> dict[str, typing.Any]:
        """Return the report as JSON."""
        with self._lock:
            return {
                "exchanges": self._requests,
                "broken_by": {"client": self._by["client"], "server": self._by["server"]},
                "broken": list(self._listed),
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
