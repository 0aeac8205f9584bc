"""A run of checks against a deployment, and its results."""

from __future__ import annotations

import time
import typing
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from api.contract.conformance.check import Check
from api.contract.conformance.checks import CHECKS, GROUPS
from api.contract.conformance.client import CheckFailed, CheckSkipped
from api.contract.conformance.target import Target

PASSED, FAILED, SKIPPED = "holds", "broken", "not_asked"


class Unreachable(Exception):
    """The deployment cannot be checked."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a check, with the failure or the reason why it was skipped."""

    check: Check
    outcome: str
    seconds: float
    failure: CheckFailed | None = None
    reason: str = ""


@dataclass
class Results:
    """The outcomes of a run. `remaining` are the test records that could not be deleted."""

    base_url: str
    has_key: bool
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)
    remaining: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        counter = Counter(outcome.outcome for outcome in self.outcomes)
        return {outcome: counter[outcome] for outcome in (PASSED, FAILED, SKIPPED)}


def select(patterns: Sequence[str]) -> list[Check]:
    """Return the checks whose group or name matches a pattern, or all checks without patterns.

    Raises ValueError if a pattern matches no check.
    """
    for pattern in patterns:
        if not any(_matches(check, pattern) for check in CHECKS):
            groups = ", ".join(GROUPS)
            raise ValueError(f"No check matches {pattern!r}. The groups are {groups}, a name is {CHECKS[0].name}.")
    return [check for check in CHECKS if not patterns or any(_matches(check, pattern) for pattern in patterns)]


def _matches(check: Check, pattern: str) -> bool:
    return fnmatchcase(check.name, pattern) or pattern in check.name.split("/")


def run(
    base_url: str,
    checks: Sequence[Check],
    *,
    key: str | None = None,
    timeout: float = 30.0,
    origin: str = "https://a-page-of-another-origin.example",
    on_outcome: Callable[[Outcome], typing.Any] = lambda _: None,
) -> Results:
    """Run checks, and call `on_outcome` after each one.

    Raises Unreachable if the deployment does not respond, or redirects to another URL.
    """
    with closing(Target(base_url, key=key, timeout=timeout, origin=origin)) as target:
        _connect(target)
        results, started = Results(base_url, has_key=key is not None), time.monotonic()
        try:
            for check in checks:
                outcome = _run_check(target, check)
                results.outcomes.append(outcome)
                on_outcome(outcome)
        finally:
            results.remaining = target.delete_created()
        results.seconds = time.monotonic() - started
        return results


def _connect(target: Target) -> None:
    try:
        response = target.get("/")
    except CheckFailed as error:
        raise Unreachable(
            f"{target.base_url} does not respond: {error.parts['received'].removeprefix('none: ')}"
        ) from None
    except CheckSkipped as error:
        raise Unreachable(f"{target.base_url} rejects requests: {error}.") from None
    if 300 <= response.status < 400:
        location = response.headers.get("Location", "another URL")
        raise Unreachable(f"{target.base_url} redirects to {location}. Check that URL if clients use it.")


def _run_check(target: Target, check: Check) -> Outcome:
    started, result, failure, reason = time.monotonic(), PASSED, None, ""
    try:
        check.run(target)
    except CheckFailed as error:
        result, failure = FAILED, error
    except CheckSkipped as error:
        result, reason = SKIPPED, str(error)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Checks assume that responses have the documented schema.
        description = f"{type(error).__name__}: {error}"
        result, failure = FAILED, target.responses[-1].failed("the documented schema", description)
    return Outcome(check, result, time.monotonic() - started, failure, reason)
