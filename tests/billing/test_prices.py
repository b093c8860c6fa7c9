"""Exact money: list prices exclusive of GST, charged with 18%."""

import pytest

from billing.engine.prices import annual_price, charge_of
from marketing_platform.core.money import Rupees
from marketing_platform.tiers.registry import REGISTRY


@pytest.mark.parametrize(
    ("monthly", "interval", "base", "tax", "total"),
    [
        (99_900, "month", 99_900, 17_982, 117_882),
        (99_900, "year", 999_000, 179_820, 1_178_820),
        (2_500_000, "month", 2_500_000, 450_000, 2_950_000),
        (2_500_000, "year", 25_000_000, 4_500_000, 29_500_000),
    ],
)
def test_charges_are_exact_to_the_paisa(monthly, interval, base, tax, total):
    annual = annual_price(Rupees(monthly)).paise
    split = charge_of(monthly_paise=monthly, annual_paise=annual, interval=interval)
    assert (split.base.paise, split.tax.paise, split.total.paise) == (base, tax, total)


def test_local_costs_1178_rupees_82_a_month_with_gst():
    split = charge_of(monthly_paise=99_900, annual_paise=999_000, interval="month")
    assert split.total.format() == "₹1,178.82"


def test_enterprise_costs_29500_rupees_a_month_with_gst():
    split = charge_of(monthly_paise=2_500_000, annual_paise=25_000_000, interval="month")
    assert split.total.format() == "₹29,500"


def test_half_a_paisa_of_tax_is_rounded_up():
    assert charge_of(monthly_paise=25, annual_paise=250, interval="month").tax.paise == 5


def test_an_unknown_interval_is_refused():
    with pytest.raises(ValueError, match="week"):
        charge_of(monthly_paise=1, annual_paise=10, interval="week")


@pytest.mark.parametrize("tier", ["local", "enterprise"])
def test_a_year_of_the_launch_price_costs_ten_months(tier):
    spec = REGISTRY[tier]
    assert spec.annual_price == annual_price(spec.monthly_price)
