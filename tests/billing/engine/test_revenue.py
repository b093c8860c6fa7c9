from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.engine.revenue import credit_slices, slices_of


def test_a_month_from_its_first_day_is_one_slice() -> None:
    assert slices_of(
        taxable_paise=99_900,
        start=date(2026, 11, 1),
        end=date(2026, 12, 1),
        issued_on=date(2026, 11, 1),
    ) == (("2026-11", 99_900),)


def test_a_month_across_two_is_split_by_days() -> None:
    # 16 of 30 days lie in November: 99,900 x 16 / 30 = 53,280.
    assert slices_of(
        taxable_paise=99_900,
        start=date(2026, 11, 15),
        end=date(2026, 12, 15),
        issued_on=date(2026, 11, 15),
    ) == (("2026-11", 53_280), ("2026-12", 46_620))


def test_a_year_from_april_has_twelve_slices_by_days() -> None:
    slices = slices_of(
        taxable_paise=25_000_000,
        start=date(2026, 4, 1),
        end=date(2027, 4, 1),
        issued_on=date(2026, 4, 1),
    )
    days = [30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 31]
    assert len(slices) == 12
    assert sum(paise for _month, paise in slices) == 25_000_000
    for (_month, paise), length in zip(slices, days, strict=True):
        assert abs(Fraction(25_000_000 * length, 365) - paise) < 1


def test_a_leap_years_february_has_29_days() -> None:
    slices = dict(
        slices_of(
            taxable_paise=36_600,
            start=date(2027, 6, 1),
            end=date(2028, 6, 1),
            issued_on=date(2027, 6, 1),
        )
    )
    assert slices["2028-02"] == 2_900
    assert slices["2028-03"] == 3_100


def test_what_lies_before_the_month_of_issue_is_earned_in_it() -> None:
    assert slices_of(
        taxable_paise=3_000,
        start=date(2026, 11, 1),
        end=date(2026, 12, 1),
        issued_on=date(2026, 12, 3),
    ) == (("2026-12", 3_000),)
    assert slices_of(
        taxable_paise=6_100,
        start=date(2026, 11, 1),
        end=date(2027, 1, 1),
        issued_on=date(2026, 12, 3),
    ) == (("2026-12", 6_100),)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, None),
        (date(2026, 1, 1), None),
        (None, date(2026, 1, 1)),
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 2), date(2026, 1, 1)),
    ],
)
def test_without_a_period_all_is_earned_at_once(start: date | None, end: date | None) -> None:
    slices = slices_of(taxable_paise=500, start=start, end=end, issued_on=date(2026, 11, 22))
    assert slices == (("2026-11", 500),)


def test_nothing_is_no_slice() -> None:
    none = slices_of(taxable_paise=0, start=None, end=None, issued_on=date(2026, 11, 22))
    assert none == ()
    day = date(2026, 11, 22)
    end = date(2027, 1, 1)
    assert slices_of(taxable_paise=0, start=day, end=end, issued_on=day) == ()


def test_months_without_a_paisa_are_left_out() -> None:
    slices = slices_of(
        taxable_paise=1,
        start=date(2026, 11, 1),
        end=date(2027, 2, 1),
        issued_on=date(2026, 11, 1),
    )
    assert slices == (("2026-12", 1),)


@given(
    paise=st.integers(0, 10**10),
    start=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    days=st.integers(1, 800),
    late=st.integers(-40, 400),
)
@settings(max_examples=150, deadline=None)
def test_slices_sum_to_the_paisa_and_none_is_negative(
    paise: int, start: date, days: int, late: int
) -> None:
    issued_on = start + timedelta(days=late)
    slices = slices_of(
        taxable_paise=paise, start=start, end=start + timedelta(days=days), issued_on=issued_on
    )
    assert sum(part for _month, part in slices) == paise
    assert all(part > 0 for _month, part in slices)
    assert [month for month, _part in slices] == sorted({month for month, _part in slices})
    assert all(month >= f"{issued_on:%Y-%m}" for month, _part in slices)


def test_a_credit_takes_the_latest_months_first() -> None:
    assert credit_slices(
        taxable_paise=150,
        open_by_month={"2026-12": 100, "2027-02": 100, "2027-01": 100},
        issued_on=date(2026, 12, 10),
    ) == (("2027-01", -50), ("2027-02", -100))


def test_what_the_open_months_do_not_hold_is_taken_from_the_month_of_issue() -> None:
    assert credit_slices(
        taxable_paise=250,
        open_by_month={"2026-12": 100, "2027-01": 100},
        issued_on=date(2026, 12, 10),
    ) == (("2026-12", -150), ("2027-01", -100))
    assert credit_slices(taxable_paise=70, open_by_month={}, issued_on=date(2026, 12, 10)) == (
        ("2026-12", -70),
    )


def test_months_that_hold_nothing_are_passed_over() -> None:
    assert credit_slices(
        taxable_paise=10,
        open_by_month={"2026-12": 100, "2027-01": 0, "2027-02": -5},
        issued_on=date(2026, 12, 10),
    ) == (("2026-12", -10),)
