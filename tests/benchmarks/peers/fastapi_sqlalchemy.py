"""FastAPI, Pydantic and SQLAlchemy's ORM: a session for each request as a dependency, and response models."""

from __future__ import annotations

import os
import typing
from collections.abc import Iterator

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(f"sqlite:///{os.environ['BENCHMARK_FOLDER']}/peers.db")


class Base(DeclarativeBase):
    type_annotation_map: typing.ClassVar = {dict[str, typing.Any]: JSON, list[typing.Any]: JSON}


class CasualtyReport(Base):
    __tablename__ = "casualty_report"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    article_id: Mapped[str]
    claimant: Mapped[dict[str, typing.Any]]
    via: Mapped[list[typing.Any]]
    claimed_on: Mapped[str | None]
    evidence: Mapped[list[typing.Any]]
    inferred: Mapped[list[typing.Any]]
    restates: Mapped[str | None]
    same_as: Mapped[list[typing.Any]]
    harm: Mapped[str]
    population: Mapped[str]
    subgroups: Mapped[list[typing.Any]]
    affected: Mapped[list[typing.Any]]
    count: Mapped[int | None]
    qualifier: Mapped[str]
    wording: Mapped[str | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
    since: Mapped[str | None]
    as_of: Mapped[str | None]
    place: Mapped[str | None]
    on_record: Mapped[dict[str, typing.Any]]
    grounding: Mapped[dict[str, typing.Any]]
    version: Mapped[int]
    created_at: Mapped[str]
    updated_at: Mapped[str]
    claimant_name: Mapped[str]
    on_record_from: Mapped[str]


class Party(BaseModel):
    name: str
    kind: str
    country: str | None
    title: str | None
    same_as: str | None


class Span(BaseModel):
    exact: str
    start: int
    end: int
    source: str | None


class OnRecord(BaseModel):
    earliest: str | None
    latest: str | None
    basis: str | None


class Check(BaseModel):
    check: str
    outcome: str
    reason: str | None


class Grounding(BaseModel):
    status: str
    checks: list[Check]


class CasualtyReportPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

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


class Page(BaseModel):
    data: list[CasualtyReportPublic]


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDependency = typing.Annotated[Session, Depends(get_session)]
app = FastAPI()


@app.get("/v1/casualty-reports/{id_}", response_model=CasualtyReportPublic)
def get_item(id_: str, session: SessionDependency):
    report = session.get(CasualtyReport, id_)
    if report is None:
        raise HTTPException(status_code=404, detail="The casualty report does not exist.")
    return report


@app.get("/v1/casualty-reports", response_model=Page)
def get_page(
    session: SessionDependency,
    claimant: str | None = None,
    until: str | None = None,
    limit: typing.Annotated[int, Query(ge=1, le=200)] = 20,
):
    query = select(CasualtyReport).order_by(CasualtyReport.on_record_from.desc(), CasualtyReport.id.desc())
    if claimant is not None:
        query = query.where(CasualtyReport.claimant_name == claimant)
    if until is not None:
        query = query.where(CasualtyReport.on_record_from <= until)
    return {"data": session.scalars(query.limit(limit)).all()}
