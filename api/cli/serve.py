"""onrecord serve: the service over HTTP, by granian."""

from __future__ import annotations

import errno
import os
import socket
from multiprocessing.util import Finalize
from tempfile import TemporaryDirectory

import click
from flask import Flask
from flask.cli import with_appcontext

from api.cli.database import database
from api.http import metrics
from api.openapi.document import path_of
from api.settings import Settings, variable
from api.v1 import VERSION

# How long a request may go on after the server was told to end.
_SECONDS_TO_END = 15


def load_app() -> Flask:
    """Return the app of a worker process, which closes its database when it ends.

    The server loads this function and not a module by its name, which could be a `wsgi` of somebody else.
    """
    from api.app import create_app  # noqa: PLC0415 - the app imports its commands

    app = create_app()
    # Workers run the finalizers of multiprocessing, and not those of `atexit` before Python 3.13.
    Finalize(None, app.extensions["onrecord"].close, exitpriority=0)
    return app


def refuse_a_taken_port(host: str, port: int) -> None:
    """End the command, with advice, where somebody listens there already."""
    # The server shares its port with whoever else does, and requests would go to either.
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            option = "host" if error.errno == errno.EADDRNOTAVAIL else "port"
            raise click.ClickException(
                f"Cannot listen on {host}, port {port}: {error.strerror}. Try another --{option}."
            ) from None


def reachable(host: str, port: int) -> str:
    """The address of a server that listens there, as it is reached from this machine.

    >>> reachable("::", 8000)
    'http://[::1]:8000'
    """
    # Nobody reaches "every address of this machine".
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{named}]' if ':' in named else named}:{port}"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535), help="The port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads of each process.")
@with_appcontext
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the API."""
    database().close()
    refuse_a_taken_port(host, port)
    address = reachable(host, port)
    # Links lead to where the server is, unless it was said to be reached under another address.
    root = Settings(public_url=os.environ.setdefault(variable("public_url"), address)).root
    click.echo(
        f"The API      {root}{VERSION.prefix}/claims\nTry it       {root}/docs\nOpenAPI      {root}{path_of(VERSION)}",
        color=False,
    )
    from granian import Granian  # noqa: PLC0415 - the other commands start the sooner
    from granian.constants import Interfaces  # noqa: PLC0415

    server = Granian(
        "onrecord",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
        websockets=False,
        # Whoever is told to end while it starts would else not hear of it, and be waited for without end.
        workers_kill_timeout=_SECONDS_TO_END,
    )
    with TemporaryDirectory(prefix="onrecord-metrics-") as folder:
        if workers > 1:
            # Whichever process is asked for the metrics, it tells what all of them counted.
            os.environ.setdefault(metrics.SHARED, folder)
        server.serve(target_loader=load_app, wrap_loader=False)
