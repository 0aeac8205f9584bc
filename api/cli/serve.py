"""onrecord serve: the HTTP server, granian."""

from __future__ import annotations

import errno
import math
import os
import signal
import socket
import time
from dataclasses import replace
from multiprocessing import connection, parent_process
from multiprocessing.util import Finalize
from tempfile import TemporaryDirectory
from threading import Thread

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import Interfaces

from api.app import create_app
from api.cli.context import announce_render, upgraded_store
from api.http import metrics
from api.openapi.document import path_of
from api.settings import Settings, variable
from api.v1 import VERSION


def load_app() -> Flask:
    """Return the app of a worker process. It closes its database when the process exits.

    The server loads this function and not a module by name, because another `wsgi` module could be importable.
    """
    app = create_app()
    # Before Python 3.13, workers run the finalizers of multiprocessing, but not those of `atexit`.
    Finalize(None, app.extensions["onrecord"].close, exitpriority=0)
    Thread(target=_end_with_parent, args=(app.config["ONRECORD"].shutdown_timeout,), daemon=True).start()
    return app


def _end_with_parent(seconds: float) -> None:
    """End this worker when its parent process has ended. Running requests get some seconds."""
    if (parent := parent_process()) is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(seconds)
        os._exit(1)


def check_port_is_free(host: str, port: int) -> None:
    """End the command if the port is in use."""
    # The server enables port sharing, so requests could go to another server on the same port.
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            option = "host" if error.errno == errno.EADDRNOTAVAIL else "port"
            raise click.ClickException(
                f"Cannot listen on {host}, port {port}: {error.strerror}. Try another --{option}."
            ) from None


def local_url(host: str, port: int) -> str:
    """Return the URL of a server for clients on this machine.

    >>> local_url("::", 8000)
    'http://[::1]:8000'
    """
    # The address "all interfaces" is not a destination.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads of each process.")
@with_appcontext
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the API."""
    store = upgraded_store()
    announce_render(store)
    # Connections must not be open when the server forks its workers.
    store.close()
    settings: Settings = current_app.config["ONRECORD"]
    check_port_is_free(host, port)
    # The public URL defaults to the URL of this server.
    public_url = os.environ.setdefault(variable("public_url"), local_url(host, port))
    root = replace(settings, public_url=public_url).base_url
    click.echo(
        f"The API      {root}{VERSION.prefix}/claims\nTry it       {root}/docs\nOpenAPI      {root}{path_of(VERSION)}",
        color=False,
    )
    server = Granian(
        "onrecord",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
        websockets=False,
        respawn_failed_workers=True,
        # A worker that gets the signal while it starts ignores it. Without a timeout the server waits forever.
        workers_kill_timeout=math.ceil(settings.shutdown_timeout),
    )
    with TemporaryDirectory(prefix="onrecord-metrics-") as folder:
        if workers > 1:
            # Any of the processes can respond with the metrics of all.
            os.environ.setdefault(metrics.MULTIPROCESS_DIR, folder)
        try:
            server.serve(target_loader=load_app, wrap_loader=False)
        finally:
            # A killed worker leaves SQLite's write-ahead log. The last connection that closes moves it into the file.
            if store.is_sqlite:
                store.at_head()
                store.close()
