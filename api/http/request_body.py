"""Bodies: what a request carries, in the one media type that its path takes and no longer than it takes."""

from __future__ import annotations

import typing

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from api.http.problems import Problem
from api.store.refusals import Refused
from schemas import strict_json

# A record with a text of a mebibyte, each character of it escaped, and what stands around it.
LONGEST_RECORD = 8 * 1_048_576


def read_json_object(media_type: str) -> dict[str, typing.Any]:
    """The JSON object that was sent; raises Problem where none was, Refused where it is no object."""
    raw = read(media_type, LONGEST_RECORD)
    try:
        given = strict_json.loads(raw)
    except ValueError as error:
        raise Problem(str(error), slug="malformed-body") from None
    if not isinstance(given, dict):
        raise Refused(("", "The body is to be one JSON object."))
    return given


def read(media_type: str, longest: int) -> bytes:
    """The bytes that were sent; raises Problem for another media type, for an encoding, or for too many of them."""
    require_media_type(media_type)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem("This path takes bodies as they are, without a Content-Encoding.", slug="unsupported-media-type")
    # One byte more than there may be: a body that does not say its length is cut off where reading stops.
    request.max_content_length = longest + 1
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raw = None
    if raw is None or len(raw) > longest:
        raise Problem(f"A body has at most {longest:,} bytes here.", slug="content-too-large")
    return raw


def require_media_type(media_type: str) -> None:
    """Raise Problem where another media type, or another charset than UTF-8, was sent."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype == media_type and charset not in ("utf-8", "us-ascii"):
        told = f"This path takes UTF-8, not {charset[:100]}."
        raise Problem(told, slug="unsupported-media-type")
    if request.mimetype != media_type:
        sent = f"not {request.mimetype[:100]}" if request.mimetype else "and the request names none"
        raise Problem(f"This path takes the media type {media_type}, {sent}.", slug="unsupported-media-type")
