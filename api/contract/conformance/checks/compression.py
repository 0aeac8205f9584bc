"""Compression: what is packed on the way, by the server or by what stands before it."""

from __future__ import annotations

from api.contract.conformance.check import Concern, promise, rfc
from api.contract.conformance.target import DOCUMENT, Server

COMPRESSION = Concern("compression", "Compression")

_GZIP = {"Accept-Encoding": "gzip"}


@COMPRESSION.asks(
    "unpacks", "What is packed says so, is only sent to who accepts it, and unpacks to the same", rfc(9110, "8.4")
)
def unpacks(server: Server) -> None:
    for target in (DOCUMENT, *server.paths[:1]):
        plain = server.get(target).status_is(200)
        encoding = plain.headers.get("Content-Encoding", "identity")
        plain.must(encoding == "identity", "no Content-Encoding, as none was accepted", encoding)
        packed = server.get(target, _GZIP).status_is(200)
        packed.must(packed.json == plain.json, "what is sent unpacked", "something else")


@COMPRESSION.asks(
    "tag-comes-back",
    "The tag of a packed answer, sent back as If-None-Match, is answered 304",
    rfc(9110, "8.8.3.3"),
    advice="A proxy that packs may make a tag weak (W/), but not add to it.",
)
def tag_comes_back(server: Server) -> None:
    for target in (DOCUMENT, *server.paths[:1]):
        packed = server.get(target, _GZIP).status_is(200)
        server.get(target, {**_GZIP, "If-None-Match": packed.tag}).status_is(304)


@COMPRESSION.asks(
    "tag-is-good-for-writing",
    "The tag of an item that was read packed is good for changing it",
    promise("no-lost-updates"),
    advice="A proxy that packs makes tags weak, and a weak tag never matches If-Match (RFC 9110, section 13.1.1): who "
    "reads through it can change nothing. Do not pack application/json there (nginx: leave it out of gzip_types).",
)
def tag_is_good_for_writing(server: Server) -> None:
    path = server.trial.another()
    packed = server.get(path, _GZIP).status_is(200)
    server.trial.patch(path, packed.tag, {"place": "a place"}).status_is(200)
