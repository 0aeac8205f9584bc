"""Litestar, msgspec and sqlite3: structs as response types, and one connection that the lifespan opens."""

from __future__ import annotations

import os
import sqlite3
import typing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import Parameter


class Party(msgspec.Struct):
    name: str
    kind: str
    country: str | None
    title: str | None
    same_as: str | None


class Span(msgspec.Struct):
    exact: str
    start: int
    end: int
    source: str | None


class OnRecord(msgspec.Struct):
    earliest: str | None
    latest: str | None
    basis: str | None


class Check(msgspec.Struct):
    check: str
    outcome: str
    reason: str | None


class Grounding(msgspec.Struct):
    status: str
    checks: list[Check]


class CasualtyReport(msgspec.Struct):
    id: str
    type: str
    article_id: str
    claimant: Party
    via: list[Party]
    claimed_on: str | None
    evidence: list[Span]
    inferred: list[str]
    restates: str | None
    same_as: list[str]
    harm: str
    population: str
    subgroups: list[str]
    affected: list[Party]
    count: int | None
    qualifier: str
    wording: str | None
    low: int | None
    high: int | None
    since: str | None
    as_of: str | None
    place: str | None
    on_record: OnRecord
    grounding: Grounding
    version: int
    created_at: str
    updated_at: str


class Page(msgspec.Struct):
    data: list[CasualtyReport]


FIELDS = CasualtyReport.__struct_fields__
SELECT = f"SELECT {', '.join(FIELDS)} FROM casualty_report"
# A decoder is built once for each column with JSON.
DECODERS = {
    name: msgspec.json.Decoder(type_).decode
    for name, type_ in typing.get_type_hints(CasualtyReport).items()
    if typing.get_origin(type_) is list or (isinstance(type_, type) and issubclass(type_, msgspec.Struct))
}
CONVERTERS = tuple((index, DECODERS[name]) for index, name in enumerate(FIELDS) if name in DECODERS)


def read_report(row: tuple[typing.Any, ...]) -> CasualtyReport:
    values = list(row)
    for index, decode in CONVERTERS:
        values[index] = decode(values[index])
    return CasualtyReport(*values)


@asynccontextmanager
async def open_database(app: Litestar) -> AsyncIterator[None]:
    path = f"file:{os.environ['BENCHMARK_FOLDER']}/peers.db?mode=ro"
    app.state.connection = sqlite3.connect(path, uri=True, check_same_thread=False)
    try:
        yield
    finally:
        app.state.connection.close()


# A query takes less time than a change of threads.
@get("/v1/casualty-reports/{id_:str}", sync_to_thread=False)
def get_item(state: State, id_: str) -> CasualtyReport:
    row = state.connection.execute(f"{SELECT} WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFoundException(detail="The casualty report does not exist.")
    return read_report(row)


@get("/v1/casualty-reports", sync_to_thread=False)
def get_page(
    state: State,
    claimant: str | None = None,
    until: str | None = None,
    limit: typing.Annotated[int, Parameter(ge=1, le=200)] = 20,
) -> Page:
    conditions: list[str] = []
    values: list[str | int] = []
    if claimant is not None:
        conditions.append("claimant_name = ?")
        values.append(claimant)
    if until is not None:
        conditions.append("on_record_from <= ?")
        values.append(until)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = " ORDER BY on_record_from DESC, id DESC LIMIT ?"
    rows = state.connection.execute(f"{SELECT}{where}{order}", (*values, limit))
    return Page([read_report(row) for row in rows])


app = Litestar([get_item, get_page], lifespan=[open_database])
