"""Negotiation: which representation is sent, and that all of them say the same."""

from __future__ import annotations

import csv
import io

import orjson

from api.contract.conformance.check import Concern, promise, rfc
from api.contract.conformance.target import LIST, Server

NEGOTIATION = Concern("negotiation", "Negotiation")

_JSON, _CSV, _NDJSON = "application/json", "text/csv", "application/x-ndjson"

_LIKED = (
    (None, _JSON),
    ("*/*", _JSON),
    ("application/*", _JSON),
    ("text/html, */*;q=0.1", _JSON),
    (f"{_CSV};q=0.2, {_JSON};q=0.9", _JSON),
    (f"{_JSON};q=0.2, {_CSV}", _CSV),
    (f"{_JSON};q=0, {_NDJSON}", _NDJSON),
)


@NEGOTIATION.asks("liked", "What Accept likes best is sent, and JSON where it says nothing", rfc(9110, "12.5.1"))
def liked(server: Server) -> None:
    # Of an id that there is not, so that no list is had whole.
    for accept, media_type in _LIKED:
        answer = server.get(f"{LIST}?id=no-such-claim-here", {"Accept": accept}).status_is(200)
        answer.must(answer.media_type == media_type, media_type)


@NEGOTIATION.asks("unknown", "What cannot be sent is refused with 406", rfc(9110, "15.5.7"))
def unknown(server: Server) -> None:
    for accept in ("image/png", f"{_JSON};q=0"):
        server.get(f"{LIST}?limit=1", {"Accept": accept}).is_problem(406, "not-acceptable")


@NEGOTIATION.asks(
    "vary",
    "Vary names what an answer depends on: Accept, and Accept-Encoding where it was packed",
    rfc(9110, "12.5.5"),
    advice="Where a proxy packs, let it say so (nginx: gzip_vary on).",
)
def vary(server: Server) -> None:
    for target in server.readable:
        for encoding in ("identity", "gzip"):
            answer = server.get(target, {"Accept-Encoding": encoding}).status_is(200)
            told = {word.lower() for word in answer.words("Vary")}
            needed = {"accept"} | ({"accept-encoding"} if "Content-Encoding" in answer.headers else set())
            answer.must(needed <= told or "*" in told, f"Vary: {', '.join(sorted(needed))}", answer.told("Vary"))


@NEGOTIATION.asks("tables", "CSV and NDJSON have the records that JSON has, in its order", promise("same-answers"))
def tables(server: Server) -> None:
    for _ in range(3):
        pages = list(server.pages(f"{server.several}&limit=200", most=2 * len(server.paths)))
        expected = [str(record["id"]) for page in pages for record in page.of("data")]
        rows = server.get(server.several, {"Accept": _CSV}).status_is(200)
        rows.must(rows.media_type == _CSV, _CSV)
        in_rows = [row.get("id", "") for row in csv.DictReader(io.StringIO(rows.body.decode("utf-8", "replace")))]
        lines = server.get(server.several, {"Accept": _NDJSON}).status_is(200)
        lines.must(lines.media_type == _NDJSON, _NDJSON)
        try:
            in_lines = [str(orjson.loads(line)["id"]) for line in lines.body.splitlines()]
        except (ValueError, KeyError, TypeError) as error:
            raise lines.broken("an object with an id on each line", str(error)) from None
        if in_rows == in_lines == expected:
            break
        # Others may have written between the three.
    rows.must(in_rows == expected, " ".join(expected), " ".join(in_rows) or "no rows")
    lines.must(in_lines == expected, " ".join(expected), " ".join(in_lines) or "no lines")
