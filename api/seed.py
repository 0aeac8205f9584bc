"""The packaged fixtures, which `onrecord db seed` stores in a new database."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from api.kinds.collections import COLLECTIONS


def files() -> list[tuple[str, Traversable]]:
    """Return the name and the file of each collection's fixtures. The collection of all claims does not have one."""
    folder = resources.files("fixtures")
    names = [f"{collection.path}.ndjson" for collection in COLLECTIONS]
    return [(name, folder / name) for name in names if (folder / name).is_file()]
