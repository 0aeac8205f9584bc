"""new-enum-values: additional entries with unknown values. Stored records never change.

- A list of claims without filters ends with one more record: a copy of the last one, with another id.
  It has a new value for each field with `x-extensible-enum`. In a list of all kinds, the copy has a new kind
  and only the fields that all kinds share. The same applies to NDJSON and CSV. The copy can be requested by its id.
- Some other lists have one more entry with new values. They are the checks of a claim's grounding and of a problem,
  and the cells and related cells of a comparison. A series has a new point, and a timeline has a new event.

A client that skips unknown values sees the stored records, complete and unchanged. The feed and histories stay as is.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable

import orjson
from werkzeug.wrappers import Request, Response

from api.contract.mock.chaos.bodies import CSV, JSON, BodyRewriter
from api.contract.mock.handlers import change_target
from api.contract.validator.spec import NDJSON, JsonObject
from api.formats import table
from api.formats.columns import columns_of
from api.kinds.collections import CLAIMS, COLLECTIONS, KIND_BY_NAME
from api.kinds.kind import Collection
from schemas.fields import EXPORT

# From a schema and a value to the changed value.
_Change = Callable[[JsonObject, typing.Any], typing.Any]

VALUE = "an_unheard_of_word"
KIND = "an_unheard_of_kind"
# The prefix of a copy's id states whether its values or its kind are new.
_NEW_VALUES, _NEW_KIND = "unheard-word-", "unheard-kind-"
_ID_LENGTH_MAX = 80
# The prefix of the cursor of an additional page, which has the copy if the last page is full.
_ADDITIONAL_PAGE = "unheard."

_NOT_FILTERS = frozenset({"limit", "cursor", "sort", "total", "fields", "format", "hxl", "facets", "include", "texts"})
# Schemas whose lists get an entry, each with a field that the last entry must have.
_EXTENDED = {
    "CheckResult": "check",
    "ComparedCell": "cell",
    "RelatedCell": "relation",
    "Point": "step",
    "Event": "status",
    "ProblemPart": "check",
}
_LISTS = {
    f"{path}{end}": collection
    for path, collection in (
        *((f"/v1/{collection.path}", collection) for collection in COLLECTIONS if collection.of_claims),
        ("/v1/articles/{id}/claims", CLAIMS),
    )
    for end in ("", f"/{EXPORT}")
} | {f"/v1/{EXPORT}": CLAIMS}
_COPY = re.compile(rf"(?P<list>/v1/[a-z-]+)/(?P<prefix>{_NEW_VALUES}|{_NEW_KIND})(?P<id>[a-z0-9-]+)")


class NewEnumValues(BodyRewriter):
    """Adds entries with new values to lists and responses."""

    def __call__(self, request: Request) -> Response:
        operation = self.context.operation(request)
        if operation is None or operation.method != "GET":
            return super().__call__(request)
        if match := _COPY.fullmatch(request.path):
            return self._get_copy(match, request)
        collection = _LISTS.get(operation.path)
        if collection is None or not request.args.keys() <= _NOT_FILTERS:
            return super().__call__(request)
        cursor = request.args.get("cursor", "")
        if cursor.startswith(_ADDITIONAL_PAGE):
            last = change_target(request, cursor=cursor.removeprefix(_ADDITIONAL_PAGE) or None)
            return self._additional_page(collection, last, super().__call__(last))
        response = super().__call__(request)
        if response.status_code == 200 and (body := response.get_data()):
            if response.mimetype == JSON:
                self._extend_page(collection, request, response)
            elif response.mimetype == NDJSON:
                last = orjson.loads(body.splitlines()[-1])
                # Without claims, an export of all records ends with an article.
                if "headline" not in last:
                    response.set_data(b"%s%s\n" % (body, orjson.dumps(self._copy(collection, last))))
            elif response.mimetype == CSV:
                self._extend_table(collection, request, response)
        return response

    def rewrite(self, schema: JsonObject, value: typing.Any) -> typing.Any:
        """Return the value with one more entry in each list of an extended schema."""
        schema = self.resolve(schema, value)
        if isinstance(value, list) and "items" in schema:
            items = [self.rewrite(schema["items"], item) for item in value]
            required = _EXTENDED.get(schema["items"].get("$ref", "").rpartition("/")[2])
            if required is not None and items and items[-1].get(required) is not None:
                items.append(self._with_new_values(schema["items"], items[-1]))
            return items
        if not isinstance(value, dict):
            return value
        return _map_fields(schema, value, self.rewrite)

    def _with_new_values(self, schema: JsonObject, value: typing.Any) -> typing.Any:
        """Return a copy with new values, except in stored records."""
        schema = self.resolve(schema, value)
        if "x-extensible-enum" in schema:
            return VALUE if isinstance(value, str) else value
        if isinstance(value, list) and "items" in schema:
            if "x-extensible-enum" in self.spec.resolve(schema["items"]):
                return [*value, VALUE]
            return [self._with_new_values(schema["items"], item) for item in value]
        if not isinstance(value, dict) or "grounding" in value:
            return value
        copy = _map_fields(schema, value, self._with_new_values)
        if "harm" in copy and "id" in copy:
            # Otherwise a client would take it for the same cell.
            copy["id"] = f"{_NEW_VALUES}{copy['id']}"
        return copy

    def _copy(self, collection: Collection, record: JsonObject) -> JsonObject:
        """Return the copy of a claim, or of its selected fields."""
        if collection is not CLAIMS:
            schema = self.spec.schemas[KIND_BY_NAME[collection.name].output.__name__]
            copy = _map_fields(schema, record, self._with_new_values)
            return copy | {"id": f"{_NEW_VALUES}{record['id']}"[:_ID_LENGTH_MAX]}
        schema = self.spec.schemas["OtherClaim"]
        shared = {name: value for name, value in record.items() if name in schema["properties"]}
        if "inferred" in shared:
            shared["inferred"] = [name for name in shared["inferred"] if name in schema["properties"]]
        copy = _map_fields(schema, shared, self._with_new_values)
        copy["id"] = f"{_NEW_KIND}{record['id']}"[:_ID_LENGTH_MAX]
        return copy | ({"type": KIND} if "type" in copy else {})

    def _get_copy(self, match: re.Match[str], request: Request) -> Response:
        """Return the copy whose id was requested."""
        response = super().__call__(change_target(request, f"{match['list']}/{match['id']}"))
        if response.status_code == 200 and response.mimetype == JSON:
            record = orjson.loads(response.get_data())
            collection = CLAIMS if match["prefix"] == _NEW_KIND else KIND_BY_NAME[record["type"]].collection
            response.set_data(orjson.dumps(self._copy(collection, record)))
        return response

    def _extend_page(self, collection: Collection, request: Request, response: Response) -> None:
        page = orjson.loads(response.get_data())
        info, records = page["page"], page["data"]
        if "total" in info:
            info["total"]["count"] += bool(records)
        if info["next"] is None and records:
            if len(records) < (1 if "page-size-1" in self.context.names else info["limit"]):
                records.append(self._copy(collection, records[-1]))
            else:
                cursor = f"{_ADDITIONAL_PAGE}{request.args.get('cursor', '')}"
                info["next"] = self._url(change_target(request, cursor=cursor))
        _set_page(response, page)

    def _additional_page(self, collection: Collection, last: Request, response: Response) -> Response:
        """Return the page after the last one, from the request and the response of the last one."""
        if response.status_code == 200:
            page = orjson.loads(response.get_data())
            page["page"] |= {"next": None, "prev": self._url(last)}
            if "total" in page["page"]:
                page["page"]["total"]["count"] += 1
            page["data"] = [self._copy(collection, record) for record in page["data"][-1:]]
            _set_page(response, page)
        return response

    def _extend_table(self, collection: Collection, request: Request, response: Response) -> None:
        """Append the row of the copy, built from the NDJSON of the last record."""
        lines = self.handler(change_target(request, format="ndjson", hxl=None)).get_data().splitlines()
        if lines:
            copy = orjson.dumps(self._copy(collection, orjson.loads(lines[-1]))).decode()
            body = response.get_data()
            names = body.decode().partition("\r\n")[0].split(",")
            columns = [column for column in columns_of(collection) if column.name in names]
            response.set_data(body + table.rows(columns, [copy]).encode())

    def _url(self, request: Request) -> str:
        query = request.query_string.decode()
        return f"{self.context.base_url}{request.path}{f'?{query}' if query else ''}"


def _map_fields(schema: JsonObject, value: JsonObject, change: _Change) -> JsonObject:
    properties = schema.get("properties", {})
    return {name: change(properties[name], field) if name in properties else field for name, field in value.items()}


def _set_page(response: Response, page: JsonObject) -> None:
    """Set the body and the Link header of a page."""
    info = page["page"]
    response.set_data(orjson.dumps(page))
    response.headers.pop("Link", None)
    if links := [f'<{info[name]}>; rel="{name}"' for name in ("next", "prev") if info.get(name)]:
        response.headers["Link"] = ", ".join(links)
