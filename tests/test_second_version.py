"""A second version beside the first in one app: its documents are a function of what is stored, one shape differing."""

from __future__ import annotations

import csv
import re
import warnings
from dataclasses import replace
from types import SimpleNamespace

import orjson
import pytest
from flask import Flask
from openapi_spec_validator import validate

from api import create_app
from api.http.rest import Blueprint
from api.http.versioning import Version
from api.settings import Settings
from api.store.engine import Store
from api.v1 import VERSION
from api.version import API_VERSION
from tests.conftest import KeyedClient, app_on, key_of
from tests.contract import Contract, ContractBroken, ContractClient, exchange_of
from tests.documented import operations_of
from tests.generated import article
from tests.records import ANY, MERGE, TEXT, report, sent
from tests.second_version import GATHERED, V2, gathered

pytestmark = pytest.mark.slow

ROOT = "http://127.0.0.1:8000"
REPORT = "armenia-soldiers-killed"
TWO = (VERSION, V2)
# Of what a read answers beside JSON.
MEDIA_TYPES = ("application/json", "application/ld+json", "application/x-ndjson", "text/csv", "image/svg+xml")

_contracts = []


def second_contract():
    """The contract of version 2; each app that serves it serves the same."""
    if not _contracts:
        app = create_app(Settings(database_url="sqlite://"), TWO)
        _contracts.append(Contract(app.test_client().get("/v2/openapi.json").json))
    return _contracts[0]


class Client(KeyedClient):
    """A client with a key, whose every exchange is held against the contract of the version that it is with."""

    def open(self, *args, **kwargs):
        # An export that is not read would keep its connection longer than the app is there.
        response = super().open(*args, buffered=True, **kwargs)
        if response.request.path.startswith("/v2/"):
            second_contract().check(exchange_of(response))
        return response


def client_of(app):
    app.config["KEY"] = key_of(app, "claims:write", "texts:read")
    return Client(app, app.response_class, use_cookies=False)


@pytest.fixture(scope="module")
def both_app(databases):
    """An app that serves both, with the fixtures on record."""
    app = app_on(databases.new("seeded"), TWO)
    yield app
    app.extensions["onrecord"].close()


@pytest.fixture(scope="module")
def both(both_app):
    """A client of it; for reading only."""
    return client_of(both_app)


@pytest.fixture
def writing(both_app, both, databases):
    """A client of the same app on a database of its own, with an article and a report of it."""
    kept, key = both_app.extensions["onrecord"], both_app.config["KEY"]
    both_app.extensions["onrecord"] = Store(databases.new("empty"))
    client = client_of(both_app)
    assert client.put("/v1/articles/the-article", json=sent(article("x"), text=TEXT)).status_code == 201
    assert client.put("/v1/casualty-reports/three", json=report(count=3, qualifier="exact")).status_code == 201
    yield client
    both_app.extensions["onrecord"].close()
    both_app.extensions["onrecord"], both_app.config["KEY"] = kept, key


@pytest.fixture(scope="module")
def documents():
    """Both documents, as they are served."""
    client = create_app(Settings(database_url="sqlite://"), TWO).test_client()
    return SimpleNamespace(first=client.get("/v1/openapi.json"), second=client.get("/v2/openapi.json"))


def as_second(answer):
    """What version 2 is to answer where version 1 answers this: reports gathered, addresses its own."""
    if isinstance(answer, dict):
        if answer.get("type") == "casualty_report" and "harm" in answer:
            answer = gathered(answer)
        return {name: as_second(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [as_second(each) for each in answer]
    return answer.replace(f"{ROOT}/v1/", f"{ROOT}/v2/") if isinstance(answer, str) else answer


# The documents


def test_both_documents_are_valid_and_of_their_version(documents):
    for name, answer, version in (("v1", documents.first, API_VERSION), ("v2", documents.second, "2.0.0")):
        validate(answer.json)
        assert answer.json["info"]["version"] == answer.headers["API-Version"] == version
        assert {path.split("/")[1] for path in answer.json["paths"]} == {name}
        other = {"v1": "/v2", "v2": "/v1"}[name]
        assert other not in answer.text


def test_the_first_is_the_same_bytes_as_without_the_second(documents):
    alone = create_app(Settings(database_url="sqlite://")).extensions["openapi"].body
    assert documents.first.data == alone


def test_the_second_says_what_of_the_first_it_has_and_what_is_another(documents):
    first, second = documents.first.json, documents.second.json
    read = {name for name, each in operations_of(first).items() if each.method == "get"} - {"getArticleText"}
    assert operations_of(second).keys() == read
    ours, theirs = first["components"]["schemas"], second["components"]["schemas"]
    assert theirs.keys() - ours.keys() == {"Figure"}
    assert {name for name in theirs.keys() & ours.keys() if theirs[name] != ours[name]} == {"CasualtyReport"}
    shape = theirs["CasualtyReport"]
    assert not set(GATHERED) & shape["properties"].keys()
    assert {"figure"} <= set(shape["required"])
    assert theirs["Figure"]["properties"] == {name: ours["CasualtyReport"]["properties"][name] for name in GATHERED}
    assert set(theirs["Figure"]["required"]) == set(GATHERED)
    assert "**Writing** is done\nin version 1" in second["info"]["description"]


def test_the_examples_of_the_second_keep_to_its_shapes(documents):
    contract = Contract(documents.second.json)
    for operation in operations_of(documents.second.json).values():
        for answer in operation.answers.values():
            for content in answer["content"].values():
                schema = content["schema"]["anyOf"][0] if "anyOf" in content["schema"] else content["schema"]
                if "example" in content:
                    assert contract.judge.described.faults(schema, content["example"]) == [], operation.id


def test_what_one_answers_breaks_the_contract_of_the_other(both, documents):
    for asked, other in (("/v1", documents.second), ("/v2", documents.first)):
        answer = both.get(f"{asked}/casualty-reports/{REPORT}")
        path = f"/{'v2' if asked == '/v1' else 'v1'}/casualty-reports/{REPORT}"
        exchange = replace(exchange_of(answer), path=path)
        with pytest.raises(ContractBroken):
            Contract(other.json).check(exchange)


# What is answered


@pytest.mark.parametrize(
    "path",
    [
        "casualty-reports?limit=200",
        "casualty-reports?limit=200&include=article&facets=qualifier,harm&total=exact",
        f"casualty-reports/{REPORT}",
        f"casualty-reports/{REPORT}?include=article",
        f"casualty-reports/{REPORT}/versions",
        "claims?limit=200",
        f"claims/{REPORT}",
        "claims/turkey-demands-withdrawal",
        "quotes?limit=200",
        "articles/karabakh-2020-11-01/claims?limit=200",
        "articles",
        "changes?limit=200",
        "casualty-reports/compare?conflict=nagorno-karabakh",
        "casualty-reports/series?conflict=nagorno-karabakh&id=" + REPORT,
        "ceasefires/timeline?conflict=nagorno-karabakh",
    ],
)
def test_each_answer_is_that_of_the_first_with_the_figure_gathered(both, path):
    first, second = (both.get(f"/{version}/{path}") for version in ("v1", "v2"))
    assert first.status_code == second.status_code == 200
    assert second.json == as_second(first.json)
    assert (second.json == first.json) == ("casualty_report" not in first.text and "/v1/" not in first.text)


def test_what_is_no_other_shape_is_answered_as_it_is_stored(both):
    for path in ("quotes?limit=200", "articles", "resolutions?limit=200"):
        assert both.get(f"/v2/{path}").data == both.get(f"/v1/{path}").data
    first = both.get("/v1/quotes").json["data"][0]["id"]
    assert both.get(f"/v2/quotes/{first}").data == both.get(f"/v1/quotes/{first}").data


def test_an_export_is_in_the_shapes_of_its_version(both):
    lines = {each: both.get(f"/{each}/claims?format=ndjson").data.splitlines() for each in ("v1", "v2")}
    assert [orjson.loads(line) for line in lines["v2"]] == [as_second(orjson.loads(line)) for line in lines["v1"]]
    tables = {
        each: list(csv.DictReader(both.get(f"/{each}/casualty-reports?format=csv&sort=id").text.splitlines()))
        for each in ("v1", "v2")
    }
    for first, second in zip(tables["v1"], tables["v2"], strict=True):
        own = {f"figure.{name}" if name in GATHERED else name: value for name, value in first.items()}
        assert own == second
    answer = both.get("/v2/casualty-reports?format=csv")
    assert re.fullmatch(rf'<{ROOT}/v2/changes\?since=[0-9]+>; rel="monitor"', answer.headers["Link"])


def test_fields_are_those_of_the_version(both):
    (record,) = both.get(f"/v2/casualty-reports?id={REPORT}&fields=figure").json["data"]
    assert record["figure"]["count"] == 1166
    refused = both.get("/v2/casualty-reports?fields=count")
    assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (422, "fields")
    assert both.get("/v1/casualty-reports?fields=figure").status_code == 422
    (line,) = both.get(f"/v2/casualty-reports?id={REPORT}&fields=figure&format=ndjson").data.splitlines()
    assert orjson.loads(line) == record
    # What is filtered and sorted by is what is stored, in whatever shape it is shown.
    counts = [each["figure"]["count"] for each in both.get("/v2/casualty-reports?count[gte]=1&sort=count").json["data"]]
    assert counts == sorted(counts)
    assert counts


def test_every_operation_of_the_second_answers_in_every_representation_that_it_documents(both, documents):
    for operation in operations_of(documents.second.json).values():
        for media_type in operation.answers[200]["content"]:
            accepted = {"Accept": media_type}
            answer = both.get(operation.url, headers=accepted)
            assert (answer.status_code, answer.mimetype) == (200, media_type), operation.id
            same = both.get(operation.url, headers={**accepted, "If-None-Match": answer.headers["ETag"]})
            assert same.status_code == 304, operation.id
            head = both.head(operation.url, headers=accepted)
            assert (head.status_code, head.headers["ETag"]) == (200, answer.headers["ETag"])
            for each in (answer, same, head):
                assert each.headers["API-Version"] == "2.0.0"
        allowed = both.options(operation.url.partition("?")[0])
        assert (allowed.status_code, set(allowed.allow)) == (204, {"GET", "HEAD", "OPTIONS"}), operation.id


# What is its own and what is common


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_tag_of_one_version_is_none_of_the_other(both, media_type):
    paths = {
        "application/json": (f"quotes/{both.get('/v1/quotes').json['data'][0]['id']}", "claims", "changes"),
        "application/ld+json": (f"casualty-reports/{REPORT}",),
        "image/svg+xml": ("casualty-reports/compare?conflict=nagorno-karabakh",),
    }
    for path in paths.get(media_type, ("casualty-reports",)):
        tags = [both.get(f"/{each}/{path}", headers={"Accept": media_type}).headers["ETag"] for each in ("v1", "v2")]
        assert tags[0] != tags[1]
        for each, tag in zip(("v2", "v1"), tags, strict=True):
            again = both.get(f"/{each}/{path}", headers={"Accept": media_type, "If-None-Match": tag})
            assert again.status_code == 200, path


def test_links_stay_within_their_version(both):
    walked = {}
    for version in ("v1", "v2"):
        url, ids = f"{ROOT}/{version}/claims?limit=4", []
        while url:
            answer = both.get(url.removeprefix(ROOT))
            assert answer.headers["API-Version"] == {"v1": API_VERSION, "v2": "2.0.0"}[version]
            linked = [*filter(None, (answer.json["page"][each] for each in ("next", "prev")))]
            assert re.findall("<(.*?)>", answer.headers["Link"]) == linked
            assert all(each.startswith(f"{ROOT}/{version}/claims?") for each in linked)
            ids += [each["id"] for each in answer.json["data"]]
            url = answer.json["page"]["next"]
        walked[version] = ids
    assert walked["v1"] == walked["v2"]
    assert len(walked["v1"]) == 25
    for address in re.findall(
        r'"@id":"(http.*?)"', both.get(f"/v2/claims/{REPORT}", headers={"Accept": MEDIA_TYPES[1]}).text
    ):
        assert both.get(address.removeprefix(ROOT)).headers["API-Version"] == "2.0.0"
    told = both.get("/v2/casualty-reports/series?conflict=nagorno-karabakh").json["errors"]
    assert told
    assert all(each["address"].startswith(f"{ROOT}/v2/casualty-reports/series?") for each in told)
    assert "/v2/casualty-reports" in both.get("/v2/quotes?harm=killed").json["detail"]


@pytest.mark.parametrize("path", ["claims", "casualty-reports/three/versions"])
def test_a_cursor_of_one_version_is_refused_by_the_other(writing, path):
    other = report(count=3, qualifier="at_least")
    assert writing.put("/v1/casualty-reports/four", json=other).status_code == 201
    place = writing.patch("/v1/casualty-reports/three", data='{"place": null}', headers={**MERGE, **ANY})
    assert place.json["version"] == 2
    for here, there in (("v1", "v2"), ("v2", "v1")):
        next_ = writing.get(f"/{here}/{path}?limit=1").json["page"]["next"].removeprefix(ROOT)
        assert writing.get(next_).status_code == 200
        refused = writing.get(next_.replace(f"/{here}/", f"/{there}/"))
        assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (422, "cursor")


def test_what_is_written_in_the_first_is_seen_in_the_second_at_once(writing):
    path = "casualty-reports/three"
    before = writing.get(f"/v2/{path}")
    assert before.json["figure"] == {"count": 3, "low": 3, "high": 3, "qualifier": "exact", "wording": None}
    # A version is a version, whichever way it was seen.
    changed = writing.patch(
        f"/v1/{path}", data='{"qualifier": "at_least"}', headers={**MERGE, "If-Match": before.headers["ETag"]}
    )
    assert changed.status_code == 200
    after = writing.get(f"/v2/{path}", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json == as_second(changed.json)
    assert after.json["figure"]["high"] is None
    last = writing.get("/v2/changes").json["data"][-1]
    assert (last["action"], last["document"]) == ("updated", after.json)
    assert writing.delete(f"/v1/{path}", headers=ANY).status_code == 204
    assert writing.get(f"/v2/{path}").json["code"] == "gone"
    assert writing.get("/v2/changes").json["data"][-1]["document"] is None


def test_the_second_takes_no_writes(writing):
    before = writing.get("/v2/changes").json["page"]["since"]
    path = "/v2/casualty-reports/three"
    for answer in (
        writing.post("/v2/casualty-reports", json=report()),
        writing.put(path, json=report(), headers=ANY),
        writing.patch(path, data="{}", headers={**MERGE, **ANY}),
        writing.delete(path, headers=ANY),
    ):
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert answer.headers["API-Version"] == "2.0.0"
    assert writing.post("/v2/imports", data="").status_code == 404
    assert writing.get("/v2/articles/the-article/text").status_code == 404
    assert writing.get("/v2/changes").json["page"]["since"] == before


def test_every_answer_says_the_version_that_was_asked_and_pages_the_newest(both):
    for path, version in (
        ("/v1/quotes", API_VERSION),
        ("/v1/quotes/there-is-none", API_VERSION),
        ("/v1/nothing", API_VERSION),
        ("/v2/quotes?nonsense=1", "2.0.0"),
        ("/v2/nothing", "2.0.0"),
        ("/v22/quotes", "2.0.0"),
        ("/", "2.0.0"),
        ("/problems/gone", "2.0.0"),
        ("/readyz", "2.0.0"),
    ):
        assert both.get(path).headers["API-Version"] == version, path


def test_the_metrics_tell_versions_apart(databases):
    app = app_on(databases.new("empty"), TWO)
    client = client_of(app)
    for path in ("/v1/quotes", "/v2/quotes", "/v2/quotes", "/"):
        client.get(path)
    told = client.get("/metrics").text
    app.extensions["onrecord"].close()
    for labels, count in (
        ('operation="listQuotes",status="200",version="v1"', 1),
        ('operation="listQuotes",status="200",version="v2"', 2),
        ('operation="page",status="200",version=""', 1),
    ):
        assert f'onrecord_requests_total{{method="GET",{labels}}} {count}.0\n' in told
    assert 'onrecord_request_seconds_count{operation="listQuotes",version="v2"} 2.0\n' in told


def test_both_versions_are_of_one_allowance(databases):
    app = app_on(databases.new("empty"), TWO, rate_limit="10/minute")
    client = ContractClient(app, app.response_class)
    left = [client.get(f"/{each}/quotes").headers["RateLimit"].split(";")[1] for each in ("v1", "v2", "v1")]
    assert left == ["r=9", "r=8", "r=7"]
    app.extensions["onrecord"].close()


def test_the_front_page_and_the_documentation_lead_to_both(both):
    told = both.get("/").json
    assert [(each["name"], each["version"]) for each in told["versions"]] == [("v1", API_VERSION), ("v2", "2.0.0")]
    for each in (*(version["openapi"] for version in told["versions"]), told["openapi"], *told["collections"].values()):
        assert both.get(each.removeprefix(ROOT)).status_code == 200
    front = both.get("/", headers={"Accept": "text/html"}).text
    assert 'href="/v1/openapi.json"' in front
    assert 'href="/v2/openapi.json"' in front
    for asked, shown in (("/docs", "v2"), ("/docs?version=v1", "v1"), ("/docs?version=v2", "v2")):
        page = both.get(asked, headers={"Accept": "text/html"}).text
        assert f'data-document="/{shown}/openapi.json"' in page
        assert {"/docs?version=v1", "/docs?version=v2"} <= set(re.findall('href="(.*?)"', page))
    refused = both.get("/docs?version=v3", headers={"Accept": "text/html"})
    assert (refused.status_code, refused.json["detail"]) == (422, "version: Served are v1, v2.")


def test_the_page_of_an_article_leads_into_the_newest_version(both):
    id_ = both.get("/v2/articles").json["data"][0]["id"]
    page = both.get(f"/articles/{id_}", headers={"Accept": "text/html"}).text
    data = re.findall('(?:href|src)="(/v[0-9]+/.*?)"', page)
    assert len(data) > 25
    for path in data:
        assert path.startswith("/v2/")
        assert both.get(path).status_code == 200


# What cannot be


def test_an_app_serves_each_version_once_in_whatever_order_they_are_given(tmp_path):
    settings = Settings(database_url="sqlite://")
    turned = create_app(settings, (V2, VERSION)).test_client()
    assert [each["name"] for each in turned.get("/").json["versions"]] == ["v1", "v2"]
    for versions in ((), (V2, VERSION, V2)):
        with pytest.raises(ValueError, match="at least one version, and each once"):
            create_app(settings, versions)
    with pytest.raises(ValueError, match=r"1\.9\.0 is no version of v2"):
        Version(2, "1.9.0", V2.blueprints)


def test_a_later_version_too_has_no_route_without_a_scope():
    def careless(version):
        blueprint = Blueprint("careless", description="Nobody said who may.")
        blueprint.add_url_rule("/careless", "careless", lambda: "")
        yield blueprint

    with pytest.raises(ValueError, match="GET /v2/careless declares no scope"):
        create_app(Settings(database_url="sqlite://"), (VERSION, replace(V2, blueprints=careless)))


def test_no_shape_of_one_document_is_named_after_another():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app: Flask = create_app(Settings(database_url="sqlite://"), TWO)
        schemas = app.test_client().get("/v2/openapi.json").json["components"]["schemas"]
    assert not [name for name in schemas if name[-1].isdigit()]
