"""new-enum-values: words that nobody knows yet, and never in place of one that is on record.

- A list of claims that no filter narrows has one record more at its end: a copy of the last, under an id of its own,
  with a word that is new wherever the document says `x-extensible-enum`. Among claims of all kinds, the copy is of a
  new kind, with the fields that all kinds share. So have NDJSON and CSV. The copy can be got by its id.
- The checks of every claim's grounding, the cells of a comparison and those related to them, the points of a series,
  the events of a timeline, and the failed checks that a problem tells of have one more at their end: a copy of the
  last, with new words.

So whoever skips what is unknown sees what is on record, whole and unchanged. The feed and histories have no more.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import replace

import orjson
from werkzeug.datastructures import Headers

from api.contract.mock.chaos.middleware import CSV, Rewriting
from api.contract.mock.wsgi import Answered, Ask, Asked
from api.contract.validator.responses import NDJSON
from api.contract.validator.spec import Described, Part
from api.kinds.collections import CLAIMS, COLLECTIONS, KIND_BY_NAME
from api.kinds.kind import Collection
from api.representations import table
from api.representations.columns import columns_of

WORD = "an_unheard_of_word"
KIND = "an_unheard_of_kind"
# Copies by what is new in them, which says where they can be got.
_OF_WORDS, _OF_KIND = "unheard-word-", "unheard-kind-"
_LONGEST_ID = 80
# A page after the last, which holds the copy where the last has no room for it.
_AFTER = "unheard."

_JSON = "application/json"
_NO_FILTERS = frozenset({"limit", "cursor", "sort", "total", "fields", "format", "hxl", "facets", "include"})
# Whose lists have one more at their end, and by what it is told that it can.
_GROWING = {
    "CheckResult": "check",
    "ComparedCell": "cell",
    "RelatedCell": "relation",
    "Point": "step",
    "Event": "status",
    "ProblemPart": "check",
}
_LISTS = {
    **{f"/v1/{collection.path}": collection for collection in COLLECTIONS if collection.of_claims},
    "/v1/articles/{id}/claims": CLAIMS,
}
_ITEM = re.compile(rf"(?P<list>/v1/[a-z-]+)/(?P<new>{_OF_WORDS}|{_OF_KIND})(?P<id>[a-z0-9-]+)")


class UnheardWords(Rewriting):
    """Adds what has new words to lists and answers; takes nothing away and changes nothing."""

    def __init__(self, described: Described, root: str, names: tuple[str, ...]):
        super().__init__(described, root, names)
        self._small = "page-size-1" in names
        self._shared = described.schemas["OtherClaim"]["properties"]

    def __call__(self, asked: Asked, ask: Ask) -> Answered:
        if asked.method == "GET" and (match := _ITEM.fullmatch(asked.path)):
            return self._copy_of(match, asked, ask)
        operation = self.operation(asked)
        collection = _LISTS.get(operation.path) if operation is not None and operation.method == "GET" else None
        if collection is None or not {name for name, _ in asked.parameters} <= _NO_FILTERS:
            return super().__call__(asked, ask)
        cursor = asked.value("cursor") or ""
        if cursor.startswith(_AFTER):
            before = asked.to(cursor=cursor.removeprefix(_AFTER) or None)
            return self._page_after(collection, before, super().__call__(before, ask))
        answered = super().__call__(asked, ask)
        if answered.code == 200 and answered.body:
            if answered.media_type == _JSON:
                answered = self._page(collection, asked, answered)
            elif answered.media_type == NDJSON:
                answered = self._lines(collection, answered)
            elif answered.media_type == CSV:
                answered = self._table(collection, asked, answered, ask)
        return answered

    def rewrite(self, schema: Part, value: typing.Any) -> typing.Any:
        """The value, with one more wherever that is a list that grows."""
        schema = self.meant(schema, value)
        if isinstance(value, list) and "items" in schema:
            grown = [self.rewrite(schema["items"], each) for each in value]
            told_by = _GROWING.get(schema["items"].get("$ref", "").rpartition("/")[2])
            if told_by is not None and grown and grown[-1].get(told_by) is not None:
                grown.append(self._new_words(schema["items"], grown[-1]))
            return grown
        if not isinstance(value, dict):
            return value
        told = schema.get("properties", {})
        return {name: self.rewrite(told[name], each) if name in told else each for name, each in value.items()}

    def _new_words(self, schema: Part, value: typing.Any) -> typing.Any:
        """A copy with new words, save in the records that it tells of."""
        schema = self.meant(schema, value)
        if "x-extensible-enum" in schema:
            return WORD if isinstance(value, str) else value
        if isinstance(value, list) and "items" in schema:
            if "x-extensible-enum" in self.described.resolved(schema["items"]):
                return [*value, WORD]
            return [self._new_words(schema["items"], each) for each in value]
        if not isinstance(value, dict) or "grounding" in value:
            return value
        told = schema.get("properties", {})
        copied = {name: self._new_words(told[name], each) if name in told else each for name, each in value.items()}
        if "harm" in copied and "id" in copied:
            # A cell of its own, not another account of the same.
            copied["id"] = f"{_OF_WORDS}{copied['id']}"
        return copied

    def _copy(self, collection: Collection, record: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
        """The copy of a claim, or of the fields of it that were asked for."""
        of_all = collection is CLAIMS
        schema = self.described.schemas["OtherClaim" if of_all else KIND_BY_NAME[collection.name].output.__name__]
        kept = {name: value for name, value in record.items() if not of_all or name in self._shared}
        if "inferred" in kept and of_all:
            kept["inferred"] = [name for name in kept["inferred"] if name in self._shared]
        told = schema["properties"]
        copied = {name: self._new_words(told[name], value) if name in told else value for name, value in kept.items()}
        copied["id"] = f"{_OF_KIND if of_all else _OF_WORDS}{record['id']}"[:_LONGEST_ID]
        return copied | ({"type": KIND} if of_all and "type" in copied else {})

    def _copy_of(self, match: re.Match[str], asked: Asked, ask: Ask) -> Answered:
        """The copy that was asked for by its id."""
        answered = super().__call__(asked.to(f"{match['list']}/{match['id']}"), ask)
        if answered.code != 200 or answered.media_type != _JSON:
            return answered
        record = orjson.loads(answered.body)
        collection = CLAIMS if match["new"] == _OF_KIND else KIND_BY_NAME[record["type"]].collection
        return answered.holding(orjson.dumps(self._copy(collection, record)))

    def _page(self, collection: Collection, asked: Asked, answered: Answered) -> Answered:
        page = orjson.loads(answered.body)
        info, records = page["page"], page["data"]
        if "total" in info:
            info["total"]["count"] += bool(records)
        if info["next"] is None and records:
            if len(records) < (1 if self._small else info["limit"]):
                records.append(self._copy(collection, records[-1]))
            else:
                info["next"] = self._address(asked.to(cursor=f"{_AFTER}{asked.value('cursor') or ''}"))
        return _linked(answered, info).holding(orjson.dumps(page))

    def _page_after(self, collection: Collection, before: Asked, answered: Answered) -> Answered:
        """The page after the last, that being the one that was asked for before."""
        if answered.code != 200:
            return answered
        page = orjson.loads(answered.body)
        info = page["page"] | {"next": None, "prev": self._address(before)}
        if "total" in info:
            info["total"]["count"] += 1
        page |= {"data": [self._copy(collection, record) for record in page["data"][-1:]], "page": info}
        return _linked(answered, info).holding(orjson.dumps(page))

    def _lines(self, collection: Collection, answered: Answered) -> Answered:
        last = orjson.loads(answered.body.splitlines()[-1])
        return answered.holding(b"%s%s\n" % (answered.body, orjson.dumps(self._copy(collection, last))))

    def _table(self, collection: Collection, asked: Asked, answered: Answered, ask: Ask) -> Answered:
        """The rows, and one of the copy: made as all are, from the record that the last row is of."""
        lines = ask(asked.to(format="ndjson", hxl=None)).body.splitlines()
        if not lines:
            return answered
        copied = orjson.dumps(self._copy(collection, orjson.loads(lines[-1]))).decode()
        named = answered.body.decode().partition("\r\n")[0].split(",")
        columns = [column for column in columns_of(collection) if column.name in named]
        return answered.holding(answered.body + table.rows(columns, [copied]).encode())

    def _address(self, asked: Asked) -> str:
        return f"{self.root}{asked.path}{f'?{asked.query}' if asked.query else ''}"


def _linked(answered: Answered, info: Mapping[str, typing.Any]) -> Answered:
    """The answer, whose header leads where its page does."""
    headers = Headers(answered.headers)
    told = ", ".join(f'<{info[name]}>; rel="{name}"' for name in ("next", "prev") if info.get(name))
    headers.pop("Link", None)
    if told:
        headers["Link"] = told
    return replace(answered, headers=headers)
