"""Request bodies: their media type, their maximum length, and whether they arrived complete."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from io import BytesIO

from flask import request
from werkzeug.exceptions import ClientDisconnected

from api.http.problems import Problem
from api.http.slow_clients import TooManyUploads
from api.store.errors import RecordRejected
from schemas import strict_json

# Enough for a record whose text has 1 MiB, with every character escaped.
JSON_BYTES_MAX = 8 * 1_048_576

_CHUNK = 65_536


def read_json_object(*media_types: str) -> dict[str, typing.Any]:
    """Return the JSON object of the request body.

    Raises Problem if the body is not JSON, and RecordRejected if it is not an object.
    """
    return parse_json_object(read(JSON_BYTES_MAX, *media_types))


def parse_json_object(raw: bytes) -> dict[str, typing.Any]:
    """Return the JSON object of a body. Raises the errors of `read_json_object`."""
    try:
        body = strict_json.loads(raw)
    except ValueError as error:
        raise Problem(str(error), slug="malformed-body") from None
    if not isinstance(body, dict):
        raise RecordRejected(("", "The body must be one JSON object."))
    return body


def read(maximum: int, *media_types: str) -> bytes:
    """Return the request body.

    Raises Problem for another media type, for an encoding, and for a body that is too long or incomplete.
    """
    require_media_type(*media_types)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem("This path does not support Content-Encoding.", slug="unsupported-media-type")
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
    except ClientDisconnected as error:
        raise _unreadable(error.__context__) from None
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
        # Only read() differs: it returns the whole body, or b"" if the body is incomplete.
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read())
    # Werkzeug raises when the limit is reached, even if the body ends there.
    request.max_content_length = maximum + 1
    return request.stream


def _too_large(maximum: int) -> Problem:
    return Problem(f"The request body exceeds the limit of {maximum:,} bytes.", slug="content-too-large")


def _unreadable(error: BaseException | None) -> Problem:
    """Return the problem of a body that the server cannot receive."""
    if isinstance(error, TimeoutError):
        detail = "The request body arrives too slowly. Send it again with a faster connection, or in smaller parts."
        return Problem(detail, slug="request-timeout", headers={"Connection": "close"})
    if isinstance(error, TooManyUploads):
        detail = "Too many long request bodies are being received. Retry later, or send smaller ones."
        return Problem(detail, slug="unavailable", headers={"Connection": "close"})
    return _incomplete("the connection ended early")


def _incomplete(reason: str) -> Problem:
    detail = f"The request body is incomplete: {reason}. Send it again."
    # The start of the next request on this connection is unknown.
    return Problem(detail, slug="malformed-body", headers={"Connection": "close"})


def require_media_type(*media_types: str) -> None:
    """Raise Problem unless the request body has one of these media types and the charset UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in media_types:
        sent = f"not {request.mimetype[:100]}" if request.mimetype else "and the request has no Content-Type"
        accepted = " or ".join(media_types)
        raise Problem(f"This path requires the media type {accepted}, {sent}.", slug="unsupported-media-type")
    if charset not in ("utf-8", "us-ascii"):
        raise Problem(f"This path requires UTF-8, not {charset[:100]}.", slug="unsupported-media-type")
