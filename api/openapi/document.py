"""The OpenAPI document of each version: rendered once, served as bytes."""

from __future__ import annotations

import hashlib
from functools import cached_property
from threading import Lock

import orjson
from flask import Flask, Response

from api.http.etags import not_modified, with_etag
from api.http.negotiation import JSON, negotiate
from api.http.operations import Operation
from api.http.scopes import OPEN
from api.http.versions import Version
from api.openapi.smorest import KEY, Api

DESCRIPTION = """\
Claims from conflict reporting: statements, agreements, resolutions and casualties, each with its claimant and the
evidence from the article.

A record is never a fact. It is a claim: *article X reports that party Y says Z*, with its evidence from the text.
Quotes, ceasefires, resolutions and casualty reports have the same first and last fields. So lists of several kinds
can be read in one way. Contradicting claims are all recorded. Information that a party withholds is recorded as
`undisclosed`.

**Lists** are filtered by `field=value`. Repeat a parameter to match any of several values. Fields that declare them
have `[gte]`, `[lte]`, `[not]` and `[exists]`. Follow `page.next` and `page.prev` to read more pages. **Dates** are
EDTF (ISO 8601-2). A filter matches if the days of a date overlap the days of the query. **Errors** are problems
(RFC 9457). Their `type` is the URL of a page that explains them. If `Accept` prefers `text/html`, as that of browsers
does, an error is a page. A path rejects other methods with 405 and `Allow`.

**Writing** requires a key with the scope `claims:write`. In a new record, an omitted field that can be null is null.
Replacing, changing and deleting a record requires its `ETag` as `If-Match`. A claim is stored if its evidence supports
it. Otherwise the error has the missing value, the text of the evidence, and the places in the article that have the
value.

The changes that can occur within this version are at [/contract](/contract).

Store the `ETag` of a response and send it as `If-None-Match`. If the representation did not change, the response
is 304.
"""


def register(app: Flask, version: Version) -> None:
    """Serve a version: its endpoints and its OpenAPI document. The document of the first is the extension `openapi`."""
    api = Api(
        app,
        version,
        title="onrecord",
        openapi_version="3.1.1",
        info={
            "summary": "Claims from conflict reporting, each with its claimant and its evidence.",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
            "contact": {"name": "The operator of this service"},
        },
        servers=[
            {
                "url": "/",
                "description": "The service that serves this document: local, staging or production.",
                "x-internal": False,
            }
        ],
        # Clients can send a key to any operation. Operations that require one declare it themselves.
        security=[{}, {KEY: []}],
    )
    for blueprint in version.blueprints(version):
        api.register_blueprint(blueprint)
    document = OpenAPIDocument(api)
    app.extensions.setdefault("openapi", document)

    def openapi() -> Response:
        negotiate(JSON)
        unchanged = not_modified(document.tag)
        return unchanged if unchanged is not None else with_etag(Response(document.body, mimetype=JSON), document.tag)

    openapi._operation = Operation("openapi", OPEN)  # type: ignore[attr-defined]
    app.add_url_rule(path_of(version), endpoint=f"{version.name}.openapi", view_func=openapi)


class OpenAPIDocument:
    """The bytes of an OpenAPI document: the same for the same code, with sorted keys, no dates and no hosts.

    It is rendered for the first request for it. Few processes get one.
    """

    def __init__(self, api: Api):
        self._api = api
        self._lock = Lock()
        self._body = b""

    @property
    def body(self) -> bytes:
        """The document as it is served, without whitespace."""
        with self._lock:
            self._body = self._body or orjson.dumps(self._api.render(), option=orjson.OPT_SORT_KEYS)
            return self._body

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]


def indented(body: bytes) -> bytes:
    """Return a document as the contract's files have it, for people and `git diff`."""
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def path_of(version: Version) -> str:
    """Return the path of the document of a version."""
    return f"{version.prefix}/openapi.json"
