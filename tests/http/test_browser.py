"""The pages in a real browser: no requests to other origins, no errors, and each operation runs in Swagger UI."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from importlib import resources
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from playwright.sync_api import sync_playwright

from api.http.scopes import SCOPES
from tests.conftest import prepare
from tests.support.live_server import ONRECORD, environment, free_port, onrecord, run_server
from tests.support.openapi import KEYED, OPERATIONS, READS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.external,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
]

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-software-rasterizer",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A request to another host fails.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
ARTICLE = orjson.loads(resources.files("fixtures").joinpath("articles.ndjson").read_bytes().splitlines()[0])
PAGES = {
    "/": ("onrecord", "onrecord"),
    "/contract": ("The promise – onrecord", "The promise"),
    "/problems": ("Problems – onrecord", "Problems"),
    "/problems/not-found": ("No such record – onrecord", "No such record"),
    f"/articles/{ARTICLE['id']}": (f"{ARTICLE['headline']} – onrecord", ARTICLE["headline"]),
}
# A window's width and the colour scheme: by how many pixels a page is to be too wide, and whether it is to be dark.
FITTING = {
    (360, "dark"): (0, True),
    (360, "light"): (0, False),
    (1280, "dark"): (0, True),
    (1280, "light"): (0, False),
}


# Each GET that needs no key: its path, and the values of its form.
# For each, Swagger UI reads the whole document again, which takes seconds: `make browse` presses all there are, and
# the suite one of each sort: a list, an item, its history, a view and the feed.
OF_EACH_SORT = ("listClaims", "getQuote", "listQuoteVersions", "getCasualtyReportComparison", "listChanges")
EVERY_OPERATION = "EVERY_OPERATION" in os.environ
READ_OPERATIONS = {
    name: (each.path, [part["example"] for part in each.parameters if part.get("required")])
    for name, each in READS.items()
    if EVERY_OPERATION or name in OF_EACH_SORT
}
# With a key, `make browse` presses all, and the suite one write of each sort.
WRITES_OF_EACH_SORT = {"createArticle", "deleteArticle", "deleteQuote", "patchQuote", "putQuote", "importRecords"}
WRITES_OF_EACH_SORT |= {"getArticleText", "putArticleText", "deleteArticleText"}


class Visit:
    """A browser window, with its requests to other origins, its errors and its violations of content policies."""

    def __init__(self, browser, origin, **options):
        self.requests = []
        self.amiss = []
        self.origin = origin
        self.context = browser.new_context(base_url=origin, **options)
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.amiss.append(f"error: {error.error}"))
        self.page = self.context.new_page()

    def _asked(self, request):
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.amiss.append(f"request to elsewhere: {request.url}")

    def _said(self, message):
        if message.type == "error" or "Content Security Policy" in message.text:
            self.amiss.append(f"{message.type}: {message.text}")

    def looks(self):
        """Return the overflow in pixels and the colour scheme, for wide and narrow windows, in light and dark mode."""
        seen = {}
        for width, scheme in FITTING:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)
            root = "document.documentElement"
            overflow = self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
            ground = self.page.evaluate("getComputedStyle(document.body).backgroundColor")
            seen[width, scheme] = (overflow, max(map(int, re.findall(r"\d+", ground)[:3])) < 128)
        return seen

    @contextlib.contextmanager
    def operation(self, name):
        """Open an operation of the documentation and close it at the end, which keeps the page fast."""
        block = self.page.locator(f".opblock[id$='-{name}']")
        block.locator(".opblock-summary-control").click()
        yield block
        block.locator(".opblock-summary-control").click()


def press_execute(operation):
    """Press Execute and return the table with the displayed response, and its status."""
    operation.get_by_role("button", name="Execute").click()
    response = operation.locator(".live-responses-table > tbody")
    return response, response.locator(".response-col_status").inner_text()


def execute(operation):
    """Press Execute and return the displayed status and JSON body."""
    response, status = press_execute(operation)
    return status, orjson.loads(response.locator(".highlight-code code").text_content())


@contextlib.contextmanager
def started(folder):
    """Start a service with the fixtures and yield its URL and its settings."""
    port = free_port()
    settings = {"database_url": f"sqlite:///{folder / 'onrecord.db'}", "rate_limit": ""}
    prepare(settings["database_url"], "seeded")
    command = (*ONRECORD, "serve", "--port", str(port))
    with run_server(command, folder, port, environment(**settings), folder / "log") as root:
        yield root, settings


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """Yield the URL of a read-only service with the fixtures."""
    with started(tmp_path_factory.mktemp("served")) as (root, _):
        yield root


@pytest.fixture(scope="module")
def browser():
    with (
        sync_playwright() as playwright,
        contextlib.closing(playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)) as chromium,
    ):
        yield chromium


@pytest.fixture
def visit(browser, origin):
    """Yield a function that opens windows. At the end, fail if a window had an error."""
    visits = []

    def open_(**options):
        visits.append(Visit(browser, origin, **options))
        return visits[-1]

    yield open_
    for made in visits:
        made.context.close()
    assert [made.amiss for made in visits] == [[] for _ in visits]


@pytest.fixture(scope="module")
def docs(browser, origin):
    """Open the documentation in one window, for all its operations."""
    made = Visit(browser, origin)
    made.page.goto("/docs")
    yield made
    made.context.close()


@pytest.mark.parametrize("name", READ_OPERATIONS)
def test_execute_returns_data(docs, name):
    path, filled_in = READ_OPERATIONS[name]
    with docs.operation(name) as operation:
        shown, status = press_execute(operation)
        assert status == "200"
        if path.endswith("/export"):
            # The page offers these lines as a file.
            shown.get_by_text("Download file").wait_for()
        else:
            response = orjson.loads(shown.locator(".highlight-code code").text_content())
            if path.endswith("{id}"):
                assert response["id"] == filled_in[-1]
            else:
                assert next(response[name] for name in ("data", "cells", "lines", "unnamed") if name in response)
    assert docs.amiss == []


def test_only_operations_that_require_a_key_have_a_lock(docs):
    locks = docs.page.locator(".opblock:has(.authorization__btn:visible)")
    locks.first.wait_for()
    assert {id_.rpartition("-")[2] for id_ in locks.evaluate_all("all => all.map(each => each.id)")} == set(KEYED)


@pytest.fixture
def writable(tmp_path):
    """Yield the URL of a service with the fixtures, and a key with all scopes."""
    with started(tmp_path) as (root, settings):
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        made = onrecord("keys", "create", "--name", "of the browser", *scopes, cwd=tmp_path, **settings)
        yield root, made.stdout.strip()


def test_with_a_key_plain_execute_succeeds_from_the_top_of_the_page_to_its_end(browser, writable):
    origin, key = writable
    window = Visit(browser, origin)
    window.page.goto("/docs")
    with window.operation("createCeasefire") as operation:
        assert execute(operation)[0] == "401"
    window.page.get_by_role("button", name="Authorize").first.click()
    window.page.locator(".auth-container input").fill(key)
    window.page.locator(".auth-btn-wrapper button.authorize").click()
    window.page.locator(".auth-btn-wrapper button.btn-done").click()
    # The browser reported the 401 in the console.
    window.amiss.clear()
    names = [block.get_attribute("id").rpartition("-")[2] for block in window.page.locator(".opblock").all()]
    assert set(names) == OPERATIONS.keys()
    for name in names:
        if EVERY_OPERATION or name in WRITES_OF_EACH_SORT:
            with window.operation(name) as operation:
                response, status = press_execute(operation)
                assert int(status) in OPERATIONS[name].successes, (name, response.inner_text())
    assert window.amiss == []
    window.context.close()


def test_the_request_has_the_values_of_the_form(docs):
    with docs.operation("listArticles") as operation:
        operation.locator("[data-param-name='inferred'] select").select_option("publisher")
        conflict = operation.locator("[data-param-name='conflict']")
        conflict.get_by_role("button", name="Add string item").click()
        conflict.locator("input").fill("nagorno-karabakh")
        operation.locator("[data-param-name='published_on[lte]'] input").fill("2020-11-01")
        status, response = execute(operation)
    assert (status, [article["id"] for article in response["data"]]) == ("200", ["karabakh-2020-11-01"])
    (requests,) = [url for url in docs.requests if "/articles?" in url and "conflict=" in url]
    filled_in = {("conflict", "nagorno-karabakh"), ("inferred", "publisher"), ("published_on[lte]", "2020-11-01")}
    assert filled_in <= set(parse_qsl(urlsplit(requests).query))


def test_the_documentation_is_under_a_strict_policy(docs):
    policy = docs.context.request.get("/docs").headers["content-security-policy"]
    directives = {name: sources for name, *sources in map(str.split, policy.split(";"))}
    assert directives["default-src"] == ["'none'"]
    assert {source for sources in directives.values() for source in sources} == {"'none'", "'self'", "data:"}


def test_the_documentation_comes_from_here_alone(docs):
    docs.page.get_by_role("button", name="Schemas").click()
    docs.page.get_by_role("button", name="CasualtyReport", exact=True).click()
    docs.page.wait_for_load_state("networkidle")
    docs.page.get_by_role("button", name="Schemas").click()
    assert f"{docs.origin}/docs/swagger-ui-bundle.js" in docs.requests
    assert docs.amiss == []


def test_requests_to_other_origins_are_blocked_and_reported(browser, origin):
    window = Visit(browser, origin)
    window.page.goto("/")
    window.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.intruded = true";
          const picture = document.createElement("img");
          picture.src = "https://elsewhere.example/picture.png";
          document.body.append(script, picture);
        }"""
    )
    window.page.wait_for_load_state("networkidle")
    assert window.page.evaluate("window.intruded") is None
    window.context.close()
    for breach in ("inline script", "elsewhere.example"):
        assert any("Content Security Policy" in said and breach in said for said in window.amiss), window.amiss


def test_the_documentation_fits_the_window_and_the_colour_scheme(docs):
    with docs.operation("getArticle") as operation:
        execute(operation)
        looks = docs.looks()
    assert looks == FITTING
    assert docs.amiss == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_the_window_and_the_colour_scheme(visit, path):
    window = visit()
    assert window.page.goto(path).headers["content-type"] == "text/html; charset=utf-8"
    assert (window.page.title(), window.page.locator("h1").inner_text()) == PAGES[path]
    assert window.looks() == FITTING


def test_an_error_is_a_page_that_fits_the_window_and_leads_to_its_explanation(browser, origin):
    window = Visit(browser, origin)
    response = window.page.goto("/v1/casualty-reports/series?conflict=nagorno-karabakh")
    assert (response.status, response.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert window.page.locator("h1").inner_text() == "Invalid parameters"
    assert window.looks() == FITTING
    window.page.get_by_role("link", name="The meaning of this error").click()
    window.page.wait_for_url("/problems/invalid-parameters")
    window.page.go_back()
    # A browser shows the JSON of one cell.
    window.page.get_by_role("link", name="cell=").first.click()
    window.page.wait_for_url("**/series?*cell=*")
    # The browser reports the status of the error in the console.
    assert [said for said in window.amiss if "422" not in said] == []
    window.context.close()


def test_one_finds_the_way_by_clicking(visit):
    window = visit()
    window.page.goto("/")
    for link, place in (
        ("Problems", "/problems"),
        ("No such record", "/problems/not-found"),
        ("onrecord", "/"),
        ("The promise", "/contract"),
        ("add-fields", "/contract#add-fields"),
        ("onrecord", "/"),
        ("API documentation", "/docs"),
    ):
        window.page.get_by_role("link", name=link).click()
        window.page.wait_for_url(place)
    window.page.locator(".opblock").first.wait_for()
    window.page.get_by_role("link", name="Front page").click()
    window.page.wait_for_url("/")


@pytest.mark.parametrize("path", [*PAGES, "/docs"])
def test_every_link_of_a_page_leads_somewhere_and_needs_no_script(visit, path):
    window = visit(java_script_enabled=False)
    window.page.goto(path)
    links = [link.get_attribute("href") for link in window.page.get_by_role("link").all()]
    assert links
    # It is requested and not visited. For a response that is not a page, a browser would request an icon.
    assert {link: window.context.request.get(link).status for link in links} == dict.fromkeys(links, 200)
