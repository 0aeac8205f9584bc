"""Addresses, as clients reach them: built from the public address, never from what a request says."""

from __future__ import annotations

from flask import current_app

from api.http.versions import current_version
from api.kinds.kind import Collection
from api.settings import Settings


def base_url() -> str:
    """The address that everything is served under."""
    settings: Settings = current_app.config["ONRECORD"]
    return settings.root


def version_url() -> str:
    """The address that the paths of the version that the request is for are under."""
    return f"{base_url()}{current_version().prefix}"


def record_url(collection: Collection, id_: str) -> str:
    """The address of a record, in the version that the request is for."""
    return f"{version_url()}/{collection.path}/{id_}"
