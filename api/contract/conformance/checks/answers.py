"""Answers: what has to hold of every one, whatever was asked."""

from __future__ import annotations

import re

from api.contract.conformance.check import Concern, fetch, promise, rfc
from api.contract.conformance.target import DOCUMENT, Server

ANSWERS = Concern("answers", "Every answer")

_VERSION = re.compile(r"1\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


@ANSWERS.asks("json", "JSON is JSON, in UTF-8", rfc(8259, "8.1"))
def json(server: Server) -> None:
    for answer in server.tour:
        answer.must(answer.media_type in ("application/json", "application/problem+json"), "JSON")
        charset = answer.headers.get("Content-Type", "").lower().partition("charset=")[2].strip('" ')
        answer.must(charset in ("", "utf-8"), "no charset, or utf-8", charset)
        answer.must(isinstance(answer.json, dict), "an object", "another value")


@ANSWERS.asks(
    "nosniff",
    "X-Content-Type-Options: nosniff keeps browsers from taking an answer for what it is not",
    fetch("X-Content-Type-Options", "x-content-type-options-header"),
)
def nosniff(server: Server) -> None:
    for answer in server.tour:
        told = answer.headers.get("X-Content-Type-Options", "none")
        answer.must(told.lower() == "nosniff", "X-Content-Type-Options: nosniff", told)


@ANSWERS.asks(
    "version",
    "The OpenAPI document is served and of a version 1, which API-Version says with every answer",
    promise("paths-stay"),
)
def version(server: Server) -> None:
    document = server.get(DOCUMENT).status_is(200)
    openapi, number = str(document.of("openapi")), str(document.of("info", "version"))
    document.must(openapi.startswith("3.1."), "OpenAPI 3.1", openapi)
    document.must(_VERSION.fullmatch(number) is not None, "an info.version 1.MINOR.PATCH", number)
    for path in ("/v1/claims", "/v1/articles/{id}", "/v1/changes", "/v1/imports"):
        document.must(path in document.of("paths"), f"the path {path}", "none such")
    for answer in server.tour:
        told = answer.headers.get("API-Version", "none")
        answer.must(told == number, f"API-Version: {number}", f"API-Version: {told}")


@ANSWERS.asks("waiting", "Whoever is told to wait is told for how many seconds", promise("retry-once"))
def waiting(server: Server) -> None:
    for answer in (*server.tour, *server.ask.seen):
        if answer.status in (429, 503):
            told = answer.headers.get("Retry-After", "none")
            answer.must(told.isdecimal(), "Retry-After in seconds", f"{answer.status}, Retry-After: {told}")
