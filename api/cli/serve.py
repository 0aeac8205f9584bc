"""onrecord serve: the HTTP server, granian."""

from __future__ import annotations

import errno
import math
import os
import signal
import socket
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from multiprocessing import connection, parent_process
from multiprocessing.util import Finalize
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from api.app import create_app
from api.cli import loading
from api.cli.context import announce_render, upgraded_store
from api.cli.gateway import Find, Gateway
from api.http import metrics, rate_limit
from api.http.response_cache import ResponseCache
from api.openapi.document import path_of
from api.settings import Settings, variable
from api.store.change_counter import SharedReads
from api.store.errors import Unavailable
from api.v1 import VERSION


def load_app(threads: int) -> Gateway:
    """Return the app of a worker process. It closes its database when the process exits.

    The server loads this function and not a module by name, because another `wsgi` module could be importable.
    """
    metrics.reserve_files()
    with loading():
        app = create_app()
    # The pool keeps this connection. By it, `onrecord restore` finds a server that has not had a request.
    with suppress(Unavailable), app.extensions["onrecord"].reading():
        pass
    # Before Python 3.13, workers run the finalizers of multiprocessing, but not those of `atexit`.
    Finalize(None, app.extensions["onrecord"].close, exitpriority=0)
    settings: Settings = app.config["ONRECORD"]
    Thread(target=_end_with_parent, args=(settings.shutdown_timeout,), daemon=True).start()
    Thread(target=_close_unread_connections, args=(settings.client_timeout,), daemon=True).start()
    return Gateway(app, threads=threads, seconds=settings.client_timeout, find=_find(app, settings))


def _find(app: Flask, settings: Settings) -> Find | None:
    """Return the function of the cache that finds a response, unless it waits for another process."""
    cache: ResponseCache | None = app.extensions.get("response_cache")
    if cache is None or cache.waits:
        return None
    reads = SharedReads(app.extensions["onrecord"].changes)
    find = rate_limit.trust_proxies(lambda environ, _: cache.find(environ, reads.read), settings)
    return lambda environ: find(environ, None)


def _end_with_parent(seconds: float) -> None:
    """End this worker when its parent process has ended. Running requests get some seconds."""
    if (parent := parent_process()) is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(seconds)
        os._exit(1)


def _close_unread_connections(seconds: float) -> None:
    """Let the system close connections whose clients receive nothing for ten times so many seconds.

    A response that ends early waits for its client in this time. The server has no timeout for it.
    """
    if not (option := getattr(socket, "TCP_USER_TIMEOUT", None)):
        return
    listening = False
    while not listening:
        time.sleep(0.1)
        for descriptor in Path("/proc/self/fd").iterdir():
            # A descriptor can be closed meanwhile. To close a copy of one of SQLite's files would drop its locks.
            with suppress(OSError):
                if not descriptor.is_socket():
                    continue
                # Connections inherit the option from the socket that listens.
                with socket.socket(fileno=os.dup(int(descriptor.name))) as candidate:
                    if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                        candidate.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 10_000))
                        listening = True


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
        # WSGI has no timeouts for slow clients, and ASGI without lifespan events has.
        interface=Interfaces.ASGINL,
        http1_settings=HTTP1Settings(header_read_timeout=int(settings.client_timeout * 1000)),
        workers=workers,
        log_access=False,
        websockets=False,
        respawn_failed_workers=True,
        # A worker that gets the signal while it starts ignores it. Without a timeout the server waits forever.
        workers_kill_timeout=math.ceil(settings.shutdown_timeout),
    )
    with ExitStack() as stack:
        if workers > 1:
            # Any of the processes can respond with the metrics of all. If the disk is full, each has its own.
            with suppress(OSError):
                folder = stack.enter_context(TemporaryDirectory(prefix="onrecord-metrics-"))
                os.environ.setdefault(metrics.MULTIPROCESS_DIR, folder)
        try:
            server.serve(target_loader=partial(load_app, threads), wrap_loader=False)
        finally:
            # A killed worker leaves SQLite's write-ahead log. The last connection that closes moves it into the file.
            if store.is_sqlite:
                store.at_head()
                store.close()
