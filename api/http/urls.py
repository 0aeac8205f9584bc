"""URLs as clients reach them: built from the public URL, never from the `Host` of a request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_plus

from flask import Response

from api.http.context import current_app, current_request
from api.http.versions import current_version
from api.kinds.kind import Collection
from api.settings import Settings

# Clients request the same parameters, and often the same values.
_QUOTED_MAX = 100
_remembered = lru_cache(maxsize=1024)(quote_plus)


def base_url() -> str:
    """Return the URL of the service, without a slash at its end."""
    settings: Settings = current_app().config["ONRECORD"]
    return settings.base_url


def version_url() -> str:
    """Return the URL of the API version of the request."""
    return f"{base_url()}{current_version().prefix}"


def record_url(collection: Collection, id_: str) -> str:
    """Return the URL of a record in the API version of the request."""
    return f"{version_url()}/{collection.path}/{id_}"


def request_url(path: str | None = None, *, without: tuple[str, ...] = (), **replaced: str) -> str:
    """Return the URL of the request with some parameters replaced or left out, perhaps under another path."""
    request, dropped = current_request(), {*without, *replaced}
    args = request.args.items(multi=True) if request.query_string else ()
    pairs = [*((name, value) for name, value in args if name not in dropped), *replaced.items()]
    query = "&".join([f"{_quote(name)}={_quote(value)}" for name, value in pairs])
    return f"{base_url()}{path or request.path}?{query}"


def _quote(text: str) -> str:
    return _remembered(text) if len(text) <= _QUOTED_MAX else quote_plus(text)


def set_link_header(response: Response, links: Mapping[str, str | None]) -> None:
    """Set the `Link` header of a response to URLs by relation (RFC 8288)."""
    header = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items() if url)
    if header:
        response.headers["Link"] = header
