"""The export of articles and claims of all kinds as one file, which can be imported: /v1/export."""

from __future__ import annotations

import typing
from collections.abc import Generator

from flask import Response
from flask.views import MethodView

from api.http.auth import require_scope
from api.http.negotiation import NDJSON
from api.http.scopes import OPEN, TEXTS_READ
from api.http.versions import Version
from api.kinds.collections import CLAIMS
from api.kinds.query_fields import Flag
from api.openapi.examples import full_export_example
from api.openapi.responses import NOT_MODIFIED, ResponseDoc
from api.openapi.smorest import Blueprint
from api.store.exports import everything
from api.store.statement_cache import Reader
from api.v1 import exports
from api.v1.exports import Lines
from api.v1.links import CHANGES_AFTER_EXPORT
from api.v1.list_params import ListParams
from schemas.fields import EXPORT


def list_params(version: Version) -> ListParams:
    """Return the parameters whose filters select the claims of an export."""
    return ListParams(version, CLAIMS, "id")


def blueprint(version: Version) -> Blueprint:
    """Build the endpoint of the export of all records."""
    blp = Blueprint("exports", description="Articles and claims of all kinds as one file.")
    params_of_claims = list_params(version)
    schema = params_of_claims.filter_schema(
        texts=Flag(
            load_default=False,
            description=f"Also include the stored texts of articles, as `text`. Requires the scope `{TEXTS_READ}`.",
        )
    )
    records = [{"$ref": f"#/components/schemas/{name}"} for name in ("Article", "Claim")]
    lines = {"allOf": [{"$ref": "#/components/schemas/Lines"}], "contentSchema": {"oneOf": records}}

    class Export(MethodView):
        @blp.arguments(schema, location="query")
        @blp.operation(
            "exportRecords",
            scope=OPEN,
            responses=(
                ResponseDoc(200, lines, full_export_example, exports.HEADERS, NDJSON, links=(CHANGES_AFTER_EXPORT,)),
                NOT_MODIFIED,
            ),
            problems=("scope-required",),
            cost=10,
        )
        def get(self, params: dict[str, typing.Any]) -> Response:
            """Export articles and claims.

            Returns NDJSON that can be imported: articles, then claims of all kinds, each sorted by id, as of one point
            in time. Without filters, these are all records. With filters, they are the claims that match, the claims
            that these restate, and the articles of both.
            """
            if params["texts"]:
                require_scope(TEXTS_READ, "`texts=true`")
            conditions = params_of_claims.conditions(params)

            def start(reader: Reader) -> tuple[bytes, Lines, Generator[list[bytes]]]:
                return b"", exports.ndjson_lines, everything(reader, conditions, with_texts=params["texts"])

            return exports.stream("onrecord.ndjson", NDJSON, start, "ndjson")

    blp.add_url_rule(f"/{EXPORT}", "export", Export)
    return blp
