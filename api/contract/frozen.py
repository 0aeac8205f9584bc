"""The frozen contract of version 1."""

from __future__ import annotations

import typing

import orjson

_SHARED = (
    "id",
    "type",
    "article_id",
    "claimant",
    "via",
    "claimed_on",
    "evidence",
    "inferred",
    "restates",
    "same_as",
    "on_record",
    "grounding",
    "version",
    "created_at",
    "updated_at",
    "article",
)


def document() -> bytes:
    """The OpenAPI document of version 1."""
    from api import create_app  # noqa: PLC0415
    from api.settings import Settings  # noqa: PLC0415

    told = orjson.loads(create_app(Settings(database_url="sqlite://")).extensions["openapi"].body)
    schemas = told["components"]["schemas"]
    for name, schema in schemas.items():
        if not name.endswith(("Input", "Patch")):
            _open(schema)
    if "OtherClaim" not in schemas:
        quote = schemas["Quote"]
        kinds = list(schemas["Claim"]["discriminator"]["mapping"])
        properties = {each: quote["properties"][each] for each in _SHARED}
        schemas["OtherClaim"] = {
            **quote,
            "properties": {**properties, "type": {"type": "string", "not": {"enum": kinds}}},
            "required": [each for each in quote["required"] if each in _SHARED],
        }
        schemas["Claim"]["oneOf"].append({"$ref": "#/components/schemas/OtherClaim"})
        for schema in schemas.values():
            for name, each in schema.get("properties", {}).items():
                if name == "inferred" and "enum" in each["items"] and "additionalProperties" not in schema:
                    each["items"]["x-extensible-enum"] = each["items"].pop("enum")
        for schema, name in (
            ("CasualtyReport", "population"),
            ("CasualtyReport", "qualifier"),
            ("Ceasefire", "status"),
            ("Ceasefire", "form"),
            ("Cell", "population"),
            ("CheckResult", "outcome"),
            ("ComparedCell", "agreement"),
            ("Event", "status"),
            ("Point", "qualifier"),
        ):
            each = schemas[schema]["properties"][name]
            each["x-extensible-enum"] = each.pop("enum")
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def _open(part: typing.Any) -> None:
    if isinstance(part, dict):
        if part.get("x-extensible-enum") is True:
            part["x-extensible-enum"] = [word for word in part.pop("enum") if word is not None]
        for inner in part.values():
            _open(inner)
    elif isinstance(part, list):
        for inner in part:
            _open(inner)
