"""Conditional requests (RFC 9110, section 13): entity tags, 304 responses and preconditions."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from api.http.context import current_request
from api.http.dispatch import CompleteResponse
from api.http.problems import Problem
from api.store.read import FeedPosition, Versions
from api.version import RENDERER

_SLUG = "precondition-failed"

# Enough for forty tags.
HEADER_MAX = 4000

# Separators of a timestamp.
_SEPARATORS = str.maketrans("", "", "-:.TZ")


def item_etag(versions: Versions, representation: str = "") -> str:
    """Return the ETag of a record: its version, the version of the included article, and the renderer.

    A `representation` other than JSON is a suffix. Times are included, because a database that is restored from a
    copy continues with an earlier version.
    """
    time = versions.article_updated_at
    article = f"a{versions.article_version}.{_digits(time)}" if time else ""
    return ".".join(filter(None, (_version_tag(versions), article, f"r{RENDERER}", representation)))


def _version_tag(versions: Versions) -> str:
    return f"v{versions.version}.{_digits(versions.updated_at)}"


def list_etag(position: FeedPosition, representation: str = "") -> str:
    """Return the ETag of a response that depends on all records.

    It has the last change, its time, the epoch of the feed and the renderer.
    """
    tag = f"c{position.sequence}.{_digits(position.at)}.{position.epoch}.r{RENDERER}"
    return f"{tag}.{representation}" if representation else tag


def _digits(timestamp: str) -> str:
    return timestamp.translate(_SEPARATORS)


def not_modified(tag: str) -> Response | None:
    """Return a 304 if the client has the representation of this tag, or None."""
    request = current_request()
    if "HTTP_IF_NONE_MATCH" not in request.environ or not request.if_none_match.contains_weak(tag):
        return None
    return with_etag(CompleteResponse(status=304), tag)


def with_etag(response: Response, tag: str) -> Response:
    """Return the response with its ETag. Caches must revalidate it before each use."""
    # The response has none of these yet. Setting a header takes longer than adding one.
    response.headers.add("ETag", f'"{tag}"')
    response.headers.add("Cache-Control", "no-cache")
    response.headers.add("Vary", "Accept")
    return response


def check_put_preconditions(stored: Versions | None) -> None:
    """Check the preconditions of a PUT: a stored record is replaced only if the client has read it."""
    _check_length("If-None-Match")
    tags = request.if_none_match
    if stored is not None and (tags.star_tag or any(map(_matches(stored), tags.as_set(include_weak=True)))):
        detail = "The record exists, and If-None-Match requires that it does not."
        raise Problem(detail, slug=_SLUG, headers=_etag_header(stored))
    if stored is not None or "If-Match" in request.headers:
        check_if_match(stored)


def check_if_match(stored: Versions | None) -> None:
    """Check the precondition of a change: the client has read the stored version.

    Only the version is compared, because a compressed representation has another end of its tag. A weak tag never
    matches (RFC 9110, section 13.1.1).
    """
    if "If-Match" not in request.headers:
        detail = "Send the ETag of the record as If-Match, so that you do not overwrite an unread change."
        raise Problem(detail, slug="precondition-required")
    _check_length("If-Match")
    if stored is None:
        raise Problem("The record does not exist, and If-Match requires that it does.", slug=_SLUG)
    if request.if_match.star_tag or any(map(_matches(stored), request.if_match)):
        return
    detail = f"The record is at version {stored.version}, and If-Match has another one. Read it and repeat the change."
    if any(map(_matches(stored), request.if_match.as_set(include_weak=True))):
        detail = "If-Match has a weak tag, which never matches. Send it without W/."
    raise Problem(detail, slug=_SLUG, headers=_etag_header(stored))


def _check_length(header: str) -> None:
    if len(request.headers.get(header, "")) > HEADER_MAX:
        raise Problem(f"{header} is longer than {HEADER_MAX:,} characters. Send one tag.", slug=_SLUG)


def _matches(stored: Versions) -> Callable[[str | None], bool]:
    """Return a function that returns whether a tag is of this version, in any representation."""
    prefix = f"{_version_tag(stored)}."
    # Werkzeug parses a malformed header into None tags.
    return lambda tag: tag is not None and f"{tag}.".startswith(prefix)


def _etag_header(stored: Versions) -> dict[str, str]:
    return {"ETag": f'"{item_etag(stored)}"'}
