"""The mock in this process, and asked the way a client asks."""

from __future__ import annotations

from contextlib import contextmanager

import orjson
from werkzeug.test import Client

from api.contract.mock.app import KEY, watched
from tests.documented import resolved

ROOT = "http://127.0.0.1:8000"
KEYED = {"Authorization": f"Bearer {KEY}"}


class Mock(Client):
    """A client of a mock that sends the key with every request."""

    def __init__(self, application):
        super().__init__(application, use_cookies=False)

    def open(self, *args, **kwargs):
        headers = {**KEYED, **(kwargs.pop("headers", None) or {})}
        sent = {name: value for name, value in headers.items() if value is not None}
        return super().open(*args, headers=sent, **kwargs)

    def example(self, operation, **headers):
        """Ask for an operation as a form pre-filled with the document's examples does."""
        sent = {**operation.headers, **headers}
        return self.open(operation.url, method=operation.method, headers=sent, data=operation.body)

    def report(self):
        """What was watched."""
        return self.get("/_contract/report").json

    def reset(self):
        """Begin anew."""
        assert self.post("/_contract/reset").status_code == 204

    def walk(self, url):
        """The pages of a list, to its end."""
        while url:
            answer = self.get(url.removeprefix(ROOT))
            assert answer.status_code == 200, answer.text
            yield answer
            url = answer.json["page"]["next"]


@contextmanager
def mocked(*names):
    """Yield a client of a new mock with the chaos of these names."""
    with watched(ROOT, names) as application:
        yield Mock(application)


def broken(mock):
    """The calls that broke the contract, each with who did and where."""
    return [
        (call["request"], call["status"], [(reason["by"], reason["where"]) for reason in call["reasons"]])
        for call in mock.report()["broken"]
    ]


def media_types(operation):
    """What an operation answers with, where it succeeds."""
    return sorted({type_ for answer in operation.successes.values() for type_ in resolved(answer).get("content", {})})


def lines(answer):
    """The records of lines of JSON."""
    return [orjson.loads(line) for line in answer.data.splitlines()]
