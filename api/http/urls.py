"""Public URLs, built from the setting `public_url` and never from headers of a request."""

from __future__ import annotations

from flask import current_app

from api.http.versions import current_version
from api.kinds.kind import Collection
from api.settings import Settings


def base_url() -> str:
    """Return the public URL of the service, without a trailing slash."""
    settings: Settings = current_app.config["ONRECORD"]
    return settings.base_url


def version_url() -> str:
    """Return the URL of the version of this request."""
    return f"{base_url()}{current_version().prefix}"


def record_url(collection: Collection, id_: str) -> str:
    """Return the URL of a record in the version of this request."""
    return f"{version_url()}/{collection.path}/{id_}"
