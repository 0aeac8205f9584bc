"""The command line, `onrecord`: Flask's, with our commands and none of its own."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy.exc import OperationalError

from api.cli.conformance import conformance
from api.cli.contract import contract
from api.cli.db import db
from api.cli.imports import import_
from api.cli.keys import keys
from api.cli.mock import mock
from api.cli.purge import purge
from api.cli.serve import serve
from api.cli.verify import verify
from api.store import errors
from api.version import CONTRACT_VERSION, PACKAGE_VERSION

# What needs neither settings nor a database, and works wherever it is called.
_ALONE = (contract, mock, conformance)


def register(app: Flask) -> None:
    """Give the app its commands."""
    for command in (serve, db, keys, import_, verify, purge):
        app.cli.add_command(command)


def main() -> None:
    """The entry point of the `onrecord` command."""
    from api.app import create_app  # noqa: PLC0415 - the app imports its commands, and this needs the app

    def create() -> Flask:
        try:
            app = create_app()
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        opened.callback(app.extensions["onrecord"].close)
        return app

    opened = ExitStack()
    group = FlaskGroup(
        create_app=create,
        add_default_commands=False,
        add_version_option=False,
        load_dotenv=False,
        set_debug_flag=False,
        help="onrecord: claims from conflict reporting, served. Settings are ONRECORD_… environment variables.",
    )
    # There is one app, and settings come from the environment alone.
    group.params = [param for param in group.params if param.name == "help"]
    click.version_option(PACKAGE_VERSION, message=f"onrecord %(version)s, contract {CONTRACT_VERSION}")(group)
    for command in _ALONE:
        group.add_command(command)
    try:
        with opened:
            group.main(prog_name="onrecord")
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    except (OperationalError, errors.Unavailable) as error:
        cause = error.__cause__ if isinstance(error, errors.Unavailable) else error
        click.echo(f"Error: The database cannot be used: {getattr(cause, 'orig', cause)}", err=True)
        sys.exit(1)
