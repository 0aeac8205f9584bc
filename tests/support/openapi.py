"""The served OpenAPI document, for tests that run once per operation."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

from api.app import create_app
from api.settings import Settings

BYTES = create_app(Settings(database_url="sqlite://")).extensions["openapi"].body
DOCUMENT = orjson.loads(BYTES)


def resolved(part, document=DOCUMENT):
    """Return a part of a document, or the component that it refers to."""
    while "$ref" in part:
        target = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part


@dataclass(frozen=True)
class Operation:
    """An operation of the document."""

    method: str
    path: str
    document: dict[str, typing.Any]
    parameters: list[dict[str, typing.Any]]

    @property
    def id(self):
        return self.document["operationId"]

    @property
    def scopes(self):
        """The required scopes."""
        return [scope for requirement in self.document.get("security", []) for scope in requirement["key"]]

    @property
    def successes(self):
        """The success responses by status."""
        return {int(status): response for status, response in self.document["responses"].items() if status < "300"}

    @property
    def url(self):
        """The URL of the examples of the parameters."""
        url = self.path
        for parameter in self.parameters:
            if parameter["in"] == "path":
                url = url.replace(f"{{{parameter['name']}}}", parameter["example"])
        query = {item["name"]: item["schema"].get("example") for item in self.parameters if item["in"] == "query"}
        query = {name: example for name, example in query.items() if example is not None}
        return f"{url}?{urlencode(query, doseq=True)}" if query else url

    @property
    def headers(self):
        """The request headers of the examples."""
        headers = {
            part["name"]: part["example"] for part in self.parameters if part["in"] == "header" and "example" in part
        }
        if self.media_type:
            headers["Content-Type"] = self.media_type
        return headers

    @property
    def media_type(self):
        """The media type of the request body, or None."""
        return next(iter(self.document.get("requestBody", {}).get("content", {})), None)

    @property
    def body(self):
        """The bytes of the example body, or None without a body."""
        if self.media_type is None:
            return None
        example = self.document["requestBody"]["content"][self.media_type]["example"]
        return example.encode() if isinstance(example, str) else orjson.dumps(example)


_METHODS = ("get", "post", "put", "patch", "delete")


def operations_of(document):
    """Return the operations of a document by their ids."""
    operations = [
        Operation(
            method,
            path,
            item[method],
            # No operation replaces a parameter of its path.
            [resolved(part, document) for part in (*item.get("parameters", []), *item[method].get("parameters", []))],
        )
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
    return {operation.id: operation for operation in operations}


OPERATIONS = operations_of(DOCUMENT)
# The operations that read without a key, and the others.
READS = {name: each for name, each in OPERATIONS.items() if each.method == "get" and not each.scopes}
KEYED = {name: each for name, each in OPERATIONS.items() if name not in READS}
# The operations of other kinds of claim. They run the same code as those of quotes, with other fields.
LIKE_QUOTES = {
    name
    for name in OPERATIONS
    if name.removesuffix("Versions").removesuffix("s").endswith(("Ceasefire", "Resolution", "CasualtyReport"))
}
