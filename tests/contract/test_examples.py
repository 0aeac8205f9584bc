"""Each example of the document is a real request or response."""

from __future__ import annotations

import csv
import io
import re

import orjson
import pytest

from api.openapi.responses import BY_REQUEST
from tests.support.openapi import DOCUMENT, KEYED, OPERATIONS, resolved
from tests.support.problem_requests import (
    PROVOKED,
    documented_problems,
    example_response,
    examples_of,
    failing,
    provoke,
)

__all__ = ["failing"]

HERE, ROOT = "http://127.0.0.1:8000", "https://onrecord.example"
# Parts of texts that change with each request: ids of keys, times, limits.
CHANGING_TEXT = re.compile(r"\b[0-9a-f]{12}\b|[0-9-]{10}T[0-9:.]{12}Z|[0-9,]+(?= (requests|seconds))")
# Fields that change with each request.
CHANGING_FIELDS = {"created_at", "updated_at", "at", "sequence", "epoch", "request_id"}


def examples(part, path=()):
    """Yield the place of each example in a part of the document."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if not isinstance(part, dict):
        return
    for name, inner in part.items():
        if name == "example":
            yield (*path, name)
        elif name == "examples":
            yield from ((*path, name, key) for key in inner)
        else:
            yield from examples(inner, (*path, name))


def parameters(operation):
    """Yield the places of the examples of an operation's parameters."""
    for place in (("paths", operation.path), ("paths", operation.path, operation.method)):
        item = DOCUMENT
        for step in place:
            item = item[step]
        for index, part in enumerate(item.get("parameters", [])):
            at = tuple(part["$ref"].removeprefix("#/").split("/")) if "$ref" in part else (*place, "parameters", index)
            yield from examples(resolved(part), at)


def bodies(operation):
    """Return the places of the examples of an operation's request body."""
    place = ("paths", operation.path, operation.method, "requestBody")
    return examples(operation.document.get("requestBody", {}), place)


def responses(operation):
    """Yield the places of the examples of an operation's success responses, with status and media type."""
    for status, response in operation.successes.items():
        at = ("paths", operation.path, operation.method, "responses", str(status))
        for member in ("content", BY_REQUEST):
            for media_type, content in response.get(member, {}).items():
                for example in examples(content, (*at, member, media_type)):
                    yield example, status, media_type


def test_these_tests_check_each_example():
    checked = {
        place
        for operation in OPERATIONS.values()
        for place in (*parameters(operation), *bodies(operation), *(place for place, *_ in responses(operation)))
    }
    assert set(examples(DOCUMENT)) == checked | set(examples_of(*PROVOKED))


def send(client, operation, query="", **headers):
    """Send the example of a request, with more query parameters and headers."""
    url = operation.url
    if query:
        url += f"{'&' if '?' in url else '?'}{query}"
    return client.open(url, method=operation.method, headers={**operation.headers, **headers}, data=operation.body)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_a_request_succeeds(request, databases, name):
    operation = OPERATIONS[name]
    response = send(request.getfixturevalue("writer" if name in KEYED else "seeded"), operation)
    assert response.status_code in operation.successes, response.text


def test_the_examples_of_all_requests_succeed_one_after_the_other(writer):
    # Sorted by method, the deletion of a record comes before the other requests for records.
    for operation in sorted(OPERATIONS.values(), key=lambda operation: (operation.method, operation.path)):
        response = send(writer, operation)
        assert response.status_code in operation.successes, (operation.id, response.text)


def stable(value):
    """Return a body without the fields that change with each request."""
    if isinstance(value, dict):
        return {name: stable(inner) for name, inner in value.items() if name not in CHANGING_FIELDS}
    if isinstance(value, list):
        return [stable(item) for item in value]
    return re.sub("(?<=&epoch=)[0-9a-f]{16}", "…", value) if isinstance(value, str) else value


def parse(text, media_type):
    """Return a body as data, without the fields that change with each request."""
    if media_type == "text/csv":
        return [stable(row) for row in csv.DictReader(io.StringIO(text))]
    if media_type == "application/x-ndjson":
        return [stable(orjson.loads(line)) for line in text.splitlines()]
    return stable(orjson.loads(text)) if "json" in media_type else text


def response_example(operation, status, media_type):
    """Return the example of a response, which can be documented under BY_REQUEST."""
    response = operation.successes[status]
    return (response["content"] | response.get(BY_REQUEST, {}))[media_type]["example"]


def list_query(operation, example, media_type):
    """Return the query of a list that has the records of the example."""
    if operation.id == "listChanges":
        return "limit=1"
    if not {"sort", "texts"} & {parameter["name"] for parameter in operation.parameters}:
        return ""
    records = example["data"] if media_type == "application/json" else parse(example, media_type)
    return "&".join(f"id={record['id']}" for record in records)


def put_new(client, operation):
    """Put the example of a record that does not exist. Create the article of a claim first."""
    if operation.id != "putArticle":
        assert send(client, OPERATIONS["putArticle"], **{"If-Match": None}).status_code == 201
    return send(client, operation, **{"If-Match": None})


def response_to(operation, status, media_type, fixture):
    """Return the response that an example shows."""
    if operation.method == "get":
        example = response_example(operation, status, media_type)
        client = fixture("writer" if operation.scopes else "seeded")
        return send(client, operation, list_query(operation, example, media_type), Accept=media_type)
    if (operation.method, status) == ("put", 201):
        return put_new(fixture("editor"), operation)
    dry_run = operation.method == "post" and operation.path != "/v1/imports" and status == 200
    return send(fixture("writer"), operation, "dry_run=true" if dry_run else "")


@pytest.mark.parametrize(
    ("name", "status", "media_type"),
    [(name, *response) for name, operation in OPERATIONS.items() for _, *response in responses(operation)],
)
def test_the_example_of_a_response_is_the_response(request, databases, name, status, media_type):
    operation = OPERATIONS[name]
    response = response_to(operation, status, media_type, request.getfixturevalue)
    assert (response.status_code, response.mimetype) == (status, media_type), response.text
    body = parse(response.text.replace(HERE, ROOT), media_type)
    example = response_example(operation, status, media_type)
    expected = parse(example if isinstance(example, str) else orjson.dumps(example).decode(), media_type)
    if name.startswith("create"):
        # The server makes the id.
        made = re.compile(r"[a-z-]+-[0-9a-z]{26}")
        assert made.fullmatch(body.pop("id"))
        assert made.fullmatch(expected.pop("id"))
    assert body == expected


def stable_problem(problem):
    """Return a problem without the parts that change with each request."""
    return {**stable(problem), "detail": CHANGING_TEXT.sub("…", problem["detail"])}


@pytest.mark.parametrize("slug", PROVOKED)
def test_the_example_of_a_problem_is_the_response(request, databases, slug):
    response = example_response(slug, request.getfixturevalue)
    body = orjson.loads(response.text.replace(HERE, ROOT))
    for place, example in examples_of(slug).items():
        assert stable_problem(body) == stable_problem(example), place


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_returns_each_problem_that_it_documents(request, databases, name):
    operation = OPERATIONS[name]
    for slug, example in documented_problems(operation).items():
        response = provoke(slug, operation, request.getfixturevalue)
        assert (response.json["code"], response.status_code) == (slug, example["status"]), response.text
        assert response.json["title"] == example["title"]
        assert response.json.keys() == example.keys(), slug
