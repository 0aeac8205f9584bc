"""Keys: reading needs none, writing does, and none is taken from an address."""

from __future__ import annotations

from api.contract.conformance.check import Concern, NotAsked, promise, rfc
from api.contract.conformance.target import FEED, LIST, Server

KEYS = Concern("keys", "Keys")

# In the form of a key, and none: an address is no place for the real one, not even to see it refused.
_INVENTED = "onrecord_" + "0" * 12 + "_" + "0" * 64


@KEYS.asks("reading", "Reading needs no key", promise("reading-is-open"))
def reading(server: Server) -> None:
    for target in (f"{LIST}?limit=1", "/v1/articles?limit=1", f"{FEED}?limit=1"):
        server.get(target).status_is(200)


@KEYS.asks(
    "needed",
    "Who writes without a key, or with one that is not valid, is answered 401 with a challenge that says which",
    rfc(6750, "3"),
    advice="Let the header Authorization through to the server, and WWW-Authenticate back.",
)
def needed(server: Server) -> None:
    answer = server.ask("POST", "/v1/articles", json={}).is_problem(401, "key-required")
    told = answer.headers.get("WWW-Authenticate", "none")
    answer.must(told.lower().startswith("bearer"), "WWW-Authenticate: Bearer …", f"WWW-Authenticate: {told}")
    answer = server.ask("POST", "/v1/articles", {"Authorization": f"Bearer {_INVENTED}"}, json={})
    told = answer.is_problem(401, "key-required").headers.get("WWW-Authenticate", "none")
    answer.must('error="invalid_token"' in told, 'WWW-Authenticate with error="invalid_token"', told)


@KEYS.asks("scope", "A key without the scope that is needed is answered 403 with insufficient_scope", rfc(6750, "3.1"))
def scope(server: Server) -> None:
    answer = server.ask("GET", f"/v1/articles/{server.trial.article_id}/text", keyed=True)
    if answer.status == 200:
        raise NotAsked("the key has every scope; one with claims:write alone can tell")
    answer.is_problem(403, "scope-required")
    told = answer.headers.get("WWW-Authenticate", "none")
    answer.must('error="insufficient_scope"' in told, 'WWW-Authenticate with error="insufficient_scope"', told)


@KEYS.asks(
    "address",
    "A key in an address is refused and not taken, and no answer says a key again",
    promise("keys-stay-out-of-addresses"),
)
def address(server: Server) -> None:
    for name in ("access_token", "api_key", "q"):
        answer = server.get(f"{LIST}?limit=1&{name}={_INVENTED}").is_problem(422, "invalid-parameters")
        named = answer.of("errors", 0, "parameter")
        answer.must(named == name, f"an error that names {name}", f"one that names {named}")
    secrets = [secret.encode() for secret in (server.ask.key, _INVENTED) if secret]
    for exchange in server.ask.seen:
        told = exchange.body + str(exchange.headers.multi_items()).encode()
        exchange.must(not any(secret in told for secret in secrets), "an answer without the key", "one that says it")
