"""The seed: the records that `onrecord db seed` stores in a new database."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

import orjson

from api.kinds.collections import COLLECTIONS

# Articles of the demo, which are invented. Their texts are stored, and no claim refers to them.
_INVENTED = ("demo-first-week", "demo-lantern-truce", "demo-tolls-differ")


def files() -> list[tuple[str, Traversable]]:
    """Return the name and the file of each collection's fixtures. The collection of all claims does not have one."""
    folder = resources.files("fixtures")
    names = [f"{collection.path}.ndjson" for collection in COLLECTIONS]
    return [(name, folder / name) for name in names if (folder / name).is_file()]


def sources() -> list[tuple[str, list[bytes]]]:
    """Return the lines of the seed by file: the fixtures, and three invented articles with their texts."""
    demo = resources.files("fixtures") / "demo" / "articles.ndjson"
    invented = [line for line in demo.read_bytes().splitlines() if orjson.loads(line)["id"] in _INVENTED]
    return [*((name, file.read_bytes().splitlines()) for name, file in files()), ("demo/articles.ndjson", invented)]
