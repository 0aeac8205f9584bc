"""The OpenAPI document: valid, complete, true, and the same every time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys

import pytest
from openapi_spec_validator import validate

from api import create_app
from api.kinds import KINDS
from api.settings import Settings
from tests.contract import Contract, contract_of
from tests.documented import DOCUMENT, KEYED, OPERATIONS, READS

_APP = create_app(Settings(database_url="sqlite://"))
CONTRACT = Contract(DOCUMENT)


def test_it_is_valid_openapi_3_1():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


@pytest.mark.slow
def test_it_is_the_same_bytes_every_time_and_in_every_process():
    assert (
        create_app(Settings(database_url="sqlite://", public_url="https://a.example")).extensions["openapi"].body
        == _APP.extensions["openapi"].body
    )
    hashed = "import hashlib; from tests.documented import BYTES; print(hashlib.sha256(BYTES).hexdigest())"
    # Two whose sets are in another order.
    others = {
        subprocess.run(
            [sys.executable, "-c", hashed], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout.decode()
        for seed in ("1", "4")
    }
    assert others == {f"{hashlib.sha256(_APP.extensions['openapi'].body).hexdigest()}\n"}


def test_it_names_no_host():
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]
    assert "127.0.0.1" not in _APP.extensions["openapi"].body.decode()


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
    assert re.fullmatch("(list|get|create|put|patch|delete|import)[A-Z][A-Za-z]+", name)
    assert operation.document["summary"].endswith(".")
    assert operation.document["tags"] in [[tag["name"]] for tag in DOCUMENT["tags"]]
    for status, answer in operation.answers.items():
        for media_type, content in answer.get("content", {}).items():
            # A picture's would be longer than all that is told of it.
            assert ("example" in content) == (media_type != "image/svg+xml"), status
    if operation.media_type:
        assert "example" in operation.document["requestBody"]["content"][operation.media_type]


@pytest.mark.parametrize("name", OPERATIONS)
def test_examples_stand_on_what_has_to_be_sent_only(name):
    for parameter in OPERATIONS[name].parameters:
        needed = parameter.get("required") or parameter["name"] == "If-Match"
        assert ("example" in parameter) == bool(needed), parameter["name"]
        assert parameter["description"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_an_answer_keeps_to_its_schema(name):
    for answer in OPERATIONS[name].answers.values():
        for content in answer.get("content", {}).values():
            schema = content["schema"]["anyOf"][0] if "anyOf" in content["schema"] else content["schema"]
            if "example" in content:
                assert CONTRACT.judge.described.faults(schema, content["example"]) == []


@pytest.mark.parametrize("name", KEYED)
def test_what_needs_a_key_says_which_scope_and_what_there_is_without(name):
    operation = OPERATIONS[name]
    assert operation.scopes in (["claims:write"], ["texts:read"])
    assert {"401", "403"} <= operation.document["responses"].keys()
    assert DOCUMENT["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


@pytest.mark.parametrize("name", READS)
def test_pressing_execute_answers_data(seeded, name):
    answer = seeded.get(OPERATIONS[name].url)
    assert answer.status_code == 200
    assert answer.json.get("data", answer.json)


@pytest.mark.parametrize("name", READS)
def test_every_documented_answer_of_what_anybody_can_ask_occurs(seeded, gone, name):
    operation = OPERATIONS[name]
    url = operation.url
    tag = seeded.get(url).headers["ETag"]
    and_ = f"{url}{'&' if '?' in url else '?'}"
    answers = [
        seeded.get(url),
        seeded.get(url, headers={"If-None-Match": tag}),
        seeded.get(url, headers={"Accept": "image/png"}),
        seeded.get(f"{and_}nonsense=1"),
        seeded.get(f"{and_}limit={'1' * 40_000}"),
        seeded.get(url, headers={"Authorization": "Bearer mistyped"}),
        seeded.get(url, headers={"Host": "a" * 64}),
    ]
    if "{id}" in operation.path:
        answers.append(seeded.get(operation.path.replace("{id}", "there-is-no-such-id")))
    if "410" in operation.document["responses"]:
        answers.append(gone(operation))
    # What every operation answers when it is asked too much, fails or waits is seen in test_limits, test_http and
    # test_waiting.
    elsewhere = {"429", "500", "503"}
    assert {str(answer.status_code) for answer in answers} == set(operation.document["responses"]) - elsewhere


def test_a_claim_is_one_of_the_kinds_told_apart_by_its_type():
    claim = DOCUMENT["components"]["schemas"]["Claim"]
    mapping = claim["discriminator"]["mapping"]
    assert claim["discriminator"]["propertyName"] == "type"
    assert list(mapping) == sorted(kind.name for kind in KINDS)
    *known, other = (choice["$ref"] for choice in claim["oneOf"])
    assert sorted(known) == sorted(mapping.values())
    assert other == "#/components/schemas/OtherClaim"
    for name, reference in mapping.items():
        shape = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
        assert shape["properties"]["type"]["enum"] == [name]
        assert "type" in shape["required"]


def test_a_claim_of_a_kind_that_is_to_come_has_what_all_kinds_share():
    shapes = DOCUMENT["components"]["schemas"]
    shared = set.intersection(*(set(shapes[kind.output.__name__]["properties"]) for kind in KINDS))
    assert set(shapes["OtherClaim"]["properties"]) == shared
    assert sorted(shapes["OtherClaim"]["properties"]["type"]["not"]["enum"]) == sorted(kind.name for kind in KINDS)


def test_vocabularies_are_open_in_answers_and_closed_in_what_is_sent():
    shapes = DOCUMENT["components"]["schemas"]
    assert "enum" not in shapes["CasualtyReport"]["properties"]["harm"]
    known = shapes["CasualtyReport"]["properties"]["harm"]["x-extensible-enum"]
    assert shapes["CasualtyReportInput"]["properties"]["harm"]["enum"] == known
    for name in ("Quote", "QuoteInput"):
        assert shapes[name]["properties"]["mode"]["enum"] == ["direct", "mixed", "indirect"]


def test_answers_allow_for_fields_to_come_and_what_is_sent_does_not():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        sent = name.endswith(("Input", "Patch"))
        assert (schema.get("additionalProperties", True) is False) == sent, name


def test_text_that_may_not_be_sent_back_is_in_no_answer():
    assert "text" not in DOCUMENT["components"]["schemas"]["Article"]["properties"]


def test_the_description_and_every_field_of_a_claim_is_explained():
    assert "never a fact" in DOCUMENT["info"]["description"]
    plain = {"id", "created_at", "updated_at", "headline", "publisher", "name", "role"}
    for name in ("Article", "Quote", "Ceasefire", "Resolution", "CasualtyReport", "Party", "Span", "OnRecord"):
        for field, schema in DOCUMENT["components"]["schemas"][name]["properties"].items():
            assert "description" in schema or "$ref" in schema or "allOf" in schema or field in plain, (name, field)


def test_the_app_of_every_test_is_held_against_this_document(seeded_app):
    assert contract_of(seeded_app).document["info"] == DOCUMENT["info"]
