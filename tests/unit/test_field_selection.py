"""Requested fields of a document: copied as they are stored, in the order of the names."""

from __future__ import annotations

import itertools

import msgspec
import orjson
import pytest

from api.kinds.collections import COLLECTIONS
from api.seed import files
from api.v1.items import field_selector

UNUSUAL = {"id": 'é😀\x00\n"', "count": -0.0, "type": [1, {"id": 2}, None], "place": 2**63, "as_of": 1e-7}
# Documents are stored as orjson writes them.
DOCUMENTS = [
    *(orjson.dumps(orjson.loads(line)).decode() for _, file in files() for line in file.read_bytes().splitlines()),
    orjson.dumps(UNUSUAL).decode(),
    "{}",
]


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_a_selection_has_the_bytes_of_a_new_document(collection):
    names = collection.fields
    for selected in (*itertools.combinations(names, 2), names, names[::-1]):
        select = field_selector(tuple(selected))
        for document in DOCUMENTS:
            record = orjson.loads(document)
            expected = orjson.dumps([{name: record[name] for name in selected if name in record}] * 2)
            assert msgspec.json.encode(select(f"[{document},{document}]")) == expected
