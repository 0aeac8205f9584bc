"""Problems: every failure is told in one form, with a type that explains it."""

from __future__ import annotations

import uuid

from api.contract.conformance.check import Concern, promise, rfc
from api.contract.conformance.target import LIST, Server, here

PROBLEMS = Concern("problems", "Problems")

_FAILURES = (
    ("GET", "/no/such/path", 404, "no-such-path"),
    ("GET", f"{LIST}/no-such-claim-here", 404, "not-found"),
    # Another path than without the slash; who is led on there loses the body of what it sends.
    ("GET", f"{LIST}/", 404, "no-such-path"),
    ("DELETE", LIST, 405, "method-not-allowed"),
    ("GET", f"{LIST}?limit=none", 422, "invalid-parameters"),
    ("GET", "/v1/articles/no-such-article-here/text", 401, "key-required"),
)


@PROBLEMS.asks(
    "form",
    "Every failure is application/problem+json with type, title, status, detail, code and request_id",
    rfc(9457, "3"),
    advice="Let no proxy answer failures with pages of its own (nginx: proxy_intercept_errors off).",
)
def form(server: Server) -> None:
    for method, target, status, code in _FAILURES:
        answer = server.ask(method, target).is_problem(status, code)
        for name in ("type", "title", "detail", "code", "request_id"):
            answer.must(isinstance(answer.of(name), str), f"{name}, a text", str(answer.json))
        answer.must(answer.of("status") == status, f"status {status} in the body", str(answer.of("status")))


@PROBLEMS.asks("types", "The type of a problem leads to a page that explains it", rfc(9457, "3.1.1"))
def types(server: Server) -> None:
    for method, target, _, code in _FAILURES:
        type_ = server.ask(method, target).of("type")
        page = server.get(here(str(type_)), {"Accept": "application/json"}).status_is(200)
        page.must(page.of("code") == code, f"a page about {code}", str(page.json))


@PROBLEMS.asks(
    "parameters", "A parameter that there is not is refused by its name, and not passed over", promise("problems-stay")
)
def parameters(server: Server) -> None:
    name = f"x{uuid.uuid4().hex[:8]}"
    answer = server.get(f"{LIST}?{name}=1").is_problem(422, "invalid-parameters")
    named = answer.of("errors", 0, "parameter")
    answer.must(named == name, f"an error that names {name}", f"one that names {named}")


@PROBLEMS.asks(
    "not-ours",
    "What nobody thought of is refused as the client's mistake, and shows nothing of the inside",
    rfc(9110, "15.5"),
)
def not_ours(server: Server) -> None:
    for query in (
        "q=%ff",
        "limit=99999999999999999999",
        "on_record=never",
        "fields[]=id",
        "id=%F0%9F%98%80",
    ):
        answer = server.get(f"{LIST}?{query}")
        answer.must(400 <= answer.status < 500, "a status of 400 to 499")
        for trace in (b"Traceback (most", b'File "/', b"sqlalchemy", b"psycopg"):
            answer.must(trace not in answer.body, "nothing of the inside", f"{answer.status} with {trace.decode()!r}")
