"""Conditional requests (RFC 9110, section 13): entity tags, and the 304 that saves reading anything else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from api.http.problems import Problem
from api.store.read import FeedPosition, Versions
from api.version import RENDERER

_FAILED = "precondition-failed"

# Some forty tags; nobody has seen a record in more versions at once.
HEADER_MAX = 4000

# What stands between the digits of an instant.
_MARKS = str.maketrans("", "", "-:.TZ")


def item_etag(versions: Versions, representation: str = "") -> str:
    """The tag of a record: its version, its article's where that was asked for, and the renderer's.

    A `representation` other than JSON has a word for it at the end.

    Their times are in it because a database that was restored from a copy counts on from an earlier number.
    """
    article = (
        f".a{versions.article_version}.{_digits(versions.article_updated_at)}" if versions.article_updated_at else ""
    )
    return f"{_own(versions)}{article}.r{RENDERER}{_in(representation)}"


def _own(versions: Versions) -> str:
    return f"v{versions.version}.{_digits(versions.updated_at)}"


def list_etag(moment: FeedPosition, representation: str = "") -> str:
    """The tag of whatever depends on all records: the last change there was, its time and the renderer's version."""
    return f"c{moment.sequence}.{_digits(moment.at)}.r{RENDERER}{_in(representation)}"


def _in(representation: str) -> str:
    return f".{representation}" if representation else ""


def _digits(instant: str) -> str:
    return instant.translate(_MARKS)


def not_modified(tag: str) -> Response | None:
    """The 304 for a client that has this tag's representation, or None."""
    if not request.if_none_match.contains_weak(tag):
        return None
    return with_etag(Response(status=304), tag)


def with_etag(response: Response, tag: str) -> Response:
    """The answer with its tag, to be kept by caches and asked for again before use."""
    response.set_etag(tag)
    response.headers.add("Cache-Control", "no-cache")
    response.headers.add("Vary", "Accept")
    if response.status_code == 304:
        response.headers.pop("Content-Type", None)
    return response


def check_put_preconditions(stored: Versions | None) -> None:
    """The precondition of putting a record where none may be: it replaces nothing unseen."""
    _bounded("If-None-Match")
    unwanted = request.if_none_match
    if stored is not None and (unwanted.star_tag or any(map(_tells(stored), unwanted.as_set(include_weak=True)))):
        detail = "There is such a record already, and If-None-Match asks for there to be none."
        raise Problem(detail, slug=_FAILED, headers=_now(stored))
    if stored is not None or "If-Match" in request.headers:
        check_if_match(stored)


def check_if_match(stored: Versions | None) -> None:
    """The precondition of changing a record: the client has seen the version that is stored.

    Only the version is compared, not how the client was shown it: compression and the like change a tag's end. A weak
    tag never matches (RFC 9110, section 13.1.1).
    """
    if "If-Match" not in request.headers:
        detail = "Send the record's ETag as If-Match, so that no change is lost that you have not seen."
        raise Problem(detail, slug="precondition-required")
    _bounded("If-Match")
    if stored is None:
        raise Problem("There is no such record, and If-Match asks for one.", slug=_FAILED)
    if request.if_match.star_tag or any(map(_tells(stored), request.if_match)):
        return
    detail = f"The record is at version {stored.version}, which is not the one in If-Match. Get it, and decide anew."
    raise Problem(detail, slug=_FAILED, headers=_now(stored))


def _bounded(header: str) -> None:
    if len(request.headers.get(header, "")) > HEADER_MAX:
        raise Problem(
            f"{header} is longer than {HEADER_MAX:,} characters. Send the one tag that you have.", slug=_FAILED
        )


def _tells(stored: Versions) -> Callable[[str | None], bool]:
    """Whether a tag is of this version, in whatever representation."""
    own = _own(stored)
    # Of a header that is garbled, Werkzeug makes tags that are None.
    return lambda tag: tag is not None and f"{tag}.".startswith(f"{own}.")


def _now(stored: Versions) -> dict[str, str]:
    return {"ETag": f'"{item_etag(stored)}"'}
