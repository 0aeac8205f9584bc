"""Requests that provoke each problem that the document lists for an operation."""

from __future__ import annotations

from contextlib import ExitStack
from io import BytesIO

import orjson
import pytest

from api.http.scopes import CLAIMS_WRITE, SCOPES
from tests.conftest import KeyedClient, app_on, key_of, keyed
from tests.support.openapi import DOCUMENT, OPERATIONS, resolved

PROBLEM = "application/problem+json"
NOT_JSON = {"text/plain": b"\xff"}
JSONS = ("application/json", "application/merge-patch+json")
ATLANTIS = {"claimant": {"name": "Atlantis", "kind": "government"}}


def documented_problems(operation):
    """Return the problems of an operation by their codes, with the example of each."""
    actual = {}
    for status, response in operation.document["responses"].items():
        if status >= "400":
            content = resolved(response)["content"][PROBLEM]
            several = content.get("examples", {"one": {"value": content.get("example")}})
            shown = [item["value"] for item in several.values()]
            actual |= {example["code"]: example for example in shown}
    return actual


def examples_of(*slugs):
    """Return every example of these problems in the document, by its place."""
    actual = {}
    places = {
        ("components", "responses", name): response for name, response in DOCUMENT["components"]["responses"].items()
    }
    for item in OPERATIONS.values():
        for status, response in item.document["responses"].items():
            if "$ref" not in response:
                places["paths", item.path, item.method, "responses", status] = response
    for place, response in places.items():
        content = response.get("content", {}).get(PROBLEM, {})
        if "example" in content:
            actual[*place, "content", PROBLEM, "example"] = content["example"]
        for name, example in content.get("examples", {}).items():
            actual[*place, "content", PROBLEM, "examples", name] = example["value"]
    return {place: example for place, example in actual.items() if example["code"] in slugs}


@pytest.fixture(scope="module")
def failing(databases, tmp_path_factory):
    """Yield clients of apps with an exceeded rate limit, without tables, and without a database."""
    without_tables = tmp_path_factory.mktemp("empty") / "empty.db"
    unlimited = app_on(databases.new("seeded"))
    key = key_of(unlimited, *SCOPES)
    unlimited.extensions["onrecord"].close()
    apps = {
        "too-many-requests": app_on(databases.new("seeded"), rate_limit="1/day"),
        "internal-error": app_on(f"sqlite:///{without_tables}"),
        "unavailable": app_on("sqlite:////no/such/folder/of/onrecord.db"),
    }
    clients = {slug: KeyedClient(app, app.response_class, use_cookies=False) for slug, app in apps.items()}
    for app in apps.values():
        app.config["KEY"] = key
    limited = keyed(apps["too-many-requests"])
    assert limited.get("/v1/quotes").status_code == 200
    yield {**clients, "too-many-requests": limited}
    with ExitStack() as closing:
        for app in apps.values():
            closing.callback(app.extensions["onrecord"].close)


class LateBody(BytesIO):
    """A request body that does not arrive in time."""

    def readinto(self, _buffer):
        raise TimeoutError


class ProblemRequests:
    """An operation, and the requests that provoke its problems."""

    def __init__(self, operation, fixture):
        self.operation = operation
        self.fixture = fixture
        self.body = orjson.loads(operation.body) if operation.media_type in JSONS else None

    @property
    def client(self):
        return self.fixture("writer" if self.operation.scopes else "seeded")

    @property
    def record(self):
        """Return the request body of the record in the examples of the operation."""
        collection = self.operation.path.removesuffix("/text").removesuffix("/{id}").removeprefix("/v1/")
        (put,) = [
            item for item in OPERATIONS.values() if (item.method, item.path) == ("put", f"/v1/{collection}/{{id}}")
        ]
        return put, orjson.loads(put.body)

    def another(self, **more):
        """Create the example of a new record."""
        put, _ = self.record
        (create,) = [item for item in OPERATIONS.values() if (item.method, item.path) == ("post", put.path[:-5])]
        assert self.client.post(create.path, json={**orjson.loads(create.body), **more}).status_code == 201

    def send(self, query="", *, client=None, url=None, body=None, **headers):
        """Send the example of the request with these changes, and return the response."""
        url = url or self.operation.url
        if query:
            url += f"{'&' if '?' in url else '?'}{query}"
        data = orjson.dumps(body) if isinstance(body, dict) else body
        sent = {**self.operation.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return (client or self.client).open(
            url, method=self.operation.method, headers=sent, data=self.operation.body if data is None else data
        )

    def invalid_parameters(self):
        return self.send("nonsense=1")

    def bad_request(self):
        return self.send(Host=f"{'a' * 64}.example")

    def method_not_allowed(self):
        views = [path for path in DOCUMENT["paths"] if path.startswith(self.operation.path[:-4])]
        return self.send(url=next(path for path in views if "{" not in path))

    def not_acceptable(self):
        return self.send(Accept="image/png")

    def uri_too_long(self):
        return self.send(f"nonsense={'1' * 40_000}")

    def key_required(self):
        return self.send(Authorization="Bearer mistyped")

    def scope_required(self):
        if not self.operation.scopes:
            client = self.fixture("writer")
            key = key_of(client.application, CLAIMS_WRITE)
            return self.send("texts=true", client=client, Authorization=f"Bearer {key}")
        (other,) = SCOPES.keys() - set(self.operation.scopes)
        return self.send(Authorization=f"Bearer {key_of(self.client.application, other)}")

    def not_found(self):
        return self.send(url=self.operation.path.replace("{id}", "there-is-no-such-id"))

    def gone(self):
        return self.fixture("gone")(self.operation)

    def resync_required(self):
        return self.send("since=1&epoch=of-another-feed")

    def malformed_body(self):
        return self.send(body=NOT_JSON.get(self.operation.media_type, b"{"))

    def invalid_record(self):
        if self.operation.media_type == "text/plain":
            return self.send(body=b"\0")
        return self.send(body={**self.body, "nonsense": 1})

    def content_too_large(self):
        return self.send(body=b" " * 9_000_000)

    def request_timeout(self):
        late, headers = LateBody(b"{}"), self.operation.headers
        return self.client.open(self.operation.url, method=self.operation.method, headers=headers, input_stream=late)

    def unsupported_media_type(self):
        return self.send(Content_Type="image/png")

    def precondition_failed(self):
        return self.send(If_Match='"v0"')

    def precondition_required(self):
        return self.send(If_Match=None)

    def idempotency_key_reused(self):
        assert self.send(Idempotency_Key="of-my-own").status_code in (200, 201)
        other = {"records": []} if "records" in self.body else {**self.body, "id": "another"}
        return self.send(Idempotency_Key="of-my-own", body=other)

    def import_refused(self):
        record = {"type": "article", "id": "an-invented-article", "headline": "An invented article", "headlin": "?"}
        return self.send(body={"records": [record]})

    def id_taken(self):
        put, _ = self.record
        if self.operation.method == "post":
            return self.send(body={**self.body, "id": put.url.rpartition("/")[2]})
        other = "ceasefire-1994" if "/quotes/" in put.path else "aliyev-no-basis"
        return self.send(url=f"{put.path.removesuffix('{id}')}{other}", If_Match=None)

    def duplicate(self):
        put, body = self.record
        if self.operation.method == "post":
            return self.send(body=body)
        beside = f"{put.path.removesuffix('{id}')}another"
        if self.operation.method == "put":
            return self.send(url=beside, If_Match=None)
        self.another(id="another")
        return self.send(url=beside, body={"claimed_on": None, "inferred": body.get("inferred", [])})

    def in_use(self):
        put, body = self.record
        if self.operation.method == "delete":
            # The first quote is restated by another already, and the article has claims.
            if "claimant" in body and "/quotes/" not in put.path:
                self.another(restates=put.url.rpartition("/")[2])
            return self.send(url=put.url)
        return self.send(body={**self.body, "text_sha256": "0" * 64, "text_length": 1})

    def not_grounded(self):
        put, body = self.record
        if "claimant" in body:
            return self.send(body={**self.body, **ATLANTIS})
        client = self.fixture("editor")
        article = {**body, "text_sha256": None, "text_length": None}
        assert client.put(put.url, json=article).status_code == 201
        quote = OPERATIONS["putQuote"]
        assert client.put(quote.url, data=quote.body, headers={"Content-Type": quote.media_type}).status_code == 201
        if self.operation.media_type == "text/plain":
            return self.send(client=client, url=f"{put.url}/text")
        changes = {"text": "A text without those words."}
        return self.send(client=client, body=changes if self.operation.method == "patch" else {**article, **changes})


def provoke(slug, operation, fixture):
    """Return the response of an operation with this problem."""
    provoking = ProblemRequests(operation, fixture)
    clients = fixture("failing")
    return provoking.send(client=clients[slug]) if slug in clients else getattr(provoking, slug.replace("-", "_"))()


# The operation whose response is the example of each problem, and its request if it has another one.
PROVOKED = {
    "bad-request": ("listQuotes", None),
    "method-not-allowed": ("putCasualtyReport", None),
    "invalid-parameters": ("listQuotes", lambda asked: asked.send("speaker=Aliyev")),
    "not-acceptable": ("listQuotes", None),
    "uri-too-long": ("listQuotes", None),
    "key-required": ("createQuote", lambda asked: asked.send(Authorization=None)),
    "scope-required": ("createQuote", None),
    "not-found": ("getQuote", None),
    "gone": ("getQuote", None),
    "resync-required": ("listChanges", None),
    "malformed-body": ("createQuote", None),
    "invalid-record": ("patchQuote", lambda asked: asked.send(body={"claimnt": {}})),
    "request-timeout": ("createQuote", None),
    "content-too-large": ("createQuote", None),
    "unsupported-media-type": ("createQuote", None),
    "precondition-failed": ("patchQuote", None),
    "precondition-required": ("patchQuote", None),
    "idempotency-key-reused": ("createQuote", None),
    "import-refused": ("importRecords", None),
    "id-taken": ("createQuote", None),
    "duplicate": ("createQuote", None),
    "in-use": ("deleteQuote", None),
    "not-grounded": ("patchCasualtyReport", None),
    "too-many-requests": ("listQuotes", None),
    "internal-error": ("listQuotes", None),
    "unavailable": ("listQuotes", None),
}


def example_response(slug, fixture):
    """Return the response that the examples of a problem show."""
    name, otherwise = PROVOKED[slug]
    return (
        otherwise(ProblemRequests(OPERATIONS[name], fixture)) if otherwise else provoke(slug, OPERATIONS[name], fixture)
    )
