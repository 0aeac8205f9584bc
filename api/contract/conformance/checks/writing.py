"""Writing: what is put, changed and deleted, and what becomes of what is not well said."""

from __future__ import annotations

import typing

from api.contract.conformance.check import Broken, Concern, NotAsked, promise, rfc
from api.contract.conformance.target import Server
from api.contract.conformance.trial import Record

WRITING = Concern("writing", "Writing")


@WRITING.asks(
    "put",
    "A record that is put under an id is answered 201, and is there as it was answered",
    rfc(9110, "9.3.4"),
    advice="The key needs the scope claims:write, and the header Authorization has to reach the server.",
)
def put(server: Server) -> None:
    try:
        path = server.trial.another()
    except NotAsked as error:
        if isinstance(error.__cause__, Broken):
            raise error.__cause__ from None
        raise
    read = server.get(path).status_is(200)
    read.must(read.of("version") == 1, "version 1", str(read.of("version")))


@WRITING.asks(
    "at-once",
    "What was written is read back at once, whatever caches there are",
    rfc(9111, "5.2.2.4"),
    advice="Let caches ask the server each time, as Cache-Control: no-cache says.",
)
def at_once(server: Server) -> None:
    path = server.trial.another()
    for place in ("a place", "another place", "a third place"):
        seen = server.get(path).status_is(200)
        written = server.trial.patch(path, "*", {"place": place}).status_is(200)
        read = server.get(path).status_is(200)
        read.must(read.json == written.json, f"version {written.of('version')}", str(read.of("version")))
        read.must(read.tag.removeprefix("W/") != seen.tag.removeprefix("W/"), "another ETag than before", read.tag)


@WRITING.asks("deleted", "What was deleted is gone: 204, then 410", rfc(9110, "15.5.11"))
def deleted(server: Server) -> None:
    path = server.trial.another()
    server.ask("DELETE", path, {"If-Match": server.get(path).tag}, keyed=True).status_is(204)
    for gone in (path, f"/v1/claims/{path.rpartition('/')[2]}"):
        server.get(gone).is_problem(410, "gone")


@WRITING.asks("names-once", "A body that says a name twice is refused, and not guessed at", rfc(8259, "4"))
def names_once(server: Server) -> None:
    # Nothing more is right in it, so that it is not stored by who takes it.
    body = b'{"headline": "one", "headline": "another", "no_such_field": 1}'
    headers, path = {"Content-Type": "application/json"}, f"/v1/articles/{server.trial.new_id()}?dry_run=true"
    answer = server.ask("PUT", path, headers, content=body, keyed=True)
    answer.is_problem(400, "malformed-body")


@WRITING.asks("media-type", "A body in a media type that is not taken is answered 415", rfc(5789, "2.2"))
def media_type(server: Server) -> None:
    path = server.trial.claims[0]
    for type_ in ("application/json", "text/plain", "application/json-patch+json"):
        headers = {"If-Match": "*", "Content-Type": type_}
        answer = server.ask("PATCH", path, headers, content=b"{}", keyed=True)
        answer.is_problem(415, "unsupported-media-type")


@WRITING.asks(
    "merge-patch", "In a patch null takes away, lists are replaced whole, and objects are gone into", rfc(7396, "2")
)
def merge_patch(server: Server) -> None:
    path = server.trial.another()
    steps: tuple[tuple[Record, tuple[typing.Any, ...]], ...] = (
        ({"place": "a place", "same_as": ["https://a.example/1", "https://a.example/2"]}, ("place", "a place")),
        ({"same_as": ["https://a.example/3"]}, ("same_as", ["https://a.example/3"])),
        ({"place": None}, ("place", None)),
        ({"same_as": None}, ("same_as", [])),
        ({"claimant": {"title": "the ministry"}}, ("claimant", "name", "Norland")),
    )
    for patch, (*names, value) in steps:
        server.trial.patch(path, "*", patch).status_is(200)
        read = server.get(path).status_is(200)
        found = read.of(*names)
        read.must(found == value, f"after {patch} {'/'.join(names)}: {value}", f"{found}")


@WRITING.asks(
    "once",
    "A POST that is sent twice with one Idempotency-Key is done once, and its key is refused to another",
    promise("once"),
)
def once(server: Server) -> None:
    headers = {"Idempotency-Key": f"{server.trial.article_id}-once"}
    first, again = (
        server.ask("POST", "/v1/articles", headers, json=server.trial.article(), keyed=True) for _ in range(2)
    )
    for answer in (first, again):
        if answer.status == 201:
            path = f"/v1/articles/{answer.of('id')}"
            server.trial.paths += [path] * (path not in server.trial.paths)
    first.status_is(201)
    again.status_is(201)
    again.must(again.of("id") == first.of("id"), f"the record {first.of('id')}", f"another, {again.of('id')}")
    other = {**server.trial.article(), "byline": "another"}
    refused = server.ask("POST", "/v1/articles", headers, json=other, keyed=True)
    if refused.status == 201 and (path := f"/v1/articles/{refused.of('id')}") not in server.trial.paths:
        server.trial.paths.append(path)
    refused.is_problem(422, "idempotency-key-reused")
