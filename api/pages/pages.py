"""What people look at: the front page, Swagger UI, the pages of articles, and one that explains each kind of problem.

Nothing comes from another host, and no page has a script of its own but the documentation's.
"""

from __future__ import annotations

import typing
from importlib import resources

import orjson
from flask import Blueprint, Flask, Response, render_template, request, send_from_directory

from api.http import addresses
from api.http.negotiation import JSON, accept_header, insist
from api.http.operations import Operation
from api.http.problems import PROBLEMS, InvalidParameters, Problem
from api.http.scopes import OPEN
from api.http.versions import current_version, served_versions
from api.kinds.collections import COLLECTIONS
from api.openapi.document import path_of
from api.pages import api_catalog, article_page, promise_page

HTML = "text/html"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# What of Swagger UI's distribution the page uses; the rest stays unserved.
_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js")


def register(app: Flask) -> None:
    """Serve the pages."""
    pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")

    @pages.get("/")
    def front() -> Response:
        response = _for_people_or_programs("front.html", _index())
        api_catalog.announce(response)
        return response

    @pages.get("/favicon.ico")
    def icon() -> Response:
        # Browsers ask for it beside answers that are no pages.
        return _kept(pages.send_static_file("icon.svg"))

    @pages.get("/contract")
    def contract() -> Response:
        return _for_people_or_programs("contract.html", promise_page.content(addresses.root()))

    @pages.get("/problems")
    def problems() -> Response:
        return _for_people_or_programs("problems.html", {"problems": [_explained(slug) for slug in PROBLEMS]})

    @pages.get("/problems/<slug>")
    def problem(slug: str) -> Response:
        if slug not in PROBLEMS:
            raise Problem(f"There is no kind of problem called {slug[:100]!r}.", slug="no-such-path")
        return _for_people_or_programs("problem.html", _explained(slug))

    @pages.get("/articles/<id>")
    def article(id: str) -> Response:
        insist(HTML)
        found = article_page.of(id)
        if isinstance(found, Response):
            return found
        return article_page.finished(_page("article.html", **found.content), found.tag)

    # The other pages read no database. They cost nothing, so that the page about a 429 can be read after one.
    article._operation = Operation("articlePage", OPEN, cost=10)  # type: ignore[attr-defined]

    _add_docs(pages)
    app.register_blueprint(pages)


def _add_docs(pages: Blueprint) -> None:
    distribution = str(resources.files("flask_swagger_ui") / "dist")

    @pages.get("/docs")
    def docs() -> Response:
        insist(HTML)
        served = {version.name: version for version in served_versions()}
        asked = request.args.get("version", current_version().name)
        if asked not in served:
            raise InvalidParameters([("version", f"Served are {', '.join(served)}.")])
        return _page("docs.html", document=path_of(served[asked]), versions=list(served))

    @pages.get("/docs/<asset>")
    def docs_asset(asset: str) -> Response:
        if asset not in _ASSETS:
            raise Problem(f"Swagger UI has no {asset[:100]!r} here.", slug="no-such-path")
        return _kept(send_from_directory(distribution, asset))


def _index() -> dict[str, typing.Any]:
    """Where everything is: in the newest version, and the documents of all."""
    root, newest = addresses.root(), current_version()
    return {
        "name": "onrecord",
        "description": "What was said, agreed, resolved and counted, with who claims it and where it is printed.",
        "version": newest.semver,
        "documentation": f"{root}/docs",
        "openapi": f"{root}{path_of(newest)}",
        "versions": [
            {"name": version.name, "version": version.semver, "openapi": f"{root}{path_of(version)}"}
            for version in served_versions()
        ],
        "contract": f"{root}/contract",
        "api_catalog": f"{root}{api_catalog.PATH}",
        "problems": f"{root}/problems",
        "health": f"{root}/readyz",
        "collections": {
            name: f"{root}{newest.prefix}/{name}"
            for name in (*(collection.path for collection in COLLECTIONS), "changes")
        },
    }


def _explained(slug: str) -> dict[str, typing.Any]:
    type_ = PROBLEMS[slug]
    return {
        "type": f"{addresses.root()}/problems/{slug}",
        "code": slug,
        "status": type_.status,
        "title": type_.title,
        "meaning": type_.meaning,
        "way_out": type_.way_out,
    }


def _for_people_or_programs(template: str, content: dict[str, typing.Any]) -> Response:
    """HTML where it was asked for by name, as browsers do; JSON otherwise."""
    insist(JSON, HTML)
    accepted = accept_header()
    if accepted and accepted.quality(HTML) > accepted.quality(JSON):
        response = _page(template, **content)
    else:
        response = Response(orjson.dumps(content), mimetype=JSON)
    response.vary.add("Accept")
    return response


def _page(template: str, **content: typing.Any) -> Response:
    response = Response(render_template(template, **content), mimetype=HTML)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
