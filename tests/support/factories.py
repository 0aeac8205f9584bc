"""Made-up records as they are sent: an article with a text, and what a claim of it may say."""

import orjson

from tests.support.generated_records import casualty_report

MERGE = {"Content-Type": "application/merge-patch+json"}
ANY = {"If-Match": "*"}
TEXT = "The ministry of Norland said three people died. The mayor said three people died, too. Ré: three 😀."
SENTENCE = "The ministry of Norland said three people died"


def sent(record, **changes):
    """A made-up record as it is sent: without its type and id."""
    return {name: value for name, value in {**record, **changes}.items() if name not in ("type", "id")}


def report(**changes):
    """A casualty report of the article, as it is sent."""
    return sent(casualty_report("a-report", "the-article", evidence=[{"exact": SENTENCE}]), **changes)


def feed(client):
    return client.get("/v1/changes?limit=200").json["data"]


def changed(client, path, patch, tag="*"):
    return client.patch(path, data=orjson.dumps(patch), headers={**MERGE, "If-Match": tag})
