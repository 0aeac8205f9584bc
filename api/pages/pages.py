"""The pages: front page, Swagger UI, articles, the promise, an explanation of each problem, and errors for browsers.

They load nothing from other hosts. Only Swagger UI has JavaScript.
"""

from __future__ import annotations

import typing
from importlib import resources

import orjson
from flask import Blueprint, Flask, Response, render_template, request, send_from_directory

from api.http import urls
from api.http.negotiation import HTML, JSON, negotiate, prefers_html
from api.http.operations import Operation
from api.http.problem_types import PROBLEMS
from api.http.problems import PROBLEM_JSON, InvalidParameters, Problem
from api.http.scopes import OPEN
from api.http.versions import current_version, served_versions
from api.kinds.collections import COLLECTIONS
from api.openapi.document import path_of
from api.pages import api_catalog, article_page
from api.promise import EXCEPTED_CHANGES, MAY, NEVER, VERSIONS, Clause

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The files of Swagger UI's distribution that its page loads. The others are not served.
_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js")


def register(app: Flask) -> None:
    """Serve the pages."""
    pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")

    @pages.get("/")
    def front() -> Response:
        response = _html_or_json("front.html", _index())
        api_catalog.add_link(response)
        return response

    @pages.get("/favicon.ico")
    def icon() -> Response:
        # Browsers request it for responses other than HTML, too.
        return _cached(pages.send_static_file("icon.svg"))

    @pages.get("/contract")
    def contract() -> Response:
        return _html_or_json("contract.html", _promise())

    @pages.get("/problems")
    def problems() -> Response:
        return _html_or_json("problems.html", {"problems": [_explanation(slug) for slug in PROBLEMS]})

    @pages.get("/problems/<slug>")
    def problem(slug: str) -> Response:
        if slug not in PROBLEMS:
            raise Problem(f"The problem type {slug[:100]!r} does not exist.", slug="no-such-path")
        return _html_or_json("problem.html", _explanation(slug))

    @pages.get("/articles/<id>")
    def article(id: str) -> Response:
        negotiate(HTML)
        return article_page.respond(id, _page)

    # The other pages read no database. They cost nothing, so that a client can read about 429 after one.
    article._operation = Operation("articlePage", OPEN, cost=10)  # type: ignore[attr-defined]

    _add_docs(pages)
    app.register_blueprint(pages)

    @app.after_request
    def show_problem(response: Response) -> Response:
        """Replace the body of a problem by a page if the request prefers HTML."""
        if response.status_code >= 400 and response.mimetype == PROBLEM_JSON and prefers_html(request):
            _make_page(response, "error.html", orjson.loads(response.get_data()))
        return response


def _add_docs(pages: Blueprint) -> None:
    distribution = str(resources.files("flask_swagger_ui") / "dist")

    @pages.get("/docs")
    def docs() -> Response:
        negotiate(HTML)
        versions = {version.name: version for version in served_versions()}
        name = request.args.get("version", current_version().name)
        if name not in versions:
            raise InvalidParameters([("version", f"Must be one of {', '.join(versions)}.")])
        return _page("docs.html", document=path_of(versions[name]), versions=list(versions))

    @pages.get("/docs/<asset>")
    def docs_asset(asset: str) -> Response:
        if asset not in _ASSETS:
            raise Problem(f"The Swagger UI file {asset[:100]!r} does not exist.", slug="no-such-path")
        return _cached(send_from_directory(distribution, asset))


def _index() -> dict[str, typing.Any]:
    """Return the URLs of the newest version and of each document."""
    root, newest = urls.base_url(), current_version()
    return {
        "name": "onrecord",
        "description": "Claims from conflict reporting, each with its claimant and the evidence from the article.",
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


def _promise() -> dict[str, typing.Any]:
    """Return the clauses, the changes excepted from them and the meaning of each number of a version."""
    first = served_versions()[0]
    return {
        "version": first.semver,
        "openapi": f"{urls.base_url()}{path_of(first)}",
        "numbers": VERSIONS,
        "may_change": [_clause(clause) for clause in MAY],
        "never_changes": [_clause(clause) for clause in NEVER],
        "exceptions": [
            {"pointer": change.pointer, "since": change.since, "clause": change.clause, "text": change.reason}
            for change in EXCEPTED_CHANGES
        ],
    }


def _clause(clause: Clause) -> dict[str, str]:
    advice = {"advice": clause.advice} if clause.advice else {}
    return {"code": clause.slug, "url": f"{urls.base_url()}/contract#{clause.slug}", "text": clause.text, **advice}


def _explanation(slug: str) -> dict[str, typing.Any]:
    type_ = PROBLEMS[slug]
    return {
        "type": f"{urls.base_url()}/problems/{slug}",
        "code": slug,
        "status": type_.status,
        "title": type_.title,
        "meaning": type_.meaning,
        "way_out": type_.fix,
    }


def _html_or_json(template: str, content: dict[str, typing.Any]) -> Response:
    """Return HTML if Accept prefers it, as browsers do, and JSON otherwise."""
    negotiate(JSON, HTML)
    response = _page(template, **content) if prefers_html(request) else Response(orjson.dumps(content), mimetype=JSON)
    response.vary.add("Accept")
    return response


def _page(template: str, **content: typing.Any) -> Response:
    response = Response()
    _make_page(response, template, content)
    return response


def _make_page(response: Response, template: str, content: dict[str, typing.Any]) -> None:
    response.set_data(render_template(template, **content))
    response.mimetype = HTML
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
