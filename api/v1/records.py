"""The two endpoints that every collection has: its list and its items."""

from __future__ import annotations

import re
import typing

import marshmallow as ma
from flask import Response
from flask.views import MethodView

from api.contract.examples import example_of, example_page
from api.http.rest import Blueprint, Parameters
from api.kinds.kind import Collection
from api.kinds.parameters import Names
from api.v1 import answering
from api.v1.asking import Asking
from schemas.page import selection_or
from schemas.shapes import shape_of


class _ItemParameters(Parameters):
    include = Names(("article",), metadata={"description": "Also put the claim's article into it, as `article`."})


class _NoParameters(Parameters):
    pass


def camel(name: str) -> str:
    """A name as operations and schemas have it.

    >>> camel("casualty-reports")
    'CasualtyReports'
    """
    return "".join(part.capitalize() for part in re.split("[-_]", name))


def path_id(collection: Collection) -> dict[str, typing.Any]:
    """The documentation of the id in a record's path."""
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": f"The {collection.title}'s id.",
        "schema": {"type": "string", "minLength": 1},
        "example": example_of(collection)["id"],
    }


def blueprint_of(collection: Collection, page: type[ma.Schema]) -> Blueprint:
    """A collection's list, on pages of this shape, and its items, under its path."""
    blp = Blueprint(collection.path, description=collection.doc)
    asking = Asking(collection, collection.default_sort)
    name = camel(collection.name)
    plural = camel(collection.path)
    item_parameters = _ItemParameters() if collection.of_claims else _NoParameters()

    class Many(MethodView):
        @blp.arguments(asking.schema, location="query")
        @blp.operation(
            f"list{plural}", answer=selection_or(page), example=example_page(collection), problems=(), link=True
        )
        def get(self, given: dict[str, typing.Any]) -> Response:
            return answering.listing(asking.question(given))

    class One(MethodView):
        @blp.arguments(item_parameters, location="query")
        @blp.operation(
            f"get{name}", answer=shape_of(collection.item), example=example_of(collection), problems=("not-found",)
        )
        def get(self, given: dict[str, typing.Any], id: str) -> Response:
            return answering.item(collection, id, include_article="article" in given.get("include", ()))

    Many.get.__doc__ = f"List {collection.path.replace('-', ' ')}."
    One.get.__doc__ = f"Get one {collection.title}."
    blp.add_url_rule(f"/{collection.path}", "many", Many)
    blp.add_url_rule(f"/{collection.path}/<id>", "one", One, parameters=[path_id(collection)])
    return blp
