"""onrecord contract: the contract that other apps test against."""

from __future__ import annotations

import click

from api.cli.check_response import check_response


@click.group()
def contract() -> None:
    """Write, check and compare the contract, and hold saved answers against it."""


contract.add_command(check_response)
