"""Clients of a mock in this process."""

from __future__ import annotations

from contextlib import contextmanager

import orjson
from werkzeug.test import Client

from api.contract.mock.app import KEY, open_mock
from tests.support.openapi import resolved

BASE_URL = "http://127.0.0.1:8000"


class MockClient(Client):
    """A client of a mock that sends the key with each request."""

    def __init__(self, application):
        super().__init__(application, use_cookies=False)

    def open(self, *args, **kwargs):
        headers = {"Authorization": f"Bearer {KEY}", **(kwargs.pop("headers", None) or {})}
        sent = {name: value for name, value in headers.items() if value is not None}
        return super().open(*args, headers=sent, **kwargs)

    def send_example(self, operation, **headers):
        """Send a request with the examples of the document."""
        sent = {**operation.headers, **headers}
        return self.open(operation.url, method=operation.method, headers=sent, data=operation.body)

    def report(self):
        """Return the report of the mock."""
        return self.get("/_contract/report").json

    def reset(self):
        """Restore the initial state of the mock."""
        assert self.post("/_contract/reset").status_code == 204

    def pages(self, url):
        """Yield the pages of a list."""
        while url:
            response = self.get(url.removeprefix(BASE_URL))
            assert response.status_code == 200, response.text
            yield response
            url = response.json["page"]["next"]


@contextmanager
def open_client(*chaos_names):
    """Yield a client of a new mock with the chaos of these names."""
    with open_mock(BASE_URL, chaos_names) as application:
        yield MockClient(application)


def media_types(operation):
    """Return the media types of the successful responses of an operation."""
    return sorted({name for response in operation.successes.values() for name in resolved(response).get("content", {})})


def parse_lines(response):
    """Return the records of an NDJSON response."""
    return [orjson.loads(line) for line in response.data.splitlines()]
