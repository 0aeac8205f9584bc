"""The API catalogue at its well-known URL (RFC 9727), a set of links (RFC 9264)."""

from __future__ import annotations

import hashlib
import typing

import orjson
from flask import Flask, Response

from api.http import urls
from api.http.etags import not_modified, with_etag
from api.http.negotiation import HTML, JSON, negotiate
from api.http.versions import served_versions
from api.kinds.collections import COLLECTIONS
from api.openapi.document import path_of

PATH = "/.well-known/api-catalog"
LINKSET = "application/linkset+json"
PROFILE = "https://www.rfc-editor.org/info/rfc9727"

_MEDIA_TYPE = f'{LINKSET}; profile="{PROFILE}"'


def register(app: Flask) -> None:
    """Serve the catalogue."""

    @app.get(PATH, endpoint="api_catalog")
    def catalog() -> Response:
        negotiate(LINKSET)
        body = orjson.dumps({"linkset": _linkset(urls.base_url())}, option=orjson.OPT_INDENT_2)
        tag = hashlib.sha256(body).hexdigest()[:16]
        unchanged = not_modified(tag)
        response = with_etag(Response(body, content_type=_MEDIA_TYPE), tag) if unchanged is None else unchanged
        add_link(response)
        response.headers.add("Link", f'<{PROFILE}>; rel="profile"')
        return response


def add_link(response: Response) -> None:
    """Add a Link header with the URL of the catalogue."""
    response.headers.add("Link", f'<{urls.base_url()}{PATH}>; rel="api-catalog"')


def _linkset(root: str) -> list[dict[str, typing.Any]]:
    """Return the links to each collection, and for each version the links to its documentation."""
    versions = served_versions()
    items = [f"{root}{version.prefix}/{collection.path}" for version in versions for collection in COLLECTIONS]
    return [
        {"anchor": f"{root}{PATH}", "item": [{"href": href, "type": JSON} for href in items]},
        *(
            {
                "anchor": f"{root}{version.prefix}",
                "service-desc": [{"href": f"{root}{path_of(version)}", "type": JSON}],
                "service-doc": [
                    {"href": f"{root}/docs", "type": HTML, "title": "Documentation with a form for each request"},
                    {"href": f"{root}/problems", "type": HTML, "title": "Problem types and their fixes"},
                    {"href": f"{root}/contract", "type": HTML, "title": "The promise of version 1"},
                ],
                "service-meta": [{"href": f"{root}/contract", "type": JSON}],
                "status": [{"href": f"{root}/readyz", "type": JSON}],
            }
            for version in versions
        ),
    ]
