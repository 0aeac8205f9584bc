"""The app factory."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from api import v1
from api.http import (
    access_log,
    auth,
    deprecation,
    headers,
    health,
    metrics,
    negotiation,
    operations,
    problems,
    rate_limit,
)
from api.http import versions as api_versions
from api.http.dispatch import App
from api.http.logs import log
from api.http.response_cache import ResponseCache
from api.http.versions import Version
from api.openapi import document
from api.pages import api_catalog, pages
from api.settings import Settings, from_environment, unknown_variables
from api.store.database import Store
from api.v1.paths import RecordId

# The limit of request bodies, unless an operation sets its own.
_BODY_MAX = 1_048_576


def create_app(settings: Settings | None = None, versions: Sequence[Version] = (v1.VERSION,)) -> Flask:
    """Return the WSGI application. Settings default to the environment.

    Raises ValueError for invalid settings.
    """
    app = App("onrecord", static_folder=None)
    if settings is None:
        settings = from_environment()
        if ignored := unknown_variables():
            log.warning("unknown settings are ignored", names=ignored)
    app.config["ONRECORD"] = settings
    app.config["MAX_CONTENT_LENGTH"] = _BODY_MAX
    app.url_map.merge_slashes = False
    app.url_map.converters["record"] = RecordId

    app.extensions["onrecord"] = Store(settings.database_url, seconds=settings.query_timeout)

    counts = metrics.Metrics()
    access_log.register(app, counts)
    headers.register(app, settings)
    auth.register(app)
    api_versions.register(app, versions)
    for version in app.extensions["versions"]:
        document.register(app, version)
    pages.register(app)
    api_catalog.register(app)
    health.register(app)
    metrics.register(app, counts)
    operations.register(app, [version.name for version in app.extensions["versions"]])
    deprecation.register(app)
    limiter = rate_limit.register(app, settings)
    negotiation.register(app)
    if settings.cache_enabled:
        app.extensions["response_cache"] = app.wsgi_app = ResponseCache(app, counts, limiter)  # type: ignore[method-assign]
    app.wsgi_app = rate_limit.trust_proxies(app.wsgi_app, settings)  # type: ignore[method-assign]

    problems.register(app)
    return app
