"""The store that a command uses."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from api.http.context import current_store
from api.store.database import Store

EARLIER_SHAPE = "Documents are stored in the shape of an earlier version."


@contextmanager
def interruptible() -> Iterator[None]:
    """Delete temporary files and end other processes also if SIGTERM ends the command."""
    previous = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def upgraded_store() -> Store:
    """Return the store of the app. End the command if the tables are not up to date."""
    store = current_store()
    if not store.at_head():
        raise click.ClickException("The database is not up to date. Run: onrecord db upgrade")
    return store


def announce_render(store: Store) -> None:
    """Print a message if stored documents have the shape of an earlier version."""
    if store.render_due():
        click.echo(f"{EARLIER_SHAPE} Reads are slower until you run: onrecord db render", err=True)
