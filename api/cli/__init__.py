"""The command `onrecord`. It imports a command only to run it, or to print its help."""

from __future__ import annotations

import gc
import typing
from collections.abc import Iterator
from contextlib import contextmanager

import click

from api.version import CONTRACT_VERSION, PACKAGE_VERSION

if typing.TYPE_CHECKING:
    from flask import Flask

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


@contextmanager
def loading() -> Iterator[None]:
    """Load code or an app, which stay until the process ends. The garbage collector never visits them.

    It would visit all of them several times meanwhile, and later stop all threads for a tenth of a second to do so.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class LazyGroup(click.Group):
    """A group of the commands in COMMANDS. Errors of the store become messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        with loading():
            from werkzeug.utils import import_string  # noqa: PLC0415 - see main

            command: click.Command | None = import_string(COMMANDS[cmd_name]) if cmd_name in COMMANDS else None
        return command

    def invoke(self, ctx: click.Context) -> object:
        with loading():
            from api.store import errors, timeouts  # noqa: PLC0415 - see main

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
    with loading():
        # Libraries are loaded here and later, so that `loading` applies to them.
        from flask.cli import ScriptInfo  # noqa: PLC0415

    onrecord.main(prog_name="onrecord", obj=ScriptInfo(create_app=_create_app, set_debug_flag=False))


def _create_app() -> Flask:
    """Return the app of a command. Its database is closed at the end of the command."""
    try:
        with loading():
            from api.app import create_app  # noqa: PLC0415 - some commands need no app

            app = create_app()
    except ValueError as error:
        raise InvalidSettings(str(error)) from None
    click.get_current_context().call_on_close(app.extensions["onrecord"].close)
    return app
