"""Every example in the document is what happens: requests are sent, and what is answered is held against it."""

from __future__ import annotations

import csv
import io
import re

import orjson
import pytest

from tests.documented import DOCUMENT, KEYED, OPERATIONS, resolved
from tests.provoking import PROVOKED, documented, examples_of, failing, provoke, shown

__all__ = ["failing"]

HERE, ROOT = "http://127.0.0.1:8000", "https://onrecord.example"
# What of a text is another each time: ids of keys, times, limits.
PASSING_WORDS = re.compile(r"\b[0-9a-f]{12}\b|[0-9-]{10}T[0-9:.]{12}Z|[0-9,]+(?= (in|seconds))")
# What is another each time.
PASSING = {"created_at", "updated_at", "at", "sequence", "request_id"}
# Requests whose example is refused on what the examples are of: with which status, and why.
REFUSED = {
    "deleteArticle": (409, "the one article there is has claims"),
    "deleteQuote": (409, "another quote restates the first"),
    "putArticleText": (422, "the article's hash is of a text that is its publisher's"),
    "deleteArticleText": (404, "so its text is not held"),
    "getArticleText": (404, "so its text is not held"),
}


def examples(part, path=()):
    """Every example in a part of the document: where it is."""
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
    """Where the examples are that the address and the headers of an operation's request are made of."""
    for place in (("paths", operation.path), ("paths", operation.path, operation.method)):
        item = DOCUMENT
        for step in place:
            item = item[step]
        for index, part in enumerate(item.get("parameters", [])):
            at = tuple(part["$ref"].removeprefix("#/").split("/")) if "$ref" in part else (*place, "parameters", index)
            yield from examples(resolved(part), at)


def bodies(operation):
    """Where the examples of an operation's body are."""
    place = ("paths", operation.path, operation.method, "requestBody")
    return examples(operation.document.get("requestBody", {}), place)


def answers(operation):
    """Where the examples of an operation's good answers are, with status and media type."""
    for status, answer in operation.answers.items():
        for media_type in answer.get("content", {}):
            place = ("paths", operation.path, operation.method, "responses", str(status), "content", media_type)
            for found in examples(answer["content"][media_type], place):
                yield found, status, media_type


def test_no_example_is_passed_over():
    ours = {
        place
        for operation in OPERATIONS.values()
        for place in (*parameters(operation), *bodies(operation), *(place for place, *_ in answers(operation)))
    }
    assert set(examples(DOCUMENT)) == ours | set(examples_of(*PROVOKED))


def sent(client, operation, query="", **headers):
    """The answer to the example of a request, asked for a little otherwise."""
    url = operation.url
    if query:
        url += f"{'&' if '?' in url else '?'}{query}"
    return client.open(url, method=operation.method, headers={**operation.headers, **headers}, data=operation.body)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_a_request_is_carried_out(request, databases, name):
    operation = OPERATIONS[name]
    answer = sent(request.getfixturevalue("writer" if name in KEYED else "seeded"), operation)
    if name in REFUSED:
        assert answer.status_code == REFUSED[name][0], REFUSED[name][1]
    else:
        assert answer.status_code in operation.answers, answer.text


def lasting(value):
    """An answer without what is another each time."""
    if isinstance(value, dict):
        return {name: lasting(inner) for name, inner in value.items() if name not in PASSING}
    if isinstance(value, list):
        return [lasting(each) for each in value]
    return value


def read(text, media_type):
    """A body as data, without what is another each time."""
    if media_type == "text/csv":
        return [lasting(row) for row in csv.DictReader(io.StringIO(text))]
    if media_type == "application/x-ndjson":
        return [lasting(orjson.loads(line)) for line in text.splitlines()]
    return lasting(orjson.loads(text)) if "json" in media_type else text


def of_a_list(operation, example, media_type):
    """What a list is asked for, that it has in it what the example has; other operations are asked as they are."""
    if operation.id == "listChanges":
        return "limit=1"
    if "format" not in {parameter["name"] for parameter in operation.parameters}:
        return ""
    records = example["data"] if media_type == "application/json" else read(example, media_type)
    return "&".join(f"id={record['id']}" for record in records)


def with_the_text(client):
    """Put the example's article on record without the hash of its own text, and then the text of the example."""
    operation = OPERATIONS["putArticleText"]
    article = {**orjson.loads(OPERATIONS["putArticle"].body), "text_sha256": None, "text_length": None}
    assert client.put(operation.url.removesuffix("/text"), json=article).status_code == 201
    return sent(client, operation)


def put_anew(client, operation):
    """Put the example of a record where there is none; that of a claim with its article."""
    if operation.id != "putArticle":
        assert sent(client, OPERATIONS["putArticle"], **{"If-Match": None}).status_code == 201
    return sent(client, operation, **{"If-Match": None})


def answer_to(operation, status, media_type, fixture):
    """The answer that an example is of."""
    if operation.path.endswith("/text"):
        client = fixture("editor")
        put = with_the_text(client)
        return put if operation.method == "put" else sent(client, operation)
    if operation.method == "get":
        example = operation.answers[status]["content"][media_type]["example"]
        return sent(fixture("seeded"), operation, of_a_list(operation, example, media_type), Accept=media_type)
    if (operation.method, status) == ("put", 201):
        return put_anew(fixture("editor"), operation)
    tried = operation.method == "post" and operation.path != "/v1/imports" and status == 200
    return sent(fixture("writer"), operation, "dry_run=true" if tried else "")


@pytest.mark.parametrize(
    ("name", "status", "media_type"),
    [(name, *each) for name, operation in OPERATIONS.items() for _, *each in answers(operation)],
)
def test_the_example_of_an_answer_is_what_is_answered(request, databases, name, status, media_type):
    operation = OPERATIONS[name]
    answer = answer_to(operation, status, media_type, request.getfixturevalue)
    assert (answer.status_code, answer.mimetype) == (status, media_type), answer.text
    said = read(answer.text.replace(HERE, ROOT), media_type)
    example = operation.answers[status]["content"][media_type]["example"]
    expected = read(example if isinstance(example, str) else orjson.dumps(example).decode(), media_type)
    if name.startswith("create"):
        # The server makes the id, of one form.
        made = re.compile(r"[a-z-]+-[0-9a-z]{26}")
        assert made.fullmatch(said.pop("id"))
        assert made.fullmatch(expected.pop("id"))
    assert said == expected


def steady(problem):
    """A problem without what is another each time."""
    return {**lasting(problem), "detail": PASSING_WORDS.sub("…", problem["detail"])}


@pytest.mark.parametrize("slug", PROVOKED)
def test_the_example_of_a_problem_is_what_is_answered(request, databases, slug):
    answer = shown(slug, request.getfixturevalue)
    said = orjson.loads(answer.text.replace(HERE, ROOT))
    for place, example in examples_of(slug).items():
        assert steady(said) == steady(example), place


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_problem_that_an_operation_documents_is_what_it_answers(request, databases, name):
    operation = OPERATIONS[name]
    for slug, example in documented(operation).items():
        answer = provoke(slug, operation, request.getfixturevalue)
        assert (answer.json["code"], answer.status_code) == (slug, example["status"]), answer.text
        assert answer.json["title"] == example["title"]
        # Of what is wrong, a record says where.
        assert answer.json.keys() == example.keys(), slug
