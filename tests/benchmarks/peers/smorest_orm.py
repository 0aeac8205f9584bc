"""flask-smorest, marshmallow and SQLAlchemy's ORM: schemas of queries and responses, and flask-smorest's pagination."""

from __future__ import annotations

import os
import typing

import marshmallow as ma
from flask import Flask
from flask.views import MethodView
from flask_smorest import Api, Blueprint, abort
from sqlalchemy import JSON, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

engine = create_engine(f"sqlite:///{os.environ['BENCHMARK_FOLDER']}/peers.db")
session = scoped_session(sessionmaker(engine))


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


class PartySchema(ma.Schema):
    name = ma.fields.String()
    kind = ma.fields.String()
    country = ma.fields.String()
    title = ma.fields.String()
    same_as = ma.fields.Url()


class SpanSchema(ma.Schema):
    exact = ma.fields.String()
    start = ma.fields.Integer()
    end = ma.fields.Integer()
    source = ma.fields.Url()


class OnRecordSchema(ma.Schema):
    earliest = ma.fields.String()
    latest = ma.fields.String()
    basis = ma.fields.String()


class CheckSchema(ma.Schema):
    check = ma.fields.String()
    outcome = ma.fields.String()
    reason = ma.fields.String()


class GroundingSchema(ma.Schema):
    status = ma.fields.String()
    checks = ma.fields.List(ma.fields.Nested(CheckSchema))


class CasualtyReportSchema(ma.Schema):
    id = ma.fields.String()
    type = ma.fields.String()
    article_id = ma.fields.String()
    claimant = ma.fields.Nested(PartySchema)
    via = ma.fields.List(ma.fields.Nested(PartySchema))
    claimed_on = ma.fields.String()
    evidence = ma.fields.List(ma.fields.Nested(SpanSchema))
    inferred = ma.fields.List(ma.fields.String())
    restates = ma.fields.String()
    same_as = ma.fields.List(ma.fields.Url())
    harm = ma.fields.String()
    population = ma.fields.String()
    subgroups = ma.fields.List(ma.fields.String())
    affected = ma.fields.List(ma.fields.Nested(PartySchema))
    count = ma.fields.Integer()
    qualifier = ma.fields.String()
    wording = ma.fields.String()
    low = ma.fields.Integer()
    high = ma.fields.Integer()
    since = ma.fields.String()
    as_of = ma.fields.String()
    place = ma.fields.String()
    on_record = ma.fields.Nested(OnRecordSchema)
    grounding = ma.fields.Nested(GroundingSchema)
    version = ma.fields.Integer()
    created_at = ma.fields.String()
    updated_at = ma.fields.String()


class QuerySchema(ma.Schema):
    claimant = ma.fields.String()
    until = ma.fields.String()


app = Flask(__name__)
app.config |= {
    "API_TITLE": "Casualty reports",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
}
blp = Blueprint("casualty_reports", __name__, url_prefix="/v1/casualty-reports")


@blp.route("/<id_>")
class Item(MethodView):
    @blp.response(200, CasualtyReportSchema)
    def get(self, id_: str):
        report = session.get(CasualtyReport, id_)
        if report is None:
            abort(404, message="The casualty report does not exist.")
        return report


@blp.route("")
class Page(MethodView):
    @blp.arguments(QuerySchema, location="query")
    @blp.response(200, CasualtyReportSchema(many=True))
    @blp.paginate(max_page_size=200)
    def get(self, filters, pagination_parameters):
        query = select(CasualtyReport)
        if "claimant" in filters:
            query = query.where(CasualtyReport.claimant_name == filters["claimant"])
        if "until" in filters:
            query = query.where(CasualtyReport.on_record_from <= filters["until"])
        pagination_parameters.item_count = session.scalar(query.with_only_columns(func.count()))
        ordered = query.order_by(CasualtyReport.on_record_from.desc(), CasualtyReport.id.desc())
        page = ordered.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
        return session.scalars(page).all()


Api(app).register_blueprint(blp)


@app.teardown_appcontext
def remove_session(_error: BaseException | None) -> None:
    session.remove()
