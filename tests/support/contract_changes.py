"""Changes of the contract, by their level in the promise."""

from __future__ import annotations

import copy

from api.contract.diff.node import Node
from api.http.negotiation import CSV, NDJSON
from api.openapi.parameters import ACCEPTED_PARAMETERS
from api.openapi.responses import BY_REQUEST

QUOTES, QUOTE, IMPORTS = "/v1/quotes", "/v1/quotes/{id}", "/v1/imports"
ARTICLE_CLAIMS = "/v1/articles/{id}/claims"


VIEW, SVG = "/v1/ceasefires/timeline", "image/svg+xml"


def operation(document, path=QUOTES, method="get"):
    return document["paths"][path][method]


def schema(document, name):
    return document["components"]["schemas"][name]


def field(document, name, of):
    return schema(document, of)["properties"][name]


def parameters(document, path=QUOTES):
    """Return the parameters of the GET operation by name. Some are references to components."""
    listed = operation(document, path)["parameters"]
    return {Node(document, parameter).resolved.value["name"]: parameter for parameter in listed}


def parameter(document, name, path=QUOTES):
    return Node(document, parameters(document, path)[name]).resolved.value


def response(document, status="200", path=QUOTES, method="get"):
    """Return a response, which other operations may share."""
    return Node(document, operation(document, path, method)["responses"][status]).resolved.value


def without(mapping, *keys):
    for key in keys:
        del mapping[key]


def set_(mapping, **values):
    mapping.update({key.rstrip("_"): value for key, value in values.items()})


def drop_parameter(document, name):
    operation(document)["parameters"].remove(parameters(document)[name])


def rename(mapping, old, new):
    mapping[new] = mapping.pop(old)


def discriminated(document):
    """Return the union of the kinds of claims, which has a discriminator."""
    return schema(document, "KnownClaim")


def flatten_kinds(document):
    """Put the kinds and the other claims into one union with the discriminator, as 1.0.0 has them."""
    claim, kinds = schema(document, "Claim"), discriminated(document)
    claim.update(kinds, oneOf=[*kinds["oneOf"], claim["oneOf"][1]])


def add_kind(document, *, listed):
    """Add a kind of claim that 1.0.0 does not have, with the fields that all kinds share."""
    new = copy.deepcopy(schema(document, "OtherClaim"))
    new["properties"]["type"] = {"type": "string", "enum": ["prisoner_exchange"]}
    document["components"]["schemas"]["PrisonerExchange"] = new
    kinds = discriminated(document)
    kinds["oneOf"].insert(0, {"$ref": "#/components/schemas/PrisonerExchange"})
    kinds["discriminator"]["mapping"]["prisoner_exchange"] = "#/components/schemas/PrisonerExchange"
    if listed:
        field(document, "type", "OtherClaim")["not"]["enum"].append("prisoner_exchange")
    else:
        without(new["properties"], "claimant")
        new["required"].remove("claimant")


BREAKING = {
    # --- Paths and operations.
    "a path is removed": lambda d: without(d["paths"], QUOTE),
    "a path is renamed": lambda d: rename(d["paths"], QUOTES, "/v1/quotations"),
    "a path parameter is renamed": lambda d: rename(d["paths"], QUOTE, "/v1/quotes/{quote_id}"),
    "a method is removed": lambda d: without(d["paths"][QUOTE], "patch"),
    "an operationId changes": lambda d: set_(operation(d), operationId="getQuotes"),
    "the tag of an operation changes": lambda d: set_(operation(d), tags=["quotations"]),
    "the server changes": lambda d: set_(d, servers=[{"url": "/api"}]),
    # --- Parameters.
    "a parameter is removed": lambda d: drop_parameter(d, "claimant"),
    "a parameter is renamed": lambda d: set_(parameter(d, "claimant"), name="speaker"),
    "a parameter becomes required": lambda d: set_(parameter(d, "claimant"), required=True),
    "a new parameter is required": lambda d: operation(d)["parameters"].append(
        {"in": "query", "name": "tenant", "required": True, "schema": {"type": "string"}}
    ),
    "a request header becomes required": lambda d: set_(d["components"]["parameters"]["IdempotencyKey"], required=True),
    "a parameter accepts only one value": lambda d: set_(parameter(d, "mode"), schema={"type": "string"}),
    "a parameter becomes comma-separated": lambda d: set_(parameter(d, "mode"), explode=False),
    "a parameter loses an enum value": lambda d: parameter(d, "mode")["schema"]["items"]["enum"].pop(),
    "a parameter accepts fewer values": lambda d: set_(parameter(d, "mode")["schema"], maxItems=50),
    "the maximum of `limit` is lower": lambda d: set_(parameter(d, "limit")["schema"], maximum=100),
    "the default of `limit` changes": lambda d: set_(parameter(d, "limit")["schema"], default=50),
    "the format of a parameter changes": lambda d: set_(parameter(d, "on_record")["schema"], format="date"),
    "a parameter must be shorter": lambda d: set_(parameter(d, "cursor")["schema"], maxLength=100),
    # --- Request bodies.
    "a body is no longer accepted": lambda d: without(operation(d, method="post"), "requestBody"),
    "a hidden media type is no longer accepted": lambda d: without(
        operation(d, IMPORTS, "post")["requestBody"][BY_REQUEST], NDJSON
    ),
    "a hidden parameter is removed": lambda d: without(operation(d, ARTICLE_CLAIMS), ACCEPTED_PARAMETERS),
    "a media type is no longer accepted": lambda d: rename(
        operation(d, method="post")["requestBody"]["content"], "application/json", "application/cbor"
    ),
    "a field becomes required": lambda d: schema(d, "QuoteInput")["required"].append("cue"),
    "a field of requests is removed": lambda d: without(schema(d, "QuoteInput")["properties"], "cue"),
    "a field of requests is renamed": lambda d: rename(schema(d, "QuoteInput")["properties"], "cue", "verb"),
    "a field of requests can no longer be null": lambda d: set_(field(d, "cue", "QuoteInput"), type="string"),
    "a nested field of requests can no longer be null": lambda d: field(d, "addressee", "QuoteInput")["anyOf"].pop(),
    "a field of requests loses an enum value": lambda d: field(d, "mode", "QuoteInput")["enum"].remove("mixed"),
    "maxLength of a request field is lower": lambda d: set_(field(d, "text", "QuoteInput"), maxLength=4999),
    "minLength of a request field is higher": lambda d: set_(field(d, "text", "QuoteInput"), minLength=2),
    "maximum of a request field is lower": lambda d: set_(field(d, "count", "CasualtyReportInput"), maximum=9),
    "maxItems of a request field is lower": lambda d: set_(field(d, "evidence", "QuoteInput"), maxItems=5),
    "the pattern of a request field changes": lambda d: set_(field(d, "prefix", "SpanInput"), pattern="^[a-z]+$"),
    "the default of a request field changes": lambda d: set_(field(d, "purpose", "CeasefireInput"), default="other"),
    "a request field gets a default": lambda d: set_(field(d, "wording", "CasualtyReportInput"), default="dozens"),
    "a field of requests becomes read-only": lambda d: set_(field(d, "cue", "QuoteInput"), readOnly=True),
    "a nested field becomes required": lambda d: schema(d, "PartyInput")["required"].append("country"),
    "the type of a request field changes": lambda d: set_(
        field(d, "topic", "ResolutionInput"), type=["integer", "null"]
    ),
    # --- Security.
    "reading requires a key": lambda d: set_(operation(d), security=[{"key": []}]),
    "writing requires another scope": lambda d: set_(operation(d, method="post"), security=[{"key": ["claims:admin"]}]),
    "writing requires an additional scope": lambda d: set_(
        operation(d, method="post"), security=[{"key": ["claims:write", "texts:read"]}]
    ),
    "keys move to the query": lambda d: set_(
        d["components"]["securitySchemes"], key={"type": "apiKey", "in": "query", "name": "key"}
    ),
    # --- Responses.
    "a success status is replaced": lambda d: rename(operation(d, method="post")["responses"], "201", "202"),
    "a new success status": lambda d: set_(operation(d)["responses"], **{"206": {"description": "Part."}}),
    "a new redirect": lambda d: set_(operation(d)["responses"], **{"302": {"description": "Elsewhere."}}),
    "every operation requires a key": lambda d: set_(d, security=[{"key": []}]),
    "an error status changes": lambda d: rename(operation(d, QUOTE)["responses"], "404", "400"),
    "a media type of responses is removed": lambda d: without(response(d)[BY_REQUEST], CSV),
    "a media type of all requests is removed": lambda d: without(response(d, path=VIEW)["content"], SVG),
    "a field has the media types of a response": lambda d: set_(field(d, "text", "Quote"), **{BY_REQUEST: {}}),
    "all media types of responses are returned only by request": lambda d: set_(
        response(d), **{BY_REQUEST: response(d)[BY_REQUEST] | response(d).pop("content")}
    ),
    "a response without a body gets one": lambda d: set_(
        response(d, "204", QUOTE, "delete"), content={"application/json": {"schema": {}}}
    ),
    "a field of responses is removed": lambda d: (
        without(schema(d, "Quote")["properties"], "cue"),
        schema(d, "Quote")["required"].remove("cue"),
    ),
    "an optional field of responses is removed": lambda d: without(schema(d, "PageInfo")["properties"], "total"),
    "a field of responses is renamed": lambda d: rename(schema(d, "Quote")["properties"], "cue", "verb"),
    "a field of responses can be absent": lambda d: schema(d, "Party")["required"].remove("kind"),
    "a field of responses can be null": lambda d: set_(field(d, "text", "Quote"), type=["string", "null"]),
    "a nested field of responses can be null": lambda d: set_(
        schema(d, "Quote")["properties"],
        claimant={"anyOf": [{"$ref": "#/components/schemas/Party"}, {"type": "null"}]},
    ),
    "a number of responses becomes a string": lambda d: set_(field(d, "version", "Quote"), type="string"),
    "an integer of responses becomes a number": lambda d: set_(field(d, "version", "Quote"), type="number"),
    "a closed enumeration gets a new value": lambda d: field(d, "mode", "Quote")["enum"].append("paraphrased"),
    "a closed enumeration is opened": lambda d: rename(field(d, "mode", "Quote"), "enum", "x-extensible-enum"),
    "maxLength of a response field is higher": lambda d: set_(field(d, "text", "Quote"), maxLength=6000),
    "maxLength of a response field is removed": lambda d: without(field(d, "text", "Quote"), "maxLength"),
    "the format of a response field is removed": lambda d: without(
        field(d, "created_at", "Quote"), "pattern", "format"
    ),
    "a list of responses becomes an object": lambda d: set_(field(d, "via", "Quote"), type="object"),
    "the items of a list have another schema": lambda d: set_(
        field(d, "data", "QuotePage"), items={"$ref": "#/components/schemas/Resolution"}
    ),
    "an open enumeration loses a value": lambda d: field(d, "harm", "CasualtyReport")["x-extensible-enum"].remove(
        "missing"
    ),
    "a value of an open enumeration is renamed": lambda d: set_(
        field(d, "status", "Ceasefire"),
        **{"x-extensible-enum": ["agreed", "in_effect", "held", "extended", "violated", "collapsed", "over"]},
    ),
    "a value of the items of a list is removed": lambda d: field(d, "inferred", "Quote")["items"][
        "x-extensible-enum"
    ].pop(),
    "an open enumeration is closed": lambda d: rename(field(d, "harm", "CasualtyReport"), "x-extensible-enum", "enum"),
    "an open enumeration states no values": lambda d: without(field(d, "harm", "CasualtyReport"), "x-extensible-enum"),
    "the discriminator changes": lambda d: set_(discriminated(d)["discriminator"], propertyName="kind"),
    "the discriminator maps a value to another schema": lambda d: set_(
        discriminated(d)["discriminator"]["mapping"], quote="#/components/schemas/Ceasefire"
    ),
    "the discriminator maps a value no longer": lambda d: without(
        discriminated(d)["discriminator"]["mapping"], "quote"
    ),
    "a value of the discriminator is renamed": lambda d: rename(
        discriminated(d)["discriminator"]["mapping"], "quote", "statement"
    ),
    "an option of a union becomes write-only": lambda d: set_(schema(d, "OtherClaim"), writeOnly=True),
    "a new kind of claim lacks a shared field": lambda d: add_kind(d, listed=False),
    "a response header is removed": lambda d: without(response(d)["headers"], "ETag"),
    "a response header can be absent": lambda d: set_(d["components"]["headers"]["API-Version"], required=False),
    "the pattern of a response header changes": lambda d: set_(
        d["components"]["headers"]["Retry-After"]["schema"], pattern="^.*GMT$"
    ),
    "a problem code changes": lambda d: set_(
        d["components"]["responses"]["NotFound"]["content"]["application/problem+json"]["example"], code="missing"
    ),
    "problems lose their code": lambda d: without(schema(d, "Problem")["properties"], "code"),
}
SAFE = {
    # --- Paths and operations.
    "a new path": lambda d: set_(d["paths"], **{"/v1/maps": copy.deepcopy(d["paths"]["/v1/changes"])}),
    "a new method": lambda d: set_(d["paths"]["/v1/claims"], post=copy.deepcopy(operation(d, method="post"))),
    "an additional tag of an operation": lambda d: operation(d)["tags"].append("speech"),
    "an operation is deprecated": lambda d: set_(operation(d), deprecated=True),
    "an additional server": lambda d: d["servers"].append({"url": "/api"}),
    # --- Requests.
    "a new optional parameter": lambda d: operation(d)["parameters"].append(
        {"in": "query", "name": "mood", "schema": {"type": "string"}}
    ),
    "a new optional request header": lambda d: operation(d)["parameters"].append(
        {"in": "header", "name": "Prefer", "schema": {"type": "string"}}
    ),
    "a parameter becomes optional": lambda d: set_(d["components"]["parameters"]["IfMatch"], required=False),
    "a parameter is deprecated": lambda d: set_(parameter(d, "claimant"), deprecated=True),
    "a parameter gets a new enum value": lambda d: parameter(d, "mode")["schema"]["items"]["enum"].append("sung"),
    "a parameter accepts more values": lambda d: set_(parameter(d, "mode")["schema"], maxItems=200),
    "the maximum of `limit` is higher": lambda d: set_(parameter(d, "limit")["schema"], maximum=500),
    "a parameter loses its pattern": lambda d: without(parameter(d, "conflict")["schema"]["items"], "pattern"),
    "a new media type is accepted": lambda d: set_(
        operation(d, method="post")["requestBody"]["content"], **{"application/cbor": {"schema": {"type": "string"}}}
    ),
    "a media type of requests is hidden": lambda d: set_(
        operation(d, method="post")["requestBody"],
        **{BY_REQUEST: operation(d, method="post")["requestBody"].pop("content"), "content": {}},
    ),
    "a parameter is hidden": lambda d: set_(
        operation(d),
        parameters=[one for one in operation(d)["parameters"] if one != parameters(d)["claimant"]],
        **{ACCEPTED_PARAMETERS: [parameters(d)["claimant"]]},
    ),
    "a parameter is hidden no longer": lambda d: operation(d, ARTICLE_CLAIMS)["parameters"].extend(
        operation(d, ARTICLE_CLAIMS).pop(ACCEPTED_PARAMETERS)
    ),
    "a new optional body": lambda d: set_(
        operation(d, QUOTE, "delete"), requestBody={"content": {"application/json": {"schema": {"type": "object"}}}}
    ),
    "a new optional field of requests": lambda d: set_(
        schema(d, "QuoteInput")["properties"], tone={"type": "string", "default": "plain"}
    ),
    "a field of requests becomes optional": lambda d: schema(d, "QuoteInput")["required"].remove("mode"),
    "a field of requests can be null": lambda d: set_(field(d, "text", "QuoteInput"), type=["string", "null"]),
    "a field of requests gets a new enum value": lambda d: field(d, "mode", "QuoteInput")["enum"].append("paraphrased"),
    "maxLength of a request field is higher": lambda d: set_(field(d, "text", "QuoteInput"), maxLength=9999),
    "a field of requests gets a second type": lambda d: set_(
        field(d, "count", "CeasefireInput"), type=["integer", "string"]
    ),
    "unknown fields are accepted": lambda d: without(schema(d, "QuoteInput"), "additionalProperties"),
    "writing requires no scope": lambda d: set_(operation(d, method="post"), security=[{"key": []}]),
    "writing requires no key": lambda d: without(operation(d, method="post"), "security"),
    "an additional way to authenticate": lambda d: operation(d, method="post")["security"].append({"oauth": ["write"]}),
    # --- Responses.
    "a new error status": lambda d: set_(operation(d)["responses"], **{"451": {"description": "No."}}),
    "a new media type of responses": lambda d: set_(
        response(d)["content"], **{"application/cbor": {"schema": {"type": "string"}}}
    ),
    "a new media type of responses by request": lambda d: set_(
        response(d)[BY_REQUEST], **{"application/cbor": {"schema": {"type": "string"}}}
    ),
    "a media type of responses is returned only by request": lambda d: set_(
        response(d, path=VIEW), **{BY_REQUEST: {SVG: response(d, path=VIEW)["content"].pop(SVG)}}
    ),
    "a media type of responses is documented for all requests": lambda d: set_(
        response(d)["content"], **{CSV: response(d)[BY_REQUEST].pop(CSV)}
    ),
    "a new optional field of responses": lambda d: set_(schema(d, "Quote")["properties"], tone={"type": "string"}),
    "a new field of responses that is always present": lambda d: (
        set_(schema(d, "Quote")["properties"], tone={"type": "string"}),
        schema(d, "Quote")["required"].append("tone"),
    ),
    "a field of responses is always present": lambda d: schema(d, "PageInfo")["required"].append("total"),
    "a field of responses is never null": lambda d: set_(field(d, "cue", "Quote"), type="string"),
    "a field of responses is deprecated": lambda d: set_(field(d, "cue", "Quote"), deprecated=True),
    "an open enumeration gets a new value": lambda d: field(d, "harm", "CasualtyReport")["x-extensible-enum"].append(
        "detained"
    ),
    "a closed enumeration loses a value": lambda d: field(d, "mode", "Quote")["enum"].pop(),
    "maxLength of a response field is lower": lambda d: set_(field(d, "text", "Quote"), maxLength=4000),
    "a new kind of claim": lambda d: add_kind(d, listed=True),
    "a new response header": lambda d: set_(
        response(d)["headers"], **{"Server-Timing": {"schema": {"type": "string"}}}
    ),
    "a response header is always present": lambda d: set_(d["components"]["headers"]["RateLimit"], required=True),
    "a new problem code": lambda d: set_(
        response(d, "422", IMPORTS, "post")["content"]["application/problem+json"]["examples"],
        embargoed={"value": {"code": "embargoed"}},
    ),
    "a reference leads to an extended copy of the schema": lambda d: (
        set_(field(d, "page", "QuotePage"), **{"$ref": "#/components/schemas/Copied"})
        or set_(d["components"]["schemas"], Copied=copy.deepcopy(schema(d, "PageInfo")))
        or set_(schema(d, "Copied")["properties"], pages={"type": "integer"})
    ),
}
TEXTS = {
    "the description of an operation changes": lambda d: set_(operation(d), description="Another text."),
    "a summary changes": lambda d: set_(operation(d), summary="Another text."),
    "the description of a field changes": lambda d: set_(field(d, "text", "Quote"), description="Another text."),
    "an example changes": lambda d: set_(response(d)["content"]["application/json"], example={"data": []}),
    "the title changes": lambda d: set_(d["info"], title="On record"),
    "the description of a tag changes": lambda d: set_(d["tags"][0], description="Another text."),
    "the title of a problem changes": lambda d: set_(
        d["components"]["responses"]["NotFound"]["content"]["application/problem+json"]["example"], title="Nothing"
    ),
}
