"""The app of the mock: the real one with the fixtures, a key that everybody knows, and what is asked of the mock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import orjson
from flask import Flask, Response, request

from api.app import create_app
from api.contract import frozen
from api.contract.checking.contract import Contract
from api.contract.fixtures import files
from api.contract.mock import chaos
from api.contract.mock.calling import caller
from api.contract.mock.report import Report
from api.contract.mock.watching import PREFIX, Watching
from api.http.problems import Problem
from api.http.scopes import SCOPES
from api.settings import Settings
from api.store import keys
from api.store.imports import import_lines
from api.store.throwaway import Throwaway

# Well-formed, and no secret: it opens nothing but mocks.
KEY = f"{keys.PREFIX}{'c0de' * 3}_{'c0de' * 16}"


@contextmanager
def watched(root: str, names: tuple[str, ...] = ()) -> Iterator[Watching]:
    """Yield the real app under a URL, changed by the chaos of these names and checked against the contract.

    Its database is closed at the end.
    """
    contract = Contract(orjson.loads(frozen.document()))
    report = Report(contract.described.operations)
    app = create_app(Settings(database_url="sqlite://", public_url=root, rate_limit=""))
    disorder = chaos.Chaos(names, contract.described, root)
    with closing(Throwaway()) as store:
        _fill(store)
        app.extensions["onrecord"] = store
        _answer_for_the_mock(app, store, report, disorder)
        yield Watching(disorder.around(caller(app)), contract, report)


def _fill(store: Throwaway) -> None:
    brought = import_lines(store, [(name, file.read_bytes().splitlines()) for name, file in files()])
    if brought.refusals:
        raise RuntimeError(f"The fixtures are refused: {brought.refusals[0]}")
    with store.writing() as connection:
        keys.take(connection, KEY, "of the mock", SCOPES, None)
    store.keep()


def _answer_for_the_mock(app: Flask, store: Throwaway, report: Report, disorder: chaos.Chaos) -> None:
    @app.post(f"{PREFIX}/reset", endpoint="contract_reset")
    def reset() -> Response:
        store.restore()
        disorder.clear()
        report.clear()
        return Response(status=204)

    @app.get(f"{PREFIX}/report", endpoint="contract_report")
    def told() -> Response:
        response = Response(orjson.dumps(report.told(), option=orjson.OPT_INDENT_2), mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.before_request
    def refuse_what_chaos_refuses() -> None:
        refusal = request.environ.get(chaos.REFUSAL)
        if refusal is not None:
            raise Problem(refusal.detail, slug=refusal.slug, headers={"Retry-After": refusal.retry_after})
