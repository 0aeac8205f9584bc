"""Writes of records: POST and PUT, PATCH and DELETE, guarded by the version that the client has seen."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
import typing
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from flask import Response, request
from flask.views import MethodView

from api.http import etags, request_body
from api.http.context import current_request, current_store
from api.http.negotiation import JSON, json_response
from api.http.problems import InvalidParameters, Problem
from api.http.query_params import QuerySchema
from api.http.scopes import CLAIMS_WRITE
from api.http.urls import record_url
from api.kinds.kind import Collection
from api.kinds.query_fields import Flag
from api.kinds.record_input import input_schema, parse_record, patch_schema
from api.openapi import examples
from api.openapi.responses import RequestBodyDoc, ResponseDoc
from api.openapi.smorest import Blueprint
from api.store import idempotency, write
from api.store.errors import KeyReused, RecordRejected
from api.store.keys import Key
from api.store.prepare import Prepared
from api.store.read import Versions
from api.v1 import links
from api.v1.paths import camel, item_path, path_id, with_article
from schemas.base import schema_of
from schemas.fields import EXPORT, reserved

MERGE_PATCH = "application/merge-patch+json"

BODY = ("malformed-body", "invalid-record", "request-timeout", "content-too-large", "unsupported-media-type")
PRECONDITIONS = ("precondition-failed", "precondition-required")
# Views and exports under the path of a collection cannot be written.
_NOT_VIEWS = ("method-not-allowed",)
_Result = typing.TypeVar("_Result")
_ID_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")


class WriteParameters(QuerySchema):
    """The parameters of each operation that writes."""

    dry_run = Flag(load_default=False, description="Return the result without storing anything.")


def add_endpoints(blp: Blueprint, collection: Collection) -> None:
    """Add the operations that write the records of a collection."""
    type_, name, title = str(collection.writes), camel(collection.name), collection.title
    body_schema = input_schema(type_)
    changed = ResponseDoc(
        200,
        schema_of(collection.item),
        partial(examples.put_response, collection),
        ("ETag?", "Dry-Run"),
        description="The stored record, or the result of a dry run.",
        links=links.of_record(collection),
    )
    patched = replace(changed, example=partial(examples.patch_response, collection))
    created = replace(changed, status=201, headers=("ETag", "Location"), description="Created.")
    new_record = partial(examples.create_response, collection)
    posted = replace(created, example=new_record, headers=("ETag", "Location", "Idempotent-Replayed"))
    dry_run = replace(
        changed, example=new_record, headers=("Dry-Run",), description="The result of a dry run.", links=()
    )
    merge_patch = (patch_schema(type_), partial(examples.patch_body, collection))
    # A change of an article also changes the search terms and the index columns of its claims.
    change_cost = 5 if collection.of_claims else 10
    of_create = ("not-grounded", "duplicate", "id-taken") if collection.of_claims else ("id-taken",)
    of_change = ("not-grounded", "duplicate", "id-taken") if collection.of_claims else ("not-grounded", "in-use")

    class Create(MethodView):
        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"create{name}",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(body_schema, partial(examples.create_body, collection)),
            headers=("IdempotencyKey",),
            responses=(posted, dry_run),
            problems=(*BODY, *of_create, "idempotency-key-reused"),
            cost=5,
        )
        def post(self, params: dict[str, typing.Any]) -> Response:
            record = request_body.read_json_object(JSON)
            once = idempotent_request(lambda: record, _saved_response)
            record_input = parse_record(type_, {"id": _new_id(type_), **record})
            if record.get("id") == EXPORT:
                raise RecordRejected(("/id", reserved(EXPORT)))
            try:
                prepared = write.create(current_store(), record_input, keep=not params["dry_run"], once=once)
            except (idempotency.Replayed, KeyReused) as repeated:
                return response_to_repeated(repeated)
            return record_response(prepared, dry_run=params["dry_run"])

    class Edit(MethodView):
        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"put{name}",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(body_schema, partial(examples.put_body, collection)),
            headers=("IfMatchToReplace", "IfNoneMatch"),
            responses=(created, changed),
            problems=(*BODY, *PRECONDITIONS, *of_change, *_NOT_VIEWS),
            cost=change_cost,
        )
        def put(self, params: dict[str, typing.Any], id: str) -> Response:
            load = partial(request_body.parse_json_object, request_body.read(request_body.JSON_BYTES_MAX, JSON))
            prepared = write.put(
                current_store(), type_, id, load, etags.check_put_preconditions, keep=not params["dry_run"]
            )
            return record_response(prepared, dry_run=params["dry_run"])

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"patch{name}",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(*merge_patch, MERGE_PATCH, others=(RequestBodyDoc(*merge_patch),)),
            headers=("IfMatch",),
            responses=(patched,),
            problems=(
                "not-found",
                "gone",
                *BODY,
                *PRECONDITIONS,
                *(slug for slug in of_change if slug != "id-taken"),
                *_NOT_VIEWS,
            ),
            cost=change_cost,
        )
        def patch(self, params: dict[str, typing.Any], id: str) -> Response:
            load = partial(
                request_body.parse_json_object, request_body.read(request_body.JSON_BYTES_MAX, MERGE_PATCH, JSON)
            )
            prepared = write.patch(current_store(), type_, id, load, etags.check_if_match, keep=not params["dry_run"])
            return record_response(prepared, dry_run=params["dry_run"])

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"delete{name}",
            scope=CLAIMS_WRITE,
            headers=("IfMatch",),
            path=(path_id(collection, partial(examples.deletion_example, collection)),),
            responses=(ResponseDoc(204, headers=("Dry-Run",), links=links.of_deletion(collection)),),
            problems=("not-found", "gone", "in-use", *PRECONDITIONS, *_NOT_VIEWS),
            cost=5,
        )
        def delete(self, params: dict[str, typing.Any], id: str) -> Response:
            with current_store().writing(keep=not params["dry_run"]) as connection:
                write.delete_record(connection, type_, id, etags.check_if_match)
            return no_content(dry_run=params["dry_run"])

    Create.post.__doc__ = (
        f"Create {with_article(title)}.\n\n"
        "If the record has no `id`, the server makes one. A retry with the same `Idempotency-Key` returns the first "
        "response."
    )
    Edit.put.__doc__ = (
        f"Create or replace {with_article(title)}.\n\n"
        "The record gets the id of the path. You can send a record as you read it, because unchanged read-only fields "
        "are ignored."
    )
    Edit.patch.__doc__ = (
        f"Change {with_article(title)} by a JSON Merge Patch.\n\n"
        "`null` removes a value. Lists are replaced as a whole. "
        "Send `application/merge-patch+json` or `application/json`."
    )
    Edit.delete.__doc__ = (
        f"Delete {with_article(title)}.\n\nIts versions stay available. Other requests for the record return 410."
    )
    blp.add_url_rule(f"/{collection.path}", "create", Create)
    blp.add_url_rule(item_path(collection), "edit", Edit, parameters=[path_id(collection)])


def no_content(*, dry_run: bool) -> Response:
    """Return the response to a deletion."""
    response = Response(status=204)
    response.headers.pop("Content-Type", None)
    if dry_run:
        response.headers["Dry-Run"] = "deleted"
    return response


def record_response(prepared: Prepared, *, dry_run: bool) -> Response:
    """Return the stored record, or the result of a dry run."""
    response = json_response(prepared.json)
    if dry_run:
        response.headers["Dry-Run"] = prepared.outcome
        return response
    versions = Versions(prepared.document["version"], prepared.document["updated_at"])
    response.set_etag(etags.item_etag(versions))
    if prepared.outcome == "created":
        response.status_code = 201
        response.headers["Location"] = record_url(prepared.collection, prepared.document["id"])
    return response


def _new_id(type_: str) -> str:
    """Return an id for a new record: its type and 26 digits. They begin with the time, so ids are sorted by it."""
    number, digits = int(time.time() * 1000) << 80 | secrets.randbits(80), ""
    for _ in range(26):
        number, digit = divmod(number, len(_ID_DIGITS))
        digits = _ID_DIGITS[digit] + digits
    return f"{type_.replace('_', '-')}-{digits}"


def idempotent_request(
    body: Callable[[], typing.Any], response_to: Callable[[_Result], idempotency.Response]
) -> idempotency.Request[_Result] | None:
    """Return the identity of a request with an `Idempotency-Key`. Raise InvalidParameters for an invalid key.

    `body` returns the JSON value of the request body, or a hash of it. It is called after the body is read.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidParameters([("Idempotency-Key", "Must be 1 to 255 visible ASCII characters.")])
    target = request.method, request.path, request.query_string.decode("latin-1")

    @cache
    def sha256() -> str:
        # orjson rejects some numbers, and the body is not validated yet.
        return hashlib.sha256(json.dumps([*target, body()], sort_keys=True).encode()).hexdigest()

    owner = typing.cast("Key", current_request().key)
    return idempotency.Request(owner.id, key, sha256, response_to)


def response_to_repeated(repeated: idempotency.Replayed | KeyReused) -> Response:
    """Return the stored response to a repeated request. Raise Problem if its key belongs to another request."""
    if isinstance(repeated, idempotency.Replayed):
        status, headers, body = repeated.args[0]
        return Response(body, status, {**headers, "Idempotent-Replayed": "true"}, mimetype=JSON)
    key = request.headers["Idempotency-Key"]
    message = f"The Idempotency-Key {key!r} belongs to another request. Use a new key."
    raise Problem(message, slug="idempotency-key-reused") from None


def _saved_response(prepared: Prepared) -> idempotency.Response:
    """Return the response to a creation in the form that is stored for retries."""
    response = record_response(prepared, dry_run=False)
    headers = {name: response.headers[name] for name in ("ETag", "Location")}
    return response.status_code, headers, response.get_data(as_text=True)
