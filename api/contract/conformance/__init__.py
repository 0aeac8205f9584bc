"""The check of a deployment: what the promise and the RFCs say, asked over HTTP through whatever stands before it.

A question is a small function with one sentence that has to hold, and where that is written; `concerns/` has them, a
file a concern. Nothing here knows how the server is made: it is asked as any client would ask it, and the advice that
the promise gives to clients is kept.
"""
