"""Changes made to the contract on purpose, each with what the promise makes of it."""

from __future__ import annotations

import copy

from api.contract.differ.spots import target

QUOTES, QUOTE, IMPORTS = "/v1/quotes", "/v1/quotes/{id}", "/v1/imports"


def operation(document, path=QUOTES, method="get"):
    return document["paths"][path][method]


def shape(document, name):
    return document["components"]["schemas"][name]


def field(document, name, of):
    return shape(document, of)["properties"][name]


def resolved(document, part):
    """The component that a part refers to, or the part itself."""
    return target(document, part["$ref"]) if "$ref" in part else part


def parameter(document, name, path=QUOTES):
    """A parameter, which other operations share."""
    parameters = [resolved(document, each) for each in operation(document, path)["parameters"]]
    return next(each for each in parameters if each["name"] == name)


def answer(document, status="200", path=QUOTES, method="get"):
    """An answer that is spelled out in its operation."""
    return operation(document, path, method)["responses"][status]


def without(mapping, *keys):
    for key in keys:
        del mapping[key]


def set_(mapping, **values):
    mapping.update({key.rstrip("_"): value for key, value in values.items()})


def drop_parameter(document, name):
    listed = operation(document)["parameters"]
    listed[:] = [each for each in listed if resolved(document, each)["name"] != name]


def rename(mapping, old, new):
    mapping[new] = mapping.pop(old)


def fifth_kind(document, *, listed):
    """A kind of claim that version 1.0.0 knows nothing of, with what all kinds share."""
    new = copy.deepcopy(shape(document, "OtherClaim"))
    new["properties"]["type"] = {"type": "string", "enum": ["prisoner_exchange"]}
    document["components"]["schemas"]["PrisonerExchange"] = new
    claim = shape(document, "Claim")
    claim["oneOf"].insert(0, {"$ref": "#/components/schemas/PrisonerExchange"})
    claim["discriminator"]["mapping"]["prisoner_exchange"] = "#/components/schemas/PrisonerExchange"
    if listed:
        field(document, "type", "OtherClaim")["not"]["enum"].append("prisoner_exchange")
    else:
        without(new["properties"], "claimant")
        new["required"].remove("claimant")


BREAKING = {
    # --- Paths and operations.
    "a path is gone": lambda d: without(d["paths"], QUOTE),
    "a path is renamed": lambda d: rename(d["paths"], QUOTES, "/v1/quotations"),
    "the name of a path's parameter changes": lambda d: rename(d["paths"], QUOTE, "/v1/quotes/{quote_id}"),
    "a method is gone": lambda d: without(d["paths"][QUOTE], "patch"),
    "an operation gets another id": lambda d: set_(operation(d), operationId="getQuotes"),
    "an operation moves to another tag": lambda d: set_(operation(d), tags=["quotations"]),
    "the service moves": lambda d: set_(d, servers=[{"url": "/api"}]),
    # --- What is sent in addresses and headers.
    "a parameter is gone": lambda d: drop_parameter(d, "claimant"),
    "a parameter is renamed": lambda d: set_(parameter(d, "claimant"), name="speaker"),
    "a parameter comes to be needed": lambda d: set_(parameter(d, "claimant"), required=True),
    "a new parameter is needed": lambda d: operation(d)["parameters"].append(
        {"in": "query", "name": "tenant", "required": True, "schema": {"type": "string"}}
    ),
    "a header comes to be needed": lambda d: set_(d["components"]["parameters"]["IdempotencyKey"], required=True),
    "a parameter takes one value only": lambda d: set_(parameter(d, "mode"), schema={"type": "string"}),
    "a parameter is written with commas": lambda d: set_(parameter(d, "mode"), explode=False),
    "a parameter's words are fewer": lambda d: parameter(d, "mode")["schema"]["items"]["enum"].pop(),
    "a parameter takes fewer values": lambda d: set_(parameter(d, "mode")["schema"], maxItems=50),
    "the greatest limit is smaller": lambda d: set_(parameter(d, "limit")["schema"], maximum=100),
    "the default limit is another": lambda d: set_(parameter(d, "limit")["schema"], default=50),
    "a date comes to have another form": lambda d: set_(parameter(d, "on_record")["schema"], format="date"),
    "a cursor may be shorter only": lambda d: set_(parameter(d, "cursor")["schema"], maxLength=100),
    # --- Bodies that are sent.
    "a body is no longer taken": lambda d: without(operation(d, method="post"), "requestBody"),
    "a media type is no longer taken": lambda d: rename(
        operation(d, method="post")["requestBody"]["content"], "application/json", "application/cbor"
    ),
    "a field comes to be needed": lambda d: shape(d, "QuoteInput")["required"].append("cue"),
    "a field can no longer be sent": lambda d: without(shape(d, "QuoteInput")["properties"], "cue"),
    "a field that is sent is renamed": lambda d: rename(shape(d, "QuoteInput")["properties"], "cue", "verb"),
    "a field may no longer be null": lambda d: set_(field(d, "cue", "QuoteInput"), type="string"),
    "a nested field may no longer be null": lambda d: field(d, "addressee", "QuoteInput")["anyOf"].pop(),
    "a word is no longer taken": lambda d: field(d, "mode", "QuoteInput")["enum"].remove("mixed"),
    "a text that is sent may be shorter only": lambda d: set_(field(d, "text", "QuoteInput"), maxLength=4999),
    "a text that is sent has to be longer": lambda d: set_(field(d, "text", "QuoteInput"), minLength=2),
    "a number that is sent may be smaller only": lambda d: set_(field(d, "count", "CasualtyReportInput"), maximum=9),
    "a list that is sent may be shorter only": lambda d: set_(field(d, "evidence", "QuoteInput"), maxItems=5),
    "a text that is sent has to fit a pattern": lambda d: set_(field(d, "prefix", "SpanInput"), pattern="^[a-z]+$"),
    "a default of a body changes": lambda d: set_(field(d, "purpose", "CeasefireInput"), default="other"),
    "a nested field comes to be needed": lambda d: shape(d, "PartyInput")["required"].append("country"),
    "a string comes to be a number": lambda d: set_(field(d, "topic", "ResolutionInput"), type=["integer", "null"]),
    # --- Keys.
    "reading needs a key": lambda d: set_(operation(d), security=[{"key": []}]),
    "writing needs another scope": lambda d: set_(operation(d, method="post"), security=[{"key": ["claims:admin"]}]),
    "writing needs one more scope": lambda d: set_(
        operation(d, method="post"), security=[{"key": ["claims:write", "texts:read"]}]
    ),
    "keys go into a query": lambda d: set_(
        d["components"]["securitySchemes"], key={"type": "apiKey", "in": "query", "name": "key"}
    ),
    # --- Answers.
    "a status of success is gone": lambda d: rename(operation(d, method="post")["responses"], "201", "202"),
    "an unheard-of status of success": lambda d: set_(operation(d)["responses"], **{"206": {"description": "Part."}}),
    "an unheard-of redirect": lambda d: set_(operation(d)["responses"], **{"302": {"description": "Elsewhere."}}),
    "everything needs a key": lambda d: set_(d, security=[{"key": []}]),
    "a status of failure is another": lambda d: rename(operation(d, QUOTE)["responses"], "404", "400"),
    "a media type is no longer answered": lambda d: without(answer(d)["content"], "text/csv"),
    "a body where there was none": lambda d: set_(
        answer(d, "204", QUOTE, "delete"), content={"application/json": {"schema": {}}}
    ),
    "a field is gone from answers": lambda d: (
        without(shape(d, "Quote")["properties"], "cue"),
        shape(d, "Quote")["required"].remove("cue"),
    ),
    "an optional field is gone from answers": lambda d: without(shape(d, "PageInfo")["properties"], "total"),
    "a field of answers is renamed": lambda d: rename(shape(d, "Quote")["properties"], "cue", "verb"),
    "a field of answers may be absent": lambda d: shape(d, "Party")["required"].remove("kind"),
    "a field of answers may be null": lambda d: set_(field(d, "text", "Quote"), type=["string", "null"]),
    "a nested field of answers may be null": lambda d: set_(
        shape(d, "Quote")["properties"],
        claimant={"anyOf": [{"$ref": "#/components/schemas/Party"}, {"type": "null"}]},
    ),
    "a number of answers comes to be a string": lambda d: set_(field(d, "version", "Quote"), type="string"),
    "an integer of answers comes to be any number": lambda d: set_(field(d, "version", "Quote"), type="number"),
    "a closed enumeration of answers grows": lambda d: field(d, "mode", "Quote")["enum"].append("paraphrased"),
    "a closed enumeration is opened": lambda d: rename(field(d, "mode", "Quote"), "enum", "x-extensible-enum"),
    "a text of answers may be longer": lambda d: set_(field(d, "text", "Quote"), maxLength=6000),
    "a text of answers may have any length": lambda d: without(field(d, "text", "Quote"), "maxLength"),
    "a moment comes in another form": lambda d: without(field(d, "created_at", "Quote"), "pattern", "format"),
    "a list comes to be an object": lambda d: set_(field(d, "via", "Quote"), type="object"),
    "the entries of a list are of another shape": lambda d: set_(
        field(d, "data", "QuotePage"), items={"$ref": "#/components/schemas/Resolution"}
    ),
    "kinds are told apart by another field": lambda d: set_(shape(d, "Claim")["discriminator"], propertyName="kind"),
    "claims of a new kind lack what all kinds share": lambda d: fifth_kind(d, listed=False),
    "a header of answers is gone": lambda d: without(answer(d)["headers"], "ETag"),
    "a header of answers may be absent": lambda d: set_(d["components"]["headers"]["API-Version"], required=False),
    "a header of answers has another form": lambda d: set_(
        d["components"]["headers"]["Retry-After"]["schema"], pattern="^.*GMT$"
    ),
    "a problem has another code": lambda d: set_(
        d["components"]["responses"]["NotFound"]["content"]["application/problem+json"]["example"], code="missing"
    ),
    "a problem lacks its code": lambda d: without(shape(d, "Problem")["properties"], "code"),
}
SAFE = {
    # --- Paths and operations.
    "a new path": lambda d: set_(d["paths"], **{"/v1/maps": copy.deepcopy(d["paths"]["/v1/changes"])}),
    "a new method": lambda d: set_(d["paths"]["/v1/claims"], post=copy.deepcopy(operation(d, method="post"))),
    "an operation under one more tag": lambda d: operation(d)["tags"].append("speech"),
    "an operation is deprecated": lambda d: set_(operation(d), deprecated=True),
    "one more address of the service": lambda d: d["servers"].append({"url": "/api"}),
    # --- What is sent.
    "a new parameter that need not be sent": lambda d: operation(d)["parameters"].append(
        {"in": "query", "name": "mood", "schema": {"type": "string"}}
    ),
    "a new header that need not be sent": lambda d: operation(d)["parameters"].append(
        {"in": "header", "name": "Prefer", "schema": {"type": "string"}}
    ),
    "a parameter need not be sent any more": lambda d: set_(d["components"]["parameters"]["IfMatch"], required=False),
    "a parameter is deprecated": lambda d: set_(parameter(d, "claimant"), deprecated=True),
    "a parameter takes one more word": lambda d: parameter(d, "mode")["schema"]["items"]["enum"].append("sung"),
    "a parameter takes more values": lambda d: set_(parameter(d, "mode")["schema"], maxItems=200),
    "the greatest limit of a request is greater": lambda d: set_(parameter(d, "limit")["schema"], maximum=500),
    "a parameter takes any text": lambda d: without(parameter(d, "conflict")["schema"]["items"], "pattern"),
    "one more media type is taken": lambda d: set_(
        operation(d, method="post")["requestBody"]["content"], **{"application/cbor": {"schema": {"type": "string"}}}
    ),
    "a body can be sent where none could": lambda d: set_(
        operation(d, QUOTE, "delete"), requestBody={"content": {"application/json": {"schema": {"type": "object"}}}}
    ),
    "a new field that need not be sent": lambda d: set_(
        shape(d, "QuoteInput")["properties"], tone={"type": "string", "default": "plain"}
    ),
    "a field need not be sent any more": lambda d: shape(d, "QuoteInput")["required"].remove("mode"),
    "null can be sent": lambda d: set_(field(d, "text", "QuoteInput"), type=["string", "null"]),
    "one more word can be sent": lambda d: field(d, "mode", "QuoteInput")["enum"].append("paraphrased"),
    "a longer text can be sent": lambda d: set_(field(d, "text", "QuoteInput"), maxLength=9999),
    "a number comes to be sent as a string, too": lambda d: set_(
        field(d, "count", "CeasefireInput"), type=["integer", "string"]
    ),
    "fields that nobody knows can be sent": lambda d: without(shape(d, "QuoteInput"), "additionalProperties"),
    "writing needs no scope": lambda d: set_(operation(d, method="post"), security=[{"key": []}]),
    "writing needs no key": lambda d: without(operation(d, method="post"), "security"),
    "one more way to be let in": lambda d: operation(d, method="post")["security"].append({"oauth": ["write"]}),
    # --- Answers.
    "one more status of failure": lambda d: set_(operation(d)["responses"], **{"451": {"description": "No."}}),
    "one more media type is answered": lambda d: set_(
        answer(d)["content"], **{"application/cbor": {"schema": {"type": "string"}}}
    ),
    "a new field of answers": lambda d: set_(shape(d, "Quote")["properties"], tone={"type": "string"}),
    "a new field of answers that is always there": lambda d: (
        set_(shape(d, "Quote")["properties"], tone={"type": "string"}),
        shape(d, "Quote")["required"].append("tone"),
    ),
    "a field of answers is always there": lambda d: shape(d, "PageInfo")["required"].append("total"),
    "a field of answers is never null": lambda d: set_(field(d, "cue", "Quote"), type="string"),
    "a field of answers is deprecated": lambda d: set_(field(d, "cue", "Quote"), deprecated=True),
    "an open vocabulary grows": lambda d: field(d, "harm", "CasualtyReport")["x-extensible-enum"].append("detained"),
    "an open vocabulary is closed": lambda d: rename(field(d, "harm", "CasualtyReport"), "x-extensible-enum", "enum"),
    "an enumeration of answers shrinks": lambda d: field(d, "mode", "Quote")["enum"].pop(),
    "a text of answers is shorter": lambda d: set_(field(d, "text", "Quote"), maxLength=4000),
    "a new kind of claim": lambda d: fifth_kind(d, listed=True),
    "a new header of answers": lambda d: set_(
        answer(d)["headers"], **{"Server-Timing": {"schema": {"type": "string"}}}
    ),
    "a header of answers is always there": lambda d: set_(d["components"]["headers"]["RateLimit"], required=True),
    "one more problem": lambda d: set_(
        resolved(d, answer(d, "422", IMPORTS, "post"))["content"]["application/problem+json"]["examples"],
        embargoed={"value": {"code": "embargoed"}},
    ),
    "a shape is spelled out where it was referred to": lambda d: (
        set_(field(d, "page", "QuotePage"), **{"$ref": "#/components/schemas/Copied"})
        or set_(d["components"]["schemas"], Copied=copy.deepcopy(shape(d, "PageInfo")))
        or set_(shape(d, "Copied")["properties"], pages={"type": "integer"})
    ),
}
WORDS = {
    "a description is worded anew": lambda d: set_(operation(d), description="Worded anew."),
    "a summary is worded anew": lambda d: set_(operation(d), summary="Worded anew."),
    "a field is described anew": lambda d: set_(field(d, "text", "Quote"), description="Worded anew."),
    "an example is another": lambda d: set_(answer(d)["content"]["application/json"], example={"data": []}),
    "the title is another": lambda d: set_(d["info"], title="On record"),
    "a tag is described anew": lambda d: set_(d["tags"][0], description="Worded anew."),
    "a problem is told anew": lambda d: set_(
        d["components"]["responses"]["NotFound"]["content"]["application/problem+json"]["example"], title="Nothing"
    ),
}
