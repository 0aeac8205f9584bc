"""onrecord serve: the service over HTTP, by granian."""

from __future__ import annotations

import os
import typing

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import Interfaces

from api.settings import Settings, variable
from api.store.engine import Store


def load_app() -> Flask:
    """The app in a worker. Found by this function, never by a path, so that nobody else's `wsgi` is."""
    from api import create_app  # noqa: PLC0415 - the app imports its commands

    return create_app()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535), help="The port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads of each process.")
@with_appcontext
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the API."""
    store = typing.cast("Store", current_app.extensions["onrecord"])
    if not store.at_head():
        raise click.ClickException("The database is not up to date. Run: onrecord db upgrade")
    store.close()
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    # Links lead to where the server is, unless it was said to be reached under another address.
    root = Settings(public_url=os.environ.setdefault(variable("public_url"), address)).root
    click.echo(
        f"The API      {root}/v1/claims\nTry it       {root}/docs\nOpenAPI      {root}/v1/openapi.json", color=False
    )
    Granian(
        "onrecord",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
        websockets=False,
    ).serve(target_loader=load_app, wrap_loader=False)
