"""The catalogue of what is served here, found where programs look for one (RFC 9727), as a set of links (RFC 9264)."""

from __future__ import annotations

import hashlib
import typing

import orjson
from flask import Flask, Response, current_app, request

from api.contract.document import served
from api.http.conditions import not_modified, tagged
from api.http.negotiation import JSON
from api.http.problems import NotAcceptable
from api.kinds.collections import COLLECTIONS
from api.settings import Settings

PATH = "/.well-known/api-catalog"
LINKSET = "application/linkset+json"
PROFILE = "https://www.rfc-editor.org/info/rfc9727"

_MEDIA_TYPE = f'{LINKSET}; profile="{PROFILE}"'
_HTML = "text/html"


def register(app: Flask) -> None:
    """Serve the catalogue."""

    @app.get(PATH, endpoint="api_catalog")
    def catalog() -> Response:
        # With the profile or without, it is the same.
        if request.accept_mimetypes and not request.accept_mimetypes.best_match((LINKSET, _MEDIA_TYPE)):
            raise NotAcceptable(f"This path answers {LINKSET}, not {request.headers['Accept'][:200]}.")
        settings: Settings = current_app.config["ONRECORD"]
        body = orjson.dumps({"linkset": _linkset(settings.root)}, option=orjson.OPT_INDENT_2)
        tag = hashlib.sha256(body).hexdigest()[:16]
        unchanged = not_modified(tag)
        response = tagged(Response(body, content_type=_MEDIA_TYPE), tag) if unchanged is None else unchanged
        announce(response)
        response.headers.add("Link", f'<{PROFILE}>; rel="profile"')
        return response


def announce(response: Response) -> None:
    """Say in a header where the catalogue is."""
    settings: Settings = current_app.config["ONRECORD"]
    response.headers.add("Link", f'<{settings.root}{PATH}>; rel="api-catalog"')


def _linkset(root: str) -> list[dict[str, typing.Any]]:
    """The catalogue's own links, which lead to what answers, and for each version those to what describes it."""
    versions = served(current_app)
    items = [f"{root}{prefix}/{collection.path}" for prefix in versions for collection in COLLECTIONS]
    return [
        {"anchor": f"{root}{PATH}", "item": [{"href": href, "type": JSON} for href in items]},
        *(
            {
                "anchor": f"{root}{prefix}",
                "service-desc": [{"href": f"{root}{path}", "type": JSON}],
                "service-doc": [
                    {"href": f"{root}/docs", "type": _HTML, "title": "Every request, to be pressed"},
                    {"href": f"{root}/problems", "type": _HTML, "title": "What each failure means, and the way out"},
                    {"href": f"{root}/contract", "type": _HTML, "title": "What may change, and what never will"},
                ],
                "service-meta": [{"href": f"{root}/contract", "type": JSON}],
                "status": [{"href": f"{root}/readyz", "type": JSON}],
            }
            for prefix, path in versions.items()
        ),
    ]
