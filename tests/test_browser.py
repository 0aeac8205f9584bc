"""The pages in a real browser: nothing from elsewhere, nothing amiss, every GET answers when one presses Execute."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time

import orjson
import pytest
from playwright.sync_api import sync_playwright

from api import create_app
from api.settings import Settings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Should anything be asked of another host after all, it is not found.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PAGES = {
    "/": ("onrecord", "onrecord"),
    "/problems": ("Problems – onrecord", "Problems"),
    "/problems/not-found": ("No such record – onrecord", "No such record"),
}


def operations():
    """Each GET that needs no key, by its operationId: its path, and the id that its form is filled with, if any."""
    app = create_app(Settings(database_url="sqlite://"))
    document = app.test_client().get("/v1/openapi.json").json
    app.extensions["onrecord"].close()
    found = {}
    for path, item in document["paths"].items():
        operation = item.get("get")
        needed = operation and operation.get("security", document.get("security"))
        if operation is None or (needed and all(needed)):
            continue
        parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
        ids = [parameter["example"] for parameter in parameters if parameter["in"] == "path"]
        found[operation["operationId"]] = (path, *ids)
    return found


OPERATIONS = operations()
assert OPERATIONS, "No GET is left to try."


@contextlib.contextmanager
def serving(folder):
    """The service on a database of its own, as a process of its own; its address."""
    settings = {"ONRECORD_DATABASE_URL": f"sqlite:///{folder / 'onrecord.db'}"}
    around = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    started = {"cwd": folder, "env": around | settings, "stderr": subprocess.STDOUT}
    command = [sys.executable, "-c", "from api.cli import main; main()"]
    for step in ("upgrade", "seed"):
        subprocess.run([*command, "db", step], check=True, stdout=subprocess.PIPE, **started)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "serve.log"
    with (
        log.open("wb") as told,
        subprocess.Popen([*command, "serve", "--port", str(port)], stdout=told, **started) as server,
    ):
        try:
            deadline = time.monotonic() + 30
            while not answers(port):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Visit:
    """A window of the browser, and what is amiss in it: requests to elsewhere, errors, breaches of a page's policy."""

    def __init__(self, browser, origin, **options):
        self.requests = []
        self.amiss = []
        self.origin = origin
        self.context = browser.new_context(base_url=origin, **options)
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.amiss.append(f"error: {error.error}"))
        self.page = self.context.new_page()
        self.look(1280, "light")

    def look(self, width, scheme):
        """Make the window so wide, on a machine set to this colour scheme."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme)

    def _asked(self, request):
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.amiss.append(f"request to elsewhere: {request.url}")

    def _said(self, message):
        # For an answer that is no page, and so names no icon, a browser tries this address.
        if message.location["url"] == f"{self.origin}/favicon.ico":
            return
        if message.type == "error" or "Content Security Policy" in message.text:
            self.amiss.append(f"{message.type}: {message.text}")

    def overflow(self):
        """By how many pixels the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def darkness(self):
        """How dark the page's ground is, from 0 to 255."""
        ground = self.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return 255 - max(map(int, re.findall(r"\d+", ground)[:3]))

    def open(self, name):
        """Open an operation of the documentation; where it stands."""
        block = self.page.locator(f".opblock[id$='-{name}']")
        block.locator(".opblock-summary-control").click()
        return block

    def execute(self, name):
        """Press Execute; the status and the body that the page then shows."""
        block = self.page.locator(f".opblock[id$='-{name}']")
        block.get_by_role("button", name="Execute").click()
        answer = block.locator(".live-responses-table > tbody")
        status = answer.locator(".response-col_status").inner_text()
        return status, orjson.loads(answer.locator(".highlight-code code").text_content())


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """The address of a service that has the fixtures on record."""
    with serving(tmp_path_factory.mktemp("served")) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with (
        sync_playwright() as playwright,
        contextlib.closing(playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)) as chromium,
    ):
        yield chromium


@pytest.fixture
def visit(browser, origin):
    """Opens windows; at the end, nothing may be amiss in any."""
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
    """The documentation in one window, for looking at its operations one after another."""
    made = Visit(browser, origin)
    made.page.goto("/docs")
    yield made
    made.context.close()


@pytest.mark.parametrize("name", OPERATIONS)
def test_pressing_execute_is_answered_with_data(docs, name):
    path, *ids = OPERATIONS[name]
    docs.open(name)
    status, answer = docs.execute(name)
    assert status == "200"
    if path.endswith("}"):
        assert answer["id"] == ids[-1]
    else:
        assert answer["data"]
    assert docs.amiss == []
    # Closed again, so that the page stays quick.
    docs.open(name)


def test_what_a_person_fills_in_is_what_is_asked(docs):
    form = docs.open("listCasualtyReports")
    form.locator("[data-param-name='harm'] select").select_option("killed")
    country = form.locator("[data-param-name='claimant_country']")
    country.get_by_role("button", name="Add string item").click()
    country.locator("input").fill("ARM")
    form.locator("[data-param-name='on_record[lte]'] input").fill("2020-11-01")
    status, answer = docs.execute("listCasualtyReports")
    docs.open("listCasualtyReports")
    assert (status, {record["count"] for record in answer["data"]}) == ("200", {1166, 45})
    asked = "/v1/casualty-reports?harm=killed&claimant_country=ARM&on_record%5Blte%5D=2020-11-01&limit=20"
    assert f"{docs.origin}{asked}" in docs.requests


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


def test_what_is_not_from_here_is_kept_out_and_noticed(browser, origin):
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


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_documentation_fits_the_window_and_the_colour_scheme(docs, width, scheme):
    docs.look(width, scheme)
    docs.open("getArticle")
    docs.execute("getArticle")
    overflow, darkness = docs.overflow(), docs.darkness()
    docs.open("getArticle")
    docs.look(1280, "light")
    assert overflow == 0
    assert (darkness > 128) == (scheme == "dark")
    assert docs.amiss == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_the_window_and_the_colour_scheme(visit, path, width, scheme):
    window = visit()
    window.look(width, scheme)
    assert window.page.goto(path).headers["content-type"] == "text/html; charset=utf-8"
    assert (window.page.title(), window.page.locator("h1").inner_text()) == PAGES[path]
    assert window.overflow() == 0
    assert (window.darkness() > 128) == (scheme == "dark")


@pytest.mark.parametrize("path", [*PAGES, "/docs"])
def test_every_link_of_a_page_leads_somewhere_even_without_scripts(visit, path):
    window = visit(java_script_enabled=False)
    window.page.goto(path)
    links = [link.get_attribute("href") for link in window.page.get_by_role("link").all()]
    assert links
    for link in links:
        window.page.goto(path)
        with window.page.expect_response(f"{window.origin}{link}") as answer:
            window.page.locator(f"a[href='{link}']").first.click()
        assert answer.value.status == 200
