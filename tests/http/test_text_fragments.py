"""Links to a passage of an article's page, for each span. They are correct as long as the page exists."""

from __future__ import annotations

from urllib.parse import unquote

import orjson
import pytest

from api.kinds.text_fragments import fragment_url
from api.store.imports import import_lines
from schemas.evidence import Span
from tests.http.test_http_semantics import problem
from tests.support.db_invariants import assert_sound
from tests.support.factories import TEXT, changed, feed, report, sent
from tests.support.generated_records import article, casualty_report

PAGE = "https://news.example/a"
LONG = "One two three four five " + "six " * 80 + "seven eight nine ten eleven"


@pytest.mark.parametrize(
    ("words", "directive"),
    [
        ("three people died", "three%20people%20died"),
        ("1,166 dead - & more", "1%2C166%20dead%20%2D%20%26%20more"),
        ("“Ré: three 😀”", "%E2%80%9CR%C3%A9%3A%20three%20%F0%9F%98%80%E2%80%9D"),
        ("broken \n  nowhere\tbut in the source ", "broken,nowhere%20but%20in%20the%20source"),
        ("two  spaces are\u00a0one", "two%20spaces%20are%20one"),
        (LONG, "One%20two%20three%20four%20five,seven%20eight%20nine%20ten%20eleven"),
        ("the first paragraph\n\nends here", "the%20first%20paragraph,ends%20here"),
        ("没有空格" * 100, "%E6%B2%A1%E6%9C%89%E7%A9%BA%E6%A0%BC" * 100),
        ("a#b?c=d/e:~:f", "a%23b%3Fc%3Dd%2Fe%3A~%3Af"),
    ],
)
def test_words_are_encoded_so_that_a_browser_finds_them(words, directive):
    assert fragment_url(PAGE, words) == f"{PAGE}#:~:text={directive}"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (f"{PAGE}?id=1", f"{PAGE}?id=1#:~:text=died"),
        (f"{PAGE}#top", f"{PAGE}#top:~:text=died"),
        (f"{PAGE}#:~:text=other", f"{PAGE}#:~:text=died"),
        (f"{PAGE}#", f"{PAGE}#:~:text=died"),
    ],
)
def test_the_page_keeps_its_own_fragment_but_no_other_directive(url, link):
    assert fragment_url(url, "died") == link


def test_the_longest_link_keeps_to_the_shape():
    longest = fragment_url("https://news.example/" + "a" * 1979, "😀" * 2000)
    assert len(longest) <= Span._declared_fields["source"].metadata["maxLength"]
    assert unquote(longest).endswith("😀" * 2000)


def test_a_span_leads_to_its_words_and_follows_the_page(editor):
    assert editor.put("/v1/articles/the-article", json=sent(article("x"), text=TEXT, url=PAGE)).status_code == 201
    made = editor.put("/v1/casualty-reports/a-report", json=report()).json
    words = "The%20ministry%20of%20Norland%20said%20three%20people%20died"
    assert [span["source"] for span in made["evidence"]] == [f"{PAGE}#:~:text={words}"]

    assert changed(editor, "/v1/articles/the-article", {"url": "https://news.example/b"}).status_code == 200
    moved = editor.get("/v1/casualty-reports/a-report").json
    assert moved["evidence"][0]["source"] == f"https://news.example/b#:~:text={words}"
    assert moved["version"] == made["version"] + 1
    assert feed(editor)[-1]["document"] == moved

    assert changed(editor, "/v1/articles/the-article", {"url": None}).status_code == 200
    assert editor.get("/v1/casualty-reports/a-report").json["evidence"][0]["source"] is None
    assert_sound(editor.application.extensions["onrecord"])


def test_a_page_that_is_imported_moves_the_claims_with_it(store, client):
    claim = casualty_report("one", "the-article")
    for url in (None, PAGE):
        import_lines(store, [("x", [orjson.dumps(item) for item in (article("the-article", url=url), claim)])])
    assert client.get("/v1/claims/one").json["evidence"][0]["source"] == f"{PAGE}#:~:text=three"
    # Metadata of a page is not content of a claim.
    twin = orjson.dumps({**claim, "id": "two"})
    (rejection,) = import_lines(store, [("x", [twin])]).rejected_lines
    assert "has the same content" in rejection.part["detail"]
    assert_sound(store)


def test_links_are_read_only(client_with_article):
    assert client_with_article.put("/v1/casualty-reports/a-report", json=report()).status_code == 201
    assert changed(client_with_article, "/v1/articles/the-article", {"url": PAGE}).status_code == 200
    patched = changed(client_with_article, "/v1/casualty-reports/a-report", {"place": "Elsewhere"})
    assert patched.status_code == 200
    assert patched.json["evidence"][0]["source"].startswith(PAGE)
    with_links = {"evidence": patched.json["evidence"]}
    assert changed(client_with_article, "/v1/casualty-reports/a-report", with_links).json == patched.json
    with_links["evidence"][0]["source"] = "https://news.example/another"
    rejected = problem(changed(client_with_article, "/v1/casualty-reports/a-report", with_links), 422, "invalid-record")
    (part,) = rejected["errors"]
    assert part["pointer"] == "/evidence/0/source"
    assert "Read-only" in part["detail"]
