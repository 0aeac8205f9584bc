"""The command `onrecord`. It imports a command only to run it, or to print its help."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import ScriptInfo
from werkzeug.utils import import_string

from api.store import errors, timeouts
from api.version import CONTRACT_VERSION, PACKAGE_VERSION

COMMANDS = {
    "backup": "api.cli.backup:backup",
    "conformance": "api.cli.conformance:conformance",
    "contract": "api.cli.contract:contract",
    "db": "api.cli.db:db",
    "export": "api.cli.export:export",
    "import": "api.cli.imports:import_",
    "keys": "api.cli.keys:keys",
    "mock": "api.cli.mock:mock",
    "purge": "api.cli.purge:purge",
    "restore": "api.cli.backup:restore",
    "serve": "api.cli.serve:serve",
    "verify": "api.cli.verify:verify",
}


class LazyGroup(click.Group):
    """A group of the commands in COMMANDS. Errors of the store become messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command: click.Command | None = import_string(COMMANDS[cmd_name]) if cmd_name in COMMANDS else None
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            with timeouts.translate_errors():
                return super().invoke(ctx)
        except errors.Unavailable as error:
            cause = getattr(error.__cause__, "orig", error.__cause__)
            # The messages of drivers can have several lines.
            details = f" Cause: {' '.join(str(cause).split())}" if cause else ""
            raise click.ClickException(f"{error}{details}") from None
        except (errors.BackupError, errors.NotFound, errors.RecordRejected) as error:
            raise click.ClickException(str(error)) from None


class InvalidSettings(click.ClickException):
    """The environment has an invalid setting."""

    exit_code = 2


@click.command(
    cls=LazyGroup,
    help="A REST API for claims from conflict reporting. The settings are ONRECORD_… environment variables.",
)
@click.version_option(PACKAGE_VERSION, message=f"onrecord %(version)s, contract {CONTRACT_VERSION}")
def onrecord() -> None:
    """Run a subcommand."""


def main() -> None:
    """Run the command `onrecord`."""
    onrecord.main(prog_name="onrecord", obj=ScriptInfo(create_app=_create_app, set_debug_flag=False))


def _create_app() -> Flask:
    """Return the app of a command. Its database is closed at the end of the command."""
    from api.app import create_app  # noqa: PLC0415 - some commands need no app

    try:
        app = create_app()
    except ValueError as error:
        raise InvalidSettings(str(error)) from None
    click.get_current_context().call_on_close(app.extensions["onrecord"].close)
    return app
