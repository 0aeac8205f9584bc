"""The SVG charts, parsed as XML, and the pages of articles."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise

import orjson
import pytest

from api.charts import compare as compare_picture
from api.charts import series as series_picture
from api.charts import timeline as timeline_picture
from api.charts.drawing import COLOURS, shade
from api.comparison.series import series
from api.comparison.timeline import timeline
from api.pages.article_page import text_segments
from api.store.imports import import_lines
from schemas.casualty_report import Subgroup
from tests.conftest import app_on, borrowed, key_of
from tests.http.test_comparison_work import truce
from tests.http.test_comparisons import COMPARE, DEMO, OTHER, PARTY, SERIES, TIMELINE, claim, compare
from tests.support.generated_records import article, casualty_report

pytestmark = pytest.mark.slow

SVG = {"Accept": "image/svg+xml"}
NAMESPACE = "{http://www.w3.org/2000/svg}"


def words(svg):
    """Return the text of a chart."""
    return ["".join(item.itertext()) for item in ET.fromstring(svg).iter(f"{NAMESPACE}text")]


def colours(svg):
    return {colour for colour in COLOURS if colour.lower() in svg.decode().lower()}


@pytest.fixture(scope="module")
def demo_app(databases):
    with borrowed(databases, "empty") as app:
        sources = [
            (file.name, file.read_bytes().splitlines()) for file in DEMO.iterdir() if file.name.endswith("ndjson")
        ]
        assert not import_lines(app.extensions["onrecord"], sources).rejected_lines
        yield app


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            f"{COMPARE}?conflict=quillon-valley",
            [
                "Killed: combatants (Morvane)",
                "since 2031-03-03 – conflicting",
                "Kestria's army: 310",
                "the Valley Monitor: at least 80",
                "Morvane: withheld",
            ],
        ),
        (
            f"{SERIES}?conflict=quillon-valley&harm=killed&population=combatant&affected=Morvane",
            ["withheld", "Morvane"],
        ),
        (
            f"{TIMELINE}?conflict=quillon-valley",
            [
                "2031-03-21: violated, says Morvane of Kestria [3]",
                "2031-03-24: collapsed, says the article [4]",
                "2031-04-12: agreed, says the article (3 ceasefires) [6]",
                "Lantern Truce",
            ],
        ),
    ],
    ids=["compare", "series", "timeline"],
)
def test_a_comparison_is_a_chart_if_the_request_accepts_svg(demo_app, path, message):
    client = demo_app.test_client()
    response = client.get(path, headers=SVG)
    assert (response.status_code, response.mimetype) == (200, "image/svg+xml")
    assert set(message) <= set(words(response.data))
    root = ET.fromstring(response.data)
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title desc")
    assert "quillon-valley" in root.find(f"{NAMESPACE}title").text
    assert message[-1] in root.find(f"{NAMESPACE}desc").text
    assert "script" not in response.headers["Content-Security-Policy"]
    # Of the same data the same picture, with a tag of its own.
    assert client.get(path, headers=SVG).data == response.data
    assert client.get(path).mimetype == "application/json"
    tag = response.headers["ETag"]
    assert tag != client.get(path).headers["ETag"]
    assert client.get(path, headers={**SVG, "If-None-Match": tag}).status_code == 304
    assert (
        client.get(path, headers={"Accept": "image/avif,image/webp,image/svg+xml,*/*;q=0.8"}).mimetype
        == response.mimetype
    )


@pytest.mark.parametrize("path", [COMPARE, f"{SERIES}?harm=killed&population=combatant&affected=Morvane", TIMELINE])
def test_the_parameter_format_overrides_accept(demo_app, path):
    client = demo_app.test_client()
    path += f"{'&' if '?' in path else '?'}conflict=quillon-valley"
    picture, json = client.get(path, headers=SVG), client.get(path)
    for accept in (None, "application/json", "text/csv", "text/html,*/*;q=0.8"):
        response = client.get(f"{path}&format=svg", headers={"Accept": accept} if accept else {})
        assert (response.data, response.mimetype) == (picture.data, "image/svg+xml")
        assert response.headers["ETag"] == picture.headers["ETag"]
        assert "Accept" in response.vary
    response = client.get(f"{path}&format=json", headers=SVG)
    assert (response.mimetype, response.headers["ETag"]) == ("application/json", json.headers["ETag"])
    if "compare" in path:
        series = [cell["series"] for cell in response.json["cells"]]
        assert series == [cell["series"] for cell in json.json["cells"]]


@pytest.mark.parametrize("path", [COMPARE, SERIES, TIMELINE])
def test_another_format_is_an_error_that_lists_the_formats(seeded, path):
    response = seeded.get(f"{path}?conflict=nagorno-karabakh&format=pdf", headers=SVG)
    assert (response.status_code, response.json["errors"]) == (
        422,
        [{"parameter": "format", "detail": "Must be one of json, svg."}],
    )
    hint = seeded.get(f"{path}?conflict=nagorno-karabakh&output=svg")
    assert hint.json["errors"] == [{"parameter": "output", "detail": "Unknown parameter. Use format."}]


def test_the_chart_without_claims_has_a_message(seeded):
    for path in (COMPARE, SERIES, TIMELINE):
        assert "No claim matches." in words(seeded.get(f"{path}?conflict=there-is-none", headers=SVG).data)


def test_names_are_words_and_nothing_else():
    name = "<script>1</script> & $x_1$ ]]>"
    svg = compare_picture.draw(compare([claim("one", claimant=PARTY | {"name": name})]), name)
    assert name in words(svg)
    assert f"{name}: 3" in words(svg)
    assert b"<script" not in svg
    assert name in words(series_picture.draw(series([claim("one", claimant=PARTY | {"name": name})])[0], name))


def test_a_heading_of_many_subgroups_is_cut_and_the_description_has_them_all():
    one = claim("one", subgroups=list(Subgroup))
    compared = compare([one, claim("two", claimant=OTHER, subgroups=list(Subgroup), count=4, low=4, high=4)])
    (heading,) = [line for line in words(compare_picture.draw(compared, "")) if line.startswith("Killed")]
    assert len(heading) < 100
    assert heading.endswith("…")
    assert "officers among civilians" in compare_picture.draw(compared, "").decode()


def test_a_claimant_has_one_colour_and_no_two_look_alike():
    parties = [PARTY | {"name": f"Party {number}"} for number in range(9)]
    claims = [claim(f"claim-{number}", claimant=party) for number, party in enumerate(parties)]
    assert len({shade(number) for number in range(21)}) == 21
    assert colours(compare_picture.draw(compare(claims[:3]), "")) == set(COLOURS[:3])
    again = [*claims[:2], claim("again", claimant=parties[0] | {"name": "PARTY 0"}, harm="injured")]
    assert colours(compare_picture.draw(compare(again), "")) == set(COLOURS[:2])


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ({}, "Norland: 3"),
        ({"qualifier": "about", "low": None, "high": None}, "Norland: about 3"),
        ({"qualifier": "fewer_than", "low": None, "high": 2}, "Norland: fewer than 3"),
        ({"qualifier": "range", "count": None, "low": 1200, "high": 1500}, "Norland: 1,200 to 1,500"),
        ({"qualifier": "vague", "count": None, "low": None, "high": None, "wording": "a lot"}, "Norland: a lot"),
        ({"qualifier": "undisclosed", "count": None, "low": None, "high": None}, "Norland: withheld"),
        ({"count": 0, "low": 0, "high": 0}, "Norland: 0"),
        ({"count": 2**53, "low": 2**53, "high": 2**53}, f"Norland: {2**53:,}"),
    ],
)
def test_every_wording_is_drawn_and_described(figure, message):
    claims = [claim("one", **figure), claim("two", claimant=PARTY | {"name": "Other"}, days=(None, None))]
    svg = compare_picture.draw(compare(claims), "")
    assert message in words(svg)
    assert message in svg.decode()
    assert message.removeprefix("Norland: ") in series_picture.draw(series(claims)[0], "").decode()


def test_a_claim_that_was_perhaps_not_yet_there_is_marked():
    svg = compare_picture.draw(compare([claim("one", days=("2031-05-01", "2031-05-31"))], "2031-05-10"), "")
    assert "Norland: 3 (possibly later)" in words(svg)


def test_cells_beyond_the_limit_are_not_drawn_but_counted():
    svg = compare_picture.draw(compare([claim(f"c{number}", place=f"p{number}") for number in range(45)]), "")
    assert "5 more claimants' figures are not drawn." in svg.decode()


def day(number):
    return (date(2031, 1, 1) + timedelta(days=number)).isoformat()


def line_of(figures):
    """Return a series of one line with a figure for each day. None is an undisclosed figure."""
    withheld = {"qualifier": "undisclosed", "count": None, "low": None, "high": None}
    claims = []
    for number, figure in enumerate(figures):
        reported = withheld if figure is None else {"count": figure, "low": figure, "high": figure}
        claims.append(claim(f"claim-{number:04}", days=(day(number), day(number)), **reported))
    return series(claims)[0]


def drawn_days(svg):
    """Return the days that the description of a series names."""
    return re.findall(r"\((\d{4}-\d\d-\d\d)\)", ET.fromstring(svg).find(f"{NAMESPACE}desc").text)


def test_a_line_of_many_points_keeps_its_ends_and_its_turns():
    figures = [*range(200), None, None, *range(200, 300), 50, *range(300, 397)]
    svg = series_picture.draw(line_of(figures), "")
    days = drawn_days(svg)
    assert len(days) == series_picture.POINTS_MAX == 100
    assert days == sorted(days)
    # Both ends; before, while and after the figure is undisclosed; before and after the one lower figure.
    assert {day(number) for number in (0, 199, 200, 201, 202, 301, 302, 303, len(figures) - 1)} <= set(days)
    assert "300 of 400 points are not shown." in words(svg)
    assert "300 of 400 points are not shown." in svg.decode().split("</desc>")[0]
    gaps = [int(b.toordinal() - a.toordinal()) for a, b in pairwise(map(date.fromisoformat, days))]
    assert max(gaps) <= 2 * len(figures) / len(days)


def test_a_line_never_goes_back_in_time():
    days = [("2031-01-01", "2031-12-31"), ("2031-05-05",) * 2, ("2031-06-01", "2031-06-30"), ("2031-06-02",) * 2]
    claims = [
        claim(f"claim-{number}", since="2030-01-01", count=number, low=number, high=number, days=dates)
        for number, dates in enumerate(days, 1)
    ]
    svg = series_picture.draw(series(claims)[0], "")
    paths = (re.findall(r"[ML] (\S+)", path.get("d")) for path in ET.fromstring(svg).iter(f"{NAMESPACE}path"))
    (line,) = [[float(x) for x in xs] for xs in paths if len(xs) == len(days) and len(set(xs)) == len(days)]
    assert line == sorted(line)


def test_a_figure_that_is_only_repeated_gives_way_to_one_that_is_raised():
    figures = [number // 10 for number in range(400)]
    raised = {day(number) for number in range(0, 400, 10)}
    assert raised <= set(drawn_days(series_picture.draw(line_of(figures), "")))


def test_a_line_of_turns_alone_is_thinned_evenly():
    svg = series_picture.draw(line_of([number % 2 for number in range(1000)]), "")
    days = drawn_days(svg)
    assert (len(days), days[0], days[-1]) == (100, day(0), day(999))
    assert "900 of 1,000 points are not shown." in words(svg)


def test_points_that_have_no_place_are_counted_and_described():
    vague = {"qualifier": "vague", "count": None, "low": None, "high": None, "wording": "a lot"}
    svg = series_picture.draw(series([claim("one"), claim("two", days=(None, None)), claim("three", **vague)])[0], "")
    assert "2 points without a date or number are in the description only." in words(svg)
    assert "a lot (2031-05-01)" in svg.decode()
    assert "3 (undated)" in svg.decode()


def ticks(svg):
    """Return the days on the axis of a chart with their x coordinates. The chart is 450 points wide."""
    texts = [item for item in ET.fromstring(svg).iter(f"{NAMESPACE}text") if "middle" in item.get("style")]
    return {text.text: float(text.get("x")) for text in texts if re.fullmatch(r"\d{4}-\d\d-\d\d", text.text)}


@pytest.mark.parametrize(
    ("first", "last", "round_"),
    [
        ("2031-03-03", "2031-03-06", ["2031-03-03", "2031-03-04", "2031-03-05", "2031-03-06"]),
        ("2031-03-05", "2031-04-01", ["2031-03-10", "2031-03-17", "2031-03-24", "2031-03-31"]),
        ("2031-01-20", "2031-03-17", ["2031-02-01", "2031-02-15", "2031-03-01", "2031-03-15"]),
        ("2030-11-20", "2031-03-17", ["2030-12-01", "2031-01-01", "2031-02-01", "2031-03-01"]),
        ("2020-09-27", "2023-01-19", ["2021-01-01", "2021-07-01", "2022-01-01", "2022-07-01", "2023-01-01"]),
        ("2020-09-27", "2023-09-19", ["2021-01-01", "2022-01-01", "2023-01-01"]),
        ("0001-01-01", "9999-12-31", ["2000-01-01", "4000-01-01", "6000-01-01", "8000-01-01"]),
        ("2031-05-01", "2031-05-01", ["2031-05-01"]),
    ],
)
def test_the_days_on_an_axis_are_round_and_their_labels_are_whole(first, last, round_):
    one, other = claim("one", days=(first, first)), claim("two", days=(last, last))
    truces = [truce(1, on_record=one.document["on_record"]), truce(2, on_record=other.document["on_record"])]
    for svg in (series_picture.draw(series([one, other])[0], ""), timeline_picture.draw(timeline(truces), "")):
        actual = ticks(svg)
        assert list(actual) == round_
        # A label is less than 60 points wide.
        assert all(30 <= x <= 420 for x in actual.values())
        places = sorted(actual.values())
        assert all(after - before >= 58 for before, after in pairwise(places))


def test_events_of_several_articles_are_distinguished():
    own_voice = {"name": "the article", "kind": "article"}
    events = [truce(number, article_id=f"article-{number}", claimant=own_voice) for number in range(3)]
    svg = timeline_picture.draw(timeline(events), "")
    assert "2031-05-01: held, says the article [1] and the article [2] and the article [3]" in words(svg)
    assert {"[1] article-0", "[2] article-1", "[3] article-2"} <= set(words(svg))
    assert "says the article in article-0 and the article in article-1" in svg.decode()
    alone = timeline_picture.draw(timeline(events[:1]), "")
    assert "2031-05-01: held, says the article" in words(alone)
    assert "[1] article-0" not in words(alone)


LONG = "The Ministry of Health of the Republic of the Hills and Adjacent Territories (de facto) " * 3


def picture_of_claimants(count):
    claims = [claim(f"c{number}", claimant=PARTY | {"name": f"{number} {LONG}"}) for number in range(count)]
    return compare_picture.draw(compare(claims), "")


def picture_of_lines(count):
    claims = [
        claim(
            f"c{number:04}", claimant=PARTY | {"name": f"{number % 15:02}"}, high=None, days=(day(number), day(number))
        )
        for number in range(3 * count)
    ]
    return series_picture.draw(series(claims)[0], "")


def picture_of_ceasefires(count):
    claims = [
        truce(number, ceasefire=f"t{number}", article_id=f"a{number}", claimant=PARTY | {"name": f"{number} {LONG}"})
        for number in range(count)
    ]
    return timeline_picture.draw(timeline(claims), "")


def picture_of_one_event(count):
    claims = [truce(number, claimant=PARTY | {"name": f"Party {number}"}) for number in range(count)]
    return timeline_picture.draw(timeline(claims), "")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (picture_of_claimants, "1,080 more claimants' figures are not drawn."),
        (
            picture_of_lines,
            "1 more lines are not drawn. 1,960 of 3,360 points are not shown.",
        ),
        (
            picture_of_ceasefires,
            "1,120 more events are not drawn. 60 more articles are in the description only.",
        ),
        (
            picture_of_one_event,
            "2031-05-01: held, says Party 0 and Party 1 and Party 2 and Party 3 and 1,196 more",
        ),
    ],
)
def test_a_chart_is_bounded_and_counts_the_omitted_parts(draw, message):
    svg = draw(1200)
    assert message in words(svg)
    assert len(svg) == pytest.approx(len(draw(600)), rel=0.05)


def test_the_page_of_an_article_has_its_claims_in_reading_order_with_their_evidence(seeded):
    page = seeded.get("/articles/karabakh-2020-11-01")
    assert page.mimetype == "text/html"
    claims = seeded.get("/v1/articles/karabakh-2020-11-01/claims?limit=200").json["data"]
    places = [page.text.index(f'href="/v1/{item}"') for item in map(path, claims)]
    assert places == sorted(places)
    assert page.text.count("<blockquote") == sum(len(item["evidence"]) for item in claims)
    assert "more than 1,000" in page.text
    assert f"{COMPARE}?article_id=karabakh-2020-11-01" in page.text
    assert "<script" not in page.text
    tag = page.headers["ETag"]
    assert seeded.get("/articles/karabakh-2020-11-01", headers={"If-None-Match": tag}).status_code == 304


def path(item):
    """Return the path of a claim."""
    paths = {"quote": "quotes", "ceasefire": "ceasefires", "resolution": "resolutions"}
    return f"{paths.get(item['type'], 'casualty-reports')}/{item['id']}"


def test_the_page_of_no_article_is_a_problem(seeded):
    response = seeded.get("/articles/there-is-none")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_authorized_clients_see_the_text_with_marked_evidence(demo_app):
    path_ = "/articles/demo-tolls-differ"
    closed = demo_app.test_client().get(path_)
    assert "<mark>" not in closed.text
    key = key_of(demo_app, "texts:read")
    shown = demo_app.test_client().get(path_, headers={"Authorization": f"Bearer {key}"})
    assert shown.text.count("<mark>") > 5
    assert "Authorization" in shown.headers["Vary"]
    assert shown.headers["ETag"] != closed.headers["ETag"]
    other = key_of(demo_app, "claims:write")
    assert "<mark>" not in demo_app.test_client().get(path_, headers={"Authorization": f"Bearer {other}"}).text
    app = app_on(demo_app.config["ONRECORD"].database_url, show_texts="true")
    assert app.test_client().get(path_).text.count("<mark>") == shown.text.count("<mark>")
    app.extensions["onrecord"].close()


def test_values_in_a_page_are_escaped(client, store):
    bad = "<script>alert(1)</script>"
    lines = [
        article("the-article", headline=bad, standfirst=bad, url="https://a.example/?q='&r=1"),
        casualty_report("one", "the-article", place=bad, claimant={"name": bad, "kind": "group"}),
    ]
    assert not import_lines(store, [("lines", map(orjson.dumps, lines))]).rejected_lines
    assert "<script" not in client.get("/articles/the-article").text


def test_a_text_is_cut_where_evidence_begins_and_ends():
    claims = [{"evidence": [{"start": 0, "end": 4}]}, {"evidence": [{"start": 2, "end": 6}, {"start": 6, "end": 8}]}]
    cut = list(text_segments("abcdefgh.", claims))
    assert [(item.text, item.claims, item.ended) for item in cut] == [
        ("ab", (1,), ()),
        ("cd", (1, 2), (1,)),
        ("ef", (2,), (2,)),
        ("gh", (2,), (2,)),
        (".", (), ()),
    ]
    assert "".join(item.text for item in cut) == "abcdefgh."


@pytest.mark.parametrize("name", ["No\x08rland", "No\ufffe\uffff", "Line1\nLine2", "R\u202eLO", "\x1b[31m"])
def test_a_name_that_xml_cannot_represent_does_not_break_a_chart(name):
    claims = [claim("one", claimant=PARTY | {"name": name}, place=name)]
    for svg in (compare_picture.draw(compare(claims), name), series_picture.draw(series(claims)[0], name)):
        assert ET.fromstring(svg).get("role") == "img"
        assert "\u202e" not in svg.decode()


def test_names_give_way_to_figures_and_many_claimants_make_no_large_picture():
    long = "The Ministry of Health of the Republic of the Hills and Adjacent Territories (de facto) " * 3
    svg = compare_picture.draw(compare([claim("one", claimant=PARTY | {"name": long}, count=4321)]), "")
    assert any(word.endswith("…: 4,321") for word in words(svg))
    many = [claim(f"c{number}", claimant=PARTY | {"name": f"Party {number}"}) for number in range(150)]
    svg = compare_picture.draw(compare(many), "")
    assert len(svg) < 300_000
    assert "30 more claimants' figures are not drawn." in svg.decode()
    assert "136 more lines are not drawn." in series_picture.draw(series(many)[0], "").decode()


def test_a_right_to_left_name_stays_next_to_its_figure():
    svg = compare_picture.draw(compare([claim("one", claimant=PARTY | {"name": "وزارة الصحة"})]), "")
    assert "\u2068وزارة الصحة\u2069: 3" in words(svg)


def test_a_page_is_not_found_before_it_is_not_modified(seeded):
    assert seeded.get("/articles/there-is-none", headers={"If-None-Match": "*"}).status_code == 404
    unchanged = seeded.get("/articles/karabakh-2020-11-01", headers={"If-None-Match": "*"})
    assert unchanged.status_code == 304
    assert "Authorization" in unchanged.headers["Vary"]


def test_the_text_of_a_page_is_the_stored_one(client, store):
    lines = [article("the-article"), casualty_report("one", "the-article", place="Big_place unspecified")]
    assert not import_lines(store, [("lines", map(orjson.dumps, lines))]).rejected_lines
    assert "Big_place unspecified" in client.get("/articles/the-article").text
