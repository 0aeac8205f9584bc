"""URLs in RFC 3986 characters: the error names the wrong one, and has the encoded URL."""

from __future__ import annotations

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from api.kinds.text_fragments import fragment_url
from schemas import uri
from schemas.fields import Url

IS_URI = validator_for({"type": "string", "format": "uri"}, validate_formats=True).is_valid
LOAD = Url().deserialize
INVALID = {
    "bar": ("https://a.org/a|b", "'|' at 15 is not allowed", "https://a.org/a%7Cb"),
    "braces": ("https://a.org/{id}", "'{' at 14 is not allowed", "https://a.org/%7Bid%7D"),
    "angle brackets": ("https://a.org/?<q>", "'<' at 15 is not allowed", "https://a.org/?%3Cq%3E"),
    "quotation mark": ('https://a.org/#"', "'\"' at 15 is not allowed", "https://a.org/#%22"),
    "brackets": ("https://[::1]/?a[]=1", "'[' at 16 is not allowed", "https://[::1]/?a%5B%5D=1"),
    "space": ("https://a.org/a b", "' ' at 15 is not allowed", "https://a.org/a%20b"),
    "line break": ("https://a.org/\n", r"'\n' at 14 is not allowed", "https://a.org/%0A"),
    "percent sign": ("https://a.org/100%", "'%' at 17 is not followed by two", "https://a.org/100%25"),
    "half an octet": ("https://a.org/%4x%41", "'%' at 14 is not followed by two", "https://a.org/%254x%41"),
    "second hash": ("https://a.org/#a#b", "'#' at 16 is not allowed after another #", "https://a.org/#a%23b"),
    "letters": ("https://a.org/ö", "'ö' at 14 is not allowed", "https://a.org/%C3%B6"),
    "host": ("https://söder.org/ö", "'ö' at 9 is not allowed", "https://xn--sder-5qa.org/%C3%B6"),
}
# Characters with a meaning in URLs, and some that are invalid.
TEXTS = st.text(st.sampled_from("aZ09-._~!$&'()*+,;=:@/?#[]%|{}<>\"\\^` \té\U0001f54a"), max_size=12)
URLS = st.builds("".join, st.tuples(st.sampled_from(["https://a.org", "http://u@a.org:80/", "https://[::1]"]), TEXTS))


@pytest.mark.parametrize(("url", "problem", "encoded"), INVALID.values(), ids=INVALID)
def test_a_url_with_an_invalid_character_is_rejected_with_its_encoded_form(url, problem, encoded):
    with pytest.raises(ma.ValidationError) as error:
        LOAD(url)
    (message,) = error.value.messages
    assert f"The character {problem}" in message
    assert message.endswith(f"Send it encoded: {encoded}")
    assert LOAD(encoded) == encoded


@pytest.mark.parametrize(
    ("url", "position"),
    [("https://a|b.org/ö", 9), ("https://a b.org", 9), ("https://{host}/a", 8), ("https://u@a%zz.org/", 11)],
)
def test_an_invalid_host_is_rejected_without_a_url_that_would_be_rejected_too(url, position):
    with pytest.raises(ma.ValidationError) as error:
        LOAD(url)
    (message,) = error.value.messages
    assert message.startswith(f"The character {url[position]!r} at {position} is not ")
    assert message.endswith(". Correct the host.")


@pytest.mark.parametrize("url", ["https://intranet/a", "https://a_b.org/", "https:///a"])
def test_the_error_for_an_unusable_host_names_the_host(url):
    with pytest.raises(ma.ValidationError, match=r"with a domain name or an IP address"):
        LOAD(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.org/a%7Cb?c=d/e?f&g;h#i/j?k",
        "HTTP://A.org",
        "https://user:pass@a.org:8080/~a!$&'()*+,;=:@",
        "http://[2001:db8::1]/",
        "https://xn--sder-5qa.org/%C3%B6",
    ],
)
def test_a_valid_url_is_stored_unchanged(url):
    assert (LOAD(url), uri.encode(url)) == (url, url)


@given(URLS)
def test_an_accepted_url_is_a_uri(url):
    try:
        LOAD(url)
    except ma.ValidationError:
        return
    assert IS_URI(url)
    assert uri.encode(url) == url


@given(TEXTS)
def test_an_encoded_url_is_a_uri_and_stays_one(text):
    encoded = uri.encode(f"https://a.org/{text}")
    assert IS_URI(encoded)
    assert uri.encode(encoded) == encoded


@given(TEXTS)
def test_a_link_to_a_text_in_an_encoded_url_is_the_encoded_link(text):
    # Both are served: the URL of an article, and the links to its evidence.
    url = f"https://a.org/{text}"
    assert uri.encode(fragment_url(url, "three died")) == fragment_url(uri.encode(url), "three died")
