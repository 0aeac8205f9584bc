"""Version 1: the endpoints, one file a resource or view. Take, do, give back."""

from __future__ import annotations

from api.http.rest import Rest
from api.kinds.collections import ANY_CLAIM, CLAIMS, COLLECTIONS, RECORD_TYPES
from api.v1 import article_claims, article_text, changes, compare, imports, series, timeline
from api.v1.naming import RecordId, camel
from api.v1.records import blueprint_of
from schemas.change import change_of, version_page
from schemas.page import page_of

PREFIX = "/v1"


def register(rest: Rest) -> None:
    """Serve version 1 under its prefix and document it."""
    rest.add_converter("record", RecordId)
    pages = {collection.name: page_of(collection.item, f"{camel(collection.name)}Page") for collection in COLLECTIONS}
    change = change_of(RECORD_TYPES, ANY_CLAIM)
    history = version_page(change)
    for collection in COLLECTIONS:
        blp = blueprint_of(collection, pages[collection.name], history)
        rest.register_blueprint(blp, url_prefix=PREFIX)
    rest.register_blueprint(article_claims.blueprint(pages[CLAIMS.name]), url_prefix=PREFIX)
    for view in (compare, series, timeline):
        rest.register_blueprint(view.blueprint(), url_prefix=PREFIX)
    rest.register_blueprint(article_text.blueprint(), url_prefix=PREFIX)
    rest.register_blueprint(changes.blueprint(change), url_prefix=PREFIX)
    rest.register_blueprint(imports.blueprint(), url_prefix=PREFIX)
