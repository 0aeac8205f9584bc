"""The servers that are compared: their commands, their URLs and the records in their responses."""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

Record = dict[str, typing.Any]

BIN = Path(sys.executable).parent
_PEERS = "tests.benchmarks.peers"
_COLLECTION = "/v1/casualty-reports"
_LISTS_AND_OBJECTS = (
    *("claimant", "via", "evidence", "inferred", "same_as", "subgroups", "affected", "on_record", "grounding"),
)


@dataclass(frozen=True)
class PageQuery:
    """A page of the claims of a claimant in the default order, of those up to a day if there is one."""

    claimant: str
    until: str | None = None
    limit: int = 20


@dataclass(frozen=True)
class Contender:
    """A server with an API of casualty reports.

    `command` takes the folder with the databases and a port. `item` and `page` return the path of a URL. `records`
    returns the records of a parsed page. A server without `is_filtering` returns the same page for each query.
    """

    name: str
    title: str
    command: Callable[[Path, int], Sequence[str]]
    item: Callable[[str], str] = lambda id_: f"{_COLLECTION}/{id_}"
    page: Callable[[PageQuery], str] = lambda query: _url(query, "claimant", "until", "limit")
    records: Callable[[typing.Any], list[Record]] = lambda page: page["data"]
    settings: dict[str, str] = field(default_factory=dict)
    is_filtering: bool = True


def _url(query: PageQuery, claimant: str, until: str, limit: str) -> str:
    params = {claimant: query.claimant, until: query.until, limit: query.limit}
    return f"{_COLLECTION}?{urlencode({name: value for name, value in params.items() if value is not None})}"


def _granian(module: str, interface: str = "wsgi") -> Callable[[Path, int], Sequence[str]]:
    def command(_folder: Path, port: int) -> Sequence[str]:
        options = ("--interface", interface, "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        return (str(BIN / "granian"), *options, f"{_PEERS}.{module}:app")

    return command


def _uvicorn(module: str) -> Callable[[Path, int], Sequence[str]]:
    def command(_folder: Path, port: int) -> Sequence[str]:
        options = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-access-log")
        return (str(BIN / "uvicorn"), *options, f"{_PEERS}.{module}:app")

    return command


def _datasette(folder: Path, port: int) -> Sequence[str]:
    files = ("--immutable", f"{folder}/peers.db", "--inspect-file", f"{folder}/counts.json")
    return (str(BIN / "datasette"), "serve", *files, "--host", "127.0.0.1", "--port", str(port))


# Lists and objects as JSON, in a list of objects.
_DATASETTE_JSON = {"_shape": "objects", "_json": _LISTS_AND_OBJECTS}


def _datasette_page(query: PageQuery) -> str:
    params = {
        "claimant_name": query.claimant,
        # A day and an id. No id begins with a tilde or a later character.
        **({"on_record_order__lte": f"{query.until} ~"} if query.until else {}),
        "_sort_desc": "on_record_order",
        "_size": query.limit,
        **_DATASETTE_JSON,
        # Without these, a page also has the count of all rows and proposed facets, which takes five times as long.
        **dict.fromkeys(("_nocount", "_nofacet", "_nosuggest"), 1),
    }
    return f"/peers/casualty_report.json?{urlencode(params, doseq=True)}"


ONRECORD = Contender(
    "onrecord",
    "onrecord",
    lambda _folder, port: (str(BIN / "onrecord"), "serve", "--port", str(port)),
    page=lambda query: _url(query, "claimant", "on_record[lte]", "limit"),
    # All other settings have their defaults. The limit is counted, but not reached.
    settings={"ONRECORD_RATE_LIMIT": "1000000000/minute"},
)
BARE_WSGI = Contender("bare_wsgi", "a bare WSGI function, granian", _granian("bare_wsgi"), is_filtering=False)
BARE_ASGI = Contender("bare_asgi", "a bare ASGI function, granian", _granian("bare_asgi", "asginl"), is_filtering=False)
BARE_FLASK = Contender("bare_flask", "a bare Flask route, granian", _granian("bare_flask"), is_filtering=False)
LITESTAR = Contender("litestar", "Litestar + msgspec + sqlite3, uvicorn", _uvicorn("litestar_msgspec"))
FASTAPI = Contender("fastapi", "FastAPI + Pydantic + SQLAlchemy, uvicorn", _uvicorn("fastapi_sqlalchemy"))
SMOREST = Contender(
    "smorest",
    "flask-smorest + SQLAlchemy + marshmallow, granian",
    _granian("smorest_orm"),
    page=lambda query: _url(query, "claimant", "until", "page_size"),
    records=lambda page: page,
)
DATASETTE = Contender(
    "datasette",
    "Datasette",
    _datasette,
    item=lambda id_: f"/peers/casualty_report/{id_}.json?{urlencode(_DATASETTE_JSON, doseq=True)}",
    page=_datasette_page,
    records=lambda page: page["rows"],
)
CONTENDERS = (ONRECORD, BARE_WSGI, BARE_ASGI, BARE_FLASK, LITESTAR, FASTAPI, SMOREST, DATASETTE)
