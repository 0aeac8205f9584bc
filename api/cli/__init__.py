"""The command `onrecord`: Flask's command line with the commands of this package."""

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

# Commands that require neither settings nor a database.
STANDALONE_COMMANDS = (contract, mock, conformance)


def register(app: Flask) -> None:
    """Add the commands that use the app."""
    for command in (serve, db, keys, import_, verify, purge):
        app.cli.add_command(command)


def main() -> None:
    """Run the command `onrecord`."""
    from api.app import create_app  # noqa: PLC0415 - the app imports its commands

    def create() -> Flask:
        try:
            app = create_app()
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        resources.callback(app.extensions["onrecord"].close)
        return app

    resources = ExitStack()
    group = FlaskGroup(
        create_app=create,
        add_default_commands=False,
        add_version_option=False,
        load_dotenv=False,
        set_debug_flag=False,
        help="A REST API for claims from conflict reporting. The settings are ONRECORD_… environment variables.",
    )
    # Remove the options for another app or an env file.
    group.params = [param for param in group.params if param.name == "help"]
    click.version_option(PACKAGE_VERSION, message=f"onrecord %(version)s, contract {CONTRACT_VERSION}")(group)
    for command in STANDALONE_COMMANDS:
        group.add_command(command)
    try:
        with resources:
            group.main(prog_name="onrecord")
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    except (OperationalError, errors.Unavailable) as error:
        cause = error.__cause__ if isinstance(error, errors.Unavailable) else error
        click.echo(f"Error: The database cannot be used: {getattr(cause, 'orig', cause)}", err=True)
        sys.exit(1)
