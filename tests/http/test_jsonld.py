"""Items as linked data, processed by a JSON-LD processor without network access."""

from __future__ import annotations

import re

import orjson
import pytest
from pyld import jsonld

from api.formats.jsonld import CONTEXT
from api.store.imports import import_lines
from tests.http.test_every_kind import every_collection, records
from tests.http.test_http_semantics import problem
from tests.support.generated_records import article, casualty_report

LD = "application/ld+json"
QUOTE = "/v1/quotes/aliyev-no-basis"
ARTICLE = "http://127.0.0.1:8000/v1/articles/karabakh-2020-11-01"
SCHEMA, OA, OURS = "https://schema.org/", "http://www.w3.org/ns/oa#", "urn:onrecord:v1:"


def refuse(url, options):
    raise AssertionError(f"{url} was asked for")


def linked(client, path):
    response = client.get(path, headers={"Accept": LD})
    assert (response.status_code, response.mimetype) == (200, LD), response.text
    return response.json


def expanded(node):
    (whole,) = jsonld.expand(node, {"documentLoader": refuse})
    return whole


def bare(value):
    """Return a value with each list of one item replaced by the item."""
    if isinstance(value, list):
        return bare(value[0]) if len(value) == 1 else [bare(item) for item in value]
    return {name: bare(item) for name, item in value.items()} if isinstance(value, dict) else value


def names(value):
    """Return the properties and IRIs of an expanded document."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for name, inner in item.items():
                if name in ("@id", "@type"):
                    yield from inner if isinstance(inner, list) else [inner]
                elif name != "@value":
                    yield from () if name == "@list" else [name]
                    yield from names(inner)


def assert_whole(node, record):
    """Check that expansion gives each name an IRI, that compaction restores the item, and that no value is lost."""
    whole = expanded(node)
    assert all(re.match(r"(https?://|urn:)\S+$", name) for name in names(whole)), list(names(whole))
    again = jsonld.compact(whole, {"@context": CONTEXT}, {"documentLoader": refuse})
    assert bare(again) == bare(node)
    reported = orjson.dumps(node).decode()
    for name, value in record.items():
        # Ids are in it as addresses.
        if isinstance(value, str | int) and name not in ("id", "article_id", "restates"):
            assert orjson.dumps(value).decode() in reported, name


@every_collection
def test_a_processor_drops_nothing_and_needs_no_network(seeded, collection):
    for record in records(seeded, collection.path):
        assert_whole(linked(seeded, f"/v1/{collection.path}/{record['id']}"), record)


def test_a_processor_drops_nothing_of_an_article_with_all_fields(client, store):
    said = {
        "standfirst": "In short.",
        "publisher": "The Post",
        "byline": "By A. Writer",
        "url": "https://news.example/1",
    }
    said |= {"dateline": "NORHAVEN, May 1", "published_on": "2031-05-01", "conflict": "hill-war", "language": "de"}
    import_lines(store, [("x", [orjson.dumps(article("whole", **said, inferred=["conflict"]))])])
    node = linked(client, "/v1/articles/whole")
    assert_whole(node, client.get("/v1/articles/whole").json)
    whole = expanded(node)
    assert whole[f"{SCHEMA}datePublished"] == [{"@type": f"{SCHEMA}Date", "@value": "2031-05-01"}]
    assert whole[f"{SCHEMA}url"] == [{"@id": "https://news.example/1"}]
    assert whole[f"{SCHEMA}publisher"][0]["@type"] == [f"{SCHEMA}NewsMediaOrganization"]


def test_a_quote_is_a_quotation_with_its_speaker_and_its_article(seeded):
    whole, record = expanded(linked(seeded, QUOTE)), seeded.get(QUOTE).json
    assert whole["@id"] == "http://127.0.0.1:8000/v1/claims/aliyev-no-basis"
    assert whole["@type"] == [f"{SCHEMA}Claim", f"{SCHEMA}Quotation"]
    (speaker,) = whole[f"{SCHEMA}spokenByCharacter"]
    assert speaker["@type"] == [f"{SCHEMA}Person"]
    assert speaker[f"{SCHEMA}name"] == [{"@value": record["claimant"]["name"]}]
    assert whole[f"{SCHEMA}author"] == [speaker]
    assert whole[f"{SCHEMA}text"] == [{"@value": record["text"]}]
    (source,) = whole[f"{SCHEMA}appearance"]
    assert (source["@id"], source["@type"]) == (ARTICLE, [f"{SCHEMA}NewsArticle"])
    assert f"{SCHEMA}headline" in source
    # EDTF's 2020-11-01? is not a date of schema.org, so it is unchanged.
    assert f"{SCHEMA}datePublished" not in source
    assert source[f"{OURS}published_on"] == [{"@value": "2020-11-01?"}]


def test_the_evidence_is_selectors_of_web_annotation(seeded):
    whole, record = expanded(linked(seeded, QUOTE)), seeded.get(QUOTE).json
    ((spans,),) = [[item["@list"] for item in whole[f"{OURS}evidence"]]]
    for span, record_span in zip(spans, record["evidence"], strict=True):
        assert (span["@type"], span[f"{OA}hasSource"]) == ([f"{OA}SpecificResource"], [{"@id": ARTICLE}])
        quoted, placed = span[f"{OA}hasSelector"]
        assert quoted == {"@type": [f"{OA}TextQuoteSelector"], f"{OA}exact": [{"@value": record_span["exact"]}]}
        number = {"@type": "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"}
        assert placed == {
            "@type": [f"{OA}TextPositionSelector"],
            f"{OA}start": [{**number, "@value": record_span["start"]}],
            f"{OA}end": [{**number, "@value": record_span["end"]}],
        }


def test_another_claim_is_a_claim_with_all_its_fields(seeded):
    whole = expanded(linked(seeded, "/v1/casualty-reports/armenia-soldiers-killed"))
    assert whole["@type"] == [f"{SCHEMA}Claim"]
    assert f"{SCHEMA}spokenByCharacter" not in whole
    assert whole[f"{SCHEMA}author"][0]["@type"] == [f"{SCHEMA}GovernmentOrganization"]
    assert (whole[f"{OURS}harm"], whole[f"{OURS}count"]) == ([{"@value": "killed"}], [{"@value": 1166}])
    assert whole[f"{SCHEMA}temporalCoverage"] == [{"@value": "2020-11-01/2020-11-01"}]
    (side,) = whole[f"{OURS}affected"]
    assert side[f"{OURS}country"] == [{"@value": "ARM"}]


def test_an_article_that_speaks_for_itself_is_the_author(seeded):
    whole = expanded(linked(seeded, "/v1/casualty-reports/toll-surpassed-1000"))
    assert whole[f"{SCHEMA}author"] == [{"@id": ARTICLE}]


def test_a_claim_links_its_restated_claim_its_subject_and_its_evidence(client, store):
    source = article("the-article", url="https://news.example/1", published_on="2031-05-01")
    first = casualty_report("first", "the-article", same_as=["https://www.wikidata.org/wiki/Q1"], claimed_on="2031-05")
    again = casualty_report("again", "the-article", restates="first", as_of="2031-04/..")
    import_lines(store, [("x", [orjson.dumps(item) for item in (source, first, again)])])
    one, other = (expanded(linked(client, f"/v1/claims/{id_}")) for id_ in ("first", "again"))
    assert one[f"{SCHEMA}about"] == [{"@id": "https://www.wikidata.org/wiki/Q1"}]
    assert one[f"{SCHEMA}dateCreated"] == [{"@type": f"{SCHEMA}Date", "@value": "2031-05"}]
    assert one[f"{SCHEMA}contentLocation"][0][f"{SCHEMA}name"] == [{"@value": "the place of first"}]
    assert other[f"{SCHEMA}isBasedOn"] == [{"@id": one["@id"]}]
    assert other[f"{SCHEMA}temporalCoverage"] == [{"@value": "2031-04-01/.."}]
    (span,) = one[f"{OURS}evidence"][0]["@list"]
    assert span[f"{SCHEMA}url"] == [{"@id": "https://news.example/1#:~:text=three"}]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (LD, LD),
        (f"{LD}, application/json;q=0.5", LD),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_accept_selects_the_media_type(seeded, accept, media_type):
    for path in (QUOTE, "/v1/articles/karabakh-2020-11-01", "/v1/claims/aliyev-no-basis"):
        response = seeded.get(path, headers={"Accept": accept})
        assert (response.mimetype, response.headers["Vary"]) == (media_type, "Accept")
    reported = problem(seeded.get(QUOTE, headers={"Accept": "text/csv"}), 406, "not-acceptable")
    assert LD in reported["detail"]


def test_an_unchanged_response_returns_304(seeded):
    plain, reported = (seeded.get(QUOTE, headers={"Accept": item}).headers["ETag"] for item in ("*/*", LD))
    assert plain != reported
    again = seeded.get(QUOTE, headers={"Accept": LD, "If-None-Match": reported})
    assert (again.status_code, again.data) == (304, b"")
    assert seeded.get(QUOTE, headers={"Accept": LD, "If-None-Match": plain}).status_code == 200
    problem(seeded.get("/v1/quotes/there-is-none", headers={"Accept": LD}), 404, "not-found")
    head = seeded.head(QUOTE, headers={"Accept": LD})
    assert (head.mimetype, head.data) == (LD, b"")


def test_the_tag_of_linked_data_is_enough_to_change_a_record(writer):
    tag = writer.get(QUOTE, headers={"Accept": LD}).headers["ETag"]
    patch = {"data": b'{"occasion": "a speech"}', "content_type": "application/merge-patch+json"}
    assert writer.patch(QUOTE, headers={"If-Match": tag}, **patch).status_code == 200
    assert writer.patch(QUOTE, headers={"If-Match": tag}, **patch).status_code == 412
