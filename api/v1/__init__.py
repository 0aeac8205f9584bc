"""The endpoints of version 1, one file per resource or view."""

from __future__ import annotations

from collections.abc import Iterator

from api.http.versions import Version
from api.kinds.collections import CLAIMS, COLLECTIONS, RECORD_TYPES
from api.openapi.smorest import Blueprint
from api.v1 import article_claims, article_text, changes, compare, full_export, imports, records, series, timeline
from api.v1.paths import camel
from api.version import CONTRACT_VERSION
from schemas.change import change_pages
from schemas.page import page_of


def blueprints(version: Version) -> Iterator[Blueprint]:
    """Yield the endpoints of version 1, under the paths of a version."""
    pages = {each.name: page_of(each.item, f"{camel(each.name)}Page") for each in COLLECTIONS}
    change_page, version_page = change_pages(RECORD_TYPES)
    for collection in COLLECTIONS:
        yield records.blueprint(version, collection, pages[collection.name], version_page)
    yield article_claims.blueprint(version, pages[CLAIMS.name])
    for view in (compare, series, timeline):
        yield view.blueprint(version)
    yield article_text.blueprint()
    yield changes.blueprint(version, change_page)
    yield imports.blueprint()
    yield full_export.blueprint(version)


VERSION = Version(1, CONTRACT_VERSION, blueprints)
