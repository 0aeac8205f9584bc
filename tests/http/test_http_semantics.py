"""HTTP semantics of all operations: ETags, headers, CORS, methods, content negotiation and problems."""

from __future__ import annotations

import inspect
import re

import pytest
from flask import Flask, signals

from api.app import create_app
from api.http.operations import function_of
from api.http.problem_types import PROBLEMS
from api.settings import Settings
from schemas.fields import EXPORT, RESERVED_IDS
from tests.support.openapi import OPERATIONS, READS, resolved

ARTICLE = "/v1/articles/karabakh-2020-11-01"


def problem(response, status, code):
    """Check that a response is this problem and return its body."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.json["code"] == code
    assert response.json["type"] == f"http://127.0.0.1:8000/problems/{code}"
    assert response.json["request_id"] == response.headers["X-Request-Id"]
    return response.json


@pytest.mark.parametrize(
    "path", ["/v1/quotes", "/v1/quotes/aliyev-no-basis", ARTICLE, "/v1/changes", "/v1/openapi.json"]
)
def test_an_unchanged_response_returns_304(seeded, path):
    whole = seeded.get(path)
    tag = whole.headers["ETag"]
    for reported in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = seeded.get(path, headers={"If-None-Match": reported})
        assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", tag)
        for name in ("Cache-Control", "Vary"):
            assert response.headers[name] == whole.headers[name]
        assert "Content-Type" not in response.headers
    assert seeded.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_item_with_its_article_has_another_tag_than_without(seeded):
    bare, whole = (seeded.get(f"/v1/quotes/aliyev-no-basis{query}") for query in ("", "?include=article"))
    assert bare.headers["ETag"] != whole.headers["ETag"]
    assert seeded.get("/v1/quotes/aliyev-no-basis", headers={"If-None-Match": whole.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/quotes", ARTICLE, "/v1/changes", "/v1/openapi.json", "/", "/contract", "/problems/not-found"]
)
def test_head_has_the_headers_of_get_and_no_body(seeded, path):
    got, head = seeded.get(path), seeded.head(path)
    assert (head.status_code, head.data) == (200, b"")
    own = ("X-Request-Id", "Date")
    assert [item for item in head.headers if item[0] not in own] == [item for item in got.headers if item[0] not in own]


def test_head_of_a_missing_path_has_the_headers_of_get_and_no_body(seeded):
    got, head = seeded.get("/nothing"), seeded.head("/nothing")
    assert (head.status_code, head.data) == (got.status_code, b"") == (404, b"")
    for name in ("Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", ["/v1/quotes", ARTICLE, "/v1/changes", "/v1/openapi.json", "/v1/nothing"])
def test_json_has_no_charset_because_it_is_always_utf_8(seeded, path):
    response = seeded.get(path)
    assert response.content_type in ("application/json", "application/problem+json")
    response.data.decode("utf-8")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/quotes", {"POST"}),
        ("/v1/claims", set()),
        (ARTICLE, {"PUT", "PATCH", "DELETE"}),
        (f"{ARTICLE}/text", {"PUT", "DELETE"}),
        ("/v1/changes", set()),
        ("/docs", set()),
    ],
)
def test_options_lists_the_methods(seeded, path, methods):
    response = seeded.options(path)
    assert (response.status_code, response.data) == (204, b"")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"} | methods


def test_options_has_no_body(seeded):
    assert seeded.options("/v1/claims", headers={"Accept": "text/csv"}).status_code == 204


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_an_unsupported_method_is_rejected_with_the_supported_ones(seeded, method):
    response = seeded.open("/v1/claims", method=method)
    reported = problem(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert method in reported["detail"]


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if "{id}" in operation.path])
def test_405_is_documented_where_it_occurs(writer, name):
    operation = OPERATIONS[name]
    responses = [
        writer.open(
            operation.path.replace("{id}", word),
            method=operation.method,
            headers=operation.headers,
            data=operation.body,
        )
        for word in sorted({*RESERVED_IDS, EXPORT})
    ]
    rejected = [response for response in responses if response.status_code == 405]
    assert bool(rejected) == ("405" in operation.document["responses"])
    assert {response.headers["Allow"] for response in rejected} <= {"GET, HEAD, OPTIONS"}
    if rejected:
        assert "Allow" in resolved(operation.document["responses"]["405"])["headers"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/quotes"), ("POST", "/v1/quotes"), ("GET", "/"), ("GET", "/nothing"), ("OPTIONS", "/v1/quotes")],
)
def test_a_bad_request_is_no_malformed_body(seeded, method, path):
    for host in ("a" * 64, f"{'a' * 64}.example:8000"):
        reported = problem(seeded.open(path, method=method, headers={"Host": host}), 400, "bad-request")
        assert "Host" in reported["detail"]
    assert seeded.get("/problems/bad-request").json["status"] == 400


def test_a_page_of_any_origin_may_read(seeded):
    response = seeded.get("/v1/quotes", headers={"Origin": "https://newsroom.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert exposed >= {"ETag", "Link", "API-Version", "X-Request-Id", "Retry-After", "RateLimit"}


def test_a_preflight_request_is_allowed(seeded):
    requests = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    response = seeded.options("/v1/quotes", headers={**requests, "Access-Control-Request-Headers": "if-none-match"})
    assert response.status_code == 204
    # Pages of other origins read.
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("allowed", "origin"), [("https://a.example, https://b.example", "https://b.example"), ("", None)]
)
def test_reading_from_pages_can_be_kept_to_some_origins(databases, allowed, origin):
    app = create_app(Settings(database_url=databases.new("seeded"), cors_origins=allowed))
    for requests in ("https://b.example", "https://c.example"):
        response = app.test_client().get("/v1/quotes", headers={"Origin": requests})
        assert response.headers.get("Access-Control-Allow-Origin") == (origin if requests == origin else None)
        assert "Origin" in response.headers["Vary"]
    app.extensions["onrecord"].close()


@pytest.mark.parametrize(
    "origin", ["a.example", "https://a.example/", "https://A.example", "https://*.example", "null", "https://"]
)
def test_an_origin_that_no_browser_sends_stops_the_start(origin):
    with pytest.raises(
        ValueError, match=rf"ONRECORD_CORS_ORIGINS must be \*, or origins .*, not '{re.escape(origin)}'\."
    ):
        create_app(Settings(cors_origins=f"http://[::1]:8000, {origin}"))


def test_a_usable_request_id_is_kept_and_any_other_replaced(seeded):
    assert seeded.get("/v1/quotes", headers={"X-Request-Id": "abc-123"}).headers["X-Request-Id"] == "abc-123"
    for request_id in ("", "a b", "x" * 65, "é"):
        made = seeded.get("/v1/quotes", headers={"X-Request-Id": request_id}).headers["X-Request-Id"]
        assert re.fullmatch("[0-9a-f]{32}", made)


def test_a_connection_with_an_unread_body_is_closed_with_a_header(writer):
    article = {"headline": "News", "text": "A text."}
    unread = {
        "a refusal": writer.post("/v1/articles", json=article, headers={"Authorization": None}),
        "another method": writer.post("/v1/claims", json=article),
        "another media type": writer.post("/v1/articles", data="News", content_type="text/plain"),
        "too much": writer.post("/v1/articles", data=b" " * 9_000_000, content_type="application/json"),
    }
    assert {name: response.headers.get("Connection") for name, response in unread.items()} == dict.fromkeys(
        unread, "close"
    )
    for response in (
        writer.post("/v1/articles", json=article),
        writer.post("/v1/articles", json={}),
        writer.post("/v1/imports", data=b"{}\n", content_type="application/x-ndjson"),
        writer.get("/v1/articles"),
    ):
        assert "Connection" not in response.headers


@pytest.mark.parametrize("accept", ["", "*/*", "application/*", "application/json", "text/html, */*;q=0.1"])
def test_json_is_sent_if_accept_allows_it(seeded, accept):
    assert seeded.get("/v1/quotes", headers={"Accept": accept}).mimetype == "application/json"


PAGES = {
    "/": ("application/json", "text/html"),
    "/contract": ("application/json", "text/html"),
    "/problems": ("application/json", "text/html"),
    "/problems/gone": ("application/json", "text/html"),
    "/docs": ("text/html",),
    "/articles/karabakh-2020-11-01": ("text/html",),
    "/.well-known/api-catalog": ("application/linkset+json",),
    "/v1/openapi.json": ("application/json",),
    "/healthz": ("application/json",),
    "/metrics": ("text/plain",),
}
SENT = [(path, media_type) for path, media_types in PAGES.items() for media_type in media_types] + [
    (operation.url, media_type)
    for operation in READS.values()
    for answer in operation.successes.values()
    for media_type in answer["content"]
]


@pytest.mark.parametrize(("path", "media_type"), SENT)
def test_each_content_type_of_a_response_is_accepted(seeded, path, media_type):
    content_type = seeded.get(path, headers={"Accept": media_type}).headers["Content-Type"]
    assert content_type.partition(";")[0] == media_type
    for accept in (
        content_type,
        f"{media_type}; charset=utf-8",
        f'{media_type};profile="https://profiles.example/one, two; three";q=0.9, text/x-unknown',
    ):
        response = seeded.get(path, headers={"Accept": accept})
        assert (response.status_code, response.headers["Content-Type"]) == (200, content_type), accept


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv; header=present, application/json; charset=utf-8; q=0.5", "text/csv"),
        ("text/csv; charset=utf-8; q=0.2, application/json;q=0.1", "text/csv"),
        ("text/csv; charset=utf-8; q=0, */*;q=0.1", "application/json"),
        ("application/x-ndjson; charset=utf-8, */*", "application/x-ndjson"),
    ],
)
def test_only_the_weight_of_a_media_range_counts(seeded, accept, media_type):
    assert seeded.get("/v1/quotes?id=aliyev-no-basis", headers={"Accept": accept}).mimetype == media_type


@pytest.mark.parametrize("accept", ["application/json; charset=utf-8; q=0", "image/png; charset=utf-8"])
def test_a_media_range_with_parameters_may_exclude_all(seeded, accept):
    for path in ("/v1/quotes", "/v1/openapi.json", "/.well-known/api-catalog"):
        problem(seeded.get(path, headers={"Accept": accept}), 406, "not-acceptable")


@pytest.mark.parametrize("accept", ["image/png", "application/xml", "application/json;q=0"])
def test_an_unavailable_media_type_is_rejected(seeded, accept):
    problem(seeded.get("/docs", headers={"Accept": accept}), 406, "not-acceptable")
    problem(seeded.get("/v1/openapi.json", headers={"Accept": accept}), 406, "not-acceptable")
    reported = problem(seeded.get("/v1/quotes", headers={"Accept": accept}), 406, "not-acceptable")
    assert "application/json" in reported["detail"]


@pytest.mark.parametrize(
    ("query", "parameter", "message"),
    [
        ("speeker=x", "speeker", "Did you mean claimant?"),
        ("speaker=x", "speaker", "Use claimant."),
        ("page=2", "page", "page.next"),
        ("per_page=5", "per_page", "Use limit."),
        ("order_by=id", "order_by", "Use sort."),
        ("harm=killed", "harm", "/v1/casualty-reports"),
        ("limitt=3", "limitt", "Did you mean limit?"),
        ("xyzzy=3", "xyzzy", "OpenAPI document"),
        ("on_record[gt]=2020", "on_record[gt]", "on_record[gte]"),
        ("limit[gte]=3", "limit[gte]", "supports no brackets"),
        ("limit=0", "limit", "Must be a whole number from 1 to 200, in plain digits."),
        ("limit=1000", "limit", "from 1 to 200"),
        ("limit=99999999999999999999", "limit", "from 1 to 200"),
        ("fields[]=id", "fields[]", "supports no brackets"),
        ("id=%F0%9F%98%80", "id", "3 to 80 characters"),
        ("limit=5.0", "limit", "from 1 to 200, in plain digits"),
        ("limit=1_0", "limit", "plain digits"),
        ("limit=٥", "limit", "plain digits"),
        ("limit=", "limit", "plain digits"),
        ("limit=5&limit=6", "limit", "Must not be repeated"),
        ("sort=evidence", "sort", "is not one of"),
        ("sort=on_recrod", "sort", "Did you mean on_record?"),
        ("fields=txt", "fields", "Did you mean text?"),
        ("facets=text", "facets", "is not one of"),
        ("include=claims", "include", "is not one of article"),
        ("total=yes", "total", "Must be one of capped, exact"),
        ("mode=indirekt", "mode", "Did you mean indirect?"),
        ("mode=", "mode", "Must be one of"),
        ("claimant=", "claimant", "Must be a name"),
        ("claimant=a%00b", "claimant", "NUL"),
        ("claimant_country=AM", "claimant_country", "Did you mean ARM?"),
        ("claimant_country=Armenia", "claimant_country", "Did you mean ARM?"),
        ("claimed_on=yesterday", "claimed_on", "not an EDTF date"),
        ("claimed_on=2021-02-29", "claimed_on", "not a calendar day"),
        ("on_record[gte]=2020/2021", "on_record[gte]", "not an interval"),
        ("via[exists]=maybe", "via[exists]", "true or false"),
        ("inferred=nothing", "inferred", "Must be one of"),
        ("id=UPPER", "id", "3 to 80 characters"),
        ("claimant=%20", "claimant", "not blank"),
        ("claimant=%ff", "claimant", "Not UTF-8"),
        ("&".join(["via=a"] * 101), "via", "1 to 100 entries"),
        ("include=article,article", "include", "List each name once"),
        ("a%00=1", "a\ufffd", "Unknown parameter"),
    ],
)
def test_an_invalid_parameter_is_named_with_a_suggestion(seeded, query, parameter, message):
    (part,) = problem(seeded.get(f"/v1/quotes?{query}"), 422, "invalid-parameters")["errors"]
    assert part["parameter"] == parameter
    assert message in part["detail"]


def test_all_invalid_parameters_are_reported_together(seeded):
    reported = problem(seeded.get("/v1/quotes?limit=0&sort=x&foo=1&mode=x"), 422, "invalid-parameters")
    assert {part["parameter"] for part in reported["errors"]} == {"limit", "sort", "foo", "mode"}


def test_an_error_stays_short_for_any_number_of_invalid_parameters(seeded):
    code = "invalid-parameters"
    many = problem(seeded.get("/v1/quotes?" + "&".join(f"x{number}=" for number in range(3000))), 422, code)
    assert (len(many["errors"]), many["detail"].endswith(" And 2,990 more.")) == (100, True)
    long = problem(seeded.get(f"/v1/quotes?{'x' * 30_000}="), 422, code)
    assert (len(long["errors"][0]["parameter"]), long["detail"][-1]) == (20_000, "…")


def test_a_list_of_names_may_be_repeated_or_joined_by_commas(seeded):
    joined = seeded.get("/v1/quotes?fields=mode,text&facets=mode,via&limit=2").json
    repeated = seeded.get("/v1/quotes?fields=mode&fields=text&facets=mode&facets=via&limit=2").json
    assert (repeated["data"], repeated["facets"]) == (joined["data"], joined["facets"])


def test_a_query_that_is_too_long_is_a_problem_of_ours(seeded):
    reported = problem(seeded.get("/v1/quotes?" + "&".join(["claimant=a"] * 4000)), 414, "uri-too-long")
    assert "32,768 bytes" in reported["detail"]


@pytest.mark.parametrize(
    "path", ["articles/a%00b", "claims/%00", "articles/%00/claims", "quotes/A B", f"claims/{'x' * 9000}"]
)
def test_an_invalid_id_is_not_found(seeded, path):
    problem(seeded.get(f"/v1/{path}"), 404, "not-found")


def test_a_part_of_a_file_that_there_is_not_is_a_problem(seeded):
    response = seeded.get("/docs/swagger-ui.css", headers={"Range": "bytes=99999999-"})
    problem(response, 416, "range-not-satisfiable")
    assert response.headers["Content-Range"].startswith("bytes */")


@pytest.mark.parametrize(
    "path", ["/v1/quote", "/nothing", "/v1/quotes/", "/v1", "/v2/quotes", "/v1/quotes/a/b", "/v1//quotes", "/%00"]
)
def test_an_unknown_path_is_a_problem(seeded, path):
    problem(seeded.get(path), 404, "no-such-path")


def test_a_path_that_was_nearly_right_is_suggested(seeded):
    assert "Did you mean /v1/casualty-reports?" in seeded.get("/v1/casualty-report").json["detail"]
    assert "Did you mean /v1/quotes?" in seeded.get("/v1/quotes/").json["detail"]


def test_a_claim_of_another_kind_is_pointed_to(seeded):
    reported = problem(seeded.get("/v1/quotes/ceasefire-1994"), 404, "not-found")
    assert "This id belongs to a ceasefire. Request ceasefires/" in reported["detail"]


def test_a_failure_on_our_side_is_a_problem_without_a_trace(databases, capsys):
    app = create_app(Settings(database_url=databases.new("empty")))

    @app.get("/broken")
    def broken():
        raise RuntimeError("the secret inside")

    response = app.test_client().get("/broken", headers={"X-Request-Id": "find-me"})
    reported = problem(response, 500, "internal-error")
    assert "secret" not in response.text
    assert reported["request_id"] == "find-me"
    logged = capsys.readouterr().err
    assert '"request_id":"find-me"' in logged
    assert "the secret inside" in logged
    app.extensions["onrecord"].close()


@pytest.mark.parametrize("slug", PROBLEMS)
def test_the_type_of_every_problem_leads_to_a_page_that_explains_it(seeded, slug):
    explained = seeded.get(f"/problems/{slug}").json
    assert (explained["code"], explained["status"]) == (slug, PROBLEMS[slug].status)
    page = seeded.get(f"/problems/{slug}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.mimetype == "text/html"
    assert PROBLEMS[slug].fix.split("`")[0][:30] in page.text
    assert [entry["code"] for entry in seeded.get("/problems").json["problems"]] == list(PROBLEMS)


def test_an_unknown_problem_is_one(seeded):
    problem(seeded.get("/problems/nothing"), 404, "no-such-path")


def test_the_front_page_names_the_places(seeded):
    places = seeded.get("/").json
    for name in ("documentation", "openapi", "contract", "api_catalog", "problems"):
        assert seeded.get(places[name].removeprefix("http://127.0.0.1:8000")).status_code == 200
    page = seeded.get("/", headers={"Accept": "text/html"}).text
    for path in ("/docs", "/v1/openapi.json", "/v1/casualty-reports", "/contract", "/problems"):
        assert f'href="{path}"' in page


def test_pages_allow_nothing_from_elsewhere_and_no_inline_script(seeded):
    for path in ("/", "/docs", "/contract", "/problems", "/problems/not-found"):
        policy = seeded.get(path, headers={"Accept": "text/html"}).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


@pytest.mark.parametrize(
    "value",
    [
        "ftp://a.example",
        "onrecord.example",
        "http://",
        "http://a.example?x=1",
        "http://a.example/x",
        "http://a b/",
        "http://a\n",
        "http://a|b/",
        "http://a%2",
    ],
)
def test_an_invalid_public_url_stops_the_start(value):
    with pytest.raises(ValueError, match="ONRECORD_PUBLIC_URL"):
        create_app(Settings(public_url=value))


def test_an_invalid_character_in_the_url_of_a_setting_is_named():
    message = (
        "ONRECORD_PUBLIC_URL: The character 'ü' at 9 is not allowed in a URL. Send it encoded: https://xn--sd-xka.org"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        create_app(Settings(public_url="https://süd.org"))
    with pytest.raises(ValueError, match=r"ONRECORD_CORS_ORIGINS: The character '\|' at 9"):
        create_app(Settings(cors_origins="https://a.example, https://b|.example"))


def test_another_kind_of_database_stops_the_start():
    with pytest.raises(ValueError, match=r"SQLite .* or PostgreSQL"):
        create_app(Settings(database_url="mysql://localhost/x"))


def test_an_app_is_made_anew_each_time(databases):
    settings = Settings(database_url=databases.new("empty"), public_url="https://onrecord.example/")
    one, other = create_app(settings), create_app(settings)
    assert isinstance(one, Flask)
    assert one.test_client().get("/").json["documentation"] == "https://onrecord.example/docs"
    for app in (one, other):
        app.extensions["onrecord"].close()


def test_flask_runs_no_step_that_the_app_leaves_out(seeded_app):
    """The app runs its own hooks only, so a hook of another kind would be ignored."""
    app = seeded_app
    assert set(app.before_request_funcs) == set(app.after_request_funcs) == {None}
    assert not any((app.url_value_preprocessors, app.teardown_request_funcs, app.teardown_appcontext_funcs))
    sent = (signals.request_started, signals.request_finished, signals.request_tearing_down)
    assert not any(signal.receivers for signal in (*sent, signals.appcontext_tearing_down))
    views = [function_of(view, method) for view in app.view_functions.values() for method in ("GET", "POST")]
    assert not any(map(inspect.iscoroutinefunction, views))
    assert app.config["SERVER_NAME"] is None
    assert app.config["TRUSTED_HOSTS"] is None


@pytest.mark.parametrize("host", ["a..b", "a" * 64])
def test_an_invalid_host_is_rejected_each_time(seeded, host):
    for _ in range(2):
        problem(seeded.get("/healthz", headers={"Host": host}), 400, "bad-request")
