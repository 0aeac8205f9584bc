"""The database that a command works on."""

from __future__ import annotations

import typing

import click
from flask import current_app

from api.store.database import Store


def database() -> Store:
    """The app's store, with its tables in their newest form; else the command ends, saying what to run."""
    store = typing.cast("Store", current_app.extensions["onrecord"])
    if not store.at_head():
        raise click.ClickException("The database is not up to date. Run: onrecord db upgrade")
    return store
