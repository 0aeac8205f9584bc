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
from api.openapi.smorest import KEY, Rest

DESCRIPTION = """\
What was said, agreed, resolved and counted in a conflict, with who claims it and where it is printed.

A record is never a fact. It is a claim: *article X reports that party Y says Z*, with the words that prove it.
Quotes, ceasefires, resolutions and casualty reports share their first and last fields, so lists of mixed claims
read one way. Conflicting claims stand side by side; what is withheld is on record as `undisclosed`.

**Lists** are filtered by `field=value`, repeated for any of several values; `[gte]`, `[lte]`, `[not]` and `[exists]`
where a field declares them. They are walked by following `page.next` and `page.prev`. **Dates** are EDTF (ISO 8601-2):
a filter matches where the days that a date allows overlap what was asked. **Failures** are problems (RFC 9457) whose
`type` leads to a page that explains them. A path rejects the methods that it does not have here with 405 and `Allow`.
{writing}

What may change within this version and what never will is at [/contract](/contract).

Keep the `ETag` of an answer and send it as `If-None-Match`: what has not
changed costs a 304.
"""

_WRITING = """\
**Writing** needs a key with the scope `claims:write`, and the `ETag` of what
is replaced, changed or deleted as `If-Match`. A claim is stored once the words that it gives as its evidence bear it
out; where they do not, the refusal says what was looked for, what stands there and where it could be found."""
_READING_ONLY = """\
**Writing** is done
in version 1, whose shapes are those that are stored; what is written there is seen here at once."""


def create(app: Flask, version: Version) -> Rest:
    """The document of a version, to be filled by registering its blueprints."""
    rest = Rest(
        app,
        version,
        title="onrecord",
        openapi_version="3.1.1",
        info={
            "summary": "Claims from conflict reporting: who says what, and the words that prove it.",
            "description": DESCRIPTION.format(writing=_WRITING if version.writes else _READING_ONLY),
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
        # Who reads may send a key, and is then counted by it; what needs one says so itself.
        security=[{}, {KEY: []}],
    )
    # flask-smorest's own command line prints another document than the one that is served.
    app.cli.commands.pop("openapi", None)
    return rest


class Document:
    """The document's bytes, the same for the same code: sorted keys, no dates, no hosts.

    Written when it is first asked for: few of the processes that serve it ever are, and all start without.
    """

    def __init__(self, rest: Rest):
        self._rest = rest
        self._lock = Lock()

    @property
    def body(self) -> bytes:
        with self._lock:
            return self._body

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def _body(self) -> bytes:
        return orjson.dumps(self._rest.documented(), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def serve(app: Flask, rest: Rest) -> None:
    """Serve the document of a version beside its paths; that of the oldest is at hand as the extension `openapi`."""
    document = Document(rest)
    app.extensions.setdefault("openapi", document)

    def openapi() -> Response:
        insist(JSON)
        unchanged = not_modified(document.tag)
        return unchanged if unchanged is not None else tagged(Response(document.body, mimetype=JSON), document.tag)

    openapi._operation = Operation("openapi", OPEN)  # type: ignore[attr-defined]
    app.add_url_rule(path_of(rest.version), endpoint=f"{rest.version.name}.openapi", view_func=openapi)


def path_of(version: Version) -> str:
    """Where the document of a version is served."""
    return f"{version.prefix}/openapi.json"
