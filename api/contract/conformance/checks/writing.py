"""Writing: new, changed and deleted records."""

from __future__ import annotations

from api.contract.conformance.check import check, promise, rfc
from api.contract.conformance.target import Target


@check(
    "writing/put",
    "PUT with a new id returns 201, and then the record can be read",
    rfc(9110, "9.3.4"),
    advice="The key needs the scope claims:write, and proxies must pass the header Authorization.",
)
def put(target: Target) -> None:
    if target.failure is not None:
        raise target.failure
    path = target.create_claim()
    response = target.get(path).require_status(200)
    response.require(response.field("version") == 1, "version 1", f"version {response.field('version')}")


@check(
    "writing/at-once",
    "A change is visible at once, also through caches",
    rfc(9111, "5.2.2.4"),
    advice="Caches must revalidate each response, as Cache-Control: no-cache says.",
)
def at_once(target: Target) -> None:
    path = target.create_claim()
    for place in ("a place", "another place", "a third place"):
        before = target.get(path).require_status(200)
        changed = target.patch(path, "*", {"place": place}).require_status(200)
        after = target.get(path).require_status(200)
        expected = f"version {changed.field('version')}"
        after.require(after.json == changed.json, expected, f"version {after.field('version')}")
        same = after.etag.removeprefix("W/") == before.etag.removeprefix("W/")
        after.require(not same, "another ETag than before", after.etag)


@check("writing/deleted", "DELETE returns 204, and then the record returns 410", rfc(9110, "15.5.11"))
def deleted(target: Target) -> None:
    path = target.create_claim()
    target.write("DELETE", path, {"If-Match": target.get(path).etag}).require_status(204)
    for url in (path, f"/v1/claims/{path.rpartition('/')[2]}"):
        target.get(url).require_problem(410, "gone")


@check(
    "writing/once",
    "A retried POST with the same Idempotency-Key runs once, and another request with that key is rejected",
    promise("once"),
)
def once(target: Target) -> None:
    target.create_article()
    key, article = f"{target.article_id}-once", target.new_article()
    first = target.post_article(key, article).require_status(201)
    retry = target.post_article(key, article).require_status(201)
    retry.require(retry.field("id") == first.field("id"), f"the id {first.field('id')}", f"the id {retry.field('id')}")
    target.post_article(key, {**article, "byline": "another"}).require_problem(422, "idempotency-key-reused")
