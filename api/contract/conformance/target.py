"""The deployment under test, and the records that checks read and write."""

from __future__ import annotations

import contextlib
import typing
import uuid
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from urllib.parse import urlsplit

from api.contract.conformance.client import CheckFailed, CheckSkipped, Client, Headers, TargetResponse

LIST = "/v1/claims"
FEED = "/v1/changes"
DOCUMENT = "/v1/openapi.json"

Record = dict[str, typing.Any]

# A list of so many claims has several pages of two.
_CLAIMS_COUNT = 5
_SENTENCE = "The ministry of Norland said that {} soldiers were killed"
# Claims must differ, so each one has a different sentence.
_COUNTS = range(11, 41)
_TEXT = "A conformance check created this article. " + ". ".join(map(_SENTENCE.format, _COUNTS)) + "."


class Target(Client):
    """The deployment. With a key, checks use an invented article and its claims. Without one, they read stored claims.

    `created` are the paths of all records that must be deleted, in the order of their creation.
    """

    def __init__(self, base_url: str, *, key: str | None, timeout: float, origin: str):
        super().__init__(base_url, timeout=timeout)
        self.key, self.origin = key, origin
        self.article_id = f"conformance-check-{uuid.uuid4().hex[:12]}"
        self.created: list[str] = []
        self._counts = iter(_COUNTS)
        self.failure: CheckFailed | None = None
        self._article: TargetResponse | None = None

    def write(
        self, method: str, path: str, headers: Headers, *, json: object = None, content: bytes | None = None
    ) -> TargetResponse:
        """Send a request with the key. A check must create the article, or a claim, before it calls this."""
        headers = {**headers, "Authorization": f"Bearer {self.key}"}
        return self.request(method, path, headers, json=json, content=content)

    def patch(self, path: str, etag: str, patch: Record) -> TargetResponse:
        headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
        return self.write("PATCH", path, headers, json=patch)

    def post_article(self, idempotency_key: str, article: Record) -> TargetResponse:
        response = self.write("POST", "/v1/articles", {"Idempotency-Key": idempotency_key}, json=article)
        if response.status == 201 and (path := f"/v1/articles/{response.field('id')}") not in self.created:
            self.created.append(path)
        return response

    def new_article(self) -> Record:
        """Return the body of an article. Its headline says that it is invented."""
        return {"headline": f"Invented by a conformance check ({self.article_id}), and deleted soon", "language": "en"}

    def new_claim(self) -> Record:
        """Return the body of a claim that differs from all others."""
        count = next(self._counts)
        return {
            "article_id": self.article_id,
            "claimant": {"name": "Norland", "kind": "government"},
            "harm": "killed",
            "population": "combatant",
            "count": count,
            "qualifier": "exact",
            "evidence": [{"exact": _SENTENCE.format(count)}],
        }

    def create_article(self) -> TargetResponse:
        """Create the article once, and return the response. If that failed, only writing/put fails."""
        if self.key is None:
            raise CheckSkipped("requires a key")
        if self.failure is not None:
            raise CheckSkipped("the article could not be created, see writing/put")
        if self._article is None:
            try:
                self._article = self._put(f"/v1/articles/{self.article_id}", {**self.new_article(), "text": _TEXT})
            except CheckFailed as error:
                self.failure = error
                raise
        return self._article

    def create_claim(self) -> str:
        """Create a claim of the article, and return its path."""
        self.create_article()
        claim = self.new_claim()
        path = f"/v1/casualty-reports/{self.article_id}-{claim['count']}"
        self._put(path, claim)
        return path

    def delete_created(self) -> list[str]:
        """Delete the created records, the last one first. Return the paths of those that remain."""
        remaining = []
        for path in reversed(self.created):
            status = None
            with contextlib.suppress(CheckFailed, CheckSkipped):
                status = self.write("DELETE", path, {"If-Match": "*"}).status
            if status not in (204, 404, 410):
                remaining.append(path)
        return remaining

    @cached_property
    def claims(self) -> list[str]:
        """The paths of some claims."""
        # If writing is impossible, stored claims can still be read.
        with contextlib.suppress(CheckFailed, CheckSkipped):
            return [self.create_claim() for _ in range(_CLAIMS_COUNT)]
        pages = self.pages(f"{LIST}?limit={_CLAIMS_COUNT}", maximum=_CLAIMS_COUNT)
        records = (record for page in pages for record in page.field("data"))
        return [f"{LIST}/{record['id']}" for record in islice(records, _CLAIMS_COUNT)]

    @property
    def cacheable(self) -> list[str]:
        """URLs of each kind that has an ETag: a list, the feed, the document, and a claim if there is one."""
        return [f"{LIST}?limit=1", f"{FEED}?limit=1", DOCUMENT, *self.claims[:1]]

    @cached_property
    def samples(self) -> list[TargetResponse]:
        """Responses of each kind, for rules that apply to all responses."""
        urls = ["/", *self.cacheable, f"{LIST}/no-such-claim-here", "/no/such/path", f"{LIST}?limit=none"]
        return [*map(self.get, urls), self.request("DELETE", LIST)]

    def pages(self, url: str | None, *, maximum: int) -> Iterator[TargetResponse]:
        """Yield the pages of a list. Raise CheckFailed if there are more than `maximum`."""
        count = 0
        while url is not None:
            page = self.get(url).require_status(200)
            count += 1
            page.require(count <= maximum, f"at most {maximum} pages", "more pages")
            yield page
            link = page.field("page", "next")
            page.require(link is None or isinstance(link, str), "page.next, a URL or null", str(link))
            url = None if link is None else path_of(link)

    def _put(self, path: str, record: Record) -> TargetResponse:
        # It is added before the request: without a response, the record may exist.
        self.created.append(path)
        response = self.write("PUT", path, {"If-None-Match": "*"}, json=record)
        if 400 <= response.status < 500:
            self.created.remove(path)
        return response.require_status(201)


def path_of(url: str) -> str:
    """Return the path and the query of a URL. The check passage/links compares its origin."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
