"""The app factory: settings, database, routes, error handlers and commands."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from api import cli, v1
from api.http import deprecation, headers, health, keys, limits, metrics, operations, problems, watching
from api.http import versions as api_versions
from api.http.versions import Version
from api.openapi import document
from api.pages import api_catalog, pages
from api.settings import Settings, from_environment
from api.store.engine import Store
from api.v1.naming import RecordId

# What no operation sets a limit of its own for.
_MAX_BODY = 1_048_576


def create_app(settings: Settings | None = None, versions: Sequence[Version] = (v1.VERSION,)) -> Flask:
    """The WSGI application, which serves these versions; raises ValueError for settings that cannot be."""
    app = Flask("onrecord", static_folder=None)
    app.config["ONRECORD"] = settings = settings or from_environment()
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.url_map.merge_slashes = False

    app.extensions["onrecord"] = Store(settings.database_url, seconds=settings.patience)

    counts = metrics.Metrics()
    watching.register(app, counts)
    headers.register(app, settings)
    keys.register(app)
    app.url_map.converters["record"] = RecordId
    api_versions.register(app, versions)
    for version in app.extensions["versions"]:
        rest = document.create(app, version)
        for blueprint in version.blueprints(version):
            rest.register_blueprint(blueprint)
        document.serve(app, rest)
    pages.register(app)
    api_catalog.register(app)
    health.register(app)
    metrics.register(app, counts)
    operations.register(app, [version.name for version in app.extensions["versions"]])
    deprecation.register(app)
    limits.register(app, settings)

    problems.register(app)
    cli.register(app)
    return app
