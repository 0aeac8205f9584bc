"""Request bodies: their media type, their maximum length, and whether they arrived complete."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from io import BytesIO

from flask import request
from werkzeug.exceptions import ClientDisconnected

from api.http.problems import Problem
from api.store.errors import RecordRejected
from schemas import strict_json

# A record with a text of a mebibyte, each character of it escaped, and what stands around it.
LONGEST_RECORD = 8 * 1_048_576

_CHUNK = 65_536


def read_json_object(media_type: str) -> dict[str, typing.Any]:
    """The JSON object that was sent; raises Problem where none was, RecordRejected where it is no object."""
    raw = read(media_type, LONGEST_RECORD)
    try:
        given = strict_json.loads(raw)
    except ValueError as error:
        raise Problem(str(error), slug="malformed-body") from None
    if not isinstance(given, dict):
        raise RecordRejected(("", "The body is to be one JSON object."))
    return given


def read(media_type: str, maximum: int) -> bytes:
    """Return the request body. Raises Problem for another media type, an encoding, or a body that is not accepted."""
    require_media_type(media_type)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem("This path takes bodies as they are, without a Content-Encoding.", slug="unsupported-media-type")
    return b"".join(read_chunks(maximum))


def read_chunks(maximum: int) -> Iterator[bytes]:
    """Yield the request body. Raises Problem if it has more than `maximum` bytes, or if it is incomplete."""
    length = request.content_length
    received = 0
    if (length or 0) > maximum:
        raise _too_large(maximum)
    stream = _stream(maximum)
    try:
        while chunk := stream.read(_CHUNK):
            received += len(chunk)
            if received > maximum:
                raise _too_large(maximum)
            yield chunk
    except ClientDisconnected:
        raise _incomplete("the connection ended early") from None
    # Servers end a body that breaks off like a complete one, so its length is compared.
    if length is not None and received < length:
        raise _incomplete(f"{received:,} of {length:,} bytes arrived")
    if "HTTP_TRANSFER_ENCODING" in request.environ and not received:
        raise _incomplete("it has no bytes, or its last chunk is missing")


def _stream(maximum: int) -> typing.IO[bytes]:
    """Return the stream of the request body."""
    environ = request.environ
    if request.content_length is None and environ.get("SERVER_SOFTWARE") == "Granian":
        # If a chunked body breaks off, granian's read(size) returns the bytes before that, and then b"" as at the end.
        # Only read() tells: it returns the whole body, or b"" if the body is incomplete.
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read())
    # Werkzeug raises when the limit is reached, even if the body ends there.
    request.max_content_length = maximum + 1
    return request.stream


def _too_large(maximum: int) -> Problem:
    return Problem(f"A body has at most {maximum:,} bytes here.", slug="content-too-large")


def _incomplete(reason: str) -> Problem:
    detail = f"The request body is incomplete: {reason}. Send it again."
    # The start of the next request on this connection is unknown.
    return Problem(detail, slug="malformed-body", headers={"Connection": "close"})


def require_media_type(media_type: str) -> None:
    """Raise Problem where another media type, or another charset than UTF-8, was sent."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype == media_type and charset not in ("utf-8", "us-ascii"):
        told = f"This path takes UTF-8, not {charset[:100]}."
        raise Problem(told, slug="unsupported-media-type")
    if request.mimetype != media_type:
        sent = f"not {request.mimetype[:100]}" if request.mimetype else "and the request names none"
        raise Problem(f"This path takes the media type {media_type}, {sent}.", slug="unsupported-media-type")
