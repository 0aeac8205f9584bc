"""EDTF dates: valid strings, the days that they allow, and a comparison with the package `edtf`."""

from __future__ import annotations

import re
import string

import pytest
from edtf import parse_edtf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.edtf import DAY_MAX, DAY_MIN, Days, days

# The package takes 6 ms a date, and the same dates on every run make a failure one that can be looked into.
ORACLE = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize(
    ("value", "earliest", "latest"),
    [
        # Level 0: dates of three precisions, moments, intervals of dates.
        pytest.param("2020-11-01", "2020-11-01", "2020-11-01", id="day"),
        pytest.param("2020-10", "2020-10-01", "2020-10-31", id="month"),
        pytest.param("2020-04", "2020-04-01", "2020-04-30", id="month of thirty days"),
        pytest.param("2020-02", "2020-02-01", "2020-02-29", id="February of a leap year"),
        pytest.param("1900-02", "1900-02-01", "1900-02-28", id="February of a century that is no leap year"),
        pytest.param("2000-02-29", "2000-02-29", "2000-02-29", id="leap day of a fourth century"),
        pytest.param("1994", "1994-01-01", "1994-12-31", id="year"),
        pytest.param("0001", DAY_MIN, "0001-12-31", id="first year"),
        pytest.param("9999", "9999-01-01", DAY_MAX, id="last year"),
        pytest.param("2020-10-10T12:00:00", "2020-10-10", "2020-10-10", id="moment of local time"),
        pytest.param("2020-10-10T23:59:59Z", "2020-10-10", "2020-10-10", id="moment in UTC"),
        pytest.param("2020-10-10T00:00:00+04", "2020-10-10", "2020-10-10", id="moment with hours from UTC"),
        pytest.param("2020-10-10T12:00:00-03:30", "2020-10-10", "2020-10-10", id="moment with hours and minutes"),
        # Two that the package rejects: ISO 8601-1 writes UTC as Z or +00:00, and Kiribati is at +14.
        pytest.param("2020-10-10T12:00:00+00:00", "2020-10-10", "2020-10-10", id="moment at no distance from UTC"),
        pytest.param("2020-10-10T12:00:00+14", "2020-10-10", "2020-10-10", id="moment in the Line Islands"),
        pytest.param("2020-09-27/2020-11-01", "2020-09-27", "2020-11-01", id="interval of days"),
        pytest.param("2020-09-27/2020-09-27", "2020-09-27", "2020-09-27", id="interval of one day"),
        pytest.param("2020-09/2020-10", "2020-09-01", "2020-10-31", id="interval of months"),
        pytest.param("1988/1994", "1988-01-01", "1994-12-31", id="interval of years"),
        pytest.param("2004-02-01/2005", "2004-02-01", "2005-12-31", id="interval from a day into a later year"),
        pytest.param("2004/2005-02-08", "2004-01-01", "2005-02-08", id="interval from a year to a later day"),
        # One end lies within the other's year or month, so it can run forwards, and most likely does.
        pytest.param("2004-02-01/2004", "2004-02-01", "2004-12-31", id="interval from a day into its own year"),
        pytest.param("2020-10-05/2020-10", "2020-10-05", "2020-10-31", id="interval from a day into its own month"),
        pytest.param("2004/2004-06-11", "2004-01-01", "2004-06-11", id="interval from a year to a day of it"),
        # Level 1: doubt, seasons, unspecified digits from the right, open and unknown ends.
        pytest.param("2020-11-01?", "2020-11-01", "2020-11-01", id="uncertain day"),
        pytest.param("2020-11~", "2020-11-01", "2020-11-30", id="approximate month"),
        pytest.param("1994%", "1994-01-01", "1994-12-31", id="uncertain and approximate year"),
        pytest.param("2020-21", "2020-03-01", "2020-05-31", id="spring"),
        pytest.param("2020-22", "2020-06-01", "2020-08-31", id="summer"),
        pytest.param("2020-23", "2020-09-01", "2020-11-30", id="autumn"),
        pytest.param("2020-24", "2020-12-01", "2020-12-31", id="winter"),
        # The package has no doubtful seasons; the Library of Congress lets a mark end any date.
        pytest.param("2020-23~", "2020-09-01", "2020-11-30", id="approximate autumn"),
        pytest.param("199X", "1990-01-01", "1999-12-31", id="decade"),
        pytest.param("19XX", "1900-01-01", "1999-12-31", id="century"),
        pytest.param("19XX?", "1900-01-01", "1999-12-31", id="uncertain century"),
        pytest.param("2020-XX", "2020-01-01", "2020-12-31", id="month not known"),
        pytest.param("2020-10-XX", "2020-10-01", "2020-10-31", id="day not known"),
        pytest.param("2021-02-XX", "2021-02-01", "2021-02-28", id="day of a February not known"),
        pytest.param("2020-XX-XX", "2020-01-01", "2020-12-31", id="month and day not known"),
        pytest.param("2020-09-27/..", "2020-09-27", None, id="still open"),
        pytest.param("../2020-11-01", None, "2020-11-01", id="open start"),
        pytest.param("2020-09-27/", "2020-09-27", None, id="end not known"),
        pytest.param("/2020-11-01", None, "2020-11-01", id="start not known"),
        pytest.param("2020-09~/2020-11-01?", "2020-09-01", "2020-11-01", id="interval with doubtful ends"),
    ],
)
def test_a_date_allows_the_days_between_its_bounds(value, earliest, latest):
    assert days(value) == Days(earliest, latest)


NO_EDTF = "is not an EDTF date of level 0 or 1. Write 2020-11-01"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param("2021-02-29", "2021-02 has 28 days", id="29 February of no leap year"),
        pytest.param("1900-02-29", "1900-02 has 28 days", id="29 February of a century that is no leap year"),
        pytest.param("2020-04-31", "2020-04 has 30 days", id="31 April"),
        pytest.param("2020-10-00", "2020-10 has 31 days", id="day 0"),
        pytest.param("2020-10-32", "2020-10 has 31 days", id="day 32"),
        pytest.param("2021-02-29T12:00:00Z", "2021-02 has 28 days", id="moment of no real day"),
        pytest.param("2021-02-29/..", "2021-02 has 28 days", id="interval from no real day"),
        pytest.param("../2020-06-31", "2020-06 has 30 days", id="interval to no real day"),
        pytest.param("2020-00", "is not a month or season. Months are 01 to 12, seasons are 21 to 24.", id="month 0"),
        pytest.param("2020-13", "is not a month or season. Months are 01 to 12, seasons are 21 to 24.", id="month 13"),
        pytest.param(
            "2020-25", "is not a month or season. Months are 01 to 12, seasons are 21 to 24.", id="season of level 2"
        ),
        pytest.param("2020-13-01", "13 is not a month or season.", id="day of month 13"),
        pytest.param("2020-21-01", "a season cannot have a day", id="day of a season"),
        pytest.param("2020-21-XX", "a season cannot have a day", id="unknown day of a season"),
        pytest.param(
            "2020-XX-05", "if the month is unknown, write XX for the day or leave it out", id="day of an unknown month"
        ),
        pytest.param(
            "202X-10", "if digits of the year are unknown, leave out month and day", id="month of an unknown year"
        ),
        pytest.param("0000", "years are 0001 to 9999", id="year 0"),
        pytest.param(
            "2020-10-10T24:00:00", "has an invalid time of day. Times are 00:00:00 to 23:59:59.", id="hour 24"
        ),
        pytest.param(
            "2020-10-10T12:60:00Z", "has an invalid time of day. Times are 00:00:00 to 23:59:59.", id="minute 60"
        ),
        pytest.param(
            "2020-10-10T12:00:60Z", "has an invalid time of day. Times are 00:00:00 to 23:59:59.", id="second 60"
        ),
        pytest.param(
            "2020-10-10T12:00:00+15", "has an invalid UTC offset. Offsets are -14:00 to +14:00.", id="15 hours from UTC"
        ),
        pytest.param(
            "2020-10-10T12:00:00+04:60",
            "has an invalid UTC offset. Offsets are -14:00 to +14:00.",
            id="60 minutes from UTC",
        ),
        pytest.param("2020-11-01/2020-10-31", "backwards: 2020-11-01 is after 2020-10-31", id="backward days"),
        pytest.param("2020-11/2020-10", "backwards: 2020-11 is after 2020-10", id="backward months"),
        pytest.param("2020/1994", "backwards: 2020 is after 1994", id="backward years"),
        pytest.param("2020-11-01/2020-10", "backwards: 2020-11-01 is after 2020-10", id="day after the last month"),
        pytest.param("2020-24/2020-21", "backwards: 2020-24 is after 2020-21", id="backward seasons"),
        pytest.param("../..", "needs a date on at least one end", id="open at both ends"),
        pytest.param("/", "needs a date on at least one end", id="unknown at both ends"),
        pytest.param("../", "needs a date on at least one end", id="open and unknown"),
        pytest.param("1988/1990/1994", NO_EDTF, id="interval with three ends"),
        pytest.param("", NO_EDTF, id="empty"),
        pytest.param("1 November 2020", NO_EDTF, id="words"),
        pytest.param("01/11/2020", NO_EDTF, id="slashes"),
        pytest.param("20201101", NO_EDTF, id="basic format"),
        pytest.param("2020-W44", NO_EDTF, id="week"),
        pytest.param("2020-306", NO_EDTF, id="day of the year"),
        pytest.param("2020-1-1", NO_EDTF, id="digits missing"),
        pytest.param("20-11-01", NO_EDTF, id="year of two digits"),
        pytest.param("2020-11-01T12:00Z", NO_EDTF, id="moment without seconds"),
        pytest.param("2020-11-01 12:00:00", NO_EDTF, id="moment without T"),
        pytest.param("2020-11-01T12:00:00.5Z", NO_EDTF, id="fraction of a second"),
        pytest.param("2020-11-01T12:00:00Z?", NO_EDTF, id="uncertain moment"),
        pytest.param("2020-11T12:00:00Z", NO_EDTF, id="moment of a month"),
        pytest.param(" 2020", NO_EDTF, id="space before"),
        pytest.param("2020-11-01\n", NO_EDTF, id="line end after"),
        pytest.param("2020-11-01??", NO_EDTF, id="two marks"),
        pytest.param("2020-11-01\x00", NO_EDTF, id="NUL"),
        pytest.param("2020-11-xx", NO_EDTF, id="lower-case x"),
        pytest.param("2020-11-uu", NO_EDTF, id="u of the draft"),
        pytest.param("2020-10-10/open", NO_EDTF, id="open of the draft"),
        pytest.param("P1Y/2020", NO_EDTF, id="duration"),
        pytest.param("2020" * 500, "2020…' is not an EDTF date", id="long"),
        pytest.param("٢٠٢٠-١١-٠١", NO_EDTF, id="Arabic digits"),
        pytest.param("2020-11-0१", NO_EDTF, id="one Devanagari digit"),
        # Level 2. The Library of Congress has 201X alone under level 1, without a month after it. It has
        # 2004-06-XX/2004-07-03 as an example of level 2. In intervals, "time of day is excluded" at every level.
        pytest.param("2020?-11", NO_EDTF, id="level 2: mark within"),
        pytest.param("?2020", NO_EDTF, id="level 2: mark before"),
        pytest.param("1XXX", NO_EDTF, id="level 2: unknown millennium"),
        pytest.param("2020-1X", NO_EDTF, id="level 2: half a month"),
        pytest.param("[2019,2020]", NO_EDTF, id="level 2: one of a set"),
        pytest.param("{2019,2020}", NO_EDTF, id="level 2: all of a set"),
        pytest.param("1950S2", NO_EDTF, id="level 2: significant digits"),
        pytest.param("202X-XX", "202X-XX", id="level 2: month of an unknown year not known"),
        pytest.param("20XX-XX-XX", "20XX-XX-XX", id="level 2: month and day of an unknown year not known"),
        pytest.param("2004-06-XX/2004-07-03", "2004-06-XX", id="level 2: unknown day in an interval"),
        pytest.param("2020-10-10T12:00:00Z/2020-10-11", "2020-10-10", id="interval from a moment"),
        pytest.param("2020-10-10T12:00:00Z/2020-10-10T10:00:00Z", "2020-10-10", id="interval of moments, backwards"),
    ],
)
def test_an_invalid_date_is_rejected_with_the_valid_forms(value, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        days(value)


def two(least, most):
    return st.integers(least, most).map("{:02}".format)


YEARS = st.integers(1, 9999).map("{:04}".format)
MARKS = st.sampled_from(["", "", "?", "~", "%"])
# All months have a day 31 here: which dates are real is for the parsers to say.
CALENDAR = st.one_of(
    YEARS,
    st.tuples(YEARS, two(1, 12)).map("-".join),
    st.tuples(YEARS, two(1, 12), two(1, 31)).map("-".join),
)
UNSPECIFIED = st.one_of(
    YEARS.filter(lambda year: year >= "0010").map(lambda year: year[:3] + "X"),
    YEARS.filter(lambda year: year >= "0100").map(lambda year: year[:2] + "XX"),
    YEARS.map("{}-XX".format),
    YEARS.map("{}-XX-XX".format),
    st.tuples(YEARS, two(1, 12)).map(lambda parts: "{}-{}-XX".format(*parts)),
)
SEASONS = st.tuples(YEARS, two(21, 24)).map("-".join)
MARKED = st.tuples(st.one_of(CALENDAR, UNSPECIFIED), MARKS).map("".join)
# Without +00:00 and +14, which the package rejects.
ZONES = st.one_of(
    st.sampled_from(["", "Z", "+14:00", "+00:30"]),
    st.tuples(st.sampled_from("+-"), two(1, 13)).map("".join),
    st.tuples(st.sampled_from("+-"), two(1, 13), st.just(":"), two(0, 59)).map("".join),
)
MOMENTS = st.tuples(YEARS, two(1, 12), two(1, 31), two(0, 23), two(0, 59), two(0, 59), ZONES).map(
    lambda parts: "{}-{}-{}T{}:{}:{}{}".format(*parts)
)
SINGLE = st.one_of(MARKED, SEASONS, MOMENTS)
ENDS = st.tuples(CALENDAR, MARKS).map("".join)
CLOSED = st.tuples(ENDS, ENDS).map("/".join)
OPEN = st.one_of(
    st.tuples(ENDS, st.sampled_from(["", ".."])).map("/".join),
    st.tuples(st.sampled_from(["", ".."]), ENDS).map("/".join),
)


def read(value):
    """Return the days of a string, or None if it is not valid."""
    try:
        return days(value)
    except ValueError:
        return None


def day_of(moment):
    return "{:04}-{:02}-{:02}".format(*moment[:3])


def package_days(value):
    date = parse_edtf(value)
    return Days(day_of(date.lower_strict()), day_of(date.upper_strict()))


@ORACLE
@given(SINGLE)
def test_a_date_allows_the_days_that_the_package_reads_in_it(value):
    if actual := read(value):
        assert actual == package_days(value)


@ORACLE
@given(CLOSED)
def test_an_interval_that_runs_forwards_has_the_bounds_that_the_package_reads_in_it(value):
    if actual := read(value):
        assert actual == package_days(value)


@ORACLE
@given(OPEN)
def test_an_interval_with_one_end_is_one_to_the_package_too(value):
    # It parses them, yet raises TypeError for the bounds of "..", and takes an end not known for ten years.
    if read(value):
        parse_edtf(value)


@st.composite
def slips(draw):
    """Return a date with one character removed, added or changed."""
    value = draw(st.one_of(SINGLE, CLOSED, OPEN))
    place = draw(st.integers(0, len(value) - 1))
    character = draw(st.sampled_from([*string.digits, *"-XTZ:+/.?~%", ""]))
    return value[:place] + character + value[place + draw(st.integers(0, 1)) :]


@ORACLE
@given(slips())
def test_a_mistyped_date_is_valid_only_if_the_package_accepts_it(value):
    if read(value):
        parse_edtf(value)


@settings(ORACLE, max_examples=300)
@given(st.dates(), MARKS)
def test_every_day_of_the_calendar_is_a_date_at_each_precision(day, mark):
    iso = day.isoformat()
    for value in (iso, iso[:7], iso[:4], f"{iso[:7]}-XX", f"{iso[:4]}-XX", f"{iso[:4]}-XX-XX"):
        actual = days(value + mark)
        assert actual.earliest <= iso <= actual.latest


@settings(ORACLE, max_examples=300)
@given(st.dates(), st.dates())
def test_an_interval_is_valid_only_if_it_ends_after_its_start(start, end):
    assert (read(f"{start}/{end}") is not None) == (start <= end)
