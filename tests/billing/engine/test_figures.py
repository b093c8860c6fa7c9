"""Recurring revenue by hand-made books."""

from datetime import date

import pytest

from billing.engine.figures import Paid, month_ends, monthly_paise, months_of, recurring_at

AUG, SEP, OCT, NOV = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 22)


def paid(payer, start, end, paise):
    return Paid(payer, date.fromisoformat(start), date.fromisoformat(end), paise)


BOOK = [
    paid("asha", "2026-08-20", "2026-09-20", 99_900),
    paid("asha", "2026-09-20", "2026-10-20", 99_900),
    paid("veda", "2026-09-01", "2027-09-01", 25_000_000),
    paid("ravi", "2026-10-05", "2026-11-05", 99_900),
    paid("ravi", "2026-11-05", "2026-12-05", 99_900),
    paid("gone", "2026-09-10", "2026-10-10", 0),
]


def test_the_ends_of_months_and_today_for_the_present_one():
    assert month_ends(NOV, 4) == [AUG, SEP, OCT, NOV]
    assert month_ends(date(2027, 3, 1), 2) == [date(2027, 2, 28), date(2027, 3, 1)]
    assert month_ends(date(2028, 3, 31), 2)[0] == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("start", "end", "paise", "a_month"),
    [
        ("2026-09-01", "2026-10-01", 99_900, 99_900),
        ("2026-01-01", "2026-02-15", 99_900, 99_900),
        ("2026-01-01", "2026-02-16", 99_900, 8_325),
        ("2026-09-01", "2027-09-01", 25_000_000, 2_083_333),
    ],
)
def test_a_year_counts_a_twelfth(start, end, paise, a_month):
    assert monthly_paise(paid("x", start, end, paise)) == a_month


def test_a_period_begins_with_its_first_day_and_ends_before_its_last():
    row = [paid("x", "2026-09-01", "2026-10-01", 500)]
    days = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [recurring_at(row, day) for day in days] == [{}, {"x": 500}, {"x": 500}, {}]


def test_two_invoices_of_one_day_are_one_customer_and_nothing_paid_is_none():
    rows = [paid("x", "2026-09-01", "2026-10-01", 500)] * 2 + [
        paid("y", "2026-09-01", "2026-10-01", 0)
    ]
    assert recurring_at(rows, date(2026, 9, 9)) == {"x": 1_000}


def test_months_new_lost_churn_and_average():
    september, october, november = months_of(BOOK, [AUG, SEP, OCT, NOV])
    assert (september.month, september.recurring_paise) == ("2026-09", 2_183_233)
    assert (september.customers, september.new, september.lost) == (2, 1, 0)
    assert (september.churn_basis_points, september.average_paise) == (0, 1_091_616)
    assert (october.customers, october.new, october.lost) == (2, 1, 1)
    assert october.churn_basis_points == 5_000
    assert (november.recurring_paise, november.lost) == (2_183_233, 0)


def test_nobody_before_is_no_churn_and_nobody_after_no_average():
    (month,) = months_of(BOOK, [date(2026, 7, 1), date(2026, 8, 1)])
    assert (month.churn_basis_points, month.average_paise, month.customers) == (None, None, 0)
    (last,) = months_of(BOOK, [NOV, date(2030, 1, 1)])
    assert (last.churn_basis_points, last.lost) == (10_000, 2)
