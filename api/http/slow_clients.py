"""Slow clients: the signals between the app and a server that waits for clients in its place."""

from __future__ import annotations

from threading import Event

from flask import request

# The key of the event in the WSGI environment. `onrecord serve` sets the event when the client of a streamed response
# is too slow.
CUT = "onrecord.cut"


class TooManyUploads(OSError):
    """The maximum of long request bodies is being received."""


def cut_event() -> Event:
    """Return the event that is set if the client of the response is too slow. Not every server sets it."""
    event: Event = request.environ.setdefault(CUT, Event())
    return event
