"""Deprecated operations and parameters send headers for at least a year, then return 410."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from flask import Response
from flask.views import MethodView
from openapi_spec_validator import validate

from api.app import create_app
from api.http import deprecation
from api.http.operations import Deprecated
from api.http.problems import Problem
from api.http.scopes import CLAIMS_WRITE, OPEN
from api.http.versions import Version
from api.kinds.quote import QUOTE
from api.openapi.responses import ResponseDoc, cacheable_responses
from api.openapi.smorest import Blueprint
from api.settings import Settings
from api.v1 import lists
from api.v1.list_params import ListParams
from api.v1.paths import NoParameters
from tests.conftest import KeyedClient, app_on, key_of
from tests.support.contract_client import Contract
from tests.support.openapi import operations_of, resolved

SINCE = datetime(2030, 1, 1, 12, tzinfo=UTC)
SUNSET = datetime(2031, 1, 1, 12, tzinfo=UTC)
LATER = datetime(2031, 6, 1, tzinfo=timezone(timedelta(hours=2)))
ADDRESSEE = Deprecated(SINCE, SUNSET, "Look for words with `q`.", "https://onrecord.example/addressee", "addressee")
MODE = Deprecated(SINCE + timedelta(1), LATER, "Look for words with `q`.", "https://onrecord.example/mode", "mode")
OLD = Deprecated(SINCE, SUNSET, "Ask for `/v1/notices`.", "https://onrecord.example/old")

LIST, WHOLE = "/v1/notices", "/v1/old-notices"
LINKS = '<{0}>; rel="deprecation"; type="text/html", <{0}>; rel="sunset"; type="text/html"'
OF_ADDRESSEE = {
    "Deprecation": "@1893499200",
    "Sunset": "Wed, 01 Jan 2031 12:00:00 GMT",
    "Link": LINKS.format(ADDRESSEE.link),
}
PAGE = {"type": "object", "required": ["data", "page"]}


def with_notices(calls=None, deprecated=(ADDRESSEE, MODE)):
    """Return a version with a list that has deprecated parameters, and with deprecated operations."""
    done = [] if calls is None else calls

    def blueprints(version):
        blp = Blueprint("notices", description="Notices.")
        list_params = ListParams(version, QUOTE.collection, "-on_record")

        class Notices(MethodView):
            @blp.arguments(list_params.schema, location="query")
            @blp.operation(
                "listNotices", scope=OPEN, responses=cacheable_responses(PAGE, {}, link=True), deprecated=deprecated
            )
            def get(self, params):
                """List notices."""
                done.append("listed")
                return lists.respond(list_params, params)

        class OldNotices(MethodView):
            @blp.arguments(NoParameters(), location="query")
            @blp.operation(
                "listOldNotices",
                scope=OPEN,
                responses=(ResponseDoc(200, PAGE, {}),),
                problems=("gone",),
                deprecated=(OLD,),
            )
            def get(self, params):
                """List old notices.

                As they were.
                """
                return Response('{"data": [], "page": {}}', mimetype="application/json")

            @blp.arguments(NoParameters(), location="query")
            @blp.operation(
                "createNotice",
                scope=CLAIMS_WRITE,
                responses=(ResponseDoc(204),),
                problems=("malformed-body",),
                deprecated=(OLD,),
            )
            def post(self, params):
                """Create a notice."""
                done.append("written")
                raise Problem("The body is not a notice.", slug="malformed-body")

        blp.add_url_rule("/notices", "notices", Notices)
        blp.add_url_rule("/old-notices", "old", OldNotices)
        yield blp

    return Version(1, "1.0.0", blueprints)


def document_of(version):
    return create_app(Settings(database_url="sqlite://"), (version,)).test_client().get("/v1/openapi.json").json


DOCUMENT = document_of(with_notices())
CONTRACT = Contract(DOCUMENT)


class Client(KeyedClient):
    """A client with a key that checks each response against the document of the app with notices."""

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        CONTRACT.check(response.request, response)
        return response


@pytest.fixture(scope="module")
def noticed(databases):
    """Return a client of an app with notices, and the list of the calls of its views."""
    done = []
    app = app_on(databases.new("seeded"), (with_notices(done),))
    app.config["KEY"] = key_of(app, CLAIMS_WRITE)
    yield SimpleNamespace(client=Client(app, app.response_class), done=done)
    app.extensions["onrecord"].close()


@pytest.fixture
def clock(monkeypatch):
    """Return the current time, which tests can set."""
    frozen = SimpleNamespace(now=SINCE)
    monkeypatch.setattr(deprecation, "now", lambda: frozen.now)
    return frozen


def deprecation_of(response):
    """Return the headers of a response about deprecation."""
    return {name: response.headers[name] for name in OF_ADDRESSEE if name in response.headers}


# Before the sunset


def test_a_deprecated_parameter_works_and_adds_headers(noticed, clock):
    response = noticed.client.get(f"{LIST}?addressee=Shusha")
    assert response.status_code == 200
    assert deprecation_of(response) == OF_ADDRESSEE
    assert noticed.client.head(f"{LIST}?addressee=Shusha").headers["Sunset"] == OF_ADDRESSEE["Sunset"]
    assert {"Deprecation", "Sunset"} <= set(response.headers["Access-Control-Expose-Headers"].split(", "))


def test_requests_without_it_get_no_headers(noticed, clock):
    # Other parameters contain its name.
    for query in ("", "?limit=2&cursor=", "?addressee[not]=Shusha", "?q=addressee"):
        assert "Deprecation" not in deprecation_of(noticed.client.get(f"{LIST}{query}"))
    assert deprecation_of(noticed.client.options(f"{LIST}?addressee=Shusha")) == {}


def test_the_links_of_a_page_stay_and_their_pages_have_the_headers_too(noticed, clock):
    page = noticed.client.get(f"{LIST}?addressee[exists]=false&limit=1").headers["Link"]
    assert re.fullmatch('<[^<>]*>; rel="next"', page)
    response = noticed.client.get(f"{LIST}?mode=direct&mode=mixed&mode=indirect&limit=1")
    links = re.findall('<([^<>]*)>; rel="([a-z]+)"', response.headers["Link"])
    assert [relation for _, relation in links] == ["next", "deprecation", "sunset"]
    assert links[0][0] == response.json["page"]["next"]
    assert links[1][0] == MODE.link
    assert "Sunset" in noticed.client.get(links[0][0].removeprefix("http://127.0.0.1:8000")).headers


def test_304_and_problems_have_the_headers(noticed, clock):
    response = noticed.client.get(f"{LIST}?addressee=Shusha")
    again = noticed.client.get(f"{LIST}?addressee=Shusha", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, deprecation_of(again)) == (304, OF_ADDRESSEE)
    wrong = noticed.client.get(f"{LIST}?addressee=Shusha&nonsense=1")
    assert (wrong.status_code, deprecation_of(wrong)) == (422, OF_ADDRESSEE)
    unlike = noticed.client.get(f"{LIST}?addressee=Shusha", headers={"Accept": "image/png"})
    assert (unlike.status_code, deprecation_of(unlike)) == (406, OF_ADDRESSEE)


def test_several_deprecations_have_the_earliest_dates_and_all_links(noticed, clock):
    response = noticed.client.get(f"{LIST}?mode=direct&addressee=Shusha")
    both = f"{LINKS.format(ADDRESSEE.link)}, {LINKS.format(MODE.link)}"
    assert deprecation_of(response) == {**OF_ADDRESSEE, "Link": both}
    # The header has UTC for any time zone of the declaration.
    assert deprecation_of(noticed.client.get(f"{LIST}?mode=direct"))["Sunset"] == "Sat, 31 May 2031 22:00:00 GMT"


def test_a_deprecated_operation_always_has_the_headers(noticed, clock):
    response = noticed.client.get(WHOLE)
    assert (response.status_code, deprecation_of(response)) == (200, {**OF_ADDRESSEE, "Link": LINKS.format(OLD.link)})
    for headers, status in (({}, 400), ({"Authorization": None}, 401)):
        response = noticed.client.post(WHOLE, headers=headers)
        assert (response.status_code, response.headers["Deprecation"]) == (status, OF_ADDRESSEE["Deprecation"])


def test_the_headers_announce_a_later_deprecation(noticed, clock):
    clock.now = SINCE - timedelta(days=30)
    assert deprecation_of(noticed.client.get(f"{LIST}?addressee=Shusha")) == OF_ADDRESSEE


def test_metrics_and_log_have_the_use_of_deprecated_parameters(databases, clock, capsys):
    app = app_on(databases.new("seeded"), (with_notices(),))
    app.config["KEY"] = key_of(app, CLAIMS_WRITE)
    client = Client(app, app.response_class)
    capsys.readouterr()
    for path in (LIST, f"{LIST}?addressee=Shusha", f"{LIST}?addressee=Shusha&mode=direct", WHOLE):
        client.get(path)
    clock.now = SUNSET
    assert client.get(f"{LIST}?addressee=Shusha").status_code == 410
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line.get("deprecated") for line in lines] == [
        None,
        ["addressee"],
        ["addressee", "mode"],
        [""],
        ["addressee"],
    ]
    metrics = client.get("/metrics").text
    counted = re.findall("^onrecord_deprecated_requests_total{(.*)} (.*)$", metrics, re.MULTILINE)
    app.extensions["onrecord"].close()
    assert dict(counted) == {
        'operation="listNotices",parameter="addressee",version="v1"': "3.0",
        'operation="listNotices",parameter="mode",version="v1"': "1.0",
        'operation="listOldNotices",parameter="",version="v1"': "1.0",
    }


# After the sunset


def test_from_the_sunset_on_requests_return_410_before_the_view_runs(noticed, clock):
    clock.now = SUNSET - timedelta(microseconds=1)
    assert noticed.client.get(f"{LIST}?addressee=Shusha").status_code == 200
    clock.now = SUNSET
    done = list(noticed.done)
    response = noticed.client.get(f"{LIST}?addressee=Shusha&mode=direct")
    assert (response.status_code, response.json["code"]) == (410, "sunset")
    assert response.json["errors"] == [
        {
            "parameter": "addressee",
            "detail": "The parameter addressee was removed at 2031-01-01T12:00:00Z. Look for words with `q`.",
        }
    ]
    assert deprecation_of(response)["Deprecation"] == OF_ADDRESSEE["Deprecation"]
    assert noticed.client.head(f"{LIST}?addressee=Shusha").status_code == 410
    # No If-None-Match changes that.
    assert noticed.client.get(f"{LIST}?addressee=Shusha", headers={"If-None-Match": "*"}).status_code == 410
    written = noticed.client.post(WHOLE)
    assert (written.status_code, written.json["detail"]) == (
        410,
        "This operation was removed at 2031-01-01T12:00:00Z. Ask for `/v1/notices`.",
    )
    assert noticed.client.get(WHOLE).json["code"] == "sunset"
    assert noticed.done == done
    # Another parameter is before its sunset.
    assert noticed.client.get(f"{LIST}?mode=direct").status_code == 200
    assert noticed.client.get(LIST).status_code == 200
    clock.now = LATER
    assert [item["parameter"] for item in noticed.client.get(f"{LIST}?addressee=x&mode=direct").json["errors"]] == [
        "addressee",
        "mode",
    ]


def test_a_missing_key_is_reported_before_the_sunset(noticed, clock):
    clock.now = SUNSET
    assert noticed.client.post(WHOLE, headers={"Authorization": None}).status_code == 401


def test_the_problem_has_a_page(seeded):
    explained = seeded.get("/problems/sunset").json
    assert (explained["status"], explained["title"]) == (410, "Past its sunset")
    assert "Link" in explained["way_out"]


def test_sunsets_use_the_current_time(databases):
    before = datetime.now(UTC)
    assert before <= deprecation.now() <= datetime.now(UTC)
    year = timedelta(days=365)
    over = Deprecated(before - year - year, before, "Ask without.", "https://onrecord.example/x", "addressee")
    coming = Deprecated(
        before - year, before + timedelta(hours=1), "Ask without.", "https://onrecord.example/x", "mode"
    )
    app = app_on(databases.new("empty"), (with_notices(deprecated=(over, coming)),))
    app.config["KEY"] = key_of(app, CLAIMS_WRITE)
    client = Client(app, app.response_class)
    assert client.get(f"{LIST}?addressee=x").status_code == 410
    assert client.get(f"{LIST}?mode=direct").status_code == 200
    app.extensions["onrecord"].close()


# The document


def test_the_document_marks_deprecated_operations_and_parameters_and_is_valid():
    validate(DOCUMENT)
    listed, old = DOCUMENT["paths"][LIST]["get"], DOCUMENT["paths"][WHOLE]
    parameters = operations_of(DOCUMENT)["listNotices"].parameters
    marked = {item["name"]: item["description"] for item in parameters if item.get("deprecated")}
    assert set(marked) == {"addressee", "mode"}
    assert marked["addressee"].endswith(
        "**Deprecated** since 2030-01-01T12:00:00Z. From 2031-01-01T12:00:00Z on, it returns 410. "
        "Look for words with `q`. See <https://onrecord.example/addressee>."
    )
    assert not marked["addressee"].startswith("**")
    assert "deprecated" not in listed
    assert old["get"]["deprecated"] is True
    assert old["post"]["deprecated"] is True
    assert old["get"]["description"] == f"As they were.\n\n{OLD.description}"
    assert old["post"]["description"] == OLD.description
    for operation, needed in ((listed, False), (old["get"], True)):
        for status, response in operation["responses"].items():
            if status < "400":
                headers = {name: response["headers"][name].get("required", False) for name in OF_ADDRESSEE}
                assert headers == dict.fromkeys(OF_ADDRESSEE, needed)
    assert listed["responses"]["410"] == {"$ref": "#/components/responses/Sunset"}
    gone = resolved(old["get"]["responses"]["410"], DOCUMENT)
    assert set(gone["content"]["application/problem+json"]["examples"]) == {"gone", "sunset"}


def test_an_operation_without_deprecations_is_documented_as_before():
    plain = document_of(with_notices(deprecated=()))
    assert "Sunset" not in plain["components"].get("headers", {})
    listed = plain["paths"][LIST]["get"]
    assert "410" not in listed["responses"]
    assert "Deprecation" not in listed["responses"]["200"]["headers"]
    before = operations_of(plain)["listNotices"]
    assert "deprecated" not in json.dumps([before.document, before.parameters])
    schemas = [
        next(item["schema"] for item in operation.parameters if item["name"] == "mode")
        for operation in (operations_of(DOCUMENT)["listNotices"], before)
    ]
    assert schemas[0] == schemas[1]


# Invalid declarations


def test_less_than_a_year_of_notice_is_rejected():
    with pytest.raises(ValueError, match="less than the promised 365 days"):
        Deprecated(SINCE, SINCE + timedelta(days=365, microseconds=-1), "Ask without.", "https://onrecord.example/x")
    assert Deprecated(SINCE, SINCE + timedelta(days=365), "Ask without.", "https://onrecord.example/x")


@pytest.mark.parametrize(("since", "sunset"), [(datetime(2030, 1, 1), SUNSET), (SINCE, datetime(2033, 1, 1))])  # noqa: DTZ001
def test_a_time_without_a_zone_is_rejected(since, sunset):
    with pytest.raises(ValueError, match="require a time zone"):
        Deprecated(since, sunset, "Ask without.", "https://onrecord.example/x")


def test_an_unknown_parameter_cannot_be_deprecated():
    nowhere = Deprecated(SINCE, SUNSET, "Ask without.", "https://onrecord.example/x", "plaice")
    with pytest.raises(ValueError, match="listNotices deprecates the parameter 'plaice', which it does not have"):
        document_of(with_notices(deprecated=(nowhere,)))
