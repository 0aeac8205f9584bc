"""The app of the mock: the real app with the fixtures, a fixed key, and the mock's own paths."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import orjson
from flask import Flask, Response, request

from api.app import create_app
from api.contract import snapshots
from api.contract.mock.chaos import Chaos
from api.contract.mock.chaos.retry_once import PROBLEM
from api.contract.mock.report import Report
from api.contract.mock.wsgi import PREFIX, MockApp, app_handler
from api.contract.validator.validator import Validator
from api.http.scopes import SCOPES
from api.seed import files
from api.settings import Settings
from api.store import keys
from api.store.imports import import_lines
from api.store.memory_database import MemoryDatabase

# A well-formed key. It need not be secret, because only mocks accept it.
KEY = f"{keys.PREFIX}{'c0de' * 3}_{'c0de' * 16}"


@contextmanager
def open_mock(base_url: str, chaos_names: tuple[str, ...] = ()) -> Iterator[MockApp]:
    """Yield a mock at a base URL, with the chaos of these names. Close its database at the end."""
    validator = Validator(orjson.loads(snapshots.document()))
    report = Report(validator.spec.operations)
    app = create_app(Settings(database_url="sqlite://", public_url=base_url, rate_limit=""))
    chaos = Chaos(chaos_names, validator.spec, base_url)
    with closing(MemoryDatabase()) as store:
        _load_fixtures(store)
        app.extensions["onrecord"] = store
        _add_routes(app, store, report, chaos)
        yield MockApp(chaos.wrap(app_handler(app)), validator, report)


def _load_fixtures(store: MemoryDatabase) -> None:
    result = import_lines(store, [(name, file.read_bytes().splitlines()) for name, file in files()])
    if result.refusals:
        raise RuntimeError(f"A fixture is rejected: {result.refusals[0]}")
    with store.writing() as connection:
        keys.take(connection, KEY, "of the mock", SCOPES, None)
    store.save()


def _add_routes(app: Flask, store: MemoryDatabase, report: Report, chaos: Chaos) -> None:
    @app.post(f"{PREFIX}/reset", endpoint="contract_reset")
    def reset() -> Response:
        store.restore()
        chaos.reset()
        report.reset()
        return Response(status=204)

    @app.get(f"{PREFIX}/report", endpoint="contract_report")
    def get_report() -> Response:
        response = Response(orjson.dumps(report.to_dict(), option=orjson.OPT_INDENT_2), mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.before_request
    def reject_by_chaos() -> None:
        if (problem := request.environ.get(PROBLEM)) is not None:
            raise problem
