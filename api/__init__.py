"""onrecord, the service: settings, database, routes, errors, commands, in that order."""

from __future__ import annotations

from flask import Flask

from api import cli, v1
from api.contract import catalog, document, pages
from api.http import headers, health, keys, limits, metrics, operations, problems, watching
from api.settings import Settings, from_environment
from api.store.engine import Store

# What no operation sets a limit of its own for.
_MAX_BODY = 1_048_576


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; raises ValueError for settings that cannot be."""
    app = Flask("onrecord", static_folder=None)
    app.config["ONRECORD"] = settings = settings or from_environment()
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.url_map.merge_slashes = False

    app.extensions["onrecord"] = Store(settings.database_url, seconds=settings.patience)

    counts = metrics.Metrics()
    watching.register(app, counts)
    headers.register(app, settings)
    keys.register(app)
    rest = document.create(app)
    v1.register(rest)
    document.serve(app, rest, f"{v1.PREFIX}/openapi.json")
    pages.register(app)
    catalog.register(app)
    health.register(app)
    metrics.register(app, counts)
    operations.register(app, v1.PREFIX)
    limits.register(app, settings)

    problems.register(app)
    cli.register(app)
    return app
