"""Writing over HTTP: records put on record, replaced, changed and taken off, guarded by what the client has seen."""

from __future__ import annotations

import hashlib
import json
import re
import typing

from flask import Response, g, request

from api.http import etags, request_body
from api.http.etags import item_etag
from api.http.negotiation import JSON
from api.http.problems import InvalidParameters, Problem
from api.http.query_params import QuerySchema
from api.http.urls import record_url
from api.kinds import record_input as records
from api.kinds.collections import COLLECTION_BY_NAME
from api.kinds.query_fields import Flag
from api.openapi.smorest import text_response
from api.store import errors, idempotency, write
from api.store.errors import IdTaken, RecordRejected
from api.store.prepare import Prepared
from api.store.read import Versions
from api.v1 import lists

MERGE_PATCH = "application/merge-patch+json"

_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")


class WriteParameters(QuerySchema):
    """What every operation that writes can be asked."""

    dry_run = Flag(
        load_default=False,
        metadata={"description": "Answer what would be done, and store nothing."},
    )


def create(type_: str, *, dry_run: bool) -> Response:
    """Put a new record on record; the same request with the same Idempotency-Key does so once."""
    fields = request_body.read_json_object(JSON)
    once = _once(fields)
    given = records.parse_record(type_, {"id": write.new_id(type_), **fields})

    def to_be_new(stored: Versions | None) -> None:
        if stored is not None:
            title = COLLECTION_BY_NAME[type_].title
            told = f"There is a {title} {given.id!r} already. PUT replaces it; without an id, a new one is made."
            raise IdTaken("/id", told, [(type_, given.id)])

    try:
        written = write.put(lists.the_store(), given, to_be_new, keep=not dry_run, once=once)
    except idempotency.Replayed as before:
        return _replayed(before.response)
    except errors.KeyReused:
        detail = (
            f"The Idempotency-Key {request.headers['Idempotency-Key']!r} came with another request. Make a new one."
        )
        raise Problem(detail, slug="idempotency-key-reused") from None
    return answer(written, dry_run=dry_run)


def replace(type_: str, id_: str, *, dry_run: bool) -> Response:
    """Put a record under an id: a new one, or in place of the one that is there."""
    fields = request_body.read_json_object(JSON)
    given = records.parse_record(type_, {**fields, "id": fields.get("id", id_)})
    if given.id != id_:
        raise RecordRejected(("/id", f"The path says {id_!r}. Say the same, or leave it out."))
    written = write.put(lists.the_store(), given, etags.check_put_preconditions, keep=not dry_run)
    return answer(written, dry_run=dry_run)


def change(type_: str, id_: str, *, dry_run: bool) -> Response:
    """Change a record by a JSON Merge Patch."""
    patch = request_body.read_json_object(MERGE_PATCH)
    written = write.patch(lists.the_store(), type_, id_, patch, etags.check_if_match, keep=not dry_run)
    return answer(written, dry_run=dry_run)


def remove(type_: str, id_: str, *, dry_run: bool) -> Response:
    """Take a record off the record."""
    with lists.the_store().writing(keep=not dry_run) as connection:
        write.delete_record(connection, type_, id_, etags.check_if_match)
    return no_content(dry_run=dry_run)


def no_content(*, dry_run: bool) -> Response:
    """The answer where something is no longer there."""
    response = Response(status=204)
    response.headers.pop("Content-Type", None)
    if dry_run:
        response.headers["Dry-Run"] = "deleted"
    return response


def answer(written: Prepared, *, dry_run: bool) -> Response:
    """The record as it stands now or, for a dry run, as it would."""
    response = text_response(written.row["document"])
    if dry_run:
        response.headers["Dry-Run"] = written.outcome
        return response
    response.set_etag(item_etag(Versions(written.document["version"], written.document["updated_at"])))
    if written.outcome == "created":
        response.status_code = 201
        response.headers["Location"] = record_url(written.collection, written.id)
    return response


def _once(fields: dict[str, typing.Any]) -> idempotency.Request | None:
    """The request as it is to be carried out once, where it came with an Idempotency-Key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidParameters([("Idempotency-Key", "Must be 1 to 255 visible ASCII characters.")])
    asked = [request.method, request.path, request.query_string.decode("latin-1"), fields]
    # Not by orjson: what was asked is not looked at yet, and may hold numbers that it does not know.
    sha256 = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return idempotency.Request(g.key.id, key, sha256, _kept)


def _kept(created: Prepared) -> idempotency.Response:
    """Return the response to a request that created a record, as it is kept for the same request."""
    response = answer(created, dry_run=False)
    headers = {name: response.headers[name] for name in ("ETag", "Location")}
    return idempotency.Response(response.status_code, headers, response.get_data(as_text=True))


def _replayed(kept: idempotency.Response) -> Response:
    response = text_response(kept.body)
    response.status_code = kept.status
    response.headers.update(kept.headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response
