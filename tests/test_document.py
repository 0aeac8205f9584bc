"""The OpenAPI document: valid, complete, true, and the same every time."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import validate

from api import create_app
from api.kinds import KINDS
from api.settings import Settings
from tests.contract import Contract, contract_of
from tests.documented import DOCUMENT, OPERATIONS, parameters, pressed

_APP = create_app(Settings(database_url="sqlite://"))


def test_it_is_valid_openapi_3_1():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


def test_it_is_the_same_bytes_every_time():
    assert (
        create_app(Settings(database_url="sqlite://", public_url="https://a.example")).config["OPENAPI"]
        == _APP.config["OPENAPI"]
    )


def test_it_names_no_host():
    assert DOCUMENT["servers"] == [{"url": "/", "description": "This service."}]
    assert "127.0.0.1" not in _APP.config["OPENAPI"].decode()


def test_every_path_of_the_version_is_documented():
    served = {
        re.sub("<(.*?)>", r"{\1}", rule.rule) for rule in _APP.url_map.iter_rules() if rule.rule.startswith("/v1/")
    }
    assert served - set(DOCUMENT["paths"]) == {"/v1/openapi.json"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_an_id_a_summary_a_tag_and_an_example(name):
    operation = OPERATIONS[name][1]["get"]
    assert re.fullmatch("(list|get)[A-Z][A-Za-z]+", operation["operationId"])
    assert operation["summary"].endswith(".")
    assert operation["tags"] in [[tag["name"]] for tag in DOCUMENT["tags"]]
    assert "example" in operation["responses"]["200"]["content"]["application/json"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_examples_stand_on_required_parameters_only(name):
    for parameter in parameters(OPERATIONS[name][1]):
        assert ("example" in parameter) == bool(parameter.get("required")), parameter["name"]
        assert parameter["description"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_an_answer_keeps_to_its_schema(name):
    content = OPERATIONS[name][1]["get"]["responses"]["200"]["content"]["application/json"]
    schema = content["schema"]["anyOf"][0] if "anyOf" in content["schema"] else content["schema"]
    assert list(Contract(DOCUMENT)._invalid(schema, content["example"])) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_pressing_execute_answers_data(seeded, name):
    answer = seeded.get(pressed(*OPERATIONS[name]))
    assert answer.status_code == 200
    assert answer.json.get("data", answer.json)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_documented_answer_occurs(seeded, name):
    path, item = OPERATIONS[name]
    url = pressed(path, item)
    tag = seeded.get(url).headers["ETag"]
    answers = [
        seeded.get(url),
        seeded.get(url, headers={"If-None-Match": tag}),
        seeded.get(url, headers={"Accept": "image/png"}),
        seeded.get(f"{url}?nonsense=1"),
        seeded.get(f"{url}?limit={'1' * 40_000}"),
    ]
    if "{id}" in path:
        answers.append(seeded.get(path.replace("{id}", "there-is-no-such-id")))
    assert {str(answer.status_code) for answer in answers} == set(item["get"]["responses"])


def test_a_claim_is_one_of_the_kinds_told_apart_by_its_type():
    claim = DOCUMENT["components"]["schemas"]["Claim"]
    mapping = claim["discriminator"]["mapping"]
    assert claim["discriminator"]["propertyName"] == "type"
    assert list(mapping) == sorted(kind.name for kind in KINDS)
    assert sorted(choice["$ref"] for choice in claim["oneOf"]) == sorted(mapping.values())
    for name, reference in mapping.items():
        shape = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
        assert shape["properties"]["type"]["enum"] == [name]
        assert "type" in shape["required"]


def test_answers_allow_for_fields_to_come():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema.get("additionalProperties", True) is not False, name


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
