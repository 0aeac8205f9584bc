"""Version 1: the endpoints, one file a resource or view. Take, do, give back."""

from __future__ import annotations

from api.http.rest import Rest
from api.kinds.collections import CLAIMS, COLLECTIONS
from api.v1 import article_claims, changes
from api.v1.records import blueprint_of, camel
from schemas.page import page_of

PREFIX = "/v1"


def register(rest: Rest) -> None:
    """Serve version 1 under its prefix and document it."""
    pages = {collection.name: page_of(collection.item, f"{camel(collection.name)}Page") for collection in COLLECTIONS}
    for collection in COLLECTIONS:
        rest.register_blueprint(blueprint_of(collection, pages[collection.name]), url_prefix=PREFIX)
    rest.register_blueprint(article_claims.blueprint(pages[CLAIMS.name]), url_prefix=PREFIX)
    rest.register_blueprint(changes.blueprint(), url_prefix=PREFIX)
