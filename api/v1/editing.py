"""Writing a type of record: POST and PUT, PATCH and DELETE."""

from __future__ import annotations

import typing
from dataclasses import replace
from functools import partial

from flask import Response
from flask.views import MethodView

from api.http.scopes import CLAIMS_WRITE
from api.kinds.kind import Collection
from api.kinds.record_input import input_schema, patch_schema
from api.openapi.examples import (
    create_body,
    create_response,
    patch_body,
    patch_response,
    put_body,
    put_response,
)
from api.openapi.responses import RequestBodyDoc, ResponseDoc
from api.openapi.smorest import Blueprint
from api.v1 import writes
from api.v1.paths import camel, item_path, path_id, with_article
from api.v1.writes import WriteParameters
from schemas.base import schema_of as answered_as

_BODY = ("malformed-body", "invalid-record", "content-too-large", "unsupported-media-type")
_UNSEEN = ("precondition-failed", "precondition-required")


def add_to(blp: Blueprint, collection: Collection) -> None:
    """Add the endpoints that write a collection's type of record."""
    type_, name, title = str(collection.writes), camel(collection.name), collection.title
    shape_sent = input_schema(type_)
    shape, new = answered_as(collection.item), partial(create_response, collection)
    changed = ResponseDoc(
        200,
        shape,
        partial(put_response, collection),
        ("ETag?", "Dry-Run"),
        description="As it stands now or, dry run, as it would.",
    )
    patched = replace(changed, example=partial(patch_response, collection))
    created = ResponseDoc(201, shape, partial(put_response, collection), ("ETag", "Location"), description="Created.")
    tried = replace(changed, example=new, headers=("Dry-Run",), description="As it would stand: a dry run.")
    # Under a collection's path are its views, too, which cannot be written.
    not_views = ("method-not-allowed",) if collection.views else ()
    beside = ("not-grounded", "duplicate", "id-taken") if collection.of_claims else ("id-taken",)
    # An article is changed together with what its claims are found and listed by.
    cost_of_change = 5 if collection.of_claims else 10
    moved = ("not-grounded", "duplicate", "id-taken") if collection.of_claims else ("not-grounded", "in-use")

    class Create(MethodView):
        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"create{name}",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(shape_sent, partial(create_body, collection)),
            headers=("IdempotencyKey",),
            responses=(replace(created, example=new, headers=("ETag", "Location", "Idempotent-Replayed")), tried),
            problems=(*_BODY, *beside, "idempotency-key-reused"),
            cost=5,
        )
        def post(self, given: dict[str, typing.Any]) -> Response:
            return writes.create(type_, dry_run=given["dry_run"])

    class Edit(MethodView):
        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"put{name}",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(shape_sent, partial(put_body, collection)),
            headers=("IfMatchToReplace", "IfNoneMatch"),
            responses=(created, changed),
            problems=(*_BODY, *_UNSEEN, *moved, *not_views),
            cost=cost_of_change,
        )
        def put(self, given: dict[str, typing.Any], id: str) -> Response:
            return writes.replace(type_, id, dry_run=given["dry_run"])

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"patch{name}",
            scope=CLAIMS_WRITE,
            body=RequestBodyDoc(patch_schema(type_), partial(patch_body, collection), writes.MERGE_PATCH),
            headers=("IfMatch",),
            responses=(patched,),
            problems=(
                "not-found",
                "gone",
                *_BODY,
                *_UNSEEN,
                *(slug for slug in moved if slug != "id-taken"),
                *not_views,
            ),
            cost=cost_of_change,
        )
        def patch(self, given: dict[str, typing.Any], id: str) -> Response:
            return writes.change(type_, id, dry_run=given["dry_run"])

        @blp.arguments(WriteParameters(), location="query")
        @blp.operation(
            f"delete{name}",
            scope=CLAIMS_WRITE,
            headers=("IfMatch",),
            responses=(ResponseDoc(204, headers=("Dry-Run",)),),
            problems=("not-found", "gone", "in-use", *_UNSEEN, *not_views),
            cost=5,
        )
        def delete(self, given: dict[str, typing.Any], id: str) -> Response:
            return writes.remove(type_, id, dry_run=given["dry_run"])

    Create.post.__doc__ = (
        f"Put a new {title} on record.\n\n"
        "Without an `id`, one is made for it. With an `Idempotency-Key`, it is put there once, however often sent."
    )
    Edit.put.__doc__ = f"Put {with_article(title)} under an id.\n\nA new one, or in place of the one that is there."
    Edit.patch.__doc__ = (
        f"Change {with_article(title)} by a JSON Merge Patch.\n\nnull takes a value away; lists are replaced whole."
    )
    Edit.delete.__doc__ = f"Take {with_article(title)} off the record.\n\nIts history stays, and it is said to be gone."
    blp.add_url_rule(f"/{collection.path}", "create", Create)
    blp.add_url_rule(item_path(collection), "edit", Edit, parameters=[path_id(collection)])
