"""The packaged fixtures, found wherever the project is installed."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from api.kinds.collections import COLLECTIONS


def files() -> list[tuple[str, Traversable]]:
    """Name and file of each collection's fixtures; claims of all kinds together have none of their own."""
    folder = resources.files("fixtures")
    named = [f"{collection.path}.ndjson" for collection in COLLECTIONS]
    return [(name, folder / name) for name in named if (folder / name).is_file()]
