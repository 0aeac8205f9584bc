"""Request bodies of invented records: an article with a text, and claims that its text supports."""

import orjson

from tests.support.generated_records import casualty_report

MERGE = {"Content-Type": "application/merge-patch+json"}
ANY = {"If-Match": "*"}
TEXT = "The ministry of Norland said three people died. The mayor said three people died, too. Ré: three 😀."
SENTENCE = "The ministry of Norland said three people died"


def sent(record, **changes):
    """Return an invented record as a request body, without its type and id."""
    return {name: value for name, value in {**record, **changes}.items() if name not in ("type", "id")}


def report(**changes):
    """Return a casualty report of the article as a request body."""
    return sent(casualty_report("a-report", "the-article", evidence=[{"exact": SENTENCE}]), **changes)


def feed(client):
    return client.get("/v1/changes?limit=200").json["data"]


def changed(client, path, patch, tag="*"):
    return client.patch(path, data=orjson.dumps(patch), headers={**MERGE, "If-Match": tag})
