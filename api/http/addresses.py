"""Addresses of records, as clients reach them: built from the public address, never from what a request says."""

from __future__ import annotations

from flask import current_app, url_for

from api.kinds.kind import Collection
from api.settings import Settings


def record_url(collection: Collection, id_: str) -> str:
    """The address of a record of the version of the API that the request is for."""
    settings: Settings = current_app.config["ONRECORD"]
    return f"{settings.root}{url_for(f'{collection.path}.one', id=id_)}"
