"""Prices, mandates and figures where a paisa, an hour or a customer decides."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.engine.figures import Paid, months_of, recurring_at
from billing.engine.mandates import MethodRule, notice_until, rules_at
from billing.engine.prices import annual_price, charge_of
from marketing_platform.core.money import GstSplit, Rupees


@pytest.mark.parametrize(
    ("interval", "base", "tax", "total"),
    [("month", 99_900, 17_982, 117_882), ("year", 999_000, 179_820, 1_178_820)],
)
def test_a_charge_with_its_tax(interval: str, base: int, tax: int, total: int) -> None:
    made = charge_of(monthly_paise=99_900, annual_paise=999_000, interval=interval)
    assert made == GstSplit(Rupees(base), Rupees(tax), Rupees(total))


def test_a_year_costs_ten_months() -> None:
    assert annual_price(Rupees(99_900)) == Rupees(999_000)


def test_notice_is_that_of_the_method() -> None:
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    long = MethodRule("card", date(2026, 1, 1), 1, None, "refused", "", timedelta(hours=72))
    rules = rules_at(date(2026, 11, 1), [long])
    assert notice_until("card", at, rules) == datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert notice_until("upi", at, rules) == datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_a_customer_of_one_paisa_is_one() -> None:
    row = Paid("x", date(2026, 9, 1), date(2026, 10, 1), 1)
    assert recurring_at([row], date(2026, 9, 5)) == {"x": 1}


def test_churn_is_in_whole_basis_points() -> None:
    """One of three went: 33.33 %, rounded down to the basis point."""
    rows = [Paid(name, date(2026, 9, 1), date(2026, 11, 1), 3_000) for name in "ab"]
    rows.append(Paid("c", date(2026, 9, 1), date(2026, 10, 1), 3_000))
    (month,) = months_of(rows, [date(2026, 9, 30), date(2026, 10, 31)])
    assert (month.lost, month.new, month.customers) == (1, 0, 2)
    assert repr(month.churn_basis_points) == "3333"
