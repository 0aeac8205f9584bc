"""The OpenAPI document: rendered once, served as bytes."""

from __future__ import annotations

import hashlib
from functools import cached_property
from threading import Lock

import orjson
from flask import Flask, Response

from api.http.conditions import not_modified, tagged
from api.http.negotiation import JSON, insist
from api.http.operations import Operation
from api.http.scopes import OPEN
from api.http.versions import Version
from api.openapi.smorest import KEY, Api

DESCRIPTION = """\
What was said, agreed, resolved and counted in a conflict, with who claims it and where it is printed.

A record is never a fact. It is a claim: *article X reports that party Y says Z*, with the words that prove it.
Quotes, ceasefires, resolutions and casualty reports share their first and last fields, so lists of mixed claims
read one way. Conflicting claims stand side by side; what is withheld is on record as `undisclosed`.

**Lists** are filtered by `field=value`, repeated for any of several values; `[gte]`, `[lte]`, `[not]` and `[exists]`
where a field declares them. They are walked by following `page.next` and `page.prev`. **Dates** are EDTF (ISO 8601-2):
a filter matches where the days that a date allows overlap what was asked. **Failures** are problems (RFC 9457) whose
`type` leads to a page that explains them. A path rejects the methods that it does not have here with 405 and `Allow`.
**Writing** needs a key with the scope `claims:write`, and the `ETag` of what
is replaced, changed or deleted as `If-Match`. A claim is stored once the words that it gives as its evidence bear it
out; where they do not, the refusal says what was looked for, what stands there and where it could be found.

What may change within this version and what never will is at [/contract](/contract).

Keep the `ETag` of an answer and send it as `If-None-Match`: what has not
changed costs a 304.
"""


def register(app: Flask, version: Version) -> None:
    """Serve a version: its endpoints and its OpenAPI document. The document of the first is the extension `openapi`."""
    api = Api(
        app,
        version,
        title="onrecord",
        openapi_version="3.1.1",
        info={
            "summary": "Claims from conflict reporting: who says what, and the words that prove it.",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
            "contact": {"name": "Whoever runs this service"},
        },
        servers=[
            {
                "url": "/",
                "description": "The service that this document comes from, be it local, staging or production.",
                "x-internal": False,
            }
        ],
        # Clients can send a key to any operation. Operations that require one declare it themselves.
        security=[{}, {KEY: []}],
    )
    # flask-smorest's commands print another document than the app serves.
    app.cli.commands.pop("openapi", None)
    for blueprint in version.blueprints(version):
        api.register_blueprint(blueprint)
    document = Document(api)
    app.extensions.setdefault("openapi", document)

    def openapi() -> Response:
        insist(JSON)
        unchanged = not_modified(document.tag)
        return unchanged if unchanged is not None else tagged(Response(document.body, mimetype=JSON), document.tag)

    openapi._operation = Operation("openapi", OPEN)  # type: ignore[attr-defined]
    app.add_url_rule(path_of(version), endpoint=f"{version.name}.openapi", view_func=openapi)


class Document:
    """The bytes of an OpenAPI document: the same for the same code, with sorted keys, no dates and no hosts.

    It is rendered for the first request for it. Few processes get one.
    """

    def __init__(self, api: Api):
        self._api = api
        self._lock = Lock()

    @property
    def body(self) -> bytes:
        """The document as it is served, without whitespace."""
        with self._lock:
            return self._body

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def _body(self) -> bytes:
        return orjson.dumps(self._api.render(), option=orjson.OPT_SORT_KEYS)


def indented(body: bytes) -> bytes:
    """Return a document as the contract's files have it, for people and `git diff`."""
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def path_of(version: Version) -> str:
    """Return the path of the document of a version."""
    return f"{version.prefix}/openapi.json"
