"""The OpenAPI document: it is valid, complete, correct and reproducible."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys

import orjson
import pytest
from openapi_spec_validator import validate

from api.app import create_app
from api.kinds import KINDS
from api.settings import Settings
from schemas.json_pointer import lookup
from tests.support.contract_client import Contract, contract_of
from tests.support.openapi import DOCUMENT, KEYED, OPERATIONS, READS
from tests.support.problem_requests import ProblemRequests

_APP = create_app(Settings(database_url="sqlite://"))
CONTRACT = Contract(DOCUMENT)


def test_it_is_valid_openapi_3_1():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


@pytest.mark.slow
def test_each_process_renders_the_same_bytes():
    assert (
        create_app(Settings(database_url="sqlite://", public_url="https://a.example")).extensions["openapi"].body
        == _APP.extensions["openapi"].body
    )
    hashed = "import hashlib; from tests.support.openapi import BYTES; print(hashlib.sha256(BYTES).hexdigest())"
    # Two hash seeds give sets another order.
    hashes = {
        subprocess.run(
            [sys.executable, "-c", hashed], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout.decode()
        for seed in ("1", "4")
    }
    assert hashes == {f"{hashlib.sha256(_APP.extensions['openapi'].body).hexdigest()}\n"}


def test_it_contains_no_host():
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]
    assert "127.0.0.1" not in _APP.extensions["openapi"].body.decode()


def test_it_is_served_in_fewer_than_700_kilobytes(seeded):
    body = seeded.get("/v1/openapi.json").data
    assert len(body) < 700_000
    assert b"\n" not in body


def test_each_parameter_is_defined_once_in_the_components():
    references = [
        parameter
        for path in DOCUMENT["paths"].values()
        for part in (path, *path.values())
        if "parameters" in part
        for parameter in part["parameters"]
    ]
    assert all(parameter.keys() == {"$ref"} for parameter in references)
    components = DOCUMENT["components"]["parameters"]
    assert {f"#/components/parameters/{name}" for name in components} == {item["$ref"] for item in references}
    definitions = [orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in components.values()]
    assert len(set(definitions)) == len(definitions)
    assert all(re.fullmatch("[A-Za-z0-9._-]+", name) for name in components)


def test_the_minority_definition_of_a_parameter_is_prefixed_with_its_tag():
    components = DOCUMENT["components"]["parameters"]
    assert components["on_record.gte"]["name"] == "on_record[gte]"
    assert components["place"] != components["quotes.place"]
    assert components["place"]["name"] == components["quotes.place"]["name"] == "place"
    assert components["limit"]["schema"]["default"] == 20
    assert components["articles.path.id"]["in"] == "path"


def test_each_error_response_and_each_304_is_a_component():
    for operation in OPERATIONS.values():
        for status, response in operation.document["responses"].items():
            assert ("$ref" in response) == (status == "304" or status >= "400"), (operation.id, status)


def test_an_app_starts_without_computing_examples():
    look = (
        "from api.app import create_app; from api.settings import Settings; from api.openapi import examples; "
        "app = create_app(Settings(database_url='sqlite://')); print(examples._documents.cache_info().misses); "
        "app.extensions['openapi'].body; print(examples._documents.cache_info().misses)"
    )
    run = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["0", "1"]


def test_every_path_of_the_version_is_documented():
    served = {
        re.sub("<(?:[^<>]*:)?(.*?)>", r"{\1}", rule.rule)
        for rule in _APP.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
    }
    assert served - set(DOCUMENT["paths"]) == {"/v1/openapi.json"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_an_id_a_summary_a_tag_and_examples(name):
    operation = OPERATIONS[name]
    assert re.fullmatch("(list|get|create|put|patch|delete|import|export)[A-Z][A-Za-z]+", name)
    assert operation.document["summary"].endswith(".")
    assert operation.document["tags"] in [[tag["name"]] for tag in DOCUMENT["tags"]]
    for status, response in operation.successes.items():
        for media_type, content in response.get("content", {}).items():
            # An SVG example would be longer than its documentation.
            assert ("example" in content) == (media_type != "image/svg+xml"), status
    if operation.media_type:
        assert "example" in operation.document["requestBody"]["content"][operation.media_type]


@pytest.mark.parametrize("name", OPERATIONS)
def test_only_parameters_that_must_be_sent_have_examples(name):
    for parameter in OPERATIONS[name].parameters:
        must_be_sent = parameter.get("required") or parameter["name"] == "If-Match"
        assert ("example" in parameter) == bool(must_be_sent), parameter["name"]
        assert parameter["description"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_a_response_matches_its_schema(name):
    for response in OPERATIONS[name].successes.values():
        for content in response.get("content", {}).values():
            schema = content["schema"]["anyOf"][0] if "anyOf" in content["schema"] else content["schema"]
            if "example" in content:
                assert list(CONTRACT.validator.spec.violations("body", schema, content["example"])) == []


def links_of(operation):
    """Yield each link of an operation, with its response."""
    for response in operation.successes.values():
        for link in response.get("links", {}).values():
            yield link, response


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_response_has_links_to_the_operations_that_can_follow(name):
    for status, response in OPERATIONS[name].successes.items():
        is_dry_run = name.startswith("create") and status == 200
        assert bool(response.get("links")) != is_dry_run, status


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_link_leads_to_an_operation_with_valid_values_of_its_parameters(name):
    for link, response in links_of(OPERATIONS[name]):
        target = OPERATIONS[link["operationId"]]
        by_name = {f"{parameter['in']}.{parameter['name']}": parameter for parameter in target.parameters}
        expressions = link.get("parameters", {})
        assert expressions.keys() <= by_name.keys(), link
        assert {key for key, parameter in by_name.items() if parameter.get("required")} <= expressions.keys(), link
        for key, expression in expressions.items():
            value = resolve_expression(expression, OPERATIONS[name], response)
            schema = by_name[key]["schema"]
            assert list(CONTRACT.validator.spec.violations(key, schema.get("items", schema), value)) == [], link
        if "requestBody" in link:
            assert link["requestBody"] == "$response.body"
            schema = target.document["requestBody"]["content"]["application/json"]["schema"]
            body = response["content"]["application/json"]["example"]
            assert list(CONTRACT.validator.spec.violations("body", schema, body)) == [], link


def resolve_expression(expression, operation, response):
    """Return the value of a runtime expression for the examples of a request and its response."""
    source, _, rest = expression.partition("#")
    if source == "$response.body":
        return lookup(response["content"]["application/json"]["example"], rest)
    scope, part, parameter = source.split(".", 2)
    if (scope, part) == ("$request", "path"):
        (value,) = [item["example"] for item in operation.parameters if (item["in"], item["name"]) == (part, parameter)]
        return value
    assert (scope, part) == ("$response", "header")
    # The examples have no headers.
    return (
        {"ETag": '"v1"', "Change-Sequence": 1, "Change-Epoch": "0" * 16}[parameter]
        if parameter in response["headers"]
        else None
    )


@pytest.mark.parametrize("name", KEYED)
def test_an_operation_that_requires_a_key_documents_its_scope_and_errors(name):
    operation = OPERATIONS[name]
    assert operation.scopes in (["claims:write"], ["texts:read"])
    assert {"401", "403"} <= operation.document["responses"].keys()
    assert DOCUMENT["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


@pytest.mark.parametrize("name", READS)
def test_the_example_request_returns_data(seeded, name):
    response = seeded.get(OPERATIONS[name].url)
    assert response.status_code == 200
    assert response.json.get("data", response.json) if response.is_json else response.data


@pytest.mark.parametrize("name", READS)
def test_every_documented_response_of_a_public_read_occurs(request, seeded, gone, name):
    operation = OPERATIONS[name]
    url = operation.url
    tag = seeded.get(url).headers["ETag"]
    and_ = f"{url}{'&' if '?' in url else '?'}"
    responses = [
        seeded.get(url),
        seeded.get(url, headers={"If-None-Match": tag}),
        seeded.get(url, headers={"Accept": "image/png"}),
        seeded.get(f"{and_}nonsense=1"),
        seeded.get(f"{and_}limit={'1' * 40_000}"),
        seeded.get(url, headers={"Authorization": "Bearer mistyped"}),
        seeded.get(url, headers={"Host": "a" * 64}),
    ]
    if "{id}" in operation.path:
        responses.append(seeded.get(operation.path.replace("{id}", "there-is-no-such-id")))
    if "403" in operation.document["responses"]:
        responses.append(ProblemRequests(operation, request.getfixturevalue).scope_required())
    if "epoch" in {parameter["name"] for parameter in operation.parameters}:
        responses.append(seeded.get(f"{and_}epoch=of-another-feed"))
    elif "410" in operation.document["responses"]:
        responses.append(gone(operation))
    # tests/http/test_rate_limit.py, tests/http/test_http_semantics.py and tests/store/test_timeouts.py provoke these.
    elsewhere = {"429", "500", "503"}
    assert {str(response.status_code) for response in responses} == set(operation.document["responses"]) - elsewhere


def test_a_claim_is_one_of_the_kinds_by_its_type():
    known = DOCUMENT["components"]["schemas"]["KnownClaim"]
    mapping = known["discriminator"]["mapping"]
    assert known["discriminator"]["propertyName"] == "type"
    assert list(mapping) == sorted(kind.name for kind in KINDS)
    assert sorted(choice["$ref"] for choice in known["oneOf"]) == sorted(mapping.values())
    assert DOCUMENT["components"]["schemas"]["Claim"] == {
        "oneOf": [{"$ref": "#/components/schemas/KnownClaim"}, {"$ref": "#/components/schemas/OtherClaim"}]
    }
    for name, reference in mapping.items():
        shape = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
        assert shape["properties"]["type"]["enum"] == [name]
        assert "type" in shape["required"]


def test_a_claim_of_a_later_kind_has_the_fields_of_all_kinds():
    shapes = DOCUMENT["components"]["schemas"]
    shared = set.intersection(*(set(shapes[kind.output.__name__]["properties"]) for kind in KINDS))
    assert set(shapes["OtherClaim"]["properties"]) == shared
    assert sorted(shapes["OtherClaim"]["properties"]["type"]["not"]["enum"]) == sorted(kind.name for kind in KINDS)


def test_vocabularies_are_open_in_responses_and_closed_in_requests():
    shapes = DOCUMENT["components"]["schemas"]
    assert "enum" not in shapes["CasualtyReport"]["properties"]["harm"]
    values = shapes["CasualtyReport"]["properties"]["harm"]["x-extensible-enum"]
    assert shapes["CasualtyReportInput"]["properties"]["harm"]["enum"] == values
    for name in ("Quote", "QuoteInput"):
        assert shapes[name]["properties"]["mode"]["enum"] == ["direct", "mixed", "indirect"]


def test_responses_allow_additional_fields_and_requests_do_not():
    schemas = DOCUMENT["components"]["schemas"]
    records = {variant["$ref"].rpartition("/")[2] for variant in schemas["ImportRecord"]["oneOf"]}
    for name, schema in schemas.items():
        is_request = name.endswith(("Input", "Patch")) or name in records
        assert (schema.get("additionalProperties", True) is False) == is_request, name


def schemas(part=DOCUMENT):
    """Yield every object of the document with a type: its schemas."""
    if isinstance(part, dict):
        if "type" in part:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from schemas(inner)


def test_no_operation_has_two_parameters_of_one_name():
    """In generated clients, both would be arguments of one name."""
    for operation in OPERATIONS.values():
        names = [parameter["name"] for parameter in operation.parameters]
        assert len(names) == len(set(names)), operation.id


def test_the_list_of_an_article_still_accepts_the_filter_id(seeded):
    """A client of 1.0.0 can send it. Generated clients lack it, because the path has a parameter of this name."""
    url = "/v1/articles/karabakh-2020-11-01/claims"
    assert [claim["id"] for claim in seeded.get(f"{url}?id=russia-both-sides").json["data"]] == ["russia-both-sides"]
    accepted = CONTRACT.validator.spec.operation("GET", url).parameters_in("query")
    assert accepted["id"]["name"] == "id"


def test_a_generated_client_reads_a_record_or_a_list_as_one_schema():
    for operation in OPERATIONS.values():
        content = operation.document["responses"].get("200", {}).get("content", {})
        if operation.method == "GET" and "application/json" in content:
            assert content.keys() <= {"application/json", "image/svg+xml"}, operation.id


def test_a_generated_client_sends_a_body_in_one_media_type_and_others_are_accepted():
    """A client of orval sends no Content-Type if it can choose between several."""
    for operation in OPERATIONS.values():
        assert len(operation.document.get("requestBody", {}).get("content", {})) <= 1, operation.id
    accepted = CONTRACT.validator.spec.operations
    assert {"application/json", "application/x-ndjson"} == accepted["importRecords"].content.keys()
    assert {"application/json", "application/merge-patch+json"} == accepted["patchQuote"].content.keys()


def test_no_schema_has_a_minimum_length_of_0():
    """Generators of examples read it as a limit. Nested lists then grow to hundreds of megabytes."""
    assert [schema for schema in schemas() if 0 in (schema.get("minItems"), schema.get("minLength"))] == []


def test_no_schema_has_null_as_its_default():
    """A client in TypeScript would have to send each of these fields."""
    assert [schema for schema in schemas() if schema.get("default", "") is None] == []


def test_the_text_of_an_article_is_in_no_response():
    assert "text" not in DOCUMENT["components"]["schemas"]["Article"]["properties"]


def test_the_introduction_and_each_field_have_a_description():
    assert "never a fact" in DOCUMENT["info"]["description"]
    plain = {"id", "created_at", "updated_at", "headline", "publisher", "name", "role"}
    for name in ("Article", "Quote", "Ceasefire", "Resolution", "CasualtyReport", "Party", "Span", "OnRecord"):
        for field, schema in DOCUMENT["components"]["schemas"][name]["properties"].items():
            assert "description" in schema or "$ref" in schema or "allOf" in schema or field in plain, (name, field)


def test_test_clients_check_responses_against_this_document(seeded_app):
    assert contract_of(seeded_app).document["info"] == DOCUMENT["info"]
