"""Conditional requests (RFC 9110, section 13): entity tags, and the 304 that saves reading anything else."""

from __future__ import annotations

from flask import Response, request

from api.store.reading import Moment, Versions
from api.version import RENDERER

# What stands between the digits of an instant.
_MARKS = str.maketrans("", "", "-:.TZ")


def item_tag(versions: Versions) -> str:
    """The tag of a record: its version, its article's where that was asked for, and the renderer's.

    Their times are in it because a database that was restored from a copy counts on from an earlier number.
    """
    own = f"v{versions.version}.{_digits(versions.updated_at)}"
    article = (
        f".a{versions.article_version}.{_digits(versions.article_updated_at)}" if versions.article_updated_at else ""
    )
    return f"{own}{article}.r{RENDERER}"


def list_tag(moment: Moment) -> str:
    """The tag of whatever depends on all records: the last change there was, its time and the renderer's version."""
    return f"c{moment.sequence}.{_digits(moment.at)}.r{RENDERER}"


def _digits(instant: str) -> str:
    return instant.translate(_MARKS)


def not_modified(tag: str) -> Response | None:
    """The 304 for a client that has this tag's representation, or None."""
    if not request.if_none_match.contains_weak(tag):
        return None
    return tagged(Response(status=304), tag)


def tagged(response: Response, tag: str) -> Response:
    """The answer with its tag, to be kept by caches and asked for again before use."""
    response.set_etag(tag)
    response.headers.add("Cache-Control", "no-cache")
    response.headers.add("Vary", "Accept")
    if response.status_code == 304:
        response.headers.pop("Content-Type", None)
    return response
