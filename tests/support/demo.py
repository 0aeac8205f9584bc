"""The articles and claims of the demo. Unlike the seed, it has the whole texts of the articles."""

from __future__ import annotations

import typing
from importlib import resources

import orjson

from api.grounding.case import Source
from api.grounding.checks import Grounding, ground
from api.kinds import KINDS
from api.kinds.collections import KIND_BY_NAME

Record = dict[str, typing.Any]

FOLDER = resources.files("fixtures") / "demo"


def _lines(name: str) -> list[Record]:
    return [orjson.loads(line) for line in (FOLDER / name).read_bytes().splitlines()]


ARTICLES = {article["id"]: article for article in _lines("articles.ndjson")}
CLAIMS = [claim for kind in KINDS for claim in _lines(f"{kind.path}.ndjson")]


def source(article: Record) -> Source:
    """Return an article as the source that checks read."""
    return Source(article["text"], len(article["text"]), article["language"])


def grounded(sent: Record, against: Source) -> Grounding:
    """Return the results of the checks of a claim."""
    kind = KIND_BY_NAME[sent["type"]]
    fields = {name: value for name, value in sent.items() if name != "type"}
    return ground(kind.input_schema.load(fields), frozenset(fields), kind.checked, against)
