"""Periods by the calendar of India, and parts of a price that always sum to it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.engine.proration import (
    Figures,
    PaidPeriod,
    change_figures,
    credit_of,
    difference_of,
    parts_of,
    period_at,
    period_end,
    unused_paise,
    used_paise,
)
from marketing_platform.core.clock import IST

NOVEMBER = (datetime(2026, 11, 1, tzinfo=IST), datetime(2026, 12, 1, tzinfo=IST))
DECEMBER = (datetime(2026, 12, 1, tzinfo=IST), datetime(2027, 1, 1, tzinfo=IST))
YEAR = (datetime(2026, 11, 1, tzinfo=IST), datetime(2027, 11, 1, tzinfo=IST))
DAY = timedelta(days=1)


def ist(year, month, day, hour=10):
    return datetime(year, month, day, hour, tzinfo=IST)


@pytest.mark.parametrize(
    ("anchor", "interval", "ends"),
    [
        (ist(2027, 1, 31), "month", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        (ist(2027, 1, 30), "month", ["2027-02-28", "2027-03-30", "2027-04-30", "2027-05-30"]),
        (ist(2027, 1, 29), "month", ["2027-02-28", "2027-03-29", "2027-04-29", "2027-05-29"]),
        (ist(2027, 1, 28), "month", ["2027-02-28", "2027-03-28", "2027-04-28", "2027-05-28"]),
        (ist(2028, 1, 31), "month", ["2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]),
        (ist(2028, 1, 29), "month", ["2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29"]),
        (ist(2026, 10, 31), "month", ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]),
        (ist(2026, 12, 15), "month", ["2027-01-15", "2027-02-15", "2027-03-15", "2027-04-15"]),
        (ist(2028, 2, 29), "year", ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        (ist(2026, 12, 31), "year", ["2027-12-31", "2028-12-31", "2029-12-31", "2030-12-31"]),
    ],
)
def test_a_period_ends_on_the_day_it_began_or_on_the_months_last(anchor, interval, ends):
    found = [period_end(anchor, interval, count) for count in (1, 2, 3, 4)]
    assert [each.date() for each in found] == [date.fromisoformat(one) for one in ends]
    assert {each.hour for each in found} == {10}


def test_months_are_those_of_india():
    # 31 January 01:30 in India is still the 30th in UTC.
    anchor = datetime(2027, 1, 30, 20, tzinfo=UTC)
    assert period_end(anchor, "month") == datetime(2027, 2, 27, 20, tzinfo=UTC)
    assert period_end(anchor, "month", 2) == datetime(2027, 3, 30, 20, tzinfo=UTC)
    assert period_end(anchor, "month").tzinfo is UTC
    assert period_end(anchor, "month", 0) == anchor


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        (ist(2027, 1, 31), ist(2027, 1, 31), ist(2027, 2, 28)),
        (ist(2027, 2, 28, 9), ist(2027, 1, 31), ist(2027, 2, 28)),
        (ist(2027, 2, 28, 10), ist(2027, 2, 28), ist(2027, 3, 31)),
        (ist(2027, 3, 30), ist(2027, 2, 28), ist(2027, 3, 31)),
        (ist(2027, 3, 31), ist(2027, 3, 31), ist(2027, 4, 30)),
        (ist(2028, 1, 31), ist(2028, 1, 31), ist(2028, 2, 29)),
    ],
)
def test_a_moment_lies_in_one_period(moment, start, end):
    assert period_at(ist(2027, 1, 31), "month", moment) == (start, end)


def test_years_as_well_and_nothing_before_the_first():
    anchor = ist(2028, 2, 29)
    assert period_at(anchor, "year", ist(2029, 2, 28, 9)) == (anchor, ist(2029, 2, 28))
    assert period_at(anchor, "year", ist(2029, 2, 28)) == (ist(2029, 2, 28), ist(2030, 2, 28))
    with pytest.raises(ValueError, match="before"):
        period_at(anchor, "year", anchor - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("price", "period", "passed", "used"),
    [
        (99_900, NOVEMBER, timedelta(0), 0),
        (99_900, NOVEMBER, timedelta(days=-1), 0),
        (99_900, NOVEMBER, timedelta(days=10), 33_300),
        (99_900, NOVEMBER, timedelta(days=15), 49_950),
        (99_900, NOVEMBER, timedelta(days=30), 99_900),
        (99_900, NOVEMBER, timedelta(days=31), 99_900),
        (99_900, NOVEMBER, timedelta(seconds=1), 0),
        # A paisa is used up every 25.95 seconds: half of it after 12.97.
        (99_900, NOVEMBER, timedelta(seconds=12), 0),
        (99_900, NOVEMBER, timedelta(seconds=13), 1),
        (99_900, DECEMBER, timedelta(days=1), 3_223),
        (99_900, DECEMBER, timedelta(days=7), 22_558),
        (999_000, YEAR, timedelta(days=100), 273_699),
        (2_500_000, YEAR, timedelta(days=182, hours=12), 1_250_000),
    ],
)
def test_what_is_used_is_by_the_second_half_up(price, period, passed, used):
    start, end = period
    assert used_paise(price, start, end, start + passed) == used
    assert unused_paise(price, start, end, start + passed) == price - used


def test_exactly_half_a_paisa_counts_as_used():
    start = NOVEMBER[0]
    end = start + timedelta(seconds=2)
    assert used_paise(1, start, end, start + timedelta(seconds=1)) == 1
    assert used_paise(3, start, end, start + timedelta(seconds=1)) == 2
    assert used_paise(3, start, end, start + timedelta(microseconds=999_999)) == 0


def test_the_parts_of_a_period_sum_to_the_price():
    start, end = NOVEMBER
    cuts = [start + DAY * 20, start + DAY * 10]
    assert parts_of(100_000, start, end, cuts) == (33_333, 33_334, 33_333)
    assert parts_of(100_000, start, end, []) == (100_000,)


@pytest.mark.parametrize(
    ("given_back", "days", "credit"),
    [
        (0, 0, 99_900),
        (0, 10, 66_600),
        (0, 30, 0),
        (0, 40, 0),
        (33_300, 10, 66_600),
        (33_301, 10, 66_599),
        (99_900, 0, 0),
        (99_901, 0, 0),
    ],
)
def test_a_credit_is_what_is_unused_and_not_given_back(given_back, days, credit):
    paid = PaidPeriod(99_900, *NOVEMBER, given_back_paise=given_back)
    assert credit_of(paid, NOVEMBER[0] + DAY * days) == credit


def figures(old, new, *, days=10, credit=66_600, can_in_place=False, period=NOVEMBER):
    return change_figures(
        period=period,
        credit_paise=credit,
        old=old,
        new=new,
        can_in_place=can_in_place,
        now=period[0] + DAY * days,
    )


MONTH, ANNUAL = ("month", 99_900), ("year", 999_000)
TENTH, FIRST = NOVEMBER[0] + DAY * 10, NOVEMBER[1]


@pytest.mark.parametrize(
    ("old", "new", "can", "expected"),
    [
        (MONTH, MONTH, True, Figures("relabel", 0, 99_900, 0, 0, TENTH)),
        (MONTH, ANNUAL, True, Figures("in_place", 66_600, 999_000, 932_400, 0, TENTH)),
        (MONTH, ANNUAL, False, Figures("switch", 66_600, 999_000, 999_000, 66_600, TENTH)),
        (ANNUAL, MONTH, True, Figures("later", 0, 99_900, 0, 0, FIRST)),
        (ANNUAL, MONTH, False, Figures("later", 0, 99_900, 0, 0, FIRST)),
        # The same price for another interval is not dearer.
        (MONTH, ("year", 99_900), True, Figures("later", 0, 99_900, 0, 0, FIRST)),
        (MONTH, ("month", 99_899), True, Figures("later", 0, 99_899, 0, 0, FIRST)),
        (MONTH, ("month", 99_901), False, Figures("switch", 66_600, 99_901, 99_901, 66_600, TENTH)),
        # Two thirds of ₹300 more, and the unused part of the old price beside it.
        (MONTH, ("month", 129_900), True, Figures("in_place", 66_600, 129_900, 20_000, 0, TENTH)),
    ],
)
def test_the_figures_of_a_change(old, new, can, expected):
    assert figures(old, new, can_in_place=can) == expected


def test_a_change_in_place_never_pays_out():
    found = figures(MONTH, ("year", 100_000), credit=150_000, can_in_place=True)
    assert found.due_paise == 0


def test_after_the_end_of_the_period_a_cheaper_price_holds_at_once():
    assert figures(ANNUAL, MONTH, days=31).effective_at == NOVEMBER[0] + DAY * 31


prices = st.integers(min_value=0, max_value=10**9)
lengths = st.integers(min_value=1, max_value=366 * 86_400)


@given(price=prices, seconds=lengths, data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_cuts_sum_to_the_price(price, seconds, data):
    start = NOVEMBER[0]
    end = start + timedelta(seconds=seconds)
    marks = data.draw(st.lists(st.integers(min_value=-5, max_value=seconds + 5), max_size=40))
    parts = parts_of(price, start, end, [start + timedelta(seconds=one) for one in marks])
    assert sum(parts) == price
    assert min(parts) >= 0


@given(paid=prices, back=prices, seconds=lengths, at=st.integers(-10, 366 * 86_400))
@settings(max_examples=150, deadline=None)
def test_a_credit_is_between_nothing_and_what_was_paid(paid, back, seconds, at):
    start = NOVEMBER[0]
    period = PaidPeriod(paid, start, start + timedelta(seconds=seconds), back)
    assert 0 <= credit_of(period, start + timedelta(seconds=at)) <= max(0, paid - back)


@given(one=prices, other=prices, seconds=lengths, at=st.integers(-10, 366 * 86_400))
@settings(max_examples=150, deadline=None)
def test_up_and_down_at_one_instant_is_nothing(one, other, seconds, at):
    start = NOVEMBER[0]
    end, moment = start + timedelta(seconds=seconds), start + timedelta(seconds=at)
    up = difference_of(one, other, start, end, moment)
    assert up + difference_of(other, one, start, end, moment) == 0
    assert 0 <= up <= other or other < one


@given(
    day=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    second=st.integers(0, 86_399),
    interval=st.sampled_from(["month", "year"]),
    later=st.integers(0, 900),
)
@settings(max_examples=150, deadline=None)
def test_periods_follow_one_another_without_gap(day, second, interval, later):
    anchor = datetime(day.year, day.month, day.day, tzinfo=IST) + timedelta(seconds=second)
    moment = anchor + timedelta(days=later, hours=7)
    start, end = period_at(anchor, interval, moment)
    assert start <= moment < end
    assert period_at(anchor, interval, end)[0] == end
    assert end.day == anchor.day or (end + DAY).day == 1


def test_nothing_was_given_back_unless_it_is_said():
    assert credit_of(PaidPeriod(99_900, *NOVEMBER), NOVEMBER[0]) == 99_900
