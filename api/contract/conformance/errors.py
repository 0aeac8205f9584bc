"""Errors of checks."""

from __future__ import annotations


class CheckError(Exception):
    """A check that did not pass."""


class CheckFailed(CheckError):
    """A response differs from the expected one."""

    def __init__(self, request: str, expected: str, received: str):
        super().__init__(f"{request}: expected {expected}, received {received}")
        self.parts = {"request": request, "expected": expected, "received": received}


class CheckSkipped(CheckError):
    """The check cannot run here. The message is the reason."""
