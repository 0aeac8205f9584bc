"""Periods of comparisons: figures that count from different days, on data like that of real bulletins."""

from __future__ import annotations

import random

import orjson
import pytest

from api.comparison.claims import roots
from api.comparison.compare import Comparison
from api.comparison.periods import Period, by_period
from api.comparison.series import series
from api.store.imports import import_lines
from tests.http.test_comparisons import COMPARE, OTHER, PARTY, SERIES, claim, compare, walk
from tests.support.call_counts import count_calls
from tests.support.generated_records import article, casualty_report

# A ministry that prints two totals in each bulletin, and the figures of the last 24 hours.
BULLETINS = [("2031-06-15", 73_003, 992, 7), ("2031-06-16", 73_008, 997, 5), ("2031-06-17", 73_016, 1005, 8)]
DAY_BEFORE = {"2031-06-15": "2031-06-14", "2031-06-16": "2031-06-15", "2031-06-17": "2031-06-16"}
MINISTRY = {"name": "Ministry of Health of Norland", "kind": "organisation", "country": None}


def printed(name, day, count, since, claimant=MINISTRY):
    """Return a figure that the bulletin of a day prints."""
    return casualty_report(
        f"{name}-{day}",
        f"bulletin-{day}",
        claimant=claimant,
        since=since,
        as_of=day,
        count=count,
        place=None,
        evidence=[{"exact": str(count), "start": 0, "end": len(str(count))}],
    )


@pytest.fixture
def bulletins(client, store):
    """Return a client of an app with three bulletins."""
    lines = []
    for day, total, truce, daily in BULLETINS:
        lines.append(article(f"bulletin-{day}", conflict="hill-war", published_on=day))
        lines.append(printed("total", day, total, "2028-10-07"))
        lines.append(printed("truce", day, truce, "2030-10-11"))
        lines.append(printed("daily", day, daily, DAY_BEFORE[day]))
    # Another party's total, printed in the last bulletin.
    lines.append(printed("other-total", "2031-06-17", 60_000, "2028-10-07", claimant=OTHER))
    report = import_lines(store, [("lines", map(orjson.dumps, lines))])
    assert not report.rejected_lines, report.rejected_lines[:3]
    return client


def test_each_total_of_a_bulletin_is_an_entry_of_its_period(bulletins):
    (cell,) = bulletins.get(f"{COMPARE}?conflict=hill-war").json["cells"]
    entries = [(entry["claim"]["id"], entry["period"], entry["earlier"]) for entry in cell["entries"]]
    assert entries[:3] == [
        ("total-2031-06-17", {"kind": "since", "since": "2028-10-07"}, 2),
        ("truce-2031-06-17", {"kind": "since", "since": "2030-10-11"}, 2),
        ("daily-2031-06-17", {"kind": "day", "since": None}, 2),
    ]
    assert (cell["entries_count"], len(entries)) == (4, 4)
    assert (cell["bounds"], cell["agreement"]) == ({"low": None, "high": None}, "conflicting")
    assert cell["conflicts"] == [["other-total-2031-06-17", "total-2031-06-17"]]
    assert cell["periods"] == [
        {
            "period": {"kind": "since", "since": "2028-10-07"},
            "claimants": 2,
            "bounds": {"low": 60_000, "high": 73_016},
            "agreement": "conflicting",
            "conflicts_count": 1,
        },
        {
            "period": {"kind": "since", "since": "2030-10-11"},
            "claimants": 1,
            "bounds": {"low": 1005, "high": 1005},
            "agreement": "single",
            "conflicts_count": 0,
        },
        {
            "period": {"kind": "day", "since": None},
            "claimants": 1,
            "bounds": {"low": 8, "high": 8},
            "agreement": "single",
            "conflicts_count": 0,
        },
    ]


def test_each_total_of_a_bulletin_has_a_line_of_its_own(bulletins):
    (cell,) = bulletins.get(f"{COMPARE}?conflict=hill-war").json["cells"]
    actual = bulletins.get(cell["series"].removeprefix("http://127.0.0.1:8000")).json
    lines = {
        (line["claimant"]["name"], line["period"]["since"]): [
            (point["count"], point["step"]) for point in line["points"]
        ]
        for line in actual["lines"]
    }
    assert lines[MINISTRY["name"], "2028-10-07"] == [(73_003, "first"), (73_008, "raised"), (73_016, "raised")]
    assert lines[MINISTRY["name"], "2030-10-11"] == [(992, "first"), (997, "raised"), (1005, "raised")]
    assert lines[MINISTRY["name"], None] == [(7, "first"), (5, "lowered"), (8, "raised")]
    assert len(lines) == 4


def test_the_pictures_name_each_period(bulletins):
    svg = {"Accept": "image/svg+xml"}
    for path in (COMPARE, SERIES):
        picture = bulletins.get(f"{path}?conflict=hill-war", headers=svg).text
        for name in ("since 2028-10-07", "since 2030-10-11", "in one day"):
            assert name in picture, path


def grouped(*since, **more):
    """Return the period of each of several claims that state these first days."""
    claims = [claim(f"claim-{number}", since=text, **more) for number, text in enumerate(since)]
    periods = {one.id: period for period, same in by_period(claims).items() for one in same}
    return [periods[one.id] for one in claims]


LONG = {"days": ("2040-01-01", "2040-01-01")}
OCTOBER_7, OCTOBER, YEAR = (Period("since", text) for text in ("2031-10-07", "2031-10", "2031"))
UNSTATED, DAY = Period("unstated"), Period("day")


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (["2031-10-07", "2031-10-07?", "2031-10-07~"], [OCTOBER_7] * 3),
        (["2031-10-07", "2031-10", "2031"], [OCTOBER_7] * 3),
        (["2031-10", "2031"], [OCTOBER] * 2),
        # The month can be either day's, and the year either month's.
        (["2031-10-07", "2031-10-08", "2031-10"], [OCTOBER_7, Period("since", "2031-10-08"), OCTOBER]),
        (["2031-10", "2031-11", "2031"], [OCTOBER, Period("since", "2031-11"), YEAR]),
        (["2031-10-07", "2031-11", "2031"], [OCTOBER_7, Period("since", "2031-11"), YEAR]),
        (["2031-10-07", None], [OCTOBER_7, UNSTATED]),
        (["2031-10-07", "2031-10-07/.."], [OCTOBER_7] * 2),
        (["2031-10-07", "../2032"], [OCTOBER_7] * 2),
    ],
)
def test_a_first_day_that_differs_only_in_precision_is_the_same(since, expected):
    assert grouped(*since, **LONG) == expected
    assert grouped(*reversed(since), **LONG) == expected[::-1]


@pytest.mark.parametrize(
    ("since", "days", "expected"),
    [
        ("2031-05-01", ("2031-05-01", "2031-05-01"), DAY),
        ("2031-05-01", ("2031-05-02", "2031-05-02"), DAY),
        ("2031-05-01", ("2031-05-03", "2031-05-03"), Period("since", "2031-05-01")),
        ("2031-05-01", ("2031-05-01", "2031-05-02"), Period("since", "2031-05-01")),
        ("2031-05-01", (None, None), Period("since", "2031-05-01")),
        ("2031-05", ("2031-05-01", "2031-05-01"), Period("since", "2031-05")),
        ("2031-05-02", ("2031-05-01", "2031-05-01"), Period("since", "2031-05-02")),
    ],
)
def test_a_figure_of_one_day_is_of_the_period_of_a_day(since, days, expected):
    assert grouped(since, days=days) == [expected]


def test_the_first_figure_of_a_total_is_not_a_figure_of_one_day():
    claims = [claim("one", days=("2031-05-02",) * 2), claim("two", days=("2031-06-01",) * 2, count=9, low=9, high=9)]
    assert list(by_period(claims)) == [Period("since", "2031-05-01")]


def test_a_withheld_figure_without_a_first_day_is_of_the_only_period_of_its_claimant():
    withheld = claim("withheld", qualifier="undisclosed", count=None, low=None, high=None, since=None)
    total = claim("total", days=("2031-06-01",) * 2)
    other = claim("other", since="2031-02-01", days=("2031-06-01",) * 2)
    (line,) = series([withheld, total])[0].lines
    assert [point.step for point in line.points] == ["first", "disclosed"]
    assert [line.period.kind for line in series([withheld, total, other])[0].lines] == ["since", "since", "unstated"]


def test_a_claim_that_restates_another_one_is_of_its_period():
    again = claim("again", since=None, restates="total", days=("2031-07-01",) * 2)
    (cell,) = compare([again, claim("total", days=("2031-06-01",) * 2)])
    assert [(entry.claim.id, entry.earlier) for entry in cell.entries] == [("total", 1)]


def test_a_daily_figure_that_is_printed_again_weeks_later_stays_a_figure_of_a_day():
    daily = [claim(f"daily-{day}", since=day, days=(day, day)) for day in ("2031-05-01", "2031-05-02")]
    for claimant in (PARTY, OTHER):
        again = claim("again", restates="daily-2031-05-01", claimant=claimant, days=("2031-05-20",) * 2)
        assert list(by_period([*daily, again])) == [DAY]


def named_party(index):
    return PARTY | {"name": f"Party {index}"}


def figures(*rows):
    """Return claims of a total since May 1, one claimant each, by their number and days."""
    return [
        claim(
            f"claim-{index}", claimant=PARTY | {"name": f"Party {index}"}, count=count, low=count, high=count, days=days
        )
        for index, (count, days) in enumerate(rows)
    ]


MAY, JUNE, SPRING = ("2031-05-05",) * 2, ("2031-06-05",) * 2, ("2031-03-01", "2031-05-31")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(100, MAY), (900, JUNE)], "differ_in_date"),
        ([(900, MAY), (100, JUNE)], "conflicting"),
        ([(900, MAY), (100, MAY)], "conflicting"),
        ([(100, MAY), (100, JUNE)], "compatible"),
        ([(100, MAY), (900, SPRING)], "differ_in_date"),
        ([(900, MAY), (100, SPRING)], "differ_in_date"),
        ([(900, SPRING), (100, JUNE)], "conflicting"),
        ([(100, (None, None)), (900, MAY)], "differ_in_date"),
        ([(900, (None, "2031-05-31")), (100, JUNE)], "conflicting"),
        ([(100, MAY), (900, JUNE), (800, JUNE)], "conflicting"),
    ],
)
def test_totals_conflict_on_one_day_or_if_the_earlier_one_is_higher(rows, expected):
    (cell,) = compare(figures(*rows))
    assert cell.agreement == expected
    (cell,) = compare(figures(*reversed(rows)))
    assert cell.agreement == expected


@pytest.mark.parametrize("since", [None, "2031-05", "2031"])
def test_figures_without_a_known_first_day_never_conflict(since):
    one = claim("one", since=since, count=900, low=900, high=900, days=MAY)
    (cell,) = compare([one, claim("two", since=since, claimant=OTHER, days=JUNE)])
    assert (cell.agreement, cell.conflicts_count) == ("compatible", 0)


def test_figures_of_different_single_days_never_conflict():
    one, two = (
        claim(name, claimant=party, since=since, days=(since, since), count=count, low=count, high=count)
        for name, party, since, count in (("one", PARTY, "2031-05-01", 9), ("two", OTHER, "2031-05-02", 3))
    )
    (cell,) = compare([one, two])
    assert (cell.periods[0].period, cell.agreement, cell.conflicts) == (DAY, "differ_in_date", [])


def test_conflicts_are_those_that_a_look_at_each_pair_finds():
    chance = random.Random(11)
    for _ in range(200):
        claims = []
        for number in range(chance.randrange(2, 12)):
            low, high = sorted(chance.choices(range(6), k=2))
            days = sorted(chance.choices([f"2031-05-{day:02}" for day in range(1, 6)], k=2))
            claims.append(
                claim(
                    f"claim-{number}",
                    claimant=named_party(number),
                    since="2031-02-01",
                    low=chance.choice((low, None)),
                    high=chance.choice((high, None)),
                    days=chance.choice((tuple(days), (days[0], days[0]))),
                )
            )
        expected = {
            (min(one.id, two.id), max(one.id, two.id))
            for one in claims
            for two in claims
            if (high := one.document["high"]) is not None
            and (low := two.document["low"]) is not None
            and high < low
            and two.document["on_record"]["latest"] <= one.document["on_record"]["earliest"]
        }
        (cell,) = compare(claims)
        assert (cell.conflicts_count, {(one.id, two.id) for one, two in cell.conflicts}) == (len(expected), expected)


@pytest.mark.parametrize("ids", [("a-first", "b-second"), ("b-second", "a-first")])
def test_the_latest_of_two_claims_of_one_day_does_not_depend_on_ids(ids):
    low, high = (
        claim(id_, count=count, low=count, high=count, days=MAY) for id_, count in zip(ids, (100, 200), strict=True)
    )
    for said in ([low, high], [high, low]):
        (cell,) = compare(said)
        assert cell.entries[0].claim.document["count"] == 200


def test_a_claim_published_later_is_the_later_one_of_the_same_day():
    early, late = (
        type(one)(one.document, one.conflict, (day, day))
        for one, day in (
            (claim("z-early", count=200, low=200, high=200), "2031-05-02"),
            (claim("a-late", count=100, low=100, high=100), "2031-05-03"),
        )
    )
    (cell,) = compare([late, early])
    assert cell.entries[0].claim.id == "a-late"


@pytest.mark.parametrize("day", ["2031-01-01", "2031-05-05", "2031-12-31"])
def test_a_year_is_not_later_than_a_day_of_it(day):
    year = claim("year", days=("2031-01-01", "2031-12-31"), since="2030-01-01")
    dated = claim("dated", days=(day, day), since="2030-01-01", count=2, low=2, high=2)
    (cell,) = compare([year, dated])
    assert cell.entries[0].claim.id == "dated"


def test_publication_in_a_year_is_not_later_than_on_its_first_day():
    year, day = (
        type(one)(one.document, one.conflict, published)
        for one, published in (
            (claim("year", count=9, low=9, high=9), ("2031-01-01", "2031-12-31")),
            (claim("day"), ("2031-01-01", "2031-01-01")),
        )
    )
    (cell,) = compare([year, day])
    assert cell.entries[0].claim.id == "day"


# paging


@pytest.fixture
def many(client, store):
    """Return a client of an app with twelve cells. Two have two claimants, the others one."""
    lines = [article("the-article", conflict="hill-war")]
    for number in range(12):
        claimants = (MINISTRY, {"name": "Other", "kind": "media"})[: 2 if number < 2 else 1]
        lines += [
            casualty_report(f"report-{number:02}-{index}", "the-article", claimant=party, place=f"Village {number}")
            for index, party in enumerate(claimants)
        ]
    assert not import_lines(store, [("lines", map(orjson.dumps, lines))]).rejected_lines
    return client


def test_the_cells_of_a_comparison_come_in_pages(many):
    whole = many.get(f"{COMPARE}?conflict=hill-war").json
    assert (len(whole["cells"]), whole["page"]) == (12, {"limit": 200, "next": None, "prev": None})
    assert [len(cell["entries"]) for cell in whole["cells"]] == [2, 2, *[1] * 10]
    pages = list(walk(many, f"{COMPARE}?conflict=hill-war&limit=5"))
    assert [len(page["cells"]) for page in pages] == [5, 5, 2]
    assert [cell for page in pages for cell in page["cells"]] == whole["cells"]
    assert {page["claims"] for page in pages} == {14}
    back = pages[-1]
    for expected in (pages[1], pages[0]):
        response = many.get(back["page"]["prev"].removeprefix("http://127.0.0.1:8000"))
        assert f'<{response.json["page"]["next"]}>; rel="next"' in response.headers["Link"]
        back = response.json
        assert back["cells"] == expected["cells"]
    assert back["page"]["prev"] is None


def test_a_cursor_of_another_comparison_is_rejected(many):
    link = many.get(f"{COMPARE}?conflict=hill-war&limit=5").json["page"]["next"]
    cursor = link.partition("cursor=")[2]
    for query in ("conflict=hill-war&at=2031", "conflict=lake-war", "conflict=hill-war&harm=killed"):
        response = many.get(f"{COMPARE}?{query}&cursor={cursor}")
        assert (response.status_code, response.json["errors"][0]["parameter"]) == (422, "cursor")
    assert many.get(f"/v1/casualty-reports?conflict=hill-war&cursor={cursor}").status_code == 422


def test_a_page_ends_before_it_has_too_many_entries(monkeypatch):
    monkeypatch.setattr("api.comparison.compare.ENTRIES_MAX", 3)
    claims = [
        claim(f"claim-{number}", place=f"Village {number // 2}", claimant=(PARTY, OTHER)[number % 2])
        for number in range(8)
    ]
    comparison = Comparison(claims)
    assert [len(list(comparison.read(range(start, 4)))) for start in (0, 1, 3)] == [1, 1, 1]
    # A cell with more entries than a page may have is a page.
    monkeypatch.setattr("api.comparison.compare.ENTRIES_MAX", 1)
    assert len(list(comparison.read(range(4)))) == 1


# work


def read_first_cell(claims):
    return list(Comparison(claims).read(range(1)))


def of_one_party(count):
    return [
        claim(f"claim-{number}", place=f"Village {number}", affected=[PARTY, PARTY | {"name": f"Party {number}"}])
        for number in range(count)
    ]


def of_many_claimants(count):
    return figures(*((number, MAY) for number in range(count)))


def of_many_periods(count):
    days = [f"{2000 + number // 336}-{1 + number // 28 % 12:02}-{1 + number % 28:02}" for number in range(count)]
    return [claim(f"claim-{number}", since=day, **LONG) for number, day in enumerate(days)]


def of_one_chain(count):
    return [
        claim(f"claim-{number:05}", restates=f"claim-{number - 1:05}" if number else None) for number in range(count)
    ]


@pytest.mark.parametrize("made", [of_one_party, of_many_claimants, of_many_periods, of_one_chain])
def test_a_page_of_a_comparison_takes_work_in_proportion_to_its_claims(made):
    few, many = (count_calls(read_first_cell, made(count)) for count in (500, 4000))
    print(f"{few:,} calls for 500 claims, {many:,} for 4,000")
    assert many < 12 * few


def test_thousands_of_conflicts_are_counted_and_some_are_listed():
    (cell,) = compare(of_many_claimants(3000))
    assert (len(cell.conflicts), cell.conflicts_count) == (50, 3000 * 2999 // 2)


def test_the_root_of_a_chain_is_its_first_claim_and_a_circle_ends():
    chain = of_one_chain(5)
    assert {root.id for root in roots(chain).values()} == {"claim-00000"}
    circle = [claim("one", restates="two"), claim("two", restates="one")]
    assert set(roots(circle)) == {"one", "two"}
