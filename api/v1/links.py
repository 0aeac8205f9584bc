"""The links of responses: the operations that can follow, with their parameters from the response or its request."""

from __future__ import annotations

from api.kinds.kind import Collection
from api.openapi.responses import Link
from api.v1.paths import camel

REQUESTED_ID = "$request.path.id"
_ID, _ARTICLE_ID, _ETAG = "$response.body#/id", "$response.body#/article_id", "$response.header.ETag"

# The feed from its start, and after the last change that a response contains.
CHANGES = Link("listChanges")
LATER_CHANGES = Link(
    "listChanges", {"query.since": "$response.body#/page/since", "query.epoch": "$response.body#/page/epoch"}
)
CHANGES_AFTER_EXPORT = Link(
    "listChanges",
    {"query.since": "$response.header.Change-Sequence", "query.epoch": "$response.header.Change-Epoch"},
)


def to_record(collection: Collection, id_: str, article_id: str | None = None) -> tuple[Link, ...]:
    """Return the links to a record and its versions, and to its article or its claims.

    `id_` and `article_id` are runtime expressions.
    """
    name = camel(collection.name)
    links = [Link(f"get{name}", {"path.id": id_}), Link(f"list{name}Versions", {"path.id": id_})]
    if not collection.of_claims:
        links.append(Link("listArticleClaims", {"path.id": id_}))
    elif article_id is not None:
        links.append(Link("getArticle", {"path.id": article_id}))
    return tuple(links)


def to_change(collection: Collection, id_: str) -> tuple[Link, ...]:
    """Return the links to the changes of a record that the response has, with its ETag."""
    if collection.writes is None:
        return ()
    name, params = camel(collection.name), {"path.id": id_, "header.If-Match": _ETAG}
    put = Link(f"put{name}", params, "Send the record with your changes.", "$response.body")
    return put, Link(f"patch{name}", params), Link(f"delete{name}", params)


def to_text(id_: str, *verbs: str) -> tuple[Link, ...]:
    """Return the links to operations of the text of an article. Those that write have the ETag of the response."""
    params = {"path.id": id_}
    guarded = {**params, "header.If-Match": _ETAG}
    return tuple(Link(f"{verb}ArticleText", params if verb == "get" else guarded) for verb in verbs)


def of_record(collection: Collection) -> tuple[Link, ...]:
    """Return the links of a response that has one record. Most articles have no text that can be read or deleted."""
    texts = () if collection.of_claims else to_text(_ID, "put")
    return (*to_record(collection, _ID, _ARTICLE_ID), *to_change(collection, _ID), *texts)


def of_list(collection: Collection) -> tuple[Link, ...]:
    """Return the links of a page of records: to the first of them."""
    return to_record(collection, "$response.body#/data/0/id", "$response.body#/data/0/article_id")


def of_deletion(collection: Collection) -> tuple[Link, ...]:
    """Return the links of a deletion: to the versions of the record, and to the PUT that restores it."""
    name, params = camel(collection.name), {"path.id": REQUESTED_ID}
    return Link(f"list{name}Versions", params), Link(f"put{name}", params)
