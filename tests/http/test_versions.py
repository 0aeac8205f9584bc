"""A second version next to the first in one app: the same blueprints under another prefix."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace

import pytest
from openapi_spec_validator import validate

from api.app import create_app
from api.http.versions import Version
from api.openapi.smorest import Blueprint
from api.settings import Settings
from api.v1 import VERSION
from api.version import CONTRACT_VERSION
from tests.conftest import KeyedClient, app_on, key_of
from tests.support.contract_client import Contract, ContractClient
from tests.support.openapi import operations_of

pytestmark = pytest.mark.slow

ROOT = "http://127.0.0.1:8000"
REPORT = "armenia-soldiers-killed"
V2 = Version(2, "2.0.0", VERSION.blueprints)
TWO = (VERSION, V2)
SETTINGS = Settings(database_url="sqlite://")


@pytest.fixture(scope="module")
def documents():
    """Return both served documents."""
    with warnings.catch_warnings():
        # apispec warns if two schemas of one document get the same name.
        warnings.simplefilter("error")
        client = create_app(SETTINGS, TWO).test_client()
        return {name: client.get(f"/{name}/openapi.json") for name in ("v1", "v2")}


@pytest.fixture(scope="module")
def both(databases, documents):
    """Return a client with a key, of an app with both versions.

    Responses of version 2 are checked against its document.
    """
    contract = Contract(documents["v2"].json)

    class Client(KeyedClient):
        def open(self, *args, **kwargs):
            # An export that is not read would keep its connection.
            response = super().open(*args, buffered=True, **kwargs)
            if response.request.path.startswith("/v2/"):
                contract.check(response.request, response)
            return response

    app = app_on(databases.new("seeded"), TWO)
    app.config["KEY"] = key_of(app, "claims:write", "texts:read")
    yield Client(app, app.response_class, use_cookies=False)
    app.extensions["onrecord"].close()


def test_each_document_is_valid_and_has_only_paths_of_its_version(documents):
    for name, version, other in (("v1", CONTRACT_VERSION, "/v2"), ("v2", "2.0.0", "/v1")):
        response = documents[name]
        validate(response.json)
        assert response.json["info"]["version"] == response.headers["API-Version"] == version
        assert {path.split("/")[1] for path in response.json["paths"]} == {name}
        # The examples of problems have version 1 in their URLs.
        responses = [operation.successes for operation in operations_of(response.json).values()]
        assert not re.search(f'{other}[/"]', json.dumps(responses))
    assert documents["v1"].data == create_app(SETTINGS).extensions["openapi"].body
    assert operations_of(documents["v1"].json).keys() == operations_of(documents["v2"].json).keys()


def test_links_stay_within_their_version(both):
    ids = {}
    for version, semver in (("v1", CONTRACT_VERSION), ("v2", "2.0.0")):
        url, ids[version] = f"{ROOT}/{version}/claims?limit=4", []
        while url:
            response = both.get(url.removeprefix(ROOT))
            assert response.headers["API-Version"] == semver
            linked = [*filter(None, (response.json["page"][item] for item in ("next", "prev")))]
            assert re.findall("<(.*?)>", response.headers["Link"]) == linked
            assert all(item.startswith(f"{ROOT}/{version}/claims?") for item in linked)
            ids[version] += [item["id"] for item in response.json["data"]]
            url = response.json["page"]["next"]
    assert ids["v1"] == ids["v2"]
    assert len(ids["v1"]) == 25


def test_urls_in_responses_are_of_the_version_of_the_request(both):
    linked_data = both.get(f"/v2/claims/{REPORT}", headers={"Accept": "application/ld+json"}).text
    for url in re.findall(r'"@id":"(http.*?)"', linked_data):
        assert both.get(url.removeprefix(ROOT)).headers["API-Version"] == "2.0.0"
    errors = both.get("/v2/casualty-reports/series?conflict=nagorno-karabakh").json["errors"]
    assert errors
    assert all(error["address"].startswith(f"{ROOT}/v2/casualty-reports/series?") for error in errors)
    assert "/v2/casualty-reports" in both.get("/v2/quotes?harm=killed").json["detail"]
    export = both.get("/v2/casualty-reports?format=csv")
    assert re.fullmatch(rf'<{ROOT}/v2/changes\?since=[0-9]+&epoch=[0-9a-f]+>; rel="monitor"', export.headers["Link"])


def test_api_version_is_the_version_of_the_path_and_elsewhere_the_newest(both):
    for path, version in (
        ("/v1/quotes", CONTRACT_VERSION),
        ("/v1/quotes/there-is-none", CONTRACT_VERSION),
        ("/v1/nothing", CONTRACT_VERSION),
        ("/v2/quotes?nonsense=1", "2.0.0"),
        ("/v2/nothing", "2.0.0"),
        ("/v22/quotes", "2.0.0"),
        ("/", "2.0.0"),
        ("/problems/gone", "2.0.0"),
        ("/readyz", "2.0.0"),
    ):
        assert both.get(path).headers["API-Version"] == version, path


def test_metrics_count_each_version(databases):
    app = app_on(databases.new("empty"), TWO)
    client = app.test_client()
    for path in ("/v1/quotes", "/v2/quotes", "/v2/quotes", "/"):
        client.get(path)
    metrics = client.get("/metrics").text
    app.extensions["onrecord"].close()
    for labels, count in (
        ('operation="listQuotes",status="200",version="v1"', 1),
        ('operation="listQuotes",status="200",version="v2"', 2),
        ('operation="page",status="200",version=""', 1),
    ):
        assert f'onrecord_requests_total{{method="GET",{labels}}} {count}.0\n' in metrics
    assert 'onrecord_request_seconds_count{operation="listQuotes",version="v2"} 2.0\n' in metrics


def test_both_versions_share_one_rate_limit(databases):
    app = app_on(databases.new("empty"), TWO, rate_limit="10/minute")
    client = ContractClient(app, app.response_class)
    left = [client.get(f"/{item}/quotes").headers["RateLimit"].split(";")[1] for item in ("v1", "v2", "v1")]
    assert left == ["r=9", "r=8", "r=7"]
    app.extensions["onrecord"].close()


def test_the_front_page_and_the_documentation_link_to_both(both):
    index = both.get("/").json
    assert [(item["name"], item["version"]) for item in index["versions"]] == [
        ("v1", CONTRACT_VERSION),
        ("v2", "2.0.0"),
    ]
    for url in (*(item["openapi"] for item in index["versions"]), index["openapi"], *index["collections"].values()):
        assert both.get(url.removeprefix(ROOT)).status_code == 200
    front = both.get("/", headers={"Accept": "text/html"}).text
    assert 'href="/v1/openapi.json"' in front
    assert 'href="/v2/openapi.json"' in front
    for path, name in (("/docs", "v2"), ("/docs?version=v1", "v1"), ("/docs?version=v2", "v2")):
        page = both.get(path, headers={"Accept": "text/html"}).text
        assert f'data-document="/{name}/openapi.json"' in page
        assert {"/docs?version=v1", "/docs?version=v2"} <= set(re.findall('href="(.*?)"', page))
    rejected = both.get("/docs?version=v3")
    assert (rejected.status_code, rejected.json["code"]) == (422, "invalid-parameters")
    assert "v1, v2" in rejected.json["detail"]


def test_the_page_of_an_article_links_to_the_newest_version(both):
    id_ = both.get("/v2/articles?conflict=nagorno-karabakh").json["data"][0]["id"]
    page = both.get(f"/articles/{id_}", headers={"Accept": "text/html"}).text
    paths = re.findall('(?:href|src)="(/v[0-9]+/.*?)"', page)
    assert len(paths) > 25
    for path in paths:
        assert path.startswith("/v2/")
        assert both.get(path).status_code == 200


def test_an_app_serves_each_version_once_in_any_order():
    index = create_app(SETTINGS, (V2, VERSION)).test_client().get("/").json
    assert [item["name"] for item in index["versions"]] == ["v1", "v2"]
    for versions in ((), (V2, VERSION, V2)):
        with pytest.raises(ValueError, match="at least one version, and each once"):
            create_app(SETTINGS, versions)
    with pytest.raises(ValueError, match=r"major number of 1\.9\.0 must be 2"):
        Version(2, "1.9.0", V2.blueprints)


def test_a_route_of_a_later_version_requires_a_scope_too():
    def careless(version):
        blueprint = Blueprint("careless", description="Routes without an operation.")
        blueprint.add_url_rule("/careless", "careless", lambda: "")
        yield blueprint

    with pytest.raises(ValueError, match="GET /v2/careless declares no scope"):
        create_app(SETTINGS, (VERSION, replace(V2, blueprints=careless)))
