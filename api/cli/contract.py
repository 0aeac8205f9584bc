"""onrecord contract: the contract that other apps test against."""

from __future__ import annotations

import click


@click.group()
def contract() -> None:
    """Write, check and compare the contract, and hold saved answers against it."""
