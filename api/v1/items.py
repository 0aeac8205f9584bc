"""Single records: as stored, with their article, or as linked data."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec
import orjson
from flask import Response

from api.formats import jsonld
from api.http import negotiation, urls
from api.http.context import current_store
from api.http.etags import item_etag, not_modified, with_etag
from api.http.negotiation import JSON, JSON_LD, json_response
from api.kinds.kind import Collection
from api.store import read

# A selection takes some kilobytes. Few combinations of fields are requested.
_SELECTIONS_MAX = 256


def respond(collection: Collection, id_: str, *, include_article: bool = False) -> Response:
    """Return a record as JSON, or as linked data together with its article. Raises NotFound or Gone."""
    linked = negotiation.negotiate(JSON, JSON_LD) == JSON_LD
    with_article = collection.of_claims if linked else include_article
    variant = "ld" if linked else ""
    with current_store().reading() as reader:
        item = read.item(reader, collection, id_, with_article=with_article)
    etag = item_etag(item.versions, variant)
    if (unchanged := not_modified(etag)) is not None:
        return unchanged
    if linked:
        response = Response(_linked_data(item), mimetype=JSON_LD)
    elif item.article_document is not None:
        response = json_response(embed_article(item.document, item.article_document))
    else:
        response = json_response(item.document)
    return with_etag(response, etag)


def embed_article(claim: str | bytes, article: str) -> str:
    """Return the document of a claim with its article as the field `article`."""
    if isinstance(claim, bytes):
        claim = claim.decode()
    return f'{claim[:-1]},"article":{article}}}'


@lru_cache(maxsize=_SELECTIONS_MAX)
def field_selector(names: tuple[str, ...]) -> Callable[[bytes | str], list[msgspec.Struct]]:
    """Return a function that decodes a list of documents with only some of their fields.

    msgspec encodes these as they are stored.
    """
    members = [(name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for name in names]
    selection = msgspec.defstruct("Selection", members)
    return msgspec.json.Decoder(list[selection]).decode  # type: ignore[valid-type]


def _linked_data(item: read.Item) -> bytes:
    record, url = orjson.loads(item.document), urls.version_url()
    if item.article_document is None:
        return orjson.dumps(jsonld.article(record, url))
    return orjson.dumps(jsonld.claim(record, orjson.loads(item.article_document), url))
